"""A small city of its own: what is changed here stays changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.db.session import Connection, connect, transaction
from tests import databases
from tests.builders import add_region, box


@pytest.fixture(scope="module")
def world_url() -> Iterator[str]:
    """Return a database with one county and one cell in it."""
    with databases.migrated("auth") as url:
        with connect(url) as conn, transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 20, 20), parent="410100")
        yield url


@pytest.fixture
def world(world_url: str) -> Iterator[Connection]:
    """Return a connection to it, on which nothing was tried yet."""
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.login_attempt")
    yield conn
    conn.close()


@pytest.fixture
def application(world: Connection, world_url: str) -> Iterator[Flask]:
    """Return an application; its connections end with the test."""
    app = create_app(world_url)
    app.config["TESTING"] = True
    yield app
    app.extensions["gridmap_pools"].close()


@pytest.fixture
def visitor(application: Flask) -> FlaskClient:
    """Return somebody who is not logged in."""
    return application.test_client()
