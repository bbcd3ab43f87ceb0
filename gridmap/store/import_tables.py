"""What the database says of the tables that imports write: columns, types, defaults, keys, checks, references."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.import_form import Form

_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_needed,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default_sql,
    a.attgenerated <> '' AS is_generated, a.attidentity <> '' AS is_identity
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ('gridmap.' || quote_ident(%s))::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_KEY = """
SELECT a.attname AS name
FROM pg_constraint AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.conrelid = ('gridmap.' || quote_ident(%s))::regclass AND c.contype = 'p'
"""
_CHECKS = """
SELECT c.conname AS name, pg_get_expr(c.conbin, c.conrelid) AS condition
FROM pg_constraint AS c
WHERE c.conrelid = ('gridmap.' || quote_ident(%s))::regclass AND c.contype = 'c' AND cardinality(c.conkey) > 1
ORDER BY c.conname
"""
_PARTITIONED = """
SELECT a.attname AS name
FROM pg_partitioned_table AS p
INNER JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
WHERE p.partrelid = ('gridmap.' || quote_ident(%s))::regclass
"""

KEPT_BY_TRIGGER = ("cell_code", "recorded_at")
"""Columns that say nothing of what somebody imported or changed."""


@dataclass(frozen=True)
class TableColumn:
    """A column as the database has it."""

    name: str
    type: str
    is_needed: bool
    default_sql: str | None
    is_generated: bool
    is_identity: bool


@dataclass(frozen=True)
class Target:
    """A table that a form writes. pk: its primary key. key: the column that holds the object's identifier.

    versioned: rows hold from day to day (in_force). checks: name -> condition, those over several columns. same:
    columns that are the identifier together, where it is not the key alone. by_month: the day by whose month it is
    partitioned.
    """

    table: str
    key: str
    pk: str
    versioned: bool
    columns: tuple[TableColumn, ...]
    checks: dict[str, str]
    same: tuple[str, ...] = ()
    by_month: str | None = None

    def identifier(self, alias: str) -> sql.Composable:
        """Return the identifier of a row: its key, or all columns that are it together, as RowJudge writes them too."""
        if not self.same:
            return sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(self.key))
        return sql.SQL("concat_ws('/', {})").format(sql.SQL(", ").join(self._part(alias, name) for name in self.same))

    def _part(self, alias: str, name: str) -> sql.Composable:
        value = sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name))
        default = self.column(name).default_sql
        if default is None:
            return sql.SQL("{}::text").format(value)
        # what most rows leave out is told where it is said, by its name
        return sql.SQL("{} || nullif({}, {})::text").format(sql.Literal(f"{name}="), value, sql.SQL(default))

    def is_row(self, alias: str) -> sql.Composable:
        """Return the condition that a row of the table and one of the file (r) are about the same object."""
        if not self.same:
            return sql.SQL("{} = r.key").format(self.identifier(alias))
        return sql.SQL(" AND ").join(
            sql.SQL("{}.{} = {}").format(sql.Identifier(alias), sql.Identifier(name), self._said(name))
            for name in self.same
        )

    def _said(self, name: str) -> sql.Composable:
        said, default = sql.Identifier("r", f"f_{name}"), self.column(name).default_sql
        return sql.SQL("coalesce({}, {})").format(said, sql.SQL(default)) if default else said

    def has(self, name: str) -> bool:
        """Return whether the table has a column."""
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> TableColumn:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def written(self) -> tuple[TableColumn, ...]:
        """Return the columns that a row is written with: neither generated nor a running number."""
        return tuple(column for column in self.columns if not column.is_generated and not column.is_identity)

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns by which a row is known to be as it was left."""
        return tuple(column.name for column in self.written if column.name not in KEPT_BY_TRIGGER)


def targets_of(cursor: Cursor, form: Form) -> tuple[Target, ...]:
    """Return the tables that a form writes: the one with the places first, then its details."""
    found = [_target(cursor, form.table, form.key, form.versioned, form.same)]
    if form.details:
        found.append(_target(cursor, form.details, form.key, True))
    return tuple(found)


def _target(cursor: Cursor, table: str, key: str, versioned: bool, same: tuple[str, ...] = ()) -> Target:
    cursor.execute(_COLUMNS, [table])
    columns = tuple(TableColumn(*row) for row in cursor.fetchall())
    cursor.execute(_KEY, [table])
    pk = cursor.fetchone()[0]
    cursor.execute(_CHECKS, [table])
    checks = dict(cursor.fetchall())
    cursor.execute(_PARTITIONED, [table])
    by = cursor.fetchone()
    return Target(table, key, pk, versioned, columns, checks, same, by[0] if by else None)
