"""The 1 km squares of a place, which every spatial question carries beside its geometry test.

Row-level security keeps a reader of an area from spatial indexes: PostGIS functions are not leakproof, so PostgreSQL
asks them only of rows that the policy let through. Comparing whole numbers is leakproof, and `cell_key` has an index.
"""

from __future__ import annotations

import math

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import AREA_ROLE
from gridmap.geo import ENVELOPE, SRID_STORAGE
from gridmap.layers import Layer

MOST = 1500
"""Squares that a question may carry. A box of more is a good part of the city, where no index would help."""

EARTH_M = 6378137.0
"""Radius of the sphere of Web Mercator, metres."""

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def within_box(layer: Layer, box: Box) -> sql.Composable:
    """Return the condition on q.cell_key that every feature of a layer in a box fulfils; true where none would help."""
    if not _is_carried(layer, box):
        return sql.SQL("true")
    clipped = _clip(box)
    squares = (
        sql.SQL("gridmap.squares_of(ST_MakeEnvelope({}, {}))").format(
            sql.SQL(", ").join(map(sql.Literal, clipped)), sql.Literal(SRID_STORAGE)
        )
        if clipped is not None
        else sql.SQL("ARRAY[]::bigint[]")
    )
    if layer.geometry == "Point":
        return sql.SQL("q.cell_key = ANY({})").format(squares)
    # a line or an area has no square of its own: it is always looked at
    return sql.SQL("(q.cell_key = ANY({}) OR q.cell_key IS NULL)").format(squares)


def prefer(cursor: Cursor, layer: Layer, box: Box | None) -> None:
    """Have the rest of a transaction search by squares alone where the question carries them for a reader of an area.

    PostgreSQL takes the policy's lists for short ones, whatever they hold, and would gather the sites of twelve
    counties from their index to narrow down a few that squares have found: 50 ms where 1 is enough, of 300,000 sites.
    """
    # what has no square is found only by joining two bitmaps
    if box is not None and layer.geometry == "Point" and _is_carried(layer, box):
        search_by_squares(cursor)


def search_by_squares(cursor: Cursor) -> None:
    """Have the rest of a transaction search by squares alone for a reader of an area; see prefer()."""
    cursor.execute("SELECT set_config('enable_bitmapscan', 'off', true) WHERE current_user = %s", [AREA_ROLE])


def around(lon: float, lat: float, radius_m: float) -> Box:
    """Return a box that holds everything within a radius of a position: what is nearest is asked within one."""
    north = math.degrees(radius_m / EARTH_M) * 1.01  # a degree of the ellipsoid is up to 0.7 % shorter
    east = north / math.cos(math.radians(lat))
    return lon - east, lat - north, lon + east, lat + north


def of_mercator(west: float, south: float, east: float, north: float) -> Box:
    """Return in degrees a box given in metres of EPSG:3857: a box in one is a box in the other."""
    return _lon(west), _lat(south), _lon(east), _lat(north)


def _lon(x: float) -> float:
    return math.degrees(x / EARTH_M)


def _lat(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y / EARTH_M)))


def _is_carried(layer: Layer, box: Box) -> bool:
    clipped = _clip(box)
    return layer.by_square and (clipped is None or _count(clipped) <= MOST)


def _clip(box: Box) -> Box | None:
    """Return the part of a box where the city's data may lie, None when there is none."""
    west, south = max(box[0], ENVELOPE[0]), max(box[1], ENVELOPE[1])
    east, north = min(box[2], ENVELOPE[2]), min(box[3], ENVELOPE[3])
    return (west, south, east, north) if west <= east and south <= north else None


def _count(box: Box) -> float:
    """Return about how many squares a box meets."""
    west, south, east, north = box
    km = math.radians(1) * EARTH_M / 1000
    wide = (east - west) * km * math.cos(math.radians((south + north) / 2))
    return (wide + 1) * ((north - south) * km + 1)
