"""The table of rights, access.csv: every address, asked by every role, for what lies in its area and outside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from gridmap.auth.access import ENDPOINTS
from gridmap.db.session import connect
from tests import access, accounts
from tests.access import HIDDEN, LOGIN, OUTCOMES, REFUSED, SEES

ROWS = access.read_table()


@pytest.fixture(scope="module")
def world(city_url):
    conn = connect(city_url)
    try:
        with access.things(conn) as found:
            yield found
    finally:
        conn.close()


@pytest.fixture(scope="module")
def tokens() -> dict[tuple[str, str | None], str]:
    return {}


def outcome(app, city_url, tokens, asker: access.Asker, row: access.Row, values: dict[str, str]) -> str:
    """Ask as somebody would, and say in the table's words what came of it."""
    if asker.role is None:
        return ask(app.test_client(), row, values)
    who = (asker.role, asker.place)
    found = LOGIN
    for attempt in range(2):
        if attempt or who not in tokens:
            tokens[who] = accounts.enter(city_url, asker.role, asker.place)
        found = ask(accounts.carry(app.test_client(), tokens[who]), row, values)
        if found != LOGIN:  # else what was asked before has ended the session: once more with a new one
            break
    return found


def ask(client, row: access.Row, values: dict[str, str]) -> str:
    answer = client.open(row.address.format(**values), method=row.method)
    if answer.status_code == 401 or (answer.status_code == 303 and urlsplit(answer.location).path == "/login"):
        return LOGIN
    if answer.status_code == 403:
        return REFUSED
    if answer.status_code == 404:
        return HIDDEN
    assert answer.status_code in (200, 204, 303, 400, 409), f"{row.address}: {answer.status} {answer.text[:300]}"
    sought = row.seeks.format(**values).encode()
    return SEES if sought in answer.data else HIDDEN


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.endpoint}-{row.title}" for row in ROWS])
def test_everybody_sees_what_the_table_says(app, city_url, world, tokens, row: access.Row) -> None:
    different = []
    same_everywhere = "{" not in row.address + row.seeks
    asked: dict[tuple[str | None, ...], str] = {}
    for asker in access.askers(world):
        values = world["things"][asker.thing].values
        what = (row.address.format(**values), row.seeks.format(**values))
        # where nothing of the thing is in question, one area stands for all; else the same reader is asked once
        question = (asker.role,) if same_everywhere else (asker.role, asker.place, *what)
        if question not in asked:
            asked[question] = outcome(app, city_url, tokens, asker, row, values)
        found = asked[question]
        expected = row.expected_of(asker)
        if found != expected:
            different.append(f"{asker.column} ({asker.role}): 表中为{expected}，实为{found}")
    assert different == []


def test_every_endpoint_has_a_row(app) -> None:
    """A route without a row is a route about whose readers nobody has thought."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(routes - {row.endpoint for row in ROWS}) == []


def test_every_row_has_an_endpoint_that_answers_it(app, world) -> None:
    adapter = app.url_map.bind("localhost")
    wrong = []
    for row in ROWS:
        path = urlsplit(row.address.format(**world["things"]["own"].values)).path
        endpoint, _arguments = adapter.match(path, method=row.method)
        if endpoint != row.endpoint:
            wrong.append((row.endpoint, row.address, endpoint))
    assert wrong == []


def test_every_endpoint_asks_for_a_permission(app) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(routes - set(ENDPOINTS)) == []


def test_the_table_knows_its_words_and_columns(world) -> None:
    columns = {asker.column for asker in access.askers(world)}
    for row in ROWS:
        assert set(row.expected) == columns, row.title
        assert {one for value in row.expected.values() for one in value.split("/")} <= OUTCOMES, row.title
        assert row.title, row.endpoint


def _answer(app, token: str, address: str) -> Any:
    return accounts.carry(app.test_client(), token).get(address)


def test_what_lies_elsewhere_is_told_of_in_the_same_words_as_what_is_nowhere(app, city_url, world) -> None:
    """An error that differed would tell that the thing exists."""
    token = accounts.enter(city_url, "officer", world["cell"])
    there, nowhere = world["things"]["other"].values, {"site": "no-such-site", "finding": "0" * 32, "draft": "987654"}
    for address in (
        "/api/collections/site/items/{site}",
        "/api/findings/{finding}",
        "/findings/{finding}",
        "/zones/{draft}",
        "/zones/diff?zone={draft}",
    ):
        texts = []
        for values in (there, nowhere):
            answer = _answer(app, token, address.format(**values))
            assert answer.status_code == 404
            text = answer.text
            for name, value in values.items():
                if f"{{{name}}}" in address:
                    text = text.replace(value, "X")
            texts.append(text.split("<main")[-1].split("</main")[0])
        assert texts[0] == texts[1]


def test_answers_to_a_reader_are_kept_by_nobody_else(app, city_url, world) -> None:
    token = accounts.enter(city_url, "officer", world["cell"])
    for address in ("/", "/api/findings", "/api/collections/site/tiles/WebMercatorQuad/8/101/208", "/findings/x"):
        answer = _answer(app, token, address)
        assert "private" in answer.headers["Cache-Control"], address
        assert "Cookie" in answer.headers["Vary"], address
