"""Install system packages with apt, and say what to install where there is none; standard library only."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from gridmap.db import programs
from gridmap.errors import UserError

# Debian makes and starts a cluster of its own on port 5432 when the server package is installed, unless told not to
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/gridmap-bootstrap.conf")

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_ELSEWHERE = {
    "darwin": "brew install postgresql@17 postgis node",
    "dnf": "sudo dnf install postgresql-server postgresql-contrib postgis nodejs-npm",
    "pacman": "sudo pacman -S postgresql postgis npm",
    "zypper": "sudo zypper install postgresql-server postgresql-contrib postgis npm",
}


def install(*, needs_database: bool, needs_venv: bool, needs_browser: bool) -> None:
    """Install the system packages that are missing; when nothing is, ask nobody."""
    missing = missing_packages(needs_database=needs_database, needs_venv=needs_venv, needs_browser=needs_browser)
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise UserError(_advice(missing))
    prefix = _as_root(missing)
    print(f"installing {', '.join(missing)} …", flush=True)
    try:
        if "postgresql-postgis" in missing:
            _write_no_cluster(prefix)
        _apt_install(prefix, missing)
    finally:
        _remove_no_cluster(prefix)


def missing_packages(*, needs_database: bool, needs_venv: bool, needs_browser: bool) -> list[str]:
    """Return the Debian packages that have to be installed, judged by what is there, not by dpkg."""
    missing = []
    if needs_database and programs.find_usable() is None:
        missing.append("postgresql-postgis")
    if shutil.which("npm") is None:
        missing.append("npm")
    if needs_venv and (importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None):
        missing.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if needs_browser and not any(shutil.which(name) for name in _BROWSERS):
        missing.append("chromium-browser" if _distribution() == "ubuntu" else "chromium")
    # Playwright brings a Node.js of its own, which is linked with it
    if needs_browser and ctypes.util.find_library("atomic") is None:
        missing.append("libatomic1")
    if needs_browser and not _has_chinese_font():
        missing.append("fonts-noto-cjk")
    return missing


def forget() -> None:
    """Remove the one file that a killed installation may have left behind."""
    if _NO_CLUSTER.exists():
        _remove_no_cluster([] if os.geteuid() == 0 else ["sudo", "-n"])


def reason(output: str) -> str:
    """Return the line of a program's output that says best what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("E: ", "ERROR", "npm error", "npm ERR", "rror:"):
        telling = [line for line in lines if line.startswith(mark) or mark in line]
        if telling:
            return telling[-1] if mark == "ERROR" else telling[0]
    return lines[-1] if lines else "no reason given"


def _apt_install(prefix: list[str], packages: list[str]) -> None:
    """Install with apt; lists that are old or missing make it fail, so fetch them once and try again."""
    command = ["install", "-y", "--no-install-recommends", *packages]
    if _apt(prefix, *command).returncode == 0:
        return
    updated = _apt(prefix, "update")
    done = _apt(prefix, *command)
    if done.returncode != 0:
        why = reason(done.stdout if updated.returncode == 0 else updated.stdout)
        raise UserError(f"apt-get could not install {', '.join(packages)} (is the network there?): {why}")


def _apt(prefix: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    # another apt may be at work, such as the daily one or that of a second checkout
    command = [*prefix, *environment, "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )


def _as_root(packages: list[str]) -> list[str]:
    """Return what to put before a command to run it as root; UserError when this user may not."""
    if os.geteuid() == 0:
        return []
    by_hand = f"ask an administrator to run: apt-get install {' '.join(packages)}"
    if shutil.which("sudo") is None:
        raise UserError(f"{', '.join(packages)} must be installed, and there is no sudo here; {by_hand}")
    # a terminal may be asked for the password; without one sudo must not wait for ever
    prefix = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise UserError(f"{', '.join(packages)} must be installed, and you may not use sudo; {by_hand}")
    return prefix


def _write_no_cluster(prefix: list[str]) -> None:
    script = 'mkdir -p "$(dirname "$1")" && echo "create_main_cluster = false" > "$1"'
    done = subprocess.run([*prefix, "sh", "-c", script, "sh", str(_NO_CLUSTER)], check=False)
    if done.returncode != 0:
        raise UserError(f"cannot write {_NO_CLUSTER}, which keeps Debian from starting a PostgreSQL cluster of its own")


def _remove_no_cluster(prefix: list[str]) -> None:
    """Remove our file, and its folders unless they belong to an installed package by now."""
    script = (
        'rm -f "$1"; folder="$(dirname "$1")"; [ -e "$folder/../createcluster.conf" ] || '
        'rmdir "$folder" "$(dirname "$folder")" 2>/dev/null; true'
    )
    if _NO_CLUSTER.exists():
        subprocess.run([*prefix, "sh", "-c", script, "sh", str(_NO_CLUSTER)], check=False)


def _advice(missing: list[str]) -> str:
    """Say in two lines what to install where we know no package manager to do it."""
    manager = "darwin" if sys.platform == "darwin" else next((name for name in _ELSEWHERE if shutil.which(name)), "")
    command = _ELSEWHERE.get(manager, "PostgreSQL 15 or later with PostGIS 3.3 or later, and Node.js with npm")
    return (
        f"gridmap installs packages only on Debian and Ubuntu; missing here: {', '.join(missing)} (Debian's names).\n"
        f"Install them yourself, then try again: {command}"
    )


def _distribution() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return ""
    return next((line[3:].strip('"') for line in lines if line.startswith("ID=")), "")


def _has_chinese_font() -> bool:
    """Return whether fontconfig knows a font with Chinese characters: without one the map shows boxes."""
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())
