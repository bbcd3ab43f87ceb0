"""Duties: who answers for a cell on a day, handing over, and a whole roster at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.domain.duty import ROLES, Fault, HandoverRefused, RosterRow
from gridmap.domain.grid_change import Cell
from gridmap.errors import NotFoundError
from gridmap.store import grid

_DUTY = """
SELECT d.duty_id, d.cell_code, d.role, d.post, lower(d.in_force) AS begins_on, upper(d.in_force) AS ends_on,
    d.is_full_time, d.account_id
FROM gridmap.duty AS d
"""
_ORDER = " ORDER BY d.cell_code, array_position(ARRAY['chief', 'officer', 'patroller', 'supervisor'], d.role), "
_CELLS = """
FROM gridmap.grid_cell AS c
WHERE c.kind = 'responsibility' AND c.in_force @> %(day)s
    AND (%(is_city)s OR coalesce(c.county_code, c.cell_code) = ANY(%(counties)s) OR c.cell_code = ANY(%(cells)s))
    AND (%(county)s::text IS NULL OR coalesce(c.county_code, c.cell_code) = %(county)s)
    AND (%(q)s::text IS NULL OR starts_with(c.cell_code, %(q)s) OR strpos(c.name, %(q)s) > 0)
    AND (NOT %(vacant)s OR 4 > (
        SELECT count(DISTINCT d.role) FROM gridmap.duty AS d WHERE d.cell_code = c.cell_code AND d.in_force @> %(day)s))
"""


@dataclass(frozen=True)
class DutyRow:
    """A duty, on [begins_on, ends_on); None where no such day is set. account_id: None while the post has none."""

    duty_id: int
    cell_code: str
    role: str
    post: str
    begins_on: dt.date | None
    ends_on: dt.date | None
    is_full_time: bool | None
    account_id: int | None

    @property
    def last_day(self) -> dt.date | None:
        """Return its last day, None when no end is set."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


@dataclass(frozen=True)
class CellFilter:
    """Which cells' duties are wanted: of an area, a county, by name or beginning of the code, with a post missing."""

    is_city: bool = False
    counties: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    county: str | None = None
    q: str | None = None
    vacant: bool = False


@dataclass
class RosterReport:
    """What a roster did, or would have done: new, changed or unchanged by row; and what was wrong with it."""

    outcomes: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def number(self, outcome: str) -> int:
        """Return how many rows came to new, changed or unchanged."""
        return sum(each == outcome for _row, each in self.outcomes)


def list_duties(cursor: Cursor, codes: Collection[str], day: dt.date | None = None) -> list[DutyRow]:
    """List the duties of cells: those of a day, or without a day all that ever were, by cell and role, latest first."""
    cursor.execute(
        _DUTY
        + "WHERE d.cell_code = ANY(%(codes)s) AND (%(day)s::date IS NULL OR d.in_force @> %(day)s::date)"
        + _ORDER
        + "lower(d.in_force) DESC NULLS LAST, d.post",
        {"codes": list(codes), "day": day},
    )
    return [DutyRow(*row) for row in cursor.fetchall()]


def missing_roles(rows: Sequence[DutyRow]) -> tuple[str, ...]:
    """Return the roles that nobody holds among the duties of a cell on a day."""
    return tuple(role for role in ROLES if all(row.role != role for row in rows))


def list_cells(
    cursor: Cursor, wanted: CellFilter, day: dt.date, *, limit: int, offset: int = 0
) -> tuple[list[tuple[str, str, str]], int]:
    """List cells of a day as (code, name, level), by code, and how many there are in all."""
    values = {**wanted.__dict__, "counties": list(wanted.counties), "cells": list(wanted.cells), "day": day}
    cursor.execute("SELECT count(*) " + _CELLS, values)
    total = int(cursor.fetchone()[0])
    cursor.execute(
        "SELECT c.cell_code, c.name, c.level " + _CELLS + "ORDER BY c.cell_code LIMIT %(limit)s OFFSET %(offset)s",
        {**values, "limit": limit, "offset": offset},
    )
    return [tuple(row) for row in cursor.fetchall()], total


def list_roster(cursor: Cursor, wanted: CellFilter, day: dt.date) -> tuple[list[DutyRow], dict[str, str]]:
    """List all duties of a day in some cells, by cell and role, and the cells' names by code."""
    cells, _number = list_cells(cursor, wanted, day, limit=1_000_000)
    names = {code: name for code, name, _level in cells}
    return list_duties(cursor, names, day), names


def find_account_id(cursor: Cursor, name: str) -> int | None:
    """Return the key of an account that is in use."""
    cursor.execute("SELECT account_id FROM gridmap.account WHERE name = %s AND is_active", [name])
    row = cursor.fetchone()
    return None if row is None else int(row[0])


def account_names(cursor: Cursor, ids: Collection[int]) -> dict[int, str]:
    """Return login names by key."""
    cursor.execute("SELECT account_id, name FROM gridmap.account WHERE account_id = ANY(%s)", [list(ids)])
    return dict(cursor.fetchall())


def hand_over(
    cursor: Cursor,
    cell: Cell,
    role: str,
    to_post: str,
    from_day: dt.date,
    *,
    from_post: str | None = None,
    account: str | None = None,
    is_full_time: bool | None = None,
) -> tuple[list[DutyRow], int]:
    """Hand a role in a cell to another post: the old duty ends the day before, the new one begins and has no end.

    from_post: whose duty ends; needed only when several posts hold the role. Where nobody holds it, the new one just
    begins. Returns the duties that ended and the key of the new one. HandoverRefused when the new post holds the role
    on that day or later, several do, or the old duty begins no earlier; NotFoundError for an account not there.
    """
    account_id = _account_id(cursor, account)
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('gridmap.duty.' || %s, 0))", [cell.cell_code])
    cursor.execute(
        _DUTY
        + "WHERE d.cell_code = %s AND d.role = %s AND NOT d.in_force << daterange(%s, NULL)"
        + _ORDER
        + "d.post FOR UPDATE",
        [cell.cell_code, role, from_day],
    )
    rows = [DutyRow(*row) for row in cursor.fetchall()]
    for row in rows:
        if row.post == to_post:
            since = row.begins_on or "ever"
            sentence = f"{to_post} holds this role in {cell.cell_code} already, from {since} on"
            raise HandoverRefused("holds_already", sentence, (to_post,))
    ending = [row for row in rows if row.begins_on is None or row.begins_on <= from_day]
    if from_post is not None:
        ending = [row for row in ending if row.post == from_post]
        if not ending:
            raise NotFoundError(f"{from_post} does not hold this role in {cell.cell_code} on {from_day}")
    elif len(ending) > 1:
        posts = tuple(row.post for row in ending)
        sentence = f"{len(posts)} posts hold this role in {cell.cell_code}: {', '.join(posts)}; say whose duty ends"
        raise HandoverRefused("several", sentence, posts)
    for row in ending:
        if row.begins_on == from_day:
            sentence = f"the duty of {row.post} begins on {row.begins_on}; choose a later day than that"
            raise HandoverRefused("too_soon", sentence, (row.post,))
        cursor.execute(
            "UPDATE gridmap.duty SET in_force = daterange(lower(in_force), %s) WHERE duty_id = %s",
            [from_day, row.duty_id],
        )
    cursor.execute(
        "INSERT INTO gridmap.duty (cell_code, role, post, in_force, is_full_time, account_id) "
        "VALUES (%s, %s, %s, daterange(%s, %s), %s, %s) RETURNING duty_id",
        [cell.cell_code, role, to_post, from_day, cell.ends_on, is_full_time if role == "chief" else None, account_id],
    )
    return ending, int(cursor.fetchone()[0])


class _Undo(Exception):
    """Ends a trial, or an import with faults: what was written is taken back."""


def import_all(
    conn: Connection,
    rows: Sequence[RosterRow],
    columns: Collection[str],
    faults: Sequence[Fault],
    *,
    dry_run: bool = False,
) -> RosterReport:
    """Import a roster in one transaction, all or nothing. faults: those of rows that could not even be read."""
    report = RosterReport()
    try:
        with transaction(conn) as cursor:
            report = import_roster(cursor, rows, columns)
            report.faults = sorted([*faults, *report.faults], key=lambda fault: fault.row)
            if report.faults or dry_run:
                raise _Undo
    except _Undo:
        pass
    return report


def import_roster(cursor: Cursor, rows: Sequence[RosterRow], columns: Collection[str]) -> RosterReport:
    """Write the duties of a roster and say what that did; with faults, nothing of it may be kept.

    A duty is known by cell, role, post and first day: one that is there is changed (last day, account, full-time; a
    column that the roster has not is left alone), any other is new. Duties that the roster does not name stay.
    """
    report = RosterReport()
    seen: dict[tuple[str, str, str, dt.date], int] = {}
    for row in rows:
        key = (row.cell_code, row.role, row.post, row.begins_on)
        if key in seen:
            report.faults.append(Fault(row.row, "post", row.post, f"another duty than that of row {seen[key]}"))
            continue
        seen[key] = row.row
        fault = _write(cursor, row, columns, report)
        if fault is not None:
            report.faults.append(fault)
    return report


def _write(cursor: Cursor, row: RosterRow, columns: Collection[str], report: RosterReport) -> Fault | None:
    cell = grid.find_cell(cursor, row.cell_code, row.begins_on)
    if cell is None:
        versions = grid.list_versions(cursor, row.cell_code)
        known = f"a cell that stands on {row.begins_on}" if versions else "the code of a responsibility cell"
        return Fault(row.row, "cell_code", row.cell_code, known)
    cursor.execute(
        "SELECT max(coalesce(upper(in_force), 'infinity'::date)) < coalesce(%s, 'infinity'::date), "
        "max(upper(in_force)) FROM gridmap.grid_cell WHERE cell_code = %s",
        [row.ends_on, row.cell_code],
    )
    too_long, cell_ends = cursor.fetchone()
    if too_long:
        return Fault(row.row, "ends_on", str(row.ends_on or "no end"), f"an end no later than the cell's, {cell_ends}")
    account_id = None
    if row.account is not None:
        account_id = find_account_id(cursor, row.account)
        if account_id is None:
            return Fault(row.row, "account", row.account, "the name of an account in use")
    cursor.execute(
        _DUTY
        + "WHERE d.cell_code = %s AND d.role = %s AND d.post = %s AND d.in_force && daterange(%s, %s)"
        + _ORDER
        + "d.in_force FOR UPDATE",
        [row.cell_code, row.role, row.post, row.begins_on, row.ends_on],
    )
    there = [DutyRow(*record) for record in cursor.fetchall()]
    other = next((known for known in there if known.begins_on != row.begins_on), None)
    if other is not None:
        span = f"{other.begins_on or 'ever'} to {other.last_day or 'no end'}"
        return Fault(
            row.row, "begins_on", str(row.begins_on), f"days on which {row.post} has no duty yet (it has {span})"
        )
    if not there:
        cursor.execute(
            "INSERT INTO gridmap.duty (cell_code, role, post, in_force, is_full_time, account_id) "
            "VALUES (%s, %s, %s, daterange(%s, %s), %s, %s)",
            [row.cell_code, row.role, row.post, row.begins_on, row.ends_on, row.is_full_time, account_id],
        )
        report.outcomes.append((row.row, "new"))
        return None
    before = there[0]
    ends_on = row.ends_on if "ends_on" in columns else before.ends_on
    full_time = row.is_full_time if "is_full_time" in columns else before.is_full_time
    account_id = account_id if "account" in columns else before.account_id
    if (ends_on, full_time, account_id) == (before.ends_on, before.is_full_time, before.account_id):
        report.outcomes.append((row.row, "unchanged"))
        return None
    cursor.execute(
        "UPDATE gridmap.duty SET in_force = daterange(lower(in_force), %s), is_full_time = %s, account_id = %s "
        "WHERE duty_id = %s",
        [ends_on, full_time, account_id, before.duty_id],
    )
    report.outcomes.append((row.row, "changed"))
    return None


def _account_id(cursor: Cursor, name: str | None) -> int | None:
    if name is None:
        return None
    account_id = find_account_id(cursor, name)
    if account_id is None:
        raise NotFoundError(f"there is no account {name} in use")
    return account_id
