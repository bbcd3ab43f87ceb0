// Drawing by unit: which townships and villages a zone lists as in or out, in a list with search and by clicks on the
// map. The most specific listed unit on a village's chain decides, village before township before county.

import { h } from "gridmap/dom";

const L = window.L;
const MOST = 40;
const NEXT = { none: "in", in: "out", out: "none" };
const COLORS = { in: "#1b5e20", out: "#b71c1c", none: "#607d8b" };

/** Return the one canvas of whatever can be clicked under the drawing: of two, the upper would take all clicks. */
export function canvasOf(map) {
  if (!map.getPane("draw-units")) map.createPane("draw-units").style.zIndex = 445;
  map.drawCanvas ??= L.canvas({ pane: "draw-units", padding: 0.2, tolerance: 4 });
  return map.drawCanvas;
}

/** Return the lists as a Map of code → "in" | "out". */
export function sidesOf(unitsIn, unitsOut) {
  return new Map([...unitsIn.map((code) => [code, "in"]), ...unitsOut.map((code) => [code, "out"])]);
}

/** Return lists in the order of their codes, as the server keeps them. */
export function listsOf(sides) {
  const of = (side) => [...sides].filter(([, found]) => found === side).map(([code]) => code).sort();
  return { unitsIn: of("in"), unitsOut: of("out") };
}

/** Return [side, code of the unit that decides], or ["none", null]. */
export function decides(sides, code) {
  for (const length of [12, 9, 6]) {
    if (length <= code.length && sides.has(code.slice(0, length))) return [sides.get(code.slice(0, length)), code.slice(0, length)];
  }
  return ["none", null];
}

/** Read a search: names, beginnings of codes, or ranges of codes such as 410181113200-410181113210, with commas between. */
export function asked(text) {
  return text.split(/[,，、;；\n]+/).map((each) => each.trim()).filter(Boolean).map((each) => {
    const range = each.match(/^(\d{6,12})\s*[-–—~～至]\s*(\d{6,12})$/);
    return range ? { from: range[1], to: range[2].padEnd(12, "9") } : { text: each };
  });
}

function matches({ text, from, to }, code, name) {
  return text === undefined ? code >= from && code <= to : name.includes(text) || code.startsWith(text);
}

export class UnitList {
  /** units: [[code, name, lon, lat], …] in the order of their codes. onchange(sides), onplace({ lon, lat, name }). */
  constructor(map, box, { units, words, enabled, onchange, onplace }) {
    Object.assign(this, { map, words, enabled, onchange, onplace });
    this.units = units.map(([code, name, lon, lat]) => ({ code, name, lon, lat }));
    this.names = new Map(this.units.map((unit) => [unit.code, unit.name]));
    this.sides = new Map();
    this.marks = new Map();
    this.search = box.querySelector("[type=search]");
    this.list = box.querySelector("ul");
    this.note = box.querySelector("[data-note]");
    this.tally = box.querySelector("[data-tally]");
    this.level = box.querySelector("[name=level]");
    this.bulk = box.querySelector("[data-bulk]");
    this.search.addEventListener("input", () => this.showList());
    this.level.addEventListener("change", () => this.showList());
    for (const button of this.bulk.querySelectorAll("[data-all]")) {
      button.addEventListener("click", () => this.setAll(this.found().map(({ code }) => code), button.dataset.all));
    }
    const pick = box.querySelector("[name=pick]");
    pick.addEventListener("change", () => this.setPicking(pick.checked));
    this.showList();
  }

  setSides(sides) {
    this.sides = sides;
    this.showList();
    this.showMarks();
  }

  set(code, side) {
    this.setAll([code], side);
  }

  /** Put units on one side, in one step. */
  setAll(codes, side) {
    const sides = new Map(this.sides);
    for (const code of codes) {
      if (side === "none") sides.delete(code);
      else sides.set(code, side);
    }
    this.onchange(sides);
  }

  /** Return the village nearest to a place, or null. */
  nearest([lon, lat]) {
    const narrow = Math.cos((lat * Math.PI) / 180);
    let best = null;
    for (const unit of this.units) {
      const far = Math.hypot((unit.lon - lon) * narrow, unit.lat - lat);
      if (unit.code.length === 12 && far < (best?.far ?? Infinity)) best = { far, unit };
    }
    return best?.unit ?? null;
  }

  found() {
    const wanted = asked(this.search.value);
    const level = Number(this.level.value);
    if (wanted.length || level) {
      const towns = this.units.filter(({ code, name }) => code.length === 9 && level === 12 && wanted.some((each) => each.text === name)).map(({ code }) => code);
      return this.units.filter(({ code, name }) => (!level || code.length === level)
        && (!wanted.length || towns.includes(code.slice(0, 9)) || wanted.some((each) => matches(each, code, name))));
    }
    const listed = [...this.sides.keys()].sort().map((code) => this.units.find((unit) => unit.code === code) ?? { code, name: code });
    return [...listed, ...this.units.filter(({ code }) => code.length < 12 && !this.sides.has(code))];
  }

  showList() {
    const held = this.list.contains(document.activeElement) ? document.activeElement.closest("li").dataset.code : null;
    const all = this.found();
    const isAsked = Boolean(this.search.value.trim() || Number(this.level.value));
    const shown = all.slice(0, isAsked ? MOST : Math.max(MOST, this.sides.size));
    this.bulk.hidden = !this.enabled || !isAsked || all.length < 2;
    this.bulk.querySelector("[data-found]").textContent = this.words.found_units.replace("{n}", all.length);
    this.list.replaceChildren(...shown.map((unit) => this.row(unit)));
    this.note.textContent = all.length > shown.length ? this.words[isAsked ? "more_found" : "more_units"].replace("{n}", all.length - shown.length) : all.length ? "" : this.words.no_units;
    const { unitsIn, unitsOut } = listsOf(this.sides);
    this.tally.textContent = this.words.listed.replace("{in}", unitsIn.length).replace("{out}", unitsOut.length);
    if (held) this.list.querySelector(`[data-code="${held}"] select`)?.focus({ preventScroll: true });
  }

  row(unit) {
    const own = this.sides.get(unit.code) ?? "none";
    const [side, by] = decides(this.sides, unit.code);
    const options = ["none", "in", "out"].map((value) => h("option", { value, selected: value === own }, this.words[`side_${value}`]));
    const above = by && by !== unit.code ? this.words.through.replace("{name}", this.names.get(by) ?? by).replace("{side}", this.words[`side_${side}`]) : null;
    const placed = Number.isFinite(unit.lon);
    return h("li", { "data-code": unit.code, "data-side": own },
      placed ? h("button", { type: "button", class: "link", onclick: () => this.onplace(unit) }, unit.name) : h("span", {}, unit.name),
      h("span", { class: "small" }, ` ${unit.code}`, above ? ` ${above}` : null),
      h("select", { "aria-label": unit.name, disabled: !this.enabled, onchange: (event) => this.set(unit.code, event.target.value) }, options));
  }

  /** Show the villages on the map, each click on one taking it to the next side; or take them away. */
  setPicking(on) {
    this.layer?.remove();
    this.layer = null;
    this.marks.clear();
    if (!on) return;
    const renderer = canvasOf(this.map);
    this.layer = L.layerGroup([], { pane: "draw-units" }).addTo(this.map);
    // townships first, villages above them
    for (const unit of [...this.units].sort((a, b) => a.code.length - b.code.length)) {
      if (unit.code.length < 9 || !Number.isFinite(unit.lon)) continue;
      const mark = L.circleMarker([unit.lat, unit.lon], { renderer, pane: "draw-units", radius: unit.code.length === 9 ? 12 : 6, weight: 2 });
      mark.bindTooltip(() => `${unit.name} ${this.words[`side_${decides(this.sides, unit.code)[0]}`]}`, { sticky: true });
      mark.on("click", () => { if (this.enabled) this.set(unit.code, NEXT[this.sides.get(unit.code) ?? "none"]); });
      this.marks.set(unit.code, mark);
      this.layer.addLayer(mark);
    }
    this.showMarks();
  }

  showMarks() {
    for (const [code, mark] of this.marks) {
      const [side, by] = decides(this.sides, code);
      const color = COLORS[side];
      if (mark.isTooltipOpen()) mark.getTooltip().update();
      mark.setStyle({ color, fillColor: color, fillOpacity: side === "none" ? 0.1 : by === code ? 0.95 : 0.45 });
    }
  }
}
