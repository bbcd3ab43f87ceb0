"""One site as it is on a day: identity, typed record with its versions, visits, cases, permits, lives of its findings.

Row-level security decides who has the site: for everybody else it is not there. What hangs on it is seen with it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError

MOST_LISTED = 200
"""Rows of one kind that are read; what is more is counted."""

MOST_CHARACTERS = 200
"""Longer than any identifier: what is longer is not looked for."""

_SITE = """
SELECT
    s.site_id, s.kind, s.name, s.credit_code, s.address, s.county_code, s.region_code, s.reported_region_code,
    gridmap.cell_on(s.geom, snapshot.as_of()) AS cell_code, gridmap.square_at(s.geom) AS square_code,
    ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, s.position_error_m, s.placed_by, s.opened_on, s.closed_on, s.is_demo,
    s.source, s.note, (s.recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS recorded_on,
    CASE
        WHEN s.opened_on > snapshot.as_of() THEN 'not_yet'
        WHEN s.closed_on <= snapshot.as_of() THEN 'closed'
        ELSE 'open'
    END AS state,
    snapshot.as_of() AS as_of
FROM gridmap.site AS s
WHERE s.site_id = %(site)s
"""

_VERSIONS = """
SELECT
    t.*, lower(t.in_force) AS begins_on, upper(t.in_force) AS ends_on,
    t.in_force @> snapshot.as_of() AS holds, (t.recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS recorded_on
FROM gridmap.{table} AS t
WHERE t.site_id = %(site)s AND coalesce(lower(t.in_force), '-infinity') <= snapshot.as_of()
ORDER BY coalesce(lower(t.in_force), '-infinity'), t.{key}
"""

# whoever came, of two on one day the more thorough first
_VISITS = """
SELECT v.visit_id, v.how, v.on_day, v.kind, v.post, v.note, v.unmet, v.measures, v.saw, v.is_demo
FROM (
    SELECT
        i.inspection_id AS visit_id, 'inspected' AS how, i.inspected_on AS on_day, i.kind, i.post, i.note,
        looked.unmet, looked.measures, i.is_demo,
        jsonb_strip_nulls(jsonb_build_object(
            'is_producing', i.is_producing, 'output_share_pct', i.output_share_pct,
            'does_earthwork', i.does_earthwork, 'does_demolition', i.does_demolition, 'mixes_on_site', i.mixes_on_site
        )) AS saw
    FROM gridmap.inspection AS i
    CROSS JOIN LATERAL (
        SELECT array_agg(m.measure ORDER BY m.measure) FILTER (WHERE NOT m.is_met) AS unmet, count(*) AS measures
        FROM gridmap.inspection_measure AS m WHERE m.inspection_id = i.inspection_id
    ) AS looked
    WHERE i.site_id = %(site)s
    UNION ALL
    SELECT p.round_id::text, 'patrolled', p.patrolled_on, NULL, p.post, p.note, NULL, 0, p.is_demo, '{}'::jsonb
    FROM gridmap.patrol_round AS p WHERE p.site_id = %(site)s
    UNION ALL
    SELECT r.report_id::text, 'reported', r.reported_on, r.theme, r.post, r.words, NULL, 0, r.is_demo, '{}'::jsonb
    FROM gridmap.report AS r WHERE r.site_id = %(site)s
) AS v
WHERE v.on_day <= snapshot.as_of()
ORDER BY v.on_day DESC, array_position(ARRAY['inspected', 'patrolled', 'reported'], v.how), v.visit_id
LIMIT %(most)s
"""

_MEASURES = """
SELECT DISTINCT ON (h.measure) h.measure, h.name FROM gridmap.hundred_percent AS h
ORDER BY h.measure, lower(h.in_force) DESC, h.list_id
"""

_CASES = """
SELECT
    c.case_id, c.title, c.source, c.document, c.item, c.filed_on, c.due_on,
    CASE WHEN c.closed_on <= snapshot.as_of() THEN c.closed_on END AS closed_on, c.is_tracked, c.is_demo,
    CASE WHEN c.closed_on IS NULL OR c.closed_on > snapshot.as_of() THEN c.due_on - snapshot.as_of() END AS days_left
FROM gridmap.case_file AS c
WHERE c.site_id = %(site)s AND c.filed_on <= snapshot.as_of()
ORDER BY (c.closed_on <= snapshot.as_of()) IS TRUE, c.due_on NULLS LAST, c.filed_on DESC, c.case_id
LIMIT %(most)s
"""
_HANDOVERS = """
SELECT h.case_id, h.handed_on, h.from_office, h.to_office
FROM gridmap.case_handover AS h
INNER JOIN gridmap.case_file AS c ON c.case_id = h.case_id
WHERE c.site_id = %(site)s AND h.handed_on <= snapshot.as_of()
ORDER BY h.handed_on DESC, h.handover_id DESC
LIMIT %(most)s
"""

_PERMITS = """
SELECT
    p.permit_id, p.kind, p.issuer, p.document, p.covers, lower(p.in_force) AS begins_on,
    upper(p.in_force) - 1 AS ends_on, p.in_force @> snapshot.as_of() AS holds, p.is_demo
FROM gridmap.permit AS p
WHERE p.site_id = %(site)s AND coalesce(lower(p.in_force), '-infinity') <= snapshot.as_of()
ORDER BY p.in_force @> snapshot.as_of() DESC, lower(p.in_force) DESC NULLS LAST, p.permit_id
LIMIT %(most)s
"""

# status and reason of the day by what had been noted by then: the row itself only knows today's
_LIVES = """
SELECT
    f.key, f.rule_id, f.part, f.name, f.facts, f.certainty, f.severity, life.status, life.reason, life.since,
    life.first_on, life.back, life.resurged
FROM gridmap.finding AS f
CROSS JOIN LATERAL (
    SELECT
        CASE last.event WHEN 'gone' THEN 'gone' WHEN 'accepted' THEN 'accepted' ELSE 'open' END AS status,
        last.reason, last.on_day AS since, every.first_on, every.back, every.resurged
    FROM (
        SELECT
            min(e.on_day) AS first_on, count(*) FILTER (WHERE e.event = 'reopened') AS back,
            count(*) FILTER (WHERE e.reason = 'resurgence') AS resurged
        FROM gridmap.finding_event AS e WHERE e.key = f.key AND e.on_day <= snapshot.as_of()
    ) AS every
    CROSS JOIN LATERAL (
        SELECT e.event, e.reason, e.on_day FROM gridmap.finding_event AS e
        WHERE e.key = f.key AND e.on_day <= snapshot.as_of() AND e.event <> 'changed'
        ORDER BY e.event_id DESC LIMIT 1
    ) AS last
) AS life
WHERE f.feature_kind = 'site' AND f.feature_id = %(site)s
    AND (life.status = 'gone' OR life.back > 0 OR life.status = 'accepted')
ORDER BY life.since DESC, f.rule_id, f.key
LIMIT %(most)s
"""
_EVENTS = """
SELECT e.key, e.event, e.reason, e.on_day FROM gridmap.finding_event AS e
WHERE e.key = ANY(%(keys)s) AND e.on_day <= snapshot.as_of() AND e.event <> 'changed'
ORDER BY e.key, e.event_id
"""

_COUNTS = """
SELECT
    (SELECT count(*) FROM gridmap.inspection AS i
        WHERE i.site_id = %(site)s AND i.inspected_on <= snapshot.as_of())
    + (SELECT count(*) FROM gridmap.patrol_round AS p
        WHERE p.site_id = %(site)s AND p.patrolled_on <= snapshot.as_of())
    + (SELECT count(*) FROM gridmap.report AS r
        WHERE r.site_id = %(site)s AND r.reported_on <= snapshot.as_of()) AS visits,
    (SELECT count(*) FROM gridmap.case_file AS c
        WHERE c.site_id = %(site)s AND c.filed_on <= snapshot.as_of()) AS cases,
    (SELECT count(*) FROM gridmap.permit AS p
        WHERE p.site_id = %(site)s AND coalesce(lower(p.in_force), '-infinity') <= snapshot.as_of()) AS permits
"""

# nearest boundary of each zone around: what is not within reach is far inside or far outside
_EDGES = """
SELECT z.kind, z.zone_id, z.name, min(ST_Distance(e.geom_m, here.geom_m)) AS distance_m
FROM snapshot.zone AS z
CROSS JOIN (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547) AS geom_m) AS here
INNER JOIN gridmap.zone_edge AS e ON e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, here.geom_m, %(reach_m)s)
GROUP BY z.kind, z.zone_id, z.name
ORDER BY distance_m, z.zone_id
"""

# the chain of today may be told to whoever sees the cell; of another day each sees the duties of his own area
_POSTS_TODAY = """
SELECT d.cell_code, d.cell_name, d.steps, d.role, d.post FROM gridmap.duty_chain(%(cell)s) AS d
"""
_POSTS = """
SELECT c.cell_code, c.name AS cell_name, 0 AS steps, d.role, d.post
FROM snapshot.grid_cell AS c
LEFT JOIN snapshot.duty AS d ON d.cell_code = c.cell_code
WHERE c.cell_code = %(cell)s AND c.kind = 'responsibility'
ORDER BY array_position(ARRAY['chief', 'officer', 'patroller', 'supervisor'], d.role), d.post
"""

State = Literal["open", "closed", "not_yet"]


@dataclass(frozen=True)
class Site:
    """A site on a day. lon, lat: degrees, EPSG:4490, off by at most position_error_m metres.

    cell_code, square_code: the one responsibility cell and 1 km square that hold it on the day. state: on the day.
    recorded_on: day on which the row was written.
    """

    site_id: str
    kind: str
    name: str
    credit_code: str | None
    address: str | None
    county_code: str
    region_code: str | None
    reported_region_code: str | None
    cell_code: str | None
    square_code: str | None
    lon: float
    lat: float
    position_error_m: float
    placed_by: str
    opened_on: dt.date | None
    closed_on: dt.date | None
    is_demo: bool
    source: str
    note: str | None
    recorded_on: dt.date
    state: State
    as_of: dt.date


@dataclass(frozen=True)
class Version:
    """One version of a typed record. values: by column. ends_on: first day on which it holds no more."""

    values: Mapping[str, Any]
    begins_on: dt.date | None
    ends_on: dt.date | None
    holds: bool
    recorded_on: dt.date


@dataclass(frozen=True)
class Edge:
    """A zone whose boundary runs near. distance_m: from the place to that boundary, metres."""

    kind: str
    zone_id: int
    name: str
    distance_m: float


@dataclass(frozen=True)
class Past:
    """What was noted of a site until a day, newest first, at most MOST_LISTED rows of each; numbers of all of them.

    Rows are named tuples with the columns of the queries above. events: by finding's key, oldest first. measures:
    names of measures in Chinese. numbers: of visits, cases and permits.
    """

    lives: list[Any]
    events: dict[str, list[Any]]
    visits: list[Any]
    measures: dict[str, str]
    cases: list[Any]
    handovers: list[Any]
    permits: list[Any]
    numbers: dict[str, int] = field(default_factory=dict)


def get_site(conn: Connection, site_id: str, *, as_of: dt.date | None = None) -> Site:
    """Return a site on a day, closed or not yet there included; NotFoundError for what the reader may not see."""
    fits = len(site_id) <= MOST_CHARACTERS and re.fullmatch(r"[A-Za-z0-9\u4e00-\u9fff._-]+", site_id)
    row = None
    if fits:
        with snapshot(conn, as_of) as cursor:
            cursor.execute(_SITE, {"site": site_id})
            row = cursor.fetchone()
    if row is None:
        shown = site_id if len(site_id) <= 60 else f"{site_id[:60]}…"
        raise NotFoundError(f"there is no site {shown!r} that you may see")
    return Site(**row._asdict())


def sites_there(conn: Connection, site_ids: Sequence[str]) -> dict[str, str]:
    """Return which of some sites the reader may see: names by id."""
    with snapshot(conn) as cursor:
        cursor.execute("SELECT s.site_id, s.name FROM gridmap.site AS s WHERE s.site_id = ANY(%s)", [list(site_ids)])
        return {str(row.site_id): str(row.name) for row in cursor.fetchall()}


def list_versions(
    conn: Connection, table: str, site_id: str, columns: Sequence[str], *, as_of: dt.date | None = None
) -> list[Version]:
    """List the versions of a typed record that had begun by a day, oldest first.

    table: a typed table, named as in site_fields.toml. columns: those wanted.
    """
    query = sql.SQL(_VERSIONS).format(table=sql.Identifier(table), key=sql.Identifier(f"{table}_id"))
    with snapshot(conn, as_of) as cursor:
        cursor.execute(query, {"site": site_id})
        rows = [record._asdict() for record in cursor.fetchall()]
    return [
        Version(
            {name: row[name] for name in columns},
            row["begins_on"],
            row["ends_on"],
            bool(row["holds"]),
            row["recorded_on"],
        )
        for row in rows
    ]


def get_past(conn: Connection, site_id: str, *, as_of: dt.date | None = None) -> Past:
    """Return what was noted of a site until a day."""
    values = {"site": site_id, "most": MOST_LISTED}
    with snapshot(conn, as_of) as cursor:

        def rows(query: str, **more: Any) -> list[Any]:
            cursor.execute(query, {**values, **more})
            return list(cursor.fetchall())

        lives = rows(_LIVES)
        events: dict[str, list[Any]] = {}
        for event in rows(_EVENTS, keys=[life.key for life in lives]):
            events.setdefault(event.key, []).append(event)
        visits = rows(_VISITS)
        measures = {row.measure: row.name for row in rows(_MEASURES)} if any(v.unmet for v in visits) else {}
        numbers = {name: int(number) for name, number in rows(_COUNTS)[0]._asdict().items()}
        return Past(lives, events, visits, measures, rows(_CASES), rows(_HANDOVERS), rows(_PERMITS), numbers)


def list_edges(conn: Connection, lon: float, lat: float, reach_m: float, *, as_of: dt.date | None = None) -> list[Edge]:
    """List the zones in force on a day whose boundary runs within reach_m metres of a place, nearest first."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_EDGES, {"lon": lon, "lat": lat, "reach_m": reach_m})
        return [Edge(row.kind, row.zone_id, row.name, float(row.distance_m)) for row in cursor.fetchall()]


def list_posts(conn: Connection, cell_code: str, *, as_of: dt.date | None = None) -> list[Any]:
    """List who answers for a cell on a day: cell_code, cell_name, steps (0 the cell itself), role, post.

    Of today also for the cells above it. A cell without posts has one row without.
    """
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_POSTS_TODAY if as_of is None else _POSTS, {"cell": cell_code})
        return list(cursor.fetchall())
