// A line drawn freehand around villages, townships or the pieces of land shown: all within go to one side in one step.
// By keyboard the same is done in the lists, which have a filter.

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
  let drawn = null;

  function turn(on) {
    editor.paused = on;
    button.setAttribute("aria-pressed", String(on));
    map.dragging[on ? "disable" : "enable"]();
    box.classList.toggle("drawing", on);
    box.style.touchAction = on ? "none" : "";
    drawn = null;
    line.setLatLngs([]);
    editor.showHandles();
    desk.say(on ? words.lasso_hint : "");
  }

  const pointOf = (event) => {
    const { lat, lng } = map.mouseEventToLatLng(event);
    return [lng, lat];
  };

  function press(event) {
    if (!editor.paused || !event.isPrimary || event.button > 0 || event.target.closest(".leaflet-control")) return;
    event.stopPropagation();
    box.setPointerCapture(event.pointerId);
    drawn = { points: [pointOf(event)], at: [event.clientX, event.clientY] };
  }

  function move(event) {
    if (!drawn) return;
    event.stopPropagation();
    if (Math.hypot(event.clientX - drawn.at[0], event.clientY - drawn.at[1]) < APART_PX) return;
    drawn.at = [event.clientX, event.clientY];
    drawn.points.push(pointOf(event));
    line.setLatLngs(drawn.points.map(([lon, lat]) => [lat, lon]));
  }

  function release(event) {
    if (!drawn) return;
    event.stopPropagation();
    const { points } = drawn;
    const whole = event.type === "pointerup" && points.length >= 3;
    turn(false);
    if (whole) take(points);
  }

  function take(ring) {
    if (what.value === "land") {
      desk.lassoed(ring, side.value === "none" ? "out" : side.value);
      return;
    }
    const length = what.value === "township" ? 9 : 12;
    const found = units.units.filter(({ code, lon, lat }) => code.length === length && Number.isFinite(lon) && inPart([ring], [lon, lat]));
    if (!found.length) {
      desk.say(words.lasso_none);
      return;
    }
    const sides = new Map(history.now.sides);
    for (const { code } of found) {
      if (side.value === "none") sides.delete(code);
      else sides.set(code, side.value);
    }
    desk.step({ ...history.now, sides });
    units.setSides(sides);
    desk.say(fill(words.lassoed, { n: found.length, side: words[`side_${side.value}`] }));
  }

  button.addEventListener("click", () => turn(!editor.paused));
  box.addEventListener("pointerdown", press, true);
  box.addEventListener("pointermove", move, true);
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, release, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && editor.paused) turn(false); });
}
