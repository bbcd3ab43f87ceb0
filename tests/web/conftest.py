"""The web application on a demo city of its own, which tests may change, and readers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.db.session import Connection, connect
from tests import accounts, databases

Enter = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def own_url(city_url: str) -> Iterator[str]:
    """Return the URL of a demo city that this module's tests may change."""
    with databases.own_city("own") as url:
        yield url


@pytest.fixture(scope="module")
def own_app(own_url: str) -> Iterator[Flask]:
    """Return the web application on it."""
    from gridmap.app import create_app

    application = create_app(own_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture
def enter(own_app: Flask, own_url: str) -> Enter:
    """Return how to get a client that is logged in with a role in a place."""

    def entered(role: str, place: str | None = None) -> FlaskClient:
        return accounts.carry(own_app.test_client(), accounts.enter(own_url, role, place))

    return entered


@pytest.fixture
def own(own_url: str) -> Iterator[Connection]:
    """Return the owner's connection to it."""
    conn = connect(own_url)
    yield conn
    conn.close()
