"""How the grid changes: cells that begin, cells that end, and the duties that end with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from gridmap.errors import ConflictError, UserError

LONGEST_NAME = 100


@dataclass(frozen=True)
class NewCell:
    """A unit cell before it has a code.

    name: None to be called by its number. outline_wkb: WKB of a MultiPolygon in EPSG:4490. centroid_m: EPSG:4547.
    """

    name: str | None
    outline_wkb: bytes
    area_m2: float
    centroid_m: tuple[float, float]
    position_error_m: float
    source: str


@dataclass(frozen=True)
class Cell:
    """A responsibility cell as it stands on a day: in force on [begins_on, ends_on), None without such a day."""

    cell_code: str
    level: str
    name: str
    parent_code: str | None
    county_code: str | None
    begins_on: dt.date | None
    ends_on: dt.date | None
    area_m2: float
    position_error_m: float
    source: str


@dataclass(frozen=True)
class EndedDuty:
    """A duty that ends with its cell. never_began: it was to begin later, and is taken away."""

    cell_code: str
    role: str
    post: str
    never_began: bool


@dataclass
class GridChange:
    """What a change of the grid did: codes and names of cells that begin, codes of those that end, and their duties.

    findings: how many open findings of what lies in the ended cells now belong to others.
    """

    from_day: dt.date
    begun: list[tuple[str, str, float]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    duties: list[EndedDuty] = field(default_factory=list)
    findings: int = 0


def check_may_end(cell: Cell, from_day: dt.date) -> None:
    """Raise ConflictError unless a version of a cell may end the day before from_day."""
    if cell.begins_on is not None and cell.begins_on >= from_day:
        raise ConflictError(
            f"cell {cell.cell_code} stands as it is from {cell.begins_on} on; choose a later day than that"
        )
    if cell.ends_on is not None:
        raise ConflictError(
            f"cell {cell.cell_code} ends or changes on {cell.ends_on} already; change it from that day on"
        )


def check_unit(cell: Cell) -> None:
    """Raise UserError unless a cell may be split or merged: only unit cells, the others follow the divisions."""
    if cell.level != "unit":
        raise UserError(
            f"cell {cell.cell_code} is a {cell.level} cell and follows the administrative divisions: "
            "only unit cells are split and merged"
        )


def check_parent(cell: Cell) -> None:
    """Raise UserError unless unit cells may lie under a cell."""
    if cell.level not in ("township", "village"):
        raise UserError(f"cell {cell.cell_code} is a {cell.level} cell; unit cells lie under a township or a village")


def check_siblings(cells: list[Cell]) -> None:
    """Raise UserError unless cells may be merged into one: at least two, of one cell above."""
    if len({cell.cell_code for cell in cells}) < 2:
        raise UserError("merging takes at least two different cells")
    parents = sorted({str(cell.parent_code) for cell in cells})
    if len(parents) > 1:
        raise UserError(f"the cells lie under {' and '.join(parents)}; only cells of one cell above are merged")


def check_name(name: str) -> str:
    """Return a cell's name without spaces around it; UserError when it is none."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"the name should be a text of at most {LONGEST_NAME} characters")
    return name
