// The city's map page: filters, legend, panel and address act on one state.

import { pageData } from "gridmap/dom";
import { partsOf } from "gridmap/elements";
import { hiddenValues, refreshCounts, visibleLayers } from "gridmap/legend";
import { Panel } from "gridmap/panel";
import { queryWith, readHash, write } from "gridmap/permalink";
import { isBin } from "gridmap/symbols";

const L = window.L;
const settings = pageData("map-settings");
const { map, tiles } = partsOf(settings.map);
const form = document.getElementById("filters");
const legend = document.getElementById("legend");
const status = document.getElementById("map-status");
const panel = new Panel(document.getElementById("panel"), settings, tiles.layers);
const state = { ...settings.state };
const AREAS = new Set(["county", "township", "zone", "grid_cell", "grid_square"]);

/** Say whether a feature passes the filters; areas of the whole city always do. */
function accepts(layer, props) {
  if (hidden[layer.id]?.has(props[layer.column])) return false;
  // a bin counts sites of several counties
  if (state.county && isBin(props)) return false;
  const isOutline = layer.id === "county" || props.county_code === undefined || props.county_code === settings.cityCode;
  if (state.county && !isOutline && props.county_code !== state.county) return false;
  if (layer.id !== "finding") return true;
  return (!state.rule || props.rule_id === state.rule) && (!state.severity || props.severity === state.severity);
}

let hidden = hiddenValues(legend);

function layersParameter() {
  const shown = visibleLayers(legend);
  const initial = tiles.initial;
  return shown.join(",") === initial ? null : shown.join(",") || "none";
}

function apply({ push = false, zoom = false } = {}) {
  for (const name of ["county", "rule", "severity"]) form.elements[name].value = state[name] ?? "";
  tiles.setFilter(accepts);
  if (zoom) map.fitBounds(settings.bounds[state.county] ?? settings.cityBounds, { animate: false });
  write(map, { county: state.county, rule: state.rule, severity: state.severity }, push);
  const query = queryWith({ layers: null, sel: null });
  for (const link of [document.getElementById("to-table")]) link.href = settings.table + query;
  const day = settings.isToday ? null : settings.asOf;
  const filters = new URLSearchParams(Object.entries({ ...state, as_of: day }).filter(([, value]) => value));
  return refreshCounts(legend, filters.size ? `?${filters}` : "").catch((error) => say(error.message));
}

let forgetting = 0;

/** Tell the reader something for a while. */
function say(text) {
  clearTimeout(forgetting);
  status.textContent = text;
  if (text) forgetting = setTimeout(() => { status.textContent = ""; }, 8000);
}

tiles.onfailure = () => say(settings.words.tiles_failed);
map.getContainer().setAttribute("role", "region");
map.getContainer().setAttribute("aria-label", settings.words.map_label);

function setFilters(changes, options) {
  Object.assign(state, changes);
  return apply({ push: true, ...options });
}

// filters ------------------------------------------------------------------------------------------------------
form.addEventListener("change", (event) => {
  const { name, value } = event.target;
  if (["county", "rule", "severity"].includes(name)) setFilters({ [name]: value || null }, { zoom: name === "county" });
});

function goTo(day) {
  // another day is judged by the server: a new page with the same view
  const { lat, lng } = map.getCenter();
  window.location.assign(`/${queryWith({ as_of: day })}#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.elements.as_of.value) goTo(form.elements.as_of.value);
});

for (const link of document.querySelectorAll("a[data-day], a[data-rule], #reset")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.day) goTo(link.dataset.day);
    else if (link.id === "reset") setFilters({ county: null, rule: null, severity: null }, { zoom: true });
    else setFilters({ rule: link.dataset.rule, county: link.dataset.county ?? state.county }, { zoom: Boolean(link.dataset.county) });
  });
}

document.getElementById("language").addEventListener("click", (event) => {
  const { lat, lng } = map.getCenter();
  event.currentTarget.href = `/${queryWith({ lang: event.currentTarget.hreflang })}#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
});

document.getElementById("copy-link").addEventListener("click", async () => {
  write(map);
  await navigator.clipboard?.writeText(window.location.href).catch(() => {});
  say(settings.words.copied);
});

// legend -------------------------------------------------------------------------------------------------------
legend.addEventListener("change", () => {
  hidden = hiddenValues(legend);
  tiles.accepts = accepts;
  tiles.setVisible(visibleLayers(legend));
  write(map, { layers: layersParameter() });
});

// clicks -------------------------------------------------------------------------------------------------------
function nameOf(hit) {
  return hit.props.name ?? hit.props.feature_id;
}

/** Turn what lies at a place into subjects (one per judged thing, those with findings first) and names of areas. */
function sort(hits) {
  const subjects = new Map();
  const area = [];
  for (const hit of hits) {
    const { layer, props } = hit;
    if (AREAS.has(layer.id)) {
      if (layer.id !== "zone") area.unshift(nameOf(hit));
      continue;
    }
    const isFinding = layer.id === "finding";
    const subject = isFinding
      ? { layer: props.feature_kind, id: String(props.judged_id ?? ""), name: props.name, key: props.feature_id, certainty: props.certainty }
      : { layer: layer.id, id: String(props.feature_id ?? ""), name: props.name };
    if (!subject.id) continue;
    const name = `${subject.layer}:${subject.id}`;
    if (!subjects.has(name)) subjects.set(name, subject);
  }
  return { subjects: [...subjects.values()], area };
}

function select(subject) {
  if (subject) tiles.select(subject.layer === "gap" ? "finding" : subject.layer, subject.layer === "gap" ? subject.key : subject.id);
  else tiles.select(null);
  write(map, { sel: subject ? `${subject.layer}:${subject.id}` : null });
}

function open(latlng) {
  const hits = tiles.pick(latlng);
  const bin = hits.find((hit) => isBin(hit.props));
  const { subjects, area } = sort(hits);
  if (!subjects.length && bin) {
    say(settings.words.bin.replace("{n}", bin.props.n));
    map.setView(latlng, Math.min(map.getZoom() + 2, 13));
    return;
  }
  if (!subjects.length && !area.length) {
    say(settings.words.nothing_here);
    panel.close();
    return;
  }
  say("");
  select(subjects[0]);
  panel.show(subjects, area, latlng);
  makeRoom(latlng);
}

/** On a phone the panel covers the lower half: bring the place into the upper one. */
function makeRoom(latlng) {
  if (!window.matchMedia("(max-width: 760px)").matches) return;
  document.querySelector(".map-wrap").scrollIntoView({ block: "start" });
  const wanted = L.point(map.getSize().x / 2, map.getSize().y / 4);
  map.panBy(map.latLngToContainerPoint(latlng).subtract(wanted), { animate: false });
}

map.on("click", (event) => open(event.latlng));
panel.onclose = () => {
  select(null);
  map.getContainer().focus({ preventScroll: true });
};
panel.onchoose = select;

// what lies in the middle of the map, by keyboard
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === map.getContainer()) open(map.getCenter());
});

// hover: a hand over what can be clicked, with its name
const tooltip = L.tooltip({ direction: "top", offset: [0, -8], className: "hover-name" });
let frame = 0;
map.on("mousemove", (event) => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    const { subjects } = sort(tiles.pick(event.latlng, 7));
    map.getContainer().classList.toggle("can-click", subjects.length > 0);
    if (subjects[0]?.name) {
      const more = subjects.length > 1 ? ` +${subjects.length - 1}` : "";
      tooltip.setLatLng(event.latlng).setContent(document.createTextNode(subjects[0].name + more)).addTo(map);
    } else tooltip.remove();
  });
});
map.on("mouseout", () => tooltip.remove());

// start --------------------------------------------------------------------------------------------------------
tiles.initial = settings.firstLayers;
tiles.setFilter(accepts);
const view = readHash();
if (view) map.setView([view.lat, view.lon], view.zoom, { animate: false });
map.on("moveend", () => write(map));

window.addEventListener("popstate", () => {
  const query = new URLSearchParams(window.location.search);
  for (const name of ["county", "rule", "severity"]) state[name] = query.get(name);
  const back = readHash();
  if (back) map.setView([back.lat, back.lon], back.zoom, { animate: false });
  apply();
});

async function openSelected(selected) {
  const [layer, ...rest] = selected.split(":");
  const id = rest.join(":");
  try {
    const found = await fetch(`/api/collections/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}${settings.isToday ? "" : `?as_of=${settings.asOf}`}`);
    if (!found.ok) return;
    const feature = await found.json();
    const shape = L.geoJSON(feature);
    const center = shape.getBounds().getCenter();
    const props = feature.properties;
    if (!view) map.fitBounds(shape.getBounds(), { maxZoom: 14, animate: false });
    const subject = layer === "finding"
      ? { layer: props.feature_kind, id: props.judged_id, name: props.name, key: id }
      : { layer, id, name: props.name };
    select(subject);
    makeRoom(center);
    await panel.show([subject], [], center, false);
  } catch (error) {
    say(error.message);
  }
}

const selected = new URLSearchParams(window.location.search).get("sel");
if (selected?.includes(":")) openSelected(selected);
document.documentElement.dataset.ready = "map";
