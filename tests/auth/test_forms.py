"""Whatever changes something is refused without the form's token and from a page of somebody else: every route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from gridmap.auth import sessions
from gridmap.auth.access import ACCOUNT, ENDPOINTS, PUBLIC
from gridmap.db.session import connect, transaction
from gridmap.domain.roles import ROLES
from gridmap.store import drafts
from tests import accounts

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
PLACES = {"city": None, "county": "410181", "cell": "410181113"}


@pytest.fixture(scope="module")
def changing(app: Flask) -> list[tuple[Rule, str]]:
    """Return every route by a method that changes something."""
    return [(rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) & CHANGING]


@pytest.fixture(scope="module")
def tokens(city_url: str) -> dict[str, str]:
    """Return a session's token for each role."""
    return {role.id: accounts.enter(city_url, role.id, PLACES[role.reach]) for role in ROLES.values()}


@pytest.fixture(scope="module")
def draft(city_url: str) -> Iterator[int]:
    """Yield a draft of the county; it goes afterwards."""
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT zone_id FROM gridmap.zone WHERE county_code = %s ORDER BY zone_id", [PLACES["county"]])
        made = drafts.create(cursor, cursor.fetchone()[0], title="表单试验", author="test")
    yield made.zone_id
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [made.zone_id])
    conn.close()


def address(app: Flask, city_url: str, rule: Rule, draft: int) -> str:
    """Return an address of a route; of findings and drafts there is one that exists, whose form must not be answered."""
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT key FROM gridmap.finding WHERE status = 'open' ORDER BY key LIMIT 1")
            key = cursor.fetchone()[0]
    finally:
        conn.close()
    values = {name: 1 if type(kind).__name__ == "IntegerConverter" else key for name, kind in rule._converters.items()}
    if "code" in values:  # of a cell
        values["code"] = PLACES["cell"]
    if "zone_id" in values:
        values["zone_id"] = draft
    if "step" in values:  # of a draft
        values["step"] = "submit"
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def state(city_url: str) -> object:
    """Return what any change would have moved."""
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM gridmap.audit_log) AS log, "
                "(SELECT sum(version) FROM gridmap.data_version) AS data, "
                "(SELECT count(*) FROM gridmap.login_session) AS sessions, "
                "(SELECT count(*) FROM gridmap.login_attempt) AS attempts"
            )
            return tuple(cursor.fetchone())
    finally:
        conn.close()


def holder(endpoint: str) -> str:
    """Return a role that may ask for an endpoint."""
    needed = ENDPOINTS[endpoint]
    if needed in (PUBLIC, ACCOUNT):
        return "bureau"
    return next(role.id for role in ROLES.values() if needed in role.permissions)


def test_every_change_is_refused_without_its_token_and_from_elsewhere(
    app: Flask, city_url: str, changing: list[tuple[Rule, str]], tokens: dict[str, str], draft: int
) -> None:
    assert len(changing) >= 12
    before = state(city_url)
    for rule, method in changing:
        assert rule.endpoint in ENDPOINTS, rule
        token = tokens[holder(rule.endpoint)]
        path = address(app, city_url, rule, draft)
        for headers in (
            {},
            {sessions.HEADER: "x"},
            {sessions.HEADER: sessions.form_token_of("another session")},
            {sessions.HEADER: sessions.form_token_of(token), "Origin": "https://evil.example"},
            {sessions.HEADER: sessions.form_token_of(token), "Origin": "null"},
        ):
            client = app.test_client()
            client.set_cookie(sessions.COOKIE, token)
            assert client.open(path, method=method, headers=headers).status_code == 403, (rule, headers)
    assert state(city_url) == before


def test_without_a_session_nothing_changes_either(
    app: Flask, city_url: str, changing: list[tuple[Rule, str]], draft: int
) -> None:
    before = state(city_url)
    for rule, method in changing:
        answer = app.test_client().open(address(app, city_url, rule, draft), method=method)
        assert answer.status_code == (403 if ENDPOINTS[rule.endpoint] == PUBLIC else 401), rule
    assert state(city_url) == before
