"""The 1 km squares of EPSG:4547: cell keys, codes and bounds.

Squares are half-open, west and south edges in: a point on an edge or corner has exactly one square. The same
arithmetic stands in the database as gridmap.cell_key_m(); a test holds the two together.
"""

from __future__ import annotations

import math
import re

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
