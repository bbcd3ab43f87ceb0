"""Which villages and sites lie on which side of a kind of zone, under the law and were a draft law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg2
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, snapshot
from gridmap.domain.outline_change import Box

# one read of the cover with the names beside it: what the rules ask too
_VILLAGES = """
SELECT c.village_id AS id, v.name, v.county_code, v.households, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat,
    c.covered_pct AS inside_pct, c.by_name, c.near_boundary
FROM village_cover AS c
INNER JOIN village AS v ON v.village_id = c.village_id
WHERE c.kind = %(kind)s
ORDER BY c.village_id
"""

_SITES = """
SELECT s.site_id AS id, s.name, s.county_code, NULL::integer AS households, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    CASE WHEN bool_or(i.inside) THEN 100.0 ELSE 0.0 END::double precision AS inside_pct,
    false AS by_name, bool_or(coalesce(i.near_boundary, false)) AS near_boundary
FROM site_in_zone AS i
INNER JOIN site AS s ON s.site_id = i.site_id
WHERE i.kind = %(kind)s
GROUP BY s.site_id, s.name, s.county_code, s.geom
ORDER BY s.site_id
"""

_LAND = """
SELECT
    coalesce(ST_Area(new.geom_m), 0) AS draft_m2,
    coalesce(ST_Area(old.geom_m), 0) AS law_m2,
    -- what is not gained is kept: one overlay of ten thousand vertices instead of two
    greatest(coalesce(ST_Area(new.geom_m) - ST_Area(gained.geom_m), 0), 0) AS kept_m2,
    coalesce((
        SELECT ST_Area(ST_Intersection(gained.geom_m, ST_Union(o.geom_m))) FROM gridmap.zone AS o
        WHERE o.kind = new.kind AND o.lineage <> new.lineage AND o.status = 'published'
            AND o.in_force @> gridmap.today() AND ST_Intersects(o.geom_m, gained.geom_m)
    ), 0) AS overlap_m2,
    CASE WHEN k.drawn_by = 'county' AND r.geom_m IS NOT NULL
        THEN coalesce(ST_Area(ST_Difference(gained.geom_m, r.geom_m)), 0) END AS outside_m2
FROM gridmap.zone AS new
INNER JOIN gridmap.zone_kind AS k ON k.kind = new.kind
LEFT JOIN gridmap.zone AS old ON old.zone_id = %(law)s
CROSS JOIN LATERAL (
    -- OFFSET 0 has the difference computed once, not wherever it is named
    SELECT CASE WHEN old.geom_m IS NULL THEN new.geom_m ELSE ST_Difference(new.geom_m, old.geom_m) END AS geom_m
    OFFSET 0
) AS gained
LEFT JOIN gridmap.region AS r
    ON r.code = new.county_code AND r.level = 'county' AND r.in_force @> gridmap.today()
WHERE new.zone_id = %(draft)s
"""

# what two outlines of one draft have of the land in boxes outside of which they are the same
_LAND_IN_BOXES = """
WITH part AS (
    SELECT side.sign, ST_CollectionExtract(ST_Intersection(side.geom_m, box.geom_m), 3) AS geom_m
    FROM gridmap.zone AS new
    CROSS JOIN LATERAL (
        VALUES (1, new.geom_m), (-1, ST_GeomFromWKB(%(was)s, 4547))
    ) AS side (sign, geom_m)
    CROSS JOIN (
        SELECT ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4547) AS geom_m
        FROM unnest(%(wests)s::float8[], %(souths)s::float8[], %(easts)s::float8[], %(norths)s::float8[])
            AS b (west, south, east, north)
    ) AS box
    WHERE new.zone_id = %(draft)s
)

SELECT
    ST_Area(new.geom_m) AS draft_m2,
    coalesce(sum(part.sign * ST_Area(gained.geom_m)), 0) AS gained_m2,
    coalesce(sum(part.sign * coalesce((
        SELECT ST_Area(ST_Intersection(gained.geom_m, ST_Union(o.geom_m))) FROM gridmap.zone AS o
        WHERE o.kind = new.kind AND o.lineage <> new.lineage AND o.status = 'published'
            AND o.in_force @> gridmap.today() AND ST_Intersects(o.geom_m, gained.geom_m)
    ), 0)), 0) AS overlap_m2,
    coalesce(sum(part.sign * ST_Area(ST_Difference(gained.geom_m, r.geom_m))), 0) AS outside_m2
FROM gridmap.zone AS new
INNER JOIN part ON true
LEFT JOIN gridmap.zone AS old ON old.zone_id = %(law)s
CROSS JOIN LATERAL (
    SELECT CASE WHEN old.geom_m IS NULL THEN part.geom_m ELSE ST_Difference(part.geom_m, old.geom_m) END AS geom_m
    OFFSET 0
) AS gained
LEFT JOIN gridmap.region AS r
    ON r.code = new.county_code AND r.level = 'county' AND r.in_force @> gridmap.today()
WHERE new.zone_id = %(draft)s
GROUP BY new.zone_id
"""


@dataclass(frozen=True)
class Side:
    """A village or site and how much of it lies inside (0 to 100). lon, lat: degrees, EPSG:4490."""

    id: str
    name: str
    county_code: str
    households: int | None
    lon: float
    lat: float
    inside_pct: float
    by_name: bool
    near_boundary: bool


@dataclass(frozen=True)
class Land:
    """Areas in square metres: of the draft, of the law it would follow, what both cover; and of what the draft gains,
    what other zones of the kind cover too, and what lies outside the county that draws it (None where the kind is the
    city's or no outline known). What the law has already is no doing of the draft.
    """

    draft_m2: float
    law_m2: float
    kept_m2: float
    overlap_m2: float
    outside_m2: float | None

    @property
    def gained_m2(self) -> float:
        """Return what the draft covers and the law does not."""
        return max(self.draft_m2 - self.kept_m2, 0.0)

    @property
    def lost_m2(self) -> float:
        """Return what the law covers and the draft gives up."""
        return max(self.law_m2 - self.kept_m2, 0.0)


def land(cursor: Cursor, draft: int, law: int | None) -> Land:
    """Compare a draft's effective geometry with the version in force, None for none."""
    cursor.execute(_LAND, {"draft": draft, "law": law})
    return Land(**cursor.fetchone()._asdict())


def land_again(cursor: Cursor, draft: int, law: int | None, known: Land, was: bytes, boxes: Sequence[Box]) -> Land:
    """Return what land() does, from what it returned when the draft's outline was another.

    was: that outline, WKB of EPSG:4547; boxes: where the two differ (domain.outline_change), metres.
    """
    if not boxes:
        return known
    wests, souths, easts, norths = map(list, zip(*boxes, strict=True))
    cursor.execute(
        _LAND_IN_BOXES,
        {
            "draft": draft, "law": law, "was": psycopg2.Binary(was),
            "wests": wests, "souths": souths, "easts": easts, "norths": norths,
        },
    )  # fmt: skip
    row = cursor.fetchone()
    gained = known.draft_m2 - known.kept_m2 + row.gained_m2
    return replace(
        known,
        draft_m2=row.draft_m2,
        kept_m2=max(row.draft_m2 - gained, 0.0),
        overlap_m2=max(known.overlap_m2 + row.overlap_m2, 0.0),
        outside_m2=None if known.outside_m2 is None else max(known.outside_m2 + row.outside_m2, 0.0),
    )


def villages(
    conn: Connection,
    kind: str,
    cells: Collection[int] | None,
    *,
    day: dt.date,
    draft: int | None = None,
    counties: Sequence[str] | None = None,
) -> dict[str, Side]:
    """Return the villages of these squares (None: all) by id, as the relation village_cover has them.

    draft: any version of a zone; it is asked as if it were law instead of its lineage's law of the day. counties: six
    digits, only villages that lie in them.
    """
    return _sides(conn, _VILLAGES, kind, cells, day, draft, counties)


def sites(
    conn: Connection,
    kind: str,
    cells: Collection[int] | None,
    *,
    day: dt.date,
    draft: int | None = None,
    counties: Sequence[str] | None = None,
) -> dict[str, Side]:
    """Return the sites of these squares (None: all) that are inside or near a zone of the kind, by id, as site_in_zone
    has them. draft, counties: see villages().
    """
    return _sides(conn, _SITES, kind, cells, day, draft, counties)


def known_sites(conn: Connection, ids: Collection[str], days: Collection[dt.date]) -> set[str]:
    """Return those of these sites that are open on each of these days, as far as the connection's reader sees them."""
    known = set(ids)
    for day in days:
        with snapshot(conn, day) as cursor:
            cursor.execute("SELECT s.site_id FROM snapshot.site AS s WHERE s.site_id = ANY(%s)", [sorted(known)])
            known = {row.site_id for row in cursor.fetchall()}
    return known


def _sides(
    conn: Connection,
    query: str,
    kind: str,
    cells: Collection[int] | None,
    day: dt.date,
    draft: int | None,
    counties: Sequence[str] | None,
) -> dict[str, Side]:
    if cells is not None and not cells:
        return {}
    with snapshot(conn, day, draft=draft, cells=cells, counties=counties) as cursor:
        cursor.execute(query, {"kind": kind})
        rows: list[Any] = cursor.fetchall()
    return {row.id: Side(**row._asdict()) for row in rows}
