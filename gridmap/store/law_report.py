"""The law of a day, of the city or of one county: what a report lists, and the outlines that it draws."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, snapshot, today
from gridmap.store.exceptions import ExceptionRow, list_exceptions
from gridmap.store.regions import RegionRow, get_region
from gridmap.store.units import name_units
from gridmap.store.zones import Kind, ZoneRow, list_kinds, list_zones

# what is nowhere wider than the errors of both outlines may be no overlap at all
_SHARES = """
SELECT
    z.zone_id, ST_Area(part.geom_m) AS area_m2,
    2 * (ST_MaximumInscribedCircle(part.geom_m)).radius <= z.position_error_m + r.position_error_m AS is_doubtful
FROM snapshot.region AS r
INNER JOIN snapshot.zone AS z ON ST_Intersects(z.geom_m, r.geom_m)
CROSS JOIN LATERAL (SELECT ST_CollectionExtract(ST_Intersection(z.geom_m, r.geom_m), 3) AS geom_m) AS part
WHERE r.level = 'county' AND r.code = %(county)s AND ST_Area(part.geom_m) >= 1
"""

_FRAME = """
SELECT ST_XMin(e.box) AS west, ST_YMin(e.box) AS south, ST_XMax(e.box) AS east, ST_YMax(e.box) AS north
FROM (
    SELECT ST_Extent(r.geom_m) AS box FROM snapshot.region AS r
    WHERE r.level = 'county' AND (%(county)s::text IS NULL OR r.code = %(county)s)
) AS e
"""

# SVG counts y downwards: so does ST_AsSVG, from the north-west corner that was moved to the origin
_OUTLINES = """
SELECT
    o.id, o.name, o.kind, o.is_sketch,
    ST_AsSVG(ST_Translate(ST_SimplifyPreserveTopology(o.geom_m, %(coarse)s), -%(west)s, -%(north)s), 1, 0) AS path,
    ST_X(at.point) - %(west)s AS x, %(north)s - ST_Y(at.point) AS y
FROM (
    SELECT r.code AS id, r.name, 'county' AS kind, r.is_sketch, r.geom_m
    FROM snapshot.region AS r WHERE r.level = 'county' AND r.geom_m IS NOT NULL
    UNION ALL
    SELECT z.zone_id::text, z.name, z.kind, z.is_sketch, z.geom_m
    FROM snapshot.zone AS z WHERE z.geom_m IS NOT NULL
) AS o
CROSS JOIN (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547) AS geom_m) AS frame
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(ST_Intersection(o.geom_m, frame.geom_m)) AS point) AS at
WHERE ST_Intersects(o.geom_m, frame.geom_m) AND (o.kind = 'county' OR o.id = ANY(%(zones)s))
ORDER BY ST_Area(o.geom_m) DESC, o.id
"""

_MARGIN = 0.03
"""Room around what is drawn, as a share of its longer side."""

_FINENESS = 900.0
"""Outlines are simplified to the longer side of the frame divided by this: about a dot of a printed page."""


@dataclass(frozen=True)
class Listed:
    """A zone in force. area_m2: of it in the county, or all of it; None when it covers no land that is known.

    is_doubtful: it reaches into the county no farther than the outlines may be off. units: (code, side) of the county,
    or all of them; elsewhere: how many it lists in other counties.
    """

    zone: ZoneRow
    area_m2: float | None
    is_doubtful: bool
    units: tuple[tuple[str, str], ...]
    elsewhere: int


@dataclass(frozen=True)
class LawOfDay:
    """The law of a day. county: None for the whole city. kinds: every kind, with or without zones. names: of units."""

    on: dt.date
    county: RegionRow | None
    kinds: tuple[tuple[Kind, tuple[Listed, ...]], ...]
    names: Mapping[str, str]
    exceptions: tuple[ExceptionRow, ...] | None

    @property
    def listed(self) -> list[Listed]:
        """Return the zones of all kinds."""
        return [listed for _kind, zones in self.kinds for listed in zones]


@dataclass(frozen=True)
class Outline:
    """An outline as an SVG path, in metres east and south of the frame's north-west corner; x, y: where to name it."""

    id: str
    name: str
    kind: str
    is_sketch: bool
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Frame:
    """What is drawn of the ground, metres; outlines largest first, kind county among them."""

    width: float
    height: float
    outlines: tuple[Outline, ...]


def law_of_day(
    conn: Connection, *, county: str | None = None, as_of: dt.date | None = None, with_exceptions: bool = False
) -> LawOfDay:
    """Return the law of a day: of the city, or all that applies in one county, whoever drew it.

    with_exceptions: also those that the connection's reader may see; whether he may at all is asked before.
    NotFoundError when there was no such county.
    """
    on = as_of or today(conn)
    region = get_region(conn, county, as_of=as_of) if county else None
    shares = _shares(conn, county, as_of) if county else {}
    listed = [_listed(zone, county, shares) for zone in list_zones(conn, as_of=as_of)]
    there = [one for one in listed if county is None or _concerns(one, county)]
    codes = sorted({code for one in there for code, _side in one.units})
    exceptions = list_exceptions(conn, counties=[county] if county else None) if with_exceptions else None
    return LawOfDay(
        on,
        region,
        tuple((kind, tuple(one for one in there if one.zone.kind == kind.kind)) for kind in list_kinds(conn)),
        name_units(conn, codes, on=on),
        tuple(one for one in exceptions if one.status == "accepted" and one.accepted_on <= on <= one.accepted_until)
        if exceptions is not None
        else None,
    )


def draw_law(conn: Connection, law: LawOfDay) -> Frame | None:
    """Return the outlines of a law's zones with the counties, or None where nothing has an outline."""
    with snapshot(conn, law.on) as cursor:
        cursor.execute(_FRAME, {"county": law.county.code if law.county else None})
        box = cursor.fetchone()
        if box.west is None:
            return None
        longer = max(box.east - box.west, box.north - box.south)
        room = longer * _MARGIN
        sides = {
            "west": box.west - room,
            "south": box.south - room,
            "east": box.east + room,
            "north": box.north + room,
        }
        zones = [str(one.zone.zone_id) for one in law.listed]
        cursor.execute(_OUTLINES, {**sides, "coarse": longer / _FINENESS, "zones": zones})
        outlines = tuple(Outline(**record._asdict()) for record in cursor.fetchall())
    return Frame(sides["east"] - sides["west"], sides["north"] - sides["south"], outlines)


def _shares(conn: Connection, county: str, as_of: dt.date | None) -> dict[int, Any]:
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_SHARES, {"county": county})
        return {row.zone_id: row for row in cursor.fetchall()}


def _listed(zone: ZoneRow, county: str | None, shares: Mapping[int, Any]) -> Listed:
    units = [(code, "in") for code in zone.units_in] + [(code, "out") for code in zone.units_out]
    if county is None:
        return Listed(zone, zone.area_m2, False, tuple(units), 0)
    own = tuple(unit for unit in units if unit[0].startswith(county))
    share = shares.get(zone.zone_id)
    doubtful = share is not None and bool(share.is_doubtful) and zone.county_code != county and not own
    return Listed(zone, share.area_m2 if share else None, doubtful, own, len(units) - len(own))


def _concerns(one: Listed, county: str) -> bool:
    # a list that only names units of it as out has nothing to say there
    named = any(side == "in" for _code, side in one.units)
    return one.zone.county_code == county or one.area_m2 is not None or named


def documents(listed: Sequence[Listed]) -> list[tuple[str, str | None, str, dt.date | None]]:
    """Return the documents that zones rest on, each once: document, number, issuer, day of signing."""
    found = {(one.zone.document, one.zone.document_number, one.zone.issuer, one.zone.signed_on): None for one in listed}
    return list(found)
