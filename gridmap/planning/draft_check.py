"""The faults of a draft, saved or not, with named places; and their repair, which is shown and never saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from psycopg2.extensions import cursor as Cursor
from shapely.geometry import MultiPolygon, Point

from gridmap.db.session import Connection, transaction
from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.planning import repair, topology
from gridmap.planning.geometry_input import keep_pieces, read_loosely
from gridmap.planning.topology import Fault, Kind, Neighbour, Surroundings
from gridmap.store import draft_neighbours, drafts

NEAR_DEG = 0.001
"""How far around a boundary neighbours are looked for, degrees: twice GAP_M."""

AT_PLACE_M = 300.0
"""Nearer than this a fault is told to be at a place, metres."""

TITLES: dict[Kind, tuple[str, str]] = {
    "invalid": ("边界自相交或重叠", "boundary crosses or overlaps itself"),
    "unclosed": ("一圈没有闭合", "ring is not closed"),
    "spike": ("尖刺", "spike"),
    "sliver": ("狭长地块", "sliver of land"),
    "notch": ("狭长缺口", "narrow notch"),
    "tiny_part": ("零星小块", "tiny part"),
    "tiny_hole": ("小洞", "tiny hole"),
    "gap": ("与相邻边界之间的缝隙", "gap to the neighbour"),
    "overlap": ("与其他区域重叠", "overlap with another zone"),
    "outside": ("超出本县（市、区）", "land outside the county"),
    "lost": ("比现行范围少的土地", "land given up against the law in force"),
}
"""Each kind in Chinese and English."""

_WAYS = (
    ("北", "north"), ("东北", "north-east"), ("东", "east"), ("东南", "south-east"),
    ("南", "south"), ("西南", "south-west"), ("西", "west"), ("西北", "north-west"),
)  # fmt: skip

Landmark = tuple[str, str | None, float, float]


@dataclass(frozen=True)
class Told:
    """A fault with its place in words, Chinese and English."""

    fault: Fault
    place: str
    place_en: str


@dataclass(frozen=True)
class _Question:
    boundary: MultiPolygon
    unclosed: list[Point]
    around: Surroundings
    by_units: bool


def check(conn: Connection, zone_id: int, geojson: object = None) -> list[Told]:
    """Return the faults of a draft, or of a boundary (GeoJSON) that its author has not saved, with their places.

    A draft of units alone is checked as the land it covers; nothing mends that but other lists. NotFoundError when
    the connection's reader sees no such draft, UserError when the boundary cannot be read.
    """
    with transaction(conn) as cursor:
        question = _question(cursor, zone_id, geojson)
        if question.boundary.is_empty:
            return []
        landmarks = draft_neighbours.list_landmarks(cursor)
    faults = topology.find_faults(question.boundary, question.around, question.unclosed)
    told = [Told(fault, *words) for fault, words in zip(faults, _places(faults, landmarks), strict=True)]
    if not question.by_units:
        return told
    return [Told(_unmendable(own.fault), own.place, own.place_en) for own in told]


def mend(conn: Connection, zone_id: int, fault: str, geojson: object = None) -> repair.Repaired:
    """Mend a fault (id), all faults of a kind, or `all` of a draft's boundary, saved or not. Nothing is saved.

    UserError when there is no such fault or kind, the draft is drawn by units alone, or locked land would change.
    """
    with transaction(conn) as cursor:
        question = _question(cursor, zone_id, geojson)
    if question.by_units:
        raise UserError(f"draft {zone_id} lists units and has no boundary; change its lists")
    if fault == "all" or fault in TITLES:
        kinds: Sequence[Kind] = repair.ALL if fault == "all" else [kind for kind in TITLES if kind == fault]
        return repair.repair_all(question.boundary, question.around, kinds, question.unclosed)
    return repair.repair_one(question.boundary, question.around, fault, question.unclosed)


def mend_draft(conn: Connection, zone_id: int, kind: str, *, actor: str, keep: bool) -> repair.Repaired:
    """Mend all faults of a kind, or `all`, of a draft as it was saved; keep: save it as the draft's next revision."""
    if kind != "all" and kind not in TITLES:
        raise UserError(f"there is no kind of fault {kind!r}; expected all or one of {', '.join(TITLES)}")
    with transaction(conn) as cursor:
        own = drafts.get_draft(cursor, zone_id, lock=True)
        done = mend(conn, zone_id, kind)
        if keep and done.mended:
            content = replace(drafts.get_content(cursor, zone_id), boundary_wkb=shapely.to_wkb(done.boundary))
            drafts.save(cursor, zone_id, own.revision, content, actor=actor)
    return done


def as_values(told: Told) -> dict[str, Any]:
    """Return a fault as JSON: sizes in m² and m, its outline as GeoJSON in degrees."""
    own = told.fault
    title, title_en = TITLES[own.kind]
    return {
        "id": own.id, "kind": own.kind, "title": title, "title_en": title_en, "detail": own.detail,
        "lon": own.lon, "lat": own.lat, "place": told.place, "place_en": told.place_en,
        "area_m2": own.area_m2, "width_m": own.width_m, "doubt_m": own.doubt_m, "in_doubt": own.in_doubt,
        "repairs": [] if own.repair is None else [own.repair], "region": shapely.geometry.mapping(own.region),
    }  # fmt: skip


def repaired_values(done: repair.Repaired, drawn: object = None) -> dict[str, Any]:
    """Return a repair as JSON; the boundary keeps every digit of the vertices that were there.

    drawn: GeoJSON of what was to be mended; pieces of a cut that needed no mending stay pieces.
    """
    return {
        "boundary": shapely.geometry.mapping(done.boundary if drawn is None else keep_pieces(done.boundary, drawn)),
        "added_m2": done.added_m2, "removed_m2": done.removed_m2,
        "vertices_added": done.vertices_added, "vertices_removed": done.vertices_removed,
        "mended": list(done.mended), "skipped": list(done.skipped),
        "changed": {
            "added": shapely.geometry.mapping(done.added), "removed": shapely.geometry.mapping(done.removed),
        },
    }  # fmt: skip


def _question(cursor: Cursor, zone_id: int, geojson: object) -> _Question:
    drafts.get_draft(cursor, zone_id)
    ground = draft_neighbours.get_ground(cursor, zone_id)
    unclosed: list[Point] = []
    if geojson is None:
        saved = drafts.get_content(cursor, zone_id).boundary_wkb
        by_units = saved is None
        wkb = ground.effective if saved is None else saved
        boundary = MultiPolygon() if wkb is None else shapely.from_wkb(wkb)
    else:
        boundary, unclosed = read_loosely(geojson)
        by_units = False
    if boundary.is_empty:
        return _Question(boundary, [], Surroundings(), by_units)
    west, south, east, north = boundary.bounds
    box = (west - NEAR_DEG, south - NEAR_DEG, east + NEAR_DEG, north + NEAR_DEG)
    around = Surroundings(
        neighbours=[
            Neighbour(lineage, name, shapely.from_wkb(area))
            for lineage, name, area in draft_neighbours.list_neighbours(cursor, zone_id, box)
        ],
        county=_read(ground.county),
        county_error_m=ground.county_error_m,
        law=_read(ground.law),
        units=_read(ground.units),
        locked=_read(ground.locked),
    )
    return _Question(boundary, unclosed, around, by_units)


def _read(wkb: bytes | None) -> shapely.Geometry | None:
    return None if wkb is None else shapely.from_wkb(wkb)


def _unmendable(fault: Fault) -> Fault:
    return replace(fault, repair=None)


def _places(faults: Sequence[Fault], landmarks: Sequence[Landmark]) -> list[tuple[str, str]]:
    """Return where each fault is, by the nearest landmark with distance and direction."""
    if not landmarks or not faults:
        return [("", "")] * len(faults)
    marks = shapes.to_metres(shapely.points([(lon, lat) for _name, _en, lon, lat in landmarks]))
    tree = shapely.STRtree(marks)
    at = shapes.to_metres(shapely.points([(fault.lon, fault.lat) for fault in faults]))
    found = []
    for point, index in zip(at, tree.nearest(at).tolist(), strict=True):
        name, name_en, *_place = landmarks[index]
        dx, dy = np.subtract(*shapely.get_coordinates([point, marks[index]]))
        found.append(in_words(name, name_en or name, float(dx), float(dy)))
    return found


def in_words(name: str, name_en: str, east_m: float, north_m: float) -> tuple[str, str]:
    """Return where a point lies that is so far east and north of a named place, metres: Chinese, English."""
    away = math.hypot(east_m, north_m)
    if away < AT_PLACE_M:
        return f"{name}附近", f"near {name_en}"
    way, way_en = _WAYS[round(math.degrees(math.atan2(east_m, north_m)) / 45) % 8]
    return f"{name}{way}{away / 1000:.1f} km", f"{away / 1000:.1f} km {way_en} of {name_en}"
