"""Find PostgreSQL's programs: Debian keeps them off the PATH, one folder per major version. Standard library only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MINIMUM_MAJOR = 15

# where packages put them when they are not on the PATH: Debian, PGDG's RPMs, Homebrew, Postgres.app
_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True)
class Programs:
    """One installed PostgreSQL server: its major version, the folder of its programs, whether it has PostGIS."""

    major: int
    folder: Path
    has_postgis: bool

    def path(self, name: str) -> str:
        """Return the full path of a program."""
        return str(self.folder / name)


def list_installed() -> list[Programs]:
    """Return every PostgreSQL server on this machine, newest first, those with PostGIS before the others."""
    folders: dict[Path, None] = {}
    for pattern in _FOLDERS:
        parts = Path(pattern).relative_to("/")
        folders.update(dict.fromkeys(sorted(Path("/").glob(str(parts)))))
    if on_path := shutil.which("initdb"):
        folders[Path(on_path).resolve().parent] = None
    found = [programs for folder in folders if (programs := _inspect(folder))]
    return sorted(found, key=lambda one: (one.has_postgis, one.major), reverse=True)


def find_usable() -> Programs | None:
    """Return the newest server that can serve gridmap: PostgreSQL 15 or later with PostGIS, or None."""
    for one in list_installed():
        if one.has_postgis and one.major >= MINIMUM_MAJOR:
            return one
    return None


def _inspect(folder: Path) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    debian = re.fullmatch(r"/usr/lib/postgresql/(\d+)/bin", str(folder))
    if debian:  # no program needs to be asked: this runs at every `make`
        major, share = int(debian[1]), Path("/usr/share/postgresql") / debian[1]
    else:
        told = _ask(folder)
        if told is None:
            return None
        major, share = told
    return Programs(major, folder, (share / "extension" / "postgis.control").exists())


def _ask(folder: Path) -> tuple[int, Path] | None:
    """Ask the programs for their major version and their folder of extensions."""
    try:
        version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        number = re.search(r"(\d+)", version)
        share = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return (int(number[1]), Path(share.strip())) if number else None
