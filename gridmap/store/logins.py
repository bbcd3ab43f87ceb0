"""Attempts to log in, first steps that owe a code, and lists of sessions. Asked as the owner only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.store.accounts import IDLE_H, LONGEST_H

STEP_MIN = 5
"""Minutes between the password and the code of the second factor."""

FAILED_KEPT_H = 24
KNOWN_DAYS = 30
"""Failed attempts count for so many hours; an address is known to an account for so many days."""

_COUNTS = """
WITH mine AS MATERIALIZED (
    SELECT t.address, t.succeeded, t.at, t.address IS NOT DISTINCT FROM %(address)s::inet AS is_here
    FROM gridmap.login_attempt AS t
    WHERE t.name_digest = %(name)s
),
last AS (
    SELECT
        max(m.at) FILTER (WHERE m.succeeded) AS anywhere,
        max(m.at) FILTER (WHERE m.succeeded AND m.is_here) AS here
    FROM mine AS m
),
failed AS (
    SELECT m.at, m.is_here FROM mine AS m
    CROSS JOIN last AS l
    WHERE NOT m.succeeded AND m.at > gridmap.instant() - make_interval(hours => %(hours)s)
        AND m.at > coalesce(CASE WHEN m.is_here THEN l.here ELSE l.anywhere END, '-infinity')
)
SELECT
    gridmap.instant() AS now,
    l.here IS NOT NULL AS is_known,
    (SELECT count(*) FROM failed AS f WHERE f.is_here) AS here,
    (SELECT max(f.at) FROM failed AS f WHERE f.is_here) AS here_last,
    (SELECT count(*) FROM failed AS f) AS anywhere,
    (SELECT max(f.at) FROM failed AS f) AS anywhere_last,
    a.n AS address, a.latest AS address_last
FROM last AS l
CROSS JOIN (
    SELECT count(*) AS n, max(t.at) AS latest
    FROM gridmap.login_attempt AS t
    WHERE t.address = %(address)s::inet AND NOT t.succeeded AND t.at > gridmap.instant() - interval '1 hour'
) AS a
"""


@dataclass(frozen=True)
class Failures:
    """How often it went wrong lately, and when last: for this name from this address, for the name, for the address.

    is_known: the account was let in from this address in the last KNOWN_DAYS days.
    """

    now: dt.datetime
    is_known: bool
    here: int
    here_last: dt.datetime | None
    anywhere: int
    anywhere_last: dt.datetime | None
    address: int
    address_last: dt.datetime | None


@dataclass(frozen=True)
class SessionRow:
    """A session of an account. handle: the beginning of its key, enough to name it and useless to enter by."""

    handle: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    address: str | None
    agent: str | None
    is_this: bool


def lock_attempts(cursor: Cursor, name_digest: str, address: str | None) -> None:
    """Have attempts for the same name or from the same address wait for one another, in whatever process they are."""
    keys = sorted([f"name {name_digest}", f"address {address}"])
    for key in keys:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"gridmap.login {key}"])


def count_failures(cursor: Cursor, name_digest: str, address: str | None) -> Failures:
    """Return how often it went wrong lately."""
    cursor.execute(_COUNTS, {"name": name_digest, "address": address, "hours": FAILED_KEPT_H})
    return Failures(*cursor.fetchone())


def insert_attempt(cursor: Cursor, name_digest: str, address: str | None) -> int:
    """Note an attempt as failed until it is known to be right, and return its key."""
    cursor.execute(
        "INSERT INTO gridmap.login_attempt (name_digest, address, succeeded) VALUES (%s, %s, false) "
        "RETURNING attempt_id",
        [name_digest, address],
    )
    return int(cursor.fetchone()[0])


def mark_right(cursor: Cursor, attempt_id: int) -> None:
    """Note that an attempt was let in."""
    cursor.execute("UPDATE gridmap.login_attempt SET succeeded = true WHERE attempt_id = %s", [attempt_id])


def forget_attempts(cursor: Cursor, name_digest: str) -> None:
    """Forget what went wrong for a name: its password was set anew."""
    cursor.execute("DELETE FROM gridmap.login_attempt WHERE name_digest = %s AND NOT succeeded", [name_digest])


def forget_old(cursor: Cursor) -> None:
    """Delete attempts, first steps and sessions that count no more."""
    cursor.execute(
        "DELETE FROM gridmap.login_attempt WHERE at < gridmap.instant() - make_interval(hours => %s) AND NOT succeeded "
        "OR at < gridmap.instant() - make_interval(days => %s)",
        [FAILED_KEPT_H, KNOWN_DAYS],
    )
    cursor.execute(
        "DELETE FROM gridmap.login_step WHERE created_at < gridmap.instant() - make_interval(mins => %s)", [STEP_MIN]
    )
    cursor.execute(
        "DELETE FROM gridmap.login_session WHERE created_at < gridmap.instant() - make_interval(hours => %s) "
        "OR last_seen_at < gridmap.instant() - make_interval(hours => %s)",
        [LONGEST_H, IDLE_H],
    )


def insert_step(cursor: Cursor, digest: str, account_id: int) -> None:
    """Note that the password was right and a code is owed."""
    cursor.execute("INSERT INTO gridmap.login_step (step_id, account_id) VALUES (%s, %s)", [digest, account_id])


def find_step(cursor: Cursor, digest: str) -> str | None:
    """Return the name of the account whose password was given in a step that is still good."""
    cursor.execute(
        "SELECT a.name FROM gridmap.login_step AS s INNER JOIN gridmap.account AS a ON a.account_id = s.account_id "
        "WHERE s.step_id = %s AND s.created_at > gridmap.instant() - make_interval(mins => %s) AND a.is_active",
        [digest, STEP_MIN],
    )
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def delete_steps(cursor: Cursor, account_id: int) -> None:
    """End every first step of an account."""
    cursor.execute("DELETE FROM gridmap.login_step WHERE account_id = %s", [account_id])


def list_sessions(cursor: Cursor, account_id: int, this: str | None = None) -> list[SessionRow]:
    """List an account's sessions that have not ended, the newest first. this: digest of the asking one."""
    cursor.execute(
        "SELECT left(session_id, 16), created_at, last_seen_at, host(address), agent, "
        "session_id IS NOT DISTINCT FROM %(this)s "
        "FROM gridmap.login_session WHERE account_id = %(account)s "
        "AND last_seen_at > gridmap.instant() - make_interval(hours => %(idle)s) "
        "AND created_at > gridmap.instant() - make_interval(hours => %(longest)s) "
        "ORDER BY last_seen_at DESC, session_id",
        {"this": this, "account": account_id, "idle": IDLE_H, "longest": LONGEST_H},
    )
    return [SessionRow(*row) for row in cursor.fetchall()]


def end_session(cursor: Cursor, account_id: int, handle: str) -> bool:
    """End the session of an account that a handle names, and return whether there was one."""
    cursor.execute(
        "DELETE FROM gridmap.login_session WHERE account_id = %s AND left(session_id, 16) = %s", [account_id, handle]
    )
    return bool(cursor.rowcount)


def rename_session(cursor: Cursor, digest: str, new_digest: str) -> None:
    """Give a session another token: the old one, wherever it was seen, is worth nothing from now on."""
    cursor.execute("UPDATE gridmap.login_session SET session_id = %s WHERE session_id = %s", [new_digest, digest])


def now(cursor: Cursor) -> dt.datetime:
    """Return the clock's time, which codes of a second factor are made from."""
    cursor.execute("SELECT gridmap.instant()")
    instant: dt.datetime = cursor.fetchone()[0]
    return instant
