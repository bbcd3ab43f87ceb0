"""Take a batch back: every row as it was before, or nothing where somebody has gone on from it."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.errors import ConflictError
from gridmap.store.import_apply import mark
from gridmap.store.import_tables import Target

_SHOWN = 5

_REFERENCES = """
SELECT c.conrelid::regclass::text AS table_name, a.attname AS column_name, f.attname AS of_column
FROM pg_constraint AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
INNER JOIN pg_attribute AS f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
INNER JOIN pg_class AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND c.confrelid = ('gridmap.' || quote_ident(%s))::regclass AND r.relname <> ALL(%s)
ORDER BY 1, 2
"""


def refuse_later_changes(
    cursor: Cursor, batch_id: int, targets: Sequence[Target], columns: dict[str, list[str]]
) -> None:
    """Raise ConflictError where rows of a batch are no longer as it left them, or others have come to hang on them."""
    # nobody has counted the rows of a batch just written: without that they are looked up one by one
    cursor.execute("ANALYZE gridmap.import_batch_row")
    for target in targets:
        known = [name for name in columns.get(target.table, ()) if target.has(name)]
        cursor.execute(
            sql.SQL(
                "SELECT b.object_key, (SELECT max(o.batch_id) FROM gridmap.import_batch_row AS o "
                "WHERE o.relation = b.relation AND o.row_pk = b.row_pk AND o.batch_id > b.batch_id) AS batch "
                "FROM gridmap.import_batch_row AS b LEFT JOIN {table} AS t ON t.{pk} = b.row_pk::{pk_type} "
                "WHERE b.batch_id = %s AND b.relation = %s AND CASE b.action WHEN 'delete' THEN t.{pk} IS NOT NULL "
                "ELSE t.{pk} IS NULL OR {mark} <> b.after_md5 END ORDER BY 1"
            ).format(
                table=sql.Identifier("gridmap", target.table),
                pk=sql.Identifier(target.pk),
                pk_type=sql.SQL(target.column(target.pk).type),
                mark=mark(known, "t"),
            ),
            [batch_id, target.table],
        )
        rows = cursor.fetchall()
        if rows:
            by = sorted({row.batch for row in rows if row.batch is not None})
            whose = f"; batch {', '.join(map(str, by))} came after it: undo that first" if by else ""
            first = f"，请先撤销后来的批次 {'、'.join(map(str, by))}" if by else ""
            raise ConflictError(
                f"batch {batch_id} cannot be undone: {len(rows)} of its rows in {target.table} were changed since "
                f"({_few([row.object_key for row in rows])}){whose}",
                zh=f"导入以后有人改过其中 {len(rows)} 条记录（{_few([row.object_key for row in rows])}）{first}。",
            )
        _refuse_references(cursor, batch_id, target, [each.table for each in targets])


def _refuse_references(cursor: Cursor, batch_id: int, target: Target, own: Sequence[str]) -> None:
    """Raise ConflictError where a row of another table refers to an object that the batch brought."""
    cursor.execute(_REFERENCES, [target.table, list(own)])
    for reference in cursor.fetchall():
        schema, _, table = reference.table_name.rpartition(".")
        cursor.execute(
            sql.SQL(
                "SELECT DISTINCT b.object_key FROM gridmap.import_batch_row AS b INNER JOIN {target} AS t "
                "ON t.{pk} = b.row_pk::{pk_type} INNER JOIN {table} AS o ON o.{column} = t.{of} "
                "WHERE b.batch_id = %s AND b.relation = %s AND b.action = 'insert' ORDER BY 1"
            ).format(
                target=sql.Identifier("gridmap", target.table), **_key_of(target),
                table=sql.Identifier(schema or "gridmap", table), column=sql.Identifier(reference.column_name),
                of=sql.Identifier(reference.of_column),
            ),
            [batch_id, target.table],
        )  # fmt: skip
        keys = [row.object_key for row in cursor.fetchall()]
        if keys:
            raise ConflictError(
                f"batch {batch_id} cannot be undone: {table} tells of {len(keys)} objects that it brought "
                f"({_few(keys)})",
                zh=f"已有 {len(keys)} 条记录（{table}）指着它带来的对象（{_few(keys)}）。",
            )


def take_back(cursor: Cursor, batch_id: int, targets: Sequence[Target], columns: dict[str, list[str]]) -> int:
    """Put every row back as it was before and return their number. The caller has looked for later changes."""
    number = 0
    for target in reversed(targets):  # what hangs on a row goes before it
        number += _run(
            cursor, batch_id, target, "insert",
            "DELETE FROM {table} AS t USING gridmap.import_batch_row AS b WHERE t.{pk} = b.row_pk::{pk_type} AND {own}",
        )  # fmt: skip
    for target in targets:
        known = [name for name in columns.get(target.table, ()) if target.has(name)]
        number += _run(
            cursor, batch_id, target, "update",
            "UPDATE {table} AS t SET {sets} FROM gridmap.import_batch_row AS b, "
            "jsonb_populate_record(NULL::{table}, b.before) AS p WHERE t.{pk} = b.row_pk::{pk_type} AND {own}",
            sets=sql.SQL(", ").join(sql.SQL("{n} = p.{n}").format(n=sql.Identifier(name)) for name in known),
        )  # fmt: skip
        written = sorted({*known, target.pk})
        names = sql.SQL(", ").join(map(sql.Identifier, written))
        number += _run(
            cursor, batch_id, target, "delete",
            "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM gridmap.import_batch_row AS b, "
            "jsonb_populate_record(NULL::{table}, b.before) AS p WHERE {own}",
            names=names, values=sql.SQL(", ").join(sql.SQL("p.{}").format(sql.Identifier(name)) for name in written),
        )  # fmt: skip
    return number


def _run(cursor: Cursor, batch_id: int, target: Target, action: str, statement: str, **parts: sql.Composable) -> int:
    own = sql.SQL("b.batch_id = {} AND b.relation = {} AND b.action = {}").format(
        sql.Literal(batch_id), sql.Literal(target.table), sql.Literal(action)
    )
    cursor.execute(
        sql.SQL(statement).format(
            table=sql.Identifier("gridmap", target.table),
            pk=sql.Identifier(target.pk),
            pk_type=sql.SQL(target.column(target.pk).type),
            own=own,
            **parts,
        )
    )
    return int(cursor.rowcount)


def _key_of(target: Target) -> dict[str, sql.Composable]:
    """Return the name and the type of a table's primary key, as statements have them."""
    return {"pk": sql.Identifier(target.pk), "pk_type": sql.SQL(target.column(target.pk).type)}


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
