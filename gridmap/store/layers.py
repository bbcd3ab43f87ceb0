"""Read features of any layer: the definition's SELECT is the subquery, the filter is composed around it.

Identifiers come from the definition and are quoted; what a reader gives is always a parameter.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError
from gridmap.geo import SRID_TILES, SRID_WGS84
from gridmap.layers import Layer
from gridmap.store import squares

TIMEOUT_S = 30.0
"""Time limit of a reader's question, seconds: a costly filter must not hold a connection for ever."""


@dataclass(frozen=True)
class Between:
    """A range of numbers or days, both ends included; None leaves an end open."""

    low: Any
    high: Any


Wanted = Sequence[Any] | Between
"""What a column may be: one of several values, or a range."""


@dataclass(frozen=True)
class FeatureFilter:
    """Which features are wanted. bbox: west, south, east, north in degrees. columns: column name -> values."""

    bbox: tuple[float, float, float, float] | None = None
    counties: tuple[str, ...] = ()
    columns: Mapping[str, Wanted] = field(default_factory=dict)

    def values_of(self, column: str | None) -> Sequence[Any]:
        """Return the values of a column that are asked for one by one; () for a range, or when nothing is asked."""
        choice = self.columns.get(column or "", ())
        return () if isinstance(choice, Between) else choice


@dataclass(frozen=True)
class Feature:
    """One feature: geometry is a GeoJSON geometry in WGS 84, or None."""

    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


def select(layer: Layer) -> sql.Composable:
    """Return the layer's SELECT as a subquery named q; a % in it is no placeholder."""
    return sql.SQL("(") + sql.SQL(layer.sql.replace("%", "%%")) + sql.SQL(") AS q")


def condition(layer: Layer, wanted: FeatureFilter) -> tuple[sql.Composable, list[Any]]:
    """Return the WHERE condition of a filter and its parameters."""
    parts: list[sql.Composable] = []
    values: list[Any] = []
    if wanted.bbox is not None:
        # a box in degrees is a box in Web Mercator too, and that column has the index
        box = sql.SQL("ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, {}), {})").format(
            sql.Literal(SRID_WGS84), sql.Literal(SRID_TILES)
        )
        parts.append(sql.SQL("ST_Intersects(q.geom_3857, {})").format(box))
        values += wanted.bbox
        parts.append(squares.within_box(layer, wanted.bbox))
    if wanted.counties:
        parts.append(sql.SQL("q.county_code = ANY(%s)"))
        values.append(list(wanted.counties))
    for name, choice in wanted.columns.items():
        column = sql.Identifier("q", layer.column(name).name)
        if isinstance(choice, Between):
            for end, sign in ((choice.low, ">="), (choice.high, "<=")):
                if end is not None:
                    parts.append(sql.SQL("{} {} %s").format(column, sql.SQL(sign)))
                    values.append(end)
        else:
            parts.append(sql.SQL("{} = ANY(%s)").format(column))
            values.append(list(choice))
    return (sql.SQL(" AND ").join(parts) if parts else sql.SQL("true")), values


def list_features(
    conn: Connection,
    layer: Layer,
    wanted: FeatureFilter,
    *,
    as_of: dt.date | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Feature]:
    """List features of a day in the order of their ids."""
    where, values = condition(layer, wanted)
    query = sql.SQL("SELECT {columns} FROM {source} WHERE {where} ORDER BY q.feature_id LIMIT %s OFFSET %s").format(
        columns=_columns(layer), source=select(layer), where=where
    )
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        squares.prefer(cursor, layer, wanted.bbox)
        cursor.execute(query, [*values, limit, offset])
        return list(_features(layer, cursor))


def count_features(conn: Connection, layer: Layer, wanted: FeatureFilter, *, as_of: dt.date | None = None) -> int:
    """Return how many features of a day the filter lets through."""
    where, values = condition(layer, wanted)
    query = sql.SQL("SELECT count(*) FROM {source} WHERE {where}").format(source=select(layer), where=where)
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        squares.prefer(cursor, layer, wanted.bbox)
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def get_feature(conn: Connection, layer: Layer, feature_id: str, *, as_of: dt.date | None = None) -> Feature:
    """Return one feature as it was on a day; NotFoundError when there was none of that id."""
    query = sql.SQL("SELECT {columns} FROM {source} WHERE q.feature_id = %s").format(
        columns=_columns(layer), source=select(layer)
    )
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(query, [feature_id])
        found = list(_features(layer, cursor))
    if not found:
        on_day = f" on {as_of}" if as_of else ""
        raise NotFoundError(f"there is no feature {feature_id!r} in {layer.id}{on_day}")
    return found[0]


def extent(conn: Connection, layer: Layer, *, as_of: dt.date | None = None) -> tuple[float, ...] | None:
    """Return west, south, east, north in degrees of all features of a day, or None when nothing has a place."""
    query = sql.SQL(
        "SELECT ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box) "
        "FROM (SELECT ST_Extent(q.geom) AS box FROM {source}) AS e"
    ).format(source=select(layer))
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(query, [])
        box = tuple(cursor.fetchone())
    return None if box[0] is None else tuple(round(side, 6) for side in box)


def _columns(layer: Layer) -> sql.Composable:
    # 6 decimals are 0.1 m; outer rings counter-clockwise and no crs member, as RFC 7946 wants
    geometry = sql.SQL("ST_AsGeoJSON(ST_ForcePolygonCCW(q.geom), 6, 0) AS geometry")
    # renamed, since records are named tuples and a column may be called class
    described = [
        sql.SQL("{} AS {}").format(sql.Identifier("q", column.name), sql.Identifier(f"column_{column.name}"))
        for column in layer.columns
    ]
    return sql.SQL(", ").join([sql.SQL("q.feature_id"), geometry, *described])


def _features(layer: Layer, records: Any) -> Iterator[Feature]:
    names = [column.name for column in layer.columns]
    for record in records:
        feature_id, geometry, *rest = record
        values = (value.isoformat() if isinstance(value, dt.date) else value for value in rest)
        yield Feature(feature_id, json.loads(geometry) if geometry else None, dict(zip(names, values, strict=True)))
