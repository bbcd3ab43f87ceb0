"""What only the base can tell of a file's rows: keys named twice, other kinds, foreign counties, the tables' rules."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form, FormColumn
from gridmap.domain.placement import BY_HAND
from gridmap.store.import_diff import county_now, value_of
from gridmap.store.import_staging import given
from gridmap.store.import_tables import Target

_FAULT = "INSERT INTO pg_temp.import_fault (row_number, title, found, expected_zh, expected_en, severity) "
_ROWS = "FROM pg_temp.import_row AS r INNER JOIN pg_temp.import_diff AS d USING (staged) "


def judge_twice(cursor: Cursor, form: Form, title: str) -> None:
    """Tell of keys that an earlier row of the file has too, be that one refused."""
    columns = [form.column(name).title for name in form.same]
    what = Text("编号", "each once")
    if columns:
        what = Text("、".join(one.zh for one in columns), f"each {', '.join(one.en for one in columns)} once")
    cursor.execute(
        _FAULT + "SELECT r.row_number, %s, r.key, format('每个%%s只出现一次；第%%s行已有', %s::text, r.first), "
        "format('%%s; row %%s has it too', %s::text, r.first), 'fault' FROM (SELECT row_number, key, "
        "min(row_number) OVER (PARTITION BY key) AS first FROM (SELECT row_number, key FROM pg_temp.import_row "
        "UNION ALL SELECT row_number, key FROM pg_temp.import_refused) AS e WHERE key <> '') AS r "
        "WHERE r.row_number > r.first",
        [title, what.zh, what.en],
    )


def judge_kind(cursor: Cursor, form: Form, target: Target, title: str) -> None:
    """Tell of keys under which the base has an object of another kind."""
    for name, value in form.fixed.items():
        cursor.execute(
            sql.SQL(
                _FAULT + "SELECT d.row_number, %s, d.key, format('%%s 类的编号；该编号已是 %%s', %s, t.{name}), "
                "format('an identifier of kind %%s; this one is a %%s', %s, t.{name}), 'fault' "
                "FROM pg_temp.import_diff AS d INNER JOIN {table} AS t ON t.{pk} = d.t0_pk WHERE t.{name} <> %s"
            ).format(
                name=sql.Identifier(name), table=sql.Identifier("gridmap", target.table), pk=sql.Identifier(target.pk)
            ),
            [title, value, value, value],
        )


_KNOWN = (
    "INSERT INTO pg_temp.import_fault SELECT r.row_number, %(title)s, r.key, %(zh)s, %(en)s, k.key, 'warning' "
    + _ROWS
    + "INNER JOIN (SELECT t.county_code, {known} AS same, min(t.{key}) AS key FROM {table} AS t "
    "WHERE {which} AND {kind} AND (%(own)s::text[] IS NULL OR t.county_code = ANY(%(own)s::text[])) "
    "AND NOT EXISTS (SELECT FROM pg_temp.import_row AS o WHERE o.key = t.{key}) "
    "GROUP BY 1, 2 HAVING count(*) = 1) AS k ON k.same = {said} AND k.county_code = {now} WHERE d.status = 'new'"
)


def judge_known(
    cursor: Cursor, form: Form, target: Target, names: Sequence[str], title: str, counties: Sequence[str] | None
) -> None:
    """Warn of new objects that may be known under another identifier: ledgers are numbered anew from year to year.

    A name counts where one open object of the county has it. counties: those of which the importer may know, None for
    all.
    """
    if form.gone != "close" or "name" not in names:
        return
    key = sql.Identifier(form.key)
    own = list(counties) if counties is not None else None
    kinds = [sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.Literal(kind)) for name, kind in form.fixed.items()]
    parts = {
        "key": key, "table": sql.Identifier("gridmap", target.table), "now": county_now(form),
        "kind": sql.SQL(" AND ").join([sql.SQL("true"), *kinds]),
    }  # fmt: skip
    by_letters = sql.SQL(_KNOWN).format(
        known=sql.SQL("lower(t.{})").format(key), said=sql.SQL("lower(r.key)"), which=sql.SQL("true"), **parts
    )
    cursor.execute(
        by_letters,
        {
            "title": title, "own": own, "zh": "新对象；已有只差大小写的编号",
            "en": "a new object; an identifier that differs only in capitals is known",
        },
    )  # fmt: skip
    by_name = sql.SQL(_KNOWN + " AND lower(k.key) <> lower(r.key)").format(
        known=sql.SQL("t.name"),
        said=sql.SQL("r.{}").format(given("name")),
        which=sql.SQL("t.closed_on IS NULL"),
        **parts,
    )
    cursor.execute(
        by_name,
        {
            "title": title, "own": own, "zh": "新对象；本县已有同名对象，编号不同",
            "en": "a new object; one of this name is known in the county by another identifier",
        },
    )  # fmt: skip


def judge_later(cursor: Cursor, on: object) -> None:
    """Tell of objects of which the base has a version that begins after the day of the import."""
    cursor.execute(
        _FAULT + "SELECT d.row_number, '', d.key, format('%%s 之后没有更晚的版本', %s::date), "
        "format('no version that begins after %%s: give a later day with --on', %s::date), 'fault' "
        "FROM pg_temp.import_diff AS d "
        "WHERE d.t0_later AND (cardinality(d.t0_changed) > 0 OR d.has_moved OR d.t0_pk IS NULL) "
        "OR d.t1_later AND (cardinality(d.t1_changed) > 0 OR d.t1_pk IS NULL)",
        [on, on],
    )


def judge_place(cursor: Cursor, form: Form) -> None:
    """Tell of new objects without any place, and of new or moved ones outside all counties."""
    if form.geometry == "none":
        return
    cursor.execute(
        _FAULT + "SELECT d.row_number, '', '', '坐标，或可查到的县（市、区）、乡镇', "
        "'a position, or a county or township of the list', 'fault' "
        + _ROWS
        + "WHERE d.status = 'new' AND r.geom IS NULL"
    )
    if form.county == "position":
        cursor.execute(
            _FAULT + "SELECT d.row_number, '', "
            "format('%s, %s', round(public.ST_X(r.geom)::numeric, 6), round(public.ST_Y(r.geom)::numeric, 6)), "
            "'市内各县（市、区）范围内的位置', 'a position in a county of the city', 'fault' "
            + _ROWS
            + "WHERE (d.status = 'new' OR d.has_moved) AND r.geom IS NOT NULL AND r.county_at IS NULL"
        )


def judge_by_hand(cursor: Cursor, form: Form, target: Target) -> None:
    """Warn of objects that somebody placed by hand and that the file moves: a ledger with positions is followed."""
    if form.geometry != "Point" or not target.has("placed_by"):
        return
    cursor.execute(
        sql.SQL(
            _FAULT + "SELECT d.row_number, '', d.key, format('手工定位的对象位置不变；本文件把它移动 %%s m', "
            "round(d.moved_m)), format('an object placed by hand to stay where it is; this file moves it by %%s m', "
            "round(d.moved_m)), 'warning' FROM pg_temp.import_diff AS d "
            "INNER JOIN {table} AS t ON t.{pk} = d.t0_pk WHERE d.has_moved AND t.placed_by = %s"
        ).format(table=sql.Identifier("gridmap", target.table), pk=sql.Identifier(target.pk)),
        [BY_HAND],
    )


def judge_county(cursor: Cursor, form: Form) -> None:
    """Tell of new objects of which neither the file nor their place says in which county they are."""
    if form.county != "region":
        return
    cursor.execute(
        sql.SQL(
            _FAULT
            + "SELECT d.row_number, '', '', '可查到的县（市、区）', 'a county of the list', 'fault' "
            + _ROWS
            + "WHERE d.status = 'new' AND {} IS NULL"
        ).format(county_now(form))
    )


def judge_needed(cursor: Cursor, form: Form, targets: Sequence[Target], names: Sequence[str]) -> list[FormColumn]:
    """Return columns that the file lacks and objects that are new in a table need."""
    lacking = []
    for number, target in enumerate(targets):
        wanted = [
            column for column in form.stored(target.table) if column.required and column.name not in (*names, form.key)
        ]
        if not wanted:
            continue
        cursor.execute(
            sql.SQL("SELECT EXISTS (SELECT " + _ROWS + "WHERE {})").format(is_new_in(form, target, number, names))
        )
        if cursor.fetchone()[0]:
            lacking += wanted
    return lacking


def is_new_in(form: Form, target: Target, number: int, names: Sequence[str]) -> sql.Composable:
    """Return the condition that a row of the file (r, d) is a new row of a table."""
    missing = sql.SQL("d.{} IS NULL").format(sql.Identifier(f"t{number}_pk"))
    if number == 0:
        return missing
    # details that the row does not have are none, but of a new object of a kind
    given_any = [sql.SQL("r.{} IS NOT NULL").format(given(name)) for name in names if target.has(name)]
    of_kind = sql.SQL("d.status = 'new'" if form.needs_details else "false")
    return sql.SQL("{} AND ({})").format(missing, sql.SQL(" OR ").join([of_kind, *given_any]))


def judge_area(cursor: Cursor, form: Form, counties: Sequence[str] | None) -> None:
    """Tell of objects that lie, or would lie, in a county that is not the importer's; None answers for all.

    Of those that lie in another county nothing else is compared: how they differ is not his to know.
    """
    if counties is None:
        return
    cursor.execute(
        sql.SQL(
            _FAULT + "SELECT c.row_number, '', coalesce(c.code, ''), %(zh)s, %(en)s, 'fault' FROM ("
            "SELECT r.row_number, CASE WHEN d.county_was <> ALL(%(own)s) THEN d.county_was ELSE {now} END AS code "
            + _ROWS
            + "WHERE d.county_was <> ALL(%(own)s) OR {now} <> ALL(%(own)s) "
            "OR coalesce(d.county_was, {now}) IS NULL) AS c"
        ).format(now=county_now(form)),
        {
            "own": list(counties),
            "zh": f"本县（市、区）的对象（{'、'.join(counties)}）",
            "en": f"an object of your own county ({', '.join(counties)})",
        },
    )
    cursor.execute("DELETE FROM pg_temp.import_diff WHERE county_was <> ALL(%s)", [list(counties)])


def judge_rules(cursor: Cursor, form: Form, targets: Sequence[Target], names: Sequence[str]) -> None:
    """Tell of rows that the tables' own rules over several columns would refuse, each as it would stand afterwards."""
    for number, target in enumerate(targets):
        for name, condition in target.checks.items():
            columns = [column for column in target.columns if _names(condition, column.name)]
            if not any(column.name in names for column in columns):
                continue
            merged = sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(_merged(target, number, column.name, names), sql.Identifier(column.name))
                for column in columns
            )
            wording = form.checks.get(name, Text(f"符合 {condition}", f"what meets {condition}"))
            cursor.execute(
                sql.SQL(
                    _FAULT
                    + "SELECT m.row_number, '', '', %(zh)s, %(en)s, 'fault' FROM (SELECT r.row_number, {merged} "
                    + _ROWS
                    + "LEFT JOIN {table} AS t ON t.{pk} = d.{state} WHERE d.status <> 'same') AS m "
                    "WHERE NOT ({condition})"
                ).format(
                    merged=merged, table=sql.Identifier("gridmap", target.table), pk=sql.Identifier(target.pk),
                    state=sql.Identifier(f"t{number}_pk"), condition=sql.SQL(condition.replace("%", "%%")),
                ),
                {"zh": wording.zh, "en": wording.en},
            )  # fmt: skip


def _names(condition: str, column: str) -> bool:
    import re

    return re.search(rf"\b{re.escape(column)}\b", condition) is not None


def _merged(target: Target, number: int, name: str, names: Sequence[str]) -> sql.Composed:
    """Return a column as it would stand: the file's, else the base's, else the default."""
    column = target.column(name)
    stands = sql.SQL("t.{}").format(sql.Identifier(name))
    if name in names:
        return value_of(target, name, "t")
    if column.default_sql:
        return sql.SQL("CASE WHEN d.{} IS NULL THEN {} ELSE {} END").format(
            sql.Identifier(f"t{number}_pk"), sql.SQL(column.default_sql), stands
        )
    return stands
