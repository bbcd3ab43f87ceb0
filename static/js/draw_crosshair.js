// Drawing by keyboard: while something is drawn and the map has the focus, a crosshair goes with the arrow keys, Space
// puts a corner there (snapped as a click would be), Backspace takes the last one back, Enter ends, Escape gives up.

import { h } from "gridmap/dom";

const STEP_PX = 4;
const MARGIN_PX = 40;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** desk: see draw_page.js. */
export function startCrosshair(desk) {
  const { words, fill, editor, map } = desk;
  const box = map.getContainer();
  const mark = h("div", { class: "draw-crosshair", "aria-hidden": "true", hidden: true });
  box.append(mark);
  let at = null;

  function show() {
    const on = Boolean(editor.mode && at);
    mark.hidden = !on;
    if (on) Object.assign(mark.style, { left: `${at.x}px`, top: `${at.y}px` });
  }

  function hide() {
    if (!at) return;
    at = null;
    show();
  }

  function begin() {
    const { x, y } = map.getSize();
    at ??= { x: Math.round(x / 2), y: Math.round(y / 2) };
    show();
  }

  const place = () => editor.placeOf(map.containerPointToLatLng([at.x, at.y]), false);

  function move([dx, dy], pixels) {
    at = { x: at.x + dx * pixels, y: at.y + dy * pixels };
    const size = map.getSize();
    const over = (value, most) => Math.min(0, value - MARGIN_PX) + Math.max(0, value - most + MARGIN_PX);
    const [east, south] = [over(at.x, size.x), over(at.y, size.y)];
    if (east || south) {
      map.panBy([east, south], { animate: false });
      at = { x: at.x - east, y: at.y - south };
    }
    show();
    editor.showSketch(place());
  }

  function put() {
    const [lon, lat] = place();
    const before = editor.sketch.length;
    editor.add([lon, lat]);
    if (!editor.mode || editor.sketch.length === before) return;
    const near = desk.units.nearest([lon, lat]);
    const where = { n: editor.sketch.length, lon: lon.toFixed(5), lat: lat.toFixed(5) };
    desk.say(fill(near ? words.corner_near : words.corner, { ...where, name: near?.name }));
  }

  function back() {
    editor.back();
    editor.showSketch(place());
    desk.say(fill(words.corners_left, { n: editor.sketch.length }));
  }

  box.addEventListener("keydown", (event) => {
    if (!editor.mode || event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow && ![" ", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation(); // the map stands still, the crosshair goes
    begin();
    if (arrow) move(arrow, STEP_PX * (event.shiftKey ? 10 : 1));
    else if (event.key === " ") put();
    else back();
  }, true);
  box.addEventListener("pointermove", hide);
  box.addEventListener("pointerdown", hide);
  box.addEventListener("blur", hide);
  desk.watchers.push(() => {
    if (!editor.mode) hide();
    else if (document.activeElement === box && box.matches(":focus-visible")) begin();
  });
}
