// What a draft would change, on its own page: the drawing page's panel, asked once for what is saved.

import { pageData } from "gridmap/dom";
import { ImpactPanel } from "gridmap/draw_impact";

const L = window.L;
const settings = pageData("impact-settings");
const map = window[settings.map];

const panel = new ImpactPanel(map, document.getElementById("draw-impact"), {
  url: settings.url, token: settings.token, words: settings.words,
  content: () => ({}), // as it is saved
  onplace: ({ lon, lat, name }) => {
    map.setView([lat, lon], Math.max(map.getZoom(), 13));
    const box = document.createElement("b");
    box.textContent = name ?? "";
    L.popup({ autoPan: false }).setLatLng([lat, lon]).setContent(box).openOn(map);
    map.getContainer().scrollIntoView({ block: "center" });
  },
});
panel.ask();

// a comment may point to a place: typed as degrees, or chosen on the map
const fields = ["lon", "lat"].map((name) => document.getElementById(`field-${name}`));
if (fields.every(Boolean)) {
  const mark = L.circleMarker([0, 0], { radius: 7, color: "#b71c1c", weight: 3, fillOpacity: 0.2, interactive: false });
  map.on("click", ({ latlng }) => {
    const { lng, lat } = latlng.wrap();
    [fields[0].value, fields[1].value] = [lng.toFixed(6), lat.toFixed(6)];
    mark.setLatLng(latlng).addTo(map);
    document.getElementById("comment-place").textContent = settings.words.place_chosen;
  });
}
