// Cutting a part in two: along a line drawn by clicks, or typed position by position. The server cuts, so that both
// pieces share their new vertices to the last digit; the line snaps to the outline's own vertices too.

import { parseLine } from "gridmap/draw_shape";

/** desk: see draw_page.js. */
export function startCut(desk) {
  const { words, fill, editor, history, byId } = desk;
  const button = byId("draw-cut");

  /** Return the nearest own vertex within some pixels, as a stored one would be. */
  function snapOwn([lon, lat], scale, reach) {
    let best = { far: reach * reach };
    for (const rings of history.now.shape) for (const ring of rings) for (const point of ring) {
      const far = ((point[0] - lon) * scale[0]) ** 2 + ((point[1] - lat) * scale[1]) ** 2;
      if (far <= best.far) best = { far, point };
    }
    return best.point ? { point: [...best.point], on: "vertex", kind: "own", name: desk.settings.title } : null;
  }

  async function cut(line) {
    if (await desk.edit({ step: "cut", line })) {
      desk.say(words.cut_done);
      return true;
    }
    return false;
  }

  desk.snapOwn = snapOwn;
  desk.sketches.cut = { least: 2, drawn: cut, hint: words.cut_hint };
  button.addEventListener("click", (event) => desk.startDrawing("cut", event.detail === 0));
  byId("draw-typed-cut").addEventListener("click", async () => {
    const field = byId("draw-typed");
    const { line, wrong } = parseLine(field.value);
    if (!line) desk.say(wrong ? fill(words.wrong_line, { n: wrong }) : words.least_two);
    else if (await cut(line)) field.value = "";
  });
  desk.watchers.push(() => {
    button.disabled = history.now.shape.length === 0;
    button.setAttribute("aria-pressed", String(editor.mode === "cut"));
  });
}
