"""Whatever changes something is refused without the form's token and from a page of somebody else: every route."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from gridmap.auth import sessions
from gridmap.auth.access import ACCOUNT, ENDPOINTS, PUBLIC
from gridmap.db.session import connect, transaction
from gridmap.domain.roles import ROLES
from tests import access, accounts, imports

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def changing(app: Flask) -> list[tuple[Rule, str]]:
    """Return every route by a method that changes something."""
    return [(rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) & CHANGING]


@pytest.fixture(scope="module")
def world(city_url: str) -> Iterator[dict[str, Any]]:
    """Yield a thing of each kind that forms are about; they go afterwards."""
    conn = connect(city_url)
    try:
        with access.things(conn) as found:
            yield found
    finally:
        conn.close()


@pytest.fixture(scope="module")
def tokens(city_url: str, world: dict[str, Any]) -> dict[str, str]:
    """Return a session's token for each role."""
    places = {"city": None, "county": world["county"], "cell": world["cell"]}
    return {role.id: accounts.enter(city_url, role.id, places[role.reach]) for role in ROLES.values()}


@pytest.fixture(scope="module")
def waiting(app: Flask, tokens: dict[str, str]) -> str:
    """Return the name of a file that an inspector sent and that waits to be imported."""
    sent = imports.send(accounts.carry(app.test_client(), tokens["inspector"]), imports.text([]))
    return re.split("[/?]", sent)[3]


STEPS = {"web.take_tour_step": "done", "web.take_draft_step": "submit"}
NAMED = {"zone_id": "draft", "draw_id": "random_draw", "tour_id": "tour", "site_id": "site", "key": "finding"}
"""Parts of addresses by the name that the table of rights has for them."""


def address(app: Flask, world: dict[str, Any], waiting: str, rule: Rule) -> str:
    """Return an address of a route: that of a thing which exists, whose form must not be answered."""
    things = world["things"]["own"].values
    values: dict[str, Any] = {}
    for name, kind in rule._converters.items():
        values[name] = 1 if type(kind).__name__ == "IntegerConverter" else things.get(NAMED.get(name, name), "1")
    if "code" in values:
        values["code"] = world["cell"]
    if "visit_id" in values:
        values["visit_id"] = f"access-visit-{things['site']}"
    if "layer_id" in values:
        values |= {"layer_id": "site", "key": things["site"]}
    if "token" in values:
        values["token"] = waiting
    if "step" in values:
        values["step"] = STEPS[rule.endpoint]
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
    app: Flask,
    city_url: str,
    changing: list[tuple[Rule, str]],
    tokens: dict[str, str],
    world: dict[str, Any],
    waiting: str,
) -> None:
    assert len(changing) >= 12
    before = state(city_url)
    for rule, method in changing:
        assert rule.endpoint in ENDPOINTS, rule
        token = tokens[holder(rule.endpoint)]
        path = address(app, world, waiting, rule)
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
    app: Flask, city_url: str, changing: list[tuple[Rule, str]], world: dict[str, Any], waiting: str
) -> None:
    before = state(city_url)
    for rule, method in changing:
        answer = app.test_client().open(address(app, world, waiting, rule), method=method)
        assert answer.status_code == (403 if ENDPOINTS[rule.endpoint] == PUBLIC else 401), rule
    assert state(city_url) == before
