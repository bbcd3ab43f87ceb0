"""Responsibility cells of a day: one, those above and below it, the one at a place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap import geo
from gridmap.domain.grid_change import Cell
from gridmap.errors import NotFoundError, UserError

_CELL = """
SELECT c.cell_code, c.level, c.name, c.parent_code, c.county_code, lower(c.in_force) AS begins_on,
    upper(c.in_force) AS ends_on, ST_Area(c.geom_m) AS area_m2, c.position_error_m, c.source
FROM gridmap.grid_cell AS c
WHERE c.kind = 'responsibility'
"""
_ABOVE = """
WITH RECURSIVE above AS (
    SELECT c.cell_code, c.parent_code, 0 AS steps FROM gridmap.grid_cell AS c
    WHERE c.cell_code = %(code)s AND c.kind = 'responsibility' AND c.in_force @> %(day)s
    UNION ALL
    SELECT c.cell_code, c.parent_code, a.steps + 1 FROM gridmap.grid_cell AS c
    INNER JOIN above AS a ON a.parent_code = c.cell_code
    WHERE c.kind = 'responsibility' AND c.in_force @> %(day)s AND a.steps < 9
)
SELECT cell_code FROM above ORDER BY steps
"""


def find_cell(cursor: Cursor, code: str, day: dt.date) -> Cell | None:
    """Return a responsibility cell as it stands on a day."""
    cursor.execute(_CELL + " AND c.cell_code = %s AND c.in_force @> %s", [code, day])
    row = cursor.fetchone()
    return _cell(row) if row is not None else None


def get_cell(cursor: Cursor, code: str, day: dt.date) -> Cell:
    """Return a responsibility cell as it stands on a day; NotFoundError tells of other days on which it stood."""
    found = find_cell(cursor, code, day)
    if found is not None:
        return found
    versions = list_versions(cursor, code)
    if not versions:
        raise NotFoundError(f"there is no responsibility cell {code}")
    spans = ", ".join(f"from {v.begins_on or 'ever'} to {v.ends_on or 'now'}" for v in versions)
    raise NotFoundError(f"there is no responsibility cell {code} on {day}; it stands {spans} (last day not counted)")


def list_versions(cursor: Cursor, code: str) -> list[Cell]:
    """List the versions of a cell, oldest first."""
    cursor.execute(_CELL + " AND c.cell_code = %s ORDER BY lower(c.in_force) NULLS FIRST", [code])
    return [_cell(row) for row in cursor.fetchall()]


def list_above(cursor: Cursor, code: str, day: dt.date) -> list[Cell]:
    """List a cell and the cells above it on a day, finest first; empty without such a cell."""
    cursor.execute(_ABOVE, {"code": code, "day": day})
    return [get_cell(cursor, found, day) for (found,) in cursor.fetchall()]


def list_children(cursor: Cursor, code: str, day: dt.date) -> list[Cell]:
    """List the cells right below a cell on a day, by code."""
    cursor.execute(_CELL + " AND c.parent_code = %s AND c.in_force @> %s ORDER BY c.cell_code", [code, day])
    return [_cell(row) for row in cursor.fetchall()]


def outline_m(cursor: Cursor, code: str, day: dt.date) -> bytes:
    """Return a cell's outline as WKB in metres, EPSG:4547; NotFoundError when it does not stand that day."""
    get_cell(cursor, code, day)
    cursor.execute(
        "SELECT ST_AsBinary(c.geom_m) FROM gridmap.grid_cell AS c WHERE c.cell_code = %s AND c.in_force @> %s",
        [code, day],
    )
    return bytes(cursor.fetchone()[0])


def place_of(cursor: Cursor, code: str, day: dt.date) -> tuple[float, float, str]:
    """Return a point on a cell (longitude, latitude) and the code of the 1 km square that holds it."""
    cursor.execute(
        "SELECT ST_X(p.at), ST_Y(p.at), gridmap.square_at(p.at) FROM gridmap.grid_cell AS c "
        "CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS at) AS p "
        "WHERE c.cell_code = %s AND c.in_force @> %s",
        [code, day],
    )
    lon, lat, square = cursor.fetchone()
    return lon, lat, square


def cell_at(cursor: Cursor, lon: float, lat: float, day: dt.date) -> tuple[str | None, str]:
    """Return the code of the one responsibility cell at a position (degrees) on a day, and of its 1 km square.

    UserError for a position outside the city's envelope.
    """
    if not geo.inside_envelope(lon, lat):
        swapped = "; latitude and longitude are swapped" if geo.inside_envelope(lat, lon) else ""
        raise UserError(f"position {lon}, {lat} is outside the city; expected longitude, then latitude{swapped}")
    cursor.execute(
        "SELECT gridmap.cell_on(p.at, %s), gridmap.square_at(p.at) "
        "FROM (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4490) AS at) AS p",
        [day, lon, lat],
    )
    code, square = cursor.fetchone()
    return code, square


def place_due(cursor: Cursor) -> int:
    """Have everything follow the cells when today has moved over a day on which one begins or ends."""
    cursor.execute("SELECT gridmap.place_due()")
    return int(cursor.fetchone()[0])


def _cell(row: Any) -> Cell:
    return Cell(*row)
