// A loop around villages, townships or the pieces of land shown: all within go to one side in one step. Drawn freehand
// (pressed and pulled), or corner by corner with clicks or with the crosshair of the keyboard.

import { inPart } from "gridmap/draw_shape";

const L = window.L;
const APART_PX = 4;

/** desk: see draw_page.js. */
export function startLasso(desk) {
  const { words, fill, editor, history, map, units, byId } = desk;
  const button = byId("draw-lasso");
  const what = byId("draw-lasso-what");
  const side = byId("draw-lasso-side");
  const line = L.polygon([], { color: "#b71c1c", weight: 2, dashArray: "4 4", fillOpacity: 0.08, interactive: false }).addTo(map);
  const box = map.getContainer();
  const isOn = () => editor.mode === "lasso";
  let was = false;
  let drawn = null;

  const pointOf = (event) => {
    const { lat, lng } = map.mouseEventToLatLng(event);
    return [lng, lat];
  };

  function press(event) {
    if (!isOn() || !event.isPrimary || event.button > 0 || event.target.closest(".leaflet-control")) return;
    drawn = { points: [pointOf(event)], at: [event.clientX, event.clientY], pointer: event.pointerId };
  }

  function move(event) {
    if (!drawn || event.pointerId !== drawn.pointer) return;
    event.stopPropagation();
    if (Math.hypot(event.clientX - drawn.at[0], event.clientY - drawn.at[1]) < APART_PX) return;
    if (drawn.points.length === 1) box.setPointerCapture(event.pointerId);
    drawn.at = [event.clientX, event.clientY];
    drawn.points.push(pointOf(event));
    line.setLatLngs(drawn.points.map(([lon, lat]) => [lat, lon]));
  }

  function release(event) {
    if (!drawn || event.pointerId !== drawn.pointer) return;
    const { points } = drawn;
    drawn = null;
    line.setLatLngs([]);
    if (points.length === 1) return; // not pulled: the click that follows puts a corner
    editor.holdClick(); // nor does the click that ends this mean anything under it
    if (event.type !== "pointerup" || points.length < 3) return;
    editor.cancel();
    desk.showButtons();
    take(points);
  }

  function take(ring) {
    if (what.value === "land") {
      desk.lassoed(ring, side.value === "none" ? "out" : side.value);
      return;
    }
    const length = what.value === "township" ? 9 : 12;
    const found = units.units.filter(({ code, lon, lat }) => code.length === length && Number.isFinite(lon) && inPart([ring], [lon, lat]));
    if (found.length) units.setAll(found.map(({ code }) => code), side.value);
    desk.say(found.length ? fill(words.lassoed, { n: found.length, side: words[`side_${side.value}`] }) : words.lasso_none);
  }

  desk.sketches.lasso = { least: 3, free: true, drawn: take, hint: words.lasso_hint };
  button.addEventListener("click", (event) => desk.startDrawing("lasso", event.detail === 0));
  box.addEventListener("pointerdown", press, true);
  box.addEventListener("pointermove", move, true);
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, release, true);
  desk.watchers.push(() => {
    button.setAttribute("aria-pressed", String(isOn()));
    if (isOn() === was) return;
    was = isOn();
    map.dragging[was ? "disable" : "enable"]();
    box.style.touchAction = was ? "none" : "";
  });
}
