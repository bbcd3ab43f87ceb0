"""The law at a place on a day: every kind, how it was decided, what came before and comes after, what is excepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.db.session import Connection, snapshot, today
from gridmap.store.exceptions import ExceptionRow
from gridmap.store.locate import Location, locate, locate_village
from gridmap.store.units import name_units
from gridmap.store.zones import KindAt, ZoneRow, by_kind, list_kinds, zones_at, zones_of_village

# the more specific unit wins, as zone_effective_geometry() lays them on one another
_DECIDING_AT = """
SELECT DISTINCT ON (u.zone_id) u.zone_id, u.unit_code, u.side
FROM gridmap.zone_unit AS u
INNER JOIN gridmap.zone AS z ON z.zone_id = u.zone_id
CROSS JOIN (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547) AS geom_m) AS here
LEFT JOIN gridmap.region AS r ON r.code = u.unit_code AND r.in_force @> lower(z.in_force)
LEFT JOIN gridmap.village AS v ON v.village_id = u.unit_code AND v.in_force @> lower(z.in_force)
WHERE u.zone_id = ANY(%(zones)s) AND NOT u.by_name_only
    AND ST_Intersects(coalesce(r.geom_m, v.territory_m), here.geom_m)
ORDER BY u.zone_id, length(u.unit_code) DESC, u.side
"""
_DECIDING_OF = """
SELECT DISTINCT ON (u.zone_id) u.zone_id, u.unit_code, u.side
FROM gridmap.zone_unit AS u
WHERE u.zone_id = ANY(%(zones)s) AND u.unit_code = ANY(%(units)s)
ORDER BY u.zone_id, length(u.unit_code) DESC
"""

# a position cannot tell whether it belongs to a village or township that has no outline; where another township's
# outline holds it, one without matters only near its seat: outlines are old, and streets were carved out since
_BY_NAME_ONLY = """
SELECT z.zone_id, z.kind, z.name, u.unit_code
FROM snapshot.zone AS z
INNER JOIN gridmap.zone_unit AS u ON u.zone_id = z.zone_id
LEFT JOIN snapshot.region AS r ON r.code = u.unit_code
WHERE u.by_name_only AND u.side = 'in' AND length(u.unit_code) > 6 AND left(u.unit_code, 6) = %(county)s
    AND (%(township)s::text IS NULL OR left(u.unit_code, 9) = %(township)s
        OR ST_DWithin(
            ST_Transform(r.seat, 4547),
            ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547),
            %(seat_m)s
        ))
ORDER BY z.zone_id, u.unit_code
"""

SEAT_M = 5000.0
"""How near the seat of a township without an outline a place may belong to it, though another's outline holds it."""

# as the table stands: what was revoked is an exception no more, whatever the day
_EXCEPTIONS = """
SELECT
    f.key, f.rule_id, f.county_code, f.feature_id, f.name, f.status, f.accepted_reason, f.accepted_document,
    f.accepted_by, f.accepted_on, f.accepted_until
FROM gridmap.finding AS f
CROSS JOIN (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom) AS here
WHERE f.status = 'accepted' AND snapshot.as_of() BETWEEN f.accepted_on AND f.accepted_until
    AND (f.feature_id = %(village)s
        OR f.cell_key = (SELECT gridmap.square_of(here.geom))
        OR (f.cell_key IS NULL AND ST_Intersects(f.geom, here.geom)))
ORDER BY f.accepted_until, f.rule_id, f.county_code, f.feature_id, f.part
"""

DecidedBy = Literal["boundary", "units"]


@dataclass(frozen=True)
class ZoneHere:
    """A zone at a place. decided_by: whether its boundary or its list of units holds the place; unit: the one that
    does, with its name. decided_by is None for a zone that does not hold the place but may for all its error tells.
    """

    zone: ZoneRow
    decided_by: DecidedBy | None
    unit_code: str | None = None
    unit_name: str | None = None


@dataclass(frozen=True)
class NamedOnly:
    """A zone that lists units near a place which have no outline: should the place belong to one, it is inside."""

    zone_id: int
    kind: str
    name: str
    units: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LawAt:
    """The law at a place on a day.

    kinds: every kind, those without a zone there too. earlier: versions that had ended by that day, last first. later:
    those published that had not begun. exceptions: None unless they were asked for.
    """

    on: dt.date
    location: Location
    kinds: tuple[KindAt, ...]
    zones: tuple[ZoneHere, ...]
    named_only: tuple[NamedOnly, ...]
    earlier: tuple[ZoneRow, ...]
    later: tuple[ZoneRow, ...]
    exceptions: tuple[ExceptionRow, ...] | None

    def may_be_by_name(self, kind: str) -> bool:
        """Return whether a zone of a kind may hold the place by a name that its position cannot tell."""
        return any(named.kind == kind for named in self.named_only)

    def of_kind(self, kind: str) -> list[ZoneHere]:
        """Return the zones of a kind."""
        return [here for here in self.zones if here.zone.kind == kind]


def law_at(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    error_m: float = 0.0,
    as_of: dt.date | None = None,
    with_exceptions: bool = False,
) -> LawAt:
    """Return the law at a position (degrees, EPSG:4490, off by at most error_m metres).

    with_exceptions: also those that the connection's reader may see; whether he may at all is asked before. UserError
    when the position is outside the city's envelope.
    """
    found = zones_at(conn, lon, lat, as_of=as_of, error_m=error_m)
    ever = zones_at(conn, lon, lat, as_of=as_of, error_m=error_m, any_day=True)
    location = locate(conn, lon, lat, error_m=error_m, as_of=as_of)
    return _law(conn, location, found, ever, as_of, with_exceptions)


def law_of_village(
    conn: Connection, village_id: str, *, as_of: dt.date | None = None, with_exceptions: bool = False
) -> LawAt:
    """Return the law of a village, by name first; see law_at(). NotFoundError when it was not there on that day."""
    found = zones_of_village(conn, village_id, as_of=as_of)
    ever = zones_of_village(conn, village_id, as_of=as_of, any_day=True)
    return _law(conn, locate_village(conn, village_id, as_of=as_of), found, ever, as_of, with_exceptions)


def _law(
    conn: Connection,
    location: Location,
    found: list[ZoneRow],
    ever: list[ZoneRow],
    as_of: dt.date | None,
    with_exceptions: bool,
) -> LawAt:
    on = as_of or today(conn)
    ended = [zone for zone in ever if zone.ends_on is not None and zone.ends_on <= on]
    return LawAt(
        on,
        location,
        tuple(by_kind(list_kinds(conn), found)),
        tuple(_decided(conn, location, found, on)),
        () if location.is_village else tuple(_named_only(conn, location, found, on)),
        tuple(sorted(ended, key=lambda zone: zone.ends_on or on, reverse=True)),
        tuple(sorted((zone for zone in ever if zone.begins_on > on), key=lambda zone: zone.begins_on)),
        tuple(_exceptions(conn, location, as_of)) if with_exceptions else None,
    )


def _decided(conn: Connection, location: Location, found: Sequence[ZoneRow], on: dt.date) -> list[ZoneHere]:
    ids = [zone.zone_id for zone in found if zone.units_in]
    with snapshot(conn, on) as cursor:
        if location.is_village:
            units = [code for code in (location.village_id, location.township_code, location.county_code) if code]
            cursor.execute(_DECIDING_OF, {"zones": ids, "units": units})
        else:
            cursor.execute(_DECIDING_AT, {"zones": ids, "lon": location.lon, "lat": location.lat})
        deciding = {row.zone_id: row.unit_code for row in cursor.fetchall() if row.side == "in"}
    names = name_units(conn, list(deciding.values()), on=on)
    here = []
    for zone in found:
        unit = deciding.get(zone.zone_id) if zone.inside else None
        decided: DecidedBy | None = ("units" if unit else "boundary") if zone.inside else None
        here.append(ZoneHere(zone, decided, unit, names.get(unit) if unit else None))
    return here


def _named_only(conn: Connection, location: Location, found: Iterable[ZoneRow], on: dt.date) -> list[NamedOnly]:
    if location.county_code is None:
        return []
    sure = {zone.zone_id for zone in found if zone.inside and not zone.near_boundary}
    with snapshot(conn, on) as cursor:
        cursor.execute(
            _BY_NAME_ONLY,
            {
                "county": location.county_code,
                "township": location.township_code,
                "lon": location.lon,
                "lat": location.lat,
                "seat_m": SEAT_M,
            },
        )
        rows: list[Any] = [row for row in cursor.fetchall() if row.zone_id not in sure]
    names = name_units(conn, [row.unit_code for row in rows], on=on)
    units: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        units.setdefault(row.zone_id, []).append((row.unit_code, names.get(row.unit_code, row.unit_code)))
    zones = {row.zone_id: row for row in rows}
    return [NamedOnly(zone_id, row.kind, row.name, tuple(units[zone_id])) for zone_id, row in zones.items()]


def _exceptions(conn: Connection, location: Location, as_of: dt.date | None) -> list[ExceptionRow]:
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_EXCEPTIONS, {"lon": location.lon, "lat": location.lat, "village": location.village_id
                                     if location.is_village else None})  # fmt: skip
        return [ExceptionRow(*record) for record in cursor.fetchall()]
