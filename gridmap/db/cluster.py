"""The private PostGIS cluster of this checkout: own data folder, Unix socket only, no TCP, no system cluster touched.

Only ensure_running() needs psycopg2: stopping and removing work with the standard library alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import quote

from gridmap.db import state
from gridmap.db.server import PORT, ROLE, Server
from gridmap.errors import DatabaseError

DATABASE = "gridmap"


@dataclass(frozen=True)
class Status:
    """What `gridmap db status` tells: version is the data folder's major version, pid the server's."""

    running: bool
    pid: int | None
    version: str | None
    state_dir: str
    data_dir: str
    url: str


def server() -> Server:
    """Return this checkout's server, running or not."""
    return Server(state.folder() / "postgres")


def url(database: str = DATABASE) -> str:
    """Return the libpq URL of a database of the private cluster, running or not."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(server().socket_folder), safe='/')}&port={PORT}"


def ensure_running() -> str:
    """Return the libpq URL of the private database, starting and creating whatever is missing.

    Errors: UserError or DatabaseError with a sentence that says what to do.
    """
    if not _answers(DATABASE):
        with state.locked():
            if not _answers("postgres"):
                _start_or_wait()
            _create_database()
    return url()


def start() -> str:
    """Start the cluster and return its URL; a running one is left as it is."""
    return ensure_running()


def stop() -> bool:
    """Stop the server and say whether one was running; committed work is kept."""
    if not state.folder().is_dir():
        return False
    with state.locked():
        return server().stop()


def status() -> Status:
    """Tell what is there without starting anything."""
    mine = server()
    pid = mine.pid()
    return Status(
        running=pid is not None,
        pid=pid,
        version=mine.version(),
        state_dir=str(state.folder()),
        data_dir=str(mine.data),
        url=url(),
    )


def destroy() -> bool:
    """Stop the server and remove the state folder with all data; say whether there was one."""
    path = state.folder()
    if not path.is_dir():
        return False
    with state.locked():
        mine = server()
        mine.stop()
        mine.remove()
        for leftover in (*path.glob("*.pid"), path / "lock"):
            leftover.unlink(missing_ok=True)
        try:
            path.rmdir()
        except OSError:  # GRIDMAP_STATE_DIR may name a folder that holds more than ours
            return True
    state.remove_empty_parents(path)
    return True


def _answers(database: str) -> bool:
    import psycopg2  # here, not above: stopping must work before anything is installed

    if not server().socket_folder.is_dir():
        return False
    try:
        psycopg2.connect(url(database), connect_timeout=10).close()
    except psycopg2.OperationalError:
        return False
    return True


def _start_or_wait(seconds: float = 60) -> None:
    """Start the server, or wait for one that runs: after a crash of one connection it recovers by itself."""
    if server().pid() is None:
        server().start()
    deadline = time.monotonic() + seconds
    while not _answers("postgres") and time.monotonic() < deadline:
        time.sleep(0.1)


def _create_database() -> None:
    """Create the database unless it is there."""
    import psycopg2
    from psycopg2 import sql

    try:
        conn = psycopg2.connect(url("postgres"), connect_timeout=10)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise DatabaseError(f"the private database does not answer: {reason}; its log is {server().log}") from error
    try:
        conn.autocommit = True
        with conn.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        conn.close()
