"""Whom and what a random draw may choose from on a day: sites by filter, inspectors, and who must not check what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.random_draw import Conflict, Inspector

_SITES = """
SELECT s.site_id, s.kind, s.name, s.county_code
FROM gridmap.site AS s
INNER JOIN gridmap.region AS r ON r.code = s.county_code AND r.level = 'county' AND r.in_force @> %(day)s
WHERE (%(kinds)s::text[] IS NULL OR s.kind = ANY(%(kinds)s))
    AND (%(county)s::text IS NULL OR s.county_code = %(county)s)
    AND (s.opened_on IS NULL OR s.opened_on <= %(day)s)
    AND (NOT %(only_open)s OR s.closed_on IS NULL OR s.closed_on > %(day)s)
    AND (%(unvisited_days)s::integer IS NULL OR (
        NOT EXISTS (SELECT FROM gridmap.inspection AS i WHERE i.site_id = s.site_id
            AND i.inspected_on > %(day)s::date - %(unvisited_days)s::integer AND i.inspected_on <= %(day)s)
        AND NOT EXISTS (SELECT FROM gridmap.patrol_round AS p WHERE p.site_id = s.site_id
            AND p.patrolled_on > %(day)s::date - %(unvisited_days)s::integer)
        AND NOT EXISTS (SELECT FROM gridmap.report AS t WHERE t.site_id = s.site_id
            AND t.reported_on > %(day)s::date - %(unvisited_days)s::integer)
    ))
ORDER BY s.site_id
LIMIT %(limit)s
"""
_INSPECTORS = """
SELECT a.name, a.post, array_agg(DISTINCT g.county_code ORDER BY g.county_code) AS counties
FROM gridmap.account AS a
INNER JOIN gridmap.role_grant AS g ON g.account_id = a.account_id
WHERE a.is_active AND g.role = 'inspector' AND g.in_force @> %(day)s AND g.county_code = ANY(%(counties)s)
GROUP BY a.account_id
ORDER BY a.name
"""
# the sites are few thousand at most, and each is found by its key; declarations are fewer still
_DECLARED = """
SELECT s.site_id, a.name AS inspector, string_agg(DISTINCT c.reason, '; ' ORDER BY c.reason) AS reason
FROM gridmap.conflict_of_interest AS c
INNER JOIN gridmap.account AS a ON a.post = c.post AND a.name = ANY(%(inspectors)s)
INNER JOIN gridmap.site AS s ON s.site_id = c.site_id OR s.credit_code = c.credit_code
WHERE c.in_force @> %(day)s AND s.site_id = ANY(%(sites)s)
GROUP BY s.site_id, a.name
ORDER BY s.site_id, a.name
"""
_LAST_CHECK = """
SELECT w.site_id, a.name AS inspector, w.inspected_on::text AS reason
FROM (
    SELECT i.site_id, i.post, i.inspected_on,
        rank() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC) AS place
    FROM gridmap.inspection AS i
    WHERE i.site_id = ANY(%(sites)s) AND i.inspected_on <= gridmap.today()
) AS w
INNER JOIN gridmap.account AS a ON a.post = w.post AND a.name = ANY(%(inspectors)s)
WHERE w.place = 1
GROUP BY w.site_id, a.name, w.inspected_on
ORDER BY w.site_id, a.name
"""
_LAST_DRAW = """
SELECT w.site_id, p.name AS inspector, w.draw_id::text AS reason
FROM (
    SELECT s.site_id, s.inspectors, s.draw_id,
        row_number() OVER (PARTITION BY s.site_id ORDER BY s.draw_id DESC) AS place
    FROM gridmap.random_draw_site AS s
    INNER JOIN gridmap.random_draw AS d ON d.draw_id = s.draw_id AND d.state = 'drawn'
    WHERE s.site_id = ANY(%(sites)s)
) AS w
CROSS JOIN LATERAL unnest(w.inspectors) AS p (name)
WHERE w.place = 1 AND p.name = ANY(%(inspectors)s)
ORDER BY w.site_id, p.name
"""


@dataclass(frozen=True)
class PopulationFilter:
    """Which sites may be drawn on a day. kinds: none is all. unvisited_days: nobody was there so many days, or ever."""

    day: dt.date
    kinds: tuple[str, ...] = ()
    county: str | None = None
    only_open: bool = True
    unvisited_days: int | None = None


@dataclass(frozen=True)
class PopulationSite:
    """A site that may be drawn."""

    site_id: str
    kind: str
    name: str
    county_code: str


def list_population(cursor: Cursor, wanted: PopulationFilter, *, limit: int) -> list[PopulationSite]:
    """List the sites of the city that a filter names, by id; at most so many."""
    cursor.execute(_SITES, {**vars(wanted), "kinds": list(wanted.kinds) or None, "limit": limit})
    return [PopulationSite(*row) for row in cursor.fetchall()]


def list_inspectors(cursor: Cursor, counties: Sequence[str], day: dt.date) -> list[Inspector]:
    """List the accounts in use that hold the inspector's role in some counties on a day. Asked as the owner only."""
    cursor.execute(_INSPECTORS, {"counties": list(counties), "day": day})
    return [Inspector(row.name, row.post, tuple(row.counties)) for row in cursor.fetchall()]


def list_declared(
    cursor: Cursor, sites: Sequence[str], inspectors: Sequence[Inspector], day: dt.date
) -> list[Conflict]:
    """List the declared conflicts that hold on a day between sites and inspectors, one for each pair."""
    return _conflicts(cursor, _DECLARED, "declared", sites, inspectors, day)


def list_last(cursor: Cursor, sites: Sequence[str], inspectors: Sequence[Inspector], day: dt.date) -> list[Conflict]:
    """List who checked each site last, and who was drawn for it last (by draws that stand)."""
    found = _conflicts(cursor, _LAST_CHECK, "last_check", sites, inspectors, day)
    return [*found, *_conflicts(cursor, _LAST_DRAW, "last_draw", sites, inspectors, day)]


def _conflicts(
    cursor: Cursor, query: str, kind: str, sites: Sequence[str], inspectors: Sequence[Inspector], day: dt.date
) -> list[Conflict]:
    names = [one.id for one in inspectors]
    cursor.execute(query, {"sites": list(sites), "inspectors": names, "day": day})
    return [Conflict(row.site_id, row.inspector, kind, row.reason) for row in cursor.fetchall()]
