"""The site of a visit: what it is, what its record says today, which measures bind it, how often it failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2 import sql

from gridmap.db.session import Connection, transaction

SiteState = Literal["there", "closed", "removed"]

_SITE = """
SELECT s.site_id, s.kind, s.name, s.county_code, s.cell_code, s.address, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    s.position_error_m, s.closed_on,
    CASE WHEN s.closed_on <= gridmap.today() THEN 'closed' ELSE 'there' END AS state
FROM gridmap.site AS s WHERE s.site_id = %s
"""

# whoever deleted it left its row in the log; without that, what was found there or an earlier visit tells of it
_REMOVED = """
SELECT told.site_id, told.kind, told.name, told.county_code, NULL::text AS cell_code, NULL::text AS address,
    NULL::double precision AS lon, NULL::double precision AS lat, NULL::double precision AS position_error_m,
    NULL::date AS closed_on, 'removed' AS state
FROM (
    SELECT 1 AS place, l.log_id AS newest, l.row_key AS site_id, l.before ->> 'kind' AS kind,
        l.before ->> 'name' AS name, l.before ->> 'county_code' AS county_code
    FROM gridmap.audit_log AS l
    WHERE l.relation = 'site' AND l.row_key = %(site)s AND l.action = 'delete'
    UNION ALL
    SELECT 2, 0, i.visited_site_id, i.checklist, i.site_name, i.county_code
    FROM gridmap.inspection AS i WHERE i.visited_site_id = %(site)s
    UNION ALL
    SELECT 3, 0, f.feature_id, NULL, f.name, f.county_code
    FROM gridmap.finding AS f WHERE f.feature_kind = 'site' AND f.feature_id = %(site)s
) AS told
WHERE told.name IS NOT NULL AND told.county_code IS NOT NULL
ORDER BY told.place, told.newest DESC
LIMIT 1
"""

_BOUND = """
SELECT h.measure, string_agg(DISTINCT h.document || ' ' || h.item, '；' ORDER BY h.document || ' ' || h.item) AS lists
FROM gridmap.hundred_percent AS h
WHERE h.in_force @> %(day)s::date AND (h.county_code IS NULL OR h.county_code = %(county)s)
    AND (h.works = 'every' OR h.works = %(works)s)
GROUP BY h.measure
"""

# as DUST-03 counts: days on which a visit found a measure not kept that bound the site that day
_FAILED_ON = """
SELECT DISTINCT i.inspected_on
FROM gridmap.inspection AS i
INNER JOIN gridmap.inspection_measure AS m ON m.inspection_id = i.inspection_id AND NOT m.is_met
INNER JOIN gridmap.site AS s ON s.site_id = i.site_id
INNER JOIN gridmap.construction_site AS c ON c.site_id = s.site_id AND c.in_force @> gridmap.today()
INNER JOIN gridmap.hundred_percent AS h
    ON h.measure = m.measure AND h.in_force @> i.inspected_on
    AND (h.county_code IS NULL OR h.county_code = s.county_code)
    AND (h.works = 'every' OR h.works = c.works_kind)
WHERE i.site_id = %s
ORDER BY i.inspected_on
"""

_BEFORE = """
SELECT i.inspection_id, i.inspected_on, i.kind, i.post, i.outcome
FROM gridmap.inspection AS i
WHERE i.site_id = %s AND i.inspected_on <= gridmap.today()
ORDER BY i.inspected_on DESC, i.inspection_id DESC
LIMIT %s
"""


@dataclass(frozen=True)
class VisitSite:
    """A site that was or will be visited. lon, lat: degrees; None once it is removed. kind: None when nobody knows.

    position_error_m: metres. state: there, closed (its last day is past), or removed.
    """

    site_id: str
    kind: str | None
    name: str
    county_code: str
    cell_code: str | None
    address: str | None
    lon: float | None
    lat: float | None
    position_error_m: float | None
    closed_on: dt.date | None
    state: SiteState


def find_site(conn: Connection, site_id: str) -> VisitSite | None:
    """Return a site that the connection's reader may see, None when there is none."""
    with transaction(conn) as cursor:
        cursor.execute(_SITE, [site_id])
        row = cursor.fetchone()
        return None if row is None else VisitSite(*row)


def find_removed(conn: Connection, site_id: str) -> VisitSite | None:
    """Return what is known of a site that was removed, None when there never was one. conn: the owner's."""
    with transaction(conn) as cursor:
        cursor.execute(_REMOVED, {"site": site_id})
        row = cursor.fetchone()
        return None if row is None else VisitSite(*row)


def record_of(conn: Connection, site: VisitSite, fields: Sequence[str]) -> dict[str, Any]:
    """Return fields of the site's typed record in force today, by name; empty without such a record.

    fields: columns of the table of the site's kind, as its checklist names them.
    """
    if not fields or site.kind is None or site.state == "removed":
        return {}
    names = sorted(set(fields))
    with transaction(conn) as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} AS t WHERE t.site_id = %s AND t.in_force @> gridmap.today()").format(
                sql.SQL(", ").join(sql.Identifier("t", name) for name in names), sql.Identifier("gridmap", site.kind)
            ),
            [site.site_id],
        )
        row = cursor.fetchone()
        return dict(zip(names, row, strict=True)) if row is not None else {}


def bound_measures(conn: Connection, site: VisitSite, works_kind: str | None, day: dt.date) -> dict[str, str]:
    """Return the hundred percents that bind a site on a day, each with the lists that ask it."""
    with transaction(conn) as cursor:
        cursor.execute(_BOUND, {"day": day, "county": site.county_code, "works": works_kind})
        return dict(cursor.fetchall())


def failed_on(conn: Connection, site_id: str) -> list[dt.date]:
    """Return the days on which visits found a site without its hundred percents."""
    with transaction(conn) as cursor:
        cursor.execute(_FAILED_ON, [site_id])
        return [day for (day,) in cursor.fetchall()]


def visits_before(conn: Connection, site_id: str, most: int = 5) -> list[Any]:
    """Return the latest inspections of a site that the reader may see, newest first."""
    with transaction(conn) as cursor:
        cursor.execute(_BEFORE, [site_id, most])
        return list(cursor.fetchall())
