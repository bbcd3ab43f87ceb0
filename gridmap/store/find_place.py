"""Places that a reader names or whose address he types: his sites, and counties, townships and villages of today."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot
from gridmap.store.locate import search_places

TIMEOUT_S = 5.0
"""No index answers "contains": among a million sites one look takes about a second, and no longer than this."""

_SITES = """
SELECT 'site' AS kind, s.site_id AS code, s.name, s.address AS within, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    s.position_error_m AS error_m
FROM site_all AS s
WHERE strpos(lower(s.name), %(q)s) > 0 OR strpos(lower(s.address), %(q)s) > 0 OR lower(s.site_id) = %(q)s
ORDER BY lower(s.name) = %(q)s DESC, lower(s.site_id) = %(q)s DESC, strpos(lower(s.name), %(q)s) = 1 DESC, s.site_id
LIMIT %(limit)s
"""

# a place that only a document names is taken to be in the middle of the township that it names with it
_MENTIONS = """
    SELECT 'place_mention' AS kind, t.code, m.name, concat_ws(' ', t.name, m.document, m.item) AS within,
        ST_X(at.point) AS lon, ST_Y(at.point) AS lat, NULL::float8 AS error_m, m.match_name, m.county_code
    FROM place_mention AS m
    INNER JOIN region AS t ON t.code = m.township_code
    CROSS JOIN LATERAL (SELECT coalesce(t.seat, ST_PointOnSurface(t.geom)) AS point) AS at
    WHERE t.geom IS NOT NULL
"""

_NAMED = (
    """
SELECT p.kind, p.code, p.name, p.within, p.lon, p.lat, p.error_m
FROM (
    SELECT 'township' AS kind, r.code, r.name, county.name AS within, ST_X(at.point) AS lon, ST_Y(at.point) AS lat,
        NULL::float8 AS error_m, r.name AS match_name, r.county_code
    FROM region AS r
    LEFT JOIN region AS county ON county.code = r.county_code
    CROSS JOIN LATERAL (SELECT coalesce(r.seat, ST_PointOnSurface(r.geom)) AS point) AS at
    WHERE r.level = 'township' AND at.point IS NOT NULL
    UNION ALL
    SELECT 'village' AS kind, v.village_id AS code, v.name, township.name AS within, ST_X(v.geom) AS lon,
        ST_Y(v.geom) AS lat, v.position_error_m AS error_m, v.match_name, v.county_code
    FROM village_all AS v
    LEFT JOIN region AS township ON township.code = v.township_code
    UNION ALL
"""
    + _MENTIONS
    + """
) AS p
WHERE p.county_code = %(county)s AND length(p.match_name) >= 2 AND strpos(%(text)s, p.match_name) > 0
ORDER BY p.code LIKE %(township)s DESC, length(p.match_name) DESC, p.error_m NULLS LAST, p.kind, p.code
LIMIT %(limit)s
"""
)

_MENTIONED = (
    "SELECT p.kind, p.code, p.name, p.within, p.lon, p.lat, p.error_m FROM ("
    + _MENTIONS
    + ") AS p WHERE strpos(p.name, %(q)s) > 0 OR strpos(%(q)s, p.match_name) > 0 "
    "ORDER BY p.name, p.code LIMIT %(limit)s"
)


@dataclass(frozen=True)
class FoundPlace:
    """A place by its name. within: what it lies in, of a site its address.

    kind: site, county, township, village, or place_mention: named in a document, and told by the township named there.

    lon, lat: degrees, EPSG:4490. error_m: how far off they may be, None of an area.
    """

    kind: str
    code: str
    name: str
    within: str | None
    lon: float
    lat: float
    error_m: float | None


def find_places(conn: Connection, text: str, *, limit: int = 20) -> list[FoundPlace]:
    """List what the reader may see that is called so, wholly or in part, or has this address or code.

    Sites before areas and villages: whoever types a name in the street stands before a site.
    """
    with snapshot(conn, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(_SITES, {"q": text.strip().lower(), "limit": limit})
        found = [FoundPlace(*row) for row in cursor.fetchall()]
    for place in search_places(conn, text, limit=limit):
        if place.lon is not None and place.lat is not None:
            found.append(
                FoundPlace(place.level, place.code, place.name, place.within, place.lon, place.lat, place.error_m)
            )
    return found[: 2 * limit]


def find_mentions(conn: Connection, text: str, *, limit: int = 10) -> list[FoundPlace]:
    """List places of this name that documents put in a township; the position is that township's."""
    with snapshot(conn, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(_MENTIONED, {"q": text.strip(), "limit": limit})
        return [FoundPlace(*row) for row in cursor.fetchall()]


def places_named_in(
    conn: Connection, text: str, county_code: str, township_code: str | None = None, *, limit: int = 12
) -> list[FoundPlace]:
    """List townships, villages and places of documents in a county whose names stand in a text, such as an address.

    Those of the township come first, then the longer names: they are the more particular.
    """
    township = f"{township_code}%" if township_code else ""
    with snapshot(conn, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(_NAMED, {"text": text, "county": county_code, "township": township, "limit": limit})
        return [FoundPlace(*row) for row in cursor.fetchall()]
