// Snapping: the nearest stored vertex, else the nearest place on a stored edge, within some pixels. A vertex is taken
// exactly as it is stored, never as it is drawn, so that neighbours share it to the last digit.

import { onEdge } from "gridmap/draw_edge";

const CELL = 0.01; // degrees, about a kilometre

function keyOf(x, y) {
  return x * 100_000 + y;
}

export class SnapIndex {
  /** lines: [[kind, name, [[lon, lat], …]], …]. */
  constructor(lines = []) {
    this.cells = new Map();
    for (const [kind, name, points] of lines) this.add(kind, name, points);
  }

  add(kind, name, points) {
    for (let i = 1; i < points.length; i += 1) {
      const edge = { a: points[i - 1], b: points[i], kind, name };
      const [x0, x1] = [edge.a[0], edge.b[0]].sort((m, n) => m - n).map((value) => Math.floor(value / CELL));
      const [y0, y1] = [edge.a[1], edge.b[1]].sort((m, n) => m - n).map((value) => Math.floor(value / CELL));
      for (let x = x0; x <= x1; x += 1) for (let y = y0; y <= y1; y += 1) this.put(keyOf(x, y), edge);
    }
  }

  put(key, edge) {
    const cell = this.cells.get(key);
    if (cell) cell.push(edge);
    else this.cells.set(key, [edge]);
  }

  /**
   * Return { point, on: "vertex" | "edge", kind, name } or null.
   * scale: pixels per degree to the east and to the north there ([x, y]); reach: pixels; kinds: those asked (Set) or null.
   */
  nearest([lon, lat], scale, reach, kinds = null) {
    const [dx, dy] = [reach / scale[0], reach / scale[1]];
    let vertex = { far: reach * reach };
    let edge = { far: reach * reach };
    const look = (found) => {
      if (kinds && !kinds.has(found.kind)) return;
      const [ax, ay, bx, by] = [
        (found.a[0] - lon) * scale[0], (found.a[1] - lat) * scale[1], (found.b[0] - lon) * scale[0], (found.b[1] - lat) * scale[1],
      ];
      if (ax * ax + ay * ay <= vertex.far) vertex = { far: ax * ax + ay * ay, point: found.a, found };
      if (bx * bx + by * by <= vertex.far) vertex = { far: bx * bx + by * by, point: found.b, found };
      const long = (bx - ax) ** 2 + (by - ay) ** 2;
      if (long === 0) return;
      const t = Math.min(1, Math.max(0, -(ax * (bx - ax) + ay * (by - ay)) / long));
      const far = (ax + t * (bx - ax)) ** 2 + (ay + t * (by - ay)) ** 2;
      if (far <= edge.far) edge = { far, t, found };
    };
    for (let x = Math.floor((lon - dx) / CELL); x <= Math.floor((lon + dx) / CELL); x += 1) {
      for (let y = Math.floor((lat - dy) / CELL); y <= Math.floor((lat + dy) / CELL); y += 1) {
        for (const found of this.cells.get(keyOf(x, y)) ?? []) look(found);
      }
    }
    if (vertex.found) return { point: [...vertex.point], on: "vertex", kind: vertex.found.kind, name: vertex.found.name };
    if (!edge.found) return null;
    const { a, b, kind, name } = edge.found;
    return { point: onEdge(a, b, edge.t), on: "edge", kind, name };
  }
}
