"""Rank cells by a measure and part them into classes for a map: the same numbers in table, map and file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

SMALL_SITES = 5
"""A cell with fewer sites is small: a share of so few says little, so it is shown and marked, but gets no rank."""

CLASSES = 5

Unit = Literal["number", "per_100", "percent"]


@dataclass(frozen=True)
class Measure:
    """What cells are ranked by: a number of cell_statistic, or a share of two.

    of: the denominator's name; times: what is expected of each of it (four roles of every cell).
    worst: whether the highest or the lowest value comes first.
    """

    id: str
    value: str
    of: str | None = None
    times: int = 1
    unit: Unit = "number"
    worst: Literal["high", "low"] = "high"

    def of_numbers(self, numbers: Mapping[str, int]) -> float | None:
        """Return the measure's value; None where there is nothing that it could be a share of."""
        number = numbers.get(self.value, 0)
        if self.of is None:
            return number
        whole = numbers.get(self.of, 0) * self.times
        return 100 * number / whole if whole else None

    def ranks(self, numbers: Mapping[str, int]) -> bool:
        """Return whether a cell of these numbers takes part in the ranking."""
        return self.of_numbers(numbers) is not None and not (self.of == "site" and is_small(numbers))


MEASURES: dict[str, Measure] = {
    measure.id: measure
    for measure in (
        Measure("breach", "breach"),
        Measure("breach_per_100", "breach_site", "site", unit="per_100"),
        Measure("breach_high", "breach_high"),
        Measure("new", "new_7d"),
        Measure("reopened", "reopened_7d"),
        Measure("overdue", "overdue_case"),
        Measure("visited", "site_visited_30d", "site", unit="percent", worst="low"),
        Measure("patrolled", "road_square_patrolled_7d", "road_square", unit="percent", worst="low"),
        Measure("duty", "duty_role", "cell", times=4, unit="percent", worst="low"),
    )
}
"""What a page may rank by. Only a breach counts; breaches per 100 sites are those found at sites."""


def is_small(numbers: Mapping[str, int]) -> bool:
    """Return whether a cell has too few sites for shares of them to be compared."""
    return numbers.get("site", 0) < SMALL_SITES


def rank(cells: Mapping[str, Mapping[str, int]], measure: Measure) -> dict[str, int]:
    """Return cell code → rank, 1 the worst. Equal values share a rank and the next ones are skipped (1, 2, 2, 4).

    Cells that take no part (no denominator, or too small for a share of sites) have none.
    """
    sign = 1 if measure.worst == "high" else -1
    badness: dict[str, float] = {}
    for code, numbers in cells.items():
        value = measure.of_numbers(numbers)
        if value is not None and measure.ranks(numbers):
            badness[code] = sign * value
    return {code: 1 + sum(other > mine for other in badness.values()) for code, mine in badness.items()}


@dataclass(frozen=True)
class Class:
    """A class of a map: the lowest and the highest value that cells in it have, and how many there are."""

    low: float
    high: float
    number: int


def classes(values: Sequence[float], wanted: int = CLASSES) -> list[Class]:
    """Part values into classes of about equal size, lowest first; equal values are never parted.

    Returns at most `wanted` classes, fewer where there are fewer different values, none without any.
    """
    ordered = sorted(values)
    parted: list[list[float]] = []
    for place, value in enumerate(ordered):
        begins = place * wanted // len(ordered) != (place - 1) * wanted // len(ordered)
        if parted and (value == parted[-1][-1] or not begins):
            parted[-1].append(value)
        else:
            parted.append([value])
    return [Class(group[0], group[-1], len(group)) for group in parted]


def class_of(value: float, parted: Sequence[Class]) -> int:
    """Return the position of the class that holds a value."""
    return next(place for place, each in enumerate(parted) if each.low <= value <= each.high)
