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


@dataclass(frozen=True)
class FoundPlace:
    """A place by its name. kind: site, county, township or village. within: what it lies in, of a site its address.

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
