"""What a file's measured values are of: sites, stations, roads and counties, looked up by identifier or name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

_IDS = """
SELECT 'site' AS kind, s.site_id AS id, s.name, s.county_code FROM gridmap.site AS s WHERE s.site_id = ANY(%(said)s)
UNION ALL
SELECT 'station', t.station_code, t.name, t.county_code FROM gridmap.station AS t WHERE t.station_code = ANY(%(said)s)
UNION ALL
SELECT 'road', r.road_id, r.name, r.county_code FROM gridmap.road AS r WHERE r.road_id = ANY(%(said)s)
UNION ALL
SELECT 'county', c.code, c.name, c.code FROM gridmap.region AS c
WHERE c.level = 'county' AND c.in_force @> gridmap.today() AND c.code = ANY(%(said)s)
"""
# a name tells of other counties' objects no more than that they are none of one's own
_NAMES = """
SELECT 'site' AS kind, s.site_id AS id, s.name, s.county_code FROM gridmap.site AS s
WHERE s.name = ANY(%(said)s) AND (%(own)s::text[] IS NULL OR s.county_code = ANY(%(own)s::text[]))
UNION ALL
SELECT 'station', t.station_code, t.name, t.county_code FROM gridmap.station AS t WHERE t.name = ANY(%(said)s)
UNION ALL
SELECT 'road', r.road_id, r.name, r.county_code FROM gridmap.road AS r WHERE r.name = ANY(%(said)s)
UNION ALL
SELECT 'county', c.code, c.name, c.code FROM gridmap.region AS c
WHERE c.level = 'county' AND c.in_force @> gridmap.today() AND c.name = ANY(%(said)s)
"""
_LIKE = """
SELECT a.name FROM (
    SELECT s.name FROM gridmap.site AS s WHERE %(own)s::text[] IS NULL OR s.county_code = ANY(%(own)s::text[])
    UNION
    SELECT t.name FROM gridmap.station AS t
    UNION
    SELECT r.name FROM gridmap.road AS r
    UNION
    SELECT c.name FROM gridmap.region AS c WHERE c.level = 'county' AND c.in_force @> gridmap.today()
) AS a
WHERE levenshtein_less_equal(left(a.name, 60), %(text)s, greatest(1, length(%(text)s) / 4))
        <= greatest(1, length(%(text)s) / 4)
    OR (length(%(text)s) > 1 AND strpos(a.name, %(text)s) > 0) OR (length(a.name) > 2 AND strpos(%(text)s, a.name) > 0)
ORDER BY levenshtein(left(a.name, 60), %(text)s), a.name LIMIT 3
"""


@dataclass(frozen=True)
class Subject:
    """Something that is measured: kind (site, station, road, county), identifier, name, county's code."""

    kind: str
    id: str
    name: str
    county_code: str


def with_ids(cursor: Cursor, said: Collection[str]) -> list[Subject]:
    """List what has one of some identifiers, the whole city; a county's is its code."""
    cursor.execute(_IDS, {"said": list(said)})
    return [Subject(*row) for row in cursor.fetchall()]


def with_names(cursor: Cursor, said: Collection[str], counties: Sequence[str] | None) -> list[Subject]:
    """List what has one of some names; of sites only those in the given counties, None for all."""
    cursor.execute(_NAMES, {"said": list(said), "own": list(counties) if counties is not None else None})
    return [Subject(*row) for row in cursor.fetchall()]


def names_like(cursor: Cursor, text: str, counties: Sequence[str] | None) -> list[str]:
    """List the three names most like one, the likeliest first; it reads them all."""
    cursor.execute(_LIKE, {"text": text[:60], "own": list(counties) if counties is not None else None})
    return [row[0] for row in cursor.fetchall()]
