"""How far a check or an import is, and how long it will take: from rows done and what each step costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Progress = Callable[[str, int, int | None], None]
"""Called with a step, rows of it that are done, and how many there are, None if nobody knows. It may raise to stop."""

SHARES: Final = {
    "check": {"reading": 70.0, "comparing": 15.0, "keeping": 15.0},
    "write": {"reading": 20.0, "comparing": 10.0, "writing": 70.0},
}
"""What each step takes of the whole, hundredths: measured with 20,000 and 50,000 new enterprises."""

_FIRST_S = 2.0
"""Nothing is estimated before: a quarter of a second says nothing of a minute."""


@dataclass(frozen=True)
class HowFar:
    """percent: of the whole, None when the number of rows is unknown and rows are still read. left_s: None likewise."""

    percent: int | None
    left_s: float | None


def how_far(task: str, step: str, done: int, total: int | None, elapsed_s: float) -> HowFar:
    """Return how far a task ("check", "write") is. Never 100 before it has ended."""
    before = 0.0
    for name, share in SHARES[task].items():
        if name != step:
            before += share
            continue
        if total is None:
            return HowFar(None if name == "reading" else int(before), None)
        # an estimated number of rows may turn out too small
        before += share * min(1.0, done / total if total else 1.0)
        break
    percent = min(99, int(before))
    if elapsed_s < _FIRST_S or before < 3:
        return HowFar(percent, None)
    return HowFar(percent, elapsed_s * (100 - before) / before)
