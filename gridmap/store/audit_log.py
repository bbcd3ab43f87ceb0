"""The log of who did what: written beside the triggers where no row changes, read by key, never altered."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

_FILTER = """
    (%(actor)s::text IS NULL OR l.actor = %(actor)s)
    AND (%(relation)s::text IS NULL OR l.relation = %(relation)s)
    AND (%(row)s::text IS NULL OR l.row_key = %(row)s)
    AND (%(action)s::text IS NULL OR l.action = %(action)s)
    AND (%(since)s::date IS NULL OR l.at >= %(since)s::date)
    AND (%(until)s::date IS NULL OR l.at < %(until)s::date + 1)
"""
_LIST = f"""
SELECT
    l.log_id, l.at, l.account_id, l.actor, host(l.address) AS address, l.action, l.relation, l.row_key,
    l.before, l.after
FROM gridmap.audit_log AS l
WHERE {_FILTER}
    AND (%(older)s::bigint IS NULL OR l.log_id < %(older)s)
    AND (%(newer)s::bigint IS NULL OR l.log_id > %(newer)s)
"""
BATCH = 1000


@dataclass(frozen=True)
class LogFilter:
    """Which entries; None is any. until: the last day, included."""

    actor: str | None = None
    relation: str | None = None
    row: str | None = None
    action: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class LogRow:
    """One entry."""

    log_id: int
    at: dt.datetime
    account_id: int | None
    actor: str
    address: str | None
    action: str
    relation: str | None
    row_key: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def write(
    cursor: Cursor,
    actor: str,
    action: str,
    *,
    account_id: int | None = None,
    address: str | None = None,
    relation: str | None = None,
    row_key: str | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry about something that changes no row a trigger watches: a login, an export."""
    cursor.execute(
        "INSERT INTO gridmap.audit_log (account_id, actor, address, action, relation, row_key, after) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            account_id, actor, address, action, relation, row_key,
            json.dumps(after, ensure_ascii=False, default=str) if after is not None else None,
        ],
    )  # fmt: skip


def list_log(
    cursor: Cursor, wanted: LogFilter, *, older: int | None = None, newer: int | None = None, limit: int = 50
) -> list[LogRow]:
    """List entries, the newest first. older, newer: key of the entry to go on from, for pages."""
    order = "ORDER BY l.log_id" if newer is not None else "ORDER BY l.log_id DESC"
    cursor.execute(f"{_LIST} {order} LIMIT %(limit)s", {**vars(wanted), "older": older, "newer": newer, "limit": limit})
    rows = [LogRow(*row) for row in cursor.fetchall()]
    return rows[::-1] if newer is not None else rows


def each(cursor: Cursor, wanted: LogFilter, most: int) -> Iterator[LogRow]:
    """Yield at most so many entries, the newest first, in batches."""
    older, left = None, most
    while left > 0:
        rows = list_log(cursor, wanted, older=older, limit=min(BATCH, left))
        yield from rows
        if len(rows) < BATCH:
            return
        older, left = rows[-1].log_id, left - len(rows)


def number_of(cursor: Cursor, wanted: LogFilter) -> int:
    """Return how many entries there are."""
    cursor.execute(f"SELECT count(*) FROM gridmap.audit_log AS l WHERE {_FILTER}", vars(wanted))
    return int(cursor.fetchone()[0])


def list_values(cursor: Cursor) -> tuple[list[str], list[str]]:
    """Return the actions and the relations that the log holds, for choosing among them."""
    # one step through an index per value, not one per entry: the log only grows
    found = []
    for column in ("action", "relation"):
        cursor.execute(
            f"WITH RECURSIVE each AS ((SELECT min({column}) AS value FROM gridmap.audit_log) UNION ALL "
            f"SELECT (SELECT min(l.{column}) FROM gridmap.audit_log AS l WHERE l.{column} > e.value) FROM each AS e "
            "WHERE e.value IS NOT NULL) SELECT value FROM each WHERE value IS NOT NULL"
        )
        found.append([str(row[0]) for row in cursor.fetchall()])
    return found[0], found[1]
