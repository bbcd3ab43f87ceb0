"""The ladder of stops of work: a site found without its hundred percents once, twice, three times.

豫环攻坚办〔2017〕56号附件 三(四)6、7: one week, one month, three months, by the calendar. It sets no window within
which the times are counted, so all are. Two visits on one day find the same thing and count once.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Step = Literal["one_week", "one_month", "three_months"]
STEPS: tuple[Step, ...] = ("one_week", "one_month", "three_months")


@dataclass(frozen=True)
class Proposal:
    """A stop that the record proposes. found_on: the days on which the site was found so, the visit's last.

    begins_on: first day; ends_on: the day on which it is over.
    """

    found_on: tuple[dt.date, ...]
    step: Step
    begins_on: dt.date
    ends_on: dt.date

    @property
    def times(self) -> int:
        """Return for the how many-th time the site was found so."""
        return len(self.found_on)


def propose(found_on: Iterable[dt.date], day: dt.date) -> Proposal:
    """Return the stop for a site that was found without its hundred percents on day, and earlier on other days."""
    days = (*sorted({one for one in found_on if one < day}), day)
    step = STEPS[min(len(days), len(STEPS)) - 1]
    ends_on = day + dt.timedelta(days=7) if step == "one_week" else later(day, 1 if step == "one_month" else 3)
    return Proposal(days, step, day, ends_on)


def later(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or that month's last day when it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
