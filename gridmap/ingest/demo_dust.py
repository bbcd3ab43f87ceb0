"""Generate what the rules on dust and open burning judge: invented, named as such, the same on every run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
from shapely.geometry import LineString, Point

from gridmap.ingest import demo_sites, shapes, sites
from gridmap.ingest.demo_sites import DemoSite
from gridmap.ingest.outlines import Outlines
from gridmap.ingest.whereabouts import Whereabouts

SEED = 20201017
SOURCE = "随机生成的演示数据（固定种子），不是真实记录"

DETAIL_COLUMNS = {
    "construction_site": (
        "site_id", "works", "floor_area_m2", "has_video_monitoring", "has_pm10_monitoring", "works_kind",
        "site_area_m2", "started_on", "is_networked", "is_key_project", "cleared_on", "idle_since", "is_greened",
        "is_covered",
    ),
    "quarry": (
        "site_id", "mineral", "restoration_area", "damaged_m2", "restored_m2", "ordered", "ordered_on", "accepted_on",
        "has_dust_control", "has_restoration",
    ),
    "storage_yard": (
        "site_id", "trade", "material", "is_powder", "is_enclosed", "fence_height_m", "pile_height_m",
        "has_wheel_wash",
    ),
}  # fmt: skip
INSPECTION_COLUMNS = (
    "inspection_id", "site_id", "inspected_on", "post", "is_producing", "does_earthwork", "does_demolition",
    "mixes_on_site", "is_demo",
)  # fmt: skip
MEASURE_COLUMNS = ("inspection_id", "measure", "is_met")
PERMIT_COLUMNS = ("permit_id", "site_id", "kind", "issuer", "document", "covers", "in_force", "is_demo")
ALERT_COLUMNS = ("alert_id", "level", "in_force", "document", "is_demo")
OBSERVATION_COLUMNS = (
    "subject_kind", "subject_id", "parameter", "value", "unit", "observed_on", "period", "is_demo", "source",
)  # fmt: skip
ROAD_COLUMNS = (
    "road_id", "name", "name_en", "class", "geom", "county_code", "is_sketch", "position_error_m", "source", "note",
)  # fmt: skip
SETTING_COLUMNS = ("road_id", "rank", "setting")
DAMAGE_COLUMNS = (
    "damage_id", "name", "county_code", "geom", "position_error_m", "found_on", "repaired_on", "is_demo", "source",
)  # fmt: skip
HOTSPOT_COLUMNS = (
    "hotspot_id", "name", "kind", "seen_by", "county_code", "geom", "position_error_m", "seen_on", "handled_on",
    "is_confirmed", "is_demo", "source",
)  # fmt: skip

ALERTS = (
    ("demo_orange_2017_11", "orange", "[2017-11-24,2017-11-28)", "演示预警", True),
    ("demo_yellow_2020_10", "yellow", "[2020-10-05,2020-10-08)", "演示预警", True),
)
MEASURES = (
    "fence", "cover", "vehicle_wash", "hard_ground", "earth_storage", "wet_demolition", "closed_trucks",
    "wet_earthwork",
)  # fmt: skip
WINDY = (dt.date(2020, 10, 9), 5.0)
_LABELS = {
    "construction_site": ("dust", "演示扬尘工地"),
    "quarry": ("qua", "演示矿山"),
    "storage_yard": ("yard", "演示堆场"),
}
_WORKS = (
    ("住宅小区", "building"), ("旧村拆迁", "demolition"), ("地下管廊", "municipal"), ("道路改造", "road"),
    ("河道整治", "water"), ("土地整理", "land"),
)  # fmt: skip
_QUARRIES = (("410182", "荥阳市南部山区"), ("410183", None), ("410185", None), ("410181", None))
_RANKS = (("main", "main_city"), ("other", "main_city"), ("secondary", "suburb"), ("secondary", "fringe"))
_BEGUN = dt.date(2016, 10, 1)

Table = tuple[str, Sequence[str], list[tuple[object, ...]]]


class Generator(demo_sites.Generator):
    """Draw these sites, and what was seen of them, from a stream of their own."""

    def __init__(self, outlines: Outlines, whereabouts: Whereabouts) -> None:
        """Start the stream."""
        super().__init__(outlines, whereabouts)
        self._random = np.random.Generator(np.random.PCG64(SEED))
        self._codes = sorted(outlines.counties)

    def tables(self) -> Iterator[Table]:
        """Yield table, columns and rows, in the order in which they may be loaded."""
        works, plots = list(self._works()), list(self._plots())
        quarries, yards = list(self._quarries()), list(self._yards())
        everything = [*works, *plots, *quarries, *yards]
        yield "site", sites.COLUMNS, [sites.demo_row(site) for site in everything]
        for kind, columns in DETAIL_COLUMNS.items():
            yield kind, columns, [site.details for site in everything if site.kind == kind]
        inspections = [*self._looks_at_works(works), *self._looks_at_quarries(quarries)]
        yield "inspection", INSPECTION_COLUMNS, inspections
        yield "inspection_measure", MEASURE_COLUMNS, list(self._measures(works))
        yield "permit", PERMIT_COLUMNS, [*self._earthwork_permits(works), *self._mining_permits(quarries)]
        yield "alert", ALERT_COLUMNS, list(ALERTS)
        roads = list(self._roads())
        yield "road", ROAD_COLUMNS, [road for road, _ in roads]
        yield "road_setting", SETTING_COLUMNS, [setting for _, setting in roads]
        yield "observation", (*OBSERVATION_COLUMNS, "measuring_point"), list(self._dustfall())
        yield "observation", OBSERVATION_COLUMNS, [*self._loads(roads), *self._wind()]
        yield "road_damage", DAMAGE_COLUMNS, list(self._damages())
        yield "hotspot", HOTSPOT_COLUMNS, list(self._hotspots())

    def _works(self) -> Iterator[DemoSite]:
        for number in range(1, 61):
            point = self._place(number)
            works, kind = _WORKS[number % len(_WORKS)]
            floor = round(float(self._random.lognormal(9.4, 0.8)), -2)
            started = self._day(dt.date(2016, 12, 1), dt.date(2017, 9, 1))
            details = (
                works, floor, self._verdict(), self._verdict(), kind, round(floor * 0.6, -2), started,
                self._verdict(), number % 4 == 0, None, None, None, (True, True, True, None, False)[number % 5],
            )  # fmt: skip
            yield self._make("construction_site", number, point, details)

    def _plots(self) -> Iterator[DemoSite]:
        """Yield idle land: idle for long or for a short while, cleared long ago in 中原区."""
        for number in range(61, 85):
            cleared = number % 3 == 0
            county = "410102" if cleared else self._codes[number % len(self._codes)]
            idle = None if cleared else self._day(dt.date(2020, 3, 1), dt.date(2020, 9, 30))
            gone = self._day(dt.date(2019, 9, 1), dt.date(2020, 8, 31)) if cleared else None
            green = (False, False, True, None)[number % 4]
            details = (
                "待建地块", None, None, None, "demolition" if cleared else "other", 8000.0, None, None, False, gone,
                idle, green, (True, False, None)[number % 3 - 1] if green is not True else None,
            )  # fmt: skip
            yield self._make("construction_site", number, self._near_a_seat(county), details)

    def _quarries(self) -> Iterator[DemoSite]:
        for number in range(1, 29):
            county, area = _QUARRIES[number % len(_QUARRIES)]
            measured = number % 7 != 0
            damaged = round(float(self._random.uniform(20_000, 300_000)), -2)
            share = 0.9 if county == "410183" else 0.6
            restored = round(damaged * min(1.0, float(self._random.normal(share, 0.08))), -2)
            ordered = ("none", "none", "close", "stop")[number // 4 % 4]
            accepted = dt.date(2018, 6, 1) if ordered == "stop" and number % 2 == 0 else None
            details = (
                self._pick(("石灰岩", "白云岩", "砂岩", "铝土矿")), area, damaged if measured else None,
                restored if measured else None, ordered, None if ordered == "none" else dt.date(2017, 5, 10), accepted,
                (True, True, False, None)[number % 4 - 1], number % 5 != 0,
            )  # fmt: skip
            yield self._make("quarry", number, self._near_a_seat(county), details)

    def _yards(self) -> Iterator[DemoSite]:
        for number in range(1, 31):
            trade = ("coal_yard", "coal_mine", "industry")[number % 3]
            mine_county = ("410183", "410185", "410181")[number // 3 % 3]
            county = mine_county if trade == "coal_mine" else self._codes[number % len(self._codes)]
            coal = trade != "industry"
            lumps = not coal and number % 2 == 0
            pile = round(float(self._random.uniform(2, 8)), 1)
            fence = None if number % 11 == 0 else round(float(self._random.uniform(0, 9)), 1)
            details = (
                trade, "原煤" if coal else "石块" if lumps else "砂石粉料", not lumps,
                (True, True, False, None)[number % 4], fence, pile, (True, True, True, False, None)[number % 5],
            )  # fmt: skip
            yield self._make("storage_yard", number, self._near_a_seat(county), details)

    def _looks_at_works(self, works: list[DemoSite]) -> Iterator[tuple[object, ...]]:
        """Yield a look at each site in the winter of 2017, and another in October 2020."""
        for number, site in enumerate(works, 1):
            post = f"督查员-{site.county_code}-01"
            winter = self._day(dt.date(2017, 11, 16), dt.date(2017, 11, 30))
            digs, pulls = number % 3 != 0, number % 6 == 1
            yield f"{site.site_id}-2017", site.site_id, winter, post, None, digs, pulls, None, True
            autumn = WINDY[0] if number % 3 == 0 else self._day(dt.date(2020, 10, 1), dt.date(2020, 10, 14))
            mixes = (True, False, False, None)[number % 4]
            yield f"{site.site_id}-2020", site.site_id, autumn, post, None, number % 2 == 1, False, mixes, True

    def _measures(self, works: list[DemoSite]) -> Iterator[tuple[object, ...]]:
        for number, site in enumerate(works, 1):
            for year, share in (("2017", 0.85), ("2020", 0.97 if number % 2 else 0.85)):
                for measure in MEASURES:
                    if measure != "wet_demolition" or number % 6 == 1:
                        yield f"{site.site_id}-{year}", measure, self._chance(share)

    def _looks_at_quarries(self, quarries: list[DemoSite]) -> Iterator[tuple[object, ...]]:
        for number, site in enumerate(quarries, 1):
            seen = self._day(dt.date(2020, 8, 1), dt.date(2020, 10, 14))
            post = f"监督员-{site.county_code}-01"
            yield f"{site.site_id}-2020", site.site_id, seen, post, number % 3 != 1, None, None, None, True

    def _earthwork_permits(self, works: list[DemoSite]) -> Iterator[tuple[object, ...]]:
        for number, site in enumerate(works, 1):
            if number % 8 in (0, 1):
                issuer = "city_government" if number % 16 < 8 else "county_government"
                days = "[2017-11-15,2018-03-16)"
                document = f"演示许可-{number:04d}"
                yield f"{site.site_id}-ew", site.site_id, "earthwork", issuer, document, "演示：管沟土方", days, True

    def _mining_permits(self, quarries: list[DemoSite]) -> Iterator[tuple[object, ...]]:
        for number, site in enumerate(quarries, 1):
            if number % 5 != 0:
                days = "[2015-01-01,2020-01-01)" if number % 9 == 0 else "[2015-01-01,2025-01-01)"
                document = f"演示采矿许可-{number:04d}"
                yield f"{site.site_id}-mi", site.site_id, "mining", "resources_bureau", document, None, days, True

    def _roads(self) -> Iterator[tuple[tuple[object, ...], tuple[str, str, str]]]:
        """Yield demo roads of some hundred metres: the real ones are sketches and nobody weighed their dust."""
        for number in range(1, 13):
            rank, setting = _RANKS[number % len(_RANKS)]
            point = self._in_box("ring") if setting == "main_city" else self._near_a_seat(self._codes[number - 1])
            start = shapes.to_metres(point)
            line = shapes.to_degrees(LineString([(start.x, start.y), (start.x + 400, start.y + 60)]))
            road_id = f"demo_dust_road_{number:02d}"
            row = (
                road_id, f"演示保洁路段{number:02d}", f"Demo road section {number:02d}",
                "main" if rank == "main" else "street", shapes.ewkb(shapes.multi(line)),
                self._whereabouts.county(point), False, 20.0, SOURCE, "演示：走向是虚构的。",
            )  # fmt: skip
            yield row, (road_id, rank, setting)

    def _dustfall(self) -> Iterator[tuple[object, ...]]:
        months = [dt.date(2017, 11, 1), *(dt.date(2020, month, 1) for month in range(1, 10))]
        for county in self._codes:
            for point in ("演示测点1", "演示测点2"):
                for month in months:
                    value = round(float(self._random.normal(7.6, 1.4)), 1)
                    yield "county", county, "dustfall", value, "t/km2", month, "month", True, SOURCE, point

    def _loads(self, roads: Sequence[tuple[tuple[object, ...], tuple[str, str, str]]]) -> Iterator[tuple[object, ...]]:
        for _, (road_id, _, _) in roads:
            for day in (dt.date(2017, 11, 20), dt.date(2020, 9, 21), dt.date(2020, 10, 12)):
                value = round(float(self._random.uniform(5, 18)), 1)
                yield "road", road_id, "dust_load", value, "g/m2", day, "instant", True, SOURCE

    def _wind(self) -> Iterator[tuple[object, ...]]:
        for county in self._codes:
            for number in range(14):
                day = dt.date(2020, 10, 1) + dt.timedelta(days=number)
                force = WINDY[1] if day == WINDY[0] else float(self._random.integers(1, 4))
                yield "county", county, "wind_force_forecast", force, "force", day, "day", True, SOURCE

    def _damages(self) -> Iterator[tuple[object, ...]]:
        for number in range(1, 31):
            point = self._place(number)
            found = self._day(dt.date(2020, 8, 20), dt.date(2020, 10, 12))
            repaired = found + dt.timedelta(days=int(self._random.integers(3, 30))) if number % 2 else None
            yield (
                f"demo-damage-{number:04d}", f"演示破损路面-{number:04d}", self._whereabouts.county(point),
                shapes.ewkb(point), self._pick((10.0, 20.0, 50.0)), found, repaired, True, SOURCE,
            )  # fmt: skip

    def _hotspots(self) -> Iterator[tuple[object, ...]]:
        for number in range(1, 37):
            kind = ("straw", "straw", "rubbish", "leaves")[number % 4]
            by_satellite = number % 2 == 0
            early = number % 5 == 0
            seen = (
                self._day(dt.date(2017, 11, 20), dt.date(2017, 11, 30))
                if early
                else self._day(dt.date(2020, 9, 25), dt.date(2020, 10, 14))
            )
            handled = seen + dt.timedelta(days=int(self._random.integers(1, 20))) if early or number % 3 == 0 else None
            point = self._near_a_seat(self._codes[number % len(self._codes)])
            yield (
                f"demo-fire-{number:04d}", f"演示火点-{number:04d}", kind, "satellite" if by_satellite else "camera",
                self._whereabouts.county(point), shapes.ewkb(point), 375.0 if by_satellite else 50.0, seen, handled,
                (True, None, False)[int(self._random.integers(3))] if by_satellite else True, True, SOURCE,
            )  # fmt: skip

    def _place(self, number: int) -> Point:
        """Return a place: well inside the main city, near the rings, in 中原区, or by any township seat."""
        if number <= 20:
            return self._in_box("ring")
        if number <= 26:
            return self._in_box("zhengdong")
        return self._near_a_seat("410102" if number <= 36 else self._codes[number % len(self._codes)])

    def _make(self, kind: str, number: int, point: Point, details: tuple[object, ...]) -> DemoSite:
        """Return a site under a name of its own, reported where it lies."""
        short, label = _LABELS[kind]
        site_id = f"demo-{short}-{number:04d}"
        county, region = self._whereabouts.county(point), self._whereabouts.region(point)
        return DemoSite(
            site_id, kind, f"{label}-{number:04d}", point, self._pick((5.0, 10.0, 20.0, 50.0)), county, region, county,
            _BEGUN, None, None, (site_id, *details),
        )  # fmt: skip
