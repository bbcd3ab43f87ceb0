"""Boundaries as clients send them: GeoJSON, checked ring by ring before anything is computed from it."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LinearRing, MultiPolygon, Polygon

from gridmap import geo
from gridmap.coordinates import convert_geometries, get_system
from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.planning import touching

MAX_VERTICES = 200_000
"""Positions of one boundary, all rings together: the city's finest outline has a tenth of it."""

MIN_AREA_M2 = 0.01
"""A ring whose hull is smaller, square metres, encloses nothing."""

FLAT_DEG2 = 1e-12
"""The same in square degrees: what is straight in degrees is bent in metres."""

SHIFTED_RATIO = 0.25
"""An outline looks shifted when it differs from the shifted base by less than this part of its difference from the
base itself."""

Position = tuple[float, float]

_REASONS = {
    "Self-intersection": "the outline crosses itself, or a hole crosses it,",
    "Ring Self-intersection": "a ring touches or crosses itself",
    "Hole lies outside shell": "a hole lies outside the outline of its part",
    "Holes are nested": "a hole lies inside another hole",
    "Nested shells": "a part lies inside another part",
    "Interior is disconnected": "holes cut a part in two",
    "Duplicate Rings": "two rings are the same",
}
_REASONS_ZH = {
    "Self-intersection": "自相交，或与洞相交",
    "Ring Self-intersection": "有一圈与自身相接或相交",
    "Hole lies outside shell": "有一个洞在所在块之外",
    "Holes are nested": "有一个洞在另一个洞里",
    "Nested shells": "有一块在另一块里",
    "Interior is disconnected": "的洞把一块切成了两半",
    "Duplicate Rings": "有两圈相同",
}


def read_boundary(geojson: object, stored: bytes | None = None) -> bytes | None:
    """Return a client's GeoJSON as WKB of a MultiPolygon in EPSG:4490; None for null, a draft of units alone.

    geojson: Polygon or MultiPolygon, or a Feature or FeatureCollection of one, longitude first, degrees. A third
    coordinate is dropped. An unclosed ring is refused, not closed: the missing edge may be a lost one. Parts that lie
    edge to edge, as the pieces of a cut do, are one piece of land and become one part.
    stored: what was saved before, WKB, see touching.united().
    Errors: UserError, naming part, ring and vertex (counted from 1) where one is to blame.
    """
    if geojson is None:
        return None
    polygons = _polygons(geojson)
    _refuse_too_many(polygons)
    parts = [
        [_ring(ring, f"part {p}, ring {r}") for r, ring in enumerate(rings, 1)] for p, rings in enumerate(polygons, 1)
    ]
    for p, rings in enumerate(parts, 1):
        for r, ring in enumerate(rings, 1):
            hull = LinearRing(ring).convex_hull
            if hull.area < FLAT_DEG2 or shapes.to_metres(hull).area < MIN_AREA_M2:
                raise UserError(
                    f"boundary: part {p}, ring {r} has no area; its vertices lie on one line or point",
                    zh=f"边界第 {p} 块第 {r} 圈没有面积：顶点都在一条线或一个点上。",
                )
    drawn = [Polygon(rings[0], rings[1:]) for rings in parts]
    whole = MultiPolygon(drawn)
    if not whole.is_valid:
        for p, part in enumerate(drawn, 1):
            _refuse_invalid(part, p if len(drawn) > 1 else None)
        whole = touching.united(drawn, None if stored is None else shapely.from_wkb(stored))
        _refuse_invalid(whole)
    return shapely.to_wkb(whole)


def read_loosely(geojson: object) -> tuple[MultiPolygon, list[shapely.Point]]:
    """Return a client's GeoJSON as it is, valid or not, to be checked: rings closed, and where they were open.

    Degrees, EPSG:4490; sound parts that lie edge to edge are one, as in read_boundary(). UserError for what is no
    polygon, has too many vertices or lies outside the city's envelope.
    """
    polygons = _polygons(geojson)
    _refuse_too_many(polygons)
    open_ends: list[shapely.Point] = []
    parts = []
    for p, rings in enumerate(polygons, 1):
        closed = []
        for r, ring in enumerate(rings, 1):
            found = [_position(position, f"part {p}, ring {r}, vertex {v}") for v, position in enumerate(ring, 1)]
            if found and found[0] != found[-1]:
                open_ends.append(shapely.Point(found[-1]))
                found.append(found[0])
            if len(found) < 4:
                raise UserError(
                    f"boundary: part {p}, ring {r} has fewer than three corners",
                    zh=f"边界第 {p} 块第 {r} 圈不足三个顶点。",
                )
            closed.append(found)
        parts.append(Polygon(closed[0], closed[1:]))
    whole = MultiPolygon(parts)
    if not whole.is_valid and all(part.is_valid for part in parts):
        with contextlib.suppress(touching.OverlapError):  # that is a fault to be found
            whole = touching.united(parts)
    return whole, open_ends


def keep_pieces(boundary: MultiPolygon, geojson: object) -> MultiPolygon:
    """Return a boundary in the pieces in which a client drew it, where it is what they make together."""
    drawn = [Polygon(rings[0], rings[1:]) for rings in _polygons(geojson) if all(len(ring) > 3 for ring in rings)]
    if len(drawn) < 2 or not all(part.is_valid for part in drawn):
        return boundary
    try:
        return touching.in_pieces(boundary, drawn)
    except touching.OverlapError:
        return boundary


def is_drawn_anew(before_wkb: bytes | None, new_wkb: bytes) -> bool:
    """Return whether an outline (WKB, MultiPolygon) has less than half of its vertices from the one before it."""
    if before_wkb is None:
        return True
    before, new = (shapely.get_coordinates(shapely.from_wkb(wkb)) @ np.array([1, 1j]) for wkb in (before_wkb, new_wkb))
    return float(np.isin(new, before).mean()) < 0.5


def looks_shifted(base_wkb: bytes, new_wkb: bytes) -> bool:
    """Return whether an outline seems to be its base in GCJ-02, the coordinates of Chinese map apps.

    Both: WKB of MultiPolygons, EPSG:4490. True when the new outline fits the shifted base far better than the base.
    """
    base, new = shapely.from_wkb(base_wkb), shapely.from_wkb(new_wkb)
    image = convert_geometries(get_system("wgs84"), get_system("gcj02"), base)
    if not image.is_valid:
        image = shapely.make_valid(image)
    apart = float(new.symmetric_difference(base).area)
    return float(new.symmetric_difference(image).area) < SHIFTED_RATIO * apart


def _polygons(geojson: object) -> list[list[Any]]:
    """Return lists of rings, one for each part."""
    if isinstance(geojson, Mapping) and geojson.get("type") == "FeatureCollection":
        features = geojson.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise UserError("boundary: expected a FeatureCollection of one feature")
        geojson = features[0]
    if isinstance(geojson, Mapping) and geojson.get("type") == "Feature":
        geojson = geojson.get("geometry")
    if not isinstance(geojson, Mapping):
        raise UserError("boundary: it is no GeoJSON geometry; expected a Polygon or MultiPolygon")
    kind, found = geojson.get("type"), geojson.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise UserError(f"boundary: its type is {str(kind)[:40]!r}; expected Polygon or MultiPolygon")
    parts = [found] if kind == "Polygon" else found
    if not isinstance(parts, list) or not parts:
        raise UserError("boundary: it has no coordinates; expected a list of parts, each a list of rings")
    for p, rings in enumerate(parts, 1):
        if not isinstance(rings, list) or not rings:
            raise UserError(f"boundary: part {p} has no rings; expected a list of rings, the outline first")
        for r, ring in enumerate(rings, 1):
            if not isinstance(ring, list):
                raise UserError(f"boundary: part {p}, ring {r} is no list of positions")
    return parts


def _refuse_too_many(polygons: list[list[Any]]) -> None:
    count = sum(len(ring) for rings in polygons for ring in rings)
    if count > MAX_VERTICES:
        raise UserError(
            f"boundary: it has {count} vertices; expected at most {MAX_VERTICES}",
            zh=f"边界有 {count} 个顶点，最多 {MAX_VERTICES} 个。",
        )


def _ring(ring: list[Any], where: str) -> list[Position]:
    if len(ring) < 4:
        raise UserError(
            f"boundary: {where} has {len(ring)} positions; expected 4 or more, the last one the first",
            zh=f"边界{_place_zh(where)}只有 {len(ring)} 个位置：至少 4 个，最后一个与第一个相同。",
        )
    found = [_position(position, f"{where}, vertex {v}") for v, position in enumerate(ring, 1)]
    if found[0] != found[-1]:
        raise UserError(
            f"boundary: {where} is not closed; its last position must be its first",
            zh=f"边界{_place_zh(where)}没有闭合：最后一个位置应与第一个相同。",
        )
    return found


def _position(position: Any, where: str) -> Position:
    if not isinstance(position, list | tuple) or not 2 <= len(position) <= 4:
        raise UserError(
            f"boundary: {where} is no position; expected longitude and latitude",
            zh=f"边界{_place_zh(where)}不是一个位置：应为经度和纬度。",
        )
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in position[:2]):
        raise UserError(
            f"boundary: {where} is not made of numbers; expected longitude and latitude in degrees",
            zh=f"边界{_place_zh(where)}不是数字：应为以度为单位的经度和纬度。",
        )
    try:
        lon, lat = float(position[0]), float(position[1])
    except OverflowError:
        lon = lat = math.inf
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise UserError(
            f"boundary: {where} is not finite; expected longitude and latitude in degrees",
            zh=f"边界{_place_zh(where)}不是有限的数：应为以度为单位的经度和纬度。",
        )
    if not geo.inside_envelope(lon, lat):
        west, south, east, north = geo.ENVELOPE
        hint, hint_zh = _hint(lon, lat)
        raise UserError(
            f"boundary: {where} ({lon}, {lat}) is outside the city's data; expected longitude {west} to {east} "
            f"and latitude {south} to {north}{hint}",
            zh=f"边界{_place_zh(where)}（{lon}, {lat}）不在本市范围内："
            f"经度应为 {west} 至 {east}，纬度应为 {south} 至 {north}{hint_zh}。",
        )
    return lon, lat


def _place_zh(where: str) -> str:
    """Return “part 1, ring 1, vertex 2” in Chinese."""
    numbers = re.findall(r"\d+", where)
    return "".join(f"第 {n} {unit}" for n, unit in zip(numbers, ("块", "圈", "个顶点"), strict=False))


def _hint(lon: float, lat: float) -> tuple[str, str]:
    """Return in English and Chinese what a position outside of the city seems to be."""
    if geo.inside_envelope(lat, lon):
        return "; longitude and latitude look swapped", "；经度和纬度好像填反了"
    if max(abs(lon), abs(lat)) > 360:
        return (
            "; these look like metres of a projection such as EPSG:4547 or 4526, not degrees",
            "；看起来是投影坐标（如 EPSG:4547、4526）的米数，不是度",
        )
    return "", ""


def _refuse_invalid(whole: MultiPolygon | Polygon, part: int | None = None) -> None:
    """Say what is wrong with a boundary, or with one of its parts (counted from 1)."""
    reason = shapely.is_valid_reason(whole)
    if reason == "Valid Geometry":
        return
    kind, _bracket, place = reason.partition("[")
    sentence = _REASONS.get(kind, f"it is not valid ({kind})")
    lon, lat = (float(value) for value in place.rstrip("]").split()[:2])
    where, where_zh = ("", "") if part is None else (f"part {part}: ", f"第 {part} 块")
    raise UserError(
        f"boundary: {where}{sentence} at longitude {lon:.6f}, latitude {lat:.6f}",
        zh=f"边界{where_zh}{_REASONS_ZH.get(kind, '不是有效的多边形')}：在经度 {lon:.6f}、纬度 {lat:.6f} 处。",
    )
