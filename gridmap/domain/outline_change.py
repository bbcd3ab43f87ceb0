"""Where two outlines of an area differ: outside of the boxes both run along the same lines and cover the same land."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import shapely

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north; metres."""

_MOST_BOXES = 32
"""So many places are told apart; what differs in more of them is one box: there is little to save then."""

# odd and without pattern: what they make of four numbers is told apart well enough to look them up by
_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64
)


def changed_boxes(before: shapely.Geometry | None, after: shapely.Geometry | None) -> list[Box]:
    """Return boxes that hold every line, from vertex to vertex, which only one of two areas has; no two boxes touch.

    before, after: Polygon or MultiPolygon in one projected CRS, None for no area. Whatever only one of the areas covers
    lies in the boxes too: it is bounded by such lines, and those about one piece of land cross or meet.
    """
    first, second = _without_common_ends(_lines(before), _lines(after))
    apart = np.concatenate([first[~_among(first, second)], second[~_among(second, first)]])
    if not len(apart):
        return []
    west, east = np.minimum(apart[:, 0], apart[:, 2]), np.maximum(apart[:, 0], apart[:, 2])
    south, north = np.minimum(apart[:, 1], apart[:, 3]), np.maximum(apart[:, 1], apart[:, 3])
    return _merged(np.stack([west, south, east, north], axis=1))


def _lines(area: shapely.Geometry | None) -> Array:
    """Return the lines of an area, (n, 4), each from its lesser end to its greater."""
    if area is None or area.is_empty:
        return np.empty((0, 4))
    coordinates, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(area)), return_index=True)
    follows = ring[:-1] == ring[1:]
    start, end = coordinates[:-1][follows], coordinates[1:][follows]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap].copy()
    return np.concatenate([start, end], axis=1)


def _without_common_ends(first: Array, second: Array) -> tuple[Array, Array]:
    """Leave out what both begin and end with: after a vertex was moved, nearly all of it."""
    shorter = min(len(first), len(second))
    begin = _common(first[:shorter], second[:shorter])
    shorter -= begin
    end = _common(first[::-1][:shorter], second[::-1][:shorter])
    return first[begin : len(first) - end], second[begin : len(second) - end]


def _common(first: Array, second: Array) -> int:
    """Return with how many equal rows two arrays of one length begin."""
    differ = np.flatnonzero((first != second).any(axis=1))
    return int(differ[0]) if len(differ) else len(first)


def _among(lines: Array, others: Array) -> Array:
    """Tell which lines are among others, to the last bit. Others of one hash hide each other: that errs safely."""
    if not len(others):
        return np.zeros(len(lines), dtype=bool)
    hashes = _hashes(others)
    order = np.argsort(hashes)
    place = np.searchsorted(hashes[order], _hashes(lines)).clip(max=len(others) - 1)
    found: Array = (others[order[place]] == lines).all(axis=1)
    return found


def _hashes(lines: Array) -> Array:
    # -0.0 and 0.0 are one place
    numbers = np.ascontiguousarray(lines + 0.0).view(np.uint64)
    hashes: Array = ((numbers ^ (numbers >> np.uint64(29))) * _MULTIPLIERS).sum(axis=1, dtype=np.uint64)
    return hashes


def _merged(boxes: Array) -> list[Box]:
    """Return boxes that hold these, those that touch made one, until none do."""
    while True:
        tree = shapely.STRtree(shapely.box(*boxes.T))
        pairs = tree.query(tree.geometries, predicate="intersects")
        group = _groups(len(boxes), pairs)
        joined = np.stack([
            np.array([boxes[group == number, side].min() if side < 2 else boxes[group == number, side].max()
                      for side in range(4)])
            for number in np.unique(group)
        ])  # fmt: skip
        if len(joined) > _MOST_BOXES:
            joined = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])[np.newaxis]
        if len(joined) == len(boxes):
            return [(float(west), float(south), float(east), float(north)) for west, south, east, north in joined]
        boxes = joined


def _groups(number: int, pairs: Array) -> Array:
    """Return for each of so many things the least thing that it hangs together with."""
    group = np.arange(number)
    while True:
        lower = group.copy()
        np.minimum.at(lower, pairs[0], group[pairs[1]])
        lower = lower[lower]
        if (lower == group).all():
            return group
        group = lower
