"""Fixtures for everyone: an empty migrated database, the demo city, and the web application on it.

All databases are real: on the private cluster of this checkout, or on the server of GRIDMAP_DATABASE_URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from gridmap.db.migrate import migrate
from gridmap.db.session import Connection, connect
from tests import accounts, databases

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


# how fast a busy machine makes up examples says nothing of what is tested
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _no_copy_stays() -> Iterator[None]:
    yield
    databases.drop_migrated()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Return the URL of a fresh, migrated, empty database, dropped after the session."""
    databases.drop_forgotten()
    with databases.temporary("empty") as url:
        migrate(url)
        yield url


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    """Return a connection to the empty database; whatever a test does is undone, unless it commits itself."""
    yield from _rolled_back(database_url)


@pytest.fixture(scope="session")
def city_url() -> Iterator[str]:
    """Return the URL of a database with the demo city, loaded and audited. Tests only read it."""
    databases.drop_forgotten()
    with databases.city() as url:
        yield url


@pytest.fixture
def city(city_url: str) -> Iterator[Connection]:
    """Return a connection to the demo city; whatever a test does is undone."""
    yield from _rolled_back(city_url)


@pytest.fixture(scope="session")
def fresh_city_url() -> Iterator[str]:
    """Return the URL of a demo city in which nobody has made accounts: whoever logs in for a test adds a duty."""
    with databases.own_city("fresh") as url:
        yield url


@pytest.fixture
def fresh_city(fresh_city_url: str) -> Iterator[Connection]:
    """Return a connection to that city; whatever a test does is undone."""
    yield from _rolled_back(fresh_city_url)


@pytest.fixture(scope="session")
def app(city_url: str) -> Iterator[Flask]:
    """Return the web application on the demo city."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", city_url)
        from gridmap.app import create_app

        application = create_app()
        application.config["TESTING"] = True
        yield application


@pytest.fixture(scope="session")
def bureau_token(city_url: str) -> str:
    """Return the session token of the city's bureau."""
    return accounts.enter(city_url, "bureau")


@pytest.fixture
def client(app: Flask, bureau_token: str) -> FlaskClient:
    """Return a test client of the web application, logged in as the city's bureau."""
    return accounts.carry(app.test_client(), bureau_token)


def _rolled_back(url: str) -> Iterator[Connection]:
    """Open a transaction first: the house's transaction() then nests into savepoints and commits nothing."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield connection
    finally:
        connection.rollback()
        connection.close()
