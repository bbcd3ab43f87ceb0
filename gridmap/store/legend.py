"""Count features by the value that colours them: the numbers in the map's legend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from psycopg2 import sql

from gridmap.db.session import Connection, snapshot
from gridmap.layers import Layer
from gridmap.store.layers import TIMEOUT_S, FeatureFilter, condition, select


def count_by_style(
    conn: Connection, layer: Layer, *, as_of: dt.date | None = None, counties: Sequence[str] = ()
) -> dict[str, int]:
    """Return legend value -> number of features of a day, in the order of the legend, zeros included.

    A layer with one colour for all counts under its one legend entry.
    """
    counts = {entry.value: 0 for entry in layer.style.legend}
    where, values = condition(layer, FeatureFilter(counties=tuple(counties)))
    column = layer.style.column
    value: sql.Composable = sql.Literal(layer.style.legend[0].value)
    if column is not None:
        value = sql.SQL("CAST({} AS text)").format(sql.Identifier("q", column))
    query = sql.SQL("SELECT {value} AS value, count(*) AS n FROM {source} WHERE {where} GROUP BY 1 ORDER BY 1").format(
        value=value, source=select(layer), where=where
    )
    with snapshot(conn, as_of, timeout_s=TIMEOUT_S) as cursor:
        cursor.execute(query, values)
        for record in cursor.fetchall():
            counts[record.value if record.value is not None else "unknown"] = record.n
    return counts
