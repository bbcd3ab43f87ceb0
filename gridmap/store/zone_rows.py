"""What the relations that ask zones say of villages and sites, row by row, to see where nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from gridmap.db import prepared
from gridmap.db.session import Connection, snapshot, transaction
from gridmap.store.draft_sides import Side

_VILLAGES = """
SELECT c.village_id AS id, v.name, v.county_code, v.households, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat,
    c.covered_pct AS inside_pct, c.by_name, c.near_boundary, v.cell_key, '' AS rows
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id
WHERE c.kind = %(kind)s
"""

# The key of a version is not compared: no rule may judge by it. Sites are named, as in narrowing.py.
_SITES = """
WITH site_in_zone AS MATERIALIZED (
    SELECT r.* FROM snapshot.site_in_zone AS r WHERE r.kind = %(kind)s AND r.site_id = ANY(%(ids)s)
)
SELECT s.site_id AS id, s.name, s.county_code, NULL::integer AS households, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    CASE WHEN i.inside THEN 100.0 ELSE 0.0 END::double precision AS inside_pct,
    false AS by_name, i.near_boundary, s.cell_key, i.rows
FROM (
    SELECT
        i.site_id, bool_or(i.inside) AS inside, bool_or(coalesce(i.near_boundary, false)) AS near_boundary,
        string_agg(
            concat_ws(
                ' ', i.lineage, i.zone_name, i.inside, coalesce(i.near_boundary::text, '-'),
                coalesce(i.distance_to_boundary_m, -1)
            ),
            ',' ORDER BY i.lineage, i.zone_name, i.inside, i.distance_to_boundary_m
        ) AS rows
    FROM site_in_zone AS i
    GROUP BY i.site_id
) AS i
INNER JOIN gridmap.site AS s ON s.site_id = i.site_id
"""


@dataclass(frozen=True)
class Told:
    """What a relation says of a village or site: its side, and all else that its rows hold. cell_key: its square."""

    side: Side
    cell_key: int
    rows: str


def read(
    conn: Connection, relation: str, kind: str, cells: Collection[int], *, day: dt.date, draft: int | None = None
) -> dict[str, Told]:
    """Return by id what village_cover or site_in_zone says of zones of a kind in these squares, were a draft law."""
    if not cells:
        return {}
    if relation == "village_cover":
        with snapshot(conn, day, draft=draft, cells=cells) as cursor:
            prepared.execute(cursor, _VILLAGES, {"kind": kind})
            return _told(cursor.fetchall())
    with transaction(conn) as cursor:
        cursor.execute("SELECT s.site_id FROM gridmap.site AS s WHERE s.cell_key = ANY(%s)", [list(cells)])
        ids = [site_id for (site_id,) in cursor.fetchall()]
    with snapshot(conn, day, draft=draft, span=(min(cells), max(cells)), small=True) as cursor:
        prepared.execute(cursor, _SITES, {"kind": kind, "ids": ids}, listed="ids")
        return _told(cursor.fetchall())


def _told(rows: Iterable[Any]) -> dict[str, Told]:
    return {row.id: Told(Side(*row[:9]), row.cell_key, row.rows) for row in rows}
