"""Hold a layer's description against its SELECT: the database says what the SELECT really returns and reads."""

from __future__ import annotations

from typing import Any

import psycopg2
from psycopg2 import sql

from gridmap.db.session import Connection, transaction
from gridmap.errors import DefinitionError
from gridmap.geo import SRID_STORAGE, SRID_TILES
from gridmap.layers import Layer

# what PostgreSQL calls the types that a description may name
_SQL_TYPES = {
    "text": ("text",),
    "integer": ("smallint", "integer", "bigint"),
    "number": ("double precision", "real", "numeric"),
    "boolean": ("boolean",),
    "date": ("date",),
}

_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute AS a
WHERE a.attrelid = 'pg_temp.layer_check'::regclass AND a.attnum > 0
ORDER BY a.attnum
"""

_READS = """
SELECT DISTINCT c.relnamespace::regnamespace::text AS schema, c.relname AS name
FROM pg_rewrite AS r
INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
INNER JOIN pg_class AS c ON c.oid = d.refobjid
WHERE r.ev_class = 'pg_temp.layer_check'::regclass AND c.relkind IN ('v', 'r', 'p', 'm')
ORDER BY 1, 2
"""


def check_layer(conn: Connection, layer: Layer) -> None:
    """Raise DefinitionError, naming file and column, when SELECT and description disagree; changes nothing."""
    columns, reads = _ask(conn, layer)
    _check_columns(layer, columns)
    _check_geometry(layer, columns)
    foreign = [f"{schema}.{name}" for schema, name in reads if schema != "snapshot"]
    if foreign:
        raise _wrong(layer, "sql", f"it reads {', '.join(foreign)}; expected views of schema snapshot only")
    read = {name for _, name in reads}
    if read != set(layer.reads):
        raise _wrong(layer, "toml", f"`reads` is {sorted(layer.reads)}; the SELECT reads {sorted(read)}")


def _ask(conn: Connection, layer: Layer) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return column -> type and the relations read, by way of a view that is never kept."""
    with transaction(conn) as cursor:
        cursor.execute("SAVEPOINT layer_check")
        try:
            cursor.execute("SET LOCAL search_path = snapshot, public")
            cursor.execute(sql.SQL("CREATE TEMP VIEW layer_check AS ") + sql.SQL(layer.sql))
            cursor.execute(_COLUMNS)
            columns = dict(cursor.fetchall())
            cursor.execute(_READS)
            reads: list[tuple[str, str]] = [(row.schema, row.name) for row in cursor.fetchall()]
        except psycopg2.Error as error:
            cursor.execute("ROLLBACK TO SAVEPOINT layer_check")
            raise _wrong(layer, "sql", f"the SELECT does not run: {str(error).strip().splitlines()[0]}") from error
        cursor.execute("ROLLBACK TO SAVEPOINT layer_check")
    return columns, reads


def _check_columns(layer: Layer, columns: dict[str, Any]) -> None:
    square = ["cell_key"] if layer.by_square else []
    described = ["feature_id", "geom", "geom_3857", *square, *(column.name for column in layer.columns)]
    for name in described:
        if name not in columns:
            raise _wrong(layer, "sql", f"the SELECT has no column {name}, which the description expects")
    for name in columns:
        if name not in described:
            raise _wrong(layer, "toml", f"column {name} of the SELECT is not described")
    if list(columns) != described:
        order = ", ".join(columns)
        raise _wrong(layer, "toml", f"expected the columns in the order of the SELECT: {order}")
    if columns["feature_id"] != "text":
        raise _wrong(layer, "sql", f"feature_id is {columns['feature_id']}; expected text")
    for column in layer.columns:
        expected = _SQL_TYPES[column.type]
        if columns[column.name] not in expected:
            found = columns[column.name]
            raise _wrong(layer, "toml", f"column {column.name}: type is {column.type}; the SELECT returns {found}")


def _check_geometry(layer: Layer, columns: dict[str, Any]) -> None:
    for name, srid in (("geom", SRID_STORAGE), ("geom_3857", SRID_TILES)):
        expected = "geometry" if layer.geometry == "none" else f"geometry({layer.geometry},{srid})"
        if columns[name] != expected:
            raise _wrong(layer, "sql", f"{name} is {columns[name]}; expected {expected}")


def _wrong(layer: Layer, kind: str, said: str) -> DefinitionError:
    return DefinitionError(f"layers/{layer.id}/{layer.id}.{kind}: {said}")
