// Builds the elements that Python put on a map (gridmap/maps/elements.py): one call per element.

import { addChoropleth } from "gridmap/choropleth";
import { h } from "gridmap/dom";
import { addFeatures } from "gridmap/features";
import { PlaceLabels } from "gridmap/labels";
import { TileStack } from "gridmap/tiles";

const L = window.L;
const built = new Map();

function addLegend(map, { title, entries, note }) {
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => {
    const rows = entries.map((entry) =>
      h("li", {},
        h("span", { class: "swatch", style: { background: entry.hollow ? "#fff" : entry.color, borderColor: entry.color } }),
        h("span", {}, entry.label), entry.count === null || entry.count === undefined ? null : h("b", {}, ` ${entry.count}`)));
    // fifteen kinds on a telephone would hide half of the city
    const open = map.getSize().x >= 700 || rows.length <= 4;
    const box = h("details", { class: "map-legend leaflet-bar", open }, h("summary", {}, title), h("ul", {}, rows), note ? h("p", {}, note) : null);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  return control.addTo(map);
}

function addScale(map) {
  return L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
}

function addCredit(map, { title, text }) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const box = h("details", { class: "map-credit", open: map.getSize().x >= 700 && map.getSize().y >= 480 }, h("summary", {}, title), h("span", {}, text));
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  return control.addTo(map);
}

const BUILDERS = {
  tiles: (map, options) => new TileStack(map, options),
  choropleth: addChoropleth,
  features: addFeatures,
  labels: (map, { places }) => new PlaceLabels(map, places),
  legend: addLegend,
  scale: addScale,
  credit: addCredit,
};

/** Build every element asked for: [[kind, name of the map variable, options], …]. */
export function run(calls) {
  for (const [kind, name, options] of calls) {
    const map = window[name];
    const parts = built.get(name) ?? { map };
    parts[kind] = BUILDERS[kind](map, options);
    built.set(name, parts);
  }
}

/** Return a map and the elements built on it: {map, tiles, labels, …}. */
export function partsOf(name) {
  return built.get(name);
}

// for whoever looks at a map from the browser's console, and for tests
window.gridmap = { partsOf };
