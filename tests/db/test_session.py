"""Connections, nested transactions, and the one place that sets day, draft and counties."""

from __future__ import annotations

import datetime as dt

import psycopg2
import pytest

from gridmap.db.session import Connection, connect, data_version, snapshot, today, transaction, without_password
from gridmap.errors import DatabaseError
from tests import databases


def _count(conn: Connection) -> int:
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.zone_kind")
        return int(cursor.fetchone()[0])


def _add_kind(conn: Connection, kind: str) -> None:
    with transaction(conn) as cursor:
        cursor.execute("INSERT INTO gridmap.zone_kind VALUES (%s, '试验区', 'trial', 99)", [kind])


def _add_twice(conn: Connection, kind: str) -> None:
    with transaction(conn):
        _add_kind(conn, kind)
        _add_kind(conn, kind)


def test_wrong_url_is_one_sentence_without_the_password() -> None:
    with pytest.raises(DatabaseError) as caught:
        connect("postgresql://someone:secret@/nowhere?host=/nonexistent")
    message = str(caught.value)
    assert "GRIDMAP_DATABASE_URL" in message
    assert "secret" not in message
    assert "\n" not in message


def test_a_text_that_is_no_url_is_one_sentence() -> None:
    with pytest.raises(DatabaseError, match="cannot connect"):
        connect("not a url")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://a:b@host/db", "postgresql://a:***@host/db"),
        ("host=x password=b", "host=x password=***"),
        ("postgresql://a@host/db", "postgresql://a@host/db"),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_a_missing_database_is_named() -> None:
    with pytest.raises(DatabaseError, match="gridmap_test_not_there"):
        connect(databases.with_database(databases.server_url(), "gridmap_test_not_there"))


def test_transaction_rolls_back_on_error(conn: Connection) -> None:
    before = _count(conn)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        _add_twice(conn, "one")
    assert _count(conn) == before


def test_nested_failure_keeps_what_the_outer_block_did(conn: Connection) -> None:
    before = _count(conn)
    with transaction(conn):
        _add_kind(conn, "one")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            _add_kind(conn, "one")
    assert _count(conn) == before + 1


def test_today_is_the_setting(conn: Connection) -> None:
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
    assert today(conn) == dt.date(2020, 10, 15)


def test_snapshot_stands_on_its_day_and_gives_the_caller_his_own_back(conn: Connection) -> None:
    with snapshot(conn, dt.date(2019, 6, 1)) as cursor:
        cursor.execute("SELECT snapshot.as_of(), current_setting('search_path')")
        assert tuple(cursor.fetchone()) == (dt.date(2019, 6, 1), "snapshot, public")
        with snapshot(conn, dt.date(2020, 6, 1)) as inner:
            inner.execute("SELECT snapshot.as_of()")
            assert inner.fetchone()[0] == dt.date(2020, 6, 1)
        cursor.execute("SELECT snapshot.as_of()")
        assert cursor.fetchone()[0] == dt.date(2019, 6, 1)
    with transaction(conn) as cursor:
        cursor.execute("SELECT snapshot.as_of() = gridmap.today(), current_setting('search_path')")
        assert tuple(cursor.fetchone()) == (True, "gridmap,public")


def test_snapshot_leaves_nothing_behind_when_it_fails(conn: Connection) -> None:
    with pytest.raises(psycopg2.Error), snapshot(conn, dt.date(2019, 6, 1), counties=["410181"]) as cursor:
        cursor.execute("SELECT no_such_column FROM zone")
    with transaction(conn) as cursor:
        cursor.execute("SELECT snapshot.as_of() = gridmap.today(), snapshot.counties(), snapshot.draft()")
        assert tuple(cursor.fetchone()) == (True, None, None)


def test_snapshot_limits_time(conn: Connection) -> None:
    with pytest.raises(psycopg2.errors.QueryCanceled), snapshot(conn, timeout_s=0.05) as cursor:
        cursor.execute("SELECT pg_sleep(2)")


def test_data_version_grows_with_each_change(conn: Connection) -> None:
    before, setting = data_version(conn), data_version(conn, ["setting"])
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET is_demo = is_demo")
    assert data_version(conn) == before + 1
    assert data_version(conn, ["setting"]) == setting + 1
    assert data_version(conn, ["zone"]) == data_version(conn, ["zone"])
