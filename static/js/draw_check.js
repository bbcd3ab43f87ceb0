// What is wrong with the boundary as it is drawn: a list with places, and its repair, shown before it is kept.

import { h, reason } from "gridmap/dom";
import { area } from "gridmap/draw_impact";
import * as shapes from "gridmap/draw_shape";

const L = window.L;
const STYLES = {
  region: { color: "#8a5200", weight: 3, fillOpacity: 0.3 },
  added: { color: "#1b5e20", weight: 3, fillOpacity: 0.4 },
  removed: { color: "#b71c1c", weight: 3, dashArray: "6 4", fillOpacity: 0.4 },
};

export class CheckPanel {
  /** boundary(): what is drawn, GeoJSON or null. onplace({ lon, lat, name }). onkeep(boundary): a repair was kept. */
  constructor(map, box, { url, token, words, enabled, boundary, onplace, onkeep }) {
    Object.assign(this, { map, box, url, token, words, enabled, boundary, onplace, onkeep });
    this.part = (name) => box.querySelector(`[data-${name}]`);
    if (!map.getPane("draw-marks")) Object.assign(map.createPane("draw-marks").style, { zIndex: 470, pointerEvents: "none" });
    this.marks = L.layerGroup().addTo(map);
    this.version = 0; // counts what was drawn: an answer about an older boundary is not offered
    this.asked = 0;
    this.offer = null;
    this.part("check").addEventListener("click", () => this.check());
    this.part("mend-all").addEventListener("click", () => this.mend({ kind: "all" }));
    this.part("keep").addEventListener("click", () => this.keep());
    this.part("drop").addEventListener("click", () => { this.settle(); this.say(this.words.mended_dropped); });
    box.addEventListener("toggle", () => { if (box.open && !this.offer) this.check(); });
  }

  say(text) { this.part("state").textContent = text; }

  /** The boundary has changed: what was found and offered is old. */
  touch() {
    this.version += 1;
    this.settle();
    this.part("list").replaceChildren();
    if (this.part("state").textContent) this.say(this.words.mended_old);
  }

  settle() {
    this.offer = null;
    this.part("offer").hidden = true;
    this.marks.clearLayers();
  }

  async ask(what, values) {
    const { version } = this;
    const asked = (this.asked += 1);
    const current = () => version === this.version && asked === this.asked;
    this.say(this.words.checking);
    this.box.setAttribute("aria-busy", "true");
    try {
      const drawn = this.boundary();
      const answer = await fetch(`${this.url}/${what}`, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": this.token },
        body: JSON.stringify(drawn ? { ...values, boundary: drawn } : values),
      });
      const body = await answer.json().catch(() => null);
      if (!current()) return null;
      if (answer.ok && body) return body;
      this.say(this.words.not_checked.replace("{why}", reason(body, answer.status)));
    } catch {
      if (current()) this.say(this.words.no_network);
    } finally {
      if (asked === this.asked) this.box.setAttribute("aria-busy", "false");
    }
    return null;
  }

  async check() {
    this.settle();
    const found = await this.ask("topology", {});
    if (!found) return;
    const { faults } = found;
    this.say(faults.length ? this.words.faults.replace("{n}", faults.length) : this.words.no_faults);
    this.part("list").replaceChildren(...faults.map((fault) => h("li", { "data-fault": fault.kind }, this.row(fault))));
  }

  row(fault) {
    const { words } = this;
    const english = document.documentElement.lang.startsWith("en");
    const name = english ? fault.title_en : fault.title;
    const doubt = fault.doubt_m > 0 ? (fault.in_doubt ? words.in_doubt : words.doubt).replace("{n}", Math.round(fault.doubt_m)) : null;
    const facts = [
      fault.kind === "invalid" ? null : fault.detail, english ? fault.place_en : fault.place,
      fault.area_m2 > 0 ? area(fault.area_m2) : null, fault.width_m > 0 ? words.width.replace("{n}", fault.width_m) : null, doubt,
    ];
    return [
      h("button", { type: "button", class: "link", onclick: () => this.look(fault, name) }, name),
      h("span", { class: "small" }, ` ${facts.filter(Boolean).join(" · ")} `),
      this.enabled && fault.repairs.length
        ? h("button", { type: "button", "aria-label": `${words.mend} ${name}`, onclick: () => this.mend({ fault: fault.id }) }, words.mend) : null,
    ];
  }

  look(fault, name) {
    if (!this.offer) {
      this.marks.clearLayers();
      this.draw(fault.region, "region");
    }
    this.onplace({ lon: fault.lon, lat: fault.lat, name });
  }

  draw(geometry, kind) {
    if (geometry.type === "Point" || !geometry.coordinates?.length) return;
    L.geoJSON(geometry, { pane: "draw-marks", interactive: false, style: { ...STYLES[kind], pane: "draw-marks" } }).addTo(this.marks);
  }

  async mend(what) {
    this.settle();
    const done = await this.ask("repair", what);
    if (!done) return;
    this.offer = done;
    for (const kind of ["added", "removed"]) this.draw(done.changed[kind], kind);
    const bounds = L.featureGroup(this.marks.getLayers()).getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { maxZoom: 17, animate: false, padding: [40, 40] });
    this.say(this.words.mended.replace("{added}", area(done.added_m2)).replace("{removed}", area(done.removed_m2)));
    this.part("offer").hidden = false;
    this.part("keep").focus();
  }

  keep() {
    if (!this.offer) return;
    const { boundary } = this.offer;
    this.settle();
    this.onkeep(boundary);
    this.say(this.words.mended_kept);
  }
}

/** Check the shape on the desk; a repair that is kept is one step of its history. */
export function startCheck(desk) {
  const { settings, words, map, editor, history } = desk;
  let seen = history.now.shape;
  const check = new CheckPanel(map, desk.byId("draw-check"), {
    url: settings.api, token: settings.token, words, enabled: settings.editable, onplace: desk.place,
    boundary: () => shapes.toGeojson(history.now.shape),
    onkeep: (boundary) => {
      if (editor.mode) editor.cancel();
      editor.change(shapes.fromGeojson(boundary), { at: null });
    },
  });
  desk.watchers.push(() => {
    if (history.now.shape === seen) return;
    seen = history.now.shape;
    check.touch();
  });
}
