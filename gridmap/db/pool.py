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
from gridmap.errors import DatabaseError, ForbiddenError

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
    role: database role of its connections (session.CITY_ROLE …), None for the owner.
    """

    def __init__(self, database_url: str | None = None, size: int = SIZE, role: str | None = None) -> None:
        self._url = database_url
        self._role = role
        self._size = size
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._pool: _KeepingPool | None = None
        self._free = threading.BoundedSemaphore(size)

    def _mine(self) -> _KeepingPool:
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._free = threading.BoundedSemaphore(self._size)
                self._pool = _KeepingPool(self._size, lambda: session.connect(self._url, self._role))
                self._pid = os.getpid()
            return self._pool

    def take(self, access: session.Access | None = None) -> session.Connection:
        """Return a live connection that asks on somebody's behalf.

        DatabaseError when the database is away or every connection stays busy.
        """
        pool = self._mine()
        if not self._free.acquire(timeout=WAIT_S):
            raise DatabaseError("every database connection of this process is busy; try again in a moment")
        try:
            # a restarted server leaves dead connections behind: each is found out once and replaced
            for _ in range(self._size + 1):
                conn = pool.getconn()
                if _answers(conn, access):
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


def _answers(conn: session.Connection, access: session.Access | None) -> bool:
    """Tell a connection on whose behalf it asks, each time it is taken, and return whether it lives."""
    try:
        session.ask_for(conn, access)
    except psycopg2.Error:
        return False
    return True


class Pools:
    """The pools of a process: one for each database role of readers, and the owner's. database_url: as for Pool."""

    def __init__(self, database_url: str | None = None) -> None:
        self.database_url = database_url
        self._pools = {role: Pool(database_url, role=role) for role in (None, session.CITY_ROLE, session.AREA_ROLE)}

    def of(self, role: str | None) -> Pool:
        """Return the pool of a role; None is the owner's."""
        return self._pools[role]

    def close(self) -> None:
        """Close the idle connections of this process."""
        for pool in self._pools.values():
            pool.close()


def admit(access: session.Access) -> None:
    """Say on whose behalf the current Flask request asks the database. Until then it may ask nothing."""
    from flask import g

    g.database_access = access


def connection() -> session.Connection:
    """Return the connection of the current Flask request, kept to what its reader may see.

    The app gives it back when the request ends. ForbiddenError when nobody was admitted: a route that forgot to ask
    who is there sees nothing.
    """
    from flask import g

    access: session.Access | None = g.get("database_access")
    if access is None:
        raise ForbiddenError("nobody is logged in")
    return _taken(access.role, access)


def system_connection() -> session.Connection:
    """Return the owner's connection of the current Flask request: for accounts and for judging, never for answers.

    What is changed through it is logged with whoever was admitted.
    """
    from flask import g

    return _taken(None, g.get("database_access"))


def _taken(role: str | None, access: session.Access | None) -> session.Connection:
    from flask import current_app, g

    held: dict[str | None, session.Connection] = g.setdefault("database_connections", {})
    if role not in held:
        pools: Pools = current_app.extensions["gridmap_pools"]
        held[role] = pools.of(role).take(access)
    return held[role]


def keep(conn: session.Connection) -> Callable[[], None]:
    """Keep a connection of the current Flask request beyond it; returns what gives it back, however often it is called.

    For an answer that is sent while it is read: the request ends before its first piece goes.
    """
    from flask import current_app, g

    held: dict[str | None, session.Connection] = g.database_connections
    role = next(role for role, each in held.items() if each is conn)
    del held[role]
    pool = current_app.extensions["gridmap_pools"].of(role)
    left = [conn]

    def give_back() -> None:
        if left:
            pool.give_back(left.pop())

    return give_back


def release(_error: BaseException | None = None) -> None:
    """Give the request's connections back, those it took."""
    from flask import current_app, g

    pools: Pools = current_app.extensions["gridmap_pools"]
    for role, conn in g.pop("database_connections", {}).items():
        pools.of(role).give_back(conn)


def release_system() -> None:
    """Give the owner's connection back before the request ends, so that others may have it."""
    from flask import current_app, g

    conn = g.get("database_connections", {}).pop(None, None)
    if conn is not None:
        pools: Pools = current_app.extensions["gridmap_pools"]
        pools.of(None).give_back(conn)
