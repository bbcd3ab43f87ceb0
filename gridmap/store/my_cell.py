"""What is wrong and what is to be done in a responsibility cell today: findings, sites, deadlines, posts, patrols.

Every function asks on behalf of the connection's reader: row-level security shows him his own area, whatever he asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, transaction
from gridmap.store.repeats import Repeats, read_repeats

WEEK_DAYS = 7
"""A square is due when nobody has patrolled it for so many days (GRID-04)."""

MOST_LISTED = 200
"""Findings and sites that a page lists; more are counted."""

_FINDINGS = """
SELECT
    f.key, f.rule_id, f.feature_kind, f.feature_id, f.name, f.certainty, f.severity, f.facts, f.part, f.opened_on,
    gridmap.today() - f.opened_on AS age_days, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
FROM gridmap.finding AS f
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS geom) AS p
WHERE f.cell_code = ANY(%(cells)s) AND f.status = 'open'
ORDER BY
    array_position(ARRAY['breach', 'near_boundary', 'report'], f.certainty),
    array_position(ARRAY['high', 'medium', 'low'], f.severity), f.opened_on, f.rule_id, f.key
LIMIT %(most)s
"""

_NUMBERS = """
WITH mine AS (
    SELECT f.key, f.status, f.certainty, f.severity FROM gridmap.finding AS f WHERE f.cell_code = ANY(%(cells)s)
), week AS (
    SELECT e.event, count(DISTINCT e.key) AS n
    FROM gridmap.finding_event AS e
    INNER JOIN mine AS m ON m.key = e.key
    WHERE e.event IN ('opened', 'reopened', 'gone')
        AND e.on_day > gridmap.today() - %(days)s AND e.on_day <= gridmap.today()
    GROUP BY e.event
)

SELECT
    count(*) FILTER (WHERE m.status = 'open' AND m.certainty = 'breach') AS breach,
    count(*) FILTER (WHERE m.status = 'open' AND m.certainty = 'breach' AND m.severity = 'high') AS grave,
    count(*) FILTER (WHERE m.status = 'open' AND m.certainty = 'near_boundary') AS near_boundary,
    count(*) FILTER (WHERE m.status = 'open' AND m.certainty = 'report') AS report,
    count(*) FILTER (WHERE m.status = 'accepted') AS accepted,
    coalesce((SELECT sum(w.n) FROM week AS w WHERE w.event IN ('opened', 'reopened')), 0)::integer AS new,
    coalesce((SELECT sum(w.n) FROM week AS w WHERE w.event = 'gone'), 0)::integer AS gone,
    (SELECT min(r.as_of) FROM gridmap.run AS r WHERE r.kind = 'living' AND r.status = 'complete') AS first_run_on
FROM mine AS m
"""

_SITES = """
SELECT
    s.site_id, s.kind, s.name, s.address, s.placed_by, s.position_error_m, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    (SELECT max(i.inspected_on) FROM gridmap.inspection AS i
        WHERE i.site_id = s.site_id AND i.inspected_on <= gridmap.today()) AS inspected_on,
    (SELECT max(p.patrolled_on) FROM gridmap.patrol_round AS p WHERE p.site_id = s.site_id) AS patrolled_on,
    (SELECT max(r.reported_on) FROM gridmap.report AS r WHERE r.site_id = s.site_id) AS reported_on,
    (SELECT count(*) FROM gridmap.finding AS f
        WHERE f.feature_kind = 'site' AND f.feature_id = s.site_id AND f.status = 'open' AND f.certainty = 'breach'
    ) AS breaches
FROM gridmap.site AS s
WHERE s.cell_code = ANY(%(cells)s)
    AND (s.opened_on IS NULL OR s.opened_on <= gridmap.today())
    AND (s.closed_on IS NULL OR s.closed_on > gridmap.today())
ORDER BY breaches DESC, s.kind, s.name, s.site_id
LIMIT %(most)s
"""

_CASES = """
SELECT c.case_id, c.title, c.source, c.site_id, s.name AS site_name, c.filed_on, c.due_on,
    c.due_on - gridmap.today() AS days_left
FROM gridmap.case_file AS c
INNER JOIN gridmap.site AS s ON s.site_id = c.site_id
WHERE s.cell_code = ANY(%(cells)s) AND c.filed_on <= gridmap.today()
    AND (c.closed_on IS NULL OR c.closed_on > gridmap.today())
ORDER BY c.due_on NULLS LAST, c.filed_on, c.case_id
LIMIT 50
"""

_REPORTS = """
SELECT r.report_id::text AS report_id, r.post, r.theme, r.words, r.standing, r.distance_m, r.reported_on, r.received_at,
    s.name AS site_name, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.account_id = gridmap.reader_account() AS is_mine,
    (SELECT count(*) FROM gridmap.report_photo AS p WHERE p.report_id = r.report_id) AS photos
FROM gridmap.report AS r
LEFT JOIN gridmap.site AS s ON s.site_id = r.site_id
WHERE r.cell_code = ANY(%(cells)s) OR r.account_id = gridmap.reader_account()
ORDER BY r.received_at DESC, r.report_id
LIMIT 20
"""

_DUTIES = "SELECT d.cell_code, d.cell_name, d.steps, d.role, d.post FROM gridmap.duty_chain(%(code)s) AS d"

_PATROLLED = "SELECT l.cell_key, l.last_on, l.road_on FROM gridmap.last_patrols(%(keys)s) AS l"

_CALENDAR = """
SELECT p.patrolled_on AS on_day, count(DISTINCT p.cell_key) AS squares, array_agg(DISTINCT p.cell_key) AS keys,
    count(DISTINCT p.round_id) AS rounds, array_agg(DISTINCT p.post) AS posts
FROM gridmap.patrol AS p
WHERE p.cell_key = ANY(%(keys)s) AND p.cell_code = ANY(%(cells)s) AND p.patrolled_on BETWEEN %(first)s AND %(last)s
GROUP BY p.patrolled_on
ORDER BY p.patrolled_on
"""


@dataclass(frozen=True)
class SquareState:
    """When a square was last patrolled by anybody, of any kind and of its roads."""

    last_on: dt.date | None
    road_on: dt.date | None


@dataclass(frozen=True)
class CellToday:
    """A cell as its people meet it today. Rows are named tuples with the columns of the queries above.

    repeats: of its findings' features and of its sites.
    """

    findings: list[Any]
    numbers: Any
    sites: list[Any]
    cases: list[Any]
    reports: list[Any]
    duties: list[Any]
    patrolled: dict[int, SquareState]
    repeats: Repeats


def get_today(conn: Connection, code: str, cells: Sequence[str], squares: Sequence[int]) -> CellToday:
    """Return what a cell has today. cells: its code and those below it. squares: keys of its 1 km squares."""
    values = {
        "code": code,
        "cells": list(cells),
        "keys": list(squares),
        "most": MOST_LISTED,
        "days": WEEK_DAYS,
    }
    with transaction(conn) as cursor:

        def rows(query: str) -> list[Any]:
            cursor.execute(query, values)
            return list(cursor.fetchall())

        findings, sites = rows(_FINDINGS), rows(_SITES)
        ids = {row.feature_id for row in findings} | {row.site_id for row in sites}
        return CellToday(
            findings,
            rows(_NUMBERS)[0],
            sites,
            rows(_CASES),
            rows(_REPORTS),
            rows(_DUTIES),
            {row.cell_key: SquareState(row.last_on, row.road_on) for row in rows(_PATROLLED)},
            read_repeats(cursor, sorted(ids)),
        )


def list_patrol_days(
    conn: Connection, cells: Sequence[str], squares: Sequence[int], first: dt.date, last: dt.date
) -> list[Any]:
    """List the days on which squares of a cell were patrolled: on_day, squares, keys, rounds, posts."""
    with transaction(conn) as cursor:
        cursor.execute(_CALENDAR, {"cells": list(cells), "keys": list(squares), "first": first, "last": last})
        return list(cursor.fetchall())
