"""Places that a reader names or whose address he types: his sites, and villages, townships and counties of today."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot

TIMEOUT_S = 5.0
"""No index answers "contains": among a million sites one look takes under a second, and no longer than this."""

# sites before regions where both are called so: who types a whole name or an address means the site
_FIND = """
SELECT q.kind, q.code, q.name, q.within, q.lon, q.lat, q.error_m
FROM (
    (SELECT
        1 AS place, 'site' AS kind, s.site_id AS code, s.name, s.address AS within, s.geom,
        s.position_error_m AS error_m
    FROM site_all AS s
    WHERE strpos(lower(s.name), %(q)s) > 0 OR strpos(lower(s.address), %(q)s) > 0 OR lower(s.site_id) = %(q)s
    LIMIT %(limit)s)
    UNION ALL
    (SELECT 2, r.level, r.code, r.name, c.name, coalesce(r.seat, ST_PointOnSurface(r.geom)), r.position_error_m
    FROM region AS r
    LEFT JOIN region AS c ON c.code = r.county_code AND r.level = 'township'
    WHERE r.level IN ('county', 'township')
        AND (strpos(r.name, %(q)s) > 0 OR strpos(lower(r.name_en), %(q)s) > 0 OR r.code = %(q)s)
    ORDER BY r.code
    LIMIT %(limit)s)
    UNION ALL
    (SELECT 3, 'village', v.village_id, v.name, concat(c.name, t.name), v.geom, v.position_error_m
    FROM village_all AS v
    LEFT JOIN region AS c ON c.code = v.county_code
    LEFT JOIN region AS t ON t.code = v.township_code
    WHERE strpos(v.name, %(q)s) > 0 OR strpos(v.match_name, %(q)s) > 0 OR v.village_id = %(q)s
    ORDER BY v.village_id
    LIMIT %(limit)s)
) AS f
CROSS JOIN LATERAL (
    SELECT f.place, f.kind, f.code, f.name, f.within, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat, f.error_m
) AS q
WHERE q.lon IS NOT NULL
ORDER BY lower(q.name) = %(q)s DESC, q.code = %(q)s DESC, strpos(lower(q.name), %(q)s) = 1 DESC, q.place, q.code
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class FoundPlace:
    """A place by its name. kind: site, county, township or village. within: what it lies in, of a site its address.

    lon, lat: degrees, EPSG:4490, off by at most error_m metres.
    """

    kind: str
    code: str
    name: str
    within: str | None
    lon: float
    lat: float
    error_m: float


def find_places(conn: Connection, text: str, *, limit: int = 20) -> list[FoundPlace]:
    """List what the reader may see that is called so, wholly or in part, or has this address or code; best first."""
    with snapshot(conn, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(_FIND, {"q": text.strip().lower(), "limit": limit})
        return [FoundPlace(*row) for row in cursor.fetchall()]
