"""Install what `make` needs, stop what runs, remove what is ours; standard library only.

python3 -m gridmap.bootstrap install [--with check|tests]   programs, Python environment, front-end packages
python3 -m gridmap.bootstrap stop                           the web server and the private cluster
python3 -m gridmap.bootstrap clean                          that, and everything `make` has put on this machine
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  an older Python must be told so before it meets newer modules
    sys.exit(
        f"gridmap needs Python 3.11 or later, and this is {sys.version_info[0]}.{sys.version_info[1]}; "
        "name another one: make demo PYTHON=python3.12"
    )

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gridmap import bootstrap_system, config
from gridmap.db import cluster, state
from gridmap.errors import GridmapError, UserError

ROOT = config.ROOT
VENV = ROOT / ".venv"
# what pip and npm need for a moment: where `make clean` finds it even if they are killed
SCRATCH = VENV / "tmp"
VENDOR = ROOT / "static" / "vendor"
TRANSLATIONS = ROOT / "gridmap" / "web" / "translations"
# what is asked for -> extra of pyproject.toml
EXTRAS = {"demo": "", "check": "dev", "tests": "dev"}
CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache", "build", "dist")


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three jobs and return the exit code; a mistake is one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python3 -m gridmap.bootstrap", description=__doc__.splitlines()[0])
    parser.add_argument("job", choices=["install", "stop", "clean"])
    parser.add_argument("--with", dest="purpose", choices=list(EXTRAS), default="demo")
    chosen = parser.parse_args(arguments)
    jobs: dict[str, Callable[[], None]] = {
        "install": lambda: install(chosen.purpose),
        "stop": stop,
        "clean": clean,
    }
    try:
        jobs[chosen.job]()
    except GridmapError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def install(purpose: str) -> None:
    """Install whatever is missing for a purpose: demo, check or tests. A second run only compares hashes."""
    with _alone():
        bootstrap_system.install(
            needs_database=config.load().database_url is None,
            needs_venv=not _venv_works(),
            needs_browser=purpose == "tests",
        )
        install_python(EXTRAS[purpose])
        install_front_end()
        compile_translations()
        shutil.rmtree(SCRATCH, ignore_errors=True)


def install_python(extra: str) -> None:
    """Make .venv and install the pinned packages, unless it was made from the same pyproject.toml and Python."""
    stamp = VENV / "gridmap-installed.json"
    digest = _digest_of_requirements()
    there = _read_json(stamp)
    extras = set(there.get("extras", [])) if there.get("digest") == digest else set()
    if there.get("digest") == digest and _venv_works() and (not extra or extra in extras):
        return
    say("installing the Python packages …")
    if not _venv_works():
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "cannot make the Python environment .venv")
    stamp.unlink(missing_ok=True)
    extras |= {extra} - {""}
    target = f"{ROOT}[{','.join(sorted(extras))}]" if extras else str(ROOT)
    # caches in the home folder would stay behind after `make clean`
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    pinned = ["-c", str(ROOT / "constraints.txt")]
    run([*pip, "install", *pinned, "-e", target], "cannot install the Python packages (is the network there?)")
    stamp.write_text(json.dumps({"digest": digest, "extras": sorted(extras)}))


def install_front_end() -> None:
    """Fill static/vendor from npm, unless it was filled from the same lock file by the same module."""
    lock, copier = ROOT / "package-lock.json", ROOT / "gridmap" / "maps" / "assets.py"
    if not lock.exists() or not copier.exists():
        return
    stamp = ROOT / "node_modules" / ".gridmap-installed"
    digest = _digest(lock, copier)
    if VENDOR.is_dir() and stamp.exists() and stamp.read_text() == digest:
        return
    say("installing the front-end packages …")
    run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", f"--cache={SCRATCH / 'npm'}"],
        "cannot install the front-end packages with npm (is the network there?)",
    )
    run([str(VENV / "bin" / "python"), "-m", "gridmap.maps.assets"], "cannot copy the front-end files to static/vendor")
    stamp.write_text(digest)


def compile_translations() -> None:
    """Compile message catalogues that are newer than their compiled form."""
    stale = [
        path
        for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")
        if not path.with_suffix(".mo").exists() or path.stat().st_mtime > path.with_suffix(".mo").stat().st_mtime
    ]
    if stale:
        command = [str(VENV / "bin" / "pybabel"), "--quiet", "compile", "-d", str(TRANSLATIONS)]
        run(command, "cannot compile the translations")


def stop() -> None:
    """Stop the web server and the private cluster of this checkout; the data stay."""
    stopped = state.stop_running()
    if cluster.stop():
        stopped.append("database")
    say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def clean() -> None:
    """Stop everything and remove all that `make` has made: the private cluster with its data, too."""
    state.stop_running()
    cluster.destroy()
    bootstrap_system.forget()
    for path in (VENV, ROOT / "node_modules", VENDOR, *(ROOT / name for name in CACHES), *ROOT.glob("*.egg-info")):
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
    for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.mo"):
        path.unlink()
    for path in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(path, ignore_errors=True)
    say("removed the private database with its data, the installed packages and all caches")


def run(command: list[str], failure: str) -> None:
    """Run a program quietly in the checkout; UserError says in a sentence what failed and the program's reason."""
    environment = dict(os.environ)
    if VENV.is_dir():
        SCRATCH.mkdir(exist_ok=True)
        environment["TMPDIR"] = str(SCRATCH)
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, text=True, errors="replace", check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except FileNotFoundError:
        raise UserError(f"{failure}: {command[0]} is not installed") from None
    if done.returncode != 0:
        raise UserError(f"{failure}: {bootstrap_system.reason(done.stdout)}")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let two `make` in one checkout wait for each other; the lock is on a file that is there anyway."""
    with (ROOT / "pyproject.toml").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _venv_works() -> bool:
    """Return whether .venv has pip and was made by this Python: a system upgrade leaves a dead one behind."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return (VENV / "bin" / "python").exists() and (VENV / "lib" / version / "site-packages" / "pip").is_dir()


def _digest_of_requirements() -> str:
    """Hash what pip reads of pyproject.toml, all pins, the place of the checkout and the version of Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    read_by_pip = [project.get("build-system"), project.get("project"), project.get("tool", {}).get("setuptools")]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return hashlib.sha256(json.dumps([read_by_pip, pins, str(ROOT), sys.version], sort_keys=True).encode()).hexdigest()


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


if __name__ == "__main__":
    # what `make` starts must see our own folder, whatever the caller's was
    os.chdir(ROOT)
    sys.exit(main())
