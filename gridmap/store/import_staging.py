"""Rows of a file before anything is decided: temporary tables of this connection, filled by COPY, gone with it.

import_row: rows without a fault. import_refused: keys of the others. import_fault: all faults. import_diff, import_gone
(import_diff.py): what would change.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form
from gridmap.domain.import_report import ImportFault
from gridmap.store.import_tables import Target

PLACE_COLUMNS = (
    ("row_number", "bigint"), ("key", "text"), ("geom", "public.geometry"), ("is_placed", "boolean"),
    ("error_m", "double precision"), ("placed_how", "text"), ("county_at", "text"), ("region_at", "text"),
    ("reported", "text"), ("township_said", "text"), ("called", "text"),
)  # fmt: skip
"""Columns of import_row that every form has, in the order of copy(); the file's own follow.

county_at, region_at: by position. reported: code of the region that the file names. called: what the object is called
where its table does not say. A row of a file may hold several objects: `staged` tells them apart.
"""

_FAULT = "COPY pg_temp.import_fault FROM STDIN (FORMAT csv)"


def create(cursor: Cursor, targets: Sequence[Target], names: Sequence[str]) -> None:
    """Make the temporary tables anew. names: columns of the targets that the file has or that follow from them."""
    types = [(name, _type_of(targets, name)) for name in names]
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(_given(name) if own else name), sql.SQL(column_type))
        for own, pairs in ((False, PLACE_COLUMNS), (True, types))
        for name, column_type in pairs
    )
    drop(cursor)
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE import_row (staged bigint GENERATED ALWAYS AS IDENTITY, {})").format(columns)
    )
    cursor.execute("CREATE TEMPORARY TABLE import_refused (row_number bigint, key text)")
    cursor.execute(
        "CREATE TEMPORARY TABLE import_fault (row_number bigint, title text, found text, expected_zh text, "
        "expected_en text, suggestion text, severity text)"
    )


def drop(cursor: Cursor) -> None:
    """Drop the temporary tables, should there be any."""
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.import_row, pg_temp.import_refused, pg_temp.import_fault, pg_temp.import_diff, "
        "pg_temp.import_gone"
    )


def _given(name: str) -> str:
    """Return the name in import_row of a column of the file: apart from those that every form has."""
    return f"f_{name}"


def given(name: str) -> sql.Identifier:
    """Return the identifier in import_row of a column of the file."""
    return sql.Identifier(_given(name))


def _type_of(targets: Sequence[Target], name: str) -> str:
    return next(target.column(name).type for target in targets if target.has(name))


def copy(cursor: Cursor, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Copy rows into import_row: PLACE_COLUMNS in their order, then the named ones. Positions are hexadecimal EWKB."""
    columns = sql.SQL(", ").join(
        sql.Identifier(name) for name in (*(name for name, _ in PLACE_COLUMNS), *(_given(name) for name in names))
    )
    _copy(cursor, sql.SQL("COPY pg_temp.import_row ({}) FROM STDIN (FORMAT csv)").format(columns), rows)


def copy_refused(cursor: Cursor, rows: Iterable[tuple[int, str]]) -> None:
    """Keep the keys of rows that are refused, for telling who else has them."""
    _copy(cursor, sql.SQL("COPY pg_temp.import_refused FROM STDIN (FORMAT csv)"), rows)


def copy_faults(cursor: Cursor, faults: Iterable[ImportFault]) -> None:
    """Copy faults into import_fault."""
    _copy(
        cursor,
        sql.SQL(_FAULT),
        ((f.row, f.title, f.found, f.expected.zh, f.expected.en, f.suggestion, f.severity) for f in faults),
    )


def _copy(cursor: Cursor, statement: sql.Composable, rows: Iterable[Sequence[object]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    buffer.seek(0)
    cursor.copy_expert(statement, buffer)


def prepare(cursor: Cursor) -> None:
    """Index and count what was copied, so that the comparison is planned for what there is."""
    cursor.execute("CREATE INDEX ON pg_temp.import_row (key)")
    cursor.execute("CREATE INDEX ON pg_temp.import_row (row_number)")
    cursor.execute("ANALYZE pg_temp.import_row")


def keep_finer(cursor: Cursor, form: Form, target: Target, column: str, digits: int, on: dt.date) -> None:
    """Take over the region that is known in a column, where the file names one around it and could say no more.

    digits: of the code that the file's columns can tell.
    """
    cursor.execute(
        sql.SQL(
            "UPDATE pg_temp.import_row AS r SET {said} = t.{known} FROM {table} AS t WHERE t.{key} = r.key "
            "AND length(r.reported) = %(digits)s AND left(t.{known}, %(digits)s) = r.reported AND {holds}"
        ).format(
            said=given(column), known=sql.Identifier(column), table=sql.Identifier("gridmap", target.table),
            key=sql.Identifier(target.key), holds=sql.SQL("t.in_force @> %(on)s" if target.versioned else "true"),
        ),
        {"digits": digits, "on": on},
    )  # fmt: skip


def number_of_faults(cursor: Cursor) -> tuple[int, int, int]:
    """Return the number of rows with a fault, of faults, and of warnings."""
    cursor.execute(
        "SELECT count(DISTINCT row_number) FILTER (WHERE severity = 'fault') AS rows, "
        "count(*) FILTER (WHERE severity = 'fault') AS faults, "
        "count(*) FILTER (WHERE severity = 'warning') AS warnings "
        "FROM pg_temp.import_fault"
    )
    rows, faults, warnings = cursor.fetchone()
    return int(rows), int(faults), int(warnings)


def list_faults(cursor: Cursor, limit: int) -> list[ImportFault]:
    """List the first faults and warnings, faults first, by row."""
    cursor.execute(_FAULTS + "LIMIT %s", [limit])
    return [_fault(row) for row in cursor.fetchall()]


def each_fault(cursor: Cursor) -> Iterator[ImportFault]:
    """Yield all faults and warnings, faults first, by row, in a transaction; memory does not grow with them."""
    for row in each_row(cursor, sql.SQL(_FAULTS)):
        yield _fault(row)


_FAULTS = (
    "SELECT row_number, title, found, expected_zh, expected_en, suggestion, severity FROM pg_temp.import_fault "
    "ORDER BY severity, row_number, title, expected_en "
)


def _fault(row: tuple[Any, ...]) -> ImportFault:
    number, title, found, zh, en, suggestion, severity = row
    return ImportFault(number, title or "", found or "", Text(zh, en), suggestion, severity)


def each_row(cursor: Cursor, statement: sql.Composable) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query as the server finds them."""
    with cursor.connection.cursor(name="import_rows") as reader:
        reader.itersize = 2000
        reader.execute(statement)
        for row in reader:
            yield tuple(row)


def label_of(form: Form, name: str) -> Text:
    """Return what a column is called in sentences."""
    return next((column.title for column in form.columns if column.name == name), Text(name, name))
