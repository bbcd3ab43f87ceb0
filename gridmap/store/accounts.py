"""Accounts, what they were granted, and who is logged in. Asked as the owner only: readers may not see these tables."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.roles import CELL_ROLES, ROLES, Grant, Reader
from gridmap.errors import ConflictError, UserError

IDLE_H = 12
LONGEST_H = 24 * 7
"""A session ends after so many hours without a request, and after so many in any case."""

_READER = """
SELECT
    a.account_id, a.name, a.post, a.must_change_password,
    (SELECT json_agg(json_build_array(g.role, g.county_code) ORDER BY g.role, g.county_code)
        FROM gridmap.role_grant AS g WHERE g.account_id = a.account_id AND g.in_force @> gridmap.today()) AS grants,
    (SELECT json_agg(json_build_array(d.role, d.cell_code, gridmap.cells_below(ARRAY[d.cell_code]))
            ORDER BY d.role, d.cell_code)
        FROM gridmap.duty AS d WHERE d.account_id = a.account_id AND d.in_force @> gridmap.today()) AS duties
FROM gridmap.account AS a
"""
_OF_SESSION = (
    _READER
    + """
INNER JOIN gridmap.login_session AS s ON s.account_id = a.account_id
WHERE s.session_id = %(digest)s AND a.is_active
    AND s.last_seen_at > gridmap.instant() - make_interval(hours => %(idle)s)
    AND s.created_at > gridmap.instant() - make_interval(hours => %(longest)s)
"""
)
_SEEN = """
UPDATE gridmap.login_session SET last_seen_at = gridmap.instant()
WHERE session_id = %s AND last_seen_at < gridmap.instant() - interval '1 minute'
"""


@dataclass(frozen=True)
class AccountRow:
    """An account with its secrets: for gridmap.auth alone."""

    account_id: int
    name: str
    post: str
    password_hash: str
    must_change_password: bool
    totp_secret: str | None
    totp_last_step: int | None
    is_active: bool


def find_account(cursor: Cursor, name: str) -> AccountRow | None:
    """Return an account by its login name."""
    cursor.execute(
        "SELECT account_id, name, post, password_hash, must_change_password, totp_secret, totp_last_step, is_active "
        "FROM gridmap.account WHERE name = %s",
        [name],
    )
    row = cursor.fetchone()
    return None if row is None else AccountRow(*row)


def insert_account(
    cursor: Cursor, name: str, post: str, password_hash: str, *, must_change: bool = True, is_demo: bool = False
) -> int:
    """Add an account and return its key; ConflictError when the name is taken."""
    try:
        cursor.execute(
            "INSERT INTO gridmap.account (name, post, password_hash, must_change_password, is_demo) "
            "VALUES (%s, %s, %s, %s, %s) RETURNING account_id",
            [name, post, password_hash, must_change, is_demo],
        )
    except UniqueViolation as error:
        raise ConflictError(f"there is an account {name} already; choose another name") from error
    return int(cursor.fetchone()[0])


def insert_grant(
    cursor: Cursor, account_id: int, role: str, county_code: str | None = None, in_force: str = "(,)"
) -> None:
    """Grant a role for a county or the city; the roles in a cell are duties: give the account to one."""
    if role not in ROLES or role in CELL_ROLES:
        raise UserError(f"{role!r} is no role of a county or the city; a role in a cell is given as a duty")
    cursor.execute(
        "INSERT INTO gridmap.role_grant (account_id, role, county_code, in_force) VALUES (%s, %s, %s, %s)",
        [account_id, role, county_code, in_force],
    )


def insert_session(cursor: Cursor, account_id: int, digest: str, address: str | None, agent: str | None) -> None:
    """Begin a session, and forget those that have ended by themselves. digest: SHA-256 of its token, hexadecimal."""
    cursor.execute(
        "DELETE FROM gridmap.login_session WHERE created_at < gridmap.instant() - make_interval(hours => %s) "
        "OR last_seen_at < gridmap.instant() - make_interval(hours => %s)",
        [LONGEST_H, IDLE_H],
    )
    cursor.execute(
        "INSERT INTO gridmap.login_session (session_id, account_id, address, agent) VALUES (%s, %s, %s, %s)",
        [digest, account_id, address, agent],
    )


def delete_session(cursor: Cursor, digest: str) -> None:
    """End a session."""
    cursor.execute("DELETE FROM gridmap.login_session WHERE session_id = %s", [digest])


def delete_sessions(cursor: Cursor, account_id: int, but: str | None = None) -> int:
    """End the sessions of an account, all but one, and return how many."""
    cursor.execute(
        "DELETE FROM gridmap.login_session WHERE account_id = %s AND session_id IS DISTINCT FROM %s", [account_id, but]
    )
    return int(cursor.rowcount)


def find_reader(cursor: Cursor, digest: str) -> Reader | None:
    """Return whoever a session belongs to, with what he was granted for today; None when it has ended."""
    cursor.execute(_OF_SESSION, {"digest": digest, "idle": IDLE_H, "longest": LONGEST_H})
    row = cursor.fetchone()
    if row is None:
        return None
    cursor.execute(_SEEN, [digest])
    return _reader(row)


def find_reader_by_id(cursor: Cursor, account_id: int) -> Reader | None:
    """Return an account with what it was granted for today, for what is done for it later; None if not active."""
    cursor.execute(_READER + "WHERE a.account_id = %s AND a.is_active", [account_id])
    row = cursor.fetchone()
    return _reader(row) if row else None


def _reader(row: tuple[object, ...]) -> Reader:
    account_id, name, post, must_change, grants, duties = row
    granted = [Grant(role, county_code=county) for role, county in (grants or [])]  # type: ignore[attr-defined]
    # an account whose duty is in a cell that is no more keeps the duty and sees nothing by it
    granted += [Grant(role, cell_code=cell, cells=frozenset(below)) for role, cell, below in (duties or [])]  # type: ignore[attr-defined]
    return Reader(int(str(account_id)), str(name), str(post), tuple(granted), bool(must_change))
