"""Where a place is: county, township, nearest village, responsibility cell and square; and places by their names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError

NEAREST_M = 5000.0
"""How far the nearest village is looked for, metres."""

SURE_M = 1000.0
"""Villages whose own position is worse than this are nobody's neighbours: most are only known by their township."""

# a point on a common outline has the lower code, as the cells have it
_AT = """
WITH here AS (
    SELECT p.geom, ST_Transform(p.geom, 4547) AS geom_m
    FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom) AS p
)
SELECT
    county.code AS county_code, county.name AS county, county.name_en AS county_en,
    township.code AS township_code, township.name AS township, township.name_en AS township_en,
    village.village_id, village.name AS village, village.distance_m AS village_distance_m,
    gridmap.cell_on(here.geom, snapshot.as_of()) AS cell_code, gridmap.square_at(here.geom) AS square_code
FROM here
LEFT JOIN LATERAL (
    SELECT r.code, r.name, r.name_en FROM snapshot.region AS r
    WHERE r.level = 'county' AND ST_Intersects(r.geom_m, here.geom_m) ORDER BY r.code LIMIT 1
) AS county ON true
LEFT JOIN LATERAL (
    SELECT r.code, r.name, r.name_en FROM snapshot.region AS r
    WHERE r.level = 'township' AND ST_Intersects(r.geom_m, here.geom_m) ORDER BY r.code LIMIT 1
) AS township ON true
LEFT JOIN LATERAL (
    SELECT v.village_id, v.name, ST_Distance(coalesce(v.territory_m, v.geom_m), here.geom_m) AS distance_m
    FROM snapshot.village_all AS v
    WHERE ST_DWithin(v.geom_m, here.geom_m, %(nearest_m)s) AND v.position_error_m <= %(sure_m)s
    ORDER BY distance_m, v.village_id LIMIT 1
) AS village ON true
"""

_VILLAGE = """
SELECT
    v.county_code, county.name AS county, county.name_en AS county_en,
    v.township_code, township.name AS township, township.name_en AS township_en,
    v.village_id, v.name AS village, NULL::float8 AS village_distance_m,
    CASE WHEN v.position_error_m <= %(sure_m)s THEN gridmap.cell_on(v.geom, snapshot.as_of()) END AS cell_code,
    CASE WHEN v.position_error_m <= %(sure_m)s THEN gridmap.square_at(v.geom) END AS square_code,
    ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.position_error_m
FROM snapshot.village_all AS v
LEFT JOIN snapshot.region AS county ON county.code = v.county_code
LEFT JOIN snapshot.region AS township ON township.code = v.township_code
WHERE v.village_id = %(village_id)s
"""

# what is called exactly so comes first, then what begins so; the larger before the smaller
_SEARCH = """
SELECT p.level, p.code, p.name, p.name_en, p.within, p.lon, p.lat, p.error_m
FROM (
    SELECT
        r.level, r.code, r.name, r.name_en, county.name AS within,
        ST_X(at.point) AS lon, ST_Y(at.point) AS lat, r.name AS match_name,
        NULL::float8 AS error_m
    FROM region AS r
    LEFT JOIN region AS county ON county.code = r.county_code AND r.level = 'township'
    CROSS JOIN LATERAL (SELECT coalesce(r.seat, ST_PointOnSurface(r.geom)) AS point) AS at
    WHERE r.level IN ('county', 'township')
    UNION ALL
    SELECT
        'village' AS level, v.village_id AS code, v.name, NULL AS name_en,
        concat(county.name, township.name) AS within, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.match_name,
        v.position_error_m AS error_m
    FROM village_all AS v
    LEFT JOIN region AS county ON county.code = v.county_code
    LEFT JOIN region AS township ON township.code = v.township_code
) AS p
CROSS JOIN (SELECT replace(lower(%(q)s), ' ', '') AS text) AS wanted
CROSS JOIN LATERAL (SELECT coalesce(p.within, '') || p.name AS path) AS named
-- with what it lies in before it, but never by that alone: a township's name would find all its villages
WHERE strpos(replace(lower(concat_ws('|', p.name, p.name_en, p.match_name)), ' ', ''), wanted.text) > 0
    OR (strpos(named.path, wanted.text) > 0
        AND strpos(named.path, wanted.text) + length(wanted.text) > length(coalesce(p.within, '')) + 1)
    OR p.code = %(q)s
ORDER BY
    p.code = %(q)s DESC, %(q)s IN (p.name, p.match_name) DESC, strpos(p.name, %(q)s) = 1 DESC,
    length(p.code), p.code
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Location:
    """Where a place is; None where nothing known holds it.

    village_distance_m: from the place to the nearest village whose position is known, None when the village itself was
    asked for. cell_code: finest responsibility cell. lon, lat: degrees, EPSG:4490, of a village its own, off by as much
    as error_m (metres).
    """

    lon: float
    lat: float
    error_m: float
    county_code: str | None
    county: str | None
    county_en: str | None
    township_code: str | None
    township: str | None
    township_en: str | None
    village_id: str | None
    village: str | None
    village_distance_m: float | None
    cell_code: str | None
    square_code: str | None

    @property
    def is_village(self) -> bool:
        """Return whether the village itself was asked for, by its code."""
        return self.village_id is not None and self.village_distance_m is None


@dataclass(frozen=True)
class Found:
    """A place that goes by a name. code: 6, 9 or 12 digits; within: what it lies in; lon, lat: degrees or None.

    error_m: how far off a village's position may be, None of an area, whose seat or middle is told.
    """

    level: Literal["county", "township", "village"]
    code: str
    name: str
    name_en: str | None
    within: str | None
    lon: float | None
    lat: float | None
    error_m: float | None = None

    def title(self, lang: str) -> str:
        """Return its name in a language, Chinese where no English one is known."""
        return self.name_en if lang == "en" and self.name_en else self.name


def locate(conn: Connection, lon: float, lat: float, *, error_m: float = 0.0, as_of: dt.date | None = None) -> Location:
    """Return where a position (degrees, EPSG:4490, off by at most error_m metres) was on a day."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_AT, {"lon": lon, "lat": lat, "nearest_m": NEAREST_M, "sure_m": SURE_M})
        return Location(lon=lon, lat=lat, error_m=error_m, **cursor.fetchone()._asdict())


def locate_village(conn: Connection, village_id: str, *, as_of: dt.date | None = None) -> Location:
    """Return where a village was on a day; NotFoundError when it was not there."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_VILLAGE, {"village_id": village_id, "sure_m": SURE_M})
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"there is no village {village_id}" + (f" on {as_of}" if as_of else ""))
    values = row._asdict()
    return Location(error_m=values.pop("position_error_m"), **values)


def search_places(conn: Connection, q: str, *, as_of: dt.date | None = None, limit: int = 30) -> list[Found]:
    """List counties, townships and villages of a day by a part of their names or by their code, best first."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_SEARCH, {"q": q.strip(), "limit": limit})
        return [Found(**record._asdict()) for record in cursor.fetchall()]
