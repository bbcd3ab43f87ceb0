// What the draft would change, beside the map while it is drawn: asked for after each change, one request at a time.
// Whatever part of the answer is missing is left out.

import { h, reason } from "gridmap/dom";

const L = window.L;
const WAIT_MS = 300;
const TOLD_M2 = 10_000; // land given up that the check lists, place by place
const LABELLED = 12; // villages that change side, named on the map as long as they are no more
const NAMED = 6; // names beside a number, before its list is opened
const FULL = { gained: 0.75, lost: 0 };
const KINDS = { gained: "#1b5e20", lost: "#b71c1c", appear: "#b71c1c", go: "#1b5e20", change: "#8a5200" };

/** Return square metres as km² in words; small areas in m². */
export function area(m2) {
  return Math.abs(m2) < 10_000 ? `${Math.round(m2)} m²` : `${(m2 / 1e6).toFixed(2)} km²`;
}

const signed = (sign, m2) => (m2 >= 1 ? `${sign}${area(m2)}` : "0");

export class ImpactPanel {
  /** url: to ask. content(): what is drawn. onplace({ lon, lat, name }): a name was chosen. */
  constructor(map, box, { url, token, words, content, onplace }) {
    Object.assign(this, { map, box, url, token, words, content, onplace });
    this.state = box.querySelector("[data-state]");
    this.list = box.querySelector("[data-list]");
    this.timer = 0;
    this.busy = false;
    this.again = false;
    this.open = new Set();
    this.marks = L.layerGroup().addTo(map);
  }

  /** Ask soon: the content has changed. */
  touch() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    if (this.busy) {
      this.again = true; // what is on its way is old by now, but the server is not asked for two at once
      return;
    }
    this.busy = true;
    this.again = false;
    this.box.setAttribute("aria-busy", "true");
    this.state.textContent = this.words.computing;
    try {
      const answer = await fetch(`${this.url}?lang=${document.documentElement.lang.startsWith("en") ? "en" : "zh"}`, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": this.token },
        body: JSON.stringify(this.content()),
      });
      const body = await answer.json().catch(() => null);
      if (this.again) return;
      if (answer.ok && body) this.show(body);
      else this.fail(reason(body, answer.status));
    } catch {
      if (!this.again) this.fail(this.words.no_network);
    } finally {
      this.busy = false;
      this.box.setAttribute("aria-busy", "false");
      if (this.again) this.ask();
    }
  }

  fail(sentence) {
    this.state.textContent = this.words.not_computed.replace("{why}", sentence);
    this.box.classList.add("old");
  }

  show(answer) {
    const { words } = this;
    this.box.classList.remove("old");
    this.state.textContent = "";
    const sides = (name) => ["gained", "lost"].map((kind) => this.group(`${name}-${kind}`, words[`${name}_${kind}`], kind, answer[name]?.[kind]));
    const { households } = answer;
    const moved = (answer.villages?.gained.length ?? 0) + (answer.villages?.lost.length ?? 0);
    // which villages come in and which fall out is what the planner came for
    const rows = sides("villages");
    if (answer.villages) rows.push(h("p", { class: "small", "data-part": "villages-none" }, moved ? words.on_the_map : words.no_villages));
    if (households && moved > 0 && households.villages_unknown === moved) {
      rows.push(h("p", { "data-part": "households" }, `${words.households} `, h("span", { class: "small" }, words.households_unknown)));
    } else if (households && moved > 0) {
      rows.push(h("p", { "data-part": "households" }, `${words.households} `,
        h("b", { class: "gained" }, `+${households.gained ?? 0}`), " ", h("b", { class: "lost" }, `−${households.lost ?? 0}`),
        households.villages_unknown ? h("span", { class: "small" }, ` ${words.households_missing.replace("{n}", households.villages_unknown)}`) : null));
    }
    rows.push(this.land(answer), ...sides("sites"));
    if (answer.sites && !answer.sites.gained.length && !answer.sites.lost.length) rows.push(h("p", { class: "small" }, words.no_sites));
    if (answer.findings) {
      rows.push(h("h3", {}, words.findings));
      if (answer.findings.length === 0) rows.push(h("p", { class: "small" }, words.no_findings));
      for (const rule of answer.findings) rows.push(this.rule(rule));
    }
    this.list.replaceChildren(...rows.filter(Boolean));
    this.showMarks();
  }

  land({ area_m2: m2, overlap_m2: overlap, outside_m2: outside }) {
    const { words } = this;
    const pair = (name, text, kind) => h("div", {}, h("dt", {}, words[name]), h("dd", { class: kind ?? null }, text));
    const known = (value) => Number.isFinite(value);
    const rows = [
      known(m2?.draft) && pair("area_draft", area(m2.draft)),
      known(m2?.base) && pair("area_base", area(m2.base)),
      known(m2?.gained) && pair("area_gained", signed("+", m2.gained), "gained"),
      known(m2?.lost) && pair("area_lost", m2.lost >= TOLD_M2 ? this.where(signed("−", m2.lost)) : signed("−", m2.lost), "lost"),
      known(overlap) && overlap >= 1 && pair("overlap", this.where(area(overlap))),
      known(outside) && outside >= 1 && pair("outside", this.where(area(outside))),
    ].filter(Boolean);
    return rows.length ? h("dl", { class: "impact-land", "data-part": "area" }, rows) : null;
  }

  /** A size that leads to the places of it, where the page can list them. */
  where(text) {
    const list = document.getElementById("draw-check");
    if (!list) return text;
    return h("button", { type: "button", class: "link", onclick: () => {
      list.open = true;
      list.querySelector("summary").focus();
      list.scrollIntoView({ block: "nearest" });
    } }, text);
  }

  rule({ rule, rule_id: id, title, ...changes }) {
    const kinds = ["appear", "go", "change"].filter((kind) => changes[kind]?.length);
    const code = rule ?? id;
    return h("section", { class: "impact-rule", "data-rule": code },
      h("h4", {}, h("a", { href: `/rules/${encodeURIComponent(code)}` }, code), ` ${title ?? ""}`),
      kinds.map((kind) => this.group(`${code}-${kind}`, this.words[`findings_${kind}`], kind, changes[kind])));
  }

  /** A number that opens its list. Its places are marked on the map while it is open, those of villages always. */
  group(key, title, kind, items) {
    if (!items?.length) return null;
    const always = key.startsWith("villages");
    const names = always ? items.slice(0, NAMED).map(({ name, id }) => name ?? id).join("、") : "";
    const box = h("details", { "data-part": key, open: this.open.has(key), ontoggle: () => {
      if (box.open) this.open.add(key);
      else this.open.delete(key);
      this.showMarks();
    } }, h("summary", {}, `${title} `, h("b", { class: kind }, String(items.length)),
      names ? h("span", { class: "small impact-names" }, items.length > NAMED ? this.words.and_more.replace("{names}", names) : names) : null),
    h("ul", {}, items.map((item) => h("li", {}, this.item(item)))));
    box.always = always;
    box.places = items.filter((item) => Number.isFinite(item.lon) && Number.isFinite(item.lat)).map((item) => ({ ...item, kind }));
    return box;
  }

  item(item) {
    const name = item.name ?? item.id ?? item.feature_id ?? "";
    const more = [item.part, item.households ? this.words.of_households.replace("{n}", item.households) : null].filter(Boolean).join(" ");
    const placed = Number.isFinite(item.lon) && Number.isFinite(item.lat);
    return [placed ? h("button", { type: "button", class: "link", onclick: () => this.onplace(item) }, name) : name, more ? h("span", { class: "small" }, ` ${more}`) : null];
  }

  showMarks() {
    this.marks.clearLayers();
    if (!this.map.getPane("draw-marks")) Object.assign(this.map.createPane("draw-marks").style, { zIndex: 470, pointerEvents: "none" });
    this.renderer ??= L.canvas({ pane: "draw-marks" });
    const boxes = [...this.list.querySelectorAll("details")];
    const few = boxes.reduce((n, box) => n + (box.always ? box.places.length : 0), 0) <= LABELLED;
    for (const box of boxes) {
      if (!box.open && !box.always) continue;
      const radius = box.open ? 7 : 4;
      for (const { lat, lon, kind, name } of box.places ?? []) {
        // full is what comes in, hollow what falls out: colour is not the only sign
        const mark = L.circleMarker([lat, lon], {
          renderer: this.renderer, pane: "draw-marks", interactive: false, radius, color: KINDS[kind], weight: radius > 4 ? 3 : 2, fillOpacity: FULL[kind] ?? 0.2,
        }).addTo(this.marks);
        if (few && box.always && name) mark.bindTooltip(h("span", {}, name), { permanent: true, direction: "right", offset: [4, 0], className: `impact-label ${kind}` });
      }
    }
  }
}
