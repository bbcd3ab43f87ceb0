"""The reader's address behind a reverse proxy: believed only when the settings say that there is one."""

from __future__ import annotations

import pytest

from gridmap import config
from gridmap.app import create_app
from gridmap.db.session import Connection, transaction
from gridmap.errors import UserError
from tests.accounts import enter_by_password

HEADERS = {"X-Forwarded-For": "10.8.0.1", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(("proxies", "address", "secure"), [("", "127.0.0.1", False), ("1", "10.8.0.1", True)])
def test_whose_address_counts(
    world: Connection, world_url: str, monkeypatch: pytest.MonkeyPatch, proxies: str, address: str, secure: bool
) -> None:
    monkeypatch.setenv("GRIDMAP_PROXIES", proxies)
    app = create_app(world_url)
    name, password = enter_by_password(world_url, "bureau")
    client = app.test_client()
    page = client.get("/login", headers=HEADERS)
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert ("Secure" in page.headers["Set-Cookie"]) is secure
    base = "https://localhost" if secure else "http://localhost"
    sent = client.post(
        "/login", base_url=base, headers=HEADERS, data={"name": name, "password": password, "csrf": token}
    )
    assert sent.status_code == 303
    with transaction(world) as cursor:
        cursor.execute("SELECT host(address) FROM gridmap.login_attempt WHERE succeeded")
        assert [row[0] for row in cursor.fetchall()] == [address]
    app.extensions["gridmap_pools"].close()


@pytest.mark.parametrize("text", ["yes", "-1", "9", "1.5"])
def test_a_setting_that_cannot_be(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GRIDMAP_PROXIES", text)
    with pytest.raises(UserError, match="0 to 3"):
        config.load()
