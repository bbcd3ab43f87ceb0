"""Logging in: the password, then a code where the account wants one; and the password asked for again.

Unknown names, closed accounts and wrong passwords take the same way: the throttle, one argon2 verification, one answer.
A right password alone, where a code is owed, still counts as a failed attempt until the code is right.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Response, request

from gridmap.auth import passwords, record, second_factor, sessions, throttle
from gridmap.db.pool import system_connection
from gridmap.db.session import transaction
from gridmap.domain.roles import Reader
from gridmap.store import account_book, accounts, logins

STEP_COOKIE = "gridmap_step"


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. session: token of the session that began. step: token of a step that owes a code.

    wait_s: seconds until the next attempt is taken. is_over: the step has ended, the password is asked for again.
    right: what was asked for was right.
    """

    session: str | None = None
    step: str | None = None
    wait_s: int = 0
    is_over: bool = False
    right: bool = False


def tidy_name(typed: str) -> str:
    """Return a login name as it was meant: phones write a capital first."""
    return typed.strip().casefold()


def by_password(name: str, password: str) -> Outcome:
    """Take the first step, or the whole way where no code is owed."""
    if not name or not password:  # can be nobody's: there is nothing to look at and nothing to count
        return Outcome()
    with transaction(system_connection()) as cursor:
        attempt, wait_s = throttle.admit(cursor, name, request.remote_addr)
        if attempt is None:
            return Outcome(wait_s=wait_s)
        found = accounts.find_account(cursor, name) if "\x00" not in name else None
    # no transaction is held open while the hash takes its time
    fits = passwords.fits(found.password_hash if found else None, password)
    with transaction(system_connection()) as cursor:
        if found is None or not fits or not found.is_active:
            record.note_login(cursor, "login_failed", record.NOBODY, None, name_digest=throttle.digest(name))
            return Outcome()
        if passwords.is_outdated(found.password_hash):
            account_book.renew_hash(cursor, found.account_id, passwords.hash_password(password))
        if found.totp_secret:
            value = secrets.token_urlsafe(32)
            logins.insert_step(cursor, sessions.digest(value), found.account_id)
            return Outcome(step=value)
        logins.mark_right(cursor, attempt)
        record.note_login(cursor, "login", found.name, found.account_id)
        return Outcome(session=sessions.begin_anew(cursor, found.account_id), right=True)


def by_code(code: str) -> Outcome:
    """Take the second step with the code of the moment."""
    step = request.cookies.get(STEP_COOKIE, "")
    with transaction(system_connection()) as cursor:
        name = logins.find_step(cursor, sessions.digest(step))
        found = accounts.find_account(cursor, name) if name else None
        if found is None or not found.totp_secret:
            return Outcome(is_over=True)
        attempt, wait_s = throttle.admit(cursor, found.name, request.remote_addr)
        if attempt is None:
            return Outcome(wait_s=wait_s)
        if not takes_code(cursor, found, code):
            name_digest = throttle.digest(found.name)
            record.note_login(cursor, "login_failed", record.NOBODY, None, name_digest=name_digest, step="code")
            return Outcome()
        logins.mark_right(cursor, attempt)
        logins.delete_steps(cursor, found.account_id)
        record.note_login(cursor, "login", found.name, found.account_id, second_factor=True)
        return Outcome(session=sessions.begin_anew(cursor, found.account_id), right=True)


def takes_code(cursor: sessions.Cursor, found: accounts.AccountRow, code: str) -> bool:
    """Return whether a code is that of the moment, and see to it that it is not taken again."""
    if not found.totp_secret:
        return False
    step = second_factor.step_of(found.totp_secret, second_factor.tidy(code), logins.now(cursor), found.totp_last_step)
    return step is not None and account_book.use_step(cursor, found.account_id, step)


def ask_password_again(reader: Reader, password: str) -> Outcome:
    """Check the password of whoever is logged in, throttled as a login is: an open session is no way to guess it."""
    if not password:
        return Outcome()
    with transaction(system_connection()) as cursor:
        attempt, wait_s = throttle.admit(cursor, reader.name, request.remote_addr)
        if attempt is None:
            return Outcome(wait_s=wait_s)
        found = accounts.find_account(cursor, reader.name)
    if not passwords.fits(found.password_hash if found else None, password):
        return Outcome()
    with transaction(system_connection()) as cursor:
        logins.mark_right(cursor, attempt)
    return Outcome(right=True)


def keep_step(response: Response, value: str) -> Response:
    """Put a step's token into the reader's cookie."""
    response.set_cookie(
        STEP_COOKIE, value, max_age=logins.STEP_MIN * 60, httponly=True, samesite="Strict", secure=request.is_secure,
        path="/login",
    )  # fmt: skip
    return response


def drop_step(response: Response) -> Response:
    """Take a step's token out of the reader's cookie."""
    response.delete_cookie(STEP_COOKIE, httponly=True, samesite="Strict", secure=request.is_secure, path="/login")
    return response
