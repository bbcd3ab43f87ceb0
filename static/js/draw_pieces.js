// Pieces of a part that was cut share an edge. As law they are one piece of land: the server stores their union, whoever
// draws keeps the pieces. Vertices that pieces share move together, and this computer remembers the pieces of the
// revision saved last, so that they are there when the page is opened again.

import { deleteVertex, insertVertex, moveVertex, ringOf, vertexOf } from "gridmap/draw_shape";

const same = (a, b) => a[0] === b[0] && a[1] === b[1];

/** Return the numbers of the parts of which an edge is an edge of another part too, in order. */
export function touching(shape) {
  if (shape.length < 2) return [];
  const owner = new Map();
  const found = new Set();
  shape.forEach((rings, part) => rings.forEach((ring) => ring.forEach((a, n) => {
    const b = ring[(n + 1) % ring.length];
    const key = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? `${a} ${b}` : `${b} ${a}`;
    const other = owner.get(key);
    if (other === undefined) owner.set(key, part);
    else if (other !== part) found.add(other).add(part);
  })));
  return [...found].sort((a, b) => a - b);
}

/** Return where other parts have the very vertex: [{ part, ring, vertex }]. */
export function twinsOf(shape, at) {
  const point = vertexOf(shape, at);
  const found = [];
  if (shape.length > 1) shape.forEach((rings, part) => part !== at.part && rings.forEach((ring, r) => ring.forEach((other, vertex) => {
    if (same(point, other)) found.push({ part, ring: r, vertex });
  })));
  return found;
}

/** Move a vertex with those of other parts that are the same. */
export function moveTogether(shape, at, point) {
  return [at, ...twinsOf(shape, at)].reduce((moved, each) => moveVertex(moved, each, point), shape);
}

/** Insert a vertex after another, into the edge and into the same edge of other parts. */
export function insertTogether(shape, at, point) {
  const end = vertexOf(shape, { ...at, vertex: at.vertex + 1 });
  const edges = [at];
  for (const twin of twinsOf(shape, at)) {
    const { length } = ringOf(shape, twin);
    if (same(vertexOf(shape, { ...twin, vertex: twin.vertex + 1 }), end)) edges.push(twin);
    else if (same(vertexOf(shape, { ...twin, vertex: twin.vertex - 1 }), end)) edges.push({ ...twin, vertex: (twin.vertex + length - 1) % length });
  }
  return edges.reduce((longer, each) => insertVertex(longer, each, point), shape);
}

/** Delete a vertex with those of other parts that are the same; null when a ring would have no area left. */
export function deleteTogether(shape, at) {
  return [at, ...twinsOf(shape, at)].reduce((less, each) => less && deleteVertex(less, each), shape);
}

const shelfOf = (account, draft) => `gridmap-pieces:${account}:${draft}`;

/** Remember the pieces of a revision, or forget those remembered before (boundary null). */
export function keepPieces({ account, draft, revision, boundary }) {
  try {
    if (boundary) window.localStorage.setItem(shelfOf(account, draft), JSON.stringify({ revision, boundary }));
    else window.localStorage.removeItem(shelfOf(account, draft));
  } catch { /* no room: the land is saved, only its cuts are not */ }
}

/** Return { boundary } in the pieces it was saved in, { gone: true } when somebody has saved since, or {}. */
export function keptPieces({ account, draft, revision, boundary }) {
  let kept = null;
  try {
    kept = JSON.parse(window.localStorage.getItem(shelfOf(account, draft)));
  } catch { /* nothing was kept */ }
  if (!kept || !boundary) return {};
  const vertices = (found) => new Set(found.coordinates.flat(2).map(String));
  const drawn = vertices(kept.boundary);
  if (kept.revision === revision && [...vertices(boundary)].every((vertex) => drawn.has(vertex))) return { boundary: kept.boundary };
  keepPieces({ account, draft, boundary: null });
  return { gone: kept.revision < revision };
}

/** desk: see draw_page.js. Tell what shares an edge, for as long as it does. */
export function startPieces(desk) {
  const note = desk.byId("draw-touching");
  let seen = null;
  desk.watchers.push(() => {
    const { shape } = desk.history.now;
    if (shape === seen) return;
    seen = shape;
    const parts = touching(shape).map((part) => part + 1).join("、");
    note.textContent = parts ? desk.fill(desk.words.parts_touch, { parts }) : "";
  });
}
