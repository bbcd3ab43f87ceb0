// The page of /near: the phone's position, a click on the map, and the numbers of the list on the map.

import { h, pageData } from "gridmap/dom";
import { partsOf } from "gridmap/elements";
import { locate } from "gridmap/place";

const L = window.L;
const { map: name, label, here, accuracy_m: accuracy, sites, drawing, words } = pageData("near-settings");
const { map } = partsOf(name);
const form = document.getElementById("near-form");
const button = document.getElementById("near-locate");
const state = document.getElementById("near-state");

function ask(lon, lat, error) {
  form.elements.lon.value = lon.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  form.elements.accuracy_m.value = error === null ? "" : String(Math.round(error));
  // a name typed before would go before the place that was pointed at
  form.elements.q.value = "";
  form.requestSubmit();
}

button.hidden = false;
button.addEventListener("click", async () => {
  button.disabled = true;
  state.textContent = words.locating;
  try {
    const found = await locate();
    ask(found.lon, found.lat, found.accuracy_m);
  } catch (error) {
    state.textContent = words[error.word] ?? words.location_failed;
    button.disabled = false;
  }
});
// coming back by the browser's own button finds the page as it was left
window.addEventListener("pageshow", () => {
  button.disabled = false;
  state.textContent = "";
});
// how far off the phone was says nothing about a position that is typed
for (const field of ["lon", "lat", "q"]) {
  form.elements[field].addEventListener("input", () => { form.elements.accuracy_m.value = ""; });
}

// an address that is passed on says what was asked and nothing else
form.addEventListener("formdata", ({ formData }) => {
  for (const [field, value] of [...formData]) if (value === "") formData.delete(field);
});

if (here) {
  const [lon, lat] = here;
  if (accuracy) L.circle([lat, lon], { radius: accuracy, color: "#1565c0", weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map);
  L.circleMarker([lat, lon], { radius: 7, color: "#fff", weight: 2, fillColor: "#1565c0", fillOpacity: 1, interactive: false }).addTo(map);
}
// the first of the list lies on top where several overlap
for (const site of [...sites].reverse()) {
  const mark = h("span", { class: site.breach ? "near-mark breach" : "near-mark", style: { borderColor: drawing.colors[site.kind] ?? drawing.color } }, site.n);
  const icon = L.divIcon({ html: mark, className: "near-icon", iconSize: [28, 28] });
  const marker = L.marker([site.lat, site.lon], { icon, title: `${site.n} ${site.name}`, alt: `${site.n} ${site.name}`, keyboard: false });
  marker.on("click", () => {
    const row = document.getElementById(`near-${site.n}`);
    row.scrollIntoView({ block: "center" });
    row.querySelector("a").focus();
  });
  marker.addTo(map);
}

map.on("click", ({ latlng }) => ask(latlng.lng, latlng.lat, null));
const container = map.getContainer();
container.setAttribute("role", "application");
container.setAttribute("aria-label", label);
container.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== container) return;
  event.preventDefault();
  const middle = map.getCenter();
  ask(middle.lng, middle.lat, null);
});
