"""One's own account: password, sessions; what ends and what goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.auth import sessions
from gridmap.auth.throttle import NAME_HERE
from gridmap.db.session import connect, transaction
from gridmap.store import account_book, accounts
from tests import databases
from tests.accounts import carry, enter_by_password, log_in

NEW = "four unrelated words here"


@pytest.fixture(scope="module")
def world_url() -> Iterator[str]:
    """Return a database of its own."""
    with databases.migrated("account") as url:
        yield url


@pytest.fixture(scope="module")
def application(world_url: str) -> Iterator[Flask]:
    """Return the application on it."""
    app = create_app(world_url)
    app.config["TESTING"] = True
    yield app
    app.extensions["gridmap_pools"].close()


@pytest.fixture
def mine(application: Flask, world_url: str) -> tuple[FlaskClient, str, str]:
    """Return somebody logged in, with name and password."""
    name, password = enter_by_password(world_url, "bureau")
    return logged_in(application, name, password), name, password


def logged_in(app: Flask, name: str, password: str) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, name, password).status_code == 303
    return carry(client, cookie(client))


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(sessions.COOKIE)
    assert found is not None
    return found.value


def change(client: FlaskClient, old: str, new: str = NEW, again: str | None = None) -> tuple[int, str]:
    answer = client.post("/account/password", data={"old": old, "new": new, "again": new if again is None else again})
    return answer.status_code, answer.text


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_another_password_ends_all_other_sessions_and_keeps_this_one_under_a_new_token(
    application: Flask, mine: tuple[FlaskClient, str, str]
) -> None:
    client, name, password = mine
    other, before = logged_in(application, name, password), cookie(client)
    assert change(client, password)[0] == 303
    assert cookie(client) != before and is_in(client) and not is_in(other)
    thief = application.test_client()
    thief.set_cookie(sessions.COOKIE, before)
    assert not is_in(thief)
    assert log_in(application.test_client(), name, password).status_code == 401
    assert log_in(application.test_client(), name, NEW).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("short", None, "新密码应有 10 至 200 个字符"),
        ("a" * 12, None, "新密码应有 10 至 200 个字符"),
        ("x" + "0123456789" * 20, None, "新密码应有 10 至 200 个字符"),
        (NEW, "something else", "两次输入的新密码不一致。"),
        ("", None, "新密码应有"),
    ],
)
def test_a_password_that_will_not_do(
    mine: tuple[FlaskClient, str, str], new: str, again: str | None, sentence: str
) -> None:
    client, _name, password = mine
    status, page = change(client, password, new, again)
    assert status == 400 and sentence in page and password not in page and is_in(client)


def test_the_same_password_is_not_another(mine: tuple[FlaskClient, str, str]) -> None:
    client, _name, password = mine
    assert "新密码与原密码相同。" in change(client, password, password)[1]


def test_the_old_password_is_asked_for_and_cannot_be_guessed_here(mine: tuple[FlaskClient, str, str]) -> None:
    client, _name, password = mine
    for _ in range(NAME_HERE.free):
        status, page = change(client, "wrong")
        assert status == 400 and "密码不对。" in page
    assert change(client, password)[0] == 429
    assert is_in(client)


def test_whoever_was_given_a_password_changes_it_first(application: Flask, world_url: str) -> None:
    name, password = enter_by_password(world_url, "bureau", must_change=True)
    client = logged_in(application, name, password)
    for path in ("/", "/table", "/account", "/rules"):
        assert client.get(path).location == "/account/password", path
    assert client.get("/api/findings").status_code == 403
    assert "现在的密码是别人设置的" in client.get("/account/password").text
    assert change(client, password)[0] == 303
    assert client.get("/rules").status_code == 200


def test_sessions_are_listed_and_ended(application: Flask, mine: tuple[FlaskClient, str, str]) -> None:
    client, name, password = mine
    others = [logged_in(application, name, password) for _ in range(3)]
    page = client.get("/account").text
    assert page.count("本会话") == 1 and page.count("127.0.0.1") == 4
    assert cookie(client) not in page and sessions.digest(cookie(client)) not in page
    handle = sessions.digest(cookie(others[0]))[:16]
    assert client.post(f"/account/sessions/{handle}").status_code == 303
    assert [is_in(each) for each in others] == [False, True, True]
    assert client.post("/account/sessions/others").status_code == 303
    assert [is_in(each) for each in others] == [False, False, False] and is_in(client)


def test_nobody_ends_the_sessions_of_others(
    application: Flask, world_url: str, mine: tuple[FlaskClient, str, str]
) -> None:
    client, _name, _password = mine
    other = logged_in(application, *enter_by_password(world_url, "bureau"))
    client.post(f"/account/sessions/{sessions.digest(cookie(other))[:16]}")
    client.post("/account/sessions/others")
    assert is_in(other)


def test_closing_an_account_ends_its_sessions_at_once(world_url: str, mine: tuple[FlaskClient, str, str]) -> None:
    client, name, _password = mine
    conn = connect(world_url)
    with transaction(conn) as cursor:
        account_book.set_active(cursor, account_book.get_listed(cursor, name).account_id, False)
        account_book.set_active(cursor, account_book.get_listed(cursor, name).account_id, True)
        assert accounts.find_account(cursor, name) is not None
    conn.close()
    assert not is_in(client)


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/second-factor", "/login"])
def test_no_cache_keeps_these_pages(mine: tuple[FlaskClient, str, str], path: str) -> None:
    answer = mine[0].get(path)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
