"""How cells stand beside one another on a day: what county and city pages, their maps and their files are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gridmap.db.session import Connection
from gridmap.domain import ranking
from gridmap.domain.ranking import Measure
from gridmap.store import cell_numbers
from gridmap.store.cell_numbers import CellRow
from gridmap.web import view

WEEK = dt.timedelta(days=7)

Address = Callable[[CellRow], str | None]


@dataclass(frozen=True)
class Row:
    """A cell in the ranking. rank: None when it takes no part. moved: places towards the worst end since last week."""

    cell: CellRow
    numbers: dict[str, int]
    before: dict[str, int] | None
    value: float | None
    change: float | None
    rank: int | None
    moved: int | None
    href: str | None

    @property
    def is_small(self) -> bool:
        """Return whether shares of its sites say little."""
        return ranking.is_small(self.numbers)


@dataclass(frozen=True)
class Standing:
    """A cell (or the city) with the cells right below it. day: None when no audit has written numbers yet.

    before_day: the day of last week's numbers, None when there are none. rest: breaches that lie in no cell below.
    """

    code: str
    measure: Measure
    order: str
    day: dt.date | None
    before_day: dt.date | None
    numbers: dict[str, int]
    before: dict[str, int] | None
    rows: list[Row]
    trend: list[tuple[dt.date, int]]

    @property
    def rest(self) -> int:
        """Return how many breaches lie in no cell below this one."""
        return self.numbers.get("breach", 0) - sum(row.numbers.get("breach", 0) for row in self.rows)

    @property
    def ranked(self) -> list[Row]:
        """Return the rows that have a rank."""
        return [row for row in self.rows if row.rank is not None]


def chosen_measure() -> tuple[Measure, str]:
    """Return the measure and the order (worst or best first) that the request asks for."""
    measure = ranking.MEASURES[view.choice("measure", tuple(ranking.MEASURES), "breach")]
    return measure, view.choice("order", ("worst", "best"), "worst")


def look(conn: Connection, code: str, below: Sequence[CellRow], last: dt.date, address: Address) -> Standing:
    """Return how a cell and those below it stood on the newest day with numbers that is not after `last`."""
    measure, order = chosen_measure()
    day = cell_numbers.find_day(conn, view.FIRST_DAY, last)
    if day is None:
        return Standing(code, measure, order, None, None, {}, None, [], [])
    # "last week" is the newest audit that is at least seven days old, but no older than two weeks
    before_day = cell_numbers.find_day(conn, day - 2 * WEEK + dt.timedelta(days=1), day - WEEK)
    codes = [code, *(cell.code for cell in below)]
    now = cell_numbers.get_numbers(conn, codes, day)
    then = cell_numbers.get_numbers(conn, codes, before_day) if before_day else {}
    rows = _rows([cell for cell in below if cell.code in now], now, then, measure, address)
    rows.sort(key=_sorted_by(measure, order))
    trend = cell_numbers.list_trend(conn, code, "breach", day)
    return Standing(code, measure, order, day, before_day, now.get(code, {}), then.get(code), rows, trend)


def _rows(
    cells: Sequence[CellRow],
    now: dict[str, dict[str, int]],
    then: dict[str, dict[str, int]],
    measure: Measure,
    address: Address,
) -> list[Row]:
    ranks = ranking.rank({cell.code: now[cell.code] for cell in cells}, measure)
    ranks_then = ranking.rank({cell.code: then[cell.code] for cell in cells if cell.code in then}, measure)
    rows = []
    for cell in cells:
        numbers, before = now[cell.code], then.get(cell.code)
        value = measure.of_numbers(numbers)
        value_then = measure.of_numbers(before) if before is not None else None
        rank, rank_then = ranks.get(cell.code), ranks_then.get(cell.code)
        rows.append(
            Row(
                cell,
                numbers,
                before,
                value,
                None if value is None or value_then is None else value - value_then,
                rank,
                None if rank is None or rank_then is None else rank_then - rank,
                address(cell),
            )
        )
    return rows


def _sorted_by(measure: Measure, order: str) -> Callable[[Row], tuple[bool, float, str]]:
    """Return the key of the order: cells without a rank last, equals by code."""
    sign = 1 if (measure.worst == "low") == (order == "worst") else -1
    return lambda row: (row.rank is None, sign * (row.value or 0), row.cell.code)
