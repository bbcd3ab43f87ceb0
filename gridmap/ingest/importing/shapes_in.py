"""Positions and geometries as files have them, read into what a layer keeps, or told why not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.coordinates import System, convert_geometries
from gridmap.domain.definition import Text
from gridmap.domain.incoming import IncomingRow, Value
from gridmap.domain.misread import Misread
from gridmap.domain.typed_coordinates import Angle, Axis, read_degrees, read_metres, read_pair
from gridmap.errors import UserError
from gridmap.geo import inside_envelope
from gridmap.ingest.importing.places import STORED

_ZERO_HEIGHT_M = 1e-9
_PLAIN = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,15})?")
_LONGITUDE = Text("经度（度，例如 113.625）", "a longitude in degrees, such as 113.625")
_LATITUDE = Text("纬度（度，例如 34.747）", "a latitude in degrees, such as 34.747")
_METRES_PAIR = Text(
    "以米计的两个数，例如 38465737.25,3845000.5", "two numbers of metres, such as 38465737.25,3845000.5"
)
_MOST_METRES = 10**8
_BOTH = Text("经度和纬度两个值", "both a longitude and a latitude")


class NoPosition(Exception):
    """What a row holds is no position. title: the column, empty for a geometry. suggestion: what may be meant."""

    def __init__(self, expected: Text, found: Value, title: str = "", suggestion: str | None = None) -> None:
        super().__init__(expected.en)
        self.expected, self.found, self.title, self.suggestion = expected, found, title, suggestion


@dataclass(frozen=True)
class Shape:
    """A geometry that was read, as the layer keeps it, in the file's system.

    was: what of it was repaired, as it came: its type, its height; empty when it was taken as it is.
    """

    shape: Any
    dropped_height: bool = False
    was_repaired: bool = False
    was: str = ""


def position_of(row: IncomingRow, roles: Mapping[str, tuple[int, str]], system: System) -> tuple[float, float] | None:
    """Return (x, y) from a row's columns lon and lat, or from one column with both; None when they are empty."""
    if "lonlat" in roles:
        value, title = _cell(row, roles["lonlat"])
        if value is not None:
            return _pair(value, title, system)
    if "lon" not in roles or "lat" not in roles:
        return None
    (x, x_title), (y, y_title) = _cell(row, roles["lon"]), _cell(row, roles["lat"])
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise NoPosition(_BOTH, None, x_title if x is None else y_title)
    return _angle(x, x_title, "lon", system), _angle(y, y_title, "lat", system)


def _cell(row: IncomingRow, role: tuple[int, str]) -> tuple[Value, str]:
    place, title = role
    value = row.values[place] if place < len(row.values) else None
    return (None if isinstance(value, str) and not value.strip() else value), title


def _pair(value: Value, title: str, system: System) -> tuple[float, float]:
    try:
        if system.metres:
            halves = [half for half in str(value).replace("，", ",").replace(" ", ",").split(",") if half]
            if len(halves) != 2:
                raise NoPosition(_METRES_PAIR, value, title)
            return read_metres(halves[0], field=title), read_metres(halves[1], field=title)
        pair = read_pair(value, field=title)
    except Misread as error:
        raise NoPosition(_expected(error), value, title) from error
    return pair.lon, pair.lat


def _angle(value: Value, title: str, axis: Axis, system: System) -> float:
    """Return one coordinate. Plain numbers are taken as they are: whether they lie in the city is asked later."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is str and _PLAIN.fullmatch(value):
        return float(value)
    if type(value) is int and abs(value) < _MOST_METRES:
        return float(value)
    try:
        if system.metres:
            return read_metres(value, field=title)
        found = _degrees(value, axis, title)
    except Misread as error:
        raise NoPosition(_expected(error), value, title) from error
    if found.axis is not None and found.axis != axis:
        other = "纬度" if found.axis == "lat" else "经度"
        raise NoPosition(_LONGITUDE if axis == "lon" else _LATITUDE, value, title, f"{other} / {found.axis}")
    return found.degrees


def _degrees(value: Value, axis: Axis, title: str) -> Angle:
    """Return an angle of either axis; what is none is told of in the words of its column: a NaN is no northing."""
    try:
        return read_degrees(value, None, field=title)
    except Misread:
        return read_degrees(value, axis, field=title)


def _expected(error: Misread) -> Text:
    return Text(error.expected.zh, error.expected.en)


def read_shape(wkb: bytes, geometry: str, *, repair: bool) -> Shape:
    """Return a feature's geometry as a layer keeps it. geometry: Point or MultiLineString.

    One part of a collection, a line for several lines and heights of 0 are taken as they are; what is not simple, other
    heights, or another type only with repair. NoPosition says what was expected.
    """
    try:
        shape = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        raise NoPosition(Text("可读的几何", "a geometry that can be read"), str(error)[:60]) from error
    if shape.is_empty:
        raise NoPosition(Text("非空的几何", "a geometry that is not empty"), f"{shape.geom_type} EMPTY")
    height = _height(shape)
    shape, dropped = _flat(shape, repair)
    wanted = _as_type(shape, geometry, repair)
    if wanted is None:
        zh = {"Point": "点", "MultiLineString": "线"}[geometry]
        mends = not repair and _as_type(shape, geometry, repair=True) is not None
        hint = ("（加 --repair 取其中）", " (--repair takes one from it)") if mends else ("", "")
        raise NoPosition(Text(f"{zh}（{geometry}）{hint[0]}", f"a {geometry}{hint[1]}"), shape.geom_type)
    if not np.isfinite(shapely.get_coordinates(wanted)).all():
        raise NoPosition(Text("有限的坐标", "finite coordinates"), "NaN")
    repaired = _as_type(shape, geometry, repair=False) is None
    was = [shape.geom_type] if repaired else []
    if height is not None:
        was.append(f"Z {height:g}")
    return Shape(wanted, dropped, repaired, ", ".join(was))


def _height(shape: Any) -> float | None:
    """Return the first height of a geometry with any but 0, None for others."""
    if not shape.has_z:
        return None
    heights = shapely.get_coordinates(shape, include_z=True)[:, 2]
    real = heights[np.isfinite(heights)]
    return float(real[0]) if real.size and np.abs(real).max() > _ZERO_HEIGHT_M else None


def _flat(shape: Any, repair: bool) -> tuple[Any, bool]:
    """Return a geometry without its heights."""
    if not shape.has_z and not getattr(shape, "has_m", False):
        return shape, False
    height = _height(shape)
    if height is not None and not repair:
        raise NoPosition(
            Text("二维几何（加 --repair 去掉高程）", "a geometry without heights (--repair leaves them out)"),
            f"Z {height:g}",
        )
    return shapely.force_2d(shape), True


def _as_type(shape: Any, geometry: str, repair: bool) -> Any:
    parts = list(shape.geoms) if hasattr(shape, "geoms") else [shape]
    if geometry == "Point":
        if len(parts) == 1 and parts[0].geom_type == "Point":
            return parts[0]
        return shapely.point_on_surface(shape) if repair else None
    lines = [part for part in parts if part.geom_type in ("LineString", "LinearRing")]
    if len(lines) != len(parts) and not (repair and lines):
        return None
    if any(line.length == 0 for line in lines):
        return None
    return shapely.MultiLineString([list(line.coords) for line in lines])


def to_degrees(shape: Any, system: System) -> Any:
    """Return a line in degrees (EPSG:4490); NoPosition when it leaves the city's box."""
    box = Text("市域范围内的线", "a line within the city's box")
    try:
        moved = convert_geometries(system, STORED, shape)
    except UserError as error:
        raise NoPosition(
            Text(box.zh, str(error).rpartition("expected ")[2]), shapely.to_wkt(shapely.Point(shape.geoms[0].coords[0]))
        ) from error
    west, south, east, north = moved.bounds
    if not (inside_envelope(west, south) and inside_envelope(east, north)):
        swapped = inside_envelope(south, west) and inside_envelope(north, east)
        hint = "两轴对调 / axes swapped" if swapped else None
        raise NoPosition(box, f"{west:.4f}, {south:.4f} – {east:.4f}, {north:.4f}", "", hint)
    return moved
