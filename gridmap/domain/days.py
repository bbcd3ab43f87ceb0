"""Days as people type them."""

from __future__ import annotations

import datetime as dt
import re

from gridmap.errors import UserError

EARLIEST = dt.date(2000, 1, 1)
LATEST = dt.date(2099, 12, 31)


def parse_day(text: str) -> dt.date:
    """Return the day that YYYY-MM-DD names; UserError says what is wrong with anything else."""
    wanted = f"{text!r} is no day; expected YYYY-MM-DD, such as 2020-10-15"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UserError(wanted)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(wanted) from error
    if not EARLIEST <= day <= LATEST:
        raise UserError(f"{text} is outside the days that can be judged, {EARLIEST} to {LATEST}")
    return day
