"""Zones in the database: drafts, publication, the law at a place on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg2
from psycopg2.extensions import cursor as Cursor

from gridmap import geo
from gridmap.db.session import Connection, snapshot, transaction
from gridmap.domain.zone import ZoneDraft
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import zone_cells

_INSERT = """
INSERT INTO gridmap.zone (
    lineage, version, kind, class, name, county_code, issuer, document, document_number, signed_on, in_force,
    phase, boundary_wording, road_included, exemptions, deadline_on, reason, boundary, is_sketch,
    position_error_m, source, note, is_repeal)
VALUES (
    %(lineage)s,
    (SELECT coalesce(max(z.version), 0) + 1 FROM gridmap.zone AS z WHERE z.lineage = %(lineage)s),
    %(kind)s, %(class_)s, %(name)s, %(county_code)s, %(issuer)s, %(document)s, %(document_number)s, %(signed_on)s,
    daterange(%(begins_on)s, %(ends_on)s), %(phase)s, %(boundary_wording)s, %(road_included)s, %(exemptions)s,
    %(deadline_on)s, %(reason)s, ST_GeomFromWKB(%(boundary)s, 4490), %(is_sketch)s, %(position_error_m)s,
    %(source)s, %(note)s, %(is_repeal)s)
RETURNING zone_id
"""

_INSERT_UNITS = """
INSERT INTO gridmap.zone_unit (zone_id, unit_code, side, note)
SELECT %s, u.unit_code, u.side, u.note FROM unnest(%s::text[], %s::text[], %s::text[]) AS u (unit_code, side, note)
"""

# gridmap.zone, not the snapshot: a page may ask for any version, in force or not
_ROW = """
SELECT
    z.zone_id, z.lineage, z.version, z.kind, k.name_zh AS kind_zh, k.name_en AS kind_en, z.class AS class_, z.name,
    z.county_code, z.issuer, z.document, z.document_number, z.signed_on, lower(z.in_force) AS begins_on,
    upper(z.in_force) AS ends_on, z.status, z.phase, z.boundary_wording, z.road_included, z.exemptions,
    z.deadline_on, z.reason, z.is_sketch, z.position_error_m, z.source, z.note, z.is_repeal,
    z.boundary IS NOT NULL AS has_boundary, ST_Area(z.geom_m) AS area_m2,
    coalesce(u.units_in, '{}') AS units_in, coalesce(u.units_out, '{}') AS units_out,
    coalesce(u.by_name_only, '{}') AS by_name_only
    /*extra*/
FROM /*relation*/ AS z
INNER JOIN gridmap.zone_kind AS k ON k.kind = z.kind
LEFT JOIN LATERAL (
    SELECT
        array_agg(zu.unit_code ORDER BY zu.unit_code) FILTER (WHERE zu.side = 'in') AS units_in,
        array_agg(zu.unit_code ORDER BY zu.unit_code) FILTER (WHERE zu.side = 'out') AS units_out,
        array_agg(zu.unit_code ORDER BY zu.unit_code) FILTER (WHERE zu.by_name_only) AS by_name_only
    FROM gridmap.zone_unit AS zu WHERE zu.zone_id = z.zone_id
) AS u ON true
"""
_ANY_VERSION = _ROW.replace("/*relation*/", "gridmap.zone").replace("/*extra*/", "")
_IN_FORCE = _ROW.replace("/*relation*/", "snapshot.zone").replace("/*extra*/", "")

_LIST = (
    _IN_FORCE
    + """
WHERE (%(kind)s::text IS NULL OR z.kind = %(kind)s) AND (%(county)s::text IS NULL OR z.county_code = %(county)s)
ORDER BY k.sort_order, z.county_code, z.lineage
"""
)

_AT = (
    _ROW.replace(
        "/*extra*/",
        """,
    ST_Intersects(z.geom_m, here.geom_m) AS inside,
    edge.distance_to_boundary_m,
    edge.distance_to_boundary_m IS NOT NULL AS near_boundary,
    false AS by_name""",
    )
    + """
CROSS JOIN (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547) AS geom_m) AS here
LEFT JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, here.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, here.geom_m, z.position_error_m + %(error_m)s)
) AS edge ON true
WHERE ST_DWithin(z.geom_m, here.geom_m, z.position_error_m + %(error_m)s)
ORDER BY k.sort_order, z.county_code, z.lineage
"""
)

# what a question reads: the law of the day, or every published version whatever its days; never a draft
_OF_THE_DAY = "snapshot.zone"
_OF_ANY_DAY = "(SELECT p.* FROM gridmap.zone AS p WHERE p.status = 'published')"

# by name before geometry, as snapshot.village_cover judges: a list that names the village, its township or its county
_OF_VILLAGE = (
    _ROW.replace(
        "/*extra*/",
        """,
    coalesce(named.side = 'in', place.inside) AS inside,
    place.distance_to_boundary_m,
    place.distance_to_boundary_m IS NOT NULL AS near_boundary,
    named.side IS NOT NULL AS by_name""",
    )
    + """
CROSS JOIN (
    SELECT
        v.village_id, v.township_code, v.county_code, coalesce(v.territory_m, v.geom_m) AS geom_m, v.position_error_m
    FROM snapshot.village_all AS v
    WHERE v.village_id = %(village_id)s
) AS v
LEFT JOIN LATERAL (
    SELECT zu.side FROM gridmap.zone_unit AS zu
    WHERE zu.zone_id = z.zone_id AND zu.unit_code IN (v.village_id, v.township_code, v.county_code)
    ORDER BY length(zu.unit_code) DESC
    LIMIT 1
) AS named ON true
LEFT JOIN LATERAL (
    SELECT
        ST_Intersects(z.geom_m, v.geom_m) AS inside,
        (
            SELECT min(ST_Distance(e.geom_m, v.geom_m)) FROM gridmap.zone_edge AS e
            WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, v.geom_m, v.position_error_m + z.position_error_m)
        ) AS distance_to_boundary_m
) AS place ON named.side IS NULL AND z.boundary IS NOT NULL
WHERE coalesce(named.side = 'in', place.inside OR place.distance_to_boundary_m IS NOT NULL)
ORDER BY k.sort_order, z.county_code, z.lineage
"""
)


@dataclass(frozen=True)
class ZoneRow:
    """One version of a zone, without its geometries.

    is_repeal: it ends the zone without a successor: from begins_on on there is none of it.
    inside, distance_to_boundary_m (metres), near_boundary and by_name are filled where a place or a village was
    asked for.
    """

    zone_id: int
    lineage: str
    version: int
    kind: str
    kind_zh: str
    kind_en: str
    class_: str | None
    name: str
    county_code: str
    issuer: str
    document: str
    document_number: str | None
    signed_on: dt.date | None
    begins_on: dt.date
    ends_on: dt.date | None
    status: str
    phase: str | None
    boundary_wording: str | None
    road_included: bool | None
    exemptions: str | None
    deadline_on: dt.date | None
    reason: str | None
    is_sketch: bool
    position_error_m: float
    source: str
    note: str | None
    has_boundary: bool
    area_m2: float | None
    units_in: list[str]
    units_out: list[str]
    by_name_only: list[str]
    is_repeal: bool = False
    inside: bool | None = None
    distance_to_boundary_m: float | None = None
    near_boundary: bool | None = None
    by_name: bool | None = None

    @property
    def last_day(self) -> dt.date | None:
        """Return the last day in force, as people write it: the day before ends_on, which no longer belongs to it."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


@dataclass(frozen=True)
class Kind:
    """A kind of zone that the law knows."""

    kind: str
    name_zh: str
    name_en: str

    def title(self, lang: str) -> str:
        """Return its name in a language (zh or en)."""
        return self.name_en if lang == "en" else self.name_zh


@dataclass(frozen=True)
class KindAt:
    """On which side of a kind a place or village is. zones: those that hold it, or may for all their error tells."""

    kind: Kind
    side: Literal["inside", "near_boundary", "outside"]
    zones: tuple[ZoneRow, ...]


def _row(record: Any) -> ZoneRow:
    return ZoneRow(**record._asdict())


def insert_draft(cursor: Cursor, draft: ZoneDraft) -> int:
    """Save a draft as the next version of its lineage and return its zone_id; what it covers is computed at once."""
    values = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    values["boundary"] = psycopg2.Binary(draft.boundary_wkb) if draft.boundary_wkb is not None else None
    values.pop("unit_notes")
    values.pop("boundary_wkb")
    try:
        with transaction(cursor.connection) as inner:
            inner.execute(_INSERT, values)
            zone_id = int(inner.fetchone()[0])
    except psycopg2.errors.ForeignKeyViolation as error:
        raise UserError(f"zone {draft.lineage}: there is no kind of zone called {draft.kind!r}") from error
    replace_units(cursor, zone_id, draft.units_in, draft.units_out, draft.unit_notes)
    cursor.execute("SELECT gridmap.settle_zone(%s)", [zone_id])
    zone_cells.build(cursor, zone_id)
    return zone_id


def replace_units(
    cursor: Cursor, zone_id: int, units_in: Sequence[str], units_out: Sequence[str], notes: Mapping[str, str]
) -> None:
    """Have a draft list these units and no others; settle_zone() must follow."""
    cursor.execute("DELETE FROM gridmap.zone_unit WHERE zone_id = %s", [zone_id])
    units = [*units_in, *units_out]
    sides = ["in"] * len(units_in) + ["out"] * len(units_out)
    cursor.execute(_INSERT_UNITS, [zone_id, units, sides, [notes.get(unit) for unit in units]])


def publish(cursor: Cursor, zone_id: int) -> None:
    """Make a draft law: its predecessor ends the day it begins, and it cannot be changed afterwards."""
    try:
        with transaction(cursor.connection) as inner:
            # squares that followed the draft step by step are built anew, as law, in one go
            zone_cells.drop(inner, zone_id)
            inner.execute("SELECT gridmap.publish_zone(%s)", [zone_id])
            zone_cells.ensure(inner, zone_id)
    except psycopg2.errors.NoDataFound as error:
        raise NotFoundError(f"there is no zone {zone_id}") from error
    except psycopg2.errors.ObjectInUse as error:
        raise ConflictError(str(error).splitlines()[0]) from error
    except psycopg2.errors.ExclusionViolation as error:
        raise ConflictError(
            f"zone {zone_id}: another published version of it is in force on some of its days"
        ) from error


def list_zones(
    conn: Connection, *, as_of: dt.date | None = None, kind: str | None = None, county: str | None = None
) -> list[ZoneRow]:
    """List the zones in force, by kind and county."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_LIST, {"kind": kind, "county": county})
        return [_row(record) for record in cursor.fetchall()]


def list_kinds(conn: Connection) -> list[Kind]:
    """List the kinds of zone in the order of legends."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT k.kind, k.name_zh, k.name_en FROM gridmap.zone_kind AS k ORDER BY k.sort_order, k.kind")
        return [Kind(**record._asdict()) for record in cursor.fetchall()]


def by_kind(kinds: Sequence[Kind], found: Sequence[ZoneRow]) -> list[KindAt]:
    """Say of every kind on which side a place or village is. found: what zones_at() or zones_of_village() listed.

    One zone that surely holds it is enough; else one whose boundary is too near to tell makes it doubtful.
    """
    sides = []
    for kind in kinds:
        zones = tuple(zone for zone in found if zone.kind == kind.kind)
        side: Literal["inside", "near_boundary", "outside"] = "outside"
        if any(zone.inside and not zone.near_boundary for zone in zones):
            side = "inside"
        elif any(zone.near_boundary for zone in zones):
            side = "near_boundary"
        sides.append(KindAt(kind, side, zones))
    return sides


def get_zone(conn: Connection, zone_id: int) -> ZoneRow:
    """Return one version of a zone, in force or not; NotFoundError if there is none."""
    with transaction(conn) as cursor:
        cursor.execute(_ANY_VERSION + " WHERE z.zone_id = %s", [zone_id])
        record = cursor.fetchone()
    if record is None:
        raise NotFoundError(f"there is no zone {zone_id}")
    return _row(record)


def last_drawn(cursor: Cursor, version: ZoneRow) -> int:
    """Return the version that tells what a zone is: the version itself, of a repeal the one that it ended."""
    cursor.execute(
        "SELECT z.zone_id FROM gridmap.zone AS z WHERE z.lineage = %s AND NOT z.is_repeal "
        "AND (z.zone_id = %s OR (z.status = 'published' AND z.version < %s)) ORDER BY z.version DESC LIMIT 1",
        [version.lineage, version.zone_id, version.version],
    )
    return int(cursor.fetchone()[0])


def list_versions(conn: Connection, lineage: str) -> list[ZoneRow]:
    """List all versions of a zone, first one first."""
    with transaction(conn) as cursor:
        cursor.execute(_ANY_VERSION + " WHERE z.lineage = %s ORDER BY z.version", [lineage])
        return [_row(record) for record in cursor.fetchall()]


def zones_at(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    as_of: dt.date | None = None,
    error_m: float = 0.0,
    any_day: bool = False,
) -> list[ZoneRow]:
    """List the zones in force at a position (degrees, EPSG:4490), nearest doubt included.

    A zone is listed when the position lies in it, or no farther outside than the zone's own error and that of the
    position (error_m) together; near_boundary then says that the side cannot be told. any_day: all published versions
    instead, before and after. UserError when the position is outside the city's envelope.
    """
    if not geo.inside_envelope(lon, lat):
        hint = "; longitude and latitude look swapped" if geo.inside_envelope(lat, lon) else ""
        west, south, east, north = geo.ENVELOPE
        raise UserError(
            f"position {lon}, {lat} is outside the city's data; expected longitude {west} to {east} "
            f"and latitude {south} to {north}{hint}"
        )
    query = _AT.replace("/*relation*/", _OF_ANY_DAY if any_day else _OF_THE_DAY)
    with snapshot(conn, as_of) as cursor:
        cursor.execute(query, {"lon": lon, "lat": lat, "error_m": error_m})
        return [_row(record) for record in cursor.fetchall()]


def zones_of_village(
    conn: Connection, village_id: str, *, as_of: dt.date | None = None, any_day: bool = False
) -> list[ZoneRow]:
    """List the zones in force that a village is in by name, or by its place, or may be in for all its error tells.

    A list that names the village decides (by_name); only a zone with a boundary is asked with geometry. any_day: see
    zones_at(). NotFoundError when the village was not there on that day.
    """
    query = _OF_VILLAGE.replace("/*relation*/", _OF_ANY_DAY if any_day else _OF_THE_DAY)
    with snapshot(conn, as_of) as cursor:
        cursor.execute("SELECT 1 FROM snapshot.village_all WHERE village_id = %s", [village_id])
        if cursor.fetchone() is None:
            raise NotFoundError(f"there is no village {village_id}" + (f" on {as_of}" if as_of else ""))
        cursor.execute(query, {"village_id": village_id})
        return [_row(record) for record in cursor.fetchall()]
