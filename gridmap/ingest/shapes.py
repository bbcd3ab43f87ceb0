"""Geometry helpers of the loader: projections, EWKB, far corners and legible spreads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from gridmap import geo

Array = npt.NDArray[Any]


@cache
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def to_metres(geoms: Any) -> Any:
    """Project geometries (one or an array) from EPSG:4490 to EPSG:4547."""
    forward = _transformer(geo.SRID_STORAGE, geo.SRID_METRES)
    return shapely.transform(geoms, forward.transform, interleaved=False)


def to_degrees(geoms: Any) -> Any:
    """Project geometries (one or an array) from EPSG:4547 to EPSG:4490."""
    back = _transformer(geo.SRID_METRES, geo.SRID_STORAGE)
    return shapely.transform(geoms, back.transform, interleaved=False)


def multi(geom: BaseGeometry) -> BaseGeometry:
    """Return a polygon or line as its Multi type, others unchanged."""
    if geom.geom_type == "Polygon":
        return MultiPolygon([geom])
    return MultiLineString([geom]) if geom.geom_type == "LineString" else geom


def ewkb(geom: BaseGeometry | None) -> str | None:
    """Return a geometry of EPSG:4490 as hex EWKB for COPY."""
    if geom is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(geom, geo.SRID_STORAGE), hex=True, include_srid=True))


def farthest_m(points: Array, area: BaseGeometry) -> Array:
    """Return for each point (n × 2, metres) the distance to the farthest point of an area in metres.

    The farthest point of an area is a corner of its convex hull.
    """
    corners = shapely.get_coordinates(shapely.convex_hull(area))
    offsets = points[:, None, :] - corners[None, :, :]
    distances: Array = np.sqrt((offsets**2).sum(axis=2)).max(axis=1)
    return distances


def spread(area: BaseGeometry, count: int) -> Array:
    """Return count positions (n × 2, metres) inside an area, evenly apart, the same on every run.

    They serve legibility only: symbols of places known no better than the area must not sit on one another.
    """
    if count == 0:
        return np.empty((0, 2))
    inner = shapely.buffer(area, -0.05 * np.sqrt(area.area))
    if inner.is_empty or inner.area < 0.3 * area.area:
        inner = area
    shapely.prepare(inner)
    step = float(np.sqrt(inner.area / count))
    while True:
        lattice = _lattice(inner.bounds, step)
        inside = lattice[shapely.contains_xy(inner, lattice[:, 0], lattice[:, 1])]
        if len(inside) >= count:
            chosen = np.linspace(0, len(inside) - 1, count).round().astype(int) if count > 1 else [len(inside) // 2]
            return np.asarray(inside[chosen])
        step *= 0.93


def _lattice(bounds: Sequence[float], step: float) -> Array:
    """Return a triangular lattice over bounds, row by row from the south."""
    west, south, east, north = bounds
    rows = np.arange(south + step / 3, north, step * 0.866)
    columns = np.arange(west + step / 3, east + step, step)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += step / 2
    return np.column_stack([x.ravel(), y.ravel()])
