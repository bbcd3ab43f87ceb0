"""Generate the demo's supervised sites: invented, named as such, the same on every run.

They are there so that the rules have something to judge: some in breach, some not, some that cannot be told, some
reported under the wrong county, some outside every responsibility cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gridmap.ingest import shapes
from gridmap.ingest.outlines import Outlines
from gridmap.ingest.whereabouts import Whereabouts

T = TypeVar("T")

SEED = 20201015
ERRORS_M = (5.0, 10.0, 20.0, 50.0, 100.0)

DETAIL_COLUMNS = {
    "enterprise": (
        "site_id", "industry", "is_industrial", "set_up_on", "relocation_year", "conforms_city_plan",
        "conforms_positioning", "conforms_environment", "conformity_document",
    ),
    "machine": (
        "site_id", "machine_type", "emission_stage", "made_on", "has_particulate_filter", "seen_on", "machine_number",
        "has_test_report", "filed_with_construction", "filed_with_environment",
    ),
    "coal_outlet": ("site_id", "sells", "role"),
    "construction_site": ("site_id", "works", "floor_area_m2", "has_video_monitoring", "has_pm10_monitoring"),
}  # fmt: skip

_LABELS = {
    "enterprise": ("ent", "演示企业"),
    "machine": ("mac", "演示机械"),
    "coal_outlet": ("coal", "演示煤点"),
    "construction_site": ("con", "演示工地"),
}
_INDUSTRIES = ("机械加工", "家具制造", "包装印刷", "塑料制品", "食品加工", "建材制品", "耐火材料", "铸造")
_SERVICES = ("仓储物流", "软件服务", "商贸")
_MACHINES = ("挖掘机", "装载机", "压路机", "叉车", "平地机", "推土机")
_WORKS = ("住宅小区", "市政道路", "地下管廊", "商业楼宇", "学校", "河道整治")
_BOXES = {
    # west, south, east, north in degrees: well inside the ring, and a strip along its western and eastern road
    "ring": (113.612, 34.720, 113.706, 34.798),
    "ring_edge": (113.596, 34.715, 113.606, 34.800),
    "zhengdong": (113.740, 34.765, 113.825, 34.825),
}
_BORDERS = (("410102", "410103"), ("410181", "410182"), ("410122", "410184"))
_APART_M = 5000.0
_WRONG_EVERY = 43
"""One site in so many is reported under the neighbouring county."""


@dataclass(frozen=True)
class DemoSite:
    """One generated site. point: EPSG:4490. details: its row in the typed table, DETAIL_COLUMNS[kind] in order."""

    site_id: str
    kind: str
    name: str
    point: Point
    position_error_m: float
    county_code: str
    region_code: str
    reported_region_code: str
    opened_on: dt.date | None
    closed_on: dt.date | None
    note: str | None
    details: tuple[object, ...] = field(default=())


class Generator:
    """Draw sites one after the other from one seeded stream."""

    def __init__(self, outlines: Outlines, whereabouts: Whereabouts) -> None:
        """Start the stream."""
        self._random = np.random.Generator(np.random.PCG64(SEED))
        self._outlines = outlines
        self._whereabouts = whereabouts
        self._seats = {
            county: [t.seat for t in outlines.townships.values() if t.seat and t.county_code == county]
            for county in outlines.counties
        }
        self._count = 0

    def sites(self) -> Iterator[DemoSite]:
        """Yield all demo sites, kind by kind."""
        counties = sorted(self._outlines.counties)
        for number in range(1, 171):
            county = "410102" if number <= 60 else counties[number % len(counties)]
            yield self._enterprise(number, self._near_a_seat(county))
        for number in range(1, 151):
            yield self._machine(number, self._machine_place(number, counties))
        for number in range(1, 66):
            yield self._coal_outlet(number, self._near_a_seat(counties[number % len(counties)]))
        for number in range(1, 101):
            yield self._construction_site(number, self._near_a_seat(counties[number % len(counties)]))
        for number, point in enumerate(self._outside_cells(), 101):
            yield self._construction_site(number, point, "演示：位于所有责任网格之外。")
        for number, (point, reported) in enumerate(self._on_borders(), 107):
            note = "演示：紧靠区县边界，上报为相邻区县，位置误差内无法分辨。"
            yield replace(self._construction_site(number, point, note), reported_region_code=reported)

    def _enterprise(self, number: int, point: Point) -> DemoSite:
        industrial = self._chance(0.85)
        set_up = self._day(dt.date(2008, 1, 1), dt.date(2020, 6, 30))
        relocation = int(self._random.integers(2016, 2019)) if self._chance(0.12) else None
        tests: list[bool | None] = [self._verdict() for _ in range(3)]
        if self._chance(0.4):
            tests = [True, True, True]
        proven = all(tests) and self._chance(0.8)
        industry = self._pick(_INDUSTRIES if industrial else _SERVICES)
        document = f"演示批复-{number:04d}" if proven else None
        details = (industry, industrial, set_up, relocation, *tests, document)
        return self._site("enterprise", number, point, details, opened_on=set_up)

    def _machine(self, number: int, point: Point) -> DemoSite:
        stage = int(self._random.integers(0, 5))
        made = self._day(*_MADE[stage])
        known = self._chance(0.8)
        has_filter = self._verdict() if stage >= 2 else self._chance(0.1)
        seen = self._day(dt.date(2020, 3, 1), dt.date(2020, 10, 14))
        details = (self._pick(_MACHINES), stage if known else None, made, has_filter, seen, *_papers(number))
        return self._site("machine", number, point, details)

    def _coal_outlet(self, number: int, point: Point) -> DemoSite:
        if number <= 9:
            details: tuple[object, ...] = ("clean_coal", "centre")
        elif number <= 40:
            details = ("clean_coal", "distribution_point")
        else:
            details = ("loose_coal" if self._chance(0.7) else "clean_coal", "outlet")
        opened = self._day(dt.date(2015, 1, 1), dt.date(2019, 12, 31))
        closed = self._day(dt.date(2020, 1, 1), dt.date(2020, 9, 30)) if self._chance(0.2) else None
        return self._site("coal_outlet", number, point, details, opened_on=opened, closed_on=closed)

    def _construction_site(self, number: int, point: Point, note: str | None = None) -> DemoSite:
        area = round(float(self._random.lognormal(9.6, 0.9)), -2)
        details = (self._pick(_WORKS), area, self._verdict(), self._verdict())
        opened = self._day(dt.date(2018, 6, 1), dt.date(2020, 9, 1))
        return self._site("construction_site", number, point, details, opened_on=opened, note=note)

    def _site(
        self,
        kind: str,
        number: int,
        point: Point,
        details: tuple[object, ...],
        *,
        opened_on: dt.date | None = None,
        closed_on: dt.date | None = None,
        note: str | None = None,
    ) -> DemoSite:
        self._count += 1
        short, label = _LABELS[kind]
        site_id = f"demo-{short}-{number:04d}"
        county, region = self._whereabouts.county(point), self._whereabouts.region(point)
        reported = region if self._chance(0.3) else county
        if self._count % _WRONG_EVERY == 0:
            reported, note = self._neighbour(county, point), "演示：上报区划与所在位置不一致。"
        return DemoSite(
            site_id, kind, f"{label}-{number:04d}", point, self._pick(ERRORS_M), county, region, reported, opened_on,
            closed_on, note, (site_id, *details),
        )  # fmt: skip

    def _machine_place(self, number: int, counties: list[str]) -> Point:
        if number <= 40:
            return self._in_box("ring")
        if number <= 55:
            return self._in_box("ring_edge")
        if number <= 70:
            return self._in_box("zhengdong")
        return self._near_a_seat("410102" if number <= 95 else counties[number % len(counties)])

    def _near_a_seat(self, county: str) -> Point:
        """Draw a position within some kilometres of a township seat, inside the county and a responsibility cell."""
        outline = self._outlines.counties_m[county]
        while True:
            seat = shapes.to_metres(Point(self._seats[county][int(self._random.integers(len(self._seats[county])))]))
            east, north = self._random.normal(0.0, 1500.0, 2)
            point = Point(seat.x + east, seat.y + north)
            if outline.contains(point) and self._cells.contains(point):
                return self._rounded(point)

    def _in_box(self, name: str) -> Point:
        west, south, east, north = _BOXES[name]
        lon, lat = self._random.uniform((west, south), (east, north))
        return Point(round(float(lon), 5), round(float(lat), 5))

    @cached_property
    def _cells(self) -> BaseGeometry:
        """Return the land that responsibility cells cover, EPSG:4547."""
        covered = shapely.union_all(list(self._outlines.old_townships_m.values()))
        shapely.prepare(covered)
        return covered

    def _outside_cells(self) -> list[Point]:
        """Return six positions in the city outside every cell: two deep in the gap, four nearer to the cells."""
        gap = shapely.difference(self._outlines.city_m, self._cells)
        west, south, east, north = gap.bounds
        drawn = self._random.uniform((west, south), (east, north), (60_000, 2))
        shapely.prepare(gap)
        inside = drawn[shapely.contains_xy(gap, drawn[:, 0], drawn[:, 1])]
        depth = shapely.distance(shapely.points(inside), self._cells)
        chosen: list[int] = []
        for wanted, total in ((depth.max(), 2), (0.4 * depth.max(), 6)):
            for index in np.argsort(np.abs(depth - wanted)).tolist():
                apart = all(np.hypot(*(inside[index] - inside[other])) > _APART_M for other in chosen)
                if apart and len(chosen) < total:
                    chosen.append(index)
        return [self._rounded(Point(inside[index])) for index in chosen]

    def _on_borders(self) -> Iterator[tuple[Point, str]]:
        """Yield positions within 80 m of the middle of a border, each with the county across it."""
        for one, other in _BORDERS:
            line = shapely.intersection(*(self._outlines.counties_m[code] for code in (one, other)))
            parts = [part for part in shapely.get_parts(line) if part.length > 0]
            middle = max(parts, key=lambda part: part.length).interpolate(0.5, normalized=True)
            east, north = self._random.uniform(-80.0, 80.0, 2)
            point = self._rounded(Point(middle.x + east, middle.y + north))
            yield point, other if self._whereabouts.county(point) == one else one

    def _neighbour(self, county: str, point: Point) -> str:
        """Return the nearest other county."""
        place = shapes.to_metres(point)
        others = {code: geom for code, geom in self._outlines.counties_m.items() if code != county}
        return min(sorted(others), key=lambda code: others[code].distance(place))

    @staticmethod
    def _rounded(point: Point) -> Point:
        degrees = shapes.to_degrees(point)
        return Point(round(degrees.x, 5), round(degrees.y, 5))

    def _chance(self, share: float) -> bool:
        return bool(self._random.random() < share)

    def _verdict(self) -> bool | None:
        """Draw yes, no or not examined."""
        return (True, True, True, False, None)[int(self._random.integers(5))]

    def _pick(self, choices: tuple[T, ...]) -> T:
        return choices[int(self._random.integers(len(choices)))]

    def _day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(days=int(self._random.integers((last - first).days + 1)))


def _papers(number: int) -> tuple[object, ...]:
    """Return number, test report and the two filings of a machine: most are there, some are not, one is unknown."""
    plate = None if number % 7 == 3 else f"演示-{number:04d}"
    report = None if number % 13 == 6 else number % 11 != 5
    return plate, report, number % 9 != 4, number % 17 != 8


# stage → earliest and latest day of making; stage II began on 2009-10-01 (Z178-27)
_MADE = {
    0: (dt.date(2002, 1, 1), dt.date(2007, 9, 30)),
    1: (dt.date(2007, 10, 1), dt.date(2009, 9, 30)),
    2: (dt.date(2009, 10, 1), dt.date(2016, 3, 31)),
    3: (dt.date(2016, 4, 1), dt.date(2020, 8, 31)),
    4: (dt.date(2019, 1, 1), dt.date(2020, 8, 31)),
}
