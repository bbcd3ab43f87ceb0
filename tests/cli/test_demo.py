"""`gridmap demo`: from an empty database to findings; the second time nothing is done again."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from gridmap.auth import passwords
from gridmap.cli import db, demo, doctor
from gridmap.db import session
from gridmap.errors import ConflictError, DatabaseError, UserError
from gridmap.rules import catalogue
from tests import databases


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[str, Result]]:
    """An empty database after the first `gridmap demo`, and what that said."""
    with databases.temporary("demo") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        yield url, CliRunner().invoke(demo.command, ["--no-serve"], catch_exceptions=False)


@pytest.fixture
def url(first: tuple[str, Result], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", first[0])
    return first[0]


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    conn = session.connect(url)
    try:
        with session.transaction(conn) as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]
    finally:
        conn.close()


def _run() -> str:
    done = CliRunner().invoke(demo.command, ["--no-serve"], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_first_run_loads_judges_and_tells(first: tuple[str, Result]) -> None:
    url, result = first
    assert result.exit_code == 0
    assert "migrated 0001_" in result.output
    assert "2020-10-15" in result.output
    for rule in catalogue.load().rules:
        line = next(line for line in result.output.splitlines() if line.startswith(rule.id))
        assert rule.title in line
        breach, near, report = (
            _query(
                url,
                "SELECT count(*) FROM gridmap.finding WHERE status <> 'gone' "
                f"AND rule_id = '{rule.id}' AND certainty = '{certainty}'",
            )[0][0]
            for certainty in ("breach", "near_boundary", "report")
        )
        assert re.findall(r"\s(\d+)\s+(\d+)\s+(\d+)\s", line) == [(str(breach), str(near), str(report))]
    assert re.search(r"^ready in [\d.]+ s$", result.output, re.M)


def test_the_first_run_prints_accounts_that_log_in(first: tuple[str, Result]) -> None:
    url, result = first
    shown = re.findall(r"^([a-z0-9-]+) +((?:[a-z0-9]{4}-){3}[a-z0-9]{4})  ", result.output, re.M)
    names = [name for name, _password in shown]
    for name in ("bureau-01", "auditor-01", "admin-01", "inspector-410181-01", "chief-410181113-01", "chief-410181-01"):
        assert name in names
    kept = dict(
        _query(url, "SELECT name, password_hash FROM gridmap.account WHERE is_demo AND NOT must_change_password")
    )
    assert sorted(kept) == sorted(names)
    assert len({password for _name, password in shown}) == len(shown)
    assert all(passwords.fits(str(kept[name]), password) for name, password in shown)


def test_posts_of_cells_have_the_duties_of_the_city(url: str) -> None:
    """At a county, a township and a unit cell below it; the patroller of 回郭镇 is missing on purpose."""
    rows = _query(
        url,
        "SELECT c.level, d.role, d.post = a.post FROM gridmap.account AS a JOIN gridmap.duty AS d USING (account_id) "
        "JOIN gridmap.grid_cell AS c USING (cell_code) ORDER BY c.level, d.role",
    )
    assert all(same for _level, _role, same in rows)
    every = ["chief", "officer", "patroller", "supervisor"]
    by_level = {level: [role for each, role, _ in rows if each == level] for level in ("county", "township", "unit")}
    assert by_level == {"county": every, "township": ["chief", "officer", "supervisor"], "unit": every}


def test_the_second_run_does_nothing_again(url: str) -> None:
    state = "SELECT (SELECT max(run_id) FROM gridmap.run), (SELECT sum(version) FROM gridmap.data_version)"
    before = _query(url, state)
    output = _run()
    assert _query(url, state) == before
    assert "migrated" not in output
    assert "auditing" not in output
    assert "COAL-01" in output
    assert not re.search(r"(?:[a-z0-9]{4}-){3}[a-z0-9]{4}", output)
    assert "gridmap accounts reset-password bureau-01" in output


def test_changed_data_are_judged_again(url: str) -> None:
    before = _query(url, "SELECT max(run_id) FROM gridmap.run")
    conn = session.connect(url)
    with session.transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.village SET note = note WHERE village_id = '410181113201'")
    conn.close()
    assert "auditing" in _run()
    assert _query(url, "SELECT max(run_id) FROM gridmap.run") > before
    assert "auditing" not in _run()


def test_an_incomplete_audit_is_done_again(url: str) -> None:
    conn = session.connect(url)
    with session.transaction(conn) as cursor:
        cursor.execute(
            "UPDATE gridmap.run SET status = 'incomplete' WHERE run_id = (SELECT max(run_id) FROM gridmap.run)"
        )
    conn.close()
    assert "auditing" in _run()


def test_a_taken_port_is_told_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = CliRunner().invoke(demo.command, ["--port", port])
    assert isinstance(told.exception, ConflictError)
    assert port in str(told.exception)


def test_a_wrong_address_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    told = CliRunner().invoke(demo.command, ["--no-serve"])
    assert isinstance(told.exception, DatabaseError)
    assert "\n" not in str(told.exception)


def test_somebody_elses_server_is_neither_started_nor_stopped(url: str) -> None:
    for verb in ("start", "stop"):
        told = CliRunner().invoke(db.command, [verb])
        assert isinstance(told.exception, UserError)
        assert "GRIDMAP_DATABASE_URL" in str(told.exception)
    assert "in use: postgresql://" in CliRunner().invoke(db.command, ["status"]).output
    assert "nothing to do" in CliRunner().invoke(db.command, ["migrate"]).output


def test_doctor_is_content_with_the_demo(url: str) -> None:
    told = CliRunner().invoke(doctor.command, [])
    lines = {line[7:].split(":")[0]: line for line in told.output.splitlines()}
    assert set(lines) == set(doctor.CHECKS)
    wrong = [line for name, line in lines.items() if line.startswith("WRONG") and name != "front end"]
    assert wrong == []


def test_doctor_says_what_is_missing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    told = CliRunner().invoke(doctor.command, [])
    assert told.exit_code == 1
    assert "WRONG  city: no city is loaded; run `gridmap demo --no-serve`" in told.output
