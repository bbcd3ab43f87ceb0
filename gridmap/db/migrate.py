"""Apply migrations/NNNN_what.sql in order, each in a transaction of its own, with yoyo."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from yoyo import get_backend, read_migrations

from gridmap import config
from gridmap.db.session import connect, transaction
from gridmap.errors import DatabaseError

MINIMUM_POSTGRES = 150000
MINIMUM_POSTGIS = (3, 3)


def check_server(url: str) -> None:
    """Raise DatabaseError unless the server is PostgreSQL >= 15 and offers PostGIS >= 3.3."""
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            if conn.server_version < MINIMUM_POSTGRES:
                raise DatabaseError(
                    f"the server runs PostgreSQL {conn.server_version // 10000}; gridmap needs 15 or later"
                )
            cursor.execute(
                "SELECT coalesce(installed_version, default_version) AS version "
                "FROM pg_available_extensions WHERE name = 'postgis'"
            )
            row = cursor.fetchone()
            if row is None:
                raise DatabaseError(
                    "the server has no PostGIS: install it there (Debian: apt install postgresql-postgis), "
                    "or unset GRIDMAP_DATABASE_URL to use the private cluster"
                )
            version = tuple(int(part) for part in row.version.split(".")[:2])
            if version < MINIMUM_POSTGIS:
                raise DatabaseError(f"the server offers PostGIS {row.version}; gridmap needs 3.3 or later")
    finally:
        conn.close()


def pending(url: str) -> list[str]:
    """Return the ids of migrations that the database has not seen yet, in order."""
    backend = get_backend(_yoyo_url(url))
    with backend:
        return [migration.id for migration in backend.to_apply(read_migrations(str(config.resource("migrations"))))]


def migrate(url: str, folder: str | None = None) -> list[str]:
    """Bring the database up to date and return the ids applied.

    Each migration is one transaction: one that fails leaves nothing of itself, those before it stay, and
    the DatabaseError names it. folder: another folder of migrations, for tests.
    """
    check_server(url)
    try:
        with _alone(url), get_backend(_yoyo_url(url)) as backend:
            # we are alone by the advisory lock, so a lock row of yoyo's is what a killed run left behind
            backend.break_lock()
            todo = backend.to_apply(read_migrations(folder or str(config.resource("migrations"))))
            return [_apply(backend, migration) for migration in todo]
    except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.UndefinedTable) as error:
        # yoyo passes over that it may not create its tables; then they are missing
        raise DatabaseError(f"this database account may not migrate: {_first_line(error)}") from error


def _apply(backend: Any, migration: Any) -> str:
    """Apply one migration and mark it in the same transaction, so that kill -9 leaves both or neither."""
    try:
        # yoyo prints the rows that a SELECT in a migration returns: nobody asked for them
        with backend.copy() as own, contextlib.redirect_stdout(io.StringIO()):
            own.ensure_internal_schema_updated()
            with own.transaction():
                migration.process_steps(own, "apply")
                own.mark_one(migration)
    except psycopg2.errors.InsufficientPrivilege:
        raise
    except psycopg2.Error as error:
        raise DatabaseError(
            f"migration {migration.id} failed and left nothing of itself: {_first_line(error)}"
        ) from error
    return str(migration.id)


@contextlib.contextmanager
def _alone(url: str) -> Iterator[None]:
    """Hold an advisory lock, so that two migrations wait for each other; it ends with its connection."""
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('gridmap.migrate', 0))")
        yield
    finally:
        conn.close()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _yoyo_url(url: str) -> str:
    """Make the address one for yoyo, which picks its driver by the scheme.

    Its own tables go to public: a role named gridmap would find them in no schema or in schema gridmap,
    depending on whether that exists yet.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise DatabaseError(
            "GRIDMAP_DATABASE_URL is not a postgresql:// address; expected postgresql://user:password@host:port/database"
        )
    return f"{url}{'&' if parts.query else '?'}schema=public"
