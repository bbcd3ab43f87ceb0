"""Keeping accounts: who has one, what it was granted, passwords set anew, accounts closed. Asked as the owner only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.errors import ExclusionViolation
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.roles import CELL_ROLES, ROLES
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import accounts, logins

_LIST = """
SELECT
    a.account_id, a.name, a.post, a.is_active, a.is_demo, a.must_change_password,
    a.totp_secret IS NOT NULL AS has_second_factor, a.created_at, a.password_changed_at,
    (SELECT max(l.at) FROM gridmap.audit_log AS l
        WHERE l.account_id = a.account_id AND l.action = 'login') AS last_login,
    (SELECT count(*) FROM gridmap.login_session AS s WHERE s.account_id = a.account_id
        AND s.last_seen_at > gridmap.instant() - make_interval(hours => %(idle)s)
        AND s.created_at > gridmap.instant() - make_interval(hours => %(longest)s)) AS sessions,
    coalesce((SELECT json_agg(json_build_object('role', g.role, 'place', g.place, 'name', g.place_name,
            'from', lower(g.in_force), 'to', upper(g.in_force)) ORDER BY g.role, g.place)
        FROM (
            SELECT r.role, r.county_code AS place, c.name AS place_name, r.in_force
            FROM gridmap.role_grant AS r
            LEFT JOIN gridmap.region AS c ON c.code = r.county_code AND c.in_force @> gridmap.today()
            WHERE r.account_id = a.account_id AND NOT r.in_force << daterange(gridmap.today(), NULL)
            UNION ALL
            SELECT d.role, d.cell_code, c.name, d.in_force
            FROM gridmap.duty AS d
            LEFT JOIN gridmap.grid_cell AS c ON c.cell_code = d.cell_code AND c.in_force @> gridmap.today()
            WHERE d.account_id = a.account_id AND NOT d.in_force << daterange(gridmap.today(), NULL)
        ) AS g), '[]') AS grants
FROM gridmap.account AS a
WHERE %(name)s::text IS NULL OR a.name = %(name)s
ORDER BY a.name
"""


@dataclass(frozen=True)
class Granted:
    """A role that an account holds now or later. place: code of its county or cell, None for the whole city."""

    role: str
    place: str | None
    place_name: str | None
    begins: dt.date | None
    ends: dt.date | None


@dataclass(frozen=True)
class Listed:
    """An account without its secrets."""

    account_id: int
    name: str
    post: str
    is_active: bool
    is_demo: bool
    must_change_password: bool
    has_second_factor: bool
    created_at: dt.datetime
    password_changed_at: dt.datetime
    last_login: dt.datetime | None
    sessions: int
    grants: tuple[Granted, ...]


def list_accounts(cursor: Cursor, name: str | None = None) -> list[Listed]:
    """List accounts with what they are granted today or later, by name. name: only that one."""
    cursor.execute(_LIST, {"name": name, "idle": accounts.IDLE_H, "longest": accounts.LONGEST_H})
    return [Listed(**{**row._asdict(), "grants": tuple(map(_granted, row.grants))}) for row in cursor.fetchall()]


def get_listed(cursor: Cursor, name: str) -> Listed:
    """Return an account; NotFoundError without one of that name."""
    found = list_accounts(cursor, name)
    if not found:
        raise NotFoundError(f"there is no account {name[:63]}")
    return found[0]


def grant(cursor: Cursor, account_id: int, role: str, place: str | None = None) -> None:
    """Grant a role from today on. place: the county's code, or the cell's; None for roles of the city.

    A role in a cell is a duty: the account takes over its post's duty there, or a new one is begun.
    """
    check_place(cursor, role, place)
    if role in CELL_ROLES:
        _give_duty(cursor, account_id, role, str(place))
        return
    cursor.execute("SELECT gridmap.today()")
    today = cursor.fetchone()[0]
    cursor.execute("SAVEPOINT granting")
    try:
        accounts.insert_grant(cursor, account_id, role, place, f"[{today},)")
    except ExclusionViolation as error:
        cursor.execute("ROLLBACK TO SAVEPOINT granting")
        raise ConflictError(f"the account is {role} there already") from error
    cursor.execute("RELEASE SAVEPOINT granting")


def check_place(cursor: Cursor, role: str, place: str | None) -> None:
    """Raise UserError unless there is such a role, and such a county or cell for it."""
    if role not in ROLES:
        raise UserError(f"{role[:40]!r} is no role; expected one of {', '.join(ROLES)}")
    reach = ROLES[role].reach
    if reach == "city":
        if place:
            raise UserError(f"{role} is a role for the whole city; give it without a county or cell")
        return
    if not place:
        raise UserError(f"{role} is a role in a {reach}; give its code")
    if reach == "county":
        cursor.execute(
            "SELECT EXISTS (SELECT FROM gridmap.region WHERE code = %s AND level = 'county' "
            "AND in_force @> gridmap.today())",
            [place],
        )
    else:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM gridmap.grid_cell WHERE cell_code = %s AND kind = 'responsibility' "
            "AND in_force @> gridmap.today())",
            [place],
        )
    if not cursor.fetchone()[0]:
        raise UserError(f"there is no {reach} {place[:40]!r} today")


def revoke(cursor: Cursor, account_id: int, role: str, place: str | None = None) -> None:
    """Take a role away from today on; what was before stays answerable. NotFoundError when it is not held.

    A duty stays its post's: only the account no longer acts for it.
    """
    key = {"account": account_id, "role": role, "place": place}
    if role in CELL_ROLES:
        cursor.execute(
            "UPDATE gridmap.duty SET account_id = NULL WHERE account_id = %(account)s AND role = %(role)s "
            "AND cell_code = %(place)s AND NOT in_force << daterange(gridmap.today(), NULL)",
            key,
        )
        taken = cursor.rowcount
    else:
        which = (
            "account_id = %(account)s AND role = %(role)s AND county_code IS NOT DISTINCT FROM %(place)s "
            "AND NOT in_force << daterange(gridmap.today(), NULL)"
        )
        cursor.execute(
            f"DELETE FROM gridmap.role_grant WHERE {which} AND lower(in_force) >= gridmap.today()",
            key,
        )
        taken = cursor.rowcount
        cursor.execute(
            f"UPDATE gridmap.role_grant SET in_force = daterange(lower(in_force), gridmap.today()) WHERE {which}",
            key,
        )
        taken += cursor.rowcount
    if not taken:
        raise NotFoundError(f"the account is not {role[:40]}{f' in {place[:40]}' if place else ''}")


def set_password(cursor: Cursor, account_id: int, password_hash: str, *, must_change: bool) -> None:
    """Set a password that somebody chose or was given."""
    cursor.execute(
        "UPDATE gridmap.account SET password_hash = %s, must_change_password = %s, "
        "password_changed_at = gridmap.instant() WHERE account_id = %s",
        [password_hash, must_change, account_id],
    )


def renew_hash(cursor: Cursor, account_id: int, password_hash: str) -> None:
    """Keep the same password by stronger parameters."""
    cursor.execute("UPDATE gridmap.account SET password_hash = %s WHERE account_id = %s", [password_hash, account_id])


def set_second_factor(cursor: Cursor, account_id: int, secret: str | None, step: int | None = None) -> None:
    """Turn the second factor on (secret; step: that of the code which confirmed it) or off (None)."""
    cursor.execute(
        "UPDATE gridmap.account SET totp_secret = %s, totp_last_step = %s WHERE account_id = %s",
        [secret, step, account_id],
    )


def use_step(cursor: Cursor, account_id: int, step: int) -> bool:
    """Note that the code of a time step was used; False when it, or a later one, was used before."""
    cursor.execute(
        "UPDATE gridmap.account SET totp_last_step = %(step)s WHERE account_id = %(account)s "
        "AND (totp_last_step IS NULL OR totp_last_step < %(step)s)",
        {"step": step, "account": account_id},
    )
    return bool(cursor.rowcount)


def set_active(cursor: Cursor, account_id: int, active: bool) -> None:
    """Open or close an account; closing ends its sessions at once."""
    cursor.execute("UPDATE gridmap.account SET is_active = %s WHERE account_id = %s", [active, account_id])
    if not active:
        end_everywhere(cursor, account_id)


def end_everywhere(cursor: Cursor, account_id: int) -> int:
    """End all sessions and begun logins of an account and return how many sessions there were."""
    logins.delete_steps(cursor, account_id)
    return accounts.delete_sessions(cursor, account_id)


def count(cursor: Cursor) -> Mapping[str, int]:
    """Return how many accounts there are: active, admins among them, those of the demo."""
    cursor.execute(
        "SELECT count(*) FILTER (WHERE a.is_active) AS active, "
        "count(*) FILTER (WHERE a.is_active AND EXISTS (SELECT FROM gridmap.role_grant AS g "
        "WHERE g.account_id = a.account_id AND g.role = 'admin' AND g.in_force @> gridmap.today())) AS admins, "
        "count(*) FILTER (WHERE a.is_active AND a.is_demo) AS demo FROM gridmap.account AS a"
    )
    row = cursor.fetchone()
    return {"active": row.active, "admins": row.admins, "demo": row.demo}


def _give_duty(cursor: Cursor, account_id: int, role: str, cell_code: str) -> None:
    cursor.execute(
        "SELECT a.post, d.duty_id, d.account_id FROM gridmap.account AS a "
        "LEFT JOIN gridmap.duty AS d ON d.cell_code = %s AND d.role = %s AND d.post = a.post "
        "AND d.in_force @> gridmap.today() WHERE a.account_id = %s",
        [cell_code, role, account_id],
    )
    row = cursor.fetchone()
    if row.account_id is not None:
        raise ConflictError(
            f"the duty {role} of {row.post} in {cell_code} has an account already; revoke it there first"
        )
    if row.duty_id is not None:
        cursor.execute("UPDATE gridmap.duty SET account_id = %s WHERE duty_id = %s", [account_id, row.duty_id])
        return
    cursor.execute(
        "INSERT INTO gridmap.duty (cell_code, role, post, in_force, account_id) "
        "VALUES (%s, %s, %s, daterange(gridmap.today(), NULL), %s)",
        [cell_code, role, row.post, account_id],
    )


def _granted(found: Mapping[str, Any]) -> Granted:
    begins, ends = (dt.date.fromisoformat(text) if text else None for text in (found["from"], found["to"]))
    return Granted(found["role"], found["place"], found["name"], begins, ends)
