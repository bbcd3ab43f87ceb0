"""The web application on a demo city of its own, which tests may change, and readers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

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


@pytest.fixture(scope="module")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which a module's application keeps files that were sent."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def world_app(world_url: str, state_folder: Path) -> Iterator[Flask]:
    """Return the web application on the module's own database, `world_url`, with a state folder of its own."""
    from gridmap.app import create_app
    from gridmap.web import import_files

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_files.state, "create", lambda: state_folder)
        application = create_app(world_url)
        application.config["TESTING"] = True
        yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture(scope="module")
def bureau(world_app: Flask, world_url: str) -> FlaskClient:
    """Return somebody of the bureau there."""
    return accounts.carry(world_app.test_client(), accounts.enter(world_url, "bureau"))


@pytest.fixture(scope="module")
def inspector(world_app: Flask, world_url: str) -> FlaskClient:
    """Return an inspector of 410181 there."""
    return accounts.carry(world_app.test_client(), accounts.enter(world_url, "inspector", "410181"))


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
