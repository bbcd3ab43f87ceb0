"""Audits in the database: one row a run, one row a rule of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.errors import ConflictError

_AUDIT_LOCK = 0x67726964  # "grid": one audit at a time in one database


@dataclass(frozen=True)
class RuleCounts:
    """What one run found by one rule; status complete, failed or not_yet.

    zones_digest: of the zones in force of the kinds that the rule names; None when it reads none.
    """

    rule_id: str
    status: str
    rule_digest: str
    duration_ms: float
    zones_digest: str | None = None
    error: str | None = None
    breach: int = 0
    near_boundary: int = 0
    report: int = 0
    opened: int = 0
    still_there: int = 0
    changed: int = 0
    gone: int = 0
    reopened: int = 0


@contextmanager
def one_audit_at_a_time(conn: Connection, wait_s: float = 60) -> Iterator[None]:
    """Hold the audit lock of this database; ConflictError when another audit keeps it longer than wait_s seconds."""
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(int(wait_s * 1000))])
            cursor.execute("SELECT pg_advisory_lock(%s)", [_AUDIT_LOCK])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except psycopg2.errors.LockNotAvailable as error:
        raise ConflictError("another audit is running; try again when it has ended") from error
    try:
        yield
    finally:
        if not conn.closed:
            with transaction(conn) as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_AUDIT_LOCK])


def wait_for_audit(cursor: Cursor, wait_s: float = 60) -> None:
    """Let no audit run until this transaction ends; ConflictError when one runs longer than wait_s seconds.

    An audit judges on the snapshot it began with: what it writes would be placed by the cells of before.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(int(wait_s * 1000))])
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_AUDIT_LOCK])
    except psycopg2.errors.LockNotAvailable as error:
        raise ConflictError("an audit is running; try again when it has ended") from error
    cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def begin(
    cursor: Cursor,
    *,
    kind: str,
    as_of: dt.date,
    draft: int | None,
    counties: Sequence[str] | None,
    rules: Sequence[str] | None,
    engine: str,
    software: str,
    data_version: int,
) -> int:
    """Record the beginning of a run and return its id."""
    cursor.execute(
        "INSERT INTO gridmap.run (kind, as_of, today, draft_zone_id, counties, rules, engine, software, "
        "data_version) VALUES (%s, %s, gridmap.today(), %s, %s, %s, %s, %s, %s) RETURNING run_id",
        [
            kind,
            as_of,
            draft,
            list(counties) if counties else None,
            list(rules) if rules else None,
            engine,
            software,
            data_version,
        ],
    )
    return int(cursor.fetchone()[0])


def record(cursor: Cursor, run_id: int, counts: RuleCounts) -> None:
    """Record what a run found by one rule."""
    values = counts.__dict__
    columns = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    cursor.execute(  # the names are this dataclass's own
        "INSERT INTO gridmap.run_rule (run_id, " + columns + ") VALUES (%(run_id)s, " + marks + ")",
        {**values, "run_id": run_id},
    )


def finish(cursor: Cursor, run_id: int) -> str:
    """Record that a run ended, and return its status: complete, or incomplete when a rule failed."""
    cursor.execute(
        "UPDATE gridmap.run AS r SET finished_at = clock_timestamp(), status = CASE WHEN EXISTS ("
        "SELECT 1 FROM gridmap.run_rule AS rr WHERE rr.run_id = r.run_id AND rr.status = 'failed'"
        ") THEN 'incomplete' ELSE 'complete' END WHERE r.run_id = %s RETURNING status",
        [run_id],
    )
    return str(cursor.fetchone()[0])


def end_interrupted(cursor: Cursor) -> None:
    """Mark runs that never ended; the caller holds the audit lock, so that none of them can be alive."""
    cursor.execute("UPDATE gridmap.run SET status = 'interrupted' WHERE status = 'running'")


def latest(conn: Connection, kind: str, as_of: dt.date | None = None, *, whole: bool = True) -> Any | None:
    """Return the last finished run of a kind (of a day), over the whole city by all rules unless whole is False."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT run_id, kind, as_of, today, counties, software, data_version, status, started_at, finished_at "
            "FROM gridmap.run WHERE kind = %(kind)s AND status IN ('complete', 'incomplete') AND draft_zone_id IS NULL "
            "AND (%(as_of)s::date IS NULL OR as_of = %(as_of)s) AND "
            "(NOT %(whole)s OR counties IS NULL AND rules IS NULL) "
            "ORDER BY run_id DESC LIMIT 1",
            {"kind": kind, "as_of": as_of, "whole": whole},
        )
        return cursor.fetchone()


def list_rule_counts(conn: Connection, run_id: int) -> list[Any]:
    """List what a run found, rule by rule."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT * FROM gridmap.run_rule WHERE run_id = %s ORDER BY rule_id", [run_id])
        return list(cursor.fetchall())


def last_complete(cursor: Cursor, rule_id: str) -> Any | None:
    """Return rule digest and zones digest of the last living run that judged a rule to its end, or None."""
    cursor.execute(
        "SELECT rr.rule_digest, rr.zones_digest FROM gridmap.run_rule AS rr "
        "INNER JOIN gridmap.run AS r ON r.run_id = rr.run_id "
        "WHERE rr.rule_id = %s AND r.kind = 'living' AND rr.status <> 'failed' ORDER BY rr.run_id DESC LIMIT 1",
        [rule_id],
    )
    return cursor.fetchone()


def forget_old_reports(cursor: Cursor, keep: int = 40) -> None:
    """Delete all but the newest reports: they can be made again at any time."""
    cursor.execute(
        "DELETE FROM gridmap.run WHERE kind = 'report' AND run_id NOT IN ("
        "SELECT run_id FROM gridmap.run WHERE kind = 'report' ORDER BY run_id DESC LIMIT %s)",
        [keep],
    )
