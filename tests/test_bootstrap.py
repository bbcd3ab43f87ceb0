"""What `make` does before anything is installed: the right sentence when it cannot, nothing left when it cleans."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gridmap import bootstrap, bootstrap_system, config
from gridmap.errors import UserError
from tests.processes import wait_until_gone

EVERYTHING = {"needs_database": True, "needs_venv": True, "needs_browser": True}
# files that an older Python reads before it is told that it is too old
READ_BY_ANY_PYTHON = ("__init__.py", "bootstrap.py")


def _script(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def _copy_checkout(target: Path) -> Path:
    """Copy what a clone would hold, files not yet committed included."""
    told = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "gridmap", "pyproject.toml", "Makefile"],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in told.stdout.splitlines():
        if (config.ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(config.ROOT / name, target / name)
    return target


def _tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", READ_BY_ANY_PYTHON)
def test_an_old_python_can_read_the_sentence(name: str) -> None:
    ast.parse((config.ROOT / "gridmap" / name).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_is_named_with_the_way_out() -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); import gridmap.bootstrap"
    done = subprocess.run([sys.executable, "-c", pretend], cwd=config.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "gridmap needs Python 3.11 or later, and this is 3.9; name another one: make demo PYTHON=python3.12\n"
    )


def test_bootstrap_imports_the_standard_library_only() -> None:
    script = (
        "import sys, gridmap.bootstrap\n"
        "ours = [n for n in sys.modules if n.split('.')[0] not in sys.stdlib_module_names | {'gridmap', '__main__'}]\n"
        "print([n for n in ours if not n.startswith('_')])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=config.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_there_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "postgresql-postgis" not in bootstrap_system.missing_packages(
        needs_database=True, needs_venv=False, needs_browser=False
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm" in bootstrap_system.missing_packages(needs_database=False, needs_venv=False, needs_browser=False)
    assert "chromium" in " ".join(bootstrap_system.missing_packages(**EVERYTHING))


def test_without_apt_two_lines_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _script(tmp_path / "bin", "dnf", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UserError) as caught:
        bootstrap_system.install(needs_database=False, needs_venv=False, needs_browser=False)
    first, second = str(caught.value).splitlines()
    assert "npm" in first
    assert "dnf install postgresql-server" in second


def test_without_sudo_the_sentence_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _script(tmp_path / "bin", "apt-get", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    with pytest.raises(UserError, match=r"there is no sudo here; ask an administrator to run: apt-get install npm"):
        bootstrap_system.install(needs_database=False, needs_venv=False, needs_browser=False)


def test_old_lists_are_fetched_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder, log = tmp_path / "bin", tmp_path / "log"
    _script(
        folder,
        "apt-get",
        f'echo "$@" >> {log}\ncase "$*" in *update*) touch {tmp_path}/fresh;; '
        f'*) test -e {tmp_path}/fresh || {{ echo "E: Unable to locate package"; exit 100; }};; esac',
    )
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    bootstrap_system._apt_install([], ["thing"])
    assert [line.split()[3] for line in log.read_text().splitlines()] == ["install", "update", "install"]


def test_no_network_is_one_sentence_with_apts_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _script(tmp_path / "bin", "apt-get", "echo reading; echo 'E: Failed to fetch something'; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(UserError, match=r"^apt-get could not install thing .*network.*: E: Failed to fetch something$"):
        bootstrap_system._apt_install([], ["thing"])


def test_a_failing_program_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^cannot do it: nosuchprogram is not installed$"):
        bootstrap.run(["nosuchprogram"], "cannot do it")
    with pytest.raises(UserError, match=r"^cannot do it: ERROR: no matching distribution$"):
        bootstrap.run(["sh", "-c", "echo first; echo 'ERROR: no matching distribution'; exit 1"], "cannot do it")


@pytest.mark.skipif(Path(sys.prefix) != bootstrap.VENV, reason="tests run outside .venv")
def test_a_second_run_takes_less_than_a_second() -> None:
    command = [sys.executable, "-m", "gridmap.bootstrap", "install", "--with", "tests"]
    subprocess.run(command, cwd=config.ROOT, check=True)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert time.perf_counter() - started < 1


def test_stop_and_clean_leave_nothing(tmp_path: Path) -> None:
    """In a copy of the checkout, with Python alone: no packages are installed there."""
    checkout = _copy_checkout(tmp_path / "checkout")
    before = _tree(checkout)
    tmp_path.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GRIDMAP_STATE_DIR": f"/tmp/gmclean{os.getpid()}"}
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    for name in (".venv/lib", "node_modules/x", "static/vendor", ".mypy_cache", "gridmap.egg-info", "build/lib"):
        (checkout / name).mkdir(parents=True)

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    start = (
        "from gridmap.db import cluster, state; state.create(); cluster.server().start(); print(cluster.status().pid)"
    )
    pid = int(python("-c", start))
    hold = "import time; from gridmap.db import state; held = state.claim_pid_file('server-9'); print('up', flush=True)"
    web = subprocess.Popen(
        [sys.executable, "-S", "-c", hold + "; time.sleep(60)"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert web.stdout is not None
    assert web.stdout.readline() == "up\n"
    assert python("-m", "gridmap.bootstrap", "stop") == "stopped: server-9, database\n"
    assert web.wait(timeout=5) != 0
    assert python("-m", "gridmap.bootstrap", "stop") == "nothing was running\n"
    python("-c", start)
    python("-m", "gridmap.bootstrap", "clean")
    wait_until_gone(pid)
    assert not Path(environment["GRIDMAP_STATE_DIR"]).exists()
    assert _tree(checkout) - {"static"} == before
    assert {path.name for path in tmp_path.iterdir()} == {"checkout"}


def test_make_lists_its_targets() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=config.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[1] for line in told.splitlines()] == ["help", "demo", "check", "test", "stop", "clean"]
