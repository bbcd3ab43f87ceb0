"""Generate what the rules on industry and kitchens judge: invented, named as such, the same on every run.

Each kind of trouble is there on purpose, beside the same thing in order: `_POLLUTERS` and the like say how often.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import Point

from gridmap.ingest import demo_sites, shapes, sites
from gridmap.ingest.demo_sites import DemoSite
from gridmap.ingest.outlines import Outlines
from gridmap.ingest.whereabouts import Whereabouts

Copy = Callable[[str, Sequence[str], Iterable[Sequence[object]]], None]
Values = dict[str, object]

SEED = 20201017
_ALERTS = (
    ("demo_industry_2017", "orange", "[2017-12-01,2017-12-05)"),
    ("demo_industry_2020", "yellow", "[2020-10-09,2020-10-13)"),
)
_TRADES = {
    "steel": "钢铁", "cement": "水泥", "grinding_station": "水泥粉磨站", "glass": "玻璃", "nonferrous": "有色",
    "secondary_nonferrous": "有色再生", "aluminium": "电解铝", "alumina": "氧化铝", "carbon": "炭素", "casting": "铸造",
    "brick": "砖瓦窑", "ceramics": "陶瓷", "glass_wool": "玻璃棉", "rock_wool": "岩棉", "gypsum_board": "石膏板",
    "refractories": "耐火材料", "coking": "焦化", "chemical": "化工", "drug": "原料药", "coating": "工业涂装",
    "printing": "包装印刷",
}  # fmt: skip
_WORKSHOPS = (("casting", "铸造"), ("brick", "砖瓦窑"), ("printing", "包装印刷"), ("other", "塑料加工"))
_CENTRE = (113.6654, 34.7526)
_POST = "演示执法岗位"
_OPENED = dt.date(2010, 3, 1)
_ERROR_M = 10.0


@dataclass
class _World:
    """Everything that is written: sites, and rows by table."""

    sites: list[DemoSite] = field(default_factory=list)
    rows: dict[str, list[Values]] = field(default_factory=dict)

    def add(self, table: str, **values: object) -> None:
        """Add a row of a table."""
        self.rows.setdefault(table, []).append(values)


def load(copy: Copy, outlines: Outlines, whereabouts: Whereabouts) -> None:
    """Write alerts, demo enterprises, stacks, kitchens and what inspectors saw of them.

    copy: writes rows of a table, as gridmap.store.bulk.copy_rows does.
    """
    alerts = [(*alert, "演示预警", True) for alert in _ALERTS]
    copy("alert", ("alert_id", "level", "in_force", "document", "is_demo"), alerts)
    world = Generator(outlines, whereabouts).world()
    copy("site", sites.COLUMNS, map(sites.demo_row, world.sites))
    for table, rows in world.rows.items():
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        copy(table, columns, [[row.get(name) for name in columns] for row in rows])


class Generator(demo_sites.Generator):
    """Draw the sites of these kinds from a stream of their own."""

    def __init__(self, outlines: Outlines, whereabouts: Whereabouts) -> None:
        """Start the stream."""
        super().__init__(outlines, whereabouts)
        self._random = np.random.Generator(np.random.PCG64(SEED))
        self._counties = sorted(outlines.counties)
        self._numbers: dict[str, int] = {}
        self._world = _World()

    def world(self) -> _World:
        """Return all sites and rows."""
        closed = list(self._closed())
        self._returned(closed)
        self._upgrades()
        self._crowds()
        for number, trade in enumerate([*_TRADES, *_TRADES]):
            self._plant(number, trade)
        for number in range(6):
            self._new_in_town(number)
        for number in range(60):
            self._kitchen(number)
        self._emergency_list()
        return self._world

    def _closed(self) -> Iterator[tuple[str, Point, Values]]:
        """Yield scattered polluters to be closed: every third struck off, of the others some cut by halves."""
        for number in range(18):
            trade, industry = _WORKSHOPS[number % 4]
            done = [True, True, True, True, True] if number % 3 == 0 else [self._verdict() for _ in range(5)]
            facts: Values = {
                "industry": industry, "trade": trade, "set_up_on": _OPENED, "polluter_class": "close",
                "owner": f"演示业主{number:02d}",
                "struck_off_on": dt.date(2017, 9, 10) if number % 3 == 0 else None,
                **dict(zip(
                    ("power_cut", "water_cut", "materials_cleared", "products_cleared", "equipment_cleared"),
                    done, strict=True,
                )),
            }  # fmt: skip
            if number % 6 == 1:
                facts |= {"goods_kept_until": dt.date(2020, 12, 31), "can_resume": False}
            point = self._place(number)
            site_id = self._firm("polluter", "散乱污企业", point, facts)
            yield site_id, point, facts

    def _returned(self, closed: list[tuple[str, Point, Values]]) -> None:
        """Have some of the struck-off back: producing again, a new one on the spot, the same owner elsewhere."""
        gone = [entry for entry in closed if entry[2]["struck_off_on"] is not None]
        for site_id, _, _ in gone[:2]:
            self._seen(site_id, dt.date(2020, 9, 8), is_producing=True)
        for site_id, _, _ in gone[2:4]:
            self._seen(site_id, dt.date(2020, 9, 8), is_producing=False)
        for number, (_, point, facts) in enumerate(gone[2:5]):
            metres = shapes.to_metres(point)
            near = self._rounded(Point(metres.x + (15.0, 20.0, 45.0)[number], metres.y))
            trade, industry = (facts["trade"], facts["industry"]) if number != 1 else ("other", "木材加工")
            fresh: Values = {"industry": industry, "trade": trade, "set_up_on": dt.date(2019, 4, 1)}
            self._firm("fresh", "新设企业", near, fresh)
        for number, (_, _, facts) in enumerate(gone[4:6]):
            moved: Values = {
                "industry": facts["industry"], "trade": facts["trade"], "owner": facts["owner"],
                "set_up_on": dt.date(2018, 6, 1),
            }  # fmt: skip
            self._firm("fresh", "新设企业", self._place(number + 7), moved)

    def _upgrades(self) -> None:
        """Add scattered polluters to be upgraded: signed or not, seen producing or not, one never looked at."""
        for number in range(8):
            signed = dt.date(2018, 1, 10) if number % 2 else None
            facts: Values = {
                "industry": "家具制造", "trade": "coating", "set_up_on": _OPENED, "polluter_class": "upgrade",
                "jointly_signed_on": signed,
            }  # fmt: skip
            site_id = self._firm("polluter", "散乱污企业", self._place(number + 3), facts)
            if number != 4:
                self._seen(site_id, dt.date(2017, 9, 20), is_producing=number != 6)

    def _crowds(self) -> None:
        """Add one crowd nobody declared, one too small, and two declared clusters, one of them with a secret plan."""
        crowds = (
            ("410181", None, 6), ("410183", None, 4), ("410184", "demo-cluster-1", 5), ("410182", "demo-cluster-2", 5),
        )  # fmt: skip
        for county, cluster, size in crowds:
            middle = shapes.to_metres(self._near_a_seat(county))
            for number in range(size):
                place = self._rounded(Point(middle.x + 80.0 * number, middle.y + 40.0 * (number % 2)))
                facts: Values = {
                    "industry": "石材加工", "trade": "other", "set_up_on": _OPENED, "cluster_id": cluster,
                    "polluter_class": "cluster", "jointly_signed_on": dt.date(2018, 3, 1),
                }  # fmt: skip
                site_id = self._firm("polluter", "散乱污企业", place, facts)
                if number:
                    self._seen(site_id, dt.date(2017, 9, 19), is_producing=number == 2)
        for cluster, public in (("demo-cluster-1", True), ("demo-cluster-2", False)):
            self._world.add(
                "cluster_plan", cluster_id=cluster, name="演示集群", document="演示整治方案", is_public=public,
                has_one_standard=True, has_one_timetable=True, made_on=dt.date(2017, 9, 18), is_demo=True,
            )  # fmt: skip

    def _plant(self, number: int, trade: str) -> None:
        """Add an enterprise of a listed trade with its stack, its rates and two inspections."""
        energy = ("coal", "gas", "electricity", None)[number % 4]
        facts: Values = {
            "industry": _TRADES[trade], "trade": trade, "set_up_on": _OPENED, "process_energy": energy,
            "has_online_monitoring": (True, False, True, None, True)[number % 5],
            "meets_special_limits": number % 2 == 0,
            "uses_coal_since": dt.date(2015, 5, 1) if number % 6 == 0 else None,
            "coal_replaced": (None, False, True)[number // 6 % 3] if number % 6 == 0 else None,
            "voc_works_done": number % 3 > 0 if trade in ("coating", "printing", "drug") else None,
            "fugitive_works_done": number % 7 > 0 if trade in ("cement", "brick", "steel") else None,
            "in_off_peak_plan": (True, False, None)[number // 3 % 3],
            "on_heavy_polluter_list": number % 8 == 0,
        }  # fmt: skip
        point = self._near_centre() if number % 8 == 0 else self._place(number)
        site_id = self._firm("plant", f"{_TRADES[trade]}企业", point, facts)
        height = (30.0, 45.0, 60.0, 80.0)[number % 4]
        fitted = (True, False, None)[number % 3]
        self._world.add("stack", site_id=site_id, stack_no="1", height_m=height, has_online_monitoring=fitted)
        if facts["has_online_monitoring"]:
            self._rates(site_id, number)
        share = None if number % 5 == 3 else float((100, 70, 50, 30, 0)[number % 5])
        self._seen(site_id, dt.date(2017, 11, 28), is_producing=share != 0.0, output_share_pct=share)
        self._seen(site_id, dt.date(2017, 12, 2), is_producing=number % 2 == 0)
        if number % 3 == 0:
            self._seen(site_id, dt.date(2020, 10, 10), is_producing=number % 2 == 0, output_share_pct=share)
        if number in (1, 9):
            kind = "load_filing" if number == 1 else "casting_approval"
            self._world.add(
                "permit", permit_id=f"demo-industry-{number}", site_id=site_id, kind=kind, issuer="city_government",
                document="演示批复", in_force="[2017-09-15,2018-03-16)", is_demo=True,
            )  # fmt: skip

    def _rates(self, site_id: str, number: int) -> None:
        """Add the month's valid transmission rate and hours over the limit: some too low, some over."""
        rate = round(float(self._random.uniform(82, 99)) if number % 4 == 0 else float(self._random.uniform(91, 99)), 1)
        for month in (dt.date(2017, 10, 1), dt.date(2020, 9, 1)):
            for parameter, value, unit in (
                ("valid_transmission_pct", rate, "%"), ("hours_over_limit", 4.0 if number % 5 == 2 else 0.0, "h")
            ):  # fmt: skip
                self._world.add(
                    "observation", subject_kind="site", subject_id=site_id, parameter=parameter, value=value, unit=unit,
                    observed_on=month, period="month", is_demo=True, source="演示数据",
                )  # fmt: skip

    def _new_in_town(self, number: int) -> None:
        """Add an enterprise set up lately in the middle of the city; half of them in a trade that may not be."""
        trade = ("casting", "printing", "chemical", "other", "cement", "coating")[number]
        facts: Values = {
            "industry": _TRADES.get(trade, "其他"), "trade": trade, "has_online_monitoring": True,
            "set_up_on": dt.date(2016 if number == 4 else 2018, 5, 1),
        }  # fmt: skip
        self._firm("town", "市区企业", self._near_centre(), facts)

    def _kitchen(self, number: int) -> None:
        """Add a restaurant, a canteen or a barbecue, near the centre or in a county."""
        kind = "barbecue" if number % 10 == 7 else "canteen" if number % 10 == 3 else "restaurant"
        point = self._near_centre() if number % 2 else self._place(number)
        opened = dt.date(2018, 8, 1) if number % 4 == 1 else dt.date(2012, 8, 1)
        site = self._make("restaurant", "rest", "餐饮单位", point, opened)
        monitored = self._verdict()
        self._world.add(
            "restaurant", site_id=site, type=kind, has_purifier=self._verdict() if number % 3 == 0 else True,
            area_m2=(80.0, 320.0, 500.0, 900.0, 1500.0)[number % 5], has_online_monitoring=monitored,
            is_networked=monitored if number % 4 else False,
            in_residential_building=number % 9 == 1, is_open_air=kind == "barbecue",
            is_mobile=kind == "barbecue" and number % 20 == 7,
        )  # fmt: skip

    def _emergency_list(self) -> None:
        """Add the demo's emergency list and what was seen at building sites in the alerts."""
        for number, (level, trade, measure, allowed) in enumerate(
            (
                ("blue", "grinding_station", "stop_production", None), ("yellow", "brick", "stop_production", None),
                ("yellow", "steel", "limit_production", 70.0), ("orange", "chemical", "stop_production", None),
                ("orange", "alumina", "limit_production", 50.0), ("red", "cement", "stop_production", None),
            )
        ):  # fmt: skip
            self._world.add(
                "emergency_measure", measure_id=f"demo-{number}", level=level, trade=trade, measure=measure,
                allowed_pct=allowed, document="演示应急减排清单", is_demo=True,
            )  # fmt: skip
        for measure in ("stop_earthwork", "stop_demolition"):
            self._world.add(
                "emergency_measure", measure_id=f"demo-{measure}", level="yellow", site_kind="construction_site",
                measure=measure, document="演示应急减排清单", is_demo=True,
            )  # fmt: skip
        for number in range(5, 101, 10):
            self._seen(f"demo-con-{number:04d}", dt.date(2020, 10, 10), does_earthwork=number % 20 == 5)

    def _firm(self, short: str, label: str, point: Point, facts: Values) -> str:
        opened = facts["set_up_on"]
        site_id = self._make("enterprise", short, label, point, opened if isinstance(opened, dt.date) else None)
        self._world.add("enterprise", site_id=site_id, **facts)
        return site_id

    def _make(self, kind: str, short: str, label: str, point: Point, opened: dt.date | None) -> str:
        number = self._numbers[short] = self._numbers.get(short, 0) + 1
        county, region = self._whereabouts.county(point), self._whereabouts.region(point)
        site_id = f"demo-{short}-{number:04d}"
        self._world.sites.append(
            DemoSite(
                site_id, kind, f"演示{label}-{number:04d}", point, _ERROR_M, county, region, region, opened, None, None
            )
        )
        return site_id

    def _seen(self, site_id: str, day: dt.date, **what: object) -> None:
        number = self._numbers["seen"] = self._numbers.get("seen", 0) + 1
        self._world.add(
            "inspection", inspection_id=f"demo-industry-{number:04d}", site_id=site_id, inspected_on=day, post=_POST,
            is_demo=True, **what,
        )  # fmt: skip

    def _place(self, number: int) -> Point:
        return self._near_a_seat(self._counties[number % len(self._counties)])

    def _near_centre(self) -> Point:
        east, north = self._random.uniform(-0.012, 0.012, 2)
        return Point(round(_CENTRE[0] + float(east), 5), round(_CENTRE[1] + float(north), 5))
