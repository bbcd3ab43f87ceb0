// The form by which a finding is reported: words, kind, site, place, photos.

import { h } from "gridmap/dom";
import { newId } from "gridmap/entries";
import { MOST, prepare } from "gridmap/photos";
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
    this.clear();
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.part("#report-locate").addEventListener("click", () => this.locate());
    this.part("#report-photos").addEventListener("change", (event) => this.addPhotos(event.target));
    this.part("#report-site").addEventListener("change", () => this.tellPlace());
  }

  part(selector) {
    return this.form.querySelector(selector);
  }

  clear() {
    this.form.reset();
    this.photos = [];
    this.place = null;
    this.id = null;
    this.complain("");
    this.showPhotos();
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
      this.photos = entry.photos ?? [];
      this.showPhotos();
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

  async addPhotos(input) {
    this.complain("");
    for (const file of input.files) {
      if (this.photos.length >= MOST) {
        this.complain(this.words.photo_many);
        break;
      }
      try {
        this.photos.push(await prepare(file));
      } catch (error) {
        this.complain((this.words[error.word] ?? this.words.photo_wrong).replace("{name}", file.name));
      }
    }
    input.value = "";
    this.showPhotos();
  }

  showPhotos() {
    for (const old of this.addresses ?? []) URL.revokeObjectURL(old);
    this.addresses = this.photos.map((photo) => URL.createObjectURL(new Blob([photo.buffer], { type: photo.type })));
    this.part("#report-previews").replaceChildren(...this.photos.map((photo, index) =>
      h("li", {},
        h("img", { src: this.addresses[index], alt: photo.name, width: 72, height: 72 }),
        h("button", {
          type: "button", "aria-label": this.words.photo_remove.replace("{name}", photo.name),
          onclick: () => { this.photos.splice(index, 1); this.showPhotos(); this.part("#report-photos").focus(); },
        }, "×"))));
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
      photos: this.photos,
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
