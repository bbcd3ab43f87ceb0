// The photos of a form: chosen, made smaller, shown, taken out again.

import { h } from "gridmap/dom";
import { prepare } from "gridmap/photos";

/** At most so many photos. input, list: elements; complain(text): where mistakes are told; changed(): after each change. */
export class PhotoPicker {
  constructor({ input, list, most, words, complain, changed = () => {} }) {
    Object.assign(this, { input, list, most, words, complain, changed, photos: [] });
    input.addEventListener("change", () => this.add());
  }

  set(photos) {
    this.photos = photos;
    this.show();
  }

  async add() {
    this.complain("");
    for (const file of this.input.files) {
      if (this.photos.length >= this.most) {
        this.complain(this.words.photo_many);
        break;
      }
      try {
        this.photos.push(await prepare(file));
      } catch (error) {
        this.complain((this.words[error.word] ?? this.words.photo_wrong).replace("{name}", file.name));
      }
    }
    this.input.value = "";
    this.show();
    this.changed();
  }

  remove(index) {
    this.photos.splice(index, 1);
    this.show();
    this.input.focus();
    this.changed();
  }

  show() {
    for (const old of this.addresses ?? []) URL.revokeObjectURL(old);
    this.addresses = this.photos.map((photo) => URL.createObjectURL(new Blob([photo.buffer], { type: photo.type })));
    this.list.replaceChildren(...this.photos.map((photo, index) =>
      h("li", {},
        h("img", { src: this.addresses[index], alt: photo.name, width: 72, height: 72 }),
        h("button", {
          type: "button", "aria-label": this.words.photo_remove.replace("{name}", photo.name),
          onclick: () => this.remove(index),
        }, "×"))));
  }
}
