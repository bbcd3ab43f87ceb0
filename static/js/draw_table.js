// The vertices of one ring as a table: for typed coordinates, and for whoever works by keyboard alone.

import { h } from "gridmap/dom";
import { ringOf } from "gridmap/draw_shape";

const ROWS = 10;
const ARROWS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class VertexTable {
  /** calls: select(at), nudge(at, east, north), type(at, point), remove(at), insert(at), inside(point): why not, or "". */
  constructor(box, { words, enabled, calls }) {
    this.words = words;
    this.enabled = enabled;
    this.calls = calls;
    this.at = null;
    this.first = 0;
    this.rings = box.querySelector("select");
    this.rows = box.querySelector("tbody");
    this.step = box.querySelector("[name=step]");
    this.where = box.querySelector("[data-where]");
    this.wrong = box.querySelector("[data-wrong]");
    this.rings.addEventListener("change", () => {
      const [part, ring] = this.rings.value.split(":").map(Number);
      this.calls.select({ part, ring, vertex: 0 });
    });
    for (const button of box.querySelectorAll("[data-page]")) {
      button.addEventListener("click", () => {
        this.first += Number(button.dataset.page) * ROWS;
        this.showRows();
      });
    }
    this.rows.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show a shape with the ring of the selected vertex, or its first ring. */
  show(shape, selection) {
    const hadFocus = this.rows.contains(document.activeElement) ? document.activeElement.dataset.role : null;
    this.shape = shape;
    const moved = selection && (!this.at || this.at.vertex !== selection.vertex || this.at.part !== selection.part || this.at.ring !== selection.ring);
    this.selection = selection;
    this.at = selection ?? (this.at && ringOf(shape, this.at) ? this.at : shape.length ? { part: 0, ring: 0, vertex: 0 } : null);
    if (moved && (selection.vertex < this.first || selection.vertex >= this.first + ROWS)) this.first = selection.vertex - (selection.vertex % ROWS);
    this.showRings();
    this.showRows();
    if (hadFocus && selection) this.rows.querySelector(`tr[data-chosen=true] [data-role=${hadFocus}]`)?.focus({ preventScroll: true });
  }

  showRings() {
    const { words } = this;
    const options = this.shape.flatMap((rings, part) => rings.map((ring, r) => {
      const name = r === 0 ? words.outline : words.hole.replace("{h}", r);
      const text = words.ring.replace("{part}", part + 1).replace("{name}", name).replace("{n}", ring.length);
      return h("option", { value: `${part}:${r}`, selected: this.at?.part === part && this.at?.ring === r }, text);
    }));
    this.rings.replaceChildren(...(options.length ? options : [h("option", { value: "" }, words.no_boundary)]));
    this.rings.disabled = options.length === 0;
  }

  showRows() {
    const ring = this.at ? ringOf(this.shape, this.at) : [];
    this.first = Math.max(0, Math.min(this.first, Math.floor((ring.length - 1) / ROWS) * ROWS));
    const last = Math.min(this.first + ROWS, ring.length);
    this.where.textContent = ring.length ? this.words.rows.replace("{first}", this.first + 1).replace("{last}", last).replace("{n}", ring.length) : "";
    this.rows.replaceChildren(...ring.slice(this.first, last).map((point, n) => this.row(point, this.first + n)));
  }

  row(point, vertex) {
    const here = { part: this.at.part, ring: this.at.ring, vertex };
    const chosen = this.selection?.vertex === vertex;
    const input = (axis, label) => h("input", {
      type: "text", inputmode: "decimal", value: point[axis], "data-role": axis ? "lat" : "lon", disabled: !this.enabled, autocomplete: "off",
      "aria-label": label.replace("{n}", vertex + 1), onchange: (event) => this.typed(event.target, here, axis),
    });
    return h("tr", { "data-chosen": chosen ? "true" : "false", "data-vertex": vertex },
      h("td", {}, h("button", {
        type: "button", class: "pick", "data-role": "pick", "aria-pressed": chosen ? "true" : "false", "aria-label": this.words.vertex.replace("{n}", vertex + 1),
        onclick: () => this.calls.select(here),
      }, String(vertex + 1))),
      h("td", {}, input(0, this.words.lon_of)), h("td", {}, input(1, this.words.lat_of)));
  }

  typed(field, here, axis) {
    const text = field.value.trim();
    const point = ringOf(this.shape, here)[here.vertex].slice();
    const pair = text.split(/[\s,，;]+/).filter(Boolean).map(Number);
    if (pair.length === 2) [point[0], point[1]] = pair; // both were pasted into one field
    else point[axis] = text === "" ? NaN : Number(text);
    const wrong = this.calls.inside(point);
    this.wrong.textContent = wrong;
    field.setAttribute("aria-invalid", wrong ? "true" : "false");
    if (!wrong) this.calls.type(here, point);
  }

  key(event) {
    const row = event.target.closest("tr");
    if (!row || event.target.dataset.role !== "pick" || event.ctrlKey || event.metaKey) return;
    const here = { part: this.at.part, ring: this.at.ring, vertex: Number(row.dataset.vertex) };
    const { length } = ringOf(this.shape, here);
    const metres = Number(this.step.value) * (event.shiftKey ? 10 : 1);
    if (event.key === "PageDown" || event.key === "PageUp") {
      this.calls.select({ ...here, vertex: (here.vertex + (event.key === "PageDown" ? 1 : length - 1)) % length });
    } else if (!this.enabled) {
      return;
    } else if (ARROWS[event.key]) {
      this.calls.nudge(here, ARROWS[event.key][0] * metres, ARROWS[event.key][1] * metres);
    } else if (event.key === "Delete") {
      this.calls.remove(here);
    } else if (event.key === "Insert") {
      this.calls.insert(here);
    } else {
      return;
    }
    event.preventDefault();
  }
}
