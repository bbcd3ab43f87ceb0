"""Checks and imports of large files: what waits, what runs and how far it is, what became of it.

A process that works on one holds an advisory lock on the connection that writes. When the lock is free nothing can be
written any more, so a job that says it runs and is not held was interrupted: no clock has to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.definition import Text
from gridmap.errors import ConflictError
from gridmap.store import import_batches

LOCK = 320044
KEPT_DAYS = 30

_HELD = (
    "SELECT l.pid FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 320044 "
    "AND l.objid = j.job_id::oid AND l.objsubid = 2 "
    "AND l.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())"
)
_COLUMNS = (
    "j.job_id, j.token, j.account_id, j.address, j.file_name, j.task, j.shown, j.state, j.step, j.done, j.total, "
    "j.is_cancel_asked, j.told_zh, j.told_en, j.batch_id, "
    "extract(epoch FROM coalesce(j.ended_at, gridmap.instant()) - coalesce(j.started_at, j.queued_at))::float8 "
    "AS elapsed_s, "
    "(SELECT count(*) FROM gridmap.import_job AS o WHERE o.state = 'queued' AND o.job_id < j.job_id) AS ahead"
)


class Lost(Exception):
    """A job is no longer this process's: somebody found it without one."""


@dataclass(frozen=True)
class JobRow:
    """A job, as import_job describes it.

    elapsed_s: since it began, or since it waits. ahead: how many wait before it.
    """

    job_id: int
    token: str
    account_id: int
    address: str | None
    file_name: str
    task: str
    shown: str | None
    state: str
    step: str
    done: int
    total: int | None
    is_cancel_asked: bool
    told_zh: str | None
    told_en: str | None
    batch_id: int | None
    elapsed_s: float
    ahead: int

    @property
    def is_live(self) -> bool:
        """Return whether it waits or runs."""
        return self.state in ("queued", "running")

    @property
    def told(self) -> Text | None:
        """Return why it failed."""
        return Text(self.told_zh, self.told_en or self.told_zh) if self.told_zh else None


def add(
    cursor: Cursor, token: str, account_id: int, *, address: str | None, file_name: str, task: str, shown: str | None
) -> None:
    """Have a file checked or written; one that is already waits or runs: the second of two clicks adds nothing."""
    cursor.execute(
        "DELETE FROM gridmap.import_job WHERE ended_at < gridmap.instant() - make_interval(days => %s)", [KEPT_DAYS]
    )
    cursor.execute(
        "INSERT INTO gridmap.import_job (token, account_id, address, file_name, task, shown) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (token) WHERE ended_at IS NULL DO NOTHING",
        [token, account_id, address, file_name, task, shown],
    )


def find_last(cursor: Cursor, token: str, account_id: int) -> JobRow | None:
    """Return the newest job of an account's file, None when it had none; what lost its process is found out first."""
    note_interrupted(cursor)
    cursor.execute(
        f"SELECT {_COLUMNS} FROM gridmap.import_job AS j WHERE j.token = %s AND j.account_id = %s "
        "ORDER BY j.job_id DESC LIMIT 1",
        [token, account_id],
    )
    row = cursor.fetchone()
    return JobRow(*row) if row else None


def live_tokens(cursor: Cursor, account_id: int) -> set[str]:
    """Return the files of an account that wait or are worked on."""
    note_interrupted(cursor)
    cursor.execute(
        "SELECT j.token FROM gridmap.import_job AS j WHERE j.account_id = %s AND j.ended_at IS NULL", [account_id]
    )
    return {row[0] for row in cursor.fetchall()}


def forget_ended(cursor: Cursor, token: str, account_id: int) -> None:
    """Forget jobs of a file that have ended."""
    cursor.execute(
        "DELETE FROM gridmap.import_job WHERE token = %s AND account_id = %s AND ended_at IS NOT NULL",
        [token, account_id],
    )


def is_waiting(cursor: Cursor) -> bool:
    """Return whether a job waits that could begin."""
    note_interrupted(cursor)
    cursor.execute(f"SELECT EXISTS (SELECT FROM gridmap.import_job AS j WHERE {_MAY_BEGIN})")
    return bool(cursor.fetchone()[0])


def note_interrupted(cursor: Cursor) -> None:
    """Note jobs whose process is gone."""
    cursor.execute(
        "UPDATE gridmap.import_job AS j SET state = 'interrupted', ended_at = gridmap.instant() "
        f"WHERE j.state = 'running' AND NOT EXISTS ({_HELD})"
    )


# one import is written at a time: a second would only hold a place while it waits
_MAY_BEGIN = (
    "j.state = 'queued' AND (j.task = 'check' OR NOT EXISTS ("
    "SELECT FROM gridmap.import_job AS w WHERE w.state = 'running' AND w.task = 'write'))"
)


def claim(cursor: Cursor) -> JobRow | None:
    """Begin the next job on this connection, None when none waits: those first whose sender has fewest running."""
    # two who claim at once would both see no import being written
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    note_interrupted(cursor)
    cursor.execute(
        f"SELECT j.job_id FROM gridmap.import_job AS j WHERE {_MAY_BEGIN} ORDER BY (SELECT count(*) "
        "FROM gridmap.import_job AS r WHERE r.state = 'running' AND r.account_id = j.account_id), j.job_id "
        "LIMIT 1 FOR UPDATE OF j SKIP LOCKED"
    )
    row = cursor.fetchone()
    if row is None:
        return None
    cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, row[0]])
    cursor.execute(
        "UPDATE gridmap.import_job AS j SET state = 'running', started_at = gridmap.instant() "
        f"WHERE j.job_id = %s RETURNING {_COLUMNS}",
        [row[0]],
    )
    return JobRow(*cursor.fetchone())


def wait_for_turn(cursor: Cursor) -> None:
    """Wait until nobody else writes an import, and keep that right as long as the connection lives."""
    cursor.execute("SELECT pg_advisory_lock(%s)", [import_batches.LOCK])


def tell(cursor: Cursor, job_id: int, step: str, done: int, total: int | None) -> bool:
    """Note how far a job is and return whether it is to stop. Lost when it is no longer this process's."""
    cursor.execute(
        "UPDATE gridmap.import_job SET step = %s, done = %s, total = %s WHERE job_id = %s AND state = 'running' "
        "RETURNING is_cancel_asked",
        [step, done, total, job_id],
    )
    row = cursor.fetchone()
    if row is None:
        raise Lost
    return bool(row[0])


def is_cancel_asked(cursor: Cursor, job_id: int) -> bool:
    """Return whether a job is to stop."""
    cursor.execute("SELECT j.is_cancel_asked FROM gridmap.import_job AS j WHERE j.job_id = %s", [job_id])
    row = cursor.fetchone()
    return bool(row and row[0])


def end(cursor: Cursor, job_id: int, state: str, *, told: Text | None = None, batch_id: int | None = None) -> None:
    """Note how a job ended. Lost when it is no longer this process's: what it wrote must not stay then."""
    cursor.execute(
        "UPDATE gridmap.import_job SET state = %s, told_zh = %s, told_en = %s, batch_id = %s, "
        "ended_at = gridmap.instant() WHERE job_id = %s AND state = 'running'",
        [state, told.zh if told else None, told.en if told else None, batch_id, job_id],
    )
    if cursor.rowcount == 0:
        raise Lost


def cancel(cursor: Cursor, job: JobRow) -> None:
    """Have a job stop: at once when it waits; else its statement is broken off, and it stops where it next looks.

    ConflictError when it has ended already.
    """
    cursor.execute(
        "UPDATE gridmap.import_job SET is_cancel_asked = true, "
        "state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, "
        "ended_at = CASE state WHEN 'queued' THEN gridmap.instant() END "
        "WHERE job_id = %s AND ended_at IS NULL RETURNING state",
        [job.job_id],
    )
    if cursor.fetchone() is None:
        raise ConflictError(f"{job.file_name} has ended already", zh="已经结束，来不及取消。")


def break_off(cursor: Cursor, job: JobRow) -> None:
    """Break off the statement that a job is at: after the wish to stop is committed, so that it is seen then."""
    cursor.execute(
        f"SELECT pg_cancel_backend(h.pid) FROM gridmap.import_job AS j, LATERAL ({_HELD}) AS h WHERE j.job_id = %s",
        [job.job_id],
    )
