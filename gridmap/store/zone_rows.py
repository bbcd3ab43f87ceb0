"""What the relations that ask zones say of villages and sites, row by row, to see where nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg2.extensions import cursor as Cursor

from gridmap.db import prepared
from gridmap.db.session import Connection, snapshot, transaction
from gridmap.geo import SRID_METRES
from gridmap.store.draft_content import ContentEdit
from gridmap.store.draft_sides import Side

_SLACK_M = 0.001
"""A boundary must be nearer than a box by this much to be the nearest for certain."""

_VILLAGES = """
SELECT c.village_id AS id, v.name, v.county_code, v.households, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat,
    c.covered_pct AS inside_pct, c.by_name, c.near_boundary, v.cell_key, '' AS rows,
    NULL::double precision AS boundary_m
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id
WHERE c.kind = %(kind)s AND (%(ids)s::text[] IS NULL OR c.village_id = ANY(%(ids)s))
"""

# The key of a version is not compared: no rule may judge by it. Sites are named, as in narrowing.py.
_SITES = """
WITH site_in_zone AS MATERIALIZED (
    SELECT r.* FROM snapshot.site_in_zone AS r WHERE r.kind = %(kind)s AND r.site_id = ANY(%(ids)s)
)
SELECT s.site_id AS id, s.name, s.county_code, NULL::integer AS households, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    CASE WHEN i.inside THEN 100.0 ELSE 0.0 END::double precision AS inside_pct,
    false AS by_name, i.near_boundary, s.cell_key, i.rows, i.boundary_m
FROM (
    SELECT
        i.site_id, bool_or(i.inside) AS inside, bool_or(coalesce(i.near_boundary, false)) AS near_boundary,
        min(i.distance_to_boundary_m) FILTER (WHERE i.lineage = %(lineage)s) AS boundary_m,
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


# places that boxes are within the errors of both of
_SITES_NEAR = """
SELECT s.site_id AS id, s.cell_key, min(ST_Distance(s.geom_m, b.geom_m)) AS away_m
FROM gridmap.site AS s
INNER JOIN unnest(%(boxes)s::geometry[]) AS b (geom_m)
    ON ST_DWithin(s.geom_m, b.geom_m, s.position_error_m + %(error_m)s)
WHERE s.cell_key = ANY(%(cells)s)
GROUP BY s.site_id, s.cell_key
"""

# A village that was near stays near by any place of the draft's own line that neither an edit nor another zone touches.
_VILLAGES_NEAR = """
WITH box AS MATERIALIZED (SELECT b.geom_m FROM unnest(%(boxes)s::geometry[]) AS b (geom_m)),

kept AS MATERIALIZED (
    SELECT start.geom_m
    FROM gridmap.zone_edge AS e
    CROSS JOIN LATERAL (SELECT ST_StartPoint(e.geom_m) AS geom_m) AS start
    WHERE e.zone_id = %(draft)s
        AND NOT EXISTS (SELECT FROM box AS b WHERE ST_DWithin(b.geom_m, start.geom_m, %(slack)s))
        AND NOT EXISTS (
            SELECT FROM gridmap.zone AS o
            WHERE o.kind = %(kind)s AND o.lineage <> %(lineage)s AND o.status = 'published'
                AND o.in_force @> gridmap.today() AND ST_DWithin(o.geom_m, start.geom_m, 0.001)
        )
)

SELECT v.village_id AS id, v.cell_key
FROM gridmap.village AS v
CROSS JOIN LATERAL (SELECT coalesce(v.territory_m, v.geom_m) AS geom_m) AS place
CROSS JOIN LATERAL (SELECT min(ST_Distance(place.geom_m, b.geom_m)) AS away_m FROM box AS b) AS nearest
WHERE v.in_force @> gridmap.today() AND v.cell_key = ANY(%(cells)s)
    AND nearest.away_m <= v.position_error_m + %(error_m)s
    AND NOT (
        nearest.away_m > %(slack)s AND v.village_id = ANY(%(near)s)
        AND EXISTS (
            SELECT FROM kept AS k WHERE ST_DWithin(k.geom_m, place.geom_m, v.position_error_m + %(own_error_m)s)
        )
    )
"""


@dataclass(frozen=True)
class Told:
    """What a relation says of a village or site: its side, and all else that its rows hold. cell_key: its square.

    boundary_m: how far a site is from the boundary of the lineage asked for, None where it is not near.
    """

    side: Side
    cell_key: int
    rows: str
    boundary_m: float | None = None


def read(
    conn: Connection,
    relation: str,
    kind: str,
    cells: Collection[int],
    *,
    day: dt.date,
    draft: int | None = None,
    lineage: str = "",
    only: Collection[str] | None = None,
) -> dict[str, Told]:
    """Return by id what village_cover or site_in_zone says of zones of a kind in these squares, were a draft law.

    lineage: to whose boundary distances are told; only: ids of the villages or sites asked for, None for all there.
    """
    if not cells or (only is not None and not only):
        return {}
    if relation == "village_cover":
        with snapshot(conn, day, draft=draft, cells=cells) as cursor:
            ids = None if only is None else list(only)
            prepared.execute(cursor, _VILLAGES, {"kind": kind, "ids": ids})
            return _told(cursor.fetchall())
    if only is None:
        with transaction(conn) as cursor:
            cursor.execute("SELECT s.site_id FROM gridmap.site AS s WHERE s.cell_key = ANY(%s)", [list(cells)])
            only = [site_id for (site_id,) in cursor.fetchall()]
    with snapshot(conn, day, draft=draft, span=(min(cells), max(cells)), small=True) as cursor:
        prepared.execute(cursor, _SITES, {"kind": kind, "ids": list(only), "lineage": lineage}, listed="ids")
        return _told(cursor.fetchall())


def near_boxes(
    cursor: Cursor, relation: str, cells: Collection[int], edit: ContentEdit, known: Mapping[str, Told]
) -> dict[str, int]:
    """Return the ids, with their squares, of which a relation may say something else after an edit of an outline.

    edit: lists the same units before and after. known: what the relation said before; of a site nearer to the boundary
    than to what was moved it says the same, and of a village that stays near by what was not.
    """
    boxes = [shapely.set_srid(shapely.box(*box), SRID_METRES) for box in edit.boxes]
    asked: dict[str, Any] = {
        "boxes": [shapely.to_wkb(box, hex=True, include_srid=True) for box in boxes],
        "cells": list(cells),
        "error_m": edit.kind_error_m,
    }
    if relation == "village_cover":
        near = [village for village, told in known.items() if told.side.near_boundary]
        own = {
            "draft": edit.new,
            "kind": edit.kind,
            "lineage": edit.lineage,
            "own_error_m": edit.outline_error_m(was=False),
        }
        cursor.execute(_VILLAGES_NEAR, {**asked, **own, "near": near, "slack": _SLACK_M})
        return dict(cursor.fetchall())
    cursor.execute(_SITES_NEAR, asked)
    return {row.id: row.cell_key for row in cursor.fetchall() if not _is_nearer(known.get(row.id), row.away_m)}


def _is_nearer(told: Told | None, away_m: float) -> bool:
    """Say whether the boundary's nearest place is surely none in the boxes, before or after."""
    return told is not None and told.boundary_m is not None and told.boundary_m < away_m - _SLACK_M


def _told(rows: Iterable[Any]) -> dict[str, Told]:
    return {row.id: Told(Side(*row[:9]), row.cell_key, row.rows, row.boundary_m) for row in rows}
