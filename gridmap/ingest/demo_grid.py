"""Generate what the rules on the grid itself judge: stations, patrols, draws and hand-overs, all of them invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import Point

from gridmap.domain import grid
from gridmap.ingest import demo_mobile, files, shapes
from gridmap.ingest.outlines import Outlines

STATION_COLUMNS = (
    "station_code", "name", "is_control_point", "geom", "county_code", "position_error_m", "source", "level",
    "township_code", "is_six_parameter", "is_dustfall_point", "is_demo",
)  # fmt: skip
PATROL_COLUMNS = ("patrol_id", "kind", "county_code", "cell_key", "patrolled_on", "post", "is_demo")
INSPECTION_COLUMNS = ("inspection_id", "site_id", "inspected_on", "kind", "post", "is_demo")
HANDOVER_COLUMNS = ("case_id", "handed_on", "from_office", "to_office")

TODAY = dt.date(2020, 10, 15)
SEED = 20201017

_SOURCE = "随机生成的演示数据（固定种子），不是真实站点"
_NO_SIX_PARAMETERS = {"410185"}
_NO_DUSTFALL = {"410183", "410106"}
_TOWNS = ("410103100", "410106100", "410108100", "410108101")
"""Towns of the city districts that get a station; the one that is not here has none on purpose."""
_HANDED = (
    # site, county is taken from it; days of the hand-overs; day it was closed out
    ("demo-con-0003", ("2020-05-11", "2020-07-02", "2020-08-19", "2020-09-23"), None),
    ("demo-con-0017", ("2020-09-04", "2020-09-15", "2020-09-28"), None),
    ("demo-con-0028", ("2020-08-05", "2020-09-30"), None),
    ("demo-con-0041", ("2020-06-01", "2020-07-01", "2020-08-01"), "2020-09-01"),
)


def stations(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield a station per county, with a few that measure too little, and one in all towns of the districts but one."""
    for code in sorted(outlines.counties):
        place = shapes.to_degrees(outlines.counties_m[code].representative_point())
        name = f"演示县级站-{outlines.county_names[code]}"
        yield (
            f"demo-{code}", name, False, shapes.ewkb(place), code, 50.0, _SOURCE, "county", None,
            code not in _NO_SIX_PARAMETERS, code not in _NO_DUSTFALL, True,
        )  # fmt: skip
    for code in _TOWNS:
        township = outlines.townships[code]
        if township.seat is not None:
            yield (
                f"demo-{code}", f"演示乡镇站-{township.name}", False, shapes.ewkb(Point(township.seat)), code[:6],
                50.0, _SOURCE, "township", code, False, False, True,
            )  # fmt: skip


def uploads(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the share of last month that each county station of the demo uploaded."""
    for number, code in enumerate(sorted(outlines.counties)):
        share = (98.5, 96.2, 87.4, 99.0, 90.0, 93.1)[number % 6]
        yield (
            "station", f"demo-{code}", "upload_pct", share, "%", dt.date(2020, 9, 1), "month", True,
            "随机生成的演示数据",
        )  # fmt: skip


def patrols(outlines: Outlines, roads: Sequence[files.Record]) -> Iterator[tuple[object, ...]]:
    """Yield last week's patrols: of most squares that a road passes, and of machines in all counties but two."""
    lines = [shapes.to_metres(record.shape("LineString")) for record in roads]
    lines += [demo_mobile.road_line_m(outlines, road_id) for road_id in demo_mobile.road_ids()]
    for number, key in enumerate(_squares(lines)):
        if number % 5 == 0:
            continue
        east, north = key // 100_000, key % 100_000
        centre = Point((east + 0.5) * grid.CELL_M, (north + 0.5) * grid.CELL_M)
        county = min(outlines.counties_m, key=lambda code: (outlines.counties_m[code].distance(centre), code))
        day = TODAY - dt.timedelta(days=number % 7)
        yield f"demo-road-{key}", "road", county, key, day, f"巡查员-{county}", True
    for number, county in enumerate(sorted(outlines.counties)):
        day = TODAY - dt.timedelta(days=12 if number % 6 == 4 else 3)
        yield f"demo-machine-{county}", "machine", county, None, day, f"巡查员-{county}", True


def inspections(sites: Iterable[tuple[str, str]]) -> Iterator[tuple[object, ...]]:
    """Yield the draws of last week and of September for sites given as (id, kind): about a fifth of them."""
    random = np.random.Generator(np.random.PCG64(SEED))
    for site_id, kind in sites:
        chance = float(random.random())
        if kind in ("construction_site", "market", "enterprise") and chance < 0.2:
            yield _inspection(site_id, TODAY - dt.timedelta(days=int(chance * 30)), "random")
        elif kind in ("machine", "gas_station") and chance < 0.15:
            yield _inspection(site_id, dt.date(2020, 9, 1 + int(chance * 180)), "fuel_sample")
        elif kind == "test_station" and chance < 0.4:
            yield _inspection(site_id, dt.date(2020, 9, 1 + int(chance * 70)), "emission_test")


def cases(counties: dict[str, str]) -> Iterator[tuple[object, ...]]:
    """Yield demo cases, handed down from above. counties: county by site id."""
    for site_id, days, closed in _HANDED:
        yield (
            f"demo-case-{site_id}", counties[site_id], site_id, "hand_over", "演示：工地扬尘反复交办", None, None,
            dt.date.fromisoformat(days[0]), None, dt.date.fromisoformat(closed) if closed else None, True, True,
        )  # fmt: skip


def handovers() -> Iterator[tuple[object, ...]]:
    """Yield each time one of them was handed down."""
    for site_id, days, _ in _HANDED:
        for day in days:
            yield f"demo-case-{site_id}", dt.date.fromisoformat(day), "市控尘办", "县（市、区）城管局"


def _inspection(site_id: str, day: dt.date, kind: str) -> tuple[object, ...]:
    return f"demo-{kind}-{site_id}", site_id, day, kind, "演示检查岗", True


def _squares(lines: Sequence[shapely.Geometry]) -> list[int]:
    """Return the keys of the 1 km squares that lines pass, in order."""
    keys: set[int] = set()
    for line in lines:
        steps = np.arange(0.0, line.length, 50.0)
        for point in shapely.line_interpolate_point(line, steps):
            keys.add(grid.key_of(int(point.x // grid.CELL_M), int(point.y // grid.CELL_M)))
    return sorted(keys)
