// Cutting a part in two, or having its outline follow a line: drawn by clicks, or typed position by position. The server
// cuts, so that both pieces share their new vertices to the last digit; the line snaps to the outline's own vertices too.

import { parseLine } from "gridmap/draw_shape";

/** desk: see draw_page.js. */
export function startCut(desk) {
  const { words, fill, editor, history, byId } = desk;

  /** Return the nearest own vertex within some pixels, as a stored one would be. */
  function snapOwn([lon, lat], scale, reach) {
    let best = { far: reach * reach };
    for (const rings of history.now.shape) for (const ring of rings) for (const point of ring) {
      const far = ((point[0] - lon) * scale[0]) ** 2 + ((point[1] - lat) * scale[1]) ** 2;
      if (far <= best.far) best = { far, point };
    }
    return best.point ? { point: [...best.point], on: "vertex", kind: "own", name: desk.settings.title } : null;
  }

  desk.snapOwn = snapOwn;
  for (const step of ["cut", "reshape"]) tool(step);

  function tool(step) {
    const button = byId(`draw-${step}`);

    async function apply(line) {
      if (!(await desk.edit({ step, line }))) return false;
      desk.say(words[`${step}_done`]);
      return true;
    }

    desk.sketches[step] = { least: 2, drawn: apply, hint: words[`${step}_hint`] };
    button.addEventListener("click", (event) => desk.startDrawing(step, event.detail === 0));
    byId(`draw-typed-${step}`).addEventListener("click", async () => {
      const field = byId("draw-typed");
      const { line, wrong } = parseLine(field.value);
      if (!line) desk.say(wrong ? fill(words.wrong_line, { n: wrong }) : words.least_two);
      else if (await apply(line)) field.value = "";
    });
    desk.watchers.push(() => {
      button.disabled = history.now.shape.length === 0;
      button.setAttribute("aria-pressed", String(editor.mode === step));
    });
  }
}
