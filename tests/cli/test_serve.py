"""The web server: one sentence when the port is taken, a clean end, nothing left in anybody's home."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.cli import serve
from gridmap.db import state
from gridmap.errors import ConflictError, UserError
from tests.processes import wait_until_gone


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path, city_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Home and state folder of this test alone, for this process and the servers it starts."""
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return dict(os.environ)


@pytest.fixture
def running(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server that answers, and its port."""
    port = _free_port()
    process = _serve(environment, port)
    assert process.stdout is not None
    assert process.stdout.readline() == f"serving at http://127.0.0.1:{port}/  (Ctrl-C stops it)\n"
    yield process, port
    process.kill()
    process.communicate()


def _serve(environment: dict[str, str], port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gridmap", "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_answers_and_ends_on_ctrl_c(running: tuple[subprocess.Popen[str], int], tmp_path: Path) -> None:
    process, port = running
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert process.communicate() == ("", "")
    assert list((tmp_path / "home").iterdir()) == []


def test_make_stop_ends_it(running: tuple[subprocess.Popen[str], int]) -> None:
    process, port = running
    assert state.running() == {f"server-{port}": process.pid}
    assert state.stop_running() == [f"server-{port}"]
    assert state.running() == {}
    assert process.wait(timeout=5) == 0


def test_a_taken_port_names_itself_its_owner_and_the_way_out(
    running: tuple[subprocess.Popen[str], int], environment: dict[str, str]
) -> None:
    process, port = running
    second = _serve(environment, port)
    out, told = second.communicate(timeout=20)
    assert (second.returncode, out) == (1, "")
    assert told == (
        f"port {port} is taken: gridmap of this checkout serves there already (process {process.pid}); "
        "see `make stop`\n"
    )


def test_a_port_taken_by_another_program(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConflictError, match=rf"port {port} is taken by another program.*make demo PORT=9000"):
            serve.listen("127.0.0.1", port)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(UserError, match=r"cannot listen on 192\.0\.2\.1 port 9000: .*check --host"):
        serve.listen("192.0.2.1", 9000)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:1/"), ("0.0.0.0", "http://127.0.0.1:1/"), ("::1", "http://[::1]:1/")],
)
def test_the_address_is_one_for_a_browser(host: str, shown: str) -> None:
    assert serve.address(host, 1) == shown


def test_a_killed_server_leaves_the_port_to_the_next(
    running: tuple[subprocess.Popen[str], int], environment: dict[str, str]
) -> None:
    process, port = running
    workers = _children(process.pid)
    process.kill()
    process.wait()
    for worker in workers:
        wait_until_gone(worker, 10)
    assert state.running() == {}
    time.sleep(0.1)
    serve.listen("127.0.0.1", port).close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
