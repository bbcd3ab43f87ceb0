"""A square of a boundary in 64 parts of 125 m: most lie wholly inside or wholly outside, and need no geometry asked."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.domain import grid

SIDES = 8
"""Parts along one side of a square; gridmap.cell_part_m() counts them from the south-west, eastward first."""

_SLACK_M = 0.001
"""A boundary that misses a part by less counts as touching it: rounding may place a site just across an edge."""


def square_parts(key: int, piece: shapely.MultiPolygon) -> tuple[int, int]:
    """Return two sets of parts, as bits of signed 64-bit numbers: those wholly inside, those the boundary touches.

    piece: what the area is in the square (see gridmap.domain.zone_cover), in metres.
    """
    west, south, _, _ = grid.bounds(key)
    size = grid.CELL_M / SIDES
    north_steps, east_steps = np.divmod(np.arange(SIDES * SIDES), SIDES)
    x, y = west + east_steps * size, south + north_steps * size
    boxes = shapely.box(x - _SLACK_M, y - _SLACK_M, x + size + _SLACK_M, y + size + _SLACK_M)
    touched = np.zeros(SIDES * SIDES, dtype=bool)
    for ring in shapely.get_rings(shapely.get_parts(piece)):
        nodes = shapely.get_coordinates(ring)
        lines = shapely.linestrings(np.stack([nodes[:-1], nodes[1:]], axis=1))
        touched[shapely.STRtree(boxes).query(lines, predicate="intersects")[1]] = True
    # a line that is a mere point is none to the tree: its neighbours touch what it touches
    shapely.prepare(piece)
    inside = ~touched & shapely.intersects(piece, shapely.points(x + size / 2, y + size / 2))
    return _bits(inside), _bits(touched)


def _bits(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return int(np.packbits(chosen, bitorder="little").view(np.int64)[0])
