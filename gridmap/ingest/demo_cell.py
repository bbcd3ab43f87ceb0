"""Generate what goes on in one cell of the demo, so that its page lives: rounds, visits, a case with a deadline.

All invented. Rounds are of the kind "cell", which no rule judges: they change no finding of the demo.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

import shapely

from gridmap.domain import grid
from gridmap.ingest.outlines import Outlines

CELL = "410181113"
TODAY = dt.date(2020, 10, 15)

ROUND_COLUMNS = (
    "round_id", "cell_code", "county_code", "post", "site_id", "patrolled_on", "with_roads", "note", "made_at",
    "received_at", "is_demo",
)  # fmt: skip
PATROL_COLUMNS = (
    "patrol_id", "kind", "county_code", "cell_key", "patrolled_on", "post", "is_demo", "cell_code", "round_id",
)  # fmt: skip

_NAMES = uuid.UUID("6f1d4a0e-9c0b-5d62-8f53-410181113000")
_LOCAL = ZoneInfo("Asia/Shanghai")
_POST = f"网格员-{CELL}-01"
_DAYS_AGO = (1, 2, 3, 5, 6, 8, 9, 10, 12, 13, 16, 17, 19, 20, 22, 23, 24, 26, 27, 30, 31, 33, 34)
"""Days before today on which there was a round: most workdays, with gaps."""

_EACH_TIME = 9
"""Squares that one round passes."""

_LEFT_OUT = 7
"""Every so many squares one is never reached: what is due is not evenly spread."""

_LEAST_SHARE_M2 = 10_000
"""What gridmap.store.cell_ground asks of a square of a cell."""

_VISITED = (("demo-con-0043", 2), ("demo-gas-0019", 11))
"""Sites of the cell that a round went to, with how many days ago."""

_CASE = "demo-con-0043"


def rounds(sites: Collection[str]) -> Iterator[tuple[object, ...]]:
    """Yield the rounds. sites: ids of the sites that the demo has."""
    for number, days in enumerate(_DAYS_AGO):
        yield _round(f"round-{days}", None, days, "例行巡查（演示）" if number % 4 == 0 else None)
    for site_id, days in _VISITED:
        if site_id in sites:
            yield _round(f"visit-{site_id}", site_id, days, None)


def patrols(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the squares that each round passed."""
    squares = [key for number, key in enumerate(_squares(outlines)) if number % _LEFT_OUT != 3]
    for number, days in enumerate(_DAYS_AGO):
        start = number * _EACH_TIME
        for step in range(_EACH_TIME):
            yield _patrol(f"round-{days}", squares[(start + step) % len(squares)], days)


def cases(sites: Collection[str]) -> Iterator[tuple[object, ...]]:
    """Yield a case about a site of the cell, with a deadline ahead."""
    if _CASE in sites:
        yield (
            f"demo-case-{_CASE}", CELL[:6], _CASE, "citizen", "演示：群众反映扬尘，限期整改", None, None,
            TODAY - dt.timedelta(days=6), TODAY + dt.timedelta(days=8), None, True, True,
        )  # fmt: skip


def _outline(outlines: Outlines) -> shapely.Geometry:
    return outlines.old_townships_m[dict(outlines.matched())[CELL]]


def _squares(outlines: Outlines) -> list[int]:
    """Return the keys of the city's squares of which at least a hectare lies in the cell, in order."""
    cell = _outline(outlines)
    shapely.prepare(outlines.city_m)
    west, south, east, north = (int(bound // grid.CELL_M) for bound in cell.bounds)
    keys = [grid.key_of(e, n) for n in range(north, south - 1, -1) for e in range(west, east + 1)]
    boxes = {key: shapely.box(*grid.bounds(key)) for key in keys}
    return [
        key
        for key, box in boxes.items()
        if outlines.city_m.intersects(box) and box.intersection(cell).area >= _LEAST_SHARE_M2
    ]


def _round(name: str, site_id: str | None, days: int, note: str | None) -> tuple[object, ...]:
    day = TODAY - dt.timedelta(days=days)
    made = dt.datetime.combine(day, dt.time(10, 40), _LOCAL)
    received = made + dt.timedelta(minutes=2)
    return _id(name), CELL, CELL[:6], _POST, site_id, day, False, note, made, received, True


def _patrol(name: str, key: int, days: int) -> tuple[object, ...]:
    made = _id(name)
    day = TODAY - dt.timedelta(days=days)
    return f"{made}-cell-{key}", "cell", CELL[:6], key, day, _POST, True, CELL, made


def _id(name: str) -> str:
    return str(uuid.uuid5(_NAMES, name))
