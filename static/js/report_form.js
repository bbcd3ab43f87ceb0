// The form by which a finding is reported: words, kind, site, place, photos.

import { newId } from "gridmap/entries";
import { PhotoPicker } from "gridmap/photo_picker";
import { MOST } from "gridmap/photos";
import { locate } from "gridmap/place";

const VAGUE_M = 1000;

export class ReportForm {
  constructor(section, { settings, cellMap, send, say }) {
    this.section = section;
    this.form = section.querySelector("form");
    this.words = settings.words;
    this.settings = settings;
    this.cellMap = cellMap;
    this.send = send;
    this.say = say;
    this.photos = new PhotoPicker({
      input: this.part("#report-photos"), list: this.part("#report-previews"), most: MOST, words: this.words,
      complain: (text) => this.complain(text),
    });
    this.clear();
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.part("#report-locate").addEventListener("click", () => this.locate());
    this.part("#report-site").addEventListener("change", () => this.tellPlace());
  }

  part(selector) {
    return this.form.querySelector(selector);
  }

  clear() {
    this.form.reset();
    this.place = null;
    this.id = null;
    this.complain("");
    this.photos.set([]);
    this.cellMap.setPlace(null);
    this.tellPlace();
  }

  /** Begin a report: of a site, or anew with what an entry held that was not taken. */
  open({ site = "", entry = null } = {}) {
    this.clear();
    if (entry) {
      this.id = entry.id;
      this.part("#report-words").value = entry.content.words ?? "";
      this.part("#report-theme").value = entry.content.theme ?? "";
      this.photos.set(entry.photos ?? []);
      if (entry.content.lon !== undefined) this.setPlace(entry.content, entry.content.placed_by);
    }
    this.part("#report-site").value = entry?.content.site ?? site;
    this.cellMap.onpick = (at) => this.setPlace({ lon: at.lng, lat: at.lat, accuracy_m: 30 }, "map");
    this.tellPlace();
    if (!entry && !site) this.locate();
  }

  close() {
    this.clear();
    this.cellMap.onpick = null;
  }

  async locate() {
    const state = this.part("#report-place");
    state.textContent = this.words.locating;
    try {
      const place = await locate();
      // what was chosen on the map meanwhile holds
      if (this.place?.placed_by !== "map" && !this.section.hidden) this.setPlace(place, "phone");
      else this.tellPlace();
    } catch (error) {
      if (this.place || this.part("#report-site").value) this.tellPlace();
      else state.textContent = this.words[error.word] ?? this.words.location_failed;
    }
  }

  setPlace({ lon, lat, accuracy_m }, placedBy) {
    this.place = { lon, lat, accuracy_m, placed_by: placedBy };
    this.cellMap.setPlace(this.place);
    this.tellPlace();
  }

  tellPlace() {
    const state = this.part("#report-place");
    const site = this.part("#report-site").value;
    if (this.place?.placed_by === "map") state.textContent = this.words.picked;
    else if (this.place) {
      const text = this.place.accuracy_m > VAGUE_M ? this.words.located_roughly : this.words.located;
      state.textContent = text.replace("{m}", Math.round(this.place.accuracy_m));
    } else state.textContent = site ? this.words.at_site : this.words.no_position;
  }

  complain(text) {
    this.part("#report-wrong").textContent = text;
  }

  async submit() {
    const words = this.part("#report-words").value.trim();
    const site = this.part("#report-site").value || undefined;
    if (!words) {
      this.complain(this.words.words_missing);
      this.part("#report-words").focus();
      return;
    }
    if (!this.place && !site) {
      this.complain(this.words.no_position);
      this.part("#report-locate").focus();
      return;
    }
    const entry = {
      id: this.id ?? newId(),
      kind: "report",
      title: words.slice(0, 60),
      made_at: new Date().toISOString(),
      content: { cell: this.settings.cell, words, theme: this.part("#report-theme").value || undefined, site, ...this.place },
      photos: this.photos.photos,
    };
    try {
      await this.send(entry);
    } catch {
      this.complain(this.words.not_kept);
      return;
    }
    this.say(this.words.saved);
  }
}
