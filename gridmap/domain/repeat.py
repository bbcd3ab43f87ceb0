"""What counts as repeated at a site: handed over again and again (反复交办), back after it was cured (死灰复燃), failed
again (反复不合格). The one definition: pages, API, files and the ranking of visits ask it and nothing else.

The documents give examples, not thresholds: a site handed over 8 times from April to September 2018, another 11 times
(R47-15, 16). So the numbers below are ours, those of hand-overs the same as the rule GRID-07's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

WINDOW_DAYS = 183
"""Half a year, the span of the documents' example, in days: what is older is history, told but not counted. Ours."""

LEAST_HANDED = 3
"""So many hand-overs of cases that are still open, within the window. Ours, as in GRID-07."""

LEAST_FAILED = 2
"""So many inspections with a measure that was not kept, within the window: the second one is the repetition. Ours."""

HANDED_RULE = "GRID-07"
"""The rule that finds repeated hand-overs; a case about no site has them only there."""

RETURN_RULE = "INDU-04"
"""The rule that finds a struck-off polluter producing again, here or elsewhere: resurgence in the documents' own word.

Beside it stands the platform's: a finding that was cured and is open again (design, section 7).
"""

REASONS = ("handed", "resurged", "failed")
"""Why something stands out, in the order in which it is told."""


@dataclass(frozen=True)
class Repeat:
    """What is repeated at a feature on a day, as far as the reader may know.

    handed: hand-overs of open cases within the window; handed_ever: all of them, closed cases too. resurged: how often
    its findings came back after they had been cured, of those that stand now or came back within the window. returned:
    open breaches by RETURN_RULE. failed: failed inspections within the window. *_on: the day of the last of each.
    """

    handed: int = 0
    handed_ever: int = 0
    handed_on: dt.date | None = None
    resurged: int = 0
    resurged_on: dt.date | None = None
    returned: int = 0
    failed: int = 0
    failed_on: dt.date | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why it stands out, () when it does not."""
        found = {
            "handed": self.handed >= LEAST_HANDED,
            "resurged": self.resurged + self.returned > 0,
            "failed": self.failed >= LEAST_FAILED,
        }
        return tuple(name for name in REASONS if found[name])

    @property
    def stands_out(self) -> bool:
        """Return whether it is a repeat at all."""
        return bool(self.reasons)

    def times(self, reason: str) -> int:
        """Return how often, for one of REASONS."""
        return {"handed": self.handed, "resurged": self.resurged + self.returned, "failed": self.failed}[reason]

    def last_on(self, reason: str) -> dt.date | None:
        """Return the day of the last time, for one of REASONS; None where nobody noted it."""
        return {"handed": self.handed_on, "resurged": self.resurged_on, "failed": self.failed_on}[reason]

    @property
    def again(self) -> int:
        """Return how many hand-overs and failed inspections followed the first of their kind."""
        return max(self.handed - 1, 0) + max(self.failed - 1, 0)


NEVER = Repeat()
"""Nothing is repeated."""
