// What a draft draws, as plain arrays: [part][ring][vertex] = [lon, lat] in degrees. Rings are open (the first vertex is
// not repeated), ring 0 is the outline of its part, the others are holes. No function changes what it was given: each
// returns a new shape that shares what stayed the same, so that hundreds of steps of the history cost little.

import { onEdge } from "gridmap/draw_edge";

const METRES_PER_DEGREE = 111_320;
const LEAST = 3;

/** Return the shape of a GeoJSON Polygon or MultiPolygon; of null an empty one. */
export function fromGeojson(geometry) {
  if (!geometry) return [];
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return parts.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([lon, lat]) => [lon, lat])));
}

/** Return a shape as GeoJSON with closed rings; an empty one is null: the draft then draws by units alone. */
export function toGeojson(shape) {
  if (shape.length === 0) return null;
  return { type: "MultiPolygon", coordinates: shape.map((rings) => rings.map((ring) => [...ring, ring[0]])) };
}

export function ringOf(shape, at) {
  return shape[at.part]?.[at.ring];
}

/** Return a vertex; its number may run over the end of the ring on either side. */
export function vertexOf(shape, at) {
  const ring = ringOf(shape, at);
  return ring?.[(at.vertex + ring.length) % ring.length];
}

export function countVertices(shape) {
  return shape.reduce((sum, rings) => sum + rings.reduce((n, ring) => n + ring.length, 0), 0);
}

function withRing(shape, at, ring) {
  return shape.map((rings, p) => (p === at.part ? rings.map((old, r) => (r === at.ring ? ring : old)) : rings));
}

export function moveVertex(shape, at, point) {
  const ring = ringOf(shape, at).slice();
  ring[at.vertex] = point;
  return withRing(shape, at, ring);
}

/** Insert a vertex after another. */
export function insertVertex(shape, at, point) {
  const ring = ringOf(shape, at).slice();
  ring.splice(at.vertex + 1, 0, point);
  return withRing(shape, at, ring);
}

/** Return the middle between a vertex and the next one: on the edge, so that a vertex put there changes nothing. */
export function middleAfter(shape, at) {
  return onEdge(vertexOf(shape, at), vertexOf(shape, { ...at, vertex: at.vertex + 1 }), 0.5);
}

/** Delete a vertex; null when the ring would have no area left. */
export function deleteVertex(shape, at) {
  const ring = ringOf(shape, at);
  return ring.length > LEAST ? withRing(shape, at, ring.filter((_vertex, v) => v !== at.vertex)) : null;
}

/** Delete a hole, or with its outline (ring 0) a whole part. */
export function removeRing(shape, at) {
  if (at.ring === 0) return shape.filter((_rings, p) => p !== at.part);
  return shape.map((rings, p) => (p === at.part ? rings.filter((_ring, r) => r !== at.ring) : rings));
}

/** Return a shape in which parts that are the same as before are the same arrays: the history shares them. */
export function withKept(shape, before) {
  const kept = new Map(before.map((rings) => [JSON.stringify(rings), rings]));
  return shape.map((rings) => kept.get(JSON.stringify(rings)) ?? rings);
}

export function addPart(shape, ring) {
  return [...shape, [ring]];
}

/** Add a hole to the part that its vertices lie in; null when no part holds them all. */
export function addHole(shape, ring) {
  const part = shape.findIndex((rings) => ring.every((point) => inPart(rings, point)));
  return part < 0 ? null : shape.map((rings, p) => (p === part ? [...rings, ring] : rings));
}

/** Say whether a point lies in a part and in none of its holes. */
export function inPart(rings, point) {
  return inRing(rings[0], point) && !rings.slice(1).some((hole) => inRing(hole, point));
}

function inRing(ring, [x, y]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Return a point moved by metres to the east and to the north; seven decimals are a centimetre. */
export function nudge([lon, lat], east, north) {
  const round = (value) => Math.round(value * 1e7) / 1e7;
  const perLon = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return [east ? round(lon + east / perLon) : lon, north ? round(lat + north / METRES_PER_DEGREE) : lat];
}

/** Return [west, south, east, north], or null for an empty shape. */
export function boundsOf(shape) {
  let found = null;
  for (const [outline] of shape) {
    for (const [lon, lat] of outline) {
      found ??= [lon, lat, lon, lat];
      found = [Math.min(found[0], lon), Math.min(found[1], lat), Math.max(found[2], lon), Math.max(found[3], lat)];
    }
  }
  return found;
}

function side(a, b, c) {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function cross(a, b, c, d) {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Say whether an edge at a vertex crosses any other edge: what a change of one vertex can spoil. O(vertices). */
export function crossesAt(shape, at) {
  const here = vertexOf(shape, at);
  const ends = [vertexOf(shape, { ...at, vertex: at.vertex - 1 }), vertexOf(shape, { ...at, vertex: at.vertex + 1 })];
  return shape.some((rings) => rings.some((ring) => ring.some((a, v) => {
    const b = ring[(v + 1) % ring.length];
    return ends.some((end) => cross(here, end, a, b));
  })));
}

/** Say whether a ring crosses itself: for rings drawn anew, which have few vertices. */
export function crossesItself(ring) {
  return ring.some((_vertex, v) => crossesAt([[ring]], { part: 0, ring: 0, vertex: v }));
}

/** Read typed positions of a line, as parseRing does those of a ring: { line } or { wrong: number of the row }. */
export function parseLine(text) {
  const rows = text.split("\n").map((row, n) => [row.trim(), n + 1]).filter(([row]) => row);
  const points = rows.map(([row]) => row.split(/[\s,，;]+/).filter(Boolean).map(Number));
  const bad = points.findIndex((point) => point.length !== 2 || !point.every(Number.isFinite));
  if (bad >= 0) return { wrong: rows[bad][1] };
  return points.length < 2 ? { wrong: 0 } : { line: points };
}

/**
 * Read typed positions: one "longitude latitude" a line, with comma, space or tab between.
 * Returns { ring } or { line }: the number of the line that is not understood (0: fewer than three lines).
 */
export function parseRing(text) {
  const rows = text.split("\n").map((row, n) => [row.trim(), n + 1]).filter(([row]) => row);
  const ring = [];
  for (const [row, line] of rows) {
    const point = row.split(/[\s,，;]+/).filter(Boolean).map(Number);
    if (point.length !== 2 || !point.every(Number.isFinite)) return { line };
    ring.push(point);
  }
  const [first, last] = [ring[0], ring[ring.length - 1]];
  if (ring.length > LEAST && first[0] === last[0] && first[1] === last[1]) ring.pop();
  return ring.length < LEAST ? { line: 0 } : { ring };
}
