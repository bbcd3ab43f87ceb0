"""What lies nearest to a position, always within a radius: no reader has to look through the whole city for it."""

from __future__ import annotations

import datetime as dt

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.errors import UserError
from gridmap.geo import SRID_METRES, SRID_STORAGE
from gridmap.layers import Layer
from gridmap.store import squares
from gridmap.store.layers import TIMEOUT_S, select

WIDEST_M = 10_000.0
"""The widest radius that may be asked, metres."""


def query(layer: Layer, lon: float, lat: float, radius_m: float, limit: int) -> tuple[sql.Composed, list[float]]:
    """Return what the database is asked, and its parameters."""
    here = sql.SQL("ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), {}), {})").format(
        sql.Literal(SRID_STORAGE), sql.Literal(SRID_METRES)
    )
    composed = sql.SQL(
        "SELECT n.feature_id, n.distance_m FROM ("
        "SELECT q.feature_id, ST_Distance(ST_Transform(q.geom, {metres}), {here}) AS distance_m "
        "FROM {source} WHERE {near}) AS n WHERE n.distance_m <= %s ORDER BY n.distance_m, n.feature_id LIMIT %s"
    ).format(
        metres=sql.Literal(SRID_METRES),
        here=here,
        source=select(layer),
        near=squares.within_box(layer, squares.around(lon, lat, radius_m)),
    )
    return composed, [lon, lat, radius_m, limit]


def list_nearest(
    conn: Connection,
    layer: Layer,
    position: tuple[float, float],
    *,
    radius_m: float,
    limit: int,
    as_of: dt.date | None = None,
) -> list[tuple[str, float]]:
    """List id and distance (metres) of the features of a day within a radius of a position, nearest first.

    position: longitude and latitude, degrees. UserError for a radius above WIDEST_M.
    """
    if not 0 < radius_m <= WIDEST_M:
        raise UserError(f"the radius is {radius_m:g} m; expected more than 0 and at most {WIDEST_M:g}")
    composed, values = query(layer, *position, radius_m, limit)
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        squares.prefer(cursor, layer, squares.around(*position, radius_m))
        cursor.execute(composed, values)
        return [(row.feature_id, float(row.distance_m)) for row in cursor.fetchall()]
