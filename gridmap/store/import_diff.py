"""What the rows of a file would change: compared with the base set by set, never row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form
from gridmap.domain.import_report import FieldChange, ImportChange
from gridmap.domain.placement import BY_HAND
from gridmap.store.import_staging import each_row, given
from gridmap.store.import_tables import Target

SAME_PLACE_M = 0.2
"""A point nearer than this to where it stood has not moved: six decimals of a degree are 0.1 m."""

_OF_PLACE = ("position_error_m", "placed_by")
"""Columns that tell of a position, and nothing without it."""

_SAME_NUMBER = "abs({a} - {b}) <= 1e-9 * greatest(abs({a}), abs({b}))"


def compare(cursor: Cursor, form: Form, targets: Sequence[Target], names: Sequence[str], on: dt.date) -> None:
    """Make import_diff: for each row of the file its state and what of it differs from the base on a day."""
    parts = [_state_of(target, number, names) for number, target in enumerate(targets)]
    base = targets[0]
    has_place = form.geometry != "none"
    moved = _moved(form) if has_place else sql.SQL("NULL::double precision")
    reopened = _reopened(base, names, form)
    joins = sql.SQL(" ").join(_join(target, number) for number, target in enumerate(targets))
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_diff")
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE import_diff AS SELECT d.*, CASE WHEN d.t0_pk IS NULL THEN 'new' "
            "WHEN d.moved_m > {near} THEN 'moved' "
            "WHEN cardinality(d.t0_changed) + cardinality(d.t1_changed) > 0 THEN 'changed' ELSE 'same' END AS status, "
            "coalesce(d.moved_m > {near}, false) AS has_moved "
            "FROM (SELECT r.staged, r.row_number, r.key, {county} AS county_was, {moved} AS moved_m, "
            "{reopened} AS is_reopened, {states} FROM pg_temp.import_row AS r {joins}) AS d"
        ).format(
            near=sql.Literal(SAME_PLACE_M), county=county_of(form, "t0", "r"), moved=moved, reopened=reopened,
            states=sql.SQL(", ").join(parts if len(parts) > 1 else [*parts, _NO_DETAILS]), joins=joins,
        ),
        {"on": on},
    )  # fmt: skip
    if base.has("closed_on") and "closed_on" not in names:
        cursor.execute(
            "UPDATE pg_temp.import_diff SET t0_changed = t0_changed || ARRAY['closed_on'], "
            "status = CASE WHEN status = 'same' THEN 'changed' ELSE status END WHERE is_reopened"
        )
    cursor.execute("CREATE INDEX ON pg_temp.import_diff (staged)")
    cursor.execute("ANALYZE pg_temp.import_diff")


_NO_DETAILS = sql.SQL(
    "NULL::text AS t1_pk, NULL::date AS t1_from, NULL::date AS t1_to, false AS t1_later, '{}'::text[] AS t1_changed"
)


def _state_of(target: Target, number: int, names: Sequence[str]) -> sql.Composed:
    alias = f"t{number}"
    own = [name for name in names if target.has(name) and name != target.key]
    differs = [
        sql.SQL("CASE WHEN {} THEN {} END").format(_differs(target, alias, name), sql.Literal(name)) for name in own
    ]
    changed = (
        sql.SQL("array_remove(ARRAY[{}]::text[], NULL)").format(sql.SQL(", ").join(differs))
        if differs
        else sql.SQL("'{{}}'::text[]").format()
    )
    versions = (
        sql.SQL(
            "lower({a}.in_force) AS {t}_from, upper({a}.in_force) AS {t}_to, EXISTS (SELECT FROM {table} AS later "
            "WHERE later.{key} = r.key AND lower(later.in_force) > %(on)s) AS {t}_later"
        )
        if target.versioned
        else sql.SQL("NULL::date AS {t}_from, NULL::date AS {t}_to, false AS {t}_later")
    ).format(
        a=sql.Identifier(alias),
        t=sql.SQL(alias),
        table=sql.Identifier("gridmap", target.table),
        key=sql.Identifier(target.key),
    )
    return sql.SQL("{a}.{pk} AS {t}_pk, {versions}, {changed} AS {t}_changed").format(
        a=sql.Identifier(alias), pk=sql.Identifier(target.pk), t=sql.SQL(alias), versions=versions, changed=changed
    )


def _differs(target: Target, alias: str, name: str) -> sql.Composed:
    """Return the condition that a column differs; numbers read back from text are the same to the ninth digit."""
    stands = sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name))
    said = value_of(target, name, alias)
    differs = sql.SQL("{} IS DISTINCT FROM {}").format(said, stands)
    if target.column(name).type == "double precision":
        same = sql.SQL(_SAME_NUMBER).format(a=said, b=stands)
        return sql.SQL("({} AND NOT coalesce({}, false))").format(differs, same)
    return differs


def value_of(target: Target, name: str, alias: str | None = None) -> sql.Composed:
    """Return what a row of the file says of a column; where the column must have a value, nothing is its default.

    alias: of the table, where the base has a row; nothing leaves what that has where the column has no default. How
    good a position is that somebody gave by hand, a row without a position of its own does not say.
    """
    column = target.column(name)
    stands = sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)) if alias else None
    said = sql.SQL("r.{}").format(given(name))
    if column.is_needed and (column.default_sql or stands is not None):
        otherwise = sql.SQL(column.default_sql) if column.default_sql else stands
        said = sql.SQL("coalesce({}, {})").format(said, otherwise)
    if alias and name in _OF_PLACE and target.has("placed_by"):
        return sql.SQL("CASE WHEN r.is_placed OR {}.placed_by IS DISTINCT FROM {} THEN {} ELSE {} END").format(
            sql.Identifier(alias), sql.Literal(BY_HAND), said, stands
        )
    return said


def _join(target: Target, number: int) -> sql.Composed:
    statement = "LEFT JOIN {table} AS {alias} ON {same}"
    if target.versioned:
        statement += " AND {alias}.in_force @> %(on)s"
    return sql.SQL(statement).format(
        table=sql.Identifier("gridmap", target.table),
        alias=sql.Identifier(f"t{number}"),
        same=target.is_row(f"t{number}"),
    )


def county_of(form: Form, base: str, row: str) -> sql.Composed:
    """Return the county of an object as it stands; its code may tell it, or the table's own column."""
    if form.county == "key":
        return sql.SQL("CASE WHEN {}.{} IS NOT NULL THEN left({}.key, 6) END").format(
            sql.Identifier(base), sql.Identifier(form.key), sql.Identifier(row)
        )
    if form.county == "subject":
        return sql.SQL("CASE WHEN {}.{} IS NOT NULL THEN {}.reported END").format(
            sql.Identifier(base), sql.Identifier(form.key), sql.Identifier(row)
        )
    return sql.SQL("{}.county_code").format(sql.Identifier(base))


def county_now(form: Form) -> sql.Composed:
    """Return the county of an object as the file has it (aliases r and d)."""
    if form.county == "key":
        return sql.SQL("left(r.key, 6)").format()
    if form.county == "subject":
        return sql.SQL("r.reported").format()
    if form.county == "region":
        return sql.SQL(
            "coalesce(left(r.reported, 6), CASE WHEN r.is_placed THEN r.county_at END, d.county_was)"
        ).format()
    # where it did not move it stays in the county it was counted to
    return sql.SQL("CASE WHEN d.status = 'new' OR d.has_moved THEN r.county_at ELSE d.county_was END").format()


def _moved(form: Form) -> sql.Composed:
    there = sql.SQL("public.ST_Transform(r.geom, 4547)").format()
    measure = "ST_Distance" if form.geometry == "Point" else "ST_HausdorffDistance"
    return sql.SQL("CASE WHEN r.is_placed THEN public.{}(t0.geom_m, {}) END").format(sql.SQL(measure), there)


def _reopened(base: Target, names: Sequence[str], form: Form) -> sql.Composed:
    if form.gone == "close" and base.has("closed_on") and "closed_on" not in names:
        return sql.SQL("coalesce(t0.closed_on <= %(on)s, false)").format()
    return sql.SQL("false").format()


_GONE_SCOPE = {
    "close": "(t.closed_on IS NULL OR t.closed_on > %(on)s)",
    "end": "t.in_force @> %(on)s",
    "delete": "true",
}


def find_gone(
    cursor: Cursor, form: Form, target: Target, on: dt.date, counties: Sequence[str] | None, replace: bool
) -> None:
    """Make import_gone: objects of the counties that the file names which it no longer has; none unless replace."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_gone")
    if form.gone == "refuse":
        cursor.execute(
            "CREATE TEMPORARY TABLE import_gone "
            "(t0_pk text, key text, name text, county_code text, was_lon double precision, was_lat double precision)"
        )
        return
    county = (
        sql.SQL("left(t.{}, 6)").format(sql.Identifier(form.key)) if form.county == "key" else sql.SQL("t.county_code")
    )
    fixed = [
        sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in form.fixed.items()
    ]
    scope = sql.SQL(" AND ").join([sql.SQL(_GONE_SCOPE.get(form.gone, "false")), *fixed])
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE import_gone AS "
            "SELECT t.{pk} AS t0_pk, t.{key} AS key, t.name, {county} AS county_code, {place} "
            "FROM {table} AS t WHERE %(replace)s AND {scope} "
            "AND {county} IN (SELECT {now} FROM pg_temp.import_row AS r "
            "INNER JOIN pg_temp.import_diff AS d USING (staged)) "
            "AND (%(counties)s::text[] IS NULL OR {county} = ANY(%(counties)s::text[])) "
            "AND NOT EXISTS (SELECT FROM pg_temp.import_row AS r WHERE r.key = t.{key}) "
            "AND NOT EXISTS (SELECT FROM pg_temp.import_refused AS f WHERE f.key = t.{key})"
        ).format(
            pk=sql.Identifier(target.pk), key=sql.Identifier(form.key), county=county, scope=scope,
            table=sql.Identifier("gridmap", target.table), now=county_now(form), place=_place(form, "t", "was"),
        ),
        {"on": on, "counties": list(counties) if counties is not None else None, "replace": replace},
    )  # fmt: skip


def count(cursor: Cursor) -> dict[str, int]:
    """Return how many objects are new, moved, changed, same, gone, and new without a position of their own."""
    cursor.execute("SELECT status, count(*) FROM pg_temp.import_diff GROUP BY status")
    found = dict(cursor.fetchall())
    counts = {name: int(found.get(name, 0)) for name in ("new", "moved", "changed", "same")}
    cursor.execute("SELECT count(*) FROM pg_temp.import_gone")
    counts["gone"] = int(cursor.fetchone()[0])
    cursor.execute(
        "SELECT count(*) FROM pg_temp.import_diff AS d INNER JOIN pg_temp.import_row AS r USING (staged) "
        "WHERE d.status = 'new' AND NOT r.is_placed"
    )
    counts["unplaced"] = int(cursor.fetchone()[0])
    return counts


def number_of_unmoved(cursor: Cursor) -> int:
    """Return how many objects the file has a position of, and that stand there already."""
    cursor.execute("SELECT count(*) FROM pg_temp.import_diff WHERE moved_m IS NOT NULL AND NOT has_moved")
    return int(cursor.fetchone()[0])


def list_spans(cursor: Cursor, size: int) -> list[tuple[int, int, int]]:
    """Return the rows that change something in parts of at most so many: first and last as staged, number."""
    cursor.execute(
        "SELECT min(s.staged), max(s.staged), count(*) FROM (SELECT d.staged, "
        "(row_number() OVER (ORDER BY d.staged) - 1) / %s AS part FROM pg_temp.import_diff AS d "
        "WHERE d.status <> 'same') AS s GROUP BY s.part ORDER BY s.part",
        [size],
    )
    return [(int(first), int(last), int(number)) for first, last, number in cursor.fetchall()]


def fingerprint(cursor: Cursor) -> str:
    """Return a text that is equal for equal changes of the same base."""
    cursor.execute(
        "SELECT md5(concat("
        "(SELECT sum(hashtextextended(concat_ws(',', d.key, d.status, d.t0_pk, d.t1_pk, d.t0_changed, d.t1_changed, "
        "round(d.moved_m::numeric, 2)), 0)) FROM pg_temp.import_diff AS d WHERE d.status <> 'same'), "
        "'|', (SELECT sum(hashtextextended(g.key, 0)) FROM pg_temp.import_gone AS g)))"
    )
    return str(cursor.fetchone()[0])


def list_changes(
    cursor: Cursor, form: Form, targets: Sequence[Target], names: Sequence[str], limit: int
) -> list[ImportChange]:
    """List the first of what would be moved, changed, new and gone, in this order; fields of objects that are there."""
    statement, columns = _changes(form, targets, names)
    cursor.execute(sql.SQL("{} LIMIT {}").format(statement, sql.Literal(limit)))
    changes = [_change(form, columns, tuple(row)) for row in cursor.fetchall()]
    cursor.execute(_GONE + " LIMIT %s", [limit - len(changes)])
    return changes + [_gone(tuple(row)) for row in cursor.fetchall()]


def each_change(cursor: Cursor, form: Form, targets: Sequence[Target], names: Sequence[str]) -> Iterator[ImportChange]:
    """Yield all that list_changes() lists the first of, in a transaction; memory does not grow with them."""
    statement, columns = _changes(form, targets, names)
    for row in each_row(cursor, statement):
        yield _change(form, columns, row)
    for row in each_row(cursor, sql.SQL(_GONE)):
        yield _gone(row)


_GONE = "SELECT key, name, county_code, was_lon, was_lat FROM pg_temp.import_gone ORDER BY key"


def _gone(row: tuple[Any, ...]) -> ImportChange:
    key, name, county, lon, lat = row
    return ImportChange("gone", None, key, name, county, before=(lon, lat) if lon is not None else None)


def _changes(form: Form, targets: Sequence[Target], names: Sequence[str]) -> tuple[sql.Composed, list[str]]:
    """Return the query of what would be moved, changed and new, and the columns that it tells before and after."""
    columns = [name for name in names if any(target.has(name) for target in targets)]
    pairs = sql.SQL(", ").join(_pair(targets, name) for name in columns) if columns else sql.SQL("")
    joins = sql.SQL(" ").join(
        sql.SQL("LEFT JOIN {} AS {alias} ON {alias}.{pk} = d.{t}").format(
            sql.Identifier("gridmap", target.table), alias=sql.Identifier(f"t{n}"), pk=sql.Identifier(target.pk),
            t=sql.Identifier(f"t{n}_pk"),
        )
        for n, target in enumerate(targets)
    )  # fmt: skip
    called = next((each for each in ("name", "title") if targets[0].has(each)), None)
    name = sql.SQL("r.called")
    if called is not None:
        name = sql.SQL("r.{}" if called in names else "t0.{}").format(
            given(called) if called in names else sql.Identifier(called)
        )
    statement = (
        sql.SQL(
            "SELECT d.status, d.row_number, d.key, {name} AS name, {county} AS county_code, d.moved_m, {was}, {now}, "
            "r.is_placed, d.t0_changed || d.t1_changed AS changed, ARRAY[{pairs}]::text[] AS pairs "
            "FROM pg_temp.import_diff AS d INNER JOIN pg_temp.import_row AS r USING (staged) {joins} "
            "WHERE d.status <> 'same' "
            "ORDER BY array_position(ARRAY['moved', 'changed', 'new'], d.status), d.moved_m DESC NULLS LAST, "
            "d.row_number, d.staged"
        ).format(
            name=name, county=county_now(form), was=_place(form, "t0", "was"), now=_place(form, "r", "now"),
            pairs=pairs, joins=joins,
        )
    )  # fmt: skip
    return statement, columns


def _place(form: Form, alias: str, name: str) -> sql.Composed:
    """Return columns NAME_lon and NAME_lat, degrees: a place on a table's geometry, NULL in layers without any."""
    names = {"lon": sql.Identifier(f"{name}_lon"), "lat": sql.Identifier(f"{name}_lat"), "alias": sql.Identifier(alias)}
    if form.geometry == "none":
        return sql.SQL("NULL::float8 AS {lon}, NULL::float8 AS {lat}").format(**names)
    return sql.SQL(
        "public.ST_X(public.ST_PointOnSurface({alias}.geom)) AS {lon}, "
        "public.ST_Y(public.ST_PointOnSurface({alias}.geom)) AS {lat}"
    ).format(**names)


def _pair(targets: Sequence[Target], name: str) -> sql.Composed:
    number, target = next((n, target) for n, target in enumerate(targets) if target.has(name))
    stands = sql.SQL("{}.{}").format(sql.Identifier(f"t{number}"), sql.Identifier(name))
    return sql.SQL("{}::text, ({})::text").format(stands, value_of(target, name, f"t{number}"))


def _change(form: Form, columns: Sequence[str], row: tuple[Any, ...]) -> ImportChange:
    status, number, key, name, county, moved_m, lon, lat, new_lon, new_lat, is_placed, changed, pairs = row
    titles: Mapping[str, Text] = {column.name: column.title for column in form.columns}
    fields = tuple(
        FieldChange(column, titles.get(column, Text(column, column)), pairs[2 * at], pairs[2 * at + 1])
        for at, column in enumerate(columns)
        if column in changed and status != "new"
    )
    if "closed_on" in changed and "closed_on" not in columns:
        fields += (FieldChange("closed_on", Text("关闭日期", "closed"), "closed", None),)
    has_moved = status in ("moved", "new")
    return ImportChange(
        status, number, key, name, county, moved_m if status == "moved" else None,
        (lon, lat) if lon is not None and status != "new" else None,
        (new_lon, new_lat) if has_moved and new_lon is not None else None, bool(is_placed), fields,
    )  # fmt: skip
