"""Settings, all from the environment (GRIDMAP_*), read in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DETOUR_FACTOR = 1.3
"""The way by road over the straight line, unless GRIDMAP_DETOUR_FACTOR says otherwise. Ours, a usual figure; it was not
measured in any city."""


def resource(name: str) -> Path:
    """Return a folder that ships beside the package: layers, migrations or static.

    In a checkout it lies next to the package, in a wheel inside it.
    """
    inside = Path(__file__).resolve().parent / name
    return inside if inside.is_dir() else ROOT / name


def state_of_files(root: Path, pattern: str) -> tuple[tuple[str, int, int], ...]:
    """Return name, time of change and size of the files of a folder: what is kept of them is kept by this."""
    found = []
    for path in sorted(root.glob(pattern)):
        if path.is_file():
            state = path.stat()
            found.append((path.relative_to(root).as_posix(), state.st_mtime_ns, state.st_size))
    return tuple(found)


@dataclass(frozen=True)
class Settings:
    """What an installation may set.

    database_url: GRIDMAP_DATABASE_URL, a libpq URL; None means the private cluster.
    state_dir: GRIDMAP_STATE_DIR, where the private cluster and its log live; None means that
        gridmap.db.cluster chooses a folder that belongs to this checkout.
    port: GRIDMAP_PORT, the web server's port.
    proxies: GRIDMAP_PROXIES, reverse proxies before the server whose headers tell the reader's address; 0 trusts none.
    statement_timeout_s: GRIDMAP_RULE_TIMEOUT_S, time limit of one rule, seconds.
    matrix_url: GRIDMAP_MATRIX_URL, address of the city's service for ways over the roads (OSRM's table); None without.
    detour_factor: GRIDMAP_DETOUR_FACTOR, the way by road over the straight line, where there is no such service.
    """

    database_url: str | None
    state_dir: Path | None
    port: int
    statement_timeout_s: float
    proxies: int = 0
    matrix_url: str | None = None
    detour_factor: float = DETOUR_FACTOR


def load() -> Settings:
    """Read the settings from the environment."""
    from gridmap.errors import UserError

    raw_port = os.environ.get("GRIDMAP_PORT") or "8080"
    raw_timeout = os.environ.get("GRIDMAP_RULE_TIMEOUT_S") or "120"
    try:
        port = int(raw_port)
    except ValueError:
        port = -1
    if not 0 < port < 65536:
        raise UserError(f"GRIDMAP_PORT is {raw_port!r}; expected a number from 1 to 65535")
    try:
        timeout = float(raw_timeout)
    except ValueError:
        timeout = float("nan")
    if not 0 < timeout <= 86400:
        raise UserError(f"GRIDMAP_RULE_TIMEOUT_S is {raw_timeout!r}; expected seconds, more than 0 and at most 86400")
    state = os.environ.get("GRIDMAP_STATE_DIR")
    return Settings(
        database_url=os.environ.get("GRIDMAP_DATABASE_URL") or None,
        state_dir=Path(state).absolute() if state else None,
        port=port,
        statement_timeout_s=timeout,
        proxies=_proxies(),
        matrix_url=_matrix_url(),
        detour_factor=_detour_factor(),
    )


def _proxies() -> int:
    from gridmap.errors import UserError

    text = os.environ.get("GRIDMAP_PROXIES") or "0"
    if text not in ("0", "1", "2", "3"):
        raise UserError(
            f"GRIDMAP_PROXIES is {text[:20]!r}; expected how many reverse proxies stand before gridmap, 0 to 3"
        )
    return int(text)


def _matrix_url() -> str | None:
    from gridmap.errors import UserError

    text = os.environ.get("GRIDMAP_MATRIX_URL") or None
    if text is not None and not text.startswith(("http://", "https://")):
        raise UserError(f"GRIDMAP_MATRIX_URL is {text[:60]!r}; expected an address such as http://127.0.0.1:5000")
    return text


def _detour_factor() -> float:
    from gridmap.errors import UserError

    text = os.environ.get("GRIDMAP_DETOUR_FACTOR") or str(DETOUR_FACTOR)
    try:
        factor = float(text)
    except ValueError:
        factor = float("nan")
    if not 1 <= factor <= 3:
        raise UserError(f"GRIDMAP_DETOUR_FACTOR is {text[:20]!r}; expected a number from 1 to 3")
    return factor
