"""Rounds, reports and photos under row-level security: written only as oneself and in cells of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg2
import pytest

from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, Connection, ask_for, connect, transaction
from gridmap.store import my_cell
from tests import databases

CELL, WEST, EAST, OTHER = "410181113", "410181113000001", "410181113000002", "410183102"

ROUND = (
    "INSERT INTO gridmap.patrol_round (round_id, cell_code, county_code, account_id, post, patrolled_on, made_at) "
    "VALUES (%s, %s, '410181', %s, '试', '2020-10-15', gridmap.instant())"
)
PATROL = (
    "INSERT INTO gridmap.patrol (patrol_id, kind, county_code, cell_key, patrolled_on, post, cell_code, round_id) "
    "VALUES (%s, 'cell', '410181', 39403839, '2020-10-15', '试', %s, %s)"
)
REPORT = (
    "INSERT INTO gridmap.report (report_id, account_id, post, reporter_cell_code, county_code, words, geom, accuracy_m, "
    "placed_by, standing, distance_m, reported_on, made_at) VALUES (%s, %s, '试', %s, '410181', '试', "
    "ST_SetSRID(ST_MakePoint(112.8486, 34.6795), 4490), 5, 'phone', 'inside', 0, '2020-10-15', gridmap.instant())"
)
PHOTO = (
    "INSERT INTO gridmap.report_photo (report_id, number, content, sha256, width, height) "
    "VALUES (%s, 1, 'x', repeat('0', 64), 1, 1)"
)


@pytest.fixture(scope="module")
def work_url(city_url: str) -> Iterator[str]:
    with databases.own_city("cellwork") as url:
        yield url


@pytest.fixture
def ask(work_url: str) -> Iterator:
    """Return how to get a connection of an area; whatever it does is undone."""
    made: list[Connection] = []

    def asking(*cells: str, account: int = 71, counties: tuple[str, ...] = (), role: str = AREA_ROLE) -> Connection:
        conn = connect(work_url, role)
        ask_for(conn, Access(role, counties, cells, "tester", account))
        with conn.cursor() as cursor:
            cursor.execute("SELECT 1")
        made.append(conn)
        return conn

    yield asking
    for conn in made:
        conn.rollback()
        conn.close()


def _run(conn: Connection, query: str, *values: object) -> list:
    with transaction(conn) as cursor:
        cursor.execute(query, list(values))
        return list(cursor.fetchall()) if cursor.description else []


def _key() -> str:
    return str(uuid.uuid4())


def test_a_round_is_written_in_ones_own_cell_only(ask) -> None:
    conn = ask(WEST)
    mine = _key()
    _run(conn, ROUND, mine, WEST, 71)
    _run(conn, PATROL, _key(), WEST, mine)
    for cell, account in [(EAST, 71), (CELL, 71), (OTHER, 71), (WEST, 72)]:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _run(conn, ROUND, _key(), cell, account)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _run(conn, PATROL, _key(), EAST, mine)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _run(conn, PATROL, _key(), WEST, None)  # told of without a round


def test_a_county_writes_no_rounds(ask) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _run(ask(counties=("410181",)), ROUND, _key(), WEST, 71)


def test_nobody_changes_or_deletes_what_was_told(ask) -> None:
    conn = ask(WEST)
    for table in ("patrol", "patrol_round", "patrol_point", "report", "report_photo"):
        for statement in (f"UPDATE gridmap.{table} SET ctid = ctid", f"DELETE FROM gridmap.{table}"):
            with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.FeatureNotSupported)):
                _run(conn, statement)


@pytest.mark.parametrize("role", [AREA_ROLE, CITY_ROLE])
def test_a_report_is_written_as_oneself_only(ask, role: str) -> None:
    conn = ask(WEST, role=role)
    mine = _key()
    _run(conn, REPORT, mine, 71, WEST)
    _run(conn, PHOTO, mine)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _run(conn, REPORT, _key(), 72, WEST)


def test_a_photo_is_added_to_ones_own_report_only(work_url: str, ask) -> None:
    other = _key()
    owner = connect(work_url)
    _run(owner, REPORT, other, 99, WEST)
    owner.close()
    conn = ask(WEST)
    assert _run(conn, "SELECT 1 FROM gridmap.report WHERE report_id = %s", other)  # it lies in the reader's cell
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _run(conn, PHOTO, other)
    assert not _run(ask(EAST), "SELECT 1 FROM gridmap.report WHERE report_id = %s", other)
    assert _run(ask(EAST, account=99), "SELECT 1 FROM gridmap.report WHERE report_id = %s", other)
    assert not _run(ask(account=0), "SELECT 1 FROM gridmap.report WHERE report_id = %s", other)


def test_posts_above_and_days_of_squares_are_told_and_nothing_else(ask) -> None:
    conn = ask(WEST)
    told = _run(conn, "SELECT DISTINCT cell_code FROM gridmap.duty_chain(%s)", WEST)
    assert {row.cell_code for row in told} == {WEST, CELL, "410181"}
    assert {row.cell_code for row in _run(conn, "SELECT cell_code FROM gridmap.duty")} == {WEST}
    keys = [row.cell_key for row in _run(ask(role=CITY_ROLE), "SELECT DISTINCT cell_key FROM gridmap.patrol")]
    shown = _run(conn, "SELECT * FROM gridmap.last_patrols(%s)", [key for key in keys if key])
    assert len(shown) == len([key for key in keys if key])
    assert set(shown[0]._fields) == {"cell_key", "last_on", "road_on"}


def test_the_page_asks_by_index_under_row_level_security(ask) -> None:
    """However large the city, the page of a cell reads the rows of that cell."""
    conn = ask(CELL, WEST, EAST)
    values = {"code": CELL, "cells": [CELL, WEST, EAST], "keys": [39403839], "most": 200, "days": 7}
    with transaction(conn) as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for name in ("_FINDINGS", "_NUMBERS", "_SITES", "_REPORTS"):
            cursor.execute("EXPLAIN " + getattr(my_cell, name), values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            table = {"_SITES": "site", "_REPORTS": "report"}.get(name, "finding")
            assert f"{table}_cell" in plan, plan
            assert f"Seq Scan on {table} " not in plan, plan
