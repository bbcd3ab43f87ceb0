"""What positions of a file are held against: county outlines, the list of villages, and villages of known position."""

from __future__ import annotations

import datetime as dt

import shapely
from psycopg2.extensions import cursor as Cursor

from gridmap.coordinates.ground import Ground
from gridmap.domain.name_match import NameIndex, Unit

ROUGH_M = 1_000.0
"""Villages whose position is worse, metres, tell nothing of a shift of 600 m."""

_COUNTIES = """
SELECT r.code, ST_AsBinary(r.geom) AS outline, r.position_error_m
FROM gridmap.region AS r
WHERE r.level = 'county' AND r.geom IS NOT NULL AND r.in_force @> %(day)s::date
ORDER BY r.code
"""
_PLACES = """
SELECT v.village_id, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat
FROM gridmap.village AS v
WHERE v.in_force @> %(day)s::date AND v.placed_by IN ('survey', 'geocode', 'hand') AND v.position_error_m <= %(rough_m)s
ORDER BY v.village_id
"""
_UNITS = """
SELECT v.village_id AS code, v.name, v.official_name, lower(v.in_force) AS begins_on, upper(v.in_force) AS ends_on
FROM gridmap.village AS v
ORDER BY v.village_id, lower(v.in_force) NULLS FIRST
"""
_PARENTS = "SELECT r.code, r.name FROM gridmap.region AS r WHERE r.in_force @> %(day)s::date ORDER BY r.code"


def get_ground(cursor: Cursor, day: dt.date) -> Ground:
    """Return county outlines by code and positions of villages by code, of a day; UserError without any outline."""
    cursor.execute(_COUNTIES, {"day": day})
    rows = cursor.fetchall()
    counties = {row.code: shapely.from_wkb(bytes(row.outline)) for row in rows}
    error_m = max((row.position_error_m for row in rows), default=0.0)
    cursor.execute(_PLACES, {"day": day, "rough_m": ROUGH_M})
    places = {row.village_id: (row.lon, row.lat) for row in cursor.fetchall()}
    return Ground(counties, places, error_m)


def get_names(cursor: Cursor, day: dt.date) -> NameIndex:
    """Return the list of villages of a day, ready to be asked by name; names of other days are known to it."""
    cursor.execute(_UNITS)
    units = [Unit(*row) for row in cursor.fetchall()]
    return NameIndex(units, region_names(cursor, day), day)


def region_names(cursor: Cursor, day: dt.date) -> dict[str, str]:
    """Return the names of city, counties and townships of a day by code."""
    cursor.execute(_PARENTS, {"day": day})
    return dict(cursor.fetchall())
