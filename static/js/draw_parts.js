// The parts of a boundary as a list: joined where they lie edge to edge, locked against change. A locked part is hatched
// on the map; no vertex of it moves, and the server refuses what would change its land.

import { h } from "gridmap/dom";
import { fromGeojson, inPart, toGeojson } from "gridmap/draw_shape";

const L = window.L;
const HATCH_PX = 9;

/** Return what tells a part from others: its vertices, wherever its rings begin. */
export function keyOf(rings) {
  return rings.map((ring) => {
    const first = ring.reduce((best, [x, y], n) => (x < ring[best][0] || (x === ring[best][0] && y < ring[best][1]) ? n : best), 0);
    return [...ring.slice(first), ...ring.slice(0, first)].join(" ");
  }).sort().join("|");
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
  let keys = new Set(locked.map(keyOf));
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
  const isLocked = (rings) => keys.size > 0 && keys.has(keyed(rings));

  desk.guards.push((shape) => {
    const before = history.now.shape.filter(isLocked).map(keyed);
    if (!before.length) return "";
    const now = new Set(shape.filter(isLocked).map(keyed));
    return before.every((key) => now.has(key)) ? "" : words.part_locked;
  });
  desk.isFixed = (at) => isLocked(history.now.shape[at.part]);

  async function setLocked(parts) {
    try {
      await desk.saver.request("/locked", "PUT", { locked: toGeojson(parts) });
    } catch (error) {
      desk.say(fill(words.not_settled, { why: error instanceof TypeError ? words.no_network : error.message }));
      return;
    }
    const more = parts.length > locked.length;
    locked = parts;
    keys = new Set(locked.map(keyOf));
    showLocked();
    show();
    desk.say(more ? words.locked_now : words.unlocked_now);
  }

  function toggleLock(rings) {
    if (isLocked(rings)) return setLocked(locked.filter((other) => keyOf(other) !== keyed(rings)));
    return setLocked([...locked, rings]);
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
    join.disabled = chosen.size < 2;
    if (!box.open) return;
    const held = list.contains(document.activeElement) ? document.activeElement.dataset.role : null;
    list.replaceChildren(...shape.map((rings, part) => row(rings, part)));
    if (held) list.querySelector(`[data-role="${held}"]`)?.focus({ preventScroll: true });
  }

  function row(rings, part) {
    const n = rings.reduce((sum, ring) => sum + ring.length, 0);
    const name = fill(words.part_line, { part: part + 1, n, area: kilometres2(rings).toFixed(2) });
    const own = isLocked(rings);
    return h("li", { "data-locked": String(own) },
      h("label", { class: "check" }, h("input", {
        type: "checkbox", checked: chosen.has(part), "data-role": `choose-${part}`,
        onchange: (event) => { chosen[event.target.checked ? "add" : "delete"](part); join.disabled = chosen.size < 2; },
      }), name),
      h("button", { type: "button", class: "link", "data-role": `look-${part}`, "aria-label": `${words.look} ${part + 1}`, onclick: () => look(rings, part) }, words.look),
      h("button", { type: "button", "data-role": `lock-${part}`, "aria-pressed": String(own), "aria-label": `${words.lock} ${part + 1}`, onclick: () => toggleLock(rings) }, own ? words.unlock : words.lock));
  }

  function look(rings, part) {
    map.fitBounds(L.latLngBounds(rings[0].map(([lon, lat]) => [lat, lon])), { animate: false, padding: [30, 30] });
    editor.select({ part, ring: 0, vertex: 0 });
  }

  // while the list is open, a click on the map puts a part among the chosen
  map.on("click", ({ latlng }) => {
    if (!box.open || editor.mode || editor.paused || editor.held) return;
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
