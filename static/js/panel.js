// The side panel: what lies at a place, what the rules find there, on what paper, and which zones are in force.

import { fetchJson, h } from "gridmap/dom";

const KM = 1000;

function fill(text, values) {
  return Object.entries(values).reduce((made, [name, value]) => made.replace(`{${name}}`, value), text);
}

/** Gather the items of one document: [{document, number, items}]. */
function papers(legal) {
  const found = new Map();
  for (const { document: paper, number, item } of legal) {
    const name = `${paper}\n${number}`;
    if (!found.has(name)) found.set(name, { document: paper, number, items: [] });
    found.get(name).items.push(item);
  }
  return [...found.values()];
}

/** Written by one page: settings as given by the server, layers as the map knows them. */
export class Panel {
  constructor(element, settings, layers) {
    this.element = element;
    this.settings = settings;
    this.words = settings.words;
    this.layers = new Map(layers.map((layer) => [layer.id, layer]));
    this.turn = 0;
    this.onclose = () => {};
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.hidden) this.close();
    });
  }

  get on() {
    return this.settings.isToday ? "" : `&as_of=${this.settings.asOf}`;
  }

  link(path) {
    return this.settings.isToday ? path : `${path}?as_of=${this.settings.asOf}`;
  }

  close() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.turn += 1;
    this.onclose();
  }

  write(...children) {
    const close = h("button", { type: "button", class: "close", "aria-label": this.words.close, onclick: () => this.close() }, "×");
    this.element.replaceChildren(close, ...children);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  /** Show what was picked. subjects: [{layer, id, name, key}], area: names of the areas, latlng: where. */
  async show(subjects, area, latlng, focus = true) {
    const turn = (this.turn += 1);
    if (!subjects.length && !area.length) return;
    const [first, ...others] = subjects;
    const known = first?.name ?? first?.id ?? area[0];
    const body = h("div", {}, h("h2", {}, known), h("p", { class: "loading" }, this.words.loading));
    this.write(body);
    if (focus) this.element.focus({ preventScroll: true });
    const parts = await Promise.all([
      first ? this.subject(first).catch((error) => [this.failure(error)]) : [h("h2", {}, area[0])],
      this.zones(latlng, first).catch((error) => [this.failure(error)]),
    ]);
    if (turn !== this.turn) return;
    body.replaceChildren(
      ...parts[0],
      others.length ? this.others(others, area, latlng) : "",
      h("section", {}, h("h3", {}, this.words.zones_here), ...parts[1]),
      area.length ? h("p", { class: "small" }, `${this.words.area}${this.words.colon}${area.join(" · ")}`) : "",
    );
  }

  failure(error) {
    return h("p", { class: "failure", role: "alert" }, fill(this.words.failed, { reason: error.message }));
  }

  others(subjects, area, latlng) {
    const row = (subject) =>
      h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.choose(subject, subjects, area, latlng) },
        subject.name || subject.id, " ", h("span", { class: "small" }, this.kindOf(subject))));
    return h("details", { open: subjects.length <= 6 }, h("summary", {}, this.words.more_here + fill(this.words.bracketed, { n: subjects.length })), h("ul", { class: "others" }, subjects.map(row)));
  }

  choose(subject, subjects, area, latlng) {
    this.onchoose?.(subject);
    return this.show([subject, ...subjects.filter((other) => other !== subject)], area, latlng);
  }

  kindOf(subject) {
    return this.settings.kinds[subject.layer] ?? this.layers.get(subject.layer)?.title ?? subject.layer;
  }

  /** Return the parts about one subject: name, what the rules find, facts. */
  async subject(subject) {
    const layer = this.layers.get(subject.layer);
    const item = `/api/collections/${subject.layer}/items/${encodeURIComponent(subject.id)}?lang=${this.settings.lang}${this.on}`;
    const wanted = subject.layer === "gap" && subject.key
      ? fetchJson(`/api/findings/${subject.key}?lang=${this.settings.lang}${this.on}`).then((found) => ({ items: [found] }))
      : fetchJson(`/api/findings?feature=${encodeURIComponent(`${subject.layer}:${subject.id}`)}&lang=${this.settings.lang}${this.on}`);
    const [feature, findings] = await Promise.all([layer ? fetchJson(item) : null, wanted]);
    const props = feature?.properties ?? {};
    subject.placedBy = props.placed_by;
    const name = props.name ?? findings.items[0]?.name ?? subject.name ?? subject.id;
    return [
      h("p", { class: "kind" }, this.kindOf(subject)),
      h("h2", {}, name),
      h("p", { class: "number" }, subject.id),
      this.repeats(findings.items),
      subject.layer === "site" && layer ? h("p", {}, h("a", { href: this.link(`/sites/${subject.id}`) }, this.words.site_page)) : "",
      this.vagueness(props),
      this.findings(findings.items),
      layer ? this.facts(layer, props) : "",
    ];
  }

  vagueness(props) {
    const km = ((props.position_error_m ?? 0) / KM).toFixed(props.position_error_m >= 10 * KM ? 0 : 1);
    if (props.placed_by === "township") return h("p", { class: "vague" }, fill(this.words.placed_township, { km }));
    if (props.placed_by === "county" || props.placed_by === "city") return h("p", { class: "vague" }, fill(this.words.placed_county, { km }));
    if (props.is_sketch) return h("p", { class: "vague" }, `${this.words.sketch} ± ${Math.round(props.position_error_m ?? 0)} m`);
    return "";
  }

  /** Return the badges of what was handed over, came back or failed repeatedly: it belongs to the feature. */
  repeats(items) {
    const told = items.map((found) => found.repeat?.words ?? []).find((each) => each.length) ?? [];
    return told.length ? h("p", {}, told.map((text) => [h("span", { class: "badge repeat" }, `↻ ${text}`), " "])) : "";
  }

  findings(items) {
    if (!items.length) return h("p", { class: "none" }, this.words.no_findings);
    return h("section", { class: "findings" }, h("h3", {}, this.words.findings), items.map((found) =>
      h("article", { class: `finding certainty-${found.certainty}` },
        h("p", { class: "message" }, h("span", { class: `badge certainty-${found.certainty}` }, this.settings.certainties[found.certainty] ?? found.certainty), " ", found.message),
        h("p", {}, this.words.rule + this.words.colon, h("a", { href: this.link(`/rules/${found.rule_id}`) }, `${found.rule_id} ${found.title}`)),
        h("p", { class: "legal" }, this.words.legal + this.words.colon, papers(found.legal).map((paper, i) => [i ? this.words.semicolon : "",
          [paper.document, paper.number, fill(this.words.item, { item: paper.items.join(this.words.comma) })].filter(Boolean).join(this.words.clause)])),
        h("p", {}, h("a", { href: this.link(`/findings/${found.key}`) }, this.words.details)))));
  }

  facts(layer, props) {
    const hidden = new Set(["name", "county_code", "township_code"]);
    // what is not there, and what is not the case, would only make the list longer
    const says = (value) => value !== null && value !== undefined && value !== "" && value !== false;
    const rows = layer.columns
      .filter((column) => !hidden.has(column.name) && says(props[column.name]))
      .map((column) => h("tr", {}, h("th", { scope: "row" }, column.title), h("td", {}, this.value(column, props[column.name]))));
    return h("details", { open: true }, h("summary", {}, this.words.facts), h("table", { class: "facts" }, rows));
  }

  value(column, value) {
    if (column.codes?.[value]) return column.codes[value];
    if (typeof value === "boolean") return value ? this.words.yes : this.words.no;
    if (typeof value === "number") return `${Math.round(value * 10) / 10}${column.unit ? ` ${column.unit}` : ""}`;
    return String(value);
  }

  async zones(latlng, subject) {
    // a village is asked for by its code: decrees name villages, and its point may be no better than its township
    const village = subject?.layer === "village";
    const place = village ? `village=${subject.id}` : `lon=${latlng.lng.toFixed(6)}&lat=${latlng.lat.toFixed(6)}`;
    const { zones } = await fetchJson(`/api/zones/at?${place}&lang=${this.settings.lang}&on=${this.settings.asOf}`);
    const vague = !village && ["township", "county", "city"].includes(subject?.placedBy) ? h("p", { class: "small" }, this.words.zones_vague) : "";
    const all = h("p", {}, h("a", { href: `/law?${place}&as_of=${this.settings.asOf}` }, this.words.law_here));
    if (!zones.length) return [vague, h("p", {}, this.words.no_zones_here), all];
    return [vague, h("ul", { class: "zones" }, zones.map((zone) => this.zone(zone))), all];
  }

  zone(zone) {
    const since = fill(this.words.in_force_from, { day: zone.begins_on });
    const until = zone.ends_on ? ` ${fill(this.words.until, { day: zone.ends_on })}` : "";
    return h("li", {},
      h("a", { href: this.link(`/zones/${zone.zone_id}`) }, zone.name), " ", h("span", { class: "small" }, zone.kind_title),
      h("br"), h("span", { class: "small" }, [zone.document, zone.document_number].filter(Boolean).join(this.words.clause) + this.words.semicolon + since + until),
      zone.is_sketch ? h("span", { class: "badge warn" }, `${this.words.sketch} ± ${Math.round(zone.position_error_m)} m`) : "",
      zone.near_boundary ? h("span", { class: "badge warn" }, this.words.near_boundary) : zone.inside === false ? h("span", { class: "badge" }, this.words.outside) : "");
  }
}
