"""What this checkout keeps on the machine outside itself: one folder, a lock, pid files. Standard library only.

`make stop` and `make clean` read this module with whatever Python there is, so it imports nothing that is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap import config
from gridmap.errors import ConflictError, UserError


def folder() -> Path:
    """Return the folder for cluster, locks and pid files: GRIDMAP_STATE_DIR, else one named after this checkout.

    Root keeps it under /var/lib, everyone else under $XDG_STATE_HOME: the server of a root user runs as
    `postgres`, which may not enter a checkout inside a private home. The hash keeps two checkouts apart.
    """
    chosen = config.load().state_dir
    if chosen is not None:
        return chosen
    return base() / "gridmap" / checkout_name(config.ROOT)


def base() -> Path:
    """Return the folder in which programs of this user keep their state; it is not ours to remove."""
    if os.geteuid() == 0:
        return Path("/var/lib")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state").absolute()


def checkout_name(root: Path) -> str:
    """Return a name that no other checkout has: the folder's own name and a hash of its path."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", root.name).strip("-")[:20] or "checkout"
    return f"{word}-{path_hash(root)}"


def path_hash(path: Path) -> str:
    """Return ten hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def create() -> Path:
    """Make the state folder and return it; UserError says why it cannot be had."""
    path = folder()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o755 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise UserError(
            f"cannot make the state folder {path}: {error.strerror}; set GRIDMAP_STATE_DIR to a folder you may write"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UserError(f"the state folder {path} belongs to another account; set GRIDMAP_STATE_DIR to one of your own")
    return path


@contextmanager
def locked() -> Iterator[Path]:
    """Hold this checkout's lock, waiting for whoever has it, and yield the state folder."""
    while True:
        path = create() / "lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # `make clean` may have removed the file while we waited for it: then the lock is worth nothing
            if not _is_same_file(handle, path):
                continue
            yield path.parent
            return
        finally:
            os.close(handle)


def remove_empty_parents(path: Path) -> None:
    """Remove the folders above a removed state folder as long as they are empty and in the user's own tree."""
    if config.load().state_dir is not None:
        return
    stop_at = {Path("/"), Path("/var/lib"), Path.home()}
    for parent in path.parents:
        if parent in stop_at:
            return
        try:
            parent.rmdir()
        except OSError:
            return


def claim_pid_file(name: str) -> int:
    """Write our pid to a file in the state folder and hold it locked; return the handle, to be kept open.

    The lock, not the number, says whether the program still runs: numbers are given out again.
    ConflictError when another program holds the file.
    """
    path = create() / f"{name}.pid"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConflictError(f"{name} runs already (process {path.read_text().strip()})") from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def running() -> dict[str, int]:
    """Return the programs of this checkout that hold their pid file: name -> process id."""
    found: dict[str, int] = {}
    for path in sorted(folder().glob("*.pid")):
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found[path.stem] = int(file.read() or 0)
    return {name: pid for name, pid in found.items() if pid > 1}


def stop_running(wait_s: float = 15.0) -> list[str]:
    """Ask every program of this checkout to end, insist after wait_s seconds, and return their names."""
    names = list(running())
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in running().values():
            _signal(pid, sign)
        deadline = time.monotonic() + wait_s
        while running() and time.monotonic() < deadline:
            time.sleep(0.05)
    if left := running():
        raise ConflictError(f"could not stop {', '.join(f'{name} (process {pid})' for name, pid in left.items())}")
    for path in folder().glob("*.pid"):
        path.unlink(missing_ok=True)
    return names


def _signal(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
    except PermissionError:
        raise ConflictError(f"process {pid} of this checkout belongs to another account: stop it there") from None


def _is_same_file(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)
