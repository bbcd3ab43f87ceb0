"""What a phone sends, perhaps days later and with a clock of its own: when it was made, and where it stands."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

from gridmap.errors import UserError

CLOCK_SLACK = dt.timedelta(minutes=2)
"""A phone's clock that is off by less is taken to be right."""

OLDEST = dt.timedelta(days=60)
"""What is older when it arrives is not taken."""

Standing = Literal["inside", "near_boundary", "outside", "no_cell"]


class ArrivalError(UserError):
    """Something that is not taken as it was sent. code: which sentence of the page tells why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def settle_time(made_at: dt.datetime, sent_at: dt.datetime, received_at: dt.datetime) -> tuple[dt.datetime, float]:
    """Return when something was made by the platform's clock, and how far the phone's was ahead, in seconds.

    All three with a zone. made_at, sent_at: by the phone. Errors: ArrivalError when it was made after it was sent, or
    too long ago.
    """
    skew = sent_at - received_at
    if abs(skew) < CLOCK_SLACK:
        skew = dt.timedelta()
    settled = made_at - skew
    if settled > received_at + CLOCK_SLACK:
        raise ArrivalError("future", f"made at {made_at.isoformat()}, after it was sent at {sent_at.isoformat()}")
    if settled < received_at - OLDEST:
        raise ArrivalError("old", f"made at {settled.isoformat()}; expected within the last {OLDEST.days} days")
    return min(settled, received_at), skew.total_seconds()


def stand(distance_m: float | None, boundary_m: float | None, accuracy_m: float) -> Standing:
    """Return how a place stands to a cell.

    distance_m: metres outside the cell, 0 inside; None without a cell. boundary_m: metres to its boundary, on either
    side. accuracy_m: how far off the place may be.
    """
    if distance_m is None or boundary_m is None:
        return "no_cell"
    if math.isfinite(boundary_m) and boundary_m < accuracy_m:
        return "near_boundary"
    return "inside" if distance_m == 0 else "outside"
