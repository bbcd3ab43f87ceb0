"""Generate what the rules on vehicles, markets and fuel judge: invented, named as such, the same on every run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from gridmap.ingest import demo_sites, shapes
from gridmap.ingest import roads as road_file
from gridmap.ingest.demo_sites import DemoSite
from gridmap.ingest.outlines import Outlines
from gridmap.ingest.whereabouts import Whereabouts

SEED = 20201016

DETAIL_COLUMNS = {
    "vehicle": (
        "site_id", "vehicle_type", "seen_on", "is_over_limit", "is_smoking", "is_yellow_label", "is_fuel_bus",
        "bus_route",
    ),
    "market": ("site_id", "trade", "serves_heavy_diesel"),
    "gas_station": (
        "site_id", "role", "sells_urea", "petrol_t_year", "fuel_t_year", "has_vapour_monitoring",
        "vapour_recovery_pct", "has_double_walled_tanks", "has_lined_pit",
    ),
    "test_station": ("site_id", "lanes"),
    "remote_sensor": ("site_id", "is_mobile"),
}  # fmt: skip
ROAD_COLUMNS = (
    "road_id", "name", "name_en", "class", "geom", "county_code", "is_sketch", "position_error_m", "source", "note",
    "grade", "is_broken",
)  # fmt: skip

_LABELS = {
    "vehicle": ("veh", "演示车辆"),
    "market": ("mar", "演示市场"),
    "gas_station": ("gas", "演示加油站"),
    "test_station": ("tst", "演示检验站"),
    "remote_sensor": ("sen", "演示遥感设备"),
}
_TRADES = ("建材", "钢材", "粮油", "果蔬", "汽车配件", "家具", "物流货场", "花卉")
_CENTRE = (113.6654, 34.7526)
_HALF_DEGREES = 0.09
"""Half the width of the box around the centre in which vehicles and markets are drawn: well inside the fourth ring,
across it at the corners."""

# road id, name, class, grade, township whose seat it begins at, length east and north in metres, broken
_ROADS = (
    ("demo_provincial_road", "演示省道", "main", "provincial", "410183102", 4000.0, 600.0, False),
    ("demo_street_1", "演示街道一", "street", "urban", "410181113", 1500.0, 200.0, True),
    ("demo_street_2", "演示街道二", "street", "urban", "410185203", 200.0, 1500.0, False),
)


def roads(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the demo's roads, placed exactly, since every real one is a sketch."""
    for road_id, name, kind, grade, _, _, _, broken in _ROADS:
        line = shapes.ewkb(shapes.multi(shapes.to_degrees(road_line_m(outlines, road_id))))
        county = next(entry[4] for entry in _ROADS if entry[0] == road_id)[:6]
        yield (
            road_id, name, "Demo road", kind, line, county, False, 10.0, "随机生成的演示数据，不是真实道路",
            "演示：走向是虚构的。", grade, broken,
        )  # fmt: skip


def road_line_m(outlines: Outlines, road_id: str) -> LineString:
    """Return the line of a demo road, EPSG:4547."""
    _, _, _, _, township, east, north, _ = next(entry for entry in _ROADS if entry[0] == road_id)
    seat = outlines.townships[township].seat
    start = shapes.to_metres(Point(seat)) if seat else outlines.counties_m[township[:6]].representative_point()
    return LineString([(start.x, start.y), (start.x + east, start.y + north)])


def road_ids() -> tuple[str, ...]:
    """Return the ids of the demo's roads."""
    return tuple(entry[0] for entry in _ROADS)


class Generator(demo_sites.Generator):
    """Draw the sites of these kinds from a stream of their own."""

    def __init__(self, outlines: Outlines, whereabouts: Whereabouts) -> None:
        """Start the stream."""
        super().__init__(outlines, whereabouts)
        self._random = np.random.Generator(np.random.PCG64(SEED))

    def sites(self) -> Iterator[DemoSite]:
        """Yield all of them, kind by kind."""
        counties = sorted(self._outlines.counties)
        for number in range(1, 41):
            yield self._vehicle(number, self._near_centre() if number <= 30 else self._near_a_seat("410181"))
        for number in range(1, 17):
            yield self._market(number, self._near_centre(1.0 if number <= 11 else 1.7))
        for number in range(1, 61):
            yield self._gas_station(number, self._gas_place(number, counties))
        for number in range(1, 25):
            point = self._near_a_seat(counties[number % len(counties)])
            yield self._make("test_station", number, point, (int(self._random.integers(1, 7)),), dt.date(2014, 1, 1))
        for number in range(1, 15):
            yield self._make("remote_sensor", number, self._near_centre(), (number > 9,), dt.date(2019, 9, 20))

    def _vehicle(self, number: int, point: Point) -> DemoSite:
        seen = self._day(dt.date(2020, 9, 25), dt.date(2020, 10, 14))
        fault = number % 5
        kind = "公交车" if fault == 4 else self._pick(("重型柴油货车", "轻型货车", "小型客车"))
        route = f"演示{number}路" if fault == 4 else None
        details = (kind, seen, fault == 0, fault == 1, fault == 2, fault == 4, route)
        return self._make("vehicle", number, point, details, seen)

    def _market(self, number: int, point: Point) -> DemoSite:
        served = (True, True, False, None)[number % 4]
        return self._make("market", number, point, (self._pick(_TRADES), served), dt.date(2012, 5, 1))

    def _gas_station(self, number: int, point: Point) -> DemoSite:
        depot = number in (1, 20, 40)
        petrol = None if depot else round(float(self._random.uniform(800, 8000)), 0)
        fuel = round(float(self._random.uniform(20_000, 90_000)) if petrol is None else petrol * 1.6, 0)
        recovery = round(float(self._random.uniform(80, 97)), 1) if self._chance(0.8) else None
        walled = self._chance(0.85)
        sells = self._verdict() if number <= 42 else (False, False, True, None)[number % 4]
        details = (
            "oil_depot" if depot else "filling_station", None if depot else sells, petrol, fuel,
            self._verdict(), recovery, walled, False if self._chance(0.9) else None,
        )  # fmt: skip
        return self._make("gas_station", number, point, details, dt.date(2010, 3, 1))

    def _gas_place(self, number: int, counties: list[str]) -> Point:
        """Return a place near a seat, the last few along the ring expressway and the demo's provincial road."""
        if number <= 42:
            return self._near_a_seat("410102" if number <= 12 else counties[number % len(counties)])
        if number <= 50:
            line, offset = self._expressway, 300.0
        else:
            line = road_line_m(self._outlines, "demo_provincial_road")
            offset = (60.0, -100.0, 190.0, 400.0)[number % 4]
        along = line.interpolate(((number - 42) % 9 + 0.5) / 10.0, normalized=True)
        return self._rounded(Point(along.x, along.y + offset))

    @cached_property
    def _expressway(self) -> BaseGeometry:
        """Return the southern ring expressway as sketched, EPSG:4547."""
        line, _ = road_file.lines(road_file.read())["ring_expressway_south"]
        return shapes.to_metres(line)

    def _near_centre(self, scale: float = 1.0) -> Point:
        lon, lat = self._random.uniform(-_HALF_DEGREES * scale, _HALF_DEGREES * scale, 2)
        return Point(round(_CENTRE[0] + float(lon), 5), round(_CENTRE[1] + float(lat) * 0.8, 5))

    def _make(self, kind: str, number: int, point: Point, details: tuple[object, ...], opened: dt.date) -> DemoSite:
        short, label = _LABELS[kind]
        site_id = f"demo-{short}-{number:04d}"
        county = self._whereabouts.county(point)
        return DemoSite(
            site_id, kind, f"{label}-{number:04d}", point, self._pick(demo_sites.ERRORS_M), county,
            self._whereabouts.region(point), county, opened, None, None, (site_id, *details),
        )  # fmt: skip
