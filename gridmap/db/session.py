"""Connections and transactions. snapshot() is the only place that sets the day, the draft and the counties."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from gridmap import config
from gridmap.errors import DatabaseError

Connection: TypeAlias = psycopg2.extensions.connection

CITY_ROLE = "gridmap_city"
AREA_ROLE = "gridmap_area"
"""Database roles of readers: the first sees everything, the second its own area. Row-level security knows them."""

# `public` holds PostGIS; jit costs more than it gives on queries this short (shared measurements: 1.2x).
# a killed process is noticed within seconds, not when its statement ends: it may hold the audit lock
_OPTIONS = (
    "-c search_path=gridmap,public -c jit=off -c client_min_messages=warning -c timezone=Asia/Shanghai "
    "-c client_connection_check_interval=5s"
)


def database_url() -> str:
    """Return the libpq URL in use: GRIDMAP_DATABASE_URL, else the private cluster's, which is started if need be."""
    url = config.load().database_url
    if url:
        return url
    from gridmap.db import cluster

    return cluster.ensure_running()


def without_password(url: str) -> str:
    """Return a database URL fit for messages."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", re.sub(r"(password=)\S+", r"\1***", url))


@dataclass(frozen=True)
class Access:
    """On whose behalf a connection asks. role: CITY_ROLE or AREA_ROLE; the area counts for the latter only.

    actor: login name for the log of changes, None for nobody: then nothing is logged.
    """

    role: str
    counties: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    actor: str | None = None
    account_id: int | None = None
    address: str | None = None


def connect(url: str | None = None, role: str | None = None) -> Connection:
    """Open a connection with the house's settings; DatabaseError says in a sentence why it cannot be had.

    role: CITY_ROLE or AREA_ROLE, which are kept to what readers may; None is the owner, whom nothing keeps.
    """
    target = url or database_url()
    # one small query must not wait for workers to start: measured 8 times slower with them
    options = f"{_OPTIONS} -c role={role} -c max_parallel_workers_per_gather=0" if role else _OPTIONS
    try:
        return psycopg2.connect(target, options=options, connect_timeout=10)
    except psycopg2.Error as error:
        reason = str(error).strip().splitlines()
        raise DatabaseError(
            f"cannot connect to the database {without_password(target)}: {reason[0] if reason else 'no reason given'}; "
            "check GRIDMAP_DATABASE_URL, or unset it to use the private cluster"
        ) from error


def ask_for(conn: Connection, access: Access | None) -> None:
    """Have a connection ask on somebody's behalf until it is told otherwise; None is nobody, with no area."""
    settings = {
        "gridmap.area_counties": ",".join(access.counties) if access else "",
        "gridmap.area_cells": ",".join(access.cells) if access else "",
        "gridmap.actor": (access.actor or "") if access else "",
        "gridmap.account_id": str(access.account_id) if access and access.account_id is not None else "",
        "gridmap.address": (access.address or "") if access else "",
    }
    with conn.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(s.name, s.value, false) FROM unnest(%s, %s) AS s (name, value)",
            [list(settings), list(settings.values())],
        )
    conn.commit()  # a setting goes with the transaction that made it, should that be rolled back


@contextmanager
def transaction(conn: Connection) -> Iterator[psycopg2.extensions.cursor]:
    """Run one transaction: commit at the end, roll back on any error. Yields a cursor of named tuples.

    Inside an open transaction it is a savepoint, so that callers may nest.
    """
    nested = conn.info.transaction_status != psycopg2.extensions.TRANSACTION_STATUS_IDLE
    with conn.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as cursor:
        if nested:
            cursor.execute("SAVEPOINT nested")
        try:
            yield cursor
        except BaseException:
            if nested and not conn.closed:
                cursor.execute("ROLLBACK TO SAVEPOINT nested")
                cursor.execute("RELEASE SAVEPOINT nested")
            elif not conn.closed:
                conn.rollback()
            raise
        if nested:
            cursor.execute("RELEASE SAVEPOINT nested")
        else:
            conn.commit()


@contextmanager
def snapshot(
    conn: Connection,
    as_of: dt.date | None = None,
    *,
    draft: int | None = None,
    counties: Sequence[str] | None = None,
    cells: Collection[int] | None = None,
    span: tuple[int, int] | None = None,
    small: bool = False,
    timeout_s: float | None = None,
) -> Iterator[psycopg2.extensions.cursor]:
    """Open a read-only view of one day and yield a cursor whose search_path is `snapshot, public`.

    as_of: the day to stand on; None is the platform's today. draft: zone_id of a draft treated as law.
    counties: six-digit codes that narrow what is judged, never the law. cells: keys of squares, likewise. span: least
    and greatest key instead, where features are named one by one: a list of squares is read for every square of a zone.
    small: little is asked, as it is of a few squares. timeout_s: limit of each statement, the connection's own if None.
    The settings last as long as the transaction. Inside an open transaction they end with a savepoint.
    """
    low, high = span or ((min(cells), max(cells)) if cells else (None, None))
    with transaction(conn) as cursor:
        settings = {
            "gridmap.as_of": as_of.isoformat() if as_of else "",
            "gridmap.draft": str(draft) if draft is not None else "",
            "gridmap.counties": ",".join(counties) if counties else "",
            "gridmap.cells": ",".join(map(str, cells)) if cells else "",
            "gridmap.cell_low": str(low) if low is not None else "",
            "gridmap.cell_high": str(high) if high is not None else "",
            "search_path": "snapshot, public",
        }
        if cells or small:
            settings["max_parallel_workers_per_gather"] = "0"  # to start workers takes longer than so small a query
        if timeout_s is not None:
            settings["statement_timeout"] = str(int(timeout_s * 1000))
        cursor.execute("SELECT s.name, current_setting(s.name, true) FROM unnest(%s) AS s (name)", [list(settings)])
        before = dict(cursor.fetchall())
        _set(cursor, settings)
        # nothing that reads the world of a day may change it; ends with this (sub)transaction
        cursor.execute("SET LOCAL transaction_read_only = on")
        yield cursor
        # a nested snapshot lives on inside its caller's transaction: give the caller his own day back
        _set(cursor, {name: value or "" for name, value in before.items()})


def _set(cursor: psycopg2.extensions.cursor, settings: Mapping[str, str]) -> None:
    """Set configuration parameters for the rest of the transaction, in one round trip."""
    cursor.execute(
        "SELECT set_config(s.name, s.value, true) FROM unnest(%s, %s) AS s (name, value)",
        [list(settings), list(settings.values())],
    )


def today(conn: Connection) -> dt.date:
    """Return the day the platform stands on."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT gridmap.today()")
        day: dt.date = cursor.fetchone()[0]
        return day


def data_version(conn: Connection, relations: Sequence[str] | None = None) -> int:
    """Return a number that grows with every change of the named base tables (all of them by default)."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT coalesce(sum(version), 0)::bigint FROM gridmap.data_version "
            "WHERE %(names)s::text[] IS NULL AND relation <> 'finding' OR relation = ANY(%(names)s::text[])",
            {"names": list(relations) if relations is not None else None},
        )
        return int(cursor.fetchone()[0])
