"""Import descriptions agree with the tables that they fill."""

import psycopg2.errors
import pytest
from psycopg2 import sql

from gridmap import layers
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.store.import_tables import targets_of

TYPES = {
    "text": {"text"}, "integer": {"integer", "smallint", "bigint"}, "number": {"double precision"}, "boolean": {"boolean"},
    "date": {"date"},
}  # fmt: skip
FILLED = {
    "county_code", "geom", "position_error_m", "placed_by", "source", "in_force", "recorded_at", "match_name",
    "official_name", "is_community", "subject_kind", "subject_id", "parameter", "value", "unit", "period",
}  # fmt: skip
"""Columns that the importer fills whatever the file has."""


def checks_of_one(cursor, table):
    cursor.execute(
        "SELECT a.attname, pg_get_expr(c.conbin, c.conrelid) FROM pg_constraint AS c "
        "JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.conrelid = %s::regclass AND c.contype = 'c' AND cardinality(c.conkey) = 1",
        [f"gridmap.{table}"],
    )
    return cursor.fetchall()


def test_forms_agree_with_their_tables(conn):
    """Columns exist and have the type; what a table needs is needed; every code and limit passes the table's checks."""
    wrong = []
    with transaction(conn) as cursor:
        for form in import_form.list_forms():
            for target in targets_of(cursor, form):
                columns = {column.name: column for column in form.stored(target.table)}
                for name, column in columns.items():
                    if not target.has(name) or target.column(name).type not in TYPES[column.type]:
                        wrong.append(f"{form.label}: {target.table}.{name} is no {column.type}")
                for there in target.written:
                    filled = there.name in FILLED | {target.key, *form.fixed} or there.name in columns
                    if there.is_needed and not there.default_sql and not filled:
                        wrong.append(
                            f"{form.label}: {target.table}.{there.name} must have a value and is not in the form"
                        )
                    is_coded = there.name == "source" and there.name in columns and bool(columns[there.name].codes)
                    needed = there.is_needed and not there.default_sql and (is_coded or there.name not in FILLED)
                    if there.name in columns and needed != columns[there.name].required:
                        wrong.append(f"{form.label}: {target.table}.{there.name} required should be {needed}")
                for name, condition in checks_of_one(cursor, target.table):
                    for value in values_of(columns.get(name)):
                        cursor.execute(
                            sql.SQL("SELECT ({}) FROM (SELECT %s::{} AS {}) AS t").format(
                                sql.SQL(condition.replace("%", "%%")), sql.SQL(target.column(name).type), sql.Identifier(name)
                            ),
                            [value],
                        )  # fmt: skip
                        if cursor.fetchone()[0] is False:
                            wrong.append(f"{form.label}: {target.table}.{name} refuses {value}")
                wrong += [f"{form.label}: no words for {name}" for name in target.checks if name not in form.checks]
    assert wrong == []


def values_of(column):
    if column is None:
        return []
    return [*column.codes, *(limit for limit in (column.low, column.high) if limit is not None)]


def test_codes_of_other_tables_are_those_of_the_glossary(conn):
    with transaction(conn) as cursor:
        for table, key, kind, column in (
            ("heat_fuel", "fuel", "boiler", "fuel"),
            ("trade", "trade", "enterprise", "trade"),
        ):
            cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier(key), sql.Identifier("gridmap", table)))
            assert {row[0] for row in cursor.fetchall()} == set(import_form.load("site", kind).column(column).codes)


def test_every_kind_of_site_has_a_form(conn):
    with transaction(conn) as cursor:
        cursor.execute("SELECT kind FROM gridmap.site_kind")
        assert sorted(row[0] for row in cursor.fetchall()) == import_form.list_kinds("site")


def test_every_layer_has_a_form_or_a_reason(conn):
    for layer in layers.load():
        assert import_form.refusal(layer.id) or import_form.list_kinds(layer.id) or import_form.load(layer.id)


def test_titles_of_layers_are_those_of_forms():
    """What an export calls a column is read back under that name."""
    for form in import_form.list_forms():
        known = {column.name: column for column in layers.load().get(form.layer_id).columns}
        for column in form.columns:
            if column.name in known and column.table == form.table:
                assert column.title == known[column.name].title, f"{form.label} {column.name}"


@pytest.mark.parametrize("action", ["insert", "delete"])
def test_the_images_of_a_batch_fit_its_actions(conn, action):
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.import_batch (layer_id, file_name, sha256, sheet, on_day, mapping, counts, column_names, "
            "county_codes, actor) VALUES ('site', 'a', %s, '', '2020-10-15', '{}', '{}', '{}', '{}', 'x') RETURNING batch_id",
            ["0" * 64],
        )
        batch_id = cursor.fetchone()[0]
    with pytest.raises(psycopg2.errors.CheckViolation), transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.import_batch_row (batch_id, relation, row_pk, object_key, action, before, after_md5) "
            "VALUES (%s, 'site', '1', 'x', %s, %s, %s)",
            [batch_id, action, "{}" if action == "insert" else None, None],
        )
