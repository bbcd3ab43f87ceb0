"""The form that accepts a finding as an exception: only for the bureau, and only from a page of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridmap.app import create_app
from gridmap.auth import sessions
from gridmap.db.session import Connection, connect, transaction
from gridmap.domain import finding
from gridmap.rules import catalogue, engine
from gridmap.rules.catalogue import Catalogue
from gridmap.store.exceptions import find_exception
from gridmap.store.findings import get_finding, list_events
from tests import accounts, databases
from tests.builders import add_region, add_village, box

VILLAGE = "410181113001"
KEY = finding.key("COAL-01", VILLAGE, "")
SENT = {"reason": "整村搬迁在即", "document": "政府纪要〔2020〕1号", "post": "网格长-01", "until": "2020-12-31"}
PATH = f"/findings/{KEY}/exception"


@pytest.fixture(scope="module")
def world_url() -> Iterator[str]:
    """Return a database of its own with one finding: what pages change stays changed."""
    with databases.migrated("form") as url:
        with connect(url) as conn, transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 20, 20), parent="410100")
            add_village(cursor, VILLAGE, [1, 1], error_m=150)
        yield url


@pytest.fixture
def world(world_url: str) -> Iterator[Connection]:
    """Return a connection to that database, its finding open and without a history."""
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("TRUNCATE gridmap.finding, gridmap.finding_event, gridmap.run CASCADE")
    rule = catalogue.load().get("COAL-01")
    engine.audit(conn, catalogue=Catalogue((rule,), (), "one"))
    yield conn
    conn.close()


@pytest.fixture
def application(world: Connection, world_url: str) -> Iterator[Flask]:
    """Return an application; its connections end with the test."""
    app = create_app(world_url)
    app.config["TESTING"] = True
    yield app
    app.extensions["gridmap_pools"].close()


def logged_in(app: Flask, url: str, role: str, place: str | None = None) -> FlaskClient:
    """Return a client that carries a session, but sends no form token by itself."""
    client = app.test_client()
    client.set_cookie(sessions.COOKIE, accounts.enter(url, role, place))
    return client


@pytest.fixture
def editor(application: Flask, world_url: str) -> FlaskClient:
    """Return the bureau."""
    return logged_in(application, world_url, "bureau")


def token(client: FlaskClient) -> str:
    page = client.get(f"/findings/{KEY}")
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, "the page has no form"
    return found[1]


def send(client: FlaskClient, path: str = PATH, **changes: str) -> TestResponse:
    return client.post(path, data={**SENT, "csrf": token(client), **changes})


def events(conn: Connection) -> list[str]:
    return [event.event for event in list_events(conn, KEY)]


@pytest.mark.parametrize(("role", "place"), [("planner", "410181"), ("auditor", None)])
def test_who_may_not_decide_sees_no_form_and_is_refused(
    application: Flask, world: Connection, world_url: str, role: str, place: str | None
) -> None:
    client = logged_in(application, world_url, role, place)
    page = client.get(f"/findings/{KEY}").text
    assert "/exception" not in page
    for path in (PATH, f"{PATH}/revocation"):
        assert client.post(path, data={**SENT, "csrf": token(client)}).status_code == 403
    assert events(world) == ["opened"]


def test_who_is_not_logged_in_is_asked_to(application: Flask, world: Connection) -> None:
    assert application.test_client().post(PATH, data=SENT).status_code == 401
    assert events(world) == ["opened"]


def test_accepting_shows_the_exception_and_its_history(editor: FlaskClient, world: Connection) -> None:
    answer = send(editor)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/findings/{KEY}#exception")
    kept = find_exception(world, KEY)
    assert kept is not None and kept.status == "accepted"
    assert (kept.accepted_reason, kept.accepted_document, kept.accepted_by) == tuple(list(SENT.values())[:3])
    page = editor.get(f"/findings/{KEY}").text
    for text in (*SENT.values(), "已认可例外", "认可为例外：整村搬迁在即", "撤销理由"):
        assert text in page
    english = editor.get(f"/findings/{KEY}?lang=en").text
    assert "Accepted as an exception" in english and "Revoke the exception" in english


def test_revoking_opens_it_again(editor: FlaskClient, world: Connection) -> None:
    send(editor)
    refused = send(editor, f"{PATH}/revocation", revocation=" ")
    assert refused.status_code == 400 and "请填写" in refused.text
    assert send(editor, f"{PATH}/revocation", revocation="搬迁已取消").status_code == 303
    assert get_finding(world, KEY).status == "open" and find_exception(world, KEY) is None
    assert events(world) == ["opened", "accepted", "revoked"]
    page = editor.get(f"/findings/{KEY}").text
    assert "搬迁已取消" in page and "认可为例外" in page


def test_sending_twice_records_once(editor: FlaskClient, world: Connection) -> None:
    kept = token(editor)
    answers = [editor.post(PATH, data={**SENT, "csrf": kept}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "没有保存" in answers[1].text and "已认可例外" in answers[1].text
    assert events(world) == ["opened", "accepted"]
    answers = [editor.post(f"{PATH}/revocation", data={"revocation": "误认可", "csrf": kept}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert events(world) == ["opened", "accepted", "revoked"]


@pytest.mark.parametrize("sent", ["", "x", "误"])
def test_without_its_token_it_is_refused_and_nothing_typed_is_lost(
    editor: FlaskClient, world: Connection, sent: str
) -> None:
    token(editor)
    answer = editor.post(PATH, data={**SENT, "csrf": sent})
    assert answer.status_code == 403 and "页面已过期" in answer.text and SENT["reason"] in answer.text
    assert events(world) == ["opened"]


def test_the_token_of_another_session_is_refused(editor: FlaskClient, world: Connection, world_url: str) -> None:
    other = logged_in(editor.application, world_url, "bureau")
    assert editor.post(PATH, data={**SENT, "csrf": token(other)}).status_code == 403
    assert events(world) == ["opened"]


@pytest.mark.parametrize("origin", ["https://other.example", "null"])
def test_from_a_page_of_somebody_else_it_is_refused(editor: FlaskClient, world: Connection, origin: str) -> None:
    answer = editor.post(PATH, data={**SENT, "csrf": token(editor)}, headers={"Origin": origin})
    assert answer.status_code == 403 and "没有改动任何内容" in answer.text
    assert events(world) == ["opened"]


def test_who_accepted_it_is_logged_with_before_and_after(editor: FlaskClient, world: Connection) -> None:
    send(editor)
    with transaction(world) as cursor:
        cursor.execute(
            "SELECT actor, action, before->>'status' AS was, after->>'status' AS is_now FROM gridmap.audit_log "
            "WHERE relation = 'finding' AND row_key = %s ORDER BY log_id DESC LIMIT 1",
            [KEY],
        )
        row = cursor.fetchone()
    assert row.actor.startswith("test-bureau-")
    assert (row.action, row.was, row.is_now) == ("update", "open", "accepted")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", "  ", "请填写。"),
        ("document", "", "请填写。"),
        ("post", "长" * 501, "有 501 个字，最多 500 个。"),
        ("reason", "甲\x00乙", "含有无效字符。"),
        ("until", "", "请填写。"),
        ("until", "2020-10-14", "早于平台的今天 2020-10-15"),
        ("until", "2020-02-30", "应为年-月-日"),
        ("until", "20201231", "应为年-月-日"),
        ("until", "9999-12-31", "应为年-月-日"),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    editor: FlaskClient, world: Connection, field: str, value: str, sentence: str
) -> None:
    answer = send(editor, **{field: value})
    assert answer.status_code == 400
    beside = re.search(rf'id="wrong-{field}">([^<]*)<', answer.text)
    assert beside and sentence in beside[1]
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true" autofocus', answer.text)
    for name, text in SENT.items():
        assert name == field or text in answer.text
    assert events(world) == ["opened"]


def test_what_was_typed_is_text(editor: FlaskClient) -> None:
    answer = send(editor, reason="<script>alert(1)</script>", until="x")
    assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text


def test_an_unknown_finding_is_not_found(editor: FlaskClient) -> None:
    assert send(editor, "/findings/0123/exception").status_code == 404


def test_switching_the_language_on_a_refused_form_leads_back(editor: FlaskClient) -> None:
    answer = editor.get(f"{PATH}?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/findings/{KEY}?lang=en")


def test_another_day_has_no_form(editor: FlaskClient) -> None:
    assert "/exception" not in editor.get(f"/findings/{KEY}?as_of=2020-09-01").text
