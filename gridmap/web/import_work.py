"""What is done with a file that was sent, wherever: in its request when it is small, else in a process of its own."""

from __future__ import annotations

import datetime as dt
import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from psycopg2 import errors

from gridmap.db.session import Connection, transaction
from gridmap.domain.import_progress import Progress
from gridmap.domain.import_report import ImportReport
from gridmap.domain.incoming import IncomingFile, ReadingLimits
from gridmap.domain.roles import Reader
from gridmap.errors import ForbiddenError, FullDiskError
from gridmap.ingest.importing import ImportOptions, ImportPlan, plan_import
from gridmap.ingest.importing.estimate import estimate_rows
from gridmap.ingest.reading import open_incoming
from gridmap.store import import_diff, import_found, import_staging
from gridmap.store.import_batches import Importer
from gridmap.web.import_files import MOST_BYTES, Said, WaitingFile

LIMITS = ReadingLimits(bytes_on_disk=MOST_BYTES, bytes_unpacked=500_000_000, rows=200_000)
"""What a page reads of a file; the command line reads more."""


Found = TypeVar("Found")


def importer_of(found: Reader, address: str | None) -> Importer:
    """Return on whose behalf somebody imports; ForbiddenError for whoever may not."""
    holding = [grant for grant in found.grants if "data:import" in grant.permissions]
    if not holding:
        raise ForbiddenError(f"{found.name} may not import", zh="您的岗位不能做这件事。")
    counties = tuple(sorted({grant.county_code for grant in holding if grant.county_code}))
    everywhere = any(grant.county_code is None for grant in holding)
    return Importer(found.name, found.account_id, None if everywhere else counties, address)


def options(said: Said) -> ImportOptions:
    """Return what was said of a file, as the importer takes it."""
    return ImportOptions(
        kind=said.kind, sheet=said.sheet, crs=said.crs, mapping=said.mapping, replace=said.replace, repair=said.repair,
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


def judge(conn: Connection, waiting: WaitingFile, who: Importer, progress: Progress) -> ImportPlan:
    """Judge a file on a connection, where its rows stay staged. UserError says why it cannot be read."""
    with opened(waiting) as incoming:
        return plan_import(
            conn, waiting.said.layer, incoming, file_name=waiting.said.file, sha256=waiting.said.sha256,
            options=options(waiting.said), importer=who, progress=progress,
            count_rows=lambda sheet: estimate_rows(waiting.path, incoming, sheet),
        )  # fmt: skip


def keep(conn: Connection, waiting: WaitingFile, plan: ImportPlan, progress: Progress) -> ImportReport:
    """Keep the report of a plan beside its file, with every problem and every change."""
    report = plan.report
    total = sum(report.counts[name] for name in ("faults", "warnings", "new", "changed", "moved", "gone"))
    part = waiting.found.with_suffix(".part")

    def counted(rows: Iterator[Found], before: int) -> Iterator[Found]:
        for number, row in enumerate(rows, before):
            if number % 5000 == 0:
                progress("keeping", number, total)
            yield row

    with transaction(conn) as cursor:
        faults = counted(import_staging.each_fault(cursor), 0)
        changes = import_diff.each_change(cursor, plan.form, plan.targets, plan.names)
        try:
            import_found.keep(part, faults, counted(changes, report.counts["faults"] + report.counts["warnings"]))
        except BaseException:
            part.unlink(missing_ok=True)  # of a full disk it would take the last room for a day
            raise
    os.replace(part, waiting.found)
    waiting.keep_report(report)
    return report


@contextmanager
def telling_of_a_full_disk() -> Iterator[None]:
    """Say in one sentence that a disk is full, the platform's or the database's; nothing was written then."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FullDiskError from error
    except (errors.DiskFull, sqlite3.OperationalError) as error:
        if isinstance(error, sqlite3.OperationalError) and "full" not in str(error):
            raise
        raise FullDiskError from error
