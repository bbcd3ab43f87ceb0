"""Many rows at once: COPY into a table of schema gridmap."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor


def copy_rows(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Copy rows into gridmap.<table> and return their number.

    Geometries are hex EWKB, date ranges their text; None is NULL. Empty texts would become NULL: give None.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    buffer.seek(0)
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT csv)").format(
        table=sql.Identifier("gridmap", table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    cursor.copy_expert(statement, buffer)
    return count


def analyze(cursor: Cursor) -> None:
    """Count again what the tables hold, so that the planner knows of rows loaded in this transaction."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'gridmap'::regnamespace AND relkind IN ('r', 'p')"
    )
    names = [sql.Identifier("gridmap", name) for (name,) in cursor.fetchall()]
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(names)))
