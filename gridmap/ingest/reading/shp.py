"""SHP, the geometries of a Shapefile, read record by record and given on as WKB."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import shapely

from gridmap.domain.incoming import Sentence
from gridmap.ingest.reading import wkb
from gridmap.ingest.reading.faults import refusal
from gridmap.ingest.reading.wkb import GeometryFault, Shape

Array = Any

_MAGIC = 9994
_HEAD = 100
_POINTS, _LINES, _POLYGONS, _MULTIPOINTS = (1, 11, 21), (3, 13, 23), (5, 15, 25), (8, 18, 28)
_MULTIPATCH = 31
_NO_MEASURE = -1e38


@dataclass(frozen=True)
class Record:
    """A geometry of the file; None for a null shape or with a fault."""

    geometry: bytes | None
    fault: Sentence | None = None


def records(source: BinaryIO, what: str, vertices: int) -> Iterator[Record]:
    """Yield the geometries in their order. what: the member's name for sentences. vertices: most of a geometry.

    Errors: ReadingError when it is no Shapefile; a record that ends early is the last one and has a fault.
    """
    head = source.read(_HEAD)
    if len(head) < _HEAD or struct.unpack_from(">i", head)[0] != _MAGIC:
        raise refusal(
            f"{what}不是 Shapefile 的图形文件，或已损坏", f"{what} holds no shapes of a Shapefile, or is damaged"
        )
    while True:
        start = source.read(8)
        if not start:
            return
        words = struct.unpack(">ii", start)[1] if len(start) == 8 else -1
        if words < 2:
            yield Record(None, Sentence("图形记录不完整，文件被截断", "the record of the shape is cut off"))
            return
        if words * 2 > 200 + vertices * 40:
            yield Record(None, wkb.too_many(vertices).sentence)
            if not _passed_over(source, words * 2):
                return
            continue
        content = source.read(words * 2)
        if len(content) < words * 2:
            yield Record(None, Sentence("图形记录不完整，文件被截断", "the record of the shape is cut off"))
            return
        yield _record(content, vertices)


def _passed_over(source: BinaryIO, number: int) -> bool:
    while number > 0:
        piece = source.read(min(number, 1_000_000))
        if not piece:
            return False
        number -= len(piece)
    return True


def _record(content: bytes, vertices: int) -> Record:
    try:
        return Record(_geometry(content, vertices))
    except GeometryFault as fault:
        return Record(None, fault.sentence)
    except shapely.errors.GEOSException:
        return Record(None, Sentence("面的内外环无法配对", "holes and outlines of the polygon cannot be told apart"))
    except (struct.error, ValueError):
        return Record(None, wkb.cut_off().sentence)


def _geometry(content: bytes, vertices: int) -> bytes | None:
    (kind,) = struct.unpack_from("<i", content)
    if kind == 0:
        return None
    if kind in _POINTS:
        return _point(content, kind)
    if kind in _MULTIPOINTS:
        (number,) = struct.unpack_from("<i", content, 36)
        points, flavour = _positions(content, 40, number, kind, vertices)
        return wkb.write(Shape(wkb.MULTIPOINT, points), flavour)
    if kind in _LINES or kind in _POLYGONS:
        parts, number = struct.unpack_from("<ii", content, 36)
        if not 0 <= parts <= vertices:
            raise wkb.cut_off()
        starts = np.frombuffer(content, "<i4", parts, 44).astype(np.int64)
        points, flavour = _positions(content, 44 + 4 * parts, number, kind, vertices)
        return wkb.write(_in_parts(kind, points, starts), flavour)
    if kind == _MULTIPATCH:
        raise wkb.curved("MultiPatch")
    raise GeometryFault(f"图形类型 {kind} 无效", f"the type of shape {kind} is unknown")


def _point(content: bytes, kind: int) -> bytes:
    rest = (len(content) - 4) // 8
    numbers = struct.unpack_from(f"<{min(rest, 4)}d", content, 4)
    if len(numbers) < 2:
        raise wkb.cut_off()
    flavour = "XY"
    if kind == 11 and len(numbers) > 2:
        flavour = "XYZM" if len(numbers) == 4 and numbers[3] > _NO_MEASURE else "XYZ"
    elif kind == 21 and len(numbers) > 2 and numbers[2] > _NO_MEASURE:
        flavour = "XYM"
    if not np.isfinite(numbers[: len(flavour)]).all():
        raise wkb.not_finite()
    return wkb.write(Shape(wkb.POINT, numbers), flavour)


def _positions(content: bytes, at: int, number: int, kind: int, vertices: int) -> tuple[Array, str]:
    """Return positions (number × dimensions) and their flavour; Z and M stand behind all x and y, M may be left out."""
    if number < 0:
        raise wkb.cut_off()
    if number > vertices:
        raise wkb.too_many(vertices)
    columns = [np.frombuffer(content, "<f8", number * 2, at).reshape(number, 2)]
    at += number * 16
    flavour = "XY"
    if 11 <= kind <= 18:
        columns.append(_beside(content, at, number))
        at += 16 + number * 8
        flavour = "XYZ"
    if kind > 10 and at + 16 + number * 8 <= len(content):
        measures = _beside(content, at, number)
        if number and (measures > _NO_MEASURE).all():
            columns.append(measures)
            flavour += "M"
    points = np.hstack(columns)
    if not np.isfinite(points).all():
        raise wkb.not_finite()
    return points, flavour


def _beside(content: bytes, at: int, number: int) -> Array:
    return np.frombuffer(content, "<f8", number, at + 16).reshape(number, 1)


def _in_parts(kind: int, points: Array, starts: Array) -> Shape:
    number = len(points)
    if len(starts) and (starts[0] < 0 or (np.diff(starts) < 0).any() or starts[-1] > number):
        raise wkb.cut_off()
    pieces = [piece for piece in np.split(points, starts)[1:] if len(piece)]
    if kind in _LINES:
        return Shape(wkb.LINE, pieces[0]) if len(pieces) == 1 else Shape(wkb.MULTILINE, pieces)
    if len(pieces) == 1:
        return Shape(wkb.POLYGON, pieces)
    polygons = _polygons(pieces)
    return Shape(wkb.POLYGON, polygons[0]) if len(polygons) == 1 else Shape(wkb.MULTIPOLYGON, polygons)


def _polygons(rings: list[Array]) -> list[list[Array]]:
    """Return rings as polygons: outer ones run clockwise, the others are holes of the smallest that holds them.

    A hole that lies in no outer ring is a polygon of its own, as are all when none runs clockwise.
    """
    for ring in rings:
        if len(ring) < 4:
            raise GeometryFault(
                f"面的一个环只有{len(ring)}个顶点，至少4个", f"a ring has {len(ring)} vertices; expected 4 or more"
            )
    areas = np.array([_signed_area(ring) for ring in rings])
    outer = np.flatnonzero(areas <= 0)
    if not len(outer):
        return [[ring] for ring in rings]
    result = {int(i): [rings[i]] for i in outer}
    holes = np.flatnonzero(areas > 0)
    sizes = np.abs(areas)
    homes = _homes([rings[i] for i in holes], [rings[i] for i in outer], sizes[holes], sizes[outer])
    for hole, home in zip(holes, homes, strict=True):
        if home is None:
            result[int(hole)] = [rings[hole]]
        else:
            result[int(outer[home])].append(rings[hole])
    return [result[i] for i in sorted(result)]


def _homes(holes: list[Array], outers: list[Array], hole_areas: Array, areas: Array) -> list[int | None]:
    """Return for each hole the smallest outer ring that covers it, None when none does."""
    if not holes:
        return []
    inner = np.array([shapely.polygons(_closed(ring[:, :2])) for ring in holes])
    outer = np.array([shapely.polygons(_closed(ring[:, :2])) for ring in outers])
    which, candidates = shapely.STRtree(outer).query(inner)
    # a vertex of the hole may lie on the outer ring, a point inside the hole does not, but may lie on an island in it
    larger = areas[candidates] >= hole_areas[which]
    which, candidates = which[larger], candidates[larger]
    holds = shapely.intersects(outer[candidates], shapely.point_on_surface(inner[which]))
    homes: list[int | None] = [None] * len(holes)
    for hole, candidate in zip(which[holds].tolist(), candidates[holds].tolist(), strict=True):
        known = homes[hole]
        if known is None or areas[candidate] < areas[known]:
            homes[hole] = candidate
    return homes


def _closed(ring: Array) -> Array:
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def _signed_area(ring: Array) -> float:
    # from its first vertex, lest metres of seven digits eat the area
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
