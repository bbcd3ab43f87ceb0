"""Rows of the table village: every village and community of the list, placed as well as the data allow."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gridmap.domain.names import village_name
from gridmap.ingest import files, shapes, terrain
from gridmap.ingest.outlines import (
    CARVED_FROM,
    COUNTY_ERROR_M,
    NEIGHBOUR_CITY,
    NEIGHBOUR_REACH_M,
    NEIGHBOURED_COUNTY,
    TOWNSHIP_ERROR_M,
    Outlines,
)

COLUMNS = (
    "village_id", "name", "official_name", "match_name", "is_community", "terrain_declared", "terrain_declared_by",
    "terrain_derived", "terrain_resolution_m", "programme", "programme_source", "geom", "position_error_m",
    "placed_by", "source", "note",
)  # fmt: skip

GEOCODE_ERROR_M = 500.0
"""A point found by the village's name: the village office or its sign, not the middle of the fields."""

_LIST = "china-division 2.7.0（统计用区划代码2023年，MIT）"
_SOURCES = {
    "geocode": _LIST + "；点位：Vonng/adcode（高德地理编码，CC BY 4.0）",
    "township": _LIST + "；点位：所在乡镇2000年轮廓内示意",
    "county": _LIST + "；点位：所在县（市、区）内示意",
    "city": _LIST + "；点位：开发区可能所在范围内示意",
}
_SPREAD_NOTE = "没有村级点位：点在{where}内均匀排开，只为看图清楚，误差覆盖整个范围。"
_WHERE = {"township": "所在乡镇", "county": "所在县（市、区）", "city": "所在开发区划出前的各县（市、区）"}


@dataclass(frozen=True)
class Place:
    """Where a village is taken to be: a point and the area in which it may lie, both EPSG:4547."""

    point: Point
    area: BaseGeometry
    error_m: float
    placed_by: str
    note: str | None


def rows(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield one row per village, in the order of the list."""
    records = files.read_table("village", "villages_2023.csv", ["code", "name", "street_code"])
    official = {_checked_code(record, outlines): record.text("name") for record in records}
    codes = list(official)
    places = _places(outlines, codes, _geocoded(official))
    facts = _facts(set(codes))
    label = "layers/village/data/heights_2km.tif"
    grid = terrain.read(files.path_of("village", "heights_2km.tif"), label)
    derived = _derive(grid, [places[code] for code in codes])
    points = shapes.to_degrees(np.array([places[code].point for code in codes], dtype=object))
    for record, code, verdict, point in zip(records, codes, derived, points, strict=True):
        place, fact = places[code], facts.get(code)
        names = village_name(record.text("name"))
        notes = [note for note in (place.note, fact.optional("note") if fact else None) if note]
        yield (
            code, names.name, record.text("name"), names.match_name, names.is_community,
            fact.optional("terrain_declared") if fact else None,
            fact.optional("terrain_declared_by") if fact else None,
            verdict, grid.resolution_m,
            (fact.optional("programme") if fact else None) or "none",
            fact.optional("programme_source") if fact else None,
            shapes.ewkb(point), math.ceil(place.error_m), place.placed_by, _SOURCES[place.placed_by],
            "".join(notes) or None,
        )  # fmt: skip


def _checked_code(record: files.Record, outlines: Outlines) -> str:
    code = record.code("code", 12)
    if code[:9] not in outlines.townships or record.text("street_code") != code[:9]:
        raise record.fault("code", "a village of a township of streets_2023.csv")
    return code


def _facts(codes: set[str]) -> dict[str, files.Record]:
    """Read what documents say of single villages: declared terrain and programme."""
    facts = {}
    for record in files.read_table(
        "village",
        "village_facts.csv",
        ["code", "terrain_declared", "terrain_declared_by", "programme", "programme_source", "note"],
    ):
        code = record.code("code", 12)
        if code not in codes:
            raise record.fault("code", "a village of villages_2023.csv")
        if record.optional("terrain_declared"):
            record.one_of("terrain_declared", ("plain", "hill", "mountain", "remote_mountain"))
            record.text("terrain_declared_by")
        if record.optional("programme"):
            record.one_of("programme", ("planned", "finished"))
            record.text("programme_source")
        facts[code] = record
    return facts


def _geocoded(names: dict[str, str]) -> dict[str, Point]:
    """Read the geocoded points (EPSG:4490) of villages of the list, whose official names are given by code.

    The points carry codes of an older list: the file says which village of today each is, if any.
    """
    points: dict[str, Point] = {}
    for record in files.read_table("village", "village_points.csv", ["code", "name", "how", "lon", "lat"]):
        if record.one_of("how", ("code", "name", "none")) == "none":
            continue
        code = record.code("code", 12)
        wanted = village_name(record.text("name")).match_name
        if code not in names or village_name(names[code]).match_name != wanted:
            raise record.fault("code", f"the code of {wanted} in villages_2023.csv")
        points[code] = Point(record.position())
    return points


def _places(outlines: Outlines, codes: list[str], geocoded: dict[str, Point]) -> dict[str, Place]:
    """Place every village: by its own point, else in its township, else in its county, else in the city."""
    places: dict[str, Place] = {}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    doubted: set[str] = set()
    for code in codes:
        if code in geocoded:
            point = shapes.to_metres(geocoded[code])
            if _believable(outlines, code, point):
                area = shapely.buffer(point, GEOCODE_ERROR_M)
                places[code] = Place(point, area, GEOCODE_ERROR_M, "geocode", None)
                continue
            doubted.add(code)
        groups[_area_of(outlines, code)].append(code)
    for (placed_by, key), members in groups.items():
        places |= _spread(outlines, placed_by, key, sorted(members), doubted)
    return places


def _believable(outlines: Outlines, code: str, point: Point) -> bool:
    """Return whether a geocoded point agrees with the outlines of its county and township, errors granted."""
    old = outlines.townships[code[:9]].gbcode_2000
    county = outlines.counties_m.get(code[:6])
    near_county = county is None or point.distance(county) <= GEOCODE_ERROR_M + COUNTY_ERROR_M
    near_town = old is None or point.distance(outlines.old_townships_m[old]) <= GEOCODE_ERROR_M + TOWNSHIP_ERROR_M
    return near_county and near_town


def _area_of(outlines: Outlines, code: str) -> tuple[str, str]:
    """Return (placed_by, key): the smallest area with an outline that the village is known to lie in."""
    township = outlines.townships[code[:9]]
    if township.gbcode_2000:
        return "township", township.gbcode_2000
    if township.how == "outside":
        return "city", NEIGHBOUR_CITY
    return ("county" if code[:6] in outlines.counties else "city"), code[:6]


def _spread(outlines: Outlines, placed_by: str, key: str, members: list[str], doubted: set[str]) -> dict[str, Place]:
    """Spread villages over the area that they share, in the order of their codes."""
    outline, own_error = _outline(outlines, placed_by, key)
    points = shapes.spread(_showable(outlines, outline, placed_by, members[0]), len(members))
    errors = shapes.farthest_m(points, outline) + own_error
    area = shapely.buffer(outline, own_error)
    note = _SPREAD_NOTE.format(where=_WHERE[placed_by])
    if key == NEIGHBOUR_CITY:
        note = "所在乡原属开封市尉氏县，在本市轮廓以外：点在开封市邻近新郑市的地带内均匀排开，误差覆盖整个地带。"
    told = dict.fromkeys(doubted, note + "地理编码所得点位与所在乡镇轮廓不符，未采用。")
    return {
        code: Place(Point(point), area, float(error), placed_by, told.get(code, note))
        for code, point, error in zip(members, points, errors, strict=True)
    }


def _outline(outlines: Outlines, placed_by: str, key: str) -> tuple[BaseGeometry, float]:
    """Return the area in which a group of villages lies, EPSG:4547, and that outline's own error."""
    if placed_by == "township":
        return outlines.old_townships_m[key], TOWNSHIP_ERROR_M
    if placed_by == "county":
        return outlines.counties_m[key], COUNTY_ERROR_M
    if key == NEIGHBOUR_CITY:
        belt = shapely.buffer(outlines.counties_m[NEIGHBOURED_COUNTY], NEIGHBOUR_REACH_M)
        return shapely.intersection(outlines.cities_m[key], belt), COUNTY_ERROR_M
    return shapely.union_all([outlines.counties_m[code] for code in CARVED_FROM[key]]), COUNTY_ERROR_M


def _showable(outlines: Outlines, outline: BaseGeometry, placed_by: str, member: str) -> BaseGeometry:
    """Return the part of a township's old outline that lies in its county of today, unless that is a sliver."""
    county = outlines.counties_m.get(member[:6])
    if placed_by != "township" or county is None:
        return outline
    part = shapely.intersection(outline, county)
    return part if part.area >= 0.2 * outline.area else outline


def _derive(grid: terrain.SlopeGrid, places: list[Place]) -> list[str]:
    """Derive the terrain of each place, asking each area once."""
    distinct = {id(place.area): place.area for place in places}
    verdict = dict(zip(distinct, terrain.verdicts(grid, list(distinct.values())), strict=True))
    return [verdict[id(place.area)] for place in places]
