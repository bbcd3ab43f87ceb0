"""Make, copy and drop the databases that tests use; see conftest.py for the fixtures."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from gridmap import config
from gridmap.db import cluster
from gridmap.db.migrate import migrate

PREFIX = "gridmap_test_"
# everything that decides what the demo city looks like: change one of them and the kept copy is made anew
CITY_SOURCES = ("migrations", "layers", "gridmap")


def server_url() -> str:
    """Return the URL to make databases from: GRIDMAP_DATABASE_URL, else the private cluster's."""
    return config.load().database_url or cluster.ensure_running()


def with_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def admin(url: str | None = None) -> Iterator[psycopg2.extensions.cursor]:
    """Yield a cursor in autocommit mode on a server's database, for CREATE and DROP DATABASE."""
    conn = psycopg2.connect(url or server_url())
    conn.autocommit = True
    try:
        with conn.cursor() as cursor:
            yield cursor
    finally:
        conn.close()


def create(name: str, template: str = "template0") -> str:
    """Create a database, replacing one of that name, and return its URL."""
    drop(name)
    with admin() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        # a test's database need not survive a power cut: thousands of commits wait for no disk
        cursor.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    return with_database(server_url(), name)


def drop(name: str) -> None:
    """Drop a database and whoever is connected to it."""
    with admin() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def temporary(suffix: str, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a database that lives as long as the block."""
    name = f"{PREFIX}{os.getpid()}_{suffix}"
    url = create(name, template)
    try:
        yield url
    finally:
        drop(name)


@contextmanager
def migrated(suffix: str) -> Iterator[str]:
    """Yield the URL of a migrated empty database: a copy, since two dozen migrations take seconds and a copy does not."""
    template = f"{PREFIX}{os.getpid()}_migrated"
    with admin() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [template])
        is_there = cursor.fetchone() is not None
    if not is_there:
        migrate(create(template))
    with temporary(suffix, template) as url:
        yield url


def drop_migrated() -> None:
    """Drop what migrated() keeps for this process."""
    drop(f"{PREFIX}{os.getpid()}_migrated")


def drop_forgotten() -> None:
    """Drop the databases of test runs on this machine that were killed; only on the private cluster."""
    if config.load().database_url:
        return
    with admin() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        pid = name.removeprefix(PREFIX).split("_")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            drop(name)


@contextmanager
def city() -> Iterator[str]:
    """Yield the URL of a database with the demo city, loaded and audited.

    On the private cluster one is kept as a template under a name that tells what it was made of; copying it
    takes a second. On somebody else's server nothing is left behind, so it is made each time.
    """
    if config.load().database_url:
        with temporary("city") as url:
            fill_city(url)
            yield url
        return
    template = f"gridmap_city_{_digest()}"
    with admin() as cursor:
        # two test runs at once: the second waits and finds the first one's copy
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('gridmap.tests.city', 0))")
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'gridmap_city_')")
        there = [name for (name,) in cursor.fetchall()]
        if template not in there:
            for old in there:
                drop(old)
            unfinished = f"{PREFIX}{os.getpid()}_template"
            fill_city(create(unfinished))
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(template))
            )
        # under the lock still: a run of other sources would drop the template
        copy = f"{PREFIX}{os.getpid()}_city"
        url = create(copy, template)
    try:
        yield url
    finally:
        drop(copy)


@contextmanager
def own_city(suffix: str) -> Iterator[str]:
    """Yield the URL of one more demo city, which its tests may change."""
    template = f"gridmap_city_{_digest()}"
    with admin() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [template])
        is_kept = cursor.fetchone() is not None
    with temporary(suffix, template if is_kept else "template0") as url:
        if not is_kept:
            fill_city(url)
        yield url


def fill_city(url: str) -> None:
    """Migrate an empty database, load the demo city and audit it."""
    from gridmap.db.session import connect
    from gridmap.ingest import city as demo
    from gridmap.rules import engine

    migrate(url)
    conn = connect(url)
    try:
        demo.load(conn, lambda line: None)
        engine.audit(conn)
        with conn.cursor() as cursor:
            conn.commit()
            conn.autocommit = True
            cursor.execute("ANALYZE")
    finally:
        conn.close()


def _digest() -> str:
    """Return a short hash of every file that the demo city is made of."""
    total = hashlib.sha256()
    for top in CITY_SOURCES:
        for path in sorted((config.ROOT / top).rglob("*")):
            if path.is_file() and path.suffix not in (".pyc", ".mo", ".html", ".po"):
                total.update(str(path.relative_to(config.ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]
