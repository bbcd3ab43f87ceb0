// The map of /law: a click, or Enter on its middle, chooses the place; kinds of zone are switched on and off.

import { pageData } from "gridmap/dom";
import { partsOf } from "gridmap/elements";
import { hiddenValues } from "gridmap/legend";

const { map: name, label } = pageData("law-settings");
const { map, tiles } = partsOf(name);
const form = document.getElementById("law-form");
const legend = document.getElementById("law-legend");

function showKinds() {
  const hidden = hiddenValues(legend);
  tiles.setFilter((layer, props) => !hidden[layer.id]?.has(props[layer.column]));
}

function choose({ lat, lng }) {
  form.elements.lon.value = lng.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  // a name typed before would go before the place that was pointed at
  form.elements.q.value = "";
  form.requestSubmit();
}

// the mark of the place before is no obstacle: what lies under the finger is what is asked for
map.eachLayer((layer) => layer.unbindPopup?.());
map.on("click", (event) => choose(event.latlng));
const container = map.getContainer();
container.setAttribute("role", "application");
container.setAttribute("aria-label", label);
container.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== container) return;
  event.preventDefault();
  choose(map.getCenter());
});
legend.addEventListener("change", showKinds);
showKinds();
