// The parts of a boundary as a list: joined where they lie edge to edge, locked against change, deleted, or made a draft
// of a zone of their own. A locked part is hatched on the map; no vertex of it moves, and the server refuses what would
// change its land. Locked is land, not a part: pieces of a locked part are locked as it was.

import { h } from "gridmap/dom";
import { innerPoint } from "gridmap/draw_faces";
import { fromGeojson, inPart, removeRing, toGeojson } from "gridmap/draw_shape";

const L = window.L;
const HATCH_PX = 9;

/** Return what tells a part from others: its vertices, wherever its rings begin. */
export function keyOf(rings) {
  return rings.map((ring) => {
    const first = ring.reduce((best, [x, y], n) => (x < ring[best][0] || (x === ring[best][0] && y < ring[best][1]) ? n : best), 0);
    return [...ring.slice(first), ...ring.slice(0, first)].join(" ");
  }).sort().join("|");
}

/** Say whether a part lies in some land that is drawn with the same vertices. */
export function liesIn(rings, land) {
  const stored = new Set(land.flat().map(String));
  return inPart(land, innerPoint(rings)) && rings.every((ring) => ring.every((point) => stored.has(String(point)) || inPart(land, point)));
}

function kilometres2(rings) {
  const of = (ring) => {
    const scale = Math.cos((ring[0][1] * Math.PI) / 180) * 111.32 ** 2;
    const [x0, y0] = ring[0];
    let sum = 0;
    ring.forEach(([x, y], n) => {
      const [u, v] = ring[(n + 1) % ring.length];
      sum += (x - x0) * (v - y0) - (u - x0) * (y - y0);
    });
    return (Math.abs(sum) / 2) * scale;
  };
  return rings.slice(1).reduce((left, hole) => left - of(hole), of(rings[0]));
}

const Hatched = L.Polygon.extend({
  _updatePath() {
    const { _renderer: renderer } = this;
    renderer._updatePoly(this, true);
    if (!renderer._drawing || !this._parts.length) return;
    const { _ctx: ctx, _bounds: view } = renderer;
    const [left, right] = [Math.max(this._pxBounds.min.x, view.min.x), Math.min(this._pxBounds.max.x, view.max.x)];
    const [top, bottom] = [Math.max(this._pxBounds.min.y, view.min.y), Math.min(this._pxBounds.max.y, view.max.y)];
    const height = bottom - top;
    ctx.save();
    ctx.clip("evenodd"); // the outline that was just drawn is still the path
    ctx.beginPath();
    for (let x = Math.floor((left - height) / HATCH_PX) * HATCH_PX; x < right; x += HATCH_PX) {
      ctx.moveTo(x, bottom);
      ctx.lineTo(x + height, top);
    }
    Object.assign(ctx, { strokeStyle: "#37474f", lineWidth: 1, globalAlpha: 0.8 });
    ctx.stroke();
    ctx.restore();
  },
});

/** desk: see draw_page.js. */
export function startParts(desk) {
  const { words, fill, editor, history, map, settings, byId } = desk;
  const box = byId("draw-parts");
  const list = box.querySelector("ul");
  const join = byId("draw-join");
  const chosen = new Set();
  let locked = fromGeojson(settings.locked);
  let held = new WeakMap(); // whether a part is locked
  let busy = false;
  let naming = null; // { rings, name }: a part that is to be a zone of its own, and the name typed for it
  const pane = map.createPane("draw-locked");
  Object.assign(pane.style, { zIndex: 440, pointerEvents: "none" });
  const renderer = L.canvas({ pane: "draw-locked", padding: 0.2 });
  let hatch = null;

  function showLocked() {
    hatch?.remove();
    hatch = null;
    if (!locked.length) return;
    const latLngs = locked.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon])));
    hatch = new Hatched(latLngs, { pane: "draw-locked", renderer, interactive: false, color: "#37474f", weight: 2, fill: false }).addTo(map);
  }

  const partKey = new WeakMap(); // a part that stayed the same is the same array
  const keyed = (rings) => {
    if (!partKey.has(rings)) partKey.set(rings, keyOf(rings));
    return partKey.get(rings);
  };
  const isLocked = (rings) => {
    if (!locked.length) return false;
    if (!held.has(rings)) held.set(rings, locked.some((land) => liesIn(rings, land)));
    return held.get(rings);
  };

  desk.guards.push((shape, before) => {
    const kept = before.filter(isLocked).map(keyed);
    if (!kept.length) return "";
    const now = new Set(shape.filter(isLocked).map(keyed));
    return kept.every((key) => now.has(key)) ? "" : words.part_locked;
  });
  desk.isFixed = (at) => isLocked(history.now.shape[at.part]);

  async function setLocked(parts, said) {
    try {
      await desk.saver.request("/locked", "PUT", { locked: toGeojson(parts) });
    } catch (error) {
      desk.say(fill(words.not_settled, { why: error instanceof TypeError ? words.no_network : error.message }));
      return;
    }
    locked = parts;
    held = new WeakMap();
    showLocked();
    show();
    desk.say(said);
  }

  /** Locked land of which no part is drawn: that of a cut made elsewhere, or of a part that is gone. */
  const strays = () => locked.filter((land) => !history.now.shape.some((rings) => liesIn(rings, land)));

  function toggleLock(rings) {
    const parts = history.now.shape.filter(isLocked);
    if (isLocked(rings)) return setLocked([...parts.filter((other) => other !== rings), ...strays()], words.unlocked_now);
    return setLocked([...parts, rings, ...strays()], words.locked_now);
  }

  function deletePart(part) {
    if (editor.change(removeRing(history.now.shape, { part, ring: 0 }), { at: null })) desk.say(words.part_removed);
  }

  /** Make a part a draft of a zone of its own, with what is listed by name within it, and go on without it. */
  async function separate({ rings, name }, part) {
    if (busy) return;
    const before = history.now;
    const named = desk.units.units.filter(({ code, lon, lat }) => code.length === 12 && before.sides.has(code) && Number.isFinite(lon) && inPart(rings, [lon, lat]));
    const listed = (side) => named.map(({ code }) => code).filter((code) => before.sides.get(code) === side);
    busy = true;
    let made;
    try {
      made = await desk.saver.request("/copy", "POST", {
        title: fill(words.piece_title, { title: settings.title, part: part + 1 }), zone_name: name,
        boundary: toGeojson([rings]), units_in: listed("in"), units_out: listed("out"),
      });
    } catch (error) {
      desk.say(fill(words.not_settled, { why: error instanceof TypeError ? words.no_network : error.message }));
      return;
    } finally {
      busy = false;
    }
    naming = null;
    const link = h("a", { href: `/drafts/${made.id}` }, made.title);
    const place = history.now.shape.indexOf(rings);
    if (place < 0) { // it was changed while the server was asked: both have it, and that is said
      desk.say(`${words.piece_made_changed} `, link);
      show();
      return;
    }
    const sides = new Map(history.now.sides);
    for (const { code } of named) sides.delete(code);
    desk.step({ ...history.now, shape: removeRing(history.now.shape, { part: place, ring: 0 }), sides });
    editor.select(null);
    desk.showState();
    desk.say(`${fill(words.piece_made, { n: named.length })} `, link);
  }

  async function joinChosen() {
    const parts = [...chosen].sort((a, b) => a - b);
    if (parts.some((part) => isLocked(history.now.shape[part]))) {
      desk.say(words.part_locked);
      return;
    }
    if (await desk.edit({ step: "join", parts })) {
      chosen.clear();
      show();
      desk.say(words.joined);
    }
  }

  function show() {
    const { shape } = history.now;
    for (const part of chosen) if (part >= shape.length) chosen.delete(part);
    if (naming && !shape.includes(naming.rings)) naming = null;
    join.disabled = chosen.size < 2;
    if (!box.open) return;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.role : null;
    list.replaceChildren(...shape.map((rings, part) => row(rings, part)), ...strays().map(strayRow));
    if (focused) list.querySelector(`[data-role="${focused}"]`)?.focus({ preventScroll: true });
  }

  function row(rings, part) {
    const n = rings.reduce((sum, ring) => sum + ring.length, 0);
    const name = fill(words.part_line, { part: part + 1, n, area: kilometres2(rings).toFixed(2) });
    const own = isLocked(rings);
    const act = (role, word, onclick, more, shown = word) => h("button", {
      type: "button", "data-role": `${role}-${part}`, "aria-label": `${word} ${part + 1}`, onclick, ...more,
    }, shown);
    return h("li", { "data-locked": String(own) },
      h("label", { class: "check" }, h("input", {
        type: "checkbox", checked: chosen.has(part), "data-role": `choose-${part}`,
        onchange: (event) => { chosen[event.target.checked ? "add" : "delete"](part); join.disabled = chosen.size < 2; },
      }), name),
      h("div", { class: "draw-row" },
        act("look", words.look, () => look(rings, part), { class: "link" }),
        act("lock", words.lock, () => toggleLock(rings), { "aria-pressed": String(own) }, own ? words.unlock : words.lock),
        act("delete", words.delete_part, () => deletePart(part), { disabled: own }),
        act("apart", words.part_apart, () => askName(rings, part), {
          disabled: own || history.now.shape.length < 2, "aria-expanded": String(naming?.rings === rings),
        })),
      naming?.rings === rings ? nameForm(part) : null);
  }

  function askName(rings, part) {
    naming = naming?.rings === rings ? null : { rings, name: fill(words.piece_name, { name: settings.name, part: part + 1 }) };
    show();
    list.querySelector("[data-role=name]")?.select();
  }

  /** The name a zone gets stands in law: it is asked for, with one to begin with. */
  function nameForm(part) {
    return h("form", { class: "draw-row", onsubmit: (event) => { event.preventDefault(); separate(naming, part); } },
      h("label", {}, `${words.zone_name} `, h("input", {
        type: "text", value: naming.name, maxlength: "200", required: true, "data-role": "name", autocomplete: "off",
        oninput: (event) => { naming.name = event.target.value; },
      })),
      h("button", { type: "submit", class: "primary" }, words.set_apart));
  }

  function strayRow(land) {
    const name = fill(words.locked_land, { area: kilometres2(land).toFixed(2) });
    return h("li", { "data-locked": "true" }, h("span", {}, name),
      h("div", { class: "draw-row" }, h("button", {
        type: "button", "aria-label": `${words.unlock} ${name}`,
        onclick: () => setLocked([...history.now.shape.filter(isLocked), ...strays().filter((other) => other !== land)], words.unlocked_now),
      }, words.unlock)));
  }

  function look(rings, part) {
    desk.showMap();
    map.fitBounds(L.latLngBounds(rings[0].map(([lon, lat]) => [lat, lon])), { animate: false, padding: [30, 30] });
    editor.select({ part, ring: 0, vertex: 0 });
  }

  // while the list is open, a click on the map puts a part among the chosen
  map.on("click", ({ latlng }) => {
    if (!box.open || editor.mode || editor.held) return;
    const part = history.now.shape.findIndex((rings) => inPart(rings, [latlng.lng, latlng.lat]));
    if (part < 0) return;
    chosen[chosen.has(part) ? "delete" : "add"](part);
    show();
  });
  join.addEventListener("click", joinChosen);
  box.addEventListener("toggle", show);
  desk.watchers.push(show);
  showLocked();
}
