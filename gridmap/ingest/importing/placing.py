"""Find the counties in which the rows of a chunk lie, and tell of those that lie elsewhere than they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from gridmap.coordinates import System, convert, get_system, is_value
from gridmap.domain.definition import Text
from gridmap.domain.import_regions import RegionBook
from gridmap.domain.incoming import IncomingRow, Value
from gridmap.geo import ENVELOPE, inside_envelope
from gridmap.ingest.importing import shapes_in
from gridmap.ingest.importing.places import STORED, Places

MOST_REPORTED = 20_000
"""So many positions with a reported county are kept to guess the file's coordinate system by."""

MOST_DOUBTED = 5_000
"""Of so many positions outside their reported county it is asked in which other system they would lie in it."""

_BOX = Text(
    f"市域范围内的坐标（经度 {ENVELOPE[0]}–{ENVELOPE[2]}，纬度 {ENVELOPE[1]}–{ENVELOPE[3]}）",
    f"a position of the city (longitude {ENVELOPE[0]} to {ENVELOPE[2]}, latitude {ENVELOPE[1]} to {ENVELOPE[3]})",
)


_IN_METRES = tuple(map(get_system, ("EPSG:4547", "EPSG:4526", "EPSG:32649")))
"""Systems in metres that files of this city come in: its zone of three degrees without and with number, and UTM."""


@dataclass
class Staged:
    """A row without a fault so far. x, y: as the file has them, in its system. place: degrees, EPSG:4490."""

    row: IncomingRow
    key: str
    stored: dict[str, object]
    reported: str | None
    township_said: str | None
    x: float | None = None
    y: float | None = None
    shape: Any = None
    system: System | None = None
    lon: float | None = None
    lat: float | None = None
    county: str | None = None
    region: str | None = None


class TellFault(Protocol):
    """How a fault of a row is told."""

    def __call__(
        self, row: int, title: str, found: Value, expected: Text, suggestion: str | None = None, *, warn: bool = False
    ) -> None:
        """Tell of what is wrong with a row."""
        ...


@dataclass
class Placer:
    """Places the rows of a file, chunk by chunk.

    system: of positions that say no other. roles: where the file has columns of the position. reported: x, y and county
    of positions, for guessing the system. elsewhere: rows that lie in another county than they report.
    """

    system: System
    roles: Mapping[str, tuple[int, str]]
    book: RegionBook
    places: Places
    city_code: str
    fault: TellFault
    reported: list[tuple[float, float, str]] = field(default_factory=list)
    elsewhere: int = 0

    def place_points(self, waiting: Sequence[Staged]) -> None:
        """Place rows with a position in county and region; those that are none of the city are told."""
        by_system: dict[str, list[Staged]] = {}
        for staged in waiting:
            if staged.x is not None and staged.system is not None:
                by_system.setdefault(staged.system.key, []).append(staged)
                self._report(staged)
        for group in by_system.values():
            self._convert(group)
        placed = [staged for staged in waiting if staged.lon is not None]
        if placed:
            lon = np.array([staged.lon for staged in placed], dtype=float)
            lat = np.array([staged.lat for staged in placed], dtype=float)
            for staged, county, region in zip(placed, *self.places.locate(lon, lat), strict=True):
                staged.county, staged.region = county, region
            self._compare_counties(placed)

    def _report(self, staged: Staged) -> None:
        """Keep what a row says of its county, also where it lies nowhere in the system that it is read in."""
        if staged.reported is None or staged.x is None or staged.y is None or "crs" in self.roles:
            return
        if len(self.reported) < MOST_REPORTED:
            self.reported.append((staged.x, staged.y, staged.reported[:6]))

    def _convert(self, group: list[Staged]) -> None:
        """Convert positions of one system to the house's and tell of those that are none of the city."""
        system = group[0].system or self.system
        x = np.array([staged.x for staged in group], dtype=float)
        y = np.array([staged.y for staged in group], dtype=float)
        good = is_value(system, x, y)
        lon, lat = np.full_like(x, np.nan), np.full_like(y, np.nan)
        lon[good], lat[good] = convert(system, STORED, x[good], y[good])
        for staged, east, north in zip(group, lon.tolist(), lat.tolist(), strict=True):
            if inside_envelope(east, north):
                staged.lon, staged.lat = east, north
                continue
            expected = Text(f"{_BOX.zh}，按{system.zh}读取", f"{_BOX.en}, read as {system.en}")
            self.fault(
                staged.row.number, self._place_title(), f"{staged.x}, {staged.y}", expected, _other_way(system, staged)
            )

    def _place_title(self) -> str:
        return "、".join(self.roles[role][1] for role in ("lon", "lat", "lonlat") if role in self.roles)

    def _compare_counties(self, placed: list[Staged]) -> None:
        """Tell of rows that lie in another county than they report."""
        elsewhere = [
            staged
            for staged in placed
            if staged.reported is not None and staged.county is not None and staged.county != staged.reported[:6]
        ]
        self.elsewhere += len(elsewhere)
        hints = self._hints(elsewhere) if self.elsewhere <= MOST_DOUBTED else {}
        for at, staged in enumerate(elsewhere):
            there, said = self.book.name_of(staged.county or ""), self.book.name_of((staged.reported or "")[:6])
            self.fault(
                staged.row.number, self._place_title(), f"{staged.lon:.6f}, {staged.lat:.6f}",
                Text(f"所填的{said}内的坐标；该点在{there}", f"a position in {said}, as reported; it lies in {there}"),
                hints.get(at), warn=True,
            )  # fmt: skip

    def _hints(self, elsewhere: list[Staged]) -> dict[int, str]:
        """Return in which other system a position would lie in its reported county, by its place in the list."""
        from gridmap.coordinates.guess import doubts, read_reported

        ground = self.places.ground
        own = [at for at, staged in enumerate(elsewhere) if staged.system == self.system]
        if ground is None or not own:
            return {}
        rows = [elsewhere[at] for at in own]
        reported = read_reported(
            [row.x for row in rows], [row.y for row in rows], [(row.reported or "")[:6] for row in rows]
        )
        found = doubts(reported, ground, self.system)
        return {own[doubt.row]: f"{doubt.fits[0].zh} / {doubt.fits[0].en}" for doubt in found if doubt.fits}

    def place_lines(self, waiting: Sequence[Staged]) -> None:
        """Convert lines and find their county, the city where they cross several."""
        for staged in waiting:
            if staged.shape is not None:
                try:
                    staged.shape = shapes_in.to_degrees(staged.shape, staged.system or self.system)
                except shapes_in.NoPosition as wrong:
                    self.fault(staged.row.number, "", wrong.found, wrong.expected, wrong.suggestion)
                    continue
                crossed = self.places.crossed(staged.shape)
                staged.county = crossed[0] if len(crossed) == 1 else self.city_code if crossed else None


def _other_way(system: System, staged: Staged) -> str | None:
    """Return as what a position that is none of the city would be one: exchanged, in degrees or in metres."""
    if _would_fit(system, staged.y, staged.x):
        return f"{staged.y}, {staged.x}（两列对调 / swapped）"
    if system.metres and inside_envelope(staged.x or 0.0, staged.y or 0.0):
        return "像是经纬度，请换坐标系 / degrees: choose another system"
    if not system.metres and any(_would_fit(each, staged.x, staged.y) for each in _IN_METRES):
        return "像是以米计的坐标，请换坐标系 / metres: choose another system"
    return None


def _would_fit(system: System, x: float | None, y: float | None) -> bool:
    if x is None or y is None or not bool(is_value(system, [x], [y])[0]):
        return False
    lon, lat = convert(system, STORED, [x], [y])
    return inside_envelope(float(lon[0]), float(lat[0]))
