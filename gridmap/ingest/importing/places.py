"""In which county and township positions lie, and where an object is taken to be of which only its region is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.coordinates import convert, get_system
from gridmap.coordinates.ground import Ground
from gridmap.store.import_regions import RegionRow

Array = npt.NDArray[np.float64]

STORED = get_system("cgcs2000")
METRES = get_system("EPSG:4547")


@dataclass(frozen=True)
class Stand:
    """Where an object without a position is taken to be: degrees, metres within which it lies, what it is known by."""

    lon: float
    lat: float
    error_m: float
    placed_by: str


class Places:
    """The outlines of a day's counties and townships, metres."""

    def __init__(self, regions: Sequence[RegionRow]) -> None:
        """Take regions with their outlines; those without one hold no position."""
        self._errors = {row.code: row.error_m for row in regions}
        self._seats = {row.code: shapely.from_wkb(row.seat) for row in regions if row.seat}
        outlines = {row.code: shapely.from_wkb(row.outline) for row in regions if row.outline}
        for outline in outlines.values():
            shapely.prepare(outline)
        self.counties: dict[str, Any] = {code: shape for code, shape in outlines.items() if len(code) == 6}
        self._townships = {code: shape for code, shape in outlines.items() if len(code) == 9}
        self._stands: dict[str, Stand | None] = {}

    def locate(self, lon: Array, lat: Array) -> tuple[list[str | None], list[str | None]]:
        """Return the county and the smallest region of each position (degrees, EPSG:4490), None outside all counties.

        Nearer to a county than its outline may be off counts as in it: only where no county holds the position.
        """
        x, y = convert(STORED, METRES, lon, lat)
        county = _first_hits(self.counties, x, y)
        for at in [at for at, code in enumerate(county) if code is None]:
            county[at] = self._nearest(float(x[at]), float(y[at]))
        region = list(county)
        by_county: dict[str, list[int]] = {}
        for at, code in enumerate(county):
            by_county.setdefault(code or "", []).append(at)
        for code, township in self._townships.items():
            rows = np.array(by_county.get(code[:6], ()), dtype=np.intp)
            for at in rows[_inside(township, x[rows], y[rows])].tolist():
                if region[at] == county[at]:
                    region[at] = code
        return county, region

    def crossed(self, shape: Any) -> list[str]:
        """Return the counties that a line (degrees) passes."""
        moved = shapely.transform(shape, lambda xy: np.column_stack(convert(STORED, METRES, xy[:, 0], xy[:, 1])))
        return sorted(code for code, outline in self.counties.items() if shapely.intersects(outline, moved))

    def stand_of(self, code: str) -> Stand | None:
        """Return where an object of a region is taken to be: in its township, else its county; None without either."""
        if code not in self._stands:
            self._stands[code] = self._stand_of(code)
        return self._stands[code]

    def _stand_of(self, code: str) -> Stand | None:
        for length, how, outlines in ((9, "township", self._townships), (6, "county", self.counties)):
            outline = outlines.get(code[:length])
            if outline is None or len(code) < length:
                continue
            point = self._seats.get(code[:length])
            if point is None or not shapely.intersects(outline, point):
                point = shapely.point_on_surface(outline)
            farthest = float(shapely.hausdorff_distance(shapely.convex_hull(outline), point))
            lon, lat = convert(METRES, STORED, [point.x], [point.y])
            error_m = float(np.ceil(farthest + self._errors.get(code[:length], 0.0)))
            return Stand(float(lon[0]), float(lat[0]), error_m, how)
        return None

    @cached_property
    def ground(self) -> Ground | None:
        """Return the counties in degrees, for guessing which coordinate system a file is in; None without any."""
        if not self.counties:
            return None
        return Ground(
            {
                code: shapely.transform(shape, lambda xy: np.column_stack(convert(METRES, STORED, xy[:, 0], xy[:, 1])))
                for code, shape in self.counties.items()
            },
            {},
        )

    def _nearest(self, x: float, y: float) -> str | None:
        point = shapely.Point(x, y)
        near = [
            (float(shapely.distance(outline, point)), code)
            for code, outline in self.counties.items()
            if shapely.dwithin(outline, point, self._errors.get(code, 0.0))
        ]
        return min(near)[1] if near else None


def _first_hits(outlines: dict[str, Any], x: Array, y: Array) -> list[str | None]:
    found: list[str | None] = [None] * len(x)
    for code in sorted(outlines):
        for at in np.flatnonzero(_inside(outlines[code], x, y)).tolist():
            found[at] = found[at] or code
    return found


def _inside(outline: Any, x: Array, y: Array) -> npt.NDArray[np.bool_]:
    """Return which positions lie in an outline or on it; its box is asked first."""
    west, south, east, north = shapely.bounds(outline)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    rows = np.flatnonzero(inside)
    inside[rows] = shapely.intersects_xy(outline, x[rows], y[rows])
    return np.asarray(inside)
