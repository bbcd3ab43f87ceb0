"""What is taken away as a file: a layer's features of a day, in batches from a cursor on the server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.domain.definition import Text
from gridmap.geo import SRID_STORAGE, SRID_WGS84
from gridmap.layers import Column, Layer, Style
from gridmap.store import squares
from gridmap.store.layers import Between, FeatureFilter, condition, select
from gridmap.store.regions import list_counties

BATCH = 5000
"""Rows that are in memory at a time."""

TIMEOUT_S = 300.0
"""Time limit of the question, and of each batch, seconds: sorting a million rows takes longer than a page may."""

Row = tuple[Any, ...]
"""feature_id, geometry as WKB or None, then the values of the columns."""


@dataclass(frozen=True)
class Outgoing:
    """What is taken away, for writers of files and maps.

    on: its day. srid: of the geometries in the batches. asked: what it was narrowed to, as title and value.
    batches: lists of rows, read once; nothing is asked of the database before the first is wanted.
    """

    id: str
    title: Text
    description: Text
    credit: Text | None
    feature_id: Text
    geometry: str
    columns: tuple[Column, ...]
    style: Style
    on: dt.date
    asked: tuple[tuple[Text, Text], ...]
    srid: int
    batches: Iterator[list[Row]]

    @property
    def has_geometry(self) -> bool:
        """Return whether its rows may have a place."""
        return self.geometry != "none"


def of_layer(
    conn: Connection,
    layer: Layer,
    wanted: FeatureFilter,
    *,
    on: dt.date,
    as_of: dt.date | None = None,
    srid: int = SRID_STORAGE,
    size: int = BATCH,
) -> Outgoing:
    """Return a layer's features in the order of their ids. on: the day that as_of stands for. size: of a batch.

    The day's findings must have been judged: gridmap.rules.engine.ensure_report().
    """
    return Outgoing(
        layer.id, layer.title, layer.description, layer.credit, layer.feature_id, layer.geometry, layer.columns,
        layer.style, on, asked_for(conn, layer, wanted, as_of), srid,
        _batches(conn, layer, wanted, as_of, srid, size),
    )  # fmt: skip


def asked_for(
    conn: Connection, layer: Layer, wanted: FeatureFilter, as_of: dt.date | None = None
) -> tuple[tuple[Text, Text], ...]:
    """Return a filter in words: title and value of each condition."""
    told: list[tuple[Text, Text]] = []
    if wanted.counties:
        names = {county.code: county for county in list_counties(conn, as_of=as_of)}
        found = [names.get(code) for code in wanted.counties]
        each = [
            Text(f"{county.title('zh')} {code}", f"{county.title('en')} {code}") if county else Text(code, code)
            for code, county in zip(wanted.counties, found, strict=True)
        ]
        told.append((Text("县（市、区）", "county"), _joined(each)))
    for name, choice in wanted.columns.items():
        column = layer.column(name)
        if isinstance(choice, Between):
            span = f"{'' if choice.low is None else choice.low}..{'' if choice.high is None else choice.high}"
            told.append((column.title, Text(span, span)))
        else:
            values = [column.codes.get(str(value), _word(value)) for value in choice]
            told.append((column.title, _joined(values)))
    if wanted.bbox is not None:
        box = ",".join(f"{side:g}" for side in wanted.bbox)
        told.append((Text("经纬度范围", "bbox"), Text(box, box)))
    return tuple(told)


def _word(value: Any) -> Text:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return Text(str(value), str(value))


def _joined(values: list[Text]) -> Text:
    return Text("、".join(value.zh for value in values), ", ".join(value.en for value in values))


def _batches(
    conn: Connection, layer: Layer, wanted: FeatureFilter, as_of: dt.date | None, srid: int, size: int
) -> Iterator[list[Row]]:
    where, values = condition(layer, wanted)
    # CGCS2000 is within a metre of WGS 84: its degrees are told as they are, everywhere
    place = (
        sql.SQL("q.geom")
        if srid in (SRID_STORAGE, SRID_WGS84)
        else sql.SQL("ST_Transform(q.geom, {})").format(sql.Literal(srid))
    )
    columns = [sql.Identifier("q", column.name) for column in layer.columns]
    query = sql.SQL("SELECT {columns} FROM {source} WHERE {where} ORDER BY q.feature_id").format(
        columns=sql.SQL(", ").join(
            [sql.SQL("q.feature_id"), sql.SQL("ST_AsBinary({})").format(place), *columns],
        ),
        source=select(layer),
        where=where,
    )
    numbers = [place for place, column in enumerate(layer.columns, 2) if column.type == "number"]
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        squares.prefer(cursor, layer, wanted.bbox)
        with conn.cursor(name="outgoing") as stream:
            stream.execute(query, values)
            while rows := stream.fetchmany(size):
                yield [_plain(row, numbers) for row in rows]


def _plain(row: Row, numbers: list[int]) -> Row:
    """Return a row with its geometry as bytes, and no number as a Decimal."""
    values = list(row)
    if values[1] is not None:
        values[1] = bytes(values[1])
    for place in numbers:
        if isinstance(values[place], Decimal):
            values[place] = float(values[place])
    return tuple(values)
