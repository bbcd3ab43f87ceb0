"""Readers for tests: an account with a session, made straight in the database, since hashing a password is slow."""

from __future__ import annotations

import re
import secrets

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridmap.auth import passwords, sessions
from gridmap.db.session import connect, transaction
from gridmap.domain.roles import CELL_ROLES
from gridmap.store import account_book, accounts

NO_PASSWORD = "$argon2id$none"
"""Fits no password: such an account is entered by its session only."""


def enter(url: str, role: str, place: str | None = None) -> str:
    """Return the token of a session of a new account with a role. place: code of its county or cell."""
    name = f"test-{role}-{secrets.token_hex(6)}"
    token = secrets.token_urlsafe(32)
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            account_id = accounts.insert_account(
                cursor, name, f"{role}-{place or '01'}", NO_PASSWORD, must_change=False
            )
            if role in CELL_ROLES:
                cursor.execute(
                    "INSERT INTO gridmap.duty (cell_code, role, post, in_force, account_id) "
                    "VALUES (%s, %s, %s, '(,)', %s)",
                    [place, role, name, account_id],
                )
            else:
                accounts.insert_grant(cursor, account_id, role, place)
            accounts.insert_session(cursor, account_id, sessions.digest(token), None, None)
    finally:
        conn.close()
    return token


def carry(client: FlaskClient, token: str) -> FlaskClient:
    """Have a client carry a session's cookie, and the form token with whatever it sends."""
    client.set_cookie(sessions.COOKIE, token)
    client.environ_base[f"HTTP_{sessions.HEADER.upper().replace('-', '_')}"] = sessions.form_token_of(token)
    return client


def enter_by_password(
    url: str, role: str | None = None, place: str | None = None, *, must_change: bool = False
) -> tuple[str, str]:
    """Return name and password of a new account that logs in like anybody else."""
    name, password = f"test-{secrets.token_hex(6)}", passwords.make()
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            account_id = accounts.insert_account(
                cursor, name, f"岗位-{name}", passwords.hash_password(password), must_change=must_change
            )
            if role is not None:
                account_book.grant(cursor, account_id, role, place)
    finally:
        conn.close()
    return name, password


def log_in(client: FlaskClient, name: str, password: str, address: str = "127.0.0.1", **more: str) -> TestResponse:
    """Send the login form as a browser does, with the token of its page."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    assert found
    data = {"name": name, "password": password, "csrf": found[1], **more}
    return client.post("/login", data=data, environ_base={"REMOTE_ADDR": address})
