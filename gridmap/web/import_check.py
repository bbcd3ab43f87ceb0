"""Small files that were sent, judged and written while their sender waits: one at a time in a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from gridmap import auth
from gridmap.db.pool import system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain import import_form
from gridmap.domain.import_progress import Progress
from gridmap.domain.import_report import ImportReport
from gridmap.errors import ConflictError, UserError
from gridmap.ingest.importing import ImportPlan, apply_import
from gridmap.ingest.importing.estimate import is_small as has_few_rows
from gridmap.ingest.importing.plan import choose_sheet
from gridmap.store import import_staging
from gridmap.store.import_batches import Importer
from gridmap.web import import_work
from gridmap.web.import_files import WaitingFile
from gridmap.web.import_work import opened, options

SMALL_ROWS = 2000
SMALL_BYTES = 2_000_000
"""A file of at most so much is answered at once: its check takes less than a second."""

CHECK_S = 60.0
"""So long may the check of a small file take, however it was made to."""

WAIT_S = 5.0
_ONE = threading.BoundedSemaphore(1)


def importer() -> Importer:
    """Return on whose behalf the request imports; ForbiddenError for whoever may not."""
    return import_work.importer_of(auth.require("data:import"), request.remote_addr)


def is_small(waiting: WaitingFile) -> bool:
    """Return whether a file is checked and written at once. UserError for what cannot be read."""
    said = waiting.said
    with opened(waiting) as incoming:
        sheet = choose_sheet(incoming, import_form.load(said.layer, said.kind), options(said))
        return has_few_rows(waiting.path, incoming, sheet, SMALL_ROWS, SMALL_BYTES)


def check(waiting: WaitingFile) -> ImportReport:
    """Judge a file, keep what was found and return it. UserError says why it cannot be read."""
    with _planned(waiting) as (conn, plan):
        return import_work.keep(conn, waiting, plan, _limit(time.monotonic() + CHECK_S))


def apply(waiting: WaitingFile, shown: str) -> int | None:
    """Write a file when what it would do is still what was shown, and return its batch; None when it brings nothing.

    ConflictError when it is no longer so: then what was found now is kept, to be shown; or while others import.
    """
    with _planned(waiting) as (conn, plan):
        if waiting.mark_of(plan.report) != shown:
            import_work.keep(conn, waiting, plan, _limit(time.monotonic() + CHECK_S))
            raise ConflictError("the data changed since the report was shown", zh="数据已有变化")
        return apply_import(conn, plan)


@contextmanager
def _planned(waiting: WaitingFile) -> Iterator[tuple[Connection, ImportPlan]]:
    who = importer()
    if not _ONE.acquire(timeout=WAIT_S):
        raise ConflictError("other files are being checked", zh="正在检查别的文件")
    try:
        conn = system_connection()
        with import_work.telling_of_a_full_disk():
            try:
                yield conn, import_work.judge(conn, waiting, who, _limit(time.monotonic() + CHECK_S))
            finally:
                # the connection goes back to the pool, and what was staged on it must not
                if not conn.closed:
                    with transaction(conn) as cursor:
                        import_staging.drop(cursor)
    finally:
        _ONE.release()


def _limit(until: float) -> Progress:
    def look(_step: str, rows: int, _total: int | None) -> None:
        if time.monotonic() > until:
            raise UserError(
                f"{rows} rows took more than {CHECK_S:.0f} s: bring the file with gridmap layers import",
                zh=f"读了 {rows} 行已超过 {CHECK_S:.0f} 秒，请用 gridmap layers import 命令导入",
            )

    return look
