"""An area as the 1 km squares of the grid: those it fills, those its boundary touches, those its boundary is near.

In a square that the boundary touches, the area is kept as a piece. A piece keeps the boundary's own vertices and
lines wherever they touch the square and takes short cuts elsewhere, always outside the square and round it the same
way as the boundary goes. So a point of the square is in the piece exactly when it is in the area, to the last bit: no
vertex is rounded onto the edge of a square, as clipping would do. Outside its square a piece means nothing, and there
it may cross itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely

from gridmap.domain import grid

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
_Rings: TypeAlias = list[Array]  # of one polygon: outline first, then holes; each closed, (n, 2), metres

_SLACK_M = 1e-6
"""A line that misses a square by less is kept: one line too many does no harm, one too few does."""

# where a point lies about a square, anticlockwise from east; 9 is the square itself. [row + 1][column + 1]
_ABOUT = np.array([[5, 6, 7], [4, 9, 0], [3, 2, 1]])


@dataclass(frozen=True)
class Cell:
    """One square: wholly inside (is_filled), or with a piece to test, or neither: outside, but near.

    key: gridmap.domain.grid's; piece: MultiPolygon in metres, EPSG:4547; clearance_m: no boundary is nearer than that
    to any point of the square.
    """

    key: int
    is_filled: bool
    clearance_m: float
    piece: shapely.MultiPolygon | None = None


@dataclass(frozen=True)
class _Block:
    """A square of several squares: south-west corner and side in whole kilometres."""

    east: int
    north: int
    side: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        size = grid.CELL_M
        return self.east * size, self.north * size, (self.east + self.side) * size, (self.north + self.side) * size

    def quarters(self) -> Iterator[_Block]:
        half = self.side // 2
        for east in (self.east, self.east + half):
            for north in (self.north, self.north + half):
                yield _Block(east, north, half)

    def keys(self) -> Iterator[int]:
        for east in range(self.east, self.east + self.side):
            for north in range(self.north, self.north + self.side):
                yield grid.key_of(east, north)


@dataclass(frozen=True)
class _Frame:
    """The squares from a south-western to a north-eastern one, whole kilometres of their south-west corners."""

    west: int
    south: int
    east: int
    north: int

    @classmethod
    def of(cls, keys: Collection[int]) -> _Frame:
        """Return the smallest frame about some squares; of none, one that holds none."""
        places = [grid.kilometres(key) for key in keys] or [(0, 0)]
        easts, norths = zip(*places, strict=True)
        return cls(min(easts), min(norths), max(easts) if keys else -1, max(norths))

    def misses(self, block: _Block) -> bool:
        return (
            block.east > self.east
            or block.north > self.north
            or block.east + block.side <= self.west
            or block.north + block.side <= self.south
        )

    def keys(self) -> list[int]:
        easts, norths = range(self.west, self.east + 1), range(self.south, self.north + 1)
        return [grid.key_of(east, north) for east in easts for north in norths]

    def near(self, lines: Array, within_m: float) -> Array:
        """Return those lines, (n, 2, 2) metres, whose box is within so many metres of the frame."""
        low, high = lines.min(axis=1), lines.max(axis=1)
        first = np.array([self.west, self.south]) * grid.CELL_M - within_m
        last = np.array([self.east + 1, self.north + 1]) * grid.CELL_M + within_m
        close: Array = lines[(low <= last).all(axis=1) & (high >= first).all(axis=1)]
        return close


def cover(area: shapely.Geometry, reach_m: float, only: Collection[int] | None = None) -> list[Cell]:
    """Return the squares of an area (Polygon or MultiPolygon, EPSG:4547), by key.

    Squares outside are listed up to reach_m metres from the boundary; clearance_m never exceeds reach_m. only: keys of
    the squares asked for, None for all.
    """
    polygons = [
        [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(area)
    ]
    west, south, east, north = (int(bound // grid.CELL_M) for bound in shapely.bounds(area))
    side = 1
    # one square more on each side: a boundary on an edge touches the square beyond
    while side < max(east - west, north - south) + 3:
        side *= 2
    filled: list[int] = []
    pieces: dict[int, shapely.MultiPolygon] = {}
    margin = int(reach_m // grid.CELL_M) + 2
    if only is None:
        frame = _Frame(max(west - margin, 0), max(south - margin, 0), east + margin, north + margin)
    else:
        frame = _Frame.of(only)
    _divide(polygons, _Block(west - 1, south - 1, side), frame, filled, pieces)
    asked = frame.keys() if only is None else only
    cells = [Cell(key, False, 0.0, pieces[key]) for key in asked if key in pieces]
    inside = dict.fromkeys(filled, True)
    others = [key for key in asked if key not in pieces]
    for key, clearance in zip(others, _clearance(polygons, others, frame, reach_m), strict=True):
        if key in inside:
            cells.append(Cell(key, True, reach_m if clearance is None else clearance))
        elif clearance is not None:
            cells.append(Cell(key, False, clearance))
    return sorted(cells, key=lambda cell: cell.key)


def _divide(
    polygons: Sequence[_Rings],
    block: _Block,
    frame: _Frame,
    filled: list[int],
    pieces: dict[int, shapely.MultiPolygon],
) -> None:
    """Narrow the polygons to a block, then to its quarters, down to single squares, where the frame reaches."""
    if frame.misses(block):
        return
    left = []
    for rings in polygons:
        narrowed = _narrow(rings, block)
        if narrowed is True:
            filled.extend(block.keys())
            return
        if narrowed is not False:
            left.append(narrowed)
    if not left:
        return
    if block.side == 1:
        pieces[grid.key_of(block.east, block.north)] = shapely.MultiPolygon(
            [shapely.Polygon(rings[0], rings[1:]) for rings in left]
        )
        return
    for quarter in block.quarters():
        _divide(left, quarter, frame, filled, pieces)


def _narrow(rings: _Rings, block: _Block) -> _Rings | bool:
    """Return what of a polygon matters in a block; True when it fills the block, False when it misses it."""
    outline = _shorten(rings[0], block.bounds)
    if outline is False:
        return False
    holes = []
    for ring in rings[1:]:
        hole = _shorten(ring, block.bounds)
        if hole is True:
            return False
        if hole is not False:
            holes.append(hole)
    if outline is True:
        if not holes:
            return True
        corners = _corners(block.bounds)
        outline = np.array([corners[number] for number in (1, 3, 5, 7, 1)])
    return [outline, *holes]


def _shorten(ring: Array, bounds: tuple[float, float, float, float]) -> Array | bool:
    """Return a ring with short cuts where it keeps away from a box; True or False when it does all along.

    True then means that it goes round the box. The short cuts turn about the box as what they replace, counted in
    eighths of a turn: whole numbers, so that nothing is lost.
    """
    west, south, east, north = bounds
    x, y = ring[:-1, 0], ring[:-1, 1]
    to_x, to_y = ring[1:, 0], ring[1:, 1]
    touches = (
        (np.minimum(x, to_x) <= east)
        & (np.maximum(x, to_x) >= west)
        & (np.minimum(y, to_y) <= north)
        & (np.maximum(y, to_y) >= south)
    )
    dx, dy = to_x - x, to_y - y
    slack = _SLACK_M * (np.abs(dx) + np.abs(dy))
    sides = np.stack([dx * (cy - y) - dy * (cx - x) for cx in (west, east) for cy in (south, north)])
    touches &= (sides.min(axis=0) <= slack) & (sides.max(axis=0) >= -slack)
    if touches.all():
        return ring
    about = _ABOUT[1 + (y > north).astype(int) - (y < south), 1 + (x > east).astype(int) - (x < west)]
    turn = (np.roll(about, -1) - about + 3) % 8 - 3
    # half a turn: from one corner to the opposite one, past the box on one side or the other
    turn[(turn == 4) & (sides.sum(axis=0) < 0)] = -4
    turn[touches] = 0
    if not touches.any():
        return bool(turn.sum() != 0)
    first = int(np.flatnonzero(touches & ~np.roll(touches, 1))[0])
    vertices, touches, about = np.roll(ring[:-1], -first, axis=0), np.roll(touches, -first), np.roll(about, -first)
    turned = np.concatenate([[0], np.cumsum(np.roll(turn, -first))])
    # the first line touches and the last does not: each run of lines is followed by a gap
    change = np.diff(touches.astype(np.int8))
    starts = [0, *(np.flatnonzero(change == 1) + 1).tolist()]
    ends = np.flatnonzero(change == -1).tolist()
    corners = _corners(bounds)
    parts: list[Array] = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        parts.append(vertices[start : end + 2])
        following = starts[number + 1] if number + 1 < len(starts) else len(vertices)
        begin = int(about[end + 1])
        stop = begin + int(turned[following] - turned[end + 1])
        passed = range(begin + 1, stop) if stop > begin else range(begin - 1, stop, -1)
        way = [corners[step % 8] for step in passed if step % 2]
        if way:
            parts.append(np.array(way))
    shortened = np.concatenate(parts)
    # closed, and never of fewer points than a ring must have
    while (shortened[0] != shortened[-1]).any() or len(shortened) < 4:
        shortened = np.concatenate([shortened, shortened[:1]])
    return shortened


def _corners(bounds: tuple[float, float, float, float]) -> dict[int, tuple[float, float]]:
    """Return points beyond the four corners of a box, by their place about it."""
    west, south, east, north = bounds
    away = grid.CELL_M
    return {
        1: (east + away, north + away),
        3: (west - away, north + away),
        5: (west - away, south - away),
        7: (east + away, south - away),
    }


def _clearance(polygons: Sequence[_Rings], keys: Sequence[int], frame: _Frame, reach_m: float) -> list[float | None]:
    """Return how far the boundary keeps from each square, a millimetre less; None beyond reach_m metres.

    frame: holds the squares.
    """
    lines = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for rings in polygons for ring in rings], axis=0)
    tree = shapely.STRtree(shapely.linestrings(frame.near(lines, reach_m + 1)))
    found: list[float | None] = [None] * len(keys)
    if keys:
        boxes = shapely.box(*np.array([grid.bounds(key) for key in keys]).T)
        (which, _), away = tree.query_nearest(
            boxes, max_distance=reach_m + 0.01, return_distance=True, all_matches=False
        )
        for index, distance in zip(which.tolist(), away.tolist(), strict=True):
            found[index] = min(max(distance - 0.001, 0.0), reach_m)
    return found
