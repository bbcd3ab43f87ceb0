"""Generate what the rules on boilers and stoves judge: invented, named as such, the same on every run.

The villages, zones and measured values of these rules are in demo_substitution.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from shapely.geometry import Point

from gridmap.ingest import demo_sites, shapes
from gridmap.ingest.demo_sites import DemoSite
from gridmap.ingest.outlines import Outlines
from gridmap.ingest.whereabouts import Whereabouts

SEED = 20201017

DETAIL_COLUMNS = {
    "boiler": (
        "site_id", "device", "capacity_t_h", "fuel", "purpose", "is_registered", "is_running", "closed_how",
        "converted_to", "dust_removal", "has_desulphurisation", "has_denitrification", "has_networked_monitoring",
        "has_dcs", "is_dedicated_biomass", "has_gas_boiler", "is_standby", "start_filed", "approved_on",
        "in_industrial_cluster", "on_2017_list", "is_faked", "is_concealed",
    ),
    "burning_facility": ("site_id", "facility", "fuel", "purpose", "is_in_use", "seen_on"),
}  # fmt: skip

KEPT = range(37, 53)
"""Numbers of the big coal boilers that stay: their emissions are measured."""

_LABELS = {"boiler": ("boi", "演示锅炉"), "burning_facility": ("stv", "演示炉灶")}
_CENTRE = (113.6654, 34.7526)
_OLD = dt.date(2011, 9, 1)
_DEFAULTS: dict[str, object] = {
    "device": "boiler", "capacity_t_h": None, "fuel": "raw_coal", "purpose": "heating", "is_registered": True,
    "is_running": True, "closed_how": None, "converted_to": None, "dust_removal": "bag", "has_desulphurisation": True,
    "has_denitrification": True, "has_networked_monitoring": True, "has_dcs": True, "is_dedicated_biomass": None,
    "has_gas_boiler": None, "is_standby": None, "start_filed": None, "approved_on": None,
    "in_industrial_cluster": False, "on_2017_list": False, "is_faked": False, "is_concealed": False,
}  # fmt: skip

# what becomes of the small coal boilers: most are gone for good, each other way of not being gone appears
_ENDINGS: tuple[dict[str, object], ...] = (
    {"is_running": False, "is_registered": False, "closed_how": "stack_removed"},
    {"is_running": False, "is_registered": False, "closed_how": "flue_cut"},
    {"fuel": "gas", "converted_to": "gas"},
    {"is_running": True, "on_2017_list": True},
    {"is_running": False, "is_registered": True, "closed_how": "stack_removed"},
    {"is_running": False, "is_registered": False, "closed_how": "sealed", "is_faked": True},
    {"fuel": "briquette", "converted_to": "briquette"},
    {"is_running": None, "is_registered": None},
)
_GAPS: tuple[dict[str, object], ...] = (
    {},
    {"dust_removal": "electrostatic"},
    {"has_dcs": False},
    {"has_networked_monitoring": False},
    {"has_denitrification": None},
    {"dust_removal": "other", "has_desulphurisation": False},
)
_BIOMASS: tuple[dict[str, object], ...] = (
    {"is_dedicated_biomass": True},
    {"is_dedicated_biomass": False},
    {"is_dedicated_biomass": True, "dust_removal": "electrostatic"},
    {"is_dedicated_biomass": True, "has_gas_boiler": True, "is_standby": False},
    {"is_dedicated_biomass": True, "has_gas_boiler": True, "is_standby": True, "start_filed": False},
    {"is_dedicated_biomass": None, "has_networked_monitoring": False},
)
_NEW: tuple[tuple[str, str], ...] = (
    ("boiler", "raw_coal"), ("boiler", "gas"), ("wall_hung", "gas"), ("boiler", "formed_biomass"),
    ("boiler", "electricity"), ("boiler", "pulverised_coal"),
)  # fmt: skip
_STOVES = (
    ("tea_stove", "raw_coal", "business"),
    ("shop_heater", "raw_coal", "heating"),
    ("small_stove", "briquette", "business"),
    ("big_stove", "gas", "business"),
    ("kiln", "raw_coal", "feedstock"),
    ("kiln", "tar", "production"),
    ("big_stove", "anthracite", "business"),
    ("shop_heater", "electricity", "heating"),
)


class Generator(demo_sites.Generator):
    """Draw the sites of these kinds from a stream of their own."""

    def __init__(self, outlines: Outlines, whereabouts: Whereabouts) -> None:
        """Start the stream."""
        super().__init__(outlines, whereabouts)
        self._random = np.random.Generator(np.random.PCG64(SEED))

    def sites(self) -> Iterator[DemoSite]:
        """Yield all of them, kind by kind."""
        counties = sorted(self._outlines.counties)
        for number in range(1, 79):
            point, facts = self._boiler(number, counties)
            details = tuple(facts[name] for name in DETAIL_COLUMNS["boiler"][1:])
            yield self._make("boiler", number, point, details)
        for number in range(1, 57):
            county = "410181" if number <= 24 else counties[number % len(counties)]
            facility, fuel, purpose = _STOVES[number % len(_STOVES)]
            in_use = (True, True, True, False, None)[number % 5]
            details = (facility, fuel, purpose, in_use, self._day(dt.date(2020, 9, 1), dt.date(2020, 10, 14)))
            yield self._make("burning_facility", number, self._near_a_seat(county), details)

    def _boiler(self, number: int, counties: list[str]) -> tuple[Point, dict[str, object]]:
        """Return place and facts of one boiler, in groups: small, under heat coverage, kept, biomass, new, other."""
        county = counties[number % len(counties)]
        if number <= 24:
            small = {"capacity_t_h": float(self._random.integers(1, 11))}
            return self._near_a_seat(county), _DEFAULTS | small | _ENDINGS[number % len(_ENDINGS)]
        if number < KEPT.start:
            covered = {"capacity_t_h": float(self._random.integers(11, 23))}
            return self._near_the_centre(9000.0), _DEFAULTS | covered | _ENDINGS[number % 4]
        if number in KEPT:
            size = {"capacity_t_h": float(self._pick((15, 20, 35, 65, 75))), "purpose": "production"}
            cluster = {"purpose": "heating", "in_industrial_cluster": True} if number % 8 == 0 else {}
            return self._near_a_seat(county), _DEFAULTS | size | _GAPS[number % len(_GAPS)] | cluster
        if number <= 62:
            fuel = "raw_biomass" if number == 60 else "formed_biomass"
            biomass = {"capacity_t_h": float(self._random.integers(2, 9)), "fuel": fuel}
            return self._near_a_seat("410102" if number <= 58 else county), (
                _DEFAULTS | biomass | _BIOMASS[number % len(_BIOMASS)]
            )
        if number <= 74:
            device, fuel = _NEW[number % len(_NEW)]
            day = dt.date(2016, 12, 20) if number == 74 else self._day(dt.date(2017, 3, 1), dt.date(2019, 12, 31))
            size = {"capacity_t_h": None if device == "wall_hung" else 12.0}
            new = {"device": device, "fuel": fuel, "approved_on": day} | size
            point = self._near_the_centre(8500.0) if number % 2 else self._near_a_seat(county)
            return point, _DEFAULTS | new
        producer = {"device": "gas_producer", "purpose": "production", "is_concealed": number % 2 == 0}
        return self._near_a_seat(county), _DEFAULTS | producer

    def _near_the_centre(self, reach_m: float) -> Point:
        """Draw a position no farther from the middle of the city than reach_m in either direction."""
        middle = shapes.to_metres(Point(_CENTRE))
        east, north = self._random.uniform(-reach_m, reach_m, 2)
        return self._rounded(Point(middle.x + float(east), middle.y + float(north)))

    def _make(self, kind: str, number: int, point: Point, details: tuple[object, ...]) -> DemoSite:
        short, label = _LABELS[kind]
        site_id = f"demo-{short}-{number:04d}"
        county = self._whereabouts.county(point)
        return DemoSite(
            site_id, kind, f"{label}-{number:04d}", point, self._pick(demo_sites.ERRORS_M), county,
            self._whereabouts.region(point), county, _OLD, None, None, (site_id, *details),
        )  # fmt: skip
