"""Where positions fall if their numbers mean this or that: inside the reported county, near a place of known position.

Distances here are of a plane laid over the city, true to a few per mille: enough to tell 50 m from 600 m.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.coordinates.shift import Array, Pair
from gridmap.coordinates.systems import System, convert, get_system, is_value
from gridmap.errors import UserError

COUNTY_ERROR_M = 200.0
"""How far county outlines may be off: who is no farther outside speaks neither for nor against."""

IMPOSSIBLE_M = 20_000.0
"""So far outside of all counties together nothing of the city lies."""

_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Ground:
    """What is known of the city: county polygons by code, and positions (lon, lat) of places by any key; WGS 84."""

    counties: Mapping[str, Any]
    places: Mapping[str, tuple[float, float]]
    county_error_m: float = COUNTY_ERROR_M

    def __post_init__(self) -> None:
        if not self.counties:
            raise UserError("there is no county with a known outline; positions cannot be held against any")

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Return metres a degree, eastwards and northwards."""
        _, south, _, north = shapely.total_bounds(list(self.counties.values()))
        return _METRES_A_DEGREE * float(np.cos(np.radians((south + north) / 2))), _METRES_A_DEGREE

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Return the middle of the counties, degrees."""
        west, south, east, north = shapely.total_bounds(list(self.counties.values()))
        return float(west + east) / 2, float(south + north) / 2

    @cached_property
    def areas(self) -> dict[str | None, Any]:
        """Return polygons in metres by county; None is all of them together."""
        flat = shapely.transform(list(self.counties.values()), lambda found: found * self.scale)
        areas: dict[str | None, Any] = dict(zip(self.counties, flat, strict=True))
        areas[None] = shapely.union_all(shapely.make_valid(flat))
        for area in areas.values():
            shapely.prepare(area)
        return areas


@dataclass(frozen=True)
class Reported:
    """Rows of a file. x, y: the numbers as they stand, in the columns of longitude or easting and of the other.

    counties: six digits or None per row. places: keys of Ground.places or None per row.
    """

    x: Array
    y: Array
    counties: Sequence[str | None]
    places: Sequence[str | None]

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.y) == len(self.counties) == len(self.places):
            raise UserError("expected as many longitudes, latitudes, counties and places as there are rows")

    def of(self, rows: npt.NDArray[np.intp]) -> Reported:
        """Return some of the rows."""
        picked = rows.tolist()
        return Reported(
            self.x[rows], self.y[rows], [self.counties[i] for i in picked], [self.places[i] for i in picked]
        )


@dataclass(frozen=True)
class Hypothesis:
    """What the numbers may mean. swapped: the columns are the other way round."""

    system: System
    swapped: bool = False

    @property
    def key(self) -> str:
        """Return its name for scripts."""
        return f"{self.system.key}{' swapped' if self.swapped else ''}"

    @property
    def zh(self) -> str:
        """Return its name in Chinese."""
        return f"{self.system.zh}{'，两列对调' if self.swapped else ''}"

    @property
    def en(self) -> str:
        """Return its name in English."""
        return f"{self.system.en}{', the two columns swapped' if self.swapped else ''}"


@dataclass(frozen=True)
class Fall:
    """Where the rows fall under a hypothesis.

    metres: n x 2 of the ground's plane, NaN where the numbers are no position. county: 1 inside the reported county,
    0 outside but within the outlines' error, -1 farther. impossible: far from every county, or no position at all.
    off: n x 2, metres from the known place, NaN where there is none.
    """

    hypothesis: Hypothesis
    metres: Array
    county: npt.NDArray[np.int8]
    impossible: npt.NDArray[np.bool_]
    off: Array


def hypotheses(ground: Ground, reported: Reported) -> list[Hypothesis]:
    """Return what the numbers may mean: those that make a position of at least one row, the plainest first."""
    names = ["wgs84", "gcj02", "bd09"]
    lon = ground.centre[0]
    for meridian in range(75, 136, 3):
        if abs(meridian - lon) > 5:
            continue
        names += [f"EPSG:{4534 + (meridian - 75) // 3}", f"EPSG:{4513 + (meridian - 75) // 3}"]
        if (meridian - 75) % 6 == 0:
            # without a zone in front 6° and 3° of one meridian are the same numbers
            names += [f"EPSG:{4491 + (meridian - 75) // 6}", f"EPSG:{32600 + (meridian + 183) // 6}"]
    found = []
    for swapped in (False, True):
        for name in names:
            one = Hypothesis(get_system(name), swapped)
            if is_value(one.system, *_columns(one, reported)).any():
                found.append(one)
    return found


def fall(ground: Ground, reported: Reported, hypothesis: Hypothesis) -> Fall:
    """Return where the rows fall under a hypothesis."""
    metres = _place(ground, reported, hypothesis)
    placed = ~np.isnan(metres[:, 0])
    county = np.full(len(metres), -1, dtype=np.int8)
    codes = np.array([code if code in ground.counties else "" for code in reported.counties], dtype=object)
    for code in set(codes.tolist()):
        rows = np.flatnonzero((codes == code) & placed)
        area = ground.areas[code or None]
        county[rows[shapely.dwithin(area, shapely.points(metres[rows]), ground.county_error_m)]] = 0
        county[rows[shapely.intersects_xy(area, metres[rows])]] = 1
    impossible = ~placed
    impossible[placed] = ~shapely.dwithin(ground.areas[None], shapely.points(metres[placed]), IMPOSSIBLE_M)
    return Fall(hypothesis, metres, county, impossible, metres - _known(ground, reported))


def outside_m(ground: Ground, reported: Reported, one: Fall, rows: npt.NDArray[np.intp]) -> Array:
    """Return how far rows lie outside their reported county, metres; infinity where they have no position."""
    found = np.full(len(rows), np.inf)
    for at, row in enumerate(rows.tolist()):
        if not np.isnan(one.metres[row, 0]):
            code = reported.counties[row]
            area = ground.areas[code if code in ground.counties else None]
            found[at] = shapely.distance(area, shapely.Point(one.metres[row]))
    return found


def _columns(hypothesis: Hypothesis, reported: Reported) -> Pair:
    return (reported.y, reported.x) if hypothesis.swapped else (reported.x, reported.y)


def _place(ground: Ground, reported: Reported, hypothesis: Hypothesis) -> Array:
    x, y = _columns(hypothesis, reported)
    metres = np.full((len(x), 2), np.nan)
    rows = np.flatnonzero(is_value(hypothesis.system, x, y))
    if rows.size:
        degrees = np.column_stack(convert(hypothesis.system, get_system("wgs84"), x[rows], y[rows]))
        metres[rows] = degrees * ground.scale
    return metres


def _known(ground: Ground, reported: Reported) -> Array:
    nowhere = (np.nan, np.nan)
    places = [ground.places.get(key, nowhere) if key is not None else nowhere for key in reported.places]
    return np.array(places, dtype=float).reshape(-1, 2) * ground.scale
