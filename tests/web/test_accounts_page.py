"""The admin's pages: accounts made, granted, reset and closed; everybody else stays outside."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.db.session import Connection, connect, transaction
from gridmap.store import account_book
from tests import databases
from tests.accounts import carry, enter, enter_by_password, log_in
from tests.builders import add_region, box, multi

CELL = "410181113"


@pytest.fixture(scope="module")
def world_url() -> Iterator[str]:
    """Return a database with a county and a cell, whose chief has a duty and no account."""
    with databases.migrated("accounts") as url:
        with connect(url) as conn, transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 20, 20), parent="410100")
            cursor.execute(
                "INSERT INTO gridmap.grid_cell (cell_code, kind, level, name, county_code, in_force, geom, "
                "position_error_m, source) VALUES (%s, 'responsibility', 'township', '回郭镇', '410181', '(,)', "
                "ST_GeomFromWKB(%s, 4490), 0, 'test')",
                [CELL, multi(box(0, 0, 5, 5))],
            )
            cursor.execute(
                "INSERT INTO gridmap.duty (cell_code, role, post, in_force) VALUES (%s, 'chief', '网格长-01', '(,)')",
                [CELL],
            )
        yield url


@pytest.fixture(scope="module")
def application(world_url: str) -> Iterator[Flask]:
    """Return the application on it."""
    app = create_app(world_url)
    app.config["TESTING"] = True
    yield app
    app.extensions["gridmap_pools"].close()


@pytest.fixture
def world(world_url: str) -> Iterator[Connection]:
    """Return a connection to it."""
    conn = connect(world_url)
    yield conn
    conn.close()


@pytest.fixture
def admin(application: Flask, world_url: str) -> FlaskClient:
    """Return an administrator."""
    return carry(application.test_client(), enter(world_url, "admin"))


def make(admin: FlaskClient, name: str, **more: str) -> str:
    answer = admin.post("/accounts", data={"name": name, "post": "岗位-01", **more})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return password_in(answer.text)


def password_in(page: str) -> str:
    found = re.search(r"<code>((?:[a-z0-9]{4}-){3}[a-z0-9]{4})</code>", page)
    assert found, "no password is shown"
    return found[1]


def grants(conn: Connection, name: str) -> list[tuple[str, str | None]]:
    with transaction(conn) as cursor:
        return [(grant.role, grant.place) for grant in account_book.get_listed(cursor, name).grants]


def test_an_account_is_made_and_its_password_shown_once(
    application: Flask, admin: FlaskClient, world: Connection
) -> None:
    password = make(admin, "inspector-09", role="inspector", county="410181")
    assert grants(world, "inspector-09") == [("inspector", "410181")]
    for path in ("/accounts", "/accounts/inspector-09", "/log"):
        assert password not in admin.get(path).text, path
    client = application.test_client()
    assert log_in(client, "inspector-09", password).status_code == 303
    assert client.get("/").location == "/account/password"
    with transaction(world) as cursor:
        cursor.execute(
            "SELECT actor FROM gridmap.audit_log WHERE relation = 'account' AND after->>'name' = 'inspector-09'"
        )
        assert cursor.fetchone()[0].startswith("test-admin-")


def test_a_chief_takes_over_the_duty_of_his_post(admin: FlaskClient, world: Connection) -> None:
    make(admin, "chief-09", post="网格长-01", role="chief", cell=CELL)
    assert grants(world, "chief-09") == [("chief", CELL)]
    with transaction(world) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.duty")
        assert cursor.fetchone()[0] == 1
    again = admin.post("/accounts", data={"name": "chief-10", "post": "网格长-01", "role": "chief", "cell": CELL})
    assert again.status_code == 409 and "已有账号" in again.text
    assert admin.post("/accounts/chief-09/roles/revocation", data={"role": "chief", "place": CELL}).status_code == 303
    assert grants(world, "chief-09") == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "x"}, "用户名应为"),
        ({"name": "张三"}, "用户名应为"),
        ({"name": "-x-"}, "用户名应为"),
        ({"post": " "}, "请填写岗位"),
        ({"post": "长" * 81}, "请填写岗位"),
        ({"role": "emperor"}, "请选择角色。"),
        ({"role": "inspector"}, "请选择县（市、区）。"),
        ({"role": "inspector", "county": "999999"}, "请选择县（市、区）。"),
        ({"role": "chief", "cell": "nowhere"}, "请填写今天有效的责任网格代码。"),
    ],
)
def test_a_mistake_is_one_sentence_and_makes_nothing(
    admin: FlaskClient, world: Connection, typed: dict[str, str], sentence: str
) -> None:
    data = {"name": "planner-09", "post": "规划岗-01", **typed}
    answer = admin.post("/accounts", data=data)
    assert answer.status_code == 400 and sentence in answer.text
    with transaction(world) as cursor:
        assert account_book.list_accounts(cursor, data["name"]) == []


def test_a_name_is_given_once(admin: FlaskClient) -> None:
    make(admin, "twice-01")
    answer = admin.post("/accounts", data={"name": "twice-01", "post": "岗位-02"})
    assert answer.status_code == 409 and "已有同名账号" in answer.text


def test_roles_are_granted_and_revoked_from_today_on(admin: FlaskClient, world: Connection) -> None:
    make(admin, "planner-10")
    grant = {"role": "planner", "county": "410181"}
    assert admin.post("/accounts/planner-10/roles", data=grant).status_code == 303
    assert admin.post("/accounts/planner-10/roles", data=grant).status_code == 409
    assert admin.post("/accounts/planner-10/roles", data={"role": "planner"}).status_code == 400
    assert grants(world, "planner-10") == [("planner", "410181")]
    gone = {"role": "planner", "place": "410181"}
    assert admin.post("/accounts/planner-10/roles/revocation", data=gone).status_code == 303
    assert admin.post("/accounts/planner-10/roles/revocation", data=gone).status_code == 409
    assert grants(world, "planner-10") == []


def test_a_reset_password_ends_sessions_and_waits(application: Flask, admin: FlaskClient, world_url: str) -> None:
    name, old = enter_by_password(world_url, "bureau")
    client = application.test_client()
    log_in(client, name, old)
    for _ in range(6):
        log_in(application.test_client(), name, "wrong")
    new = password_in(admin.post(f"/accounts/{name}/password").text)
    assert client.get("/account").status_code == 303
    assert log_in(application.test_client(), name, old).status_code == 401
    assert log_in(application.test_client(), name, new).status_code == 303


def test_an_account_is_closed_and_opened(application: Flask, admin: FlaskClient, world_url: str) -> None:
    name, password = enter_by_password(world_url, "bureau")
    client = application.test_client()
    log_in(client, name, password)
    assert admin.post(f"/accounts/{name}/active", data={"active": "no"}).status_code == 303
    assert client.get("/account").status_code == 303
    assert log_in(client, name, password).status_code == 401
    assert "已停用" in admin.get(f"/accounts/{name}").text
    assert admin.post(f"/accounts/{name}/active", data={"active": "yes"}).status_code == 303
    assert log_in(client, name, password).status_code == 303
    assert admin.post(f"/accounts/{name}/sessions").status_code == 303
    assert client.get("/account").status_code == 303


def test_no_admin_shuts_himself_out(application: Flask, world_url: str) -> None:
    name, password = enter_by_password(world_url, "admin")
    client = application.test_client()
    log_in(client, name, password)
    cookie = client.get_cookie("gridmap_login")
    assert cookie is not None
    carry(client, cookie.value)
    assert client.post(f"/accounts/{name}/active", data={"active": "no"}).status_code == 409
    assert client.post(f"/accounts/{name}/roles/revocation", data={"role": "admin"}).status_code == 409
    assert client.get("/accounts").status_code == 200


@pytest.mark.parametrize("name", ["nobody-here", "'; --", "%00", "x" * 500])
def test_an_unknown_account(admin: FlaskClient, name: str) -> None:
    assert admin.get(f"/accounts/{name}").status_code == 404
    assert admin.post(f"/accounts/{name}/password").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads"), [("auditor", True), ("bureau", False), ("inspector", False), ("chief", False)]
)
def test_others_change_nothing(application: Flask, world_url: str, admin: FlaskClient, role: str, reads: bool) -> None:
    if role == "auditor":
        make(admin, "seen-01")
    place = {"inspector": "410181", "chief": CELL}.get(role)
    client = carry(application.test_client(), enter(world_url, role, place))
    listed = client.get("/accounts")
    assert listed.status_code == (200 if reads else 403)
    assert "开设账号" not in listed.text
    assert client.post("/accounts", data={"name": "mine-01", "post": "x"}).status_code == 403
    assert client.post("/accounts/seen-01/password").status_code == 403
    assert client.post("/accounts/seen-01/roles", data={"role": "admin"}).status_code == 403
