"""Batches of imports, and what was said of the titles of their files."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.import_report import ImportReport
from gridmap.errors import ConflictError, NotFoundError

LOCK = 320032
"""Number of the advisory lock that one import holds until it is written."""

_BATCH = """
SELECT b.batch_id, b.layer_id, b.kind, b.file_name, b.sha256, b.sheet, b.crs, b.on_day, b.is_replacing, b.counts,
    b.column_names, b.county_codes, b.actor, b.imported_on, b.imported_at, b.undone_by, b.undone_at
FROM gridmap.import_batch AS b
"""


@dataclass(frozen=True)
class Importer:
    """Who imports. counties: those he answers for, None for the whole city. account_id: None on the command line."""

    actor: str
    account_id: int | None = None
    counties: tuple[str, ...] | None = None
    address: str | None = None

    @property
    def county_code(self) -> str | None:
        """Return the county with whose other accounts what he says of titles is shared."""
        return self.counties[0] if self.counties else None


@dataclass(frozen=True)
class BatchRow:
    """A batch, as import_batch describes it."""

    batch_id: int
    layer_id: str
    kind: str | None
    file_name: str
    sha256: str
    sheet: str
    crs: str | None
    on_day: dt.date
    is_replacing: bool
    counts: Mapping[str, int]
    column_names: Mapping[str, Sequence[str]]
    county_codes: Sequence[str]
    actor: str
    imported_on: dt.date
    imported_at: dt.datetime
    undone_by: str | None
    undone_at: dt.datetime | None


@dataclass(frozen=True)
class ImportOfObject:
    """A batch that changed one object. is_new: it brought the object."""

    batch_id: int
    file_name: str
    imported_on: dt.date
    actor: str
    undone_at: dt.datetime | None
    is_new: bool


def only_one(cursor: Cursor, wait_s: float = 0.0) -> None:
    """Hold the one right to write an import until the transaction ends; ConflictError while somebody else has it.

    wait_s: so long it is waited for, seconds.
    """
    until = time.monotonic() + wait_s
    while not _take(cursor):
        if time.monotonic() < until:
            time.sleep(0.1)
            continue
        raise ConflictError(
            "another import is being written; try again when it has ended", zh="有人正在导入，请等他做完再试。"
        )


def _take(cursor: Cursor) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


@contextmanager
def unlogged(cursor: Cursor) -> Iterator[None]:
    """Keep the row-wise log quiet: a batch keeps each row as it was before, and the log has one entry for all."""
    cursor.execute("SELECT coalesce(current_setting('gridmap.actor', true), '')")
    actor = cursor.fetchone()[0]
    cursor.execute("SELECT set_config('gridmap.actor', '', true)")
    yield
    cursor.execute("SELECT set_config('gridmap.actor', %s, true)", [actor])


def create(
    cursor: Cursor, report: ImportReport, importer: Importer, columns: Mapping[str, Sequence[str]], replace: bool
) -> int:
    """Note a batch and return its key."""
    cursor.execute(
        "INSERT INTO gridmap.import_batch (layer_id, kind, file_name, sha256, sheet, crs, on_day, is_replacing, "
        "mapping, counts, column_names, county_codes, account_id, actor) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', %s, %s) RETURNING batch_id",
        [
            report.layer_id, report.kind, report.file[-255:], report.sha256, report.sheet, report.crs, report.on,
            replace, _json(report.mapping), _json(report.counts), _json(columns), importer.account_id, importer.actor,
        ],
    )  # fmt: skip
    return int(cursor.fetchone()[0])


def finish(cursor: Cursor, batch_id: int) -> list[str]:
    """Note which counties a batch changed, and return them."""
    cursor.execute(
        "UPDATE gridmap.import_batch SET county_codes = coalesce((SELECT array_agg(DISTINCT r.county_code "
        "ORDER BY r.county_code) FROM gridmap.import_batch_row AS r WHERE r.batch_id = %(id)s "
        "AND r.county_code IS NOT NULL), '{}') WHERE batch_id = %(id)s RETURNING county_codes",
        {"id": batch_id},
    )
    return list(cursor.fetchone()[0])


def get(cursor: Cursor, batch_id: int, *, for_update: bool = False) -> BatchRow:
    """Return a batch; NotFoundError when there is none, or none that the reader may see."""
    cursor.execute(_BATCH + "WHERE b.batch_id = %s" + (" FOR UPDATE" if for_update else ""), [batch_id])
    row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"there is no import batch {batch_id}", zh=f"没有导入批次 {batch_id}")
    return BatchRow(*row)


def list_batches(cursor: Cursor, layer_id: str | None = None, limit: int = 50) -> list[BatchRow]:
    """List batches of files, the newest first; objects that were placed by hand one by one are not among them."""
    cursor.execute(
        _BATCH + "WHERE (%(layer)s::text IS NULL OR b.layer_id = %(layer)s) "
        "AND NOT EXISTS (SELECT FROM gridmap.placement AS p WHERE p.batch_id = b.batch_id) "
        "ORDER BY b.batch_id DESC LIMIT %(limit)s",
        {"layer": layer_id, "limit": limit},
    )
    return [BatchRow(*row) for row in cursor.fetchall()]


def list_of_object(
    cursor: Cursor, layer_id: str, key: str, until: dt.date | None = None, limit: int = 20
) -> list[ImportOfObject]:
    """List the batches that changed an object of a layer up to a day, the newest first; those that a reader may see."""
    cursor.execute(
        "SELECT b.batch_id, b.file_name, b.imported_on, b.actor, b.undone_at, "
        "bool_or(r.action = 'insert' AND r.relation = b.layer_id) AS is_new "
        "FROM gridmap.import_batch_row AS r INNER JOIN gridmap.import_batch AS b USING (batch_id) "
        "WHERE r.object_key = %(key)s AND b.layer_id = %(layer)s "
        "AND (%(until)s::date IS NULL OR b.imported_on <= %(until)s) "
        "GROUP BY b.batch_id ORDER BY b.batch_id DESC LIMIT %(limit)s",
        {"layer": layer_id, "key": key, "until": until, "limit": limit},
    )
    return [ImportOfObject(*row) for row in cursor.fetchall()]


def find_same(cursor: Cursor, report: ImportReport) -> BatchRow | None:
    """Return the last batch of the same file into the same layer that holds, if any."""
    cursor.execute(
        _BATCH + "WHERE b.sha256 = %s AND b.layer_id = %s AND b.kind IS NOT DISTINCT FROM %s AND b.undone_at IS NULL "
        "ORDER BY b.batch_id DESC LIMIT 1",
        [report.sha256, report.layer_id, report.kind],
    )
    row = cursor.fetchone()
    return BatchRow(*row) if row else None


def note_undone(cursor: Cursor, batch_id: int, actor: str) -> None:
    """Note who undid a batch."""
    cursor.execute(
        "UPDATE gridmap.import_batch SET undone_by = %s, undone_at = gridmap.instant() WHERE batch_id = %s",
        [actor, batch_id],
    )


def remembered(
    cursor: Cursor, layer_id: str, kind: str | None, header_key: str, importer: Importer
) -> tuple[dict[str, str | None], str | None] | None:
    """Return what was last said of a file with these titles, and its system: the importer's own word first."""
    cursor.execute(
        "SELECT m.mapping, m.crs FROM gridmap.import_mapping AS m "
        "WHERE m.layer_id = %s AND m.kind = %s AND m.header_key = %s "
        "AND (m.actor = %s OR m.county_code IS NOT DISTINCT FROM %s) "
        "ORDER BY m.actor = %s DESC, m.saved_at DESC LIMIT 1",
        [layer_id, kind or "", header_key, importer.actor, importer.county_code, importer.actor],
    )
    row = cursor.fetchone()
    return (dict(row[0]), row[1]) if row else None


def remember(cursor: Cursor, report: ImportReport, header_key: str, importer: Importer, said_crs: str | None) -> None:
    """Keep what was said of a file's titles."""
    cursor.execute(
        "INSERT INTO gridmap.import_mapping (layer_id, kind, header_key, actor, county_code, mapping, crs) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (layer_id, kind, header_key, actor) DO UPDATE "
        "SET mapping = excluded.mapping, crs = excluded.crs, county_code = excluded.county_code, "
        "saved_at = gridmap.instant()",
        [
            report.layer_id, report.kind or "", header_key, importer.actor, importer.county_code,
            _json(report.mapping), said_crs,
        ],
    )  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
