// Cells coloured by a number: the number is written on each, and a tap opens the cell.

import { h } from "gridmap/dom";

const L = window.L;

function overlaps(box, others) {
  return others.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
}

function widthOf(text) {
  let width = 0;
  for (const letter of text) width += letter.charCodeAt(0) > 255 ? 13 : 7.5;
  return width + 6;
}

/** Write names and numbers; where there is no room for both the number stays, where there is none for it neither. */
function drawLabels(map, pane, cells) {
  const taken = [];
  pane.replaceChildren();
  for (const cell of cells) {
    const at = map.latLngToLayerPoint([cell.lat, cell.lon]);
    for (const text of [`${cell.name} ${cell.label}`, cell.label]) {
      const half = widthOf(text) / 2;
      const box = [at.x - half, at.y - 10, at.x + half, at.y + 10];
      if (overlaps(box, taken)) continue;
      taken.push(box);
      const label = h("span", { class: "place-label place-label-value" }, h("span", {}, text));
      L.DomUtil.setPosition(label, at);
      pane.append(label);
      break;
    }
  }
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
