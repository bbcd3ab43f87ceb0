"""The shifted degrees of Chinese map apps, GCJ-02 and BD-09, from WGS 84 and back, for arrays.

GCJ-02 shifts WGS 84 on purpose, by 500 to 700 m in the city; BD-09 shifts that once more, by about 900 m. Whether a
position is shifted at all depends on where it is by WGS 84: inside China's box it is, outside nothing is. The shift is
600 m at the box's edge too, so that there the two do not meet. What is decided for that strip, a kilometre or two of
sea, desert and foreign land:

* a position inside the box comes back to itself, always: the inverse looks for it first;
* where nothing inside the box is shifted to, the given position is returned as it is, as everywhere abroad.

So a foreign position closer to the box than the shift may be taken for the shifted one of a neighbour inside. The
search follows the formulas, not the box: iterations that ask the box at each step jump over its edge and back for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gridmap.errors import UserError

Array: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[Array, Array]

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
"""The ellipsoid of Krasovsky 1940, in whose terms the shift is made."""

_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north: outside this box map apps shift nothing."""

_MIDDLE = (105.0, 35.0)

_BD_TURNS = np.pi * 3000.0 / 180.0
_BD_OFFSET = (0.0065, 0.006)

_MOST_STEPS = 30
"""Each step leaves at most a fortieth of the error, so that ten do; the cap is for what nobody thought of."""

_CLOSE_ENOUGH = 1e-12
"""Degrees, a tenth of a micrometre: the last digits of a double at 113 degrees are worth 1.4e-14."""

_EDGE = 1e-11


def to_gcj02_arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return GCJ-02 degrees for WGS 84 degrees, arrays of n; outside China's box they are the same.

    Errors: UserError that names the first which is no position on the globe.
    """
    return _shifted(_gcj02, lon, lat)


def from_gcj02_arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return WGS 84 degrees for GCJ-02 degrees, arrays of n; the way there and back differs by less than a micrometre.

    Errors: UserError that names the first which is no position on the globe.
    """
    return _unshifted(_gcj02, lon, lat)


def to_bd09_arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return BD-09 degrees for WGS 84 degrees, as to_gcj02_arrays does."""
    return _shifted(_bd09, lon, lat)


def from_bd09_arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return WGS 84 degrees for BD-09 degrees, as from_gcj02_arrays does."""
    return _unshifted(_bd09, lon, lat)


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return (lon, lat) in GCJ-02 for WGS 84 degrees; outside China's box they are the same.

    Errors: UserError when they are no position on the globe.
    """
    return _single(to_gcj02_arrays, lon, lat)


def from_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return (lon, lat) in WGS 84 for GCJ-02 degrees; UserError when they are no position on the globe."""
    return _single(from_gcj02_arrays, lon, lat)


def to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return (lon, lat) in BD-09 for WGS 84 degrees; UserError when they are no position on the globe."""
    return _single(to_bd09_arrays, lon, lat)


def from_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return (lon, lat) in WGS 84 for BD-09 degrees; UserError when they are no position on the globe."""
    return _single(from_bd09_arrays, lon, lat)


def is_position(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which pairs of degrees, longitude first, are positions on the globe; NaN and infinity are none."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    return np.asarray((np.abs(x) <= 180) & (np.abs(y) <= 90))


def _single(convert: Callable[[npt.ArrayLike, npt.ArrayLike], Pair], lon: float, lat: float) -> tuple[float, float]:
    x, y = convert([lon], [lat])
    return float(x[0]), float(y[0])


def _checked(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = np.atleast_1d(np.asarray(lon, dtype=float)), np.atleast_1d(np.asarray(lat, dtype=float))
    if x.shape != y.shape:
        raise UserError(f"{x.size} longitudes and {y.size} latitudes make no positions; expected as many of both")
    good = is_position(x, y)
    if not good.all():
        first = int(np.argmin(good))
        which = f"position {x[first]}, {y[first]}" + (f" (number {first + 1})" if x.size > 1 else "")
        raise UserError(f"{which} is no pair of degrees; expected longitude, then latitude")
    return x, y


def _in_box(lon: Array, lat: Array) -> npt.NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _shifted(formula: Callable[[Array, Array], Pair], lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = _checked(lon, lat)
    inside = _in_box(x, y)
    there = formula(x, y)
    return np.where(inside, there[0], x), np.where(inside, there[1], y)


def _unshifted(formula: Callable[[Array, Array], Pair], lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = _checked(lon, lat)
    back_x, back_y = x.copy(), y.copy()
    # the formulas bend ever more towards the poles, where nothing is shifted: only what may come of China is searched
    west, south, east, north = _CHINA
    near = (x > west - 0.1) & (x < east + 0.1) & (y > south - 0.1) & (y < north + 0.1)
    at = np.flatnonzero(near)
    if at.size:
        found_x, found_y = _search(formula, x[at], y[at])
        # a position on the very edge is found a last digit beside it
        edge_x, edge_y = np.clip(found_x, west, east), np.clip(found_y, south, north)
        inside = np.maximum(np.abs(edge_x - found_x), np.abs(edge_y - found_y)) <= _EDGE
        back_x[at[inside]], back_y[at[inside]] = edge_x[inside], edge_y[inside]
    return back_x, back_y


def _search(formula: Callable[[Array, Array], Pair], x: Array, y: Array) -> Pair:
    """Return what the formula shifts to (x, y): a fixed point, since neighbours are shifted almost alike."""
    at_x, at_y = x.copy(), y.copy()
    left = np.arange(x.size)
    for _ in range(_MOST_STEPS):
        there_x, there_y = formula(at_x[left], at_y[left])
        off_x, off_y = x[left] - there_x, y[left] - there_y
        at_x[left] += off_x
        at_y[left] += off_y
        # few need the last steps: on 105 degrees east a root makes the formula of GCJ-02 steep within a micrometre
        left = left[np.maximum(np.abs(off_x), np.abs(off_y)) >= _CLOSE_ENOUGH]
        if not left.size:
            break
    return at_x, at_y


def _gcj02(lon: Array, lat: Array) -> Pair:
    """Return the shifted degrees, whether in China or not."""
    east_m, north_m = _shift_m(lon - _MIDDLE[0], lat - _MIDDLE[1])
    sine = np.sin(np.radians(lat))
    bend = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (bend * np.sqrt(bend))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(bend) * np.cos(np.radians(lat))
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _bd09(lon: Array, lat: Array) -> Pair:
    """Return BD-09 for WGS 84: GCJ-02 turned and stretched a little about 0, 0, then moved."""
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURNS)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURNS)
    return radius * np.cos(angle) + _BD_OFFSET[0], radius * np.sin(angle) + _BD_OFFSET[1]


def _shift_m(x: Array, y: Array) -> Pair:
    """Return the shift to the east and to the north, metres. x, y: degrees from the middle."""
    root = np.sqrt(np.abs(x))
    shared = _waves(x, (20, 6), (20, 2))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += shared + _waves(x, (20, 1), (40, 1 / 3)) + _waves(x, (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += shared + _waves(y, (20, 1), (40, 1 / 3)) + _waves(y, (160, 1 / 12), (320, 1 / 30))
    return east, north


def _waves(angle: Array, *waves: tuple[float, float]) -> Any:
    """Return two thirds of the sum of sines, each given by height and half-turns per degree."""
    return sum(height * np.sin(angle * turns * np.pi) for height, turns in waves) * 2 / 3
