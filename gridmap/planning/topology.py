"""What is wrong with a boundary as a shape, and with how it meets its neighbours, its county and the law before it.

Everything here is plain geometry: longitude and latitude in degrees, EPSG:4490; sizes in metres of EPSG:4547.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.ingest import shapes
from gridmap.planning import topology_plane as planes
from gridmap.planning.topology_plane import Plane, area_m2, polygons

THIN_M = 20.0
"""Land or a notch narrower than this and long is a slip of the hand: no narrower than the roads that zones run along
(20 to 50 m), and five pixels of the drawing page's map at zoom 15 (3.9 m a pixel at 34.7° N)."""

GAP_M = 50.0
"""Land up to this wide between a zone and its neighbour or county was meant to belong to it: the reach of the drawing
page's snapping (12 pixels) at zoom 15."""

ELONGATED = 12.0
"""A thin piece is a sliver when it is so many times as long as wide; corners wider than 10° are not."""

WEDGE = 6.0
"""A gap is so many times as long as wide; shorter ones are wedges where outlines meet at an angle."""

SHORTEST_M = 40.0
"""Thin pieces shorter than twice THIN_M are corners."""

SPIKE_DEG = 10.0
"""A sharper vertex whose base is narrower than THIN_M is a spike. The shipped roads and outlines have none."""

TINY_M2 = GAP_M * GAP_M
"""A part or hole of less, square metres, is none that a decree would draw."""

ROUNDING_M = 0.5
"""Strips up to twice as wide are rounding, as for locked land (store/drafts.py)."""

LOST_M2 = 10_000.0
"""Land given up is listed from here on: COAL-08's least_area_m2."""

MANY = 12_000
"""Above so many vertices slivers and gaps are looked for on an outline coarser by ROUNDING_M."""

MOST_FAULTS = 200
"""Faults that are told at once; the largest of a kind come first."""

Kind = Literal[
    "invalid", "unclosed", "spike", "sliver", "notch", "tiny_part", "tiny_hole", "gap", "overlap", "outside", "lost"
]
Repair = Literal["make_valid", "remove", "add"]


@dataclass(frozen=True)
class Neighbour:
    """A zone of the same kind in force, of another lineage. area: degrees."""

    lineage: str
    name: str
    area: BaseGeometry


@dataclass(frozen=True)
class Surroundings:
    """What a boundary is held against. Areas in degrees, None where unknown or where it does not apply.

    county_error_m: how far the county's outline may be off. units: land that the draft covers by its lists of units.
    """

    neighbours: Sequence[Neighbour] = ()
    county: BaseGeometry | None = None
    county_error_m: float = 0.0
    law: BaseGeometry | None = None
    units: BaseGeometry | None = None
    locked: BaseGeometry | None = None


@dataclass(frozen=True)
class Fault:
    """One fault. region: the land concerned (degrees), lon, lat: a point in it; area in m², width in m.

    repair: what would mend it, None when only its author can. detail: the neighbour's name or the reason.
    doubt_m: position error of what it was measured against; in_doubt: the fault is no larger than that.
    """

    id: str
    kind: Kind
    lon: float
    lat: float
    area_m2: float
    width_m: float
    repair: Repair | None
    region: BaseGeometry = field(compare=False)
    detail: str = ""
    doubt_m: float = 0.0
    in_doubt: bool = False


def find_faults(boundary: MultiPolygon, around: Surroundings, unclosed: Sequence[Point] = ()) -> list[Fault]:
    """Return the faults of a boundary (MultiPolygon, degrees, valid or not), those of its shape first.

    unclosed: places of rings that were closed for the reader. What follows an invalid boundary's own fault is told of
    the boundary as its repair would leave it.
    """
    found = [_fault("unclosed", place, "make_valid", place) for place in unclosed]
    found += _invalid(boundary)
    area = valid(boundary)
    if area.is_empty:
        return found
    plane = planes.plane_of(area)
    rounds = [_tiny(area), _spikes(area, plane), _thin(area, plane), _against_others(area, around, plane)]
    rounds += [_outside(area, around, plane), _lost(area, around, plane)]
    for faults in rounds:
        found += sorted(faults, key=lambda fault: -fault.area_m2)
    return _each_once(found)[:MOST_FAULTS]


def valid(boundary: BaseGeometry) -> MultiPolygon:
    """Return a boundary without crossings: of each part what an odd number of its rings encloses, parts together."""
    if boundary.is_valid:
        return planes.multi(polygons(boundary))
    return planes.multi(polygons(planes.union([planes.even_odd(part) for part in shapely.get_parts(boundary)])))


def _each_once(faults: list[Fault]) -> list[Fault]:
    return list({fault.id: fault for fault in faults}.values())


def _fault(
    kind: Kind, region: BaseGeometry, repair: Repair | None, place: Point | None = None, *, detail: str = "",
    width_m: float | None = None, doubt_m: float = 0.0, in_doubt: bool = False,
) -> Fault:  # fmt: skip
    at = place or shapely.point_on_surface(region)
    key = hashlib.sha256(f"{kind} {at.x:.6f} {at.y:.6f} {detail}".encode()).hexdigest()[:10]
    metres = shapes.to_metres(region)
    width = _width(metres) if width_m is None else width_m
    return Fault(
        f"{kind}-{key}", kind, round(at.x, 6), round(at.y, 6), round(float(metres.area), 1), round(width, 1), repair,
        region, detail, doubt_m, in_doubt,
    )  # fmt: skip


def _width(metres: BaseGeometry) -> float:
    """Return the width of the widest place of an area: twice the radius of the largest circle in it, to a metre."""
    if metres.area == 0:
        return 0.0
    tolerance = max(0.05, float(np.sqrt(metres.area)) / 100)
    return 2 * float(shapely.maximum_inscribed_circle(metres, tolerance=tolerance).length)


def _invalid(boundary: MultiPolygon) -> Iterator[Fault]:
    """Yield one fault for each place where rings cross or parts overlap, as far as they can be told apart."""
    if boundary.is_valid:
        return
    meets = 0
    for part in shapely.get_parts(boundary):
        reason, _bracket, place = shapely.is_valid_reason(part).partition("[")
        if place:
            lon, lat = (float(value) for value in place.rstrip("]").split()[:2])
            meets += 1
            yield _fault("invalid", Point(lon, lat), "make_valid", Point(lon, lat), detail=reason.lower())
    parts = [planes.even_odd(part) for part in shapely.get_parts(boundary)]
    tree = shapely.STRtree(parts)
    for one, other in tree.query(parts, predicate="intersects").T.tolist():
        if one < other:
            for piece in polygons(shapely.intersection(parts[one], parts[other])):
                meets += 1
                yield _fault("invalid", piece, "make_valid", detail="overlapping parts")
    if not meets:
        reason, _bracket, place = shapely.is_valid_reason(boundary).partition("[")
        lon, lat = (float(value) for value in place.rstrip("]").split()[:2])
        yield _fault("invalid", Point(lon, lat), "make_valid", Point(lon, lat), detail=reason.lower())


def _tiny(area: MultiPolygon) -> Iterator[Fault]:
    parts = polygons(area)
    for part in parts:
        if len(parts) > 1 and area_m2(part) < TINY_M2:
            yield _fault("tiny_part", part, "remove")
        for ring in part.interiors:
            hole = Polygon(ring)
            if area_m2(hole) < TINY_M2:
                yield _fault("tiny_hole", hole, "add")


def _spikes(area: MultiPolygon, plane: Plane) -> Iterator[Fault]:
    for part in polygons(area):
        for ring in (part.exterior, *part.interiors):
            yield from _spikes_of(np.asarray(ring.coords)[:-1, :2], area, plane)


def _spikes_of(ring: np.ndarray, area: MultiPolygon, plane: Plane) -> Iterator[Fault]:
    """Yield the spikes of an open ring: the triangle from the vertex as far as its shorter edge goes."""
    metres = ring * (plane.east, plane.north)
    back, on = np.roll(metres, 1, axis=0) - metres, np.roll(metres, -1, axis=0) - metres
    lengths = np.hypot(*back.T), np.hypot(*on.T)
    turn = np.abs(np.arctan2(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0], (back * on).sum(axis=1)))
    short = np.minimum(*lengths)
    sharp = (turn < np.radians(SPIKE_DEG)) & (2 * short * np.tan(turn / 2) < THIN_M) & (short > 0)
    for index in np.flatnonzero(sharp).tolist():
        tip, before, after = ring[index], ring[index - 1], ring[(index + 1) % len(ring)]
        reach = short[index]
        feet = [
            end if length - reach < ROUNDING_M else tip + (end - tip) * (reach / length)
            for end, length in ((before, lengths[0][index]), (after, lengths[1][index]))
        ]
        triangle = Polygon([tip, feet[0], feet[1]])
        if triangle.area == 0:
            continue
        inside = shapely.contains_xy(area, *triangle.centroid.coords[0])
        yield _fault("spike", triangle, "remove" if inside else "add", Point(tip))


def _thin(area: MultiPolygon, plane: Plane) -> Iterator[Fault]:
    """Yield long pieces that a disc of THIN_M does not fit into: of the land (sliver) and of what it leaves (notch)."""
    flat, reach = _coarse(plane.area_to_plane(area)), THIN_M / 2
    for piece in _long(planes.less(flat, _resized(_resized(flat, -reach), reach + planes.GROWN_M))):
        yield _fault("sliver", plane.to_degrees(piece), "remove")
    for piece in _long(planes.less(_resized(_resized(flat, reach), -reach - planes.GROWN_M), flat)):
        yield _fault("notch", plane.to_degrees(piece), "add")


def _coarse(flat: BaseGeometry) -> BaseGeometry:
    """Return an area of the plane with fewer vertices when it has very many: widening takes their number squared."""
    if shapely.get_num_coordinates(flat) <= MANY:
        return flat
    coarse = shapely.simplify(flat, ROUNDING_M, preserve_topology=False)
    return coarse if coarse.is_valid else planes.multi(polygons(shapely.make_valid(coarse)))


def _resized(flat: BaseGeometry, by_m: float) -> BaseGeometry:
    return shapely.buffer(flat, by_m, quad_segs=2, join_style="mitre", mitre_limit=10)


def _long(residue: BaseGeometry) -> Iterator[Polygon]:
    for piece in polygons(residue):
        length = piece.length / 2
        if length >= SHORTEST_M and piece.area < length * length / ELONGATED and piece.area >= length * 0.2:
            yield piece


def _against_others(area: MultiPolygon, around: Surroundings, plane: Plane) -> Iterator[Fault]:
    """Yield overlaps with other zones of the kind, and narrow gaps between it and them or the county's outline."""
    for other in around.neighbours:
        for piece in polygons(shapely.intersection(area, other.area)):
            if _more_than_rounding(piece, plane):
                yield _fault("overlap", piece, "remove", detail=other.name)
    others = [(other.name, other.area) for other in around.neighbours]
    if around.county is not None:
        west, south, east, north = shapely.union_all([area.envelope, around.county.envelope]).bounds
        frame = shapely.box(west - 0.05, south - 0.05, east + 0.05, north + 0.05)
        others.append(("", shapely.difference(frame, around.county)))
    covered = planes.union([area, *(found for _name, found in others)])
    for name, found in others:
        doubt = 0.0 if name else around.county_error_m
        for piece in _gaps(_coarse(plane.area_to_plane(area)), _coarse(plane.area_to_plane(found))):
            free = shapely.difference(plane.to_degrees(piece), covered)
            for gap in polygons(free):
                if _more_than_rounding(gap, plane):
                    yield _fault("gap", gap, "add", detail=name, doubt_m=doubt, in_doubt=doubt > GAP_M)


def _gaps(own: BaseGeometry, other: BaseGeometry) -> Iterator[Polygon]:
    """Yield what lies between two areas of the plane and is narrower than GAP_M."""
    shapely.prepare(own)
    near = shapely.intersection(_resized(own, GAP_M + 1), _resized(other, GAP_M + 1))
    if near.is_empty:
        return
    near = shapely.buffer(near, 2 * GAP_M, quad_segs=2)
    own, other = shapely.intersection(own, near), shapely.intersection(other, near)
    both = shapely.union(own, other)
    reach = GAP_M / 2
    closed = shapely.buffer(shapely.buffer(both, reach, quad_segs=4), -reach, quad_segs=4)
    for piece in polygons(planes.less(closed, both)):
        # a wedge where two outlines meet at an angle is none: it is short, or as wide as long; nor is a rounded edge
        cores = polygons(shapely.buffer(piece, -ROUNDING_M, quad_segs=1))
        if not any(c.length / 2 >= 2 * GAP_M and c.area <= (c.length / 2) ** 2 / WEDGE for c in cores):
            continue
        if piece.distance(own) < 0.1 and piece.distance(other) < 0.1:
            yield piece


def _more_than_rounding(piece: Polygon, plane: Plane) -> bool:
    return not shapely.buffer(plane.to_plane(piece), -ROUNDING_M, quad_segs=1).is_empty


def _outside(area: MultiPolygon, around: Surroundings, plane: Plane) -> Iterator[Fault]:
    """Yield land outside the county that the law in force does not cover already."""
    if around.county is None:
        return
    beyond = shapely.difference(area, around.county)
    if around.law is not None:
        beyond = shapely.difference(beyond, around.law)
    flat = plane.to_plane(around.county)
    shapely.prepare(flat)
    for piece in polygons(beyond):
        if _more_than_rounding(piece, plane):
            farthest = float(
                shapely.distance(shapely.points(shapely.get_coordinates(plane.to_plane(piece))), flat).max()
            )
            yield _fault(
                "outside", piece, "remove", doubt_m=around.county_error_m, in_doubt=farthest <= around.county_error_m
            )


def _lost(area: MultiPolygon, around: Surroundings, plane: Plane) -> Iterator[Fault]:
    """Yield land of the law that neither the draft nor another zone of the kind covers (COAL-08)."""
    if around.law is None:
        return
    covered = [area, *(other.area for other in around.neighbours)]
    left = shapely.difference(around.law, planes.union([*covered, *([around.units] if around.units else [])]))
    for piece in polygons(left):
        if area_m2(piece) >= LOST_M2 and _more_than_rounding(piece, plane):
            yield _fault("lost", piece, "add")
