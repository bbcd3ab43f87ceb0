"""Wait for processes that are not our children."""

from __future__ import annotations

import time
from pathlib import Path


def wait_until_gone(pid: int, seconds: float = 5) -> None:
    """Wait for a process to end; one that nobody has collected yet (a zombie) counts as ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} lives on")
