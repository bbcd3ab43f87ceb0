"""The log's page: filters, pages that a growing log does not shift, before and after, a harmless CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.db.session import Connection, connect, transaction
from gridmap.store import audit_log
from gridmap.web.pages import log as log_page
from tests import databases
from tests.accounts import carry, enter

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture(scope="module")
def world_url() -> Iterator[str]:
    """Return a database with 120 entries about one site and some others."""
    with databases.migrated("log") as url:
        with connect(url) as conn, transaction(conn) as cursor:
            cursor.execute("SELECT set_config('gridmap.actor', 'chief-01', true)")
            for number in range(60):
                cursor.execute("UPDATE gridmap.setting SET city_name_en = %s", [f"City {number}"])
            for number in range(60):
                audit_log.write(cursor, "bureau-01", "export", relation="finding", row_key=f"row-{number}")
            audit_log.write(cursor, FORMULA, "update", relation="site", row_key="+1", after={"name": FORMULA})
        yield url


@pytest.fixture(scope="module")
def application(world_url: str) -> Iterator[Flask]:
    """Return the application on it."""
    app = create_app(world_url)
    app.config["TESTING"] = True
    yield app
    app.extensions["gridmap_pools"].close()


@pytest.fixture(scope="module")
def auditor(application: Flask, world_url: str) -> FlaskClient:
    """Return an auditor."""
    return carry(application.test_client(), enter(world_url, "auditor"))


@pytest.fixture
def world(world_url: str) -> Iterator[Connection]:
    """Return a connection to it."""
    conn = connect(world_url)
    yield conn
    conn.close()


def entries(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"#(\d+)<", page)]


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=chief-01", 50),
        ("actor=nobody", 0),
        ("relation=finding&action=export", 50),
        ("relation=finding&row=row-7", 1),
        ("action=update&relation=site", 1),
        ("since=1990-01-01&until=1990-01-02", 0),
        ("since=2000-01-01&until=2100-01-01&row=row-7", 1),
    ],
)
def test_it_is_filtered(auditor: FlaskClient, query: str, count: int) -> None:
    assert len(entries(auditor.get(f"/log?{query}").text)) == count


def test_pages_go_by_key_and_are_not_shifted_by_new_entries(auditor: FlaskClient, world: Connection) -> None:
    first = auditor.get("/log?relation=finding").text
    assert link(first, "prev") is None
    with transaction(world) as cursor:
        audit_log.write(cursor, "bureau-01", "export", relation="finding", row_key="new")
    second = auditor.get(str(link(first, "next"))).text
    assert len(entries(first)) == 50 and len(entries(second)) == 10
    assert entries(first)[-1] > entries(second)[0] and link(second, "next") is None
    back = auditor.get(str(link(second, "prev"))).text
    assert entries(back) == entries(first)
    newest = auditor.get(str(link(back, "prev"))).text
    assert len(entries(newest)) == 1 and link(newest, "prev") is None
    assert entries(auditor.get(str(link(newest, "next"))).text) == entries(first)


def test_before_and_after_stand_side_by_side_in_words(auditor: FlaskClient) -> None:
    page = auditor.get("/log?actor=chief-01").text
    assert "城市英文名" in page and "平台设置" in page
    assert '<td class="was">City 58</td><td class="is-now">City 59</td>' in page
    assert "city name in English" in auditor.get("/log?actor=chief-01&lang=en").text


def test_the_csv_is_the_filtered_log_without_formulas_and_is_itself_logged(
    auditor: FlaskClient, world: Connection
) -> None:
    answer = auditor.get("/log.csv?relation=site&lang=zh")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="log.csv"'
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 2 and rows[1][2] == "'" + FORMULA and rows[1][6] == "'+1"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    with transaction(world) as cursor:
        cursor.execute("SELECT action, relation, after FROM gridmap.audit_log ORDER BY log_id DESC LIMIT 1")
        row = cursor.fetchone()
    assert (row.action, row.relation) == ("export", "audit_log")
    assert row.after == {"form": "csv", "rows": 1, "filter": {"relation": "site"}}


def test_a_long_log_is_read_in_batches(world: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "BATCH", 7)
    with transaction(world) as cursor:
        wanted = audit_log.LogFilter(actor="chief-01")
        keys = [row.log_id for row in audit_log.each(cursor, wanted, log_page.MOST_ROWS)]
        assert len(keys) == 60 and keys == sorted(keys, reverse=True)
        assert len(list(audit_log.each(cursor, wanted, 10))) == 10


def test_findings_taken_away_are_logged_with_their_filter(client: FlaskClient, city_url: str) -> None:
    assert client.get("/api/findings?f=csv&rule=COAL-01&county=410181").status_code == 200
    assert client.get("/api/findings?f=json&rule=COAL-03").status_code == 200
    with connect(city_url) as conn, transaction(conn) as cursor:
        cursor.execute(
            "SELECT actor, after FROM gridmap.audit_log WHERE action = 'export' ORDER BY log_id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    assert row.actor.startswith("test-bureau-")
    assert row.after["form"] == "csv" and row.after["rows"] > 0
    assert row.after["filter"] == {"rules": ["COAL-01"], "counties": ["410181"]}


@pytest.mark.parametrize("query", ["older=x", "newer=-1", "older=9999999999999999999", "since=2020-02-30", "row=a%00b"])
def test_a_mistake_in_the_address_is_one_sentence(auditor: FlaskClient, query: str) -> None:
    assert auditor.get(f"/log?{query}").status_code == 400


@pytest.mark.parametrize(("role", "place"), [("bureau", None), ("planner", "410181"), ("chief", "410181113")])
def test_it_is_the_auditors_and_the_admins_alone(
    application: Flask, world_url: str, role: str, place: str | None
) -> None:
    client = carry(application.test_client(), enter(world_url, role, place))
    assert client.get("/log").status_code == client.get("/log.csv").status_code == 403
    assert carry(application.test_client(), enter(world_url, "admin")).get("/log").status_code == 200
