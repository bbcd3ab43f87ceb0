"""The web process's connections."""

from __future__ import annotations

import os
import threading

import pytest

from gridmap.db import pool
from gridmap.db.session import connect
from gridmap.errors import DatabaseError


def test_connections_are_kept_and_carry_the_settings(database_url: str) -> None:
    own = pool.Pool(database_url, size=2)
    conn = own.take()
    with conn.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone()[0].startswith("gridmap")
    own.give_back(conn)
    assert own.take() is conn
    own.give_back(conn)
    own.close()


def test_an_open_transaction_is_undone_when_given_back(database_url: str) -> None:
    own = pool.Pool(database_url, size=1)
    conn = own.take()
    with conn.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE left_over (n integer)")
    own.give_back(conn)
    with own.take().cursor() as cursor:
        cursor.execute("SELECT to_regclass('left_over')")
        assert cursor.fetchone()[0] is None
    own.close()


def test_a_connection_that_the_server_ended_is_replaced(database_url: str) -> None:
    own = pool.Pool(database_url, size=2)
    conn = own.take()
    pid = conn.info.backend_pid
    own.give_back(conn)
    admin = connect(database_url)
    with admin.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    admin.close()
    fresh = own.take()
    assert fresh.info.backend_pid != pid
    own.give_back(fresh)
    own.close()


def test_a_busy_pool_waits_and_then_says_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WAIT_S", 0.05)
    own = pool.Pool(database_url, size=1)
    conn = own.take()
    with pytest.raises(DatabaseError, match="busy"):
        own.take()
    monkeypatch.setattr(pool, "WAIT_S", 10.0)
    threading.Timer(0.1, own.give_back, [conn]).start()
    assert own.take() is conn
    own.give_back(conn)
    own.close()


def test_a_forked_process_opens_its_own(database_url: str) -> None:
    own = pool.Pool(database_url, size=1)
    conn = own.take()
    pid = conn.info.backend_pid
    child = os.fork()
    if child == 0:
        os._exit(0 if own.take().info.backend_pid != pid else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    own.give_back(conn)
    own.close()
