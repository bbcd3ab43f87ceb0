"""The process that checks and writes large files: started by a web server, it ends when nothing waits any more.

At most PLACES run at once on a machine, each holding a pid file, so that `make stop` ends them too. Whatever ends one,
its transaction is rolled back with its connection, and the job is told to be interrupted.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import errors

from gridmap.db import state
from gridmap.db.session import CITY_ROLE, Access, Connection, ask_for, connect, transaction
from gridmap.domain.definition import Text
from gridmap.errors import ConflictError, ForbiddenError, GridmapError, UserError
from gridmap.ingest.importing import apply_import
from gridmap.store import accounts, import_jobs
from gridmap.store.import_batches import Importer
from gridmap.store.import_jobs import JobRow
from gridmap.web import import_files, import_work
from gridmap.web.import_files import WaitingFile

PLACES = 2
"""So many large files are worked on at once: each keeps a core of ours busy, then one of PostgreSQL's."""

READ_S = 900.0
"""So long may reading take; then the file is one for the command line."""

_TELL_S = 0.5

_INTERNAL = Text("系统内部错误，已记录；数据没有改动。", "internal error, noted; nothing changed.")
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """Somebody asked that the job stop."""


def work() -> int:
    """Work on what waits until nothing does, and return how many files that were; 0 when every place is taken."""
    number = 0
    while (place := _take_place()) is not None:
        try:
            while _work_on_next():
                number += 1
        finally:
            os.close(place)
        # what was added after the last look and before the place was free has nobody else
        if not _is_waiting():
            break
    return number


def _take_place() -> int | None:
    for number in range(1, PLACES + 1):
        try:
            return state.claim_pid_file(f"importer-{number}")
        except ConflictError:
            continue
    return None


def _is_waiting() -> bool:
    conn = connect()
    try:
        with transaction(conn) as cursor:
            return import_jobs.is_waiting(cursor)
    finally:
        conn.close()


def _work_on_next() -> bool:
    """Work on the next file that waits, on a connection that holds the job until it is closed."""
    conn = connect()
    try:
        with transaction(conn) as cursor:
            job = import_jobs.claim(cursor)
        if job is None:
            return False
        told: Text | None = None
        try:
            with import_work.telling_of_a_full_disk():
                _work_on(conn, job)
            return True
        except GridmapError as error:
            state_now, told = "failed", Text(error.zh or str(error), str(error))
        except (_Stopped, errors.QueryCanceled):
            state_now = "cancelled"
        except import_jobs.Lost:
            return True
        except psycopg2.OperationalError:
            _log.exception("job %s lost its database", job.job_id)
            raise
        except Exception:
            _log.exception("job %s failed", job.job_id)
            state_now, told = "failed", _INTERNAL
        with transaction(conn) as cursor:
            import_jobs.end(cursor, job.job_id, state_now, told=told)
        return True
    finally:
        conn.close()


def _work_on(conn: Connection, job: JobRow) -> None:
    with transaction(conn) as cursor:
        found = accounts.find_reader_by_id(cursor, job.account_id)
    if found is None:
        raise ForbiddenError("the account is no longer active", zh="账号已停用。")
    who = import_work.importer_of(found, job.address)
    ask_for(conn, Access(CITY_ROLE, actor=who.actor, account_id=who.account_id, address=who.address))
    waiting = import_files.get(found, job.token)
    with _telling(job) as tell:
        if job.task == "check":
            plan = import_work.judge(conn, waiting, who, tell)
            import_work.keep(conn, waiting, plan, tell)
            with transaction(conn) as cursor:
                import_jobs.end(cursor, job.job_id, "done")
        else:
            _write(conn, job, waiting, who, tell)


def _write(conn: Connection, job: JobRow, waiting: WaitingFile, who: Importer, tell: _Teller) -> None:
    """Write what was shown, and note it in the same transaction: a job that was written is never said not to be."""
    with transaction(conn) as cursor:
        import_jobs.wait_for_turn(cursor)
    plan = import_work.judge(conn, waiting, who, tell)
    if waiting.mark_of(plan.report) != job.shown:
        import_work.keep(conn, waiting, plan, tell)
        raise ConflictError(
            "the data changed since the file was checked: this is what would come of it now",
            zh="检查以后数据有变化。下面是现在的结果，看过后再导入。",
        )
    with transaction(conn) as cursor:
        # the first statement opens the transaction: apply_import's own is a savepoint in it
        if import_jobs.is_cancel_asked(cursor, job.job_id):
            raise _Stopped
        batch_id = apply_import(conn, plan, tell)
        import_jobs.end(cursor, job.job_id, "done", batch_id=batch_id)
    waiting.finish(batch_id)


class _Teller:
    """Notes how far a job is, on a connection of its own: what it writes is seen before the import is committed."""

    def __init__(self, conn: Connection, job: JobRow) -> None:
        self._conn, self._job = conn, job
        self._told_at, self._step = 0.0, ""
        self._began = time.monotonic()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if step == self._step and now - self._told_at < _TELL_S:
            return
        if step == "reading" and now - self._began > READ_S:
            raise UserError(
                f"{done} rows took more than {READ_S:.0f} s: bring the file with gridmap layers import",
                zh=f"读了 {done} 行已超过 {READ_S:.0f} 秒，请用 gridmap layers import 命令导入",
            )
        self._told_at, self._step = now, step
        with transaction(self._conn) as cursor:
            if import_jobs.tell(cursor, self._job.job_id, step, done, total):
                raise _Stopped


@contextmanager
def _telling(job: JobRow) -> Iterator[_Teller]:
    conn = connect()
    try:
        yield _Teller(conn, job)
    finally:
        conn.close()
