// A state of the drawing page, as its history keeps it: { shape, sides, ground }.

import * as shapes from "gridmap/draw_shape";
import { listsOf, sidesOf } from "gridmap/draw_units";

/** Return what content draws: { shape, sides }. */
export function stateOf({ boundary, units_in: unitsIn, units_out: unitsOut }) {
  return { shape: shapes.fromGeojson(boundary), sides: sidesOf(unitsIn ?? [], unitsOut ?? []) };
}

/** Return content as the API takes it. */
export function contentOf({ shape, sides }) {
  const { unitsIn, unitsOut } = listsOf(sides);
  return { boundary: shapes.toGeojson(shape), units_in: unitsIn, units_out: unitsOut };
}

/** Return what states drawn on a revision share, see draw_save.js. base: what the revision drew, null when not known. */
export function ground(revision, base, { held = false } = {}) {
  const kept = base && { boundary: base.boundary, units_in: base.units_in, units_out: base.units_out };
  return { revision, base: kept, held, conflict: null, stopped: null };
}
