"""The lines of a boundary that can be nearest to some point of a 1 km square: all that nearness there has to ask."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import shapely

from gridmap.domain import grid

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_SLACK_M = 0.01
"""Distances are compared with this much to spare: one line too many does no harm, one too few does."""


def near_edges(lines: Sequence[shapely.LineString], keys: Sequence[int], reach_m: float) -> list[shapely.Geometry]:
    """Return for each square (key) a MultiLineString of the boundary's lines, whole from vertex to vertex.

    For every point of the square that has the boundary within reach_m metres, the nearest place of the boundary is on
    the lines returned, each running in the direction it has in `lines` (EPSG:4547): so distances are the same to the
    last bit. What is farther from the whole square than some other line is from each of its points is left out.
    """
    coordinates, of_line = shapely.get_coordinates(lines, return_index=True)
    starts = np.flatnonzero(of_line[:-1] == of_line[1:])
    if not len(starts) or not len(keys):
        return [shapely.MultiLineString() for _ in keys]
    edges = shapely.linestrings(np.stack([coordinates[starts], coordinates[starts + 1]], axis=1))
    boxes = shapely.box(*np.array([grid.bounds(key) for key in keys]).T)
    which, candidate = shapely.STRtree(edges).query(boxes, predicate="dwithin", distance=reach_m + _SLACK_M)
    nearest = shapely.distance(boxes[which], edges[candidate])
    # no point of a square is farther from a line than one of its corners is
    corners = shapely.points(shapely.get_coordinates(boxes).reshape(-1, 5, 2)[:, :4])
    farthest = shapely.distance(corners[which], edges[candidate][:, np.newaxis]).max(axis=1)
    enough = np.full(len(keys), np.inf)
    np.minimum.at(enough, which, farthest)
    needed = nearest <= enough[which] + _SLACK_M
    which, vertex = which[needed], starts[candidate[needed]]
    order = np.lexsort((vertex, which))
    which, vertex = which[order], vertex[order]
    bounds = np.searchsorted(which, np.arange(len(keys) + 1))
    return [_joined(coordinates, vertex[low:high]) for low, high in pairwise(bounds)]


def _joined(coordinates: Array, starts: Array) -> shapely.Geometry:
    """Return lines given by where they start among the coordinates, those that follow each other in one."""
    runs = np.split(starts, np.flatnonzero(np.diff(starts) > 1) + 1) if len(starts) else []
    return shapely.MultiLineString([coordinates[run[0] : run[-1] + 2] for run in runs])
