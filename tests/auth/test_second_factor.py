"""The second factor: codes of the moment, each once, in a second step that counts as an attempt."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.auth import second_factor, sessions
from gridmap.auth.login import STEP_COOKIE
from gridmap.auth.throttle import NAME_HERE
from gridmap.db.session import Connection, transaction
from gridmap.store import account_book, accounts, logins
from tests.accounts import enter_by_password, log_in

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""“12345678901234567890” in base32: the secret of RFC 6238's examples, whose last six digits are below."""
RFC = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize("seconds", RFC)
def test_codes_are_those_of_the_standard(seconds: int) -> None:
    assert second_factor.step_of(RFC_SECRET, RFC[seconds], at(seconds)) == seconds // 30
    for early_or_late in (-30, 30):
        assert second_factor.step_of(RFC_SECRET, RFC[seconds], at(seconds + early_or_late)) == seconds // 30
    for far in (-61, 61):
        assert second_factor.step_of(RFC_SECRET, RFC[seconds], at(seconds + far)) is None


def test_a_step_is_taken_once_and_none_before_it() -> None:
    assert second_factor.step_of(RFC_SECRET, RFC[59], at(59), last_step=1) is None
    assert second_factor.step_of(RFC_SECRET, RFC[59], at(59), last_step=2) is None
    assert second_factor.step_of(RFC_SECRET, RFC[59], at(59), last_step=0) == 1


@pytest.mark.parametrize("typed", ["287 082", "２８７０８２", "287-082", " 287082\n"])
def test_a_code_may_be_typed_as_it_is_read(typed: str) -> None:
    assert second_factor.tidy(typed) == "287082"


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "０x1", "é" * 100, "\x00"])
def test_other_texts_are_no_code(typed: str) -> None:
    assert second_factor.step_of(RFC_SECRET, second_factor.tidy(typed), at(59)) is None


def test_the_qr_code_needs_no_script_and_no_style() -> None:
    drawn = second_factor.qr_code(second_factor.address(RFC_SECRET, "bureau-01"))
    assert drawn.startswith("<svg") and "script" not in drawn and "style" not in drawn and "href" not in drawn


@pytest.fixture
def secured(world_url: str, world: Connection) -> tuple[str, str, pyotp.TOTP]:
    """Return name, password and generator of an account with a second factor."""
    name, password = enter_by_password(world_url, "bureau")
    secret = second_factor.make_secret()
    with transaction(world) as cursor:
        account_book.set_second_factor(cursor, account_book.get_listed(cursor, name).account_id, secret)
    return name, password, pyotp.TOTP(secret)


def send_code(client: FlaskClient, code: str) -> tuple[int, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login/code").text)
    assert found
    answer = client.post("/login/code", data={"code": code, "csrf": found[1], "next": "/rules"})
    return answer.status_code, answer.location or answer.text


def code_now(world: Connection, generator: pyotp.TOTP) -> str:
    with transaction(world) as cursor:
        return generator.at(logins.now(cursor))


def test_the_password_alone_admits_to_nothing(
    visitor: FlaskClient, world: Connection, secured: tuple[str, str, pyotp.TOTP]
) -> None:
    name, password, generator = secured
    answer = log_in(visitor, name, password, next="/rules")
    assert (answer.status_code, answer.location) == (303, "/login/code?next=/rules")
    assert visitor.get_cookie(sessions.COOKIE) is None
    assert visitor.get("/account").location == "/login?next=%2Faccount"
    assert send_code(visitor, "000000")[0] == 401
    assert send_code(visitor, code_now(world, generator)) == (303, "/rules")
    assert visitor.get("/account").status_code == 200
    assert visitor.get_cookie(STEP_COOKIE, path="/login") is None


def test_a_code_is_not_taken_twice(application: Flask, world: Connection, secured: tuple[str, str, pyotp.TOTP]) -> None:
    name, password, generator = secured
    code = code_now(world, generator)
    for expected in (303, 401):
        client = application.test_client()
        log_in(client, name, password)
        assert send_code(client, code)[0] == expected


def test_codes_are_throttled_like_passwords_and_the_password_resets_nothing(
    visitor: FlaskClient, world: Connection, secured: tuple[str, str, pyotp.TOTP]
) -> None:
    name, password, generator = secured
    statuses = []
    for _ in range(NAME_HERE.free):
        if log_in(visitor, name, password).status_code == 303:
            statuses.append(send_code(visitor, "000000")[0])
    assert statuses == [401, 401, 429]  # a right password and a wrong code are an attempt each
    assert log_in(visitor, name, password).status_code == 429
    assert send_code(visitor, code_now(world, generator))[0] == 429


def test_a_step_ends_after_some_minutes(
    visitor: FlaskClient, world: Connection, secured: tuple[str, str, pyotp.TOTP]
) -> None:
    name, password, generator = secured
    log_in(visitor, name, password)
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.login_step SET created_at = created_at - interval '6 minutes'")
    status, page = send_code(visitor, code_now(world, generator))
    assert status == 401 and "这次登录已超时" in page


def test_it_is_on_only_after_a_first_code(visitor: FlaskClient, world_url: str, world: Connection) -> None:
    name, password = enter_by_password(world_url, "bureau")
    log_in(visitor, name, password)
    page = visitor.get("/account/second-factor").text
    secret, token = (re.search(rf'name="{field}" value="([^"]+)"', page)[1] for field in ("secret", "csrf"))  # type: ignore[index]
    assert second_factor.is_secret(secret) and "<svg" in page

    def send(**changes: str) -> int:
        data = {"secret": secret, "csrf": token, "password": password, "code": code_now(world, pyotp.TOTP(secret))}
        return visitor.post("/account/second-factor", data={**data, **changes}).status_code

    def is_on() -> bool:
        with transaction(world) as cursor:
            return account_book.get_listed(cursor, name).has_second_factor

    assert send(code="000000") == send(password="wrong") == send(secret="AAAA") == 400 and not is_on()
    assert send() == 303 and is_on()
    page = visitor.get("/account/second-factor").text
    assert secret not in page and "停用验证码" in page
    off = visitor.post("/account/second-factor/off", data={"csrf": token, "password": "wrong"})
    assert off.status_code == 400 and is_on()
    off = visitor.post("/account/second-factor/off", data={"csrf": token, "password": password})
    assert off.status_code == 303 and not is_on()
    with transaction(world) as cursor:
        found = accounts.find_account(cursor, name)
        cursor.execute("SELECT string_agg(l::text, ' ') FROM gridmap.audit_log AS l WHERE actor = %s", [name])
        logged = cursor.fetchone()[0]
    assert (
        found is not None and "second_factor" in logged and secret not in logged and found.password_hash not in logged
    )
