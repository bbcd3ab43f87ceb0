// Layers given as GeoJSON (notebooks, saved pages): the same look as the tiles, popups built from text.

import { h } from "gridmap/dom";
import { pathOptions } from "gridmap/symbols";

const L = window.L;

/** Write a value as a reader would: the words of a code, yes or no, the unit after a number. */
function inWords(column, value) {
  if (column.codes?.[value]) return column.codes[value];
  const english = document.documentElement.lang.startsWith("en");
  if (typeof value === "boolean") return english ? (value ? "yes" : "no") : value ? "是" : "否";
  return column.unit ? `${value} ${column.unit}` : String(value);
}

function popup(layer, props) {
  const rows = [];
  for (const column of layer.columns) {
    const value = props[column.name];
    if (value === null || value === undefined || value === "") continue;
    rows.push(h("tr", {}, h("th", { scope: "row" }, column.title), h("td", {}, inWords(column, value))));
  }
  const name = String(props.name ?? props.feature_id ?? layer.title);
  // a page of ours may say where more is told
  const title = typeof props.href === "string" && props.href.startsWith("/") ? h("a", { href: props.href }, name) : name;
  return h("div", { class: "feature-popup" }, h("h3", {}, title), h("table", {}, rows));
}

/** Draw one layer's features; layer: definition as for tiles, data: a GeoJSON FeatureCollection. */
export function addFeatures(map, { layer, data }) {
  const zoom = map.getZoom();
  const drawn = L.geoJSON(data, {
    style: (feature) => pathOptions(layer, feature.properties, zoom, feature.geometry.type.endsWith("Point")),
    pointToLayer: (feature, latlng) => L.circleMarker(latlng, pathOptions(layer, feature.properties, zoom, true)),
    onEachFeature: (feature, shape) => shape.bindPopup(() => popup(layer, feature.properties)),
  });
  return drawn.addTo(map);
}
