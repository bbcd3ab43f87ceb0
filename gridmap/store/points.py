"""Points of a layer whose SELECT is costly, computed once per version of the data and kept in the process.

The class of a village needs the cover of all zones: 50 to 200 ms for the whole city, whatever the tile. A tile made
from the points kept takes a few milliseconds. PostGIS still makes the tile.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.layers import Column, Layer
from gridmap.store.layers import TIMEOUT_S, select

SQL_TYPES = {"text": "text", "integer": "bigint", "number": "float8", "boolean": "boolean", "date": "text"}


@dataclass(frozen=True)
class Points:
    """x, y: metres of EPSG:3857. columns: values by column name, feature_id among them; all lists equally long."""

    x: list[float]
    y: list[float]
    columns: dict[str, list[Any]]

    def within(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Return the places in the lists of the points in a box, its sides included."""
        return [
            place
            for place, (x, y) in enumerate(zip(self.x, self.y, strict=True))
            if west <= x <= east and south <= y <= north
        ]


def tile_columns(layer: Layer) -> list[Column]:
    """Return the columns that tiles carry at some zoom."""
    return [column for column in layer.columns if column.tile_zoom is not None]


def load_points(conn: Connection, layer: Layer, *, as_of: dt.date | None) -> Points:
    """Compute all points of a layer on a day."""
    names = [column.name for column in tile_columns(layer)]
    wanted = [sql.SQL("{} AS {}").format(sql.Identifier("q", name), sql.Identifier(f"column_{name}")) for name in names]
    query = sql.SQL(
        "SELECT ST_X(q.geom_3857) AS x, ST_Y(q.geom_3857) AS y, {columns} FROM {source} "
        "WHERE q.geom_3857 IS NOT NULL ORDER BY q.feature_id"
    ).format(columns=sql.SQL(", ").join([sql.SQL("q.feature_id"), *wanted]), source=select(layer))
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(query, [])
        records = cursor.fetchall()
    x, y, *rest = (
        (list(values) for values in zip(*records, strict=True)) if records else ([], [], [], *([] for _ in names))
    )
    return Points(x, y, dict(zip(["feature_id", *names], rest, strict=True)))


def source(layer: Layer, points: Points, places: list[int]) -> tuple[sql.Composed, dict[str, Any]]:
    """Return chosen points as a relation q (geom_3857, feature_id, columns), and its parameters."""
    columns = {"feature_id": "text"} | {column.name: SQL_TYPES[column.type] for column in tile_columns(layer)}
    values: dict[str, Any] = {
        "point_x": [points.x[place] for place in places],
        "point_y": [points.y[place] for place in places],
    }
    arrays: list[sql.Composable] = []
    for name, sql_type in columns.items():
        kept = points.columns[name]
        values[f"column_{name}"] = [_plain(kept[place]) for place in places]
        arrays.append(sql.SQL("{}::{}[]").format(sql.Placeholder(f"column_{name}"), sql.SQL(sql_type)))
    relation = sql.SQL(
        "(SELECT ST_SetSRID(ST_MakePoint(p.x, p.y), 3857) AS geom_3857, p.* "
        "FROM unnest(%(point_x)s::float8[], %(point_y)s::float8[], {arrays}) AS p (x, y, {names})) AS q"
    ).format(
        arrays=sql.SQL(", ").join(arrays),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    return relation, values


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
