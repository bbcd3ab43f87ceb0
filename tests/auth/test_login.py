"""Logging in tells nothing to whoever has no password, and lets in whoever has."""

from __future__ import annotations

import re
import statistics
import time

import argon2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.auth import passwords, sessions
from gridmap.db.session import Connection, transaction
from gridmap.store import account_book, accounts
from tests.accounts import enter_by_password, log_in

SENTENCE = "用户名或密码不对。"


def scalar(conn: Connection, statement: str, *values: object) -> object:
    with transaction(conn) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def test_whoever_has_the_password_is_let_in(visitor: FlaskClient, world_url: str, world: Connection) -> None:
    name, password = enter_by_password(world_url, "bureau")
    answer = log_in(visitor, name.upper(), password, next="/rules?q=x")
    assert (answer.status_code, answer.location) == (303, "/rules?q=x")
    cookie = visitor.get_cookie(sessions.COOKIE)
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    assert visitor.get("/account").status_code == 200
    logged = scalar(world, "SELECT action FROM gridmap.audit_log WHERE actor = %s ORDER BY log_id DESC LIMIT 1", name)
    assert logged == "login"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"])
def test_nobody_is_led_elsewhere(visitor: FlaskClient, world_url: str, elsewhere: str) -> None:
    assert log_in(visitor, *enter_by_password(world_url, "bureau"), next=elsewhere).location == "/start"


def test_unknown_closed_and_wrong_are_answered_alike(
    visitor: FlaskClient, world_url: str, world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, password = enter_by_password(world_url, "bureau")
    closed, its_password = enter_by_password(world_url, "bureau")
    with transaction(world) as cursor:
        account_book.set_active(cursor, account_book.get_listed(cursor, closed).account_id, False)
    verified = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: argon2.PasswordHasher, kept: str, typed: str) -> bool:
        verified.append(kept)
        return verify(hasher, kept, typed)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    pages = []
    for tried, typed in (("nobody-here", password), (name, "wrong"), (closed, its_password), ("\x00", password)):
        verified.clear()
        answer = log_in(visitor, tried, typed)
        assert (answer.status_code, len(verified)) == (401, 1), tried
        assert all(kept.split("$")[:4] == verified[0].split("$")[:4] for kept in verified)
        page = answer.text.replace(f'value="{tried}"', "")
        pages.append(re.sub(r'(csrf|id="name" name="name") ?(value="[^"]*")?|nonce="[^"]*"| autofocus', "", page))
    assert SENTENCE in pages[0]
    assert pages[0] == pages[1] == pages[2]


def test_unknown_names_take_as_long_as_wrong_passwords(visitor: FlaskClient, world_url: str, world: Connection) -> None:
    name, _password = enter_by_password(world_url, "bureau")
    log_in(visitor, "warm-up", "x")
    taken: dict[str, list[float]] = {name: [], "nobody-here": []}
    for number in range(4):
        for tried, seconds in taken.items():
            began = time.perf_counter()
            assert log_in(visitor, tried, "wrong", f"10.0.0.{number}").status_code == 401
            seconds.append(time.perf_counter() - began)
    known, unknown = (statistics.median(seconds) for seconds in taken.values())
    assert 0.5 < known / unknown < 2, (known, unknown)  # without the hash it would be a fifth


def test_what_was_typed_as_a_name_is_kept_as_a_digest_only(visitor: FlaskClient, world: Connection) -> None:
    log_in(visitor, "my-secret-password", "x")
    with transaction(world) as cursor:
        cursor.execute("SELECT actor, action, after::text FROM gridmap.audit_log ORDER BY log_id DESC LIMIT 1")
        actor, action, after = cursor.fetchone()
        assert (actor, action) == ("-", "login_failed") and "name_digest" in after and "secret" not in after
        cursor.execute("SELECT count(*) FROM gridmap.login_attempt WHERE name_digest LIKE '%%secret%%'")
        assert cursor.fetchone()[0] == 0


def test_an_outdated_hash_is_renewed(visitor: FlaskClient, world_url: str, world: Connection) -> None:
    name, password = enter_by_password(world_url, "bureau")
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(password)
    with transaction(world) as cursor:
        account_id = account_book.get_listed(cursor, name).account_id
        account_book.renew_hash(cursor, account_id, weak)
        changed_at = account_book.get_listed(cursor, name).password_changed_at
    assert log_in(visitor, name, password).status_code == 303
    with transaction(world) as cursor:
        found = accounts.find_account(cursor, name)
        assert found is not None and found.password_hash != weak and not passwords.is_outdated(found.password_hash)
        assert account_book.get_listed(cursor, name).password_changed_at == changed_at
    assert log_in(visitor, name, password).status_code == 303


def test_logging_in_again_ends_the_session_that_was_carried(
    application: Flask, visitor: FlaskClient, world_url: str
) -> None:
    name, password = enter_by_password(world_url, "bureau")
    log_in(visitor, name, password)
    old = visitor.get_cookie(sessions.COOKIE)
    log_in(visitor, name, password)
    assert old is not None and visitor.get_cookie(sessions.COOKIE).value != old.value  # type: ignore[union-attr]
    thief = application.test_client()
    thief.set_cookie(sessions.COOKIE, old.value)
    assert thief.get("/account").location == "/login?next=%2Faccount"


def test_a_login_page_that_expired_gives_back_the_name(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={"name": "bureau-01", "password": "x"})
    assert answer.status_code == 403
    assert "登录页已过期" in answer.text and 'value="bureau-01"' in answer.text


def test_logging_out_ends_the_session(application: Flask, visitor: FlaskClient, world_url: str) -> None:
    name, password = enter_by_password(world_url, "bureau")
    log_in(visitor, name, password)
    kept = visitor.get_cookie(sessions.COOKIE)
    assert kept is not None
    answer = visitor.post("/logout", data={"csrf": sessions.form_token_of(kept.value)})
    assert (answer.status_code, answer.location) == (303, "/login")
    visitor.set_cookie(sessions.COOKIE, kept.value)
    assert visitor.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("column", "ago", "lives"),
    [
        ("last_seen_at", "11 hours", True),
        ("last_seen_at", "13 hours", False),
        ("created_at", "6 days", True),
        ("created_at", "8 days", False),
    ],
)
def test_a_session_ends_by_itself(
    visitor: FlaskClient, world_url: str, world: Connection, column: str, ago: str, lives: bool
) -> None:
    log_in(visitor, *enter_by_password(world_url, "bureau"))
    kept = visitor.get_cookie(sessions.COOKIE)
    assert kept is not None
    with transaction(world) as cursor:
        cursor.execute(
            f"UPDATE gridmap.login_session SET {column} = {column} - %s::interval WHERE session_id = %s",
            [ago, sessions.digest(kept.value)],
        )
    assert (visitor.get("/account").status_code == 200) is lives


@pytest.mark.parametrize("cookie", ["", "x", "'; DROP TABLE gridmap.account; --", "é", "a" * 3000])
def test_a_tampered_cookie_is_nobody(visitor: FlaskClient, cookie: str) -> None:
    visitor.set_cookie(sessions.COOKIE, cookie)
    assert visitor.get("/account").location == "/login?next=%2Faccount"
