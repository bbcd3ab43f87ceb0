"""Write what was compared, set by set, each row's image before kept with the batch. The caller has the transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psycopg2 import errors, sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.import_form import Form
from gridmap.store.import_check import is_new_in
from gridmap.store.import_diff import county_now, list_spans, value_of
from gridmap.store.import_staging import given
from gridmap.store.import_tables import Target

_MOST_MONTHS = 240
"""So many months get a partition by one file: each costs every reader a little."""

_ROWS = "FROM pg_temp.import_row AS r INNER JOIN pg_temp.import_diff AS d USING (staged) "

AT_ONCE = 5000
"""Rows of one statement: between statements somebody is told how far it is, and may stop it."""


MANY = 500
"""From so many rows on the planner is told of them: what it knew of the table may no longer hold."""


@dataclass(frozen=True)
class Batch:
    """What is written.

    names: columns of the file; only_new: those that count for new objects alone. on: the first day of what it says.
    source: where new rows come from. rows: the first and last row of the file that are written now, all if None.
    """

    batch_id: int
    form: Form
    names: tuple[str, ...]
    only_new: tuple[str, ...]
    on: dt.date
    source: str
    rows: tuple[int, int] | None = None


def lock(cursor: Cursor, targets: Sequence[Target]) -> None:
    """Keep everybody else from writing these tables until the transaction ends; readers go on."""
    cursor.execute(
        sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(
            sql.SQL(", ").join(sql.Identifier("gridmap", target.table) for target in targets)
        )
    )


def make_room(cursor: Cursor, targets: Sequence[Target]) -> None:
    """Give the months of new rows partitions of their own, where a table has them; what it cannot get stays common.

    In a transaction of its own: readers wait for a partition while it is made, and must not for the whole import.
    """
    for target in targets:
        if target.by_month is None:
            continue
        cursor.execute(
            sql.SQL(
                "SELECT DISTINCT date_trunc('month', r.{day}::timestamp)::date AS month "
                + _ROWS
                + "WHERE d.status = 'new' ORDER BY 1"
            ).format(day=given(target.by_month))
        )
        months = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT set_config('lock_timeout', '3s', true)")
        for month in months[:_MOST_MONTHS]:
            cursor.execute("SAVEPOINT room")
            try:
                cursor.execute("SELECT gridmap.make_month(%s, %s)", [target.table, month])
            except errors.LockNotAvailable:
                cursor.execute("ROLLBACK TO SAVEPOINT room")
                return
            cursor.execute("RELEASE SAVEPOINT room")


def write(cursor: Cursor, batch: Batch, targets: Sequence[Target], told: Callable[[int, int], None]) -> None:
    """Write new, changed, moved and gone objects into all tables. told: is called with rows written, of how many."""
    spans = list_spans(cursor, AT_ONCE)
    total = sum(number for _, _, number in spans) * len(targets)
    done = 0
    for number, target in enumerate(targets):
        for first, last, rows in spans:
            told(done // len(targets), total // len(targets))
            part = replace(batch, rows=(first, last))
            if target.versioned:
                _write_versions(cursor, part, target, number)
            else:
                _write_rows(cursor, part, target, number)
            done += rows
    _write_gone(cursor, batch, targets[0])
    if done >= MANY:
        _count_again(cursor, targets)
    told(done // len(targets), total // len(targets))


def _count_again(cursor: Cursor, targets: Sequence[Target]) -> None:
    """Tell the planner what the tables hold now: the audit that follows at once would still plan for what they held.

    Not where a table is partitioned by month: that reads every month, and rules ask such tables by their index.
    """
    tables = [sql.Identifier("gridmap", target.table) for target in targets if target.by_month is None]
    if tables:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(tables)))


def _within(batch: Batch, alias: str = "d") -> sql.Composable:
    """Return the condition that a row of the file is one of those that are written now."""
    if batch.rows is None:
        return sql.SQL("true")
    return sql.SQL("{}.staged BETWEEN {} AND {}").format(
        sql.Identifier(alias), sql.Literal(batch.rows[0]), sql.Literal(batch.rows[1])
    )


def _write_rows(cursor: Cursor, batch: Batch, target: Target, number: int) -> None:
    new = sql.SQL(_ROWS + "WHERE d.status = 'new' AND {}").format(_within(batch))
    _insert(cursor, batch, target, _new_row(batch, target), new)
    changed = sql.SQL("d.status IN ('changed', 'moved') AND (cardinality(d.{}) > 0 OR d.has_moved)").format(
        sql.Identifier(f"t{number}_changed")
    )
    # a place that is written again is placed in its cell again, which costs more than all the rest
    for moved in (True, False):
        sets = _changes(batch, target, moved)
        if sets:
            which = sql.SQL("{} AND {}").format(changed, sql.SQL("d.has_moved" if moved else "NOT d.has_moved"))
            _update(cursor, batch, target, number, sets, which)


def _write_versions(cursor: Cursor, batch: Batch, target: Target, number: int) -> None:
    """Amend the version that begins on the day, end the one that holds, begin the next."""
    t = f"t{number}"
    concerned = sql.SQL("(d.{pk} IS NULL OR cardinality(d.{changed}) > 0 {moved})").format(
        pk=sql.Identifier(f"{t}_pk"), changed=sql.Identifier(f"{t}_changed"),
        moved=sql.SQL("OR d.has_moved" if number == 0 else ""),
    )  # fmt: skip
    begins = sql.SQL("daterange({}, {})")
    day = sql.Literal(batch.on)
    new = [*_new_row(batch, target), ("in_force", begins.format(day, sql.SQL("NULL")))]
    is_new = is_new_in(batch.form, target, number, batch.names)
    _insert(cursor, batch, target, new, sql.SQL(_ROWS + "WHERE {} AND {}").format(is_new, _within(batch)))
    same_day = sql.SQL("{} AND d.{} = {}").format(concerned, sql.Identifier(f"{t}_from"), day)
    earlier = sql.SQL("{} AND d.{pk} IS NOT NULL AND d.{} IS DISTINCT FROM {}").format(
        concerned, sql.Identifier(f"{t}_from"), day, pk=sql.Identifier(f"{t}_pk")
    )
    sets = _changes(batch, target, moved=number == 0)
    if sets:
        _update(cursor, batch, target, number, sets, same_day)
        ends = [("in_force", sql.SQL("daterange(lower(t.in_force), {})").format(day))]
        _update(cursor, batch, target, number, ends, earlier)
        _insert(
            cursor, batch, target, _next_version(batch, target, number, dict(sets)),
            sql.SQL(_ROWS + "INNER JOIN {table} AS t ON t.{pk} = d.{state} WHERE {earlier} AND {within}").format(
                table=sql.Identifier("gridmap", target.table), pk=sql.Identifier(target.pk),
                state=sql.Identifier(f"{t}_pk"), earlier=earlier, within=_within(batch),
            ),
        )  # fmt: skip


def _next_version(
    batch: Batch, target: Target, number: int, sets: dict[str, sql.Composable]
) -> list[tuple[str, sql.Composable]]:
    """Return the columns of a version that follows another: what the file says, the rest as it was."""
    day, until = sql.Literal(batch.on), sql.SQL("d.{}").format(sql.Identifier(f"t{number}_to"))
    values: list[tuple[str, sql.Composable]] = [("in_force", sql.SQL("daterange({}, {})").format(day, until))]
    for column in target.written:
        if column.name not in ("in_force", "recorded_at"):
            stands = sql.SQL("t.{}").format(sql.Identifier(column.name))
            values.append((column.name, sets.get(column.name, stands)))
    return values


def _new_row(batch: Batch, target: Target) -> list[tuple[str, sql.Composable]]:
    """Return the columns of a row of a new object with where each comes from."""
    form = batch.form
    values: dict[str, sql.Composable] = {} if target.same else {target.key: sql.SQL("r.key")}
    for name in (*batch.names, *batch.only_new):
        if target.has(name):
            values[name] = value_of(target, name)
    if target.table != form.table:
        return list(values.items())
    values |= {name: sql.Literal(value) for name, value in form.fixed.items()}
    if target.has("source") and not any(column.name == "source" and column.codes for column in form.columns):
        values["source"] = _or_else(batch, "source", sql.Literal(batch.source))
    return list((values | _place(batch, target)).items())


def _changes(batch: Batch, target: Target, moved: bool) -> list[tuple[str, sql.Composable]]:
    """Return the columns that change in a row (t) that is there, with what they change to."""
    values: dict[str, sql.Composable] = {}
    for name in batch.names:
        if target.has(name) and name != target.key:
            values[name] = value_of(target, name, "t")
    if target.table == batch.form.table:
        if moved and batch.form.geometry != "none":
            place = _place(batch, target)
            if target.versioned:  # one statement for all: what did not move stays as it stands
                place = {
                    name: sql.SQL("CASE WHEN d.has_moved THEN {} ELSE {} END").format(
                        value, values.get(name, sql.SQL("t.{}").format(sql.Identifier(name)))
                    )
                    for name, value in place.items()
                }
            values |= place
        if batch.form.gone == "close" and "closed_on" not in batch.names:
            values["closed_on"] = sql.SQL("CASE WHEN d.is_reopened THEN NULL ELSE t.closed_on END")
    return list(values.items())


def _place(batch: Batch, target: Target) -> dict[str, sql.Composable]:
    """Return the columns that follow from where an object lies, and where it is said to lie."""
    form = batch.form
    values: dict[str, sql.Composable] = {}
    if form.geometry != "none":
        values["geom"] = sql.SQL("r.geom")
        values["position_error_m"] = _or_else(batch, "position_error_m", sql.SQL("r.error_m"), placed=True)
        if target.has("placed_by"):
            values["placed_by"] = _or_else(batch, "placed_by", sql.SQL("r.placed_how"), placed=True)
    if target.has("county_code") and form.county != "key":
        values["county_code"] = county_now(form)
    if form.region_column and form.geometry != "none":
        values[form.region_column] = sql.SQL("r.region_at")
    return values


def _or_else(batch: Batch, name: str, otherwise: sql.Composable, placed: bool = False) -> sql.Composable:
    """Return what the file says of a column, else something; of a place that is only its region's, never the file's."""
    if name not in batch.names:
        return otherwise
    if placed:
        return sql.SQL("CASE WHEN r.is_placed THEN coalesce(r.{}, {}) ELSE {} END").format(
            given(name), otherwise, otherwise
        )
    return sql.SQL("coalesce(r.{}, {})").format(given(name), otherwise)


def image(target: Target, alias: str) -> sql.Composed:
    """Return a row as JSON with its positions as hexadecimal EWKB."""
    columns = [target.column(target.pk), *(column for column in target.written if column.name != target.pk)]
    return sql.SQL("(SELECT to_jsonb(i) FROM (SELECT {}) AS i)").format(
        sql.SQL(", ").join(
            sql.SQL("{a}.{c}{text} AS {c}").format(
                a=sql.Identifier(alias), c=sql.Identifier(column.name),
                text=sql.SQL("::text" if column.type.startswith("geometry") else ""),
            )
            for column in columns
        )
    )  # fmt: skip


def mark(columns: Sequence[str], alias: str) -> sql.Composed:
    """Return the MD5 by which a row is known to be as it was left."""
    return sql.SQL("md5(ROW({})::text)::uuid").format(
        sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)) for name in columns)
    )


_KEEP = (
    "INSERT INTO gridmap.import_batch_row "
    "(batch_id, relation, row_pk, object_key, county_code, action, before, after_md5) "
)


def _insert(
    cursor: Cursor, batch: Batch, target: Target, values: Sequence[tuple[str, sql.Composable]], rows: sql.Composable
) -> None:
    cursor.execute(
        sql.SQL(
            "WITH done AS (INSERT INTO {table} ({columns}) SELECT {values} {rows} RETURNING *) "
            + _KEEP
            + "SELECT {batch}, {relation}, done.{pk}::text, r.key, {county}, 'insert', NULL, {mark} "
            "FROM done INNER JOIN pg_temp.import_row AS r ON {same} "
            "INNER JOIN pg_temp.import_diff AS d USING (staged) WHERE {within}"
        ).format(
            within=_within(batch, "r"), table=sql.Identifier("gridmap", target.table),
            columns=sql.SQL(", ").join(sql.Identifier(name) for name, _ in values),
            values=sql.SQL(", ").join(value for _, value in values), rows=rows, batch=sql.Literal(batch.batch_id),
            relation=sql.Literal(target.table), pk=sql.Identifier(target.pk), same=target.is_row("done"),
            county=county_now(batch.form), mark=mark(target.compared, "done"),
        )
    )  # fmt: skip


def _update(
    cursor: Cursor,
    batch: Batch,
    target: Target,
    number: int,
    sets: Sequence[tuple[str, sql.Composable]],
    which: sql.Composable,
) -> None:
    state = sql.Identifier(f"t{number}_pk")
    which = sql.SQL("{} AND {}").format(which, _within(batch))
    cursor.execute(
        sql.SQL(
            "WITH was AS (SELECT t.{pk} AS pk, {county} AS county_code, {image} AS before FROM {table} AS t "
            "INNER JOIN pg_temp.import_diff AS d ON d.{state} = t.{pk} "
            "INNER JOIN pg_temp.import_row AS r USING (staged) WHERE {which}), "
            "done AS (UPDATE {table} AS t SET {sets} "
            + _ROWS
            + "WHERE d.{state} = t.{pk} AND {which} RETURNING t.*) "
            + _KEEP
            + "SELECT {batch}, {relation}, done.{pk}::text, {key}, was.county_code, 'update', was.before, {mark} "
            "FROM done INNER JOIN was ON was.pk = done.{pk}"
        ).format(
            pk=sql.Identifier(target.pk), key=target.identifier("done"), county=county_now(batch.form),
            image=image(target, "t"), table=sql.Identifier("gridmap", target.table), state=state, which=which,
            sets=sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in sets),
            batch=sql.Literal(batch.batch_id), relation=sql.Literal(target.table), mark=mark(target.compared, "done"),
        )
    )  # fmt: skip


def _write_gone(cursor: Cursor, batch: Batch, target: Target) -> None:
    day = sql.Literal(batch.on)
    if batch.form.gone == "close":
        # an object cannot have closed before it opened
        ends = sql.SQL("SET closed_on = greatest({}, t.opened_on)").format(day)
        _end(cursor, batch, target, ends, sql.SQL("true"))
    elif batch.form.gone == "end":
        begins_before = sql.SQL("coalesce(lower(t.in_force) < {}, true)").format(day)
        _end(
            cursor, batch, target,
            sql.SQL("SET in_force = daterange(lower(t.in_force), {})").format(day), begins_before,
        )  # fmt: skip
        _end(cursor, batch, target, None, sql.SQL("lower(t.in_force) = {}").format(day))
    elif batch.form.gone == "delete":
        _end(cursor, batch, target, None, sql.SQL("true"))


def _end(cursor: Cursor, batch: Batch, target: Target, sets: sql.Composable | None, which: sql.Composable) -> None:
    """End objects that are gone by an update, or delete them where there is nothing to end."""
    done = sql.SQL("UPDATE {table} AS t {sets} FROM pg_temp.import_gone AS g WHERE g.t0_pk = t.{pk} AND {which}")
    if sets is None:
        done = sql.SQL("DELETE FROM {table} AS t USING pg_temp.import_gone AS g WHERE g.t0_pk = t.{pk} AND {which}")
    parts = {
        "table": sql.Identifier("gridmap", target.table), "pk": sql.Identifier(target.pk), "which": which,
        "sets": sets or sql.SQL(""),
    }  # fmt: skip
    cursor.execute(
        sql.SQL(
            "WITH was AS (SELECT t.{pk} AS pk, g.county_code, {image} AS before FROM {table} AS t "
            "INNER JOIN pg_temp.import_gone AS g ON g.t0_pk = t.{pk} WHERE {which}), "
            "done AS ({done} RETURNING t.*) "
            + _KEEP
            + "SELECT {batch}, {relation}, done.{pk}::text, {key}, was.county_code, {action}, was.before, {mark} "
            "FROM done INNER JOIN was ON was.pk = done.{pk}"
        ).format(
            **parts, image=image(target, "t"), done=done.format(**parts), batch=sql.Literal(batch.batch_id),
            relation=sql.Literal(target.table), key=target.identifier("done"),
            action=sql.Literal("update" if sets is not None else "delete"),
            mark=mark(target.compared, "done") if sets is not None else sql.SQL("NULL::uuid"),
        )
    )  # fmt: skip
