"""The private cluster: made in one piece, found again, recovered, refused when it is not ours to use.

Each test has a state folder of its own, so that none touches the cluster that the other tests run on.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from gridmap import config
from gridmap.db import cluster, programs, state
from gridmap.errors import DatabaseError, UserError
from tests.processes import wait_until_gone

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short state folder that the server's account may enter; nothing is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="gmtest"))
    folder.chmod(0o755)
    monkeypatch.delenv("GRIDMAP_DATABASE_URL", raising=False)
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(folder / "state"))
    try:
        yield folder
    finally:
        cluster.destroy()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def _made_once() -> Iterator[Path]:
    """A stopped cluster with one committed row, to be copied: initdb once for the whole module."""
    folder = Path(tempfile.mkdtemp(prefix="gmmade"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRIDMAP_DATABASE_URL", raising=False)
        patch.setenv("GRIDMAP_STATE_DIR", str(folder / "state"))
        cluster.ensure_running()
        _execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('durable')")
        cluster.stop()
        yield folder / "state"
        cluster.destroy()
    shutil.rmtree(folder)


@pytest.fixture
def made(home: Path, _made_once: Path) -> Path:
    """A state folder with a stopped cluster that holds the table `kept`."""
    subprocess.run(["cp", "-a", str(_made_once), str(home / "state")], check=True)
    return home / "state"


def _execute(statement: str) -> list[tuple[object, ...]]:
    conn = psycopg2.connect(cluster.url())
    try:
        with conn, conn.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        conn.close()


def _kept() -> list[tuple[object, ...]]:
    return _execute("SELECT word FROM kept")


def test_a_cold_start_gives_a_utf8_database_on_a_socket_only(home: Path) -> None:
    url = cluster.ensure_running()
    assert url.startswith("postgresql://gridmap@/gridmap?host=/")
    assert _execute("SHOW listen_addresses") == [("",)]
    assert _execute("SHOW server_encoding") == [("UTF8",)]
    assert _execute("SHOW lc_collate") == [("C.UTF-8",)]
    assert _execute("SHOW fsync") == [("on",)]
    assert _execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == [(1,)]
    assert (home / "state/postgres").stat().st_mode & 0o777 == 0o700
    if IS_ROOT:
        assert (home / "state/postgres/data").stat().st_uid == pwd.getpwnam("postgres").pw_uid


def test_a_running_cluster_is_reused_at_once(made: Path) -> None:
    cluster.ensure_running()
    pid = cluster.status().pid
    started = time.perf_counter()
    cluster.ensure_running()
    assert time.perf_counter() - started < 0.5
    assert cluster.status().pid == pid


def test_stop_keeps_the_data_and_says_what_it_did(made: Path) -> None:
    assert cluster.stop() is False
    cluster.ensure_running()
    assert cluster.stop() is True
    assert cluster.status().running is False
    cluster.ensure_running()
    assert _kept() == [("durable",)]


def test_kill_9_loses_nothing_committed(made: Path) -> None:
    cluster.ensure_running()
    _execute("INSERT INTO kept VALUES ('late')")
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert (made / "postgres/data/postmaster.pid").exists()
    assert cluster.status().running is False
    cluster.ensure_running()
    assert _kept() == [("durable",), ("late",)]


def test_a_crashed_connection_is_waited_for(made: Path) -> None:
    """PostgreSQL restarts itself when one of its processes is killed, and refuses everybody meanwhile."""
    cluster.ensure_running()
    pid = cluster.status().pid
    ours = psycopg2.connect(cluster.url())
    os.kill(ours.info.backend_pid, signal.SIGKILL)
    _wait_until_noticed(ours.info.backend_pid)
    cluster.ensure_running()
    assert cluster.status().pid == pid
    assert _kept() == [("durable",)]


def _wait_until_noticed(pid: int) -> None:
    """Until the server has seen that its process died, it goes on taking callers, whom it then throws out."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} was killed and is still there")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_pid_file_whose_number_was_given_out_again_stops_nobody(made: Path) -> None:
    """After a restart of the machine the old number may be any process, one of the server's account even."""
    account = pwd.getpwnam("postgres") if IS_ROOT else None
    stranger = subprocess.Popen(
        ["sleep", "60"], user=account.pw_uid if account else None, group=account.pw_gid if account else None
    )
    try:
        pid_file = made / "postgres/data/postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{made}/postgres/data\n1600000000\n5432\n\n\n  0 0\nready\n")
        if account:
            os.chown(pid_file, account.pw_uid, account.pw_gid)
        assert cluster.status().running is False
        assert cluster.stop() is False
        cluster.ensure_running()
        assert _kept() == [("durable",)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_what_a_killed_initdb_left_is_made_anew(home: Path) -> None:
    leftover = home / "state/postgres/data.new-1234/base"
    leftover.mkdir(parents=True)
    (leftover / "half").write_text("")
    cluster.ensure_running()
    assert not list((home / "state/postgres").glob("data.new*"))


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.35, 0.5, 0.6])
def test_a_first_start_may_be_killed_at_any_moment(home: Path, seconds: float) -> None:
    """Its initdb or pg_ctl lives on for a while: the next start neither trips over it nor takes its half work."""
    script = "from gridmap.db import cluster; cluster.ensure_running()"
    first = subprocess.Popen([sys.executable, "-c", script], cwd=config.ROOT)
    time.sleep(seconds)
    first.kill()
    first.wait()
    cluster.ensure_running()
    assert _execute("SELECT 1") == [(1,)]


@pytest.mark.parametrize("missing", ["PG_VERSION", "global/pg_control"])
def test_a_half_initialised_folder_is_named_and_kept(made: Path, missing: str) -> None:
    (made / "postgres/data" / missing).unlink()
    with pytest.raises(DatabaseError, match=r"no complete PostgreSQL data folder.*make clean"):
        cluster.ensure_running()
    assert (made / "postgres/data/base").is_dir()


def test_an_empty_data_folder_is_used(home: Path) -> None:
    (home / "state/postgres/data").mkdir(parents=True)
    cluster.ensure_running()
    assert cluster.status().running


def test_data_of_another_version_is_refused_and_kept(made: Path) -> None:
    (made / "postgres/data/PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseError, match=r"made by PostgreSQL 9, but installed is \d+.*nothing was touched"):
        cluster.ensure_running()
    assert (made / "postgres/data/base").is_dir()


def test_without_a_server_the_sentence_names_the_package(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DatabaseError, match="postgresql-postgis"):
        cluster.ensure_running()


def test_a_server_without_postgis_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of programs that say of themselves where their extensions would be, and none is there."""
    for name, answer in {"initdb": "", "pg_ctl": "", "postgres": "postgres 17.1", "pg_config": str(tmp_path)}.items():
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\necho '{answer}'\n")
        script.chmod(0o755)
    monkeypatch.setattr(programs, "_FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("PATH", "/bin")
    assert programs.list_installed() == [programs.Programs(17, tmp_path, has_postgis=False)]
    assert programs.find_usable() is None


def test_two_at_once_start_one_server(made: Path) -> None:
    urls: list[str] = []
    starts = [threading.Thread(target=lambda: urls.append(cluster.ensure_running())) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(urls) == 4
    assert _kept() == [("durable",)]


def test_two_checkouts_have_two_folders() -> None:
    names = {state.checkout_name(Path(path)) for path in ("/a/gridmap", "/b/gridmap", "/a/gridmap2")}
    assert len(names) == 3
    assert all(len(name) < 32 for name in (*names, state.checkout_name(Path("/x/" + "long name " * 20))))


def test_two_checkouts_run_side_by_side(made: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.ensure_running()
    subprocess.run(["cp", "-a", str(made), str(home / "second")], check=True)
    first = cluster.status()
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(home / "second"))
    try:
        cluster.ensure_running()
        second = cluster.status()
        assert second.pid != first.pid
        _execute("INSERT INTO kept VALUES ('second')")
    finally:
        cluster.destroy()
    assert not (home / "second").exists()
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(made))
    assert cluster.status().pid == first.pid
    assert _kept() == [("durable",)]


def test_a_long_path_gets_a_short_socket(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = home / ("d" * 60) / ("e" * 60) / "with space, comma 和 'quote'"
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(deep))
    cluster.ensure_running()
    outside = cluster.server().socket_folder
    assert outside.parent == Path("/tmp")
    assert outside.stat().st_mode & 0o777 == 0o700
    assert _execute("SELECT 1") == [(1,)]
    cluster.destroy()
    assert not outside.exists()
    assert not deep.exists()


def test_an_odd_path_is_quoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(home / "a b,c'd%e&f"))
    cluster.ensure_running()
    assert _execute("SELECT 1") == [(1,)]
    cluster.destroy()


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as another account")
def test_a_folder_that_the_servers_account_may_not_enter_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(private / "state"))
    with pytest.raises(UserError, match=r"may not enter .*GRIDMAP_STATE_DIR"):
        cluster.ensure_running()
    cluster.destroy()


def test_a_state_folder_that_cannot_be_made_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("GRIDMAP_STATE_DIR", str(home / "file" / "state"))
    with pytest.raises(UserError, match=r"cannot make the state folder .*GRIDMAP_STATE_DIR"):
        cluster.ensure_running()


def test_destroy_leaves_nothing_of_ours_and_nothing_else_out(made: Path) -> None:
    cluster.ensure_running()
    pid = cluster.status().pid
    assert pid is not None
    (made / "somebody elses file").write_text("kept")
    assert cluster.destroy() is True
    assert [path.name for path in made.iterdir()] == ["somebody elses file"]
    wait_until_gone(pid)
    (made / "somebody elses file").unlink()
    cluster.destroy()
    assert not made.exists()
    assert cluster.destroy() is False


def test_clients_environment_does_not_mislead(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "/nowhere")
    monkeypatch.setenv("PGDATABASE", "nothing")
    cluster.ensure_running()
    assert _kept() == [("durable",)]


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_an_ordinary_user_runs_a_server_of_his_own(home: Path) -> None:
    """Starting needs the standard library alone, so the system's Python will do for a user who may read no other."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    nobody = pwd.getpwnam("nobody")
    folder = home / "nobody"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    script = (
        "import os, sys; from pathlib import Path; from gridmap.db.server import Server; "
        "server = Server(Path(sys.argv[1])); server.start(); "
        "assert os.stat(f'/proc/{server.pid()}').st_uid == os.geteuid(); "
        "assert server.stop(); server.remove(); print('served')"
    )

    def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            cwd=config.ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    if python is None or as_nobody(python, "-c", "import tomllib, gridmap.db.server").returncode != 0:
        pytest.skip("nobody may read neither this checkout nor a Python 3.11")
    done = as_nobody(python, "-c", script, str(folder / "postgres"))
    assert done.stdout.strip() == "served", done.stderr
    assert list(folder.iterdir()) == []
