"""A pool of connections for the web process, opened only when the first request needs it.

A connection must not be shared between processes: gunicorn forks after create_app(), so the pool belongs to
the process that first asks it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import psycopg2
import psycopg2.extensions
import psycopg2.pool

from gridmap.db import session
from gridmap.errors import DatabaseError

SIZE = 4
"""Connections per process: as many as a worker has threads."""

WAIT_S = 15.0
"""How long a request waits for a free connection, seconds."""


class _KeepingPool(psycopg2.pool.ThreadedConnectionPool):
    """psycopg2's pool over session.connect(), so that every connection has the house's settings.

    minconn = maxconn: with fewer, putconn closes what is above the minimum and each request connects anew.
    """

    def __init__(self, size: int, connect: Callable[[], session.Connection]) -> None:
        self._open = connect
        super().__init__(size, size)

    def _connect(self, key: object = None) -> session.Connection:
        # psycopg2 keeps the books in these two dictionaries; only the way to connect is ours
        conn = self._open()
        if key is None:
            self._pool.append(conn)
        else:
            self._used[key] = conn
            self._rused[id(conn)] = key
        return conn


class Pool:
    """Connections to one database, per process.

    database_url: libpq URL, or None for the settings' (which starts the private cluster if need be).
    """

    def __init__(self, database_url: str | None = None, size: int = SIZE) -> None:
        self._url = database_url
        self._size = size
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._pool: _KeepingPool | None = None
        self._free = threading.BoundedSemaphore(size)

    def _mine(self) -> _KeepingPool:
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._free = threading.BoundedSemaphore(self._size)
                self._pool = _KeepingPool(self._size, lambda: session.connect(self._url))
                self._pid = os.getpid()
            return self._pool

    def take(self) -> session.Connection:
        """Return a live connection; DatabaseError when the database is away or every connection stays busy."""
        pool = self._mine()
        if not self._free.acquire(timeout=WAIT_S):
            raise DatabaseError("every database connection of this process is busy; try again in a moment")
        try:
            # a restarted server leaves dead connections behind: each is found out once and replaced
            for _ in range(self._size + 1):
                conn = pool.getconn()
                if _answers(conn):
                    return conn
                pool.putconn(conn, close=True)
            raise DatabaseError("the database does not answer; see `gridmap db status`")
        except BaseException:
            self._free.release()
            raise

    def give_back(self, conn: session.Connection) -> None:
        """Take a connection back; an open transaction is rolled back, a broken connection closed."""
        pool = self._mine()
        try:
            pool.putconn(conn, close=bool(conn.closed))
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle connections of this process."""
        with self._lock:
            if self._pool is not None and self._pid == os.getpid():
                self._pool.closeall()
            self._pool = None


def _answers(conn: session.Connection) -> bool:
    try:
        with conn.cursor() as cursor:
            cursor.execute("SELECT 1")
        conn.rollback()
    except psycopg2.Error:
        return False
    return True


def connection() -> session.Connection:
    """Return the connection of the current Flask request; the app gives it back when the request ends."""
    from flask import current_app, g

    if "database_connection" not in g:
        pool: Pool = current_app.extensions["gridmap_pool"]
        g.database_connection = pool.take()
    conn: session.Connection = g.database_connection
    return conn


def release(_error: BaseException | None = None) -> None:
    """Give the request's connection back, if it took one."""
    from flask import current_app, g

    conn = g.pop("database_connection", None)
    if conn is not None:
        pool: Pool = current_app.extensions["gridmap_pool"]
        pool.give_back(conn)
