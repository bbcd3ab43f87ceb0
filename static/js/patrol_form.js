// The form by which a round is told of: squares chosen on the map or in the list, or a track while the page is open.

import { keep, find, forget, newId } from "gridmap/entries";
import { follow } from "gridmap/place";

const BEST_TRACK = 5000;

export class PatrolForm {
  constructor(section, { settings, cellMap, send, say }) {
    this.section = section;
    this.form = section.querySelector("form");
    this.words = settings.words;
    this.settings = settings;
    this.cellMap = cellMap;
    this.send = send;
    this.say = say;
    this.points = [];
    this.stop = null;
    // a track survives the page being closed: it waits under a key of its own until the round is told of
    this.draft = `track:${settings.account}:${settings.cell}`;
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener("change", (event) => { if (event.target.name === "square") this.fromList(); });
    this.part("#round-track").addEventListener("click", () => (this.stop ? this.stopTrack() : this.startTrack()));
  }

  part(selector) {
    return this.form.querySelector(selector);
  }

  boxes() {
    return [...this.form.querySelectorAll("[name=square]")];
  }

  async open() {
    this.cellMap.choose((chosen) => {
      for (const box of this.boxes()) box.checked = chosen.has(box.value);
      this.tell();
    });
    this.fromList();
    const draft = await find(this.draft).catch(() => null);
    if (draft && this.points.length === 0) this.points = draft.points;
    this.cellMap.setTrack(this.points);
    this.tell();
  }

  close() {
    this.stopTrack();
    this.cellMap.choose(null);
    this.cellMap.setTrack([]);
    this.part("#round-wrong").textContent = "";
  }

  fromList() {
    this.cellMap.setChosen(this.boxes().filter((box) => box.checked).map((box) => box.value));
    this.tell();
  }

  tell() {
    const parts = [this.words.squares_chosen.replace("{n}", this.cellMap.chosen.size)];
    if (this.points.length) parts.push(this.words.points.replace("{n}", this.points.length));
    if (this.stop) parts.push(this.words.tracking);
    this.part("#round-state").textContent = parts.join(" · ");
    const button = this.part("#round-track");
    button.textContent = this.stop ? this.words.track_stop : this.words.track_start;
    button.setAttribute("aria-pressed", String(Boolean(this.stop)));
  }

  startTrack() {
    this.stop = follow(
      (point) => {
        if (this.points.length >= BEST_TRACK) return;
        this.points.push(point);
        this.cellMap.setTrack(this.points);
        keep({ id: this.draft, account: "", made_at: point.at, points: this.points }).catch(() => null);
        this.tell();
      },
      (word) => { this.part("#round-wrong").textContent = this.words[word]; },
    );
    if (!this.stop) this.part("#round-wrong").textContent = this.words.location_missing;
    this.tell();
  }

  stopTrack() {
    this.stop?.();
    this.stop = null;
    this.tell();
  }

  async submit() {
    const squares = [...this.cellMap.chosen];
    if (squares.length === 0 && this.points.length === 0) {
      this.part("#round-wrong").textContent = this.words.nothing_patrolled;
      return;
    }
    const entry = {
      id: newId(),
      kind: "patrol",
      title: this.words.squares_chosen.replace("{n}", squares.length),
      made_at: new Date().toISOString(),
      content: {
        cell: this.settings.cell, squares, points: this.points, with_roads: this.part("#round-roads").checked,
        note: this.part("#round-note").value.trim() || undefined,
      },
    };
    try {
      await this.send(entry);
    } catch {
      this.part("#round-wrong").textContent = this.words.not_kept;
      return;
    }
    this.points = [];
    this.form.reset();
    await forget(this.draft).catch(() => null);
    this.say(this.words.saved);
  }
}
