"""A plane of metres about one zone, in which straight edges stay straight, and overlays that keep stored vertices.

Degrees are scaled, not projected: an edge that is straight in degrees, as stored, is straight here too, while
a projection bends a 10 km edge by more than a metre. Widths found here are true to about half a per cent; what is
reported is measured in EPSG:4547. Overlays are made in degrees, so that untouched vertices keep every digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.ingest import shapes

METRES_PER_DEGREE = 111_194.0
GROWN_M = 0.01
"""How far a region reaches over the edges it was found between, metres, so that nothing of it is left by rounding."""

NOISE_M2 = 0.5
"""Parts and holes that an overlay leaves by rounding, square metres."""


@dataclass(frozen=True)
class Plane:
    """Metres east and north of (0, 0) by fixed factors."""

    east: float
    north: float = METRES_PER_DEGREE

    def to_plane(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry in degrees on the plane."""
        return shapely.transform(geometry, lambda found: found * (self.east, self.north))

    def area_to_plane(self, area: BaseGeometry) -> BaseGeometry:
        """Return a valid area in degrees on the plane; crossings that rounding makes of near touches are mended."""
        flat = self.to_plane(area)
        return flat if flat.is_valid else multi(polygons(shapely.make_valid(flat)))

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry of the plane in degrees."""
        return shapely.transform(geometry, lambda found: found / (self.east, self.north))

    def grow(self, region: BaseGeometry, by_m: float = GROWN_M) -> BaseGeometry:
        """Return a region in degrees made wider by metres on every side."""
        wider = shapely.buffer(self.to_plane(region), by_m, quad_segs=1, join_style="mitre", mitre_limit=3)
        return self.to_degrees(wider)


def plane_of(geometry: BaseGeometry) -> Plane:
    """Return the plane about the middle of a geometry in degrees."""
    _west, south, _east, north = geometry.bounds
    return Plane(METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2)))


def area_m2(geometry: BaseGeometry) -> float:
    """Return the area of a geometry in degrees, square metres in EPSG:4547."""
    return float(shapes.to_metres(geometry).area)


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons of any geometry; lines and points have none."""
    if geometry.geom_type in ("MultiPolygon", "GeometryCollection"):
        return [found for part in geometry.geoms for found in polygons(part)]
    return [geometry] if geometry.geom_type == "Polygon" and not geometry.is_empty else []


def multi(parts: Iterable[Polygon]) -> MultiPolygon:
    """Return polygons as one MultiPolygon."""
    return MultiPolygon(list(parts))


def union(geometries: Iterable[BaseGeometry]) -> BaseGeometry:
    """Return the union of areas; an empty MultiPolygon of none."""
    return multi(polygons(shapely.union_all([found for found in geometries if not found.is_empty])))


def even_odd(geometry: BaseGeometry) -> MultiPolygon:
    """Return what a map fills of rings that may cross: whatever an odd number of rings encloses."""
    return multi(polygons(geometry if geometry.is_valid else shapely.make_valid(geometry, method="linework")))


def without_noise(plane: Plane, geometry: BaseGeometry, before: BaseGeometry) -> MultiPolygon:
    """Return the result of an overlay without the specks that rounding left; specks that were drawn before stay."""
    scale = plane.east * plane.north
    known = {ring.wkb for part in polygons(before) for ring in (part.exterior, *part.interiors)}
    kept = []
    for part in polygons(geometry):
        if part.area * scale < NOISE_M2 and part.exterior.wkb not in known:
            continue
        holes = [ring for ring in part.interiors if Polygon(ring).area * scale >= NOISE_M2 or ring.wkb in known]
        kept.append(part if len(holes) == len(part.interiors) else Polygon(part.exterior, holes))
    return multi(kept)


def less(flat: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return an area of the plane without another; on a millimetre grid where floating point finds no answer."""
    try:
        return shapely.difference(flat, other)
    except shapely.errors.GEOSException:
        return shapely.difference(shapely.make_valid(flat), shapely.make_valid(other), grid_size=0.001)
