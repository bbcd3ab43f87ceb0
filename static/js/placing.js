// Placing an object by hand: a click, a dragged mark or the cross in the middle of the map gives the form its position.

import { fetchJson, h, pageData } from "gridmap/dom";
import { partsOf } from "gridmap/elements";

const L = window.L;
const { map: name, label, stands, at, own, crs: onMap, words } = pageData("placing-settings");
const { map } = partsOf(name);
const form = document.getElementById("placing-form");
const { x, y, crs, error_m: error } = form.elements;
const state = document.getElementById("placing-state");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

const INK = "#1565c0";
const FINGER_PX = 10;
const STEP_PX = 12;
const FAR_PX = 120;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

L.circle([stands.lat, stands.lon], { radius: stands.error_m, color: "#8a5200", weight: 2, dashArray: "6 5", fillOpacity: 0.05, interactive: false }).addTo(map);
L.circleMarker([stands.lat, stands.lon], { radius: 5, color: "#8a5200", weight: 2, fillColor: "#fff", fillOpacity: 1 }).bindTooltip(h("span", {}, words.stands)).addTo(map);

let mark = null;
let reach = null;
// an error that somebody typed is his; one that follows the zoom is ours to change
let ownError = Boolean(at) || error.getAttribute("aria-invalid") === "true";
let picked = false;

/** Return metres that a finger or a mouse may be off at the map's zoom: 1, 2 or 5 times a power of ten. */
function usualError(lat) {
  const metres = (40_075_016 * Math.cos((lat * Math.PI) / 180) * FINGER_PX) / (256 * 2 ** map.getZoom());
  const power = 10 ** Math.floor(Math.log10(Math.max(metres, 5)));
  return Math.max(5, [1, 2, 5, 10].map((step) => step * power).find((value) => value >= metres) ?? 10 * power);
}

function showReach() {
  const metres = Number(error.value);
  if (!mark || !(metres > 0)) return reach?.remove();
  reach ??= L.circle(mark.getLatLng(), { color: INK, weight: 1.5, fillOpacity: 0.1, interactive: false });
  reach.setLatLng(mark.getLatLng()).setRadius(metres).addTo(map);
}

function show(latlng) {
  if (!mark) {
    const icon = L.divIcon({ html: h("span", { class: "placing-mark" }), className: "placing-icon", iconSize: [34, 34] });
    mark = L.marker(latlng, { icon, draggable: true, keyboard: false });
    mark.on("dragend", () => pick(mark.getLatLng()));
  }
  mark.setLatLng(latlng).addTo(map);
  showReach();
}

function hide() {
  mark?.remove();
  reach?.remove();
}

/** Take a position that was pointed at. */
function pick({ lat, lng }) {
  picked = true;
  x.value = lng.toFixed(6);
  y.value = lat.toFixed(6);
  crs.value = onMap;
  if (!ownError) error.value = String(usualError(lat));
  show(L.latLng(Number(y.value), Number(x.value)));
  state.textContent = fill(words.picked, { lon: x.value, lat: y.value });
  doubtNoMore();
}

/** A confirmation is of one position: another has its own doubts. */
function doubtNoMore() {
  const box = form.querySelector("[name='confirmed']");
  if (box && box.value !== `${x.value},${y.value}`) box.checked = false;
}

/** Show a position that was typed, where its numbers are those of the map. */
function typed() {
  picked = false;
  doubtNoMore();
  const [lon, lat] = [Number(x.value.trim() || NaN), Number(y.value.trim() || NaN)];
  const plain = ["cgcs2000", "wgs84"].includes(crs.value) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
  if (!plain) {
    hide();
    state.textContent = x.value ? words.later : "";
    return;
  }
  show(L.latLng(lat, lon));
  state.textContent = "";
  if (!map.getBounds().contains([lat, lon])) map.setView([lat, lon], Math.max(map.getZoom(), 14), { animate: false });
}

for (const field of [x, y]) field.addEventListener("input", typed);
error.addEventListener("input", () => { ownError = true; showReach(); });
crs.addEventListener("change", () => {
  if (picked && crs.value !== onMap) {
    x.value = y.value = "";
    hide();
    picked = false;
    state.textContent = words.cleared;
  } else typed();
});

const container = map.getContainer();
container.setAttribute("role", "application");
container.setAttribute("aria-label", label);
map.on("click", ({ latlng }) => pick(latlng));
// before the map's own keys, whose steps are too wide for a courtyard
container.addEventListener("keydown", (event) => {
  if (event.target !== container || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = ARROWS[event.key];
  if (!way && event.key !== "Enter") return;
  event.preventDefault();
  event.stopPropagation();
  if (way) map.panBy(way.map((part) => part * (event.shiftKey ? FAR_PX : STEP_PX)), { animate: false });
  else pick(map.getCenter());
}, true);

if (at) show(L.latLng(at[1], at[0]));
else if (x.value) typed();

const places = document.getElementById("placing-places");
let pointed = null;

function jump(button) {
  const [lat, lon, off] = [Number(button.dataset.lat), Number(button.dataset.lon), Number(button.dataset.error)];
  const region = ["county", "township", "place_mention"].includes(button.dataset.kind);
  map.setView([lat, lon], button.dataset.kind === "county" ? 10 : region ? 13 : off > 1000 ? 14 : 16, { animate: false });
  pointed?.remove();
  pointed = L.circleMarker([lat, lon], { radius: 8, color: "#4a148c", weight: 3, fillOpacity: 0, interactive: false })
    .bindTooltip(h("span", {}, button.textContent), { permanent: true, direction: "top", offset: [0, -8] }).addTo(map);
  state.textContent = fill(words.jumped, { name: button.textContent });
  container.focus({ preventScroll: true });
  if (container.getBoundingClientRect().top < 0 || container.getBoundingClientRect().bottom > window.innerHeight) container.scrollIntoView({ block: "center" });
}

places.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-lon]");
  if (button) jump(button);
});

document.getElementById("placing-search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const q = event.target.elements.q.value.trim();
  if (!q) return;
  try {
    const found = await fetchJson(`/api/places?${new URLSearchParams({ q, lang: document.documentElement.lang.slice(0, 2) })}`);
    const items = found.items.filter((item) => item.kind !== own[0] || item.code !== own[1]);
    places.replaceChildren(...items.map((item) => h("li", {},
      h("button", { type: "button", "data-lon": item.lon, "data-lat": item.lat, "data-error": item.error_m ?? "", "data-kind": item.kind }, item.name),
      " ", h("span", { class: "small" }, `${item.kind_title} ${item.within ?? ""}`, item.error_m ? ` ± ${Math.round(item.error_m).toLocaleString("en")} m` : ""))));
    state.textContent = items.length ? fill(words.found, { n: items.length }) : words.none;
  } catch (failure) {
    state.textContent = fill(words.failed, { why: failure.message });
  }
});
