"""Outlines of zones as files have them: polygons read to the house's degrees, or told why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from gridmap.coordinates import System, convert_geometries, get_system
from gridmap.domain.definition import Text
from gridmap.errors import UserError
from gridmap.geo import ENVELOPE, inside_envelope
from gridmap.planning import topology, topology_plane
from gridmap.planning.geometry_input import MAX_VERTICES, read_boundary

STORED = get_system("cgcs2000")
_BOX = Text(
    f"市域范围内的面（经度 {ENVELOPE[0]}–{ENVELOPE[2]}，纬度 {ENVELOPE[1]}–{ENVELOPE[3]}）",
    f"a polygon within the city (longitude {ENVELOPE[0]} to {ENVELOPE[2]}, latitude {ENVELOPE[1]} to {ENVELOPE[3]})",
)
_SIMPLE = Text(
    "不自相交、各块不重叠的面，或勾选“修复自相交”（加 --repair）",
    "a polygon that neither crosses nor overlaps itself, or tick what mends it (--repair on the command line)",
)


class NoOutline(Exception):
    """What a row holds is no outline of a zone. suggestion: what may be meant."""

    def __init__(self, expected: Text, found: str, suggestion: str | None = None) -> None:
        super().__init__(expected.en)
        self.expected, self.found, self.suggestion = expected, found, suggestion


@dataclass(frozen=True)
class Outline:
    """An outline that was read. raw: as the file has it; wkb: MultiPolygon, EPSG:4490.

    moved_m2: how much land a repair added and took, None when nothing was to be mended.
    """

    raw: Any
    wkb: bytes
    dropped_height: bool
    moved_m2: float | None


def read_polygons(wkb: bytes) -> tuple[MultiPolygon, bool]:
    """Return a feature's polygons as the file has them, and whether heights or measures were left out.

    NoOutline for lines, points, what is empty, and more vertices than a boundary may have.
    """
    try:
        shape = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        raise NoOutline(Text("可读的几何", "a geometry that can be read"), str(error)[:60]) from error
    if shape.is_empty:
        raise NoOutline(Text("非空的面", "a polygon that is not empty"), f"{shape.geom_type} EMPTY")
    count = int(shapely.get_num_coordinates(shape))
    if count > MAX_VERTICES:
        raise NoOutline(
            Text(f"最多 {MAX_VERTICES} 个顶点的面：请先简化", f"a polygon of at most {MAX_VERTICES} vertices"),
            f"{count} vertices",
        )
    parts = _flatten(shape)
    if any(part.geom_type != "Polygon" for part in parts):
        raise NoOutline(Text("面（Polygon、MultiPolygon）", "a Polygon or MultiPolygon"), *_other(shape, parts))
    flat = [shapely.force_2d(part) for part in parts if not part.is_empty]
    has_more = bool(shape.has_z) or bool(getattr(shape, "has_m", False))
    return MultiPolygon(flat), has_more


def settle(raw: MultiPolygon, system: System, *, repair: bool, dropped_height: bool = False) -> Outline:
    """Return polygons of a system as an outline in degrees; NoOutline says what is wrong with it.

    repair: what crosses itself is mended as the drawing page mends it: what an odd number of its rings encloses.
    """
    if not np.isfinite(shapely.get_coordinates(raw)).all():
        raise NoOutline(Text("有限的坐标", "finite coordinates"), "NaN")
    try:
        moved = convert_geometries(system, STORED, raw)
    except UserError as error:
        first = shapely.get_coordinates(raw)[0]
        expected = Text(f"{system.zh}的坐标", f"positions of {system.en}")
        raise NoOutline(expected, f"{first[0]:g}, {first[1]:g}") from error
    west, south, east, north = moved.bounds
    if not (inside_envelope(west, south) and inside_envelope(east, north)):
        swapped = inside_envelope(south, west) and inside_envelope(north, east)
        hint = "两轴对调 / axes swapped" if swapped else None
        raise NoOutline(_BOX, f"{west:.4f}, {south:.4f} – {east:.4f}, {north:.4f}", hint)
    moved_m2 = None
    if not moved.is_valid:
        if not repair:
            raise NoOutline(_SIMPLE, _crossing(moved))
        before, moved = shapely.make_valid(moved), topology.valid(moved)
        moved_m2 = topology_plane.area_m2(shapely.symmetric_difference(before, moved))
        if moved.is_empty:
            raise NoOutline(Text("有面积的面", "a polygon with an area"), "0 m²")
    try:
        wkb = read_boundary(_as_geojson(moved))
    except UserError as error:
        raise NoOutline(Text(error.zh or str(error), str(error)), moved.geom_type) from error
    assert wkb is not None
    return Outline(raw, wkb, dropped_height, moved_m2)


def _as_geojson(shape: MultiPolygon) -> dict[str, Any]:
    parts = [[list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in shape.geoms]
    return {"type": "MultiPolygon", "coordinates": parts}


def _flatten(shape: Any) -> list[Any]:
    """Return the simple parts of a geometry, of a collection those of its members."""
    if not hasattr(shape, "geoms"):
        return [shape]
    return [part for member in shape.geoms for part in _flatten(member)]


def _other(shape: Any, parts: list[Any]) -> tuple[str, str | None]:
    lines = [part for part in parts if part.geom_type in ("LineString", "LinearRing")]
    closed = len(lines) == len(parts) and all(line.is_closed for line in lines)
    hint = "首尾相接的线：在 QGIS 中用“线转面” / closed lines: Lines to polygons in QGIS" if closed else None
    return str(shape.geom_type), hint


def _crossing(shape: Any) -> str:
    """Return where a polygon is not valid, or GEOS's reason where it names no place: readers of any language see it."""
    reason, _bracket, place = shapely.is_valid_reason(shape).partition("[")
    at = re.findall(r"-?[0-9.]+", place)
    return f"✕ {float(at[0]):.6f}, {float(at[1]):.6f}" if len(at) >= 2 else reason
