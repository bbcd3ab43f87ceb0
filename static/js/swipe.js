// The swipe map of two versions: the first left of a divider, the second right of it. The divider moves by mouse,
// finger and arrow keys; it is a slider to whoever hears the page.

import { h, pageData } from "gridmap/dom";

const L = window.L;
const settings = pageData("swipe-settings");
const map = window[settings.map];
const box = document.getElementById("swipe");
const divider = document.getElementById("swipe-divider");
const STEP = 2;
const LEAP = 10;
/** Which panes a change is drawn in: what is added is only in the second version. */
const PANES = { kept: ["left", "right"], removed: ["left"], added: ["right"] };

function pane(name, zIndex) {
  const made = map.createPane(`swipe-${name}`);
  made.style.zIndex = zIndex;
  return { pane: `swipe-${name}`, element: made, renderer: L.svg({ pane: `swipe-${name}`, padding: 0.5 }) };
}

const sides = { left: pane("left", 410), right: pane("right", 411) };
const marks = pane("marks", 450);
const layers = {};
for (const [change, sidesOf] of Object.entries(PANES)) {
  const color = settings.colors[change];
  layers[change] = L.layerGroup(sidesOf.flatMap((side) => settings.land[change].map(({ name, geometry }) =>
    L.geoJSON(geometry, {
      pane: sides[side].pane, renderer: sides[side].renderer,
      style: { color, weight: 2, fillColor: `url(#hatch-${change})`, fillOpacity: 1 },
    }).bindPopup(() => h("div", { class: "feature-popup" }, h("h3", {}, name), settings.words[change])))));
}
for (const kind of ["villages", "sites"]) {
  layers[kind] = L.layerGroup(settings[kind].map(({ name, change, lon, lat }) =>
    L.circleMarker([lat, lon], {
      pane: marks.pane, renderer: marks.renderer, radius: kind === "sites" ? 4 : 6, weight: 2,
      color: kind === "sites" ? "#fff" : settings.colors[change],
      // what comes in is full, what falls out hollow
      fillColor: change === "added" || kind === "sites" ? settings.colors[change] : "#fff", fillOpacity: 1,
    }).bindPopup(() => h("div", { class: "feature-popup" }, h("h3", {}, name), settings.words[change]))));
}

let share = 50;

function clip() {
  const size = map.getSize();
  const northwest = map.containerPointToLayerPoint([0, 0]);
  const southeast = map.containerPointToLayerPoint(size);
  const x = northwest.x + (size.x * share) / 100;
  const cut = (from, to) => `polygon(${from}px ${northwest.y}px, ${to}px ${northwest.y}px, ${to}px ${southeast.y}px, ${from}px ${southeast.y}px)`;
  sides.left.element.style.clipPath = cut(northwest.x, x);
  sides.right.element.style.clipPath = cut(x, southeast.x);
}

function moveTo(percent) {
  share = Math.min(100, Math.max(0, percent));
  divider.style.left = `${share}%`;
  divider.setAttribute("aria-valuenow", String(Math.round(share)));
  divider.setAttribute("aria-valuetext", settings.words.value.replace("{n}", String(Math.round(share))));
  clip();
}

const KEYS = {
  ArrowLeft: () => share - STEP, ArrowDown: () => share - STEP, ArrowRight: () => share + STEP, ArrowUp: () => share + STEP,
  PageDown: () => share - LEAP, PageUp: () => share + LEAP, Home: () => 0, End: () => 100,
};
divider.addEventListener("keydown", (event) => {
  const next = KEYS[event.key];
  if (!next || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  moveTo(next());
});
divider.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  divider.setPointerCapture(event.pointerId);
  divider.focus({ preventScroll: true });
});
divider.addEventListener("pointermove", (event) => {
  if (!divider.hasPointerCapture(event.pointerId)) return;
  const { left, width } = box.getBoundingClientRect();
  moveTo(((event.clientX - left) / width) * 100);
});

const legend = document.getElementById("swipe-layers");
function showLayers() {
  for (const input of legend.querySelectorAll("input")) {
    const layer = layers[input.value];
    if (input.checked) layer.addTo(map);
    else layer.remove();
  }
  clip();
}
legend.addEventListener("change", showLayers);
map.on("move zoom viewreset resize zoomend moveend", clip);
showLayers();
moveTo(share);
divider.hidden = false;
