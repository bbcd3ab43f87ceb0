// The form of a visit: item by item, with position, photos and signature. It is kept on this phone while it is written.

import * as entries from "gridmap/entries";
import { PhotoPicker } from "gridmap/photo_picker";
import { locate } from "gridmap/place";
import { SignaturePad } from "gridmap/signature_pad";

const EARTH_M = 6_371_008;
const SAVE_AFTER_MS = 800;
const CLOCK_SLACK_MS = 120_000;
const LONGEST_MS = 24 * 3_600_000;

/** Metres between two places on a sphere: near enough to say whether one stands at the site. */
export function metresBetween(one, other) {
  const rad = Math.PI / 180;
  const dLat = (other.lat - one.lat) * rad;
  const dLon = (other.lon - one.lon) * rad;
  const part = Math.sin(dLat / 2) ** 2 + Math.cos(one.lat * rad) * Math.cos(other.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(part));
}

function toLocal(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function inLength(metres) {
  return metres >= 1000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres)} m`;
}

export class VisitForm {
  constructor(form, { settings, send }) {
    this.form = form;
    this.settings = settings;
    this.words = settings.words;
    this.send = send;
    this.photos = new PhotoPicker({
      input: this.part("#visit-photos"), list: this.part("#visit-previews"), most: settings.most_photos, words: this.words,
      complain: (text) => this.complain("photos", text), changed: () => this.changed(),
    });
    this.pad = new SignaturePad(this.part("#visit-signature"), () => this.changed());
    this.part("#visit-unsign").addEventListener("click", () => { this.pad.clear(); this.changed(); });
    this.part("#visit-locate").addEventListener("click", () => this.locate());
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
  }

  part(selector) {
    return this.form.querySelector(selector);
  }

  /** Begin anew, or go on with an entry that was kept or not taken. */
  async open(entry = null) {
    this.form.reset();
    this.pad.clear();
    this.place = null;
    this.id = entry?.id ?? entries.newId();
    this.photos.set(entry?.photos ?? []);
    const content = entry?.content ?? {};
    this.part("#visit-began").value = toLocal(content.began_at ? new Date(content.began_at) : new Date());
    this.part("#visit-ended").value = content.ended_by_hand ? toLocal(new Date(entry.made_at)) : "";
    if (entry) {
      for (const one of content.answers ?? []) this.setAnswer(one);
      this.part("#visit-kind").value = content.kind ?? "regular";
      this.part("#visit-note").value = content.note ?? "";
      this.part("#visit-post").value = content.signed_as ?? "";
      this.part("#visit-typed").checked = content.signed_how === "typed";
      if (entry.signature) await this.pad.write(entry.signature);
    }
    if (content.lon !== undefined) this.setPlace(content);
    else this.locate();
    this.begun = Boolean(entry);
    if (entry?.state === "draft") this.part("#visit-kept").textContent = this.words.went_on;
  }

  setAnswer({ item, answer, value }) {
    const field = this.form.querySelector(`[data-item="${CSS.escape(item)}"]`);
    if (!field) return;
    if (value !== undefined) field.querySelector("input[type=number]").value = value;
    const choice = field.querySelector(`input[type=radio][value="${CSS.escape(answer ?? "not_seen")}"]`);
    if (choice) choice.checked = true;
  }

  answers() {
    return [...this.form.querySelectorAll("[data-item]")].map((field) => {
      const { item } = field.dataset;
      const number = field.querySelector("input[type=number]");
      if (number && number.value !== "") return { item, value: Number(number.value) };
      return { item, answer: field.querySelector("input[type=radio]:checked")?.value ?? "not_seen" };
    });
  }

  async locate() {
    const state = this.part("#visit-place");
    state.textContent = this.words.locating;
    try {
      this.setPlace(await locate());
      if (this.begun) this.changed(); // a page that was only opened keeps nothing
    } catch (error) {
      if (this.place) this.tellPlace();
      else state.textContent = `${this.words[error.word] ?? this.words.location_failed} ${this.words.without_place}`;
    }
  }

  setPlace({ lon, lat, accuracy_m }) {
    this.place = { lon, lat, accuracy_m };
    this.tellPlace();
  }

  tellPlace() {
    const { site, far_m, vague_m } = this.settings;
    const error = this.place.accuracy_m ?? 0;
    const parts = [this.words.located.replace("{m}", Math.round(error))];
    let marked = error > vague_m;
    if (marked) parts.push(this.words.vague);
    else if (site.lon !== null) {
      const away = metresBetween(this.place, site);
      parts.push(this.words.away.replace("{m}", inLength(away)));
      marked = away > far_m + error + (site.position_error_m ?? 0);
      if (marked) parts.push(this.words.far);
    }
    const state = this.part("#visit-place");
    state.textContent = parts.join(" ");
    state.classList.toggle("marked", marked);
  }

  /** Keep what is written so far: a phone may close the page at any time. */
  changed() {
    this.begun = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepDraft().catch(() => null), SAVE_AFTER_MS);
  }

  async keepDraft() {
    if (!this.begun || this.form.hidden) return;
    await entries.keep({ ...(await this.entry()), account: this.settings.account, state: "draft", sentence: "" });
    this.part("#visit-kept").textContent = this.words.kept_here;
  }

  async entry() {
    const began = this.part("#visit-began").value;
    const ended = this.part("#visit-ended").value;
    const typed = this.part("#visit-typed").checked;
    return {
      id: this.id,
      kind: "visit",
      title: this.settings.site.name,
      made_at: (ended ? new Date(ended) : new Date()).toISOString(),
      content: {
        site: this.settings.site.id,
        kind: this.part("#visit-kind").value,
        answers: this.answers(),
        ...this.place,
        began_at: (began ? new Date(began) : new Date()).toISOString(),
        ended_by_hand: Boolean(ended),
        note: this.part("#visit-note").value.trim() || undefined,
        signed_as: this.part("#visit-post").value.trim(),
        signed_how: typed ? "typed" : "drawn",
      },
      photos: this.photos.photos,
      signature: typed ? null : await this.pad.read(),
    };
  }

  complain(where, text) {
    this.part(`#visit-wrong-${where}`).textContent = text;
  }

  /** Return [where, sentence, field] of what is wrong, or null. */
  wrong(entry) {
    const { words } = this;
    for (const number of this.form.querySelectorAll("[data-item] input[type=number]")) {
      if (!number.validity.valid) return ["items", words.number_wrong.replace("{name}", number.getAttribute("aria-label")), number];
    }
    const began = Date.parse(entry.content.began_at);
    const ended = Date.parse(entry.made_at);
    // minutes are written without their seconds
    if (ended - ended % 60_000 < began - began % 60_000) return ["times", words.end_first, this.part("#visit-ended")];
    if (Math.max(began, ended) > Date.now() + CLOCK_SLACK_MS) return ["times", words.in_future, this.part("#visit-ended")];
    if (ended - began > LONGEST_MS) return ["times", words.too_long, this.part("#visit-began")];
    if (!entry.content.signed_as) return ["sign", words.post_missing, this.part("#visit-post")];
    if (entry.content.signed_how === "drawn" && !entry.signature) return ["sign", words.unsigned, this.part("#visit-typed")];
    return null;
  }

  async submit() {
    for (const where of ["items", "times", "photos", "sign"]) this.complain(where, "");
    const entry = await this.entry();
    const wrong = this.wrong(entry);
    if (wrong) {
      this.complain(wrong[0], wrong[1]);
      wrong[2].focus();
      return;
    }
    // what ended within the minute in which it began
    if (entry.made_at < entry.content.began_at) entry.made_at = entry.content.began_at;
    clearTimeout(this.timer);
    try {
      await this.send(entry);
    } catch {
      this.complain("sign", this.words.not_kept);
    }
  }
}
