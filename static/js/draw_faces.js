// Drawing by land: faces between roads and boundaries, 1 km squares, cells, townships or villages with a territory are
// shown in the view; a click, or a button of the list, takes one into the shape or leaves it out. Edges are those
// that are stored, and other drawing snaps to what is shown.

import { fetchJson, h } from "gridmap/dom";
import { fromGeojson, inPart } from "gridmap/draw_shape";
import { canvasOf } from "gridmap/draw_units";

const L = window.L;
const LISTED = 40;
const COLORS = { in: "#1b5e20", out: "#455a64", held: "#f9a825" };

/** Return a place inside a ring: the middle of the widest stretch of some lines of latitude across it. */
export function innerPoint(rings) {
  const ys = rings[0].map(([, y]) => y);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  let best = { wide: -1, point: rings[0][0] };
  for (const share of [0.5, 0.37, 0.63, 0.21, 0.79]) {
    const y = low + (high - low) * share + 1e-9;
    const xs = rings.flatMap((ring) => ring.flatMap((a, n) => {
      const b = ring[(n + 1) % ring.length];
      return (a[1] > y) === (b[1] > y) ? [] : [a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])];
    })).sort((m, n) => m - n);
    for (let n = 0; n + 1 < xs.length; n += 2) {
      if (xs[n + 1] - xs[n] > best.wide) best = { wide: xs[n + 1] - xs[n], point: [(xs[n] + xs[n + 1]) / 2, y] };
    }
  }
  return best.point;
}

/** desk: see draw_page.js. */
export function startFaces(desk) {
  const { words, fill, editor, history, map, snaps, byId } = desk;
  const box = byId("draw-faces");
  const kind = box.querySelector("select");
  const list = box.querySelector("ul");
  const note = box.querySelector("[data-note]");
  const search = box.querySelector("[type=search]");
  const bulk = box.querySelector("[data-bulk]");
  const renderer = canvasOf(map);
  const layer = L.layerGroup([], { pane: "draw-units" });
  const snapped = new Set();
  let pieces = [];
  let asked = 0;
  let busy = false;
  const isOn = () => box.open && kind.value !== "";

  async function load() {
    if (!isOn()) return;
    const turn = asked += 1;
    const { lng: west, lat: south } = map.getBounds().getSouthWest();
    const { lng: east, lat: north } = map.getBounds().getNorthEast();
    const bbox = [west, south, east, north].map((value) => value.toFixed(6)).join(",");
    note.textContent = words.computing;
    let found;
    try {
      found = await fetchJson(kind.value === "face" ? `/api/faces?bbox=${bbox}` : `/api/pieces?kind=${kind.value}&bbox=${bbox}`);
    } catch (error) {
      if (turn !== asked) return;
      set([]);
      note.textContent = fill(words.no_faces, { why: error instanceof TypeError ? words.no_network : error.message });
      return;
    }
    if (turn !== asked || !isOn()) return;
    set(found.features.map(pieceOf));
    const left = found.numberMatched - found.numberReturned;
    note.textContent = left > 0 ? fill(words.more_faces, { n: left }) : found.features.length ? words.faces_hint : words.faces_none;
  }

  function pieceOf({ id, geometry, properties }) {
    const parts = fromGeojson(geometry);
    const bounds = [...(properties.roads ?? []), ...(properties.boundaries ?? [])].map(({ name }) => name).filter(Boolean);
    const name = properties.name ?? [...new Set(bounds)].slice(0, 4).join("、");
    if (kind.value !== "face" && !snapped.has(id)) {
      snapped.add(id);
      for (const rings of parts) for (const ring of rings) snaps.add(properties.kind, name, [...ring, ring[0]]);
    }
    return { id, name: name || id, geometry, parts, inner: innerPoint(parts[0]), area: properties.area_km2 };
  }

  function set(found) {
    pieces = found;
    layer.clearLayers();
    for (const piece of pieces) {
      const latLngs = piece.parts.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon])));
      piece.shape = L.polygon(latLngs, { pane: "draw-units", renderer, weight: 1.5 });
      piece.shape.bindTooltip(() => h("span", {}, `${piece.name} · ${words[isIn(piece) ? "face_is_in" : "face_is_out"]}`), { sticky: true, className: "face-name" });
      piece.shape.on("click", (event) => {
        if (editor.mode || editor.held) return;
        L.DomEvent.stopPropagation(event);
        toggle(piece);
      });
      piece.shape.on("mouseover", () => piece.shape.setStyle({ color: COLORS.held, weight: 4 }));
      piece.shape.on("mouseout", () => show(piece));
      layer.addLayer(piece.shape);
      piece.shape.bringToBack(); // units stay above the land that they lie in
    }
    showAll();
  }

  const isIn = ({ inner }) => history.now.shape.some((rings) => inPart(rings, inner));

  function show(piece) {
    const color = COLORS[isIn(piece) ? "in" : "out"];
    piece.shape.setStyle({ color, fillColor: color, weight: 1.5, fillOpacity: isIn(piece) ? 0.25 : 0.06 });
  }

  function showAll() {
    if (!box.open) return;
    pieces.forEach(show);
    const held = list.contains(document.activeElement) ? document.activeElement.dataset.piece : null;
    const wanted = found();
    bulk.hidden = !search.value.trim();
    for (const button of bulk.querySelectorAll("button")) button.disabled = wanted.length === 0;
    bulk.querySelector("[data-found]").textContent = fill(words.found_faces, { n: wanted.length });
    list.replaceChildren(...wanted.slice(0, LISTED).map((piece) => {
      const inside = isIn(piece);
      const size = piece.area === undefined ? "" : ` ${piece.area} km²`;
      return h("li", { "data-side": inside ? "in" : "none" },
        h("button", { type: "button", class: "link", onclick: () => desk.place({ lon: piece.inner[0], lat: piece.inner[1], name: piece.name }) }, piece.name),
        h("span", { class: "small" }, size),
        h("button", {
          type: "button", "data-piece": piece.id, "aria-label": `${words[inside ? "face_out" : "face_in"]} ${piece.name}`, onclick: () => toggle(piece),
          onfocus: () => piece.shape.setStyle({ color: COLORS.held, weight: 4 }), onblur: () => show(piece),
        }, words[inside ? "face_out" : "face_in"]));
    }));
    if (held) list.querySelector(`[data-piece="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  /** Return the pieces that the search names; without a search all. */
  function found() {
    const names = search.value.split(/[,，、;；]+/).map((each) => each.trim()).filter(Boolean);
    return names.length ? pieces.filter(({ name, id }) => names.some((each) => name.includes(each) || String(id).startsWith(each))) : pieces;
  }

  const toggle = (piece) => change([piece], isIn(piece) ? "leave_out" : "take_in");

  async function change(some, step) {
    if (busy || !some.length) return;
    busy = true;
    try {
      if (await desk.edit({ step, lands: some.map(({ geometry }) => geometry) })) {
        desk.say(fill(words[step === "take_in" ? "faces_in" : "faces_out"], { n: some.length, name: some[0].name }));
      }
    } finally {
      busy = false;
    }
  }

  /** Take some in or leave them out in one step; those that are there already do not count. */
  function changeAll(wanted, step) {
    const some = wanted.filter((piece) => isIn(piece) !== (step === "take_in"));
    return some.length ? change(some, step) : desk.say(wanted.length ? words.faces_there : words.lasso_none);
  }

  /** For the lasso: the pieces shown whose middle lies in a ring. */
  desk.lassoed = (ring, side) => changeAll(pieces.filter(({ inner }) => inPart([ring], inner)), side === "in" ? "take_in" : "leave_out");
  search.addEventListener("input", showAll);
  for (const button of bulk.querySelectorAll("[data-all]")) button.addEventListener("click", () => changeAll(found(), button.dataset.all));

  function turn() {
    if (isOn()) {
      layer.addTo(map);
      load();
    } else {
      layer.remove();
      set([]);
      note.textContent = "";
    }
  }

  let timer = 0;
  map.on("moveend", () => {
    window.clearTimeout(timer);
    if (isOn()) timer = window.setTimeout(load, 300);
  });
  kind.addEventListener("change", turn);
  box.addEventListener("toggle", turn);
  desk.watchers.push(showAll);
}
