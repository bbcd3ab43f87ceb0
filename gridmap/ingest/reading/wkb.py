"""Well-known binary with ISO's numbers: written from lists of positions, and looked through before it is given on.

What leaves here can be parsed: rings are closed and lines have two vertices. It need not be valid.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmap.domain.incoming import Sentence

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
CURVES = {
    8: "CircularString", 9: "CompoundCurve", 10: "CurvePolygon", 11: "MultiCurve", 12: "MultiSurface", 13: "Curve",
    14: "Surface",
}  # fmt: skip
SOLIDS = {15: "PolyhedralSurface", 16: "TIN", 17: "Triangle"}
DEEPEST = 20
_CHILD = {MULTIPOINT: POINT, MULTILINE: LINE, MULTIPOLYGON: POLYGON}
_NAMES = {
    "Point": POINT, "LineString": LINE, "Polygon": POLYGON, "MultiPoint": MULTIPOINT, "MultiLineString": MULTILINE,
    "MultiPolygon": MULTIPOLYGON,
}  # fmt: skip

FLAVOURS = {"XY": 0, "XYZ": 1000, "XYM": 2000, "XYZM": 3000}
"""Which numbers a position has, and what that adds to the number of a type."""


class GeometryFault(Exception):
    """A geometry that cannot be given on. sentence: why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.sentence = Sentence(zh, en)


@dataclass
class Shape:
    """A geometry as lists: positions, rings or parts as its kind has them; for a collection its members."""

    kind: int
    parts: Any


def write(shape: Shape, flavour: str = "XY") -> bytes:
    """Return the WKB of a shape, little-endian. flavour: XY, XYZ, XYM or XYZM; positions may have more numbers.

    Errors: GeometryFault for a line of one vertex and a ring that is not closed.
    """
    return b"".join(_written(shape, len(flavour), FLAVOURS[flavour]))


def _written(shape: Shape, dimensions: int, offset: int) -> list[bytes]:
    head = struct.pack("<BI", 1, shape.kind + offset)
    if shape.kind == POINT:
        position = shape.parts[:dimensions] if len(shape.parts) else [math.nan] * dimensions
        return [head + struct.pack(f"<{dimensions}d", *position)]
    result = [head]
    if shape.kind == LINE:
        _check_line(len(shape.parts))
        result.append(_line(shape.parts, dimensions))
    elif shape.kind == POLYGON:
        result.append(struct.pack("<I", len(shape.parts)))
        for ring in shape.parts:
            is_closed = len(ring) > 0 and ring[0][0] == ring[-1][0] and ring[0][1] == ring[-1][1]
            _check_ring(len(ring), is_closed=is_closed)
            result.append(_line(ring, dimensions))
    else:
        child = _CHILD.get(shape.kind)
        members = shape.parts if child is None else [Shape(child, part) for part in shape.parts]
        result.append(struct.pack("<I", len(members)))
        for member in members:
            result.extend(_written(member, dimensions, offset))
    return result


def _line(positions: Any, dimensions: int) -> bytes:
    if isinstance(positions, np.ndarray):
        return struct.pack("<I", len(positions)) + positions[:, :dimensions].astype("<f8").tobytes()
    flat = [number for position in positions for number in position[:dimensions]]
    return struct.pack(f"<I{len(flat)}d", len(positions), *flat)


def _check_line(number: int) -> None:
    if number == 1:
        raise GeometryFault("线只有一个顶点", "a line has one vertex; expected two or more")


def _check_ring(number: int, *, is_closed: bool) -> None:
    if number == 0:
        return
    if number < 4:
        raise GeometryFault(
            f"面的一个环只有{number}个顶点，至少4个", f"a ring has {number} vertices; expected 4 or more"
        )
    if not is_closed:
        raise GeometryFault("面的一个环没有闭合", "a ring is not closed: its last vertex is not its first")


def from_geojson(geometry: Any, most: int) -> tuple[bytes, str]:
    """Return WKB and type of a GeoJSON geometry; GeometryFault when it is none. most: vertices it may have."""
    reader = _FromJson(most)
    shape = reader.shape(geometry, 0)
    return write(shape, "XYZ" if reader.has_z else "XY"), str(geometry["type"])


class _FromJson:
    """Read one geometry. has_z: whether all its positions have a third number, counted while reading."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._flat = False
        self._deep = False

    @property
    def has_z(self) -> bool:
        return self._deep and not self._flat

    def shape(self, geometry: Any, depth: int) -> Shape:
        if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
            raise GeometryFault("几何应为带有 type 的对象", "the geometry is no object with a type")
        name = geometry["type"]
        if name == "GeometryCollection":
            members = geometry.get("geometries")
            if not isinstance(members, list) or depth >= DEEPEST:
                raise GeometryFault("GeometryCollection 无效", "the GeometryCollection is not one, or nested too deep")
            return Shape(COLLECTION, [self.shape(member, depth + 1) for member in members])
        if name not in _NAMES:
            raise GeometryFault(f"几何类型“{name[:40]}”无效", f"the type of geometry {name[:40]!r} is unknown")
        kind = _NAMES[name]
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list):
            raise GeometryFault("几何没有坐标", "the geometry has no coordinates")
        return Shape(kind, self._coordinates(kind, coordinates))

    def _coordinates(self, kind: int, value: Any) -> Any:
        if kind == POINT:
            return self._position(value) if value != [] else []
        if not isinstance(value, list):
            raise GeometryFault("坐标的括号层数不对", "the coordinates are not nested as the type asks")
        inner = {LINE: POINT, POLYGON: LINE, **_CHILD}[kind]
        if kind in (LINE, MULTIPOINT):
            return [self._position(item) for item in value]
        return [self._coordinates(inner, item) for item in value]

    def _position(self, value: Any) -> list[float]:
        self._left -= 1
        if self._left < 0:
            raise too_many(self._most)
        if not isinstance(value, list) or not 2 <= len(value) <= 20:
            raise GeometryFault("坐标应为经度、纬度两个数", "a position is no longitude and latitude")
        for number in value:
            if type(number) is not float and type(number) is not int:
                raise GeometryFault("坐标里有不是数字的内容", "a position is not made of numbers")
        if len(value) > 2:
            self._deep = True
        else:
            self._flat = True
        try:
            position = [float(number) for number in value]
        except OverflowError:
            raise not_finite() from None
        if not all(map(math.isfinite, position)):
            raise not_finite()
        return position


def too_many(most: int) -> GeometryFault:
    """Return the fault of a geometry that is too large."""
    return GeometryFault(f"几何超过{most}个顶点", f"the geometry has more than {most} vertices")


def not_finite() -> GeometryFault:
    """Return the fault of NaN and infinity."""
    return GeometryFault("坐标里有非有限的数（NaN、无穷大）", "a position is not finite (NaN, infinity)")


def cut_off() -> GeometryFault:
    """Return the fault of a geometry that ends too early."""
    return GeometryFault("几何数据不完整", "the geometry is cut off")


def checked(content: bytes, most: int) -> tuple[bytes, str]:
    """Return a WKB that a file brought, and its type's name, after looking at each of its numbers.

    MultiSurface and MultiCurve made of straight parts become MultiPolygon and MultiLineString. GeometryFault for
    curves and solids, positions that are not finite, more vertices than most, and what is cut off or no WKB.
    """
    walk = _Walk(content, most)
    kind = walk.geometry(0, 0)
    if walk.place != len(content):
        raise GeometryFault("几何数据后有多余的字节", "there are bytes behind the geometry")
    return bytes(walk.content), _TYPE_NAMES[kind]


_TYPE_NAMES = {number: name for name, number in _NAMES.items()} | {COLLECTION: "GeometryCollection"}
_STRAIGHT = {11: MULTILINE, 12: MULTIPOLYGON}


class _Walk:
    """Go through a WKB once, counting vertices; place is where it stands."""

    def __init__(self, content: bytes, most: int) -> None:
        self.content = bytearray(content)
        self.place = 0
        self._most = self._left = most
        self._parts_left = most

    def geometry(self, depth: int, expected: int) -> int:
        order, kind, dimensions = self._head(depth)
        if expected and kind != expected:
            raise GeometryFault("多部件几何的部件类型不对", "a part of the geometry is of another type than the whole")
        if kind == POINT:
            self._positions(order, 1, dimensions, may_be_empty=True)
        elif kind == LINE:
            number = self._count(order)
            _check_line(number)
            self._positions(order, number, dimensions)
        elif kind == POLYGON:
            for _ in range(self._count(order)):
                self._ring(order, dimensions)
        else:
            for _ in range(self._count(order)):
                self.geometry(depth + 1, _CHILD.get(kind, 0))
        return kind

    def _head(self, depth: int) -> tuple[str, int, int]:
        if depth > DEEPEST:
            raise GeometryFault("几何嵌套过深", "the geometry is nested too deep")
        start = self.place
        if start + 5 > len(self.content) or self.content[start] > 1:
            raise cut_off()
        order = "<" if self.content[start] else ">"
        (number,) = struct.unpack_from(f"{order}I", self.content, start + 1)
        self.place += 5
        flags = number >> 29
        number &= 0x1FFFFFFF
        if flags & 1:  # an SRID stands behind the type in PostGIS's own form
            raise GeometryFault("几何不是标准的 WKB", "the geometry is no standard WKB")
        group, kind = divmod(number, 1000)
        if group > 3:
            raise GeometryFault(f"几何类型 {number} 无效", f"the type of geometry {number} is unknown")
        dimensions = 2 + bool(flags & 4 or group in (1, 3)) + bool(flags & 2 or group in (2, 3))
        if kind in _STRAIGHT:
            kind = _STRAIGHT[kind]
            self._parts_must_be_straight(order, kind)
            struct.pack_into(f"{order}I", self.content, start + 1, flags << 29 | group * 1000 + kind)
        elif kind in CURVES or kind in SOLIDS:
            raise curved(CURVES.get(kind) or SOLIDS[kind])
        if kind not in _TYPE_NAMES:
            raise GeometryFault(f"几何类型 {number} 无效", f"the type of geometry {number} is unknown")
        return order, kind, dimensions

    def _parts_must_be_straight(self, order: str, kind: int) -> None:
        if self.place + 9 > len(self.content):
            return  # empty
        (number,) = struct.unpack_from(f"{order}I", self.content, self.place)
        inner = "<" if self.content[self.place + 4] else ">"
        (first,) = struct.unpack_from(f"{inner}I", self.content, self.place + 5)
        first = (first & 0x1FFFFFFF) % 1000
        if number and first != _CHILD[kind] and first in CURVES:
            raise curved(CURVES[first])

    def _count(self, order: str) -> int:
        if self.place + 4 > len(self.content):
            raise cut_off()
        (number,) = struct.unpack_from(f"{order}I", self.content, self.place)
        self.place += 4
        self._parts_left -= number
        if self._parts_left < 0:
            raise too_many(self._most)
        return int(number)

    def _ring(self, order: str, dimensions: int) -> None:
        number, start = self._count(order), self.place
        self._positions(order, number, dimensions)
        last = self.place - dimensions * 8
        _check_ring(number, is_closed=number > 0 and self.content[start : start + 16] == self.content[last : last + 16])

    def _positions(self, order: str, number: int, dimensions: int, *, may_be_empty: bool = False) -> None:
        self._left -= number
        if self._left < 0:
            raise too_many(self._most)
        end = self.place + number * dimensions * 8
        if end > len(self.content):
            raise cut_off()
        if number == 1:
            position = struct.unpack_from(f"{order}{dimensions}d", self.content, self.place)
            sound = math.isfinite(position[0]) and math.isfinite(position[1])
            sound = sound or (may_be_empty and all(map(math.isnan, position)))
        else:
            numbers = np.frombuffer(self.content, f"{order}f8", number * dimensions, self.place)
            sound = bool(np.isfinite(numbers.reshape(number, dimensions)[:, :2]).all())
            del numbers  # an array holds the buffer fast
        if not sound:
            raise not_finite()
        self.place = end


def curved(name: str) -> GeometryFault:
    """Return the fault of a geometry that is not made of straight lines."""
    return GeometryFault(
        f"几何是 {name}，只读取直线段构成的点、线、面；请在 QGIS 中用“线段化”（Segmentize）转换",
        f"the geometry is a {name}; only points, straight lines and polygons are read: use Segmentize in QGIS",
    )
