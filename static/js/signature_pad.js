// A signature drawn with a finger, a pen or a mouse, as PNG.

/** Draws on a canvas. changed(): after each stroke. */
export class SignaturePad {
  constructor(canvas, changed = () => {}) {
    this.canvas = canvas;
    this.changed = changed;
    this.context = canvas.getContext("2d");
    this.clear();
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => this.end());
  }

  clear() {
    this.context.fillStyle = "#fff";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.isDrawn = false;
    this.last = null;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      (event.clientX - box.left) * this.canvas.width / box.width,
      (event.clientY - box.top) * this.canvas.height / box.height,
    ];
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.line(this.last);
  }

  draw(event) {
    if (this.last) this.line(this.at(event));
  }

  line(to) {
    const { context } = this;
    Object.assign(context, { strokeStyle: "#111", lineWidth: 4, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(...this.last);
    context.lineTo(to[0] + 0.1, to[1]); // a tap alone leaves a dot
    context.stroke();
    this.last = to;
    this.isDrawn = true;
  }

  end() {
    if (this.last) this.changed();
    this.last = null;
  }

  /** Return what was drawn as PNG bytes, or null. */
  async read() {
    if (!this.isDrawn) return null;
    const blob = await new Promise((resolve) => { this.canvas.toBlob(resolve, "image/png"); });
    return blob ? blob.arrayBuffer() : null;
  }

  /** Draw kept bytes again. */
  async write(buffer) {
    const picture = await createImageBitmap(new Blob([buffer], { type: "image/png" }));
    this.context.drawImage(picture, 0, 0);
    picture.close();
    this.isDrawn = true;
  }
}
