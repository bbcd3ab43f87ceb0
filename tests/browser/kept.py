"""Pages that the service worker keeps: a test cuts the network only when they are there."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

_IS_KEPT = """async (address) => {
    for (const name of await caches.keys())
        if (name.startsWith("gridmap-pages:") && await (await caches.open(name)).match(address)) return true;
    return false;
}"""


def wait_until_kept(tab: Page, address: str) -> None:
    """Wait until the worker has a page. wait_for_function would not do: it takes the promise itself for the answer."""
    until(tab, lambda: is_kept(tab, address))


def is_kept(tab: Page, address: str) -> bool:
    """Return whether the worker has a page."""
    return bool(tab.evaluate(_IS_KEPT, address))


def until(tab: Page, holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        tab.wait_for_timeout(100)
