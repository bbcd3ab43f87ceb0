// Cells coloured by a number: the number is written on each, and a tap opens the cell.

import { h } from "gridmap/dom";

const L = window.L;

function overlap(a, b) {
  return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}

function widthOf(text) {
  let width = 0;
  for (const letter of text) width += letter.charCodeAt(0) > 255 ? 13 : 7.5;
  return width + 6;
}

function boxOf(at, text) {
  const half = widthOf(text) / 2;
  return [at.x - half, at.y - 10, at.x + half, at.y + 10];
}

/** Write the number on each cell, the worst first, then names beside the numbers where there is room for them. */
function drawLabels(map, pane, cells) {
  const shown = new Map();
  for (const cell of cells) {
    const at = map.latLngToLayerPoint([cell.lat, cell.lon]);
    const box = boxOf(at, cell.label);
    if (![...shown.values()].some((other) => overlap(box, other.box))) shown.set(cell, { at, box, text: cell.label });
  }
  for (const [cell, label] of shown) {
    const text = `${cell.name} ${cell.label}`;
    const box = boxOf(label.at, text);
    if (![...shown].some(([other, { box: taken }]) => other !== cell && overlap(box, taken))) Object.assign(label, { box, text });
  }
  pane.replaceChildren(...[...shown.values()].map(({ at, text }) => {
    const label = h("span", { class: "place-label place-label-value" }, h("span", {}, text));
    L.DomUtil.setPosition(label, at);
    return label;
  }));
}

/** Draw cells: [{name, label, href, color, geometry, lon, lat}]; a cell without a color takes no part. */
export function addChoropleth(map, { title, cells }) {
  const container = map.getContainer();
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", title);
  for (const cell of cells) {
    const style = cell.color === null
      ? { color: "#546e7a", weight: 1.2, dashArray: "4 3", fillColor: "#fff", fillOpacity: 0.7 }
      : { color: "#455a64", weight: 1, fillColor: cell.color, fillOpacity: 0.92 };
    const shape = L.geoJSON(cell.geometry, { style: { ...style, className: cell.href ? "can-click" : "" } });
    shape.bindTooltip(() => h("span", {}, `${cell.name} ${cell.label}`), { sticky: true, className: "hover-name" });
    shape.on("mouseover", () => shape.setStyle({ weight: 3, color: "#1d2b33" }));
    shape.on("mouseout", () => shape.setStyle({ weight: style.weight, color: style.color }));
    if (cell.href?.startsWith("/")) shape.on("click", () => window.location.assign(cell.href));
    shape.addTo(map);
    // a tooltip makes paths steps of Tab in Chromium; the table below holds the same links for the keyboard
    shape.eachLayer((part) => part.getElement()?.setAttribute("tabindex", "-1"));
  }
  const pane = map.createPane("place-labels");
  pane.style.zIndex = 640;
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true");
  map.on("zoomend", () => drawLabels(map, pane, cells));
  drawLabels(map, pane, cells);
  container.dataset.ready = "choropleth";
  return cells;
}
