"""The 1 km squares of EPSG:4547, and the codes of unit cells.

Squares are half-open, west and south edges in: a point on an edge or corner has exactly one square. The same
arithmetic stands in the database as gridmap.cell_key_m(); a test holds the two together.

A unit cell's code has 15 digits: county (6), township (3), village (3, or 000 where the cell lies under a township
without village cells), number (3). Cells that are made together are numbered as a page is read: the land is cut into
bands from north to south, and in each band they follow from west to east. A cell belongs to the band of its centroid
(EPSG:4547, to the metre); bands are as high as the squares that the cells are made of, 1 km where they come from a
file, and begin at whole multiples of it. Cells with one and the same centroid keep the order they came in. Numbers go
on after the highest that was ever given under the same twelve digits: no code is given twice, also of cells long ended.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from gridmap.errors import UserError

CELL_M = 1000.0
"""Side of a square, metres."""

_FACTOR = 100_000
_CODE = re.compile(r"E(0|[1-9][0-9]{0,4})N(0|[1-9][0-9]{0,4})")


def cell_of(x: float, y: float) -> int:
    """Return the key of the square that holds (easting, northing) in metres; UserError when none can."""
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UserError(f"position {x}, {y} is no pair of metres; expected easting and northing of EPSG:4547")
    return key_of(math.floor(x / CELL_M), math.floor(y / CELL_M))


def key_of(east_km: int, north_km: int) -> int:
    """Return the key of the square whose south-west corner lies at these kilometres."""
    if not (0 <= east_km < _FACTOR and 0 <= north_km < _FACTOR):
        raise UserError(
            f"square {east_km}, {north_km} is outside the grid; expected kilometres from 0 to {_FACTOR - 1}"
        )
    return east_km * _FACTOR + north_km


def kilometres(key: int) -> tuple[int, int]:
    """Return easting and northing of a square's south-west corner, kilometres."""
    if not 0 <= key < _FACTOR * _FACTOR:
        raise UserError(f"cell key {key} is outside the grid")
    return divmod(key, _FACTOR)


def code_of(key: int) -> str:
    """Return the code of a square (E459N3846)."""
    east_km, north_km = kilometres(key)
    return f"E{east_km}N{north_km}"


def parse(code: str) -> int:
    """Return the key of a square from its code; UserError unless it is written E<km>N<km>."""
    match = _CODE.fullmatch(code)
    if match is None:
        raise UserError(f"{code!r} is no code of a 1 km square; expected E<km>N<km>, such as E459N3846")
    return key_of(int(match[1]), int(match[2]))


def bounds(key: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a square, metres of EPSG:4547."""
    east_km, north_km = kilometres(key)
    return east_km * CELL_M, north_km * CELL_M, (east_km + 1) * CELL_M, (north_km + 1) * CELL_M


def touching(west: float, south: float, east: float, north: float) -> Iterator[int]:
    """Yield the keys of the squares of the grid that a box touches, edges and corners with it; metres of EPSG:4547."""
    for east_km in range(max(math.ceil(west / CELL_M) - 1, 0), math.floor(east / CELL_M) + 1):
        for north_km in range(max(math.ceil(south / CELL_M) - 1, 0), math.floor(north / CELL_M) + 1):
            yield key_of(east_km, north_km)


MOST_UNITS = 999
"""As many unit cells as three digits count, under one township or village, past ones among them."""

_UNIT = re.compile(r"([0-9]{12})([0-9]{3})")


def unit_prefix(parent_code: str) -> str:
    """Return the twelve digits that the codes of unit cells under a township (9) or village (12 digits) begin with.

    UserError for a parent whose code is neither, such as a county or an old township without a code of today.
    """
    if not (parent_code.isascii() and parent_code.isdigit() and len(parent_code) in (9, 12)):
        raise UserError(
            f"cell {parent_code} can have no unit cells: expected the code of a township (9 digits) or village (12)"
        )
    return parent_code.ljust(12, "0")


def is_unit_code(code: str) -> bool:
    """Return whether a code is a unit cell's: 15 digits, the last three not 000."""
    match = _UNIT.fullmatch(code)
    return match is not None and code.isascii() and match[2] != "000"


def next_unit_codes(parent_code: str, used: Iterable[str], count: int) -> list[str]:
    """Return the codes of so many new unit cells under a parent.

    used: every code given so far; codes of other cells may be among them.
    UserError when three digits do not count so many.
    """
    prefix = unit_prefix(parent_code)
    last = max((int(code[12:]) for code in used if is_unit_code(code) and code.startswith(prefix)), default=0)
    if last + count > MOST_UNITS:
        raise UserError(
            f"{count} cells more under {parent_code} would be {last + count}, and codes count to {MOST_UNITS}; "
            "make larger cells"
        )
    return [f"{prefix}{number:03d}" for number in range(last + 1, last + count + 1)]


def reading_order(centroids: Sequence[tuple[float, float]], band_m: float = CELL_M) -> list[int]:
    """Return the order in which cells are numbered, as positions: bands from the north, in each from the west.

    centroids: easting and northing in metres of EPSG:4547. band_m: height of a band.
    """

    def place(position: int) -> tuple[int, int, int, int]:
        east, north = (round(metres) for metres in centroids[position])
        return -math.floor(north / band_m), east, -north, position

    return sorted(range(len(centroids)), key=place)
