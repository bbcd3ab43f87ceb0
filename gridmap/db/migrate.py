"""Apply migrations/NNNN_what.sql in order, each in a transaction of its own, with yoyo."""

from __future__ import annotations

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
                "SELECT coalesce(installed_version, default_version) AS version, installed_version IS NOT NULL AS there "
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
    return [migration.id for migration in backend.to_apply(read_migrations(str(config.resource("migrations"))))]


def migrate(url: str, folder: str | None = None) -> list[str]:
    """Bring the database up to date and return the ids applied.

    Each migration is one transaction: one that fails leaves nothing of itself, those before it stay, and
    the DatabaseError names it. folder: another folder of migrations, for tests.
    """
    check_server(url)
    try:
        backend = get_backend(_yoyo_url(url))
        applied: list[str] = []
        with backend.lock():
            for migration in backend.to_apply(read_migrations(folder or str(config.resource("migrations")))):
                try:
                    backend.apply_one(migration)
                except psycopg2.Error as error:
                    reason = str(error).strip().splitlines()[0]
                    raise DatabaseError(
                        f"migration {migration.id} failed and left nothing of itself: {reason}"
                    ) from error
                applied.append(migration.id)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise DatabaseError(f"this database account may not migrate: {str(error).strip().splitlines()[0]}") from error
    return applied


def _yoyo_url(url: str) -> str:
    """yoyo picks its driver by the scheme and takes URLs only."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise DatabaseError(
            "GRIDMAP_DATABASE_URL is not a postgresql:// address; expected postgresql://user:password@host:port/database"
        )
    return url
