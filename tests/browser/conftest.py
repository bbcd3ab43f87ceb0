"""A real server on the demo city and a real Chromium whose network ends at that server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect, sync_playwright

from gridmap.auth import sessions
from tests.browser.desks import desk, drawing_planner, drawn_draft  # noqa: F401, fixtures

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # the network is cut below the browser too: no name but this machine's resolves
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def server(city_url: str) -> Iterator[str]:
    """Return the address of gunicorn serving the demo city."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--worker-class", "gthread"]
        command += ["--threads", "4", "--log-level", "warning", "--no-control-socket"]
        command += ["--bind", f"fd://{listener.fileno()}", "gridmap.app:create_app()"]
        environment = {**os.environ, "GRIDMAP_DATABASE_URL": city_url}
        process = subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()])
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium."""
    # a machine that runs other tests too may take long over the many small requests of a map
    expect.set_options(timeout=20_000)
    assert CHROMIUM, "Chromium is missing; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a browser did: complaints on the console or of the policy, hosts asked that are not ours, bytes."""

    home: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    finished: list[Request] = field(default_factory=list)
    expects_complaints: bool = False

    def hear(self, kind: str, text: str) -> None:
        """Note an error or a warning; that the tests themselves look at pixels is none of the page's faults."""
        if kind in ("error", "warning") and "getImageData" not in text:
            self.complaints.append(text)

    def bytes(self) -> int:
        """Return how much came over the wire, headers included."""
        sizes = [request.sizes() for request in self.finished]
        return sum(max(s["responseBodySize"], 0) + s["responseHeadersSize"] for s in sizes)


@pytest.fixture
def watch(server: str) -> Watch:
    """Return the record of this test's browser."""
    return Watch(server)


@pytest.fixture(params=[(1440, 900)], ids=["desk"])
def context(
    request: pytest.FixtureRequest, chromium: Browser, watch: Watch, bureau_token: str
) -> Iterator[BrowserContext]:
    """Return a browser with the network cut, logged in as the bureau; at the end it must have complained of nothing."""
    width, height = request.param
    made = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")

    def pass_or_cut(route: Route) -> None:
        if route.request.url.startswith((watch.home, "data:", "blob:", "file:")):
            route.continue_()
        else:
            watch.foreign.append(route.request.url)
            route.abort()

    made.route("**/*", pass_or_cut)
    made.add_cookies([{"name": sessions.COOKIE, "value": bureau_token, "url": watch.home}])
    made.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) =>"
        " console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));"
    )
    yield made
    made.close()
    assert watch.foreign == []
    assert watch.expects_complaints or watch.complaints == []


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    """Return an empty tab."""
    tab = context.new_page()
    tab.on("console", lambda message: watch.hear(message.type, message.text))
    tab.on("pageerror", lambda error: watch.complaints.append(str(error)))
    tab.on("requestfinished", lambda request: watch.finished.append(request))
    tab.set_default_timeout(20_000)
    return tab
