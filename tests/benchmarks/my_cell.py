"""Measure "my cell": many supervisors opening theirs at once, and the bytes of a first and a second view on a phone.

    python -m tests.benchmarks.my_cell [SUPERVISORS] [--no-bytes]

Makes a scratch demo city with an account for the chief of as many cells, serves it as `gridmap serve` does, and drops it
afterwards. Each supervisor has a connection of his own, opened before the clock starts; all ask in the same moment. The
page of the login, which asks the database nothing, is measured in the same way for comparison.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from gridmap.auth import sessions
from gridmap.db.session import connect, transaction
from tests import accounts, databases

GIVE_UP_S = 120.0
ROUNDS = 3


@dataclass(frozen=True)
class Answer:
    """How long an answer took, whether it was the page, how many bytes came over the wire."""

    seconds: float
    is_good: bool
    size: int


@contextmanager
def served(url: str) -> Iterator[int]:
    """Serve the city of a database and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "GRIDMAP_DATABASE_URL": url, "GRIDMAP_STATE_DIR": state}
        command = [sys.executable, "-m", "gridmap", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            for _ in range(300):
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def make_accounts(url: str, number: int) -> list[str]:
    """Return the session tokens of the chiefs of townships, one each, from the cells with most findings on."""
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.cell_code FROM gridmap.grid_cell AS c WHERE c.kind = 'responsibility' AND c.level = 'township' "
            "ORDER BY (SELECT count(*) FROM gridmap.finding AS f WHERE f.cell_code = c.cell_code) DESC, 1"
        )
        cells = [row.cell_code for row in cursor.fetchall()]
    conn.close()
    return [accounts.enter(url, "chief", cells[n % len(cells)]) for n in range(number)]


async def ask_all(port: int, path: str, tokens: Sequence[str]) -> list[Answer]:
    """Open all connections, then have everybody ask at once."""
    start = asyncio.Event()
    ready = asyncio.Semaphore(0)

    async def one(token: str) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ready.release()
        await start.wait()
        began = time.perf_counter()
        cookie = f"Cookie: {sessions.COOKIE}={token}\r\n" if token else ""
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n{cookie}"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        with suppress(TimeoutError, OSError):
            content = await asyncio.wait_for(reader.read(-1), GIVE_UP_S)
            writer.close()
            return Answer(time.perf_counter() - began, content.startswith(b"HTTP/1.1 200"), len(content))
        return Answer(GIVE_UP_S, False, 0)

    tasks = [asyncio.create_task(one(token)) for token in tokens]
    for _ in tokens:
        await ready.acquire()
    start.set()
    return list(await asyncio.gather(*tasks))


def tell(name: str, answers: Sequence[Answer]) -> float:
    """Print one line and return the median, seconds."""
    times = sorted(answer.seconds for answer in answers)
    p50, p95 = statistics.median(times), times[max(0, int(len(times) * 0.95) - 1)]
    errors = sum(not answer.is_good for answer in answers)
    size = statistics.median(answer.size for answer in answers)
    click.echo(
        f"{name:<22}{len(times):>5}{p50 * 1000:>10.0f}{p95 * 1000:>10.0f}{times[-1] * 1000:>10.0f}{errors:>8}"
        f"{len(times) / times[-1]:>10.1f}{size:>10.0f}"
    )
    return p50


def measure_bytes(port: int, token: str) -> None:
    """Print the bytes of a first and a second view at 390 pixels, as Chromium counts them."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        # without the worker, whose own requests no page is told of: it brings the page once again and nothing else
        context = playwright.chromium.launch_persistent_context(
            str(Path(profile)),
            executable_path=CHROMIUM,
            args=list(FLAGS),
            viewport={"width": 390, "height": 844},
            service_workers="block",
        )
        context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}])
        for name in ("first view", "second view"):
            tab = context.new_page()
            session = context.new_cdp_session(tab)
            session.send("Network.enable")
            received: list[tuple[str, int]] = []
            kinds: dict[str, str] = {}
            session.on(
                "Network.responseReceived", lambda event, kinds=kinds: kinds.update({event["requestId"]: event["type"]})
            )
            session.on(
                "Network.loadingFinished",
                lambda event, received=received: received.append((event["requestId"], int(event["encodedDataLength"]))),
            )
            began = time.perf_counter()
            tab.goto(f"http://127.0.0.1:{port}/cell")
            tab.wait_for_selector("html[data-ready=cell]", state="attached")
            ready = time.perf_counter() - began
            tab.wait_for_timeout(4000)
            page = sum(size for key, size in received if kinds.get(key) == "Document")
            total = sum(size for _key, size in received)
            click.echo(f"{name:<14}{total:>9} bytes, of these the page {page}; ready in {ready * 1000:.0f} ms")
            tab.close()
        context.close()


def main() -> None:
    """Run the measurement and print a table."""
    given = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    number = int(given[0]) if given else 200
    with databases.city(), databases.own_city("mycell") as url:
        tokens = make_accounts(url, number)
        with served(url) as port:
            click.echo(
                f"{'':<22}{'n':>5}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'errors':>8}{'per s':>10}{'bytes':>10}"
            )
            asyncio.run(ask_all(port, "/login", [""] * 8))
            one_by_one = [asyncio.run(ask_all(port, "/cell", [token]))[0] for token in tokens[:40] * 2]
            tell("one at a time, cold", one_by_one[:40])
            tell("one at a time, warm", one_by_one[40:])
            for _ in range(ROUNDS):
                empty = tell(f"{number} at once, login", asyncio.run(ask_all(port, "/login", [""] * number)))
                mine = tell(f"{number} at once, my cell", asyncio.run(ask_all(port, "/cell", tokens)))
                click.echo(f"my cell is {mine / empty:.1f} times the page that asks nothing")
            if "--no-bytes" not in sys.argv:
                measure_bytes(port, tokens[0])
    click.echo(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
