"""A file that was sent, judged and written by the importer: within limits, one at a time in a process."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import request

from gridmap import auth
from gridmap.db.pool import system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain.import_report import ImportReport
from gridmap.domain.incoming import IncomingFile, ReadingLimits
from gridmap.errors import ConflictError, UserError
from gridmap.ingest.importing import ImportOptions, ImportPlan, apply_import, plan_import
from gridmap.ingest.reading import open_incoming
from gridmap.store import import_staging
from gridmap.store.import_batches import Importer
from gridmap.web.import_files import MOST_BYTES, Said, WaitingFile

LIMITS = ReadingLimits(bytes_on_disk=MOST_BYTES, bytes_unpacked=300_000_000, rows=50_000)
"""What a page reads of a file; the command line reads more."""

CHECK_S = 60.0
"""So long may a check read; then the file is one for the command line."""

WAIT_S = 30.0
MOST_PROBLEMS = 100_000
"""So many problems are kept for the annotated copy."""

_ONE = threading.BoundedSemaphore(1)


def importer() -> Importer:
    """Return on whose behalf the request imports; ForbiddenError for whoever may not."""
    found = auth.require("data:import")
    holding = [grant for grant in found.grants if "data:import" in grant.permissions]
    counties = tuple(sorted({grant.county_code for grant in holding if grant.county_code}))
    everywhere = any(grant.county_code is None for grant in holding)
    return Importer(found.name, found.account_id, None if everywhere else counties, request.remote_addr)


def options(said: Said) -> ImportOptions:
    """Return what was said of a file, as the importer takes it."""
    return ImportOptions(
        kind=said.kind, sheet=said.sheet, crs=said.crs, mapping=said.mapping, replace=said.replace,
        on=dt.date.fromisoformat(said.day),
    )  # fmt: skip


@contextmanager
def opened(waiting: WaitingFile) -> Iterator[IncomingFile]:
    """Open a file within the limits of a page; UserError for what cannot be read."""
    incoming = open_incoming(waiting.path, name=waiting.said.file, limits=LIMITS)
    try:
        yield incoming
    finally:
        incoming.close()


def check(waiting: WaitingFile) -> ImportReport:
    """Judge a file, keep what was found and return it. UserError says why it cannot be read."""
    with _planned(waiting) as (conn, plan):
        _keep(conn, waiting, plan)
        return plan.report


def apply(waiting: WaitingFile, shown: str) -> int | None:
    """Write a file when what it would do is still what was shown, and return its batch; None when it brings nothing.

    ConflictError when it is no longer so: then what was found now is kept, to be shown.
    """
    with _planned(waiting) as (conn, plan):
        _keep(conn, waiting, plan)
        if waiting.shown != shown:
            raise ConflictError("the data changed since the report was shown", zh="数据已有变化")
        return apply_import(conn, plan)


def _keep(conn: Connection, waiting: WaitingFile, plan: ImportPlan) -> None:
    with transaction(conn) as cursor:
        problems = import_staging.list_faults(cursor, MOST_PROBLEMS)
    waiting.keep_report(plan.report, problems)


@contextmanager
def _planned(waiting: WaitingFile) -> Iterator[tuple[Connection, ImportPlan]]:
    who = importer()
    if not _ONE.acquire(timeout=WAIT_S):
        raise ConflictError("other files are being checked", zh="正在检查别的文件")
    try:
        conn = system_connection()
        with opened(waiting) as incoming:
            try:
                plan = plan_import(
                    conn, waiting.said.layer, incoming, file_name=waiting.said.file, sha256=waiting.said.sha256,
                    options=options(waiting.said), importer=who, progress=_limit(time.monotonic() + CHECK_S),
                )  # fmt: skip
                yield conn, plan
            finally:
                # the connection goes back to the pool, and what was staged on it must not
                if not conn.closed:
                    with transaction(conn) as cursor:
                        import_staging.drop(cursor)
    finally:
        _ONE.release()


def _limit(until: float) -> Callable[[int], None]:
    def look(rows: int) -> None:
        if time.monotonic() > until:
            raise UserError(
                f"{rows} rows took more than {CHECK_S:.0f} s: bring the file with gridmap layers import",
                zh=f"读了 {rows} 行已超过 {CHECK_S:.0f} 秒，请用 gridmap layers import 命令导入",
            )

    return look
