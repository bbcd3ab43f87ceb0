// A tour on the map: start, end and the stops with their numbers; on the form of a new one, where it starts.

import { h, pageData } from "gridmap/dom";
import { partsOf } from "gridmap/elements";
import { locate } from "gridmap/place";

const L = window.L;
const { map: name, label, start, finish, stops, picks, words } = pageData("tour-settings");
const { map } = partsOf(name);

function put(lon, lat, text, title, css, click) {
  const mark = h("span", { class: `tour-mark ${css}` }, text);
  const icon = L.divIcon({ html: mark, className: "near-icon", iconSize: [28, 28] });
  const marker = L.marker([lat, lon], { icon, title, alt: title, keyboard: false, zIndexOffset: css === "end" ? -500 : 0 });
  if (click) marker.on("click", click);
  return marker.addTo(map);
}

if (finish && (finish[0] !== start[0] || finish[1] !== start[1])) put(...finish, "■", words.finish, "end");
let from = start ? put(...start, "▶", words.start, "end") : null;
// the first lies on top where several overlap
for (const stop of [...stops].reverse()) {
  put(stop.lon, stop.lat, stop.n, `${stop.n} ${stop.name}`, stop.state, () => {
    const row = document.getElementById(stop.id);
    row.scrollIntoView({ block: "center" });
    row.querySelector("a, input, button")?.focus();
  });
}

const container = map.getContainer();
container.setAttribute("role", "application");
container.setAttribute("aria-label", label);

if (picks) {
  const form = document.getElementById("tour-form");
  const button = document.getElementById("tour-locate");
  const state = document.getElementById("tour-state");
  const begin = (lon, lat) => {
    form.elements.lon.value = lon.toFixed(6);
    form.elements.lat.value = lat.toFixed(6);
    if (from) from.remove();
    from = put(lon, lat, "▶", words.start, "end");
    state.textContent = `${words.start} ${lon.toFixed(5)}, ${lat.toFixed(5)}`;
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    state.textContent = words.locating;
    try {
      const found = await locate();
      begin(found.lon, found.lat);
      map.setView([found.lat, found.lon], Math.max(map.getZoom(), 12));
    } catch (error) {
      state.textContent = words[error.word] ?? words.location_failed;
    }
    button.disabled = false;
  });
  map.on("click", ({ latlng }) => begin(latlng.lng, latlng.lat));
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    const middle = map.getCenter();
    begin(middle.lng, middle.lat);
  });
}
