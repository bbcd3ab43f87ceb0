"""Generate the villages, zones and measured values that the rules on coal and boilers judge, all invented.

Real villages stand beside no invented breach: the counted households belong to villages that exist in the demo only,
with codes that no division list uses. They change the verdict on no real village: their zones are lists of names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import Point

from gridmap.domain.zone import ZoneDraft
from gridmap.ingest import demo_coal, shapes
from gridmap.ingest.outlines import Outlines

VILLAGE_COLUMNS = (
    "village_id", "name", "official_name", "match_name", "households", "terrain_declared", "terrain_declared_by",
    "terrain_derived", "terrain_resolution_m", "programme", "programme_source", "on_task_list",
    "households_substituted", "households_back_to_coal", "counted_on", "geom", "position_error_m", "placed_by",
    "is_demo", "source", "note",
)  # fmt: skip
OBSERVATION_COLUMNS = (
    "subject_kind", "subject_id", "parameter", "value", "unit", "observed_on", "period", "is_demo", "source",
)  # fmt: skip

_SOURCE = "演示数据，不是真实对象"
_NOTE = "演示：虚构的村，代码不在区划名录之内。"
_COUNTED = dt.date(2017, 10, 20)
_STEP_M = 300.0


@dataclass(frozen=True)
class _Village:
    """One invented village: households, of them substituted and back to coal; terrain with spacing of its grid."""

    township: str
    households: int | None = None
    substituted: int | None = None
    back: int | None = None
    programme: str = "none"
    on_task_list: bool = False
    terrain: str = "hill"
    resolution_m: float | None = None
    at: tuple[float, float] | None = None


_VILLAGES = (
    # the task list in a county that is coal-free as a whole: unfinished, at and below a fifth, at and below four fifths
    _Village("410122101", 200, 60, None, "planned", True, "plain"),
    _Village("410122101", None, None, None, "planned", True, "plain"),
    _Village("410122102", 200, 190, 40, "finished", True, "plain"),
    _Village("410122102", 200, 190, 39, "finished", True, "plain"),
    _Village("410122103", 200, 160, 10, "finished", True, "plain"),
    _Village("410122103", 200, 150, 0, "finished", True, "plain"),
    _Village("410122103", 200, 200, 0, "finished", True, "plain"),
    # in the middle of a built-up area, and where its drawn line may run
    _Village("410122001", 300, 285, 0, "finished", False, "plain", at=(114.0255, 34.7310)),
    _Village("410122001", 300, 285, 0, "finished", False, "plain", at=(114.0255, 34.7490)),
    # still on coal, outside every coal-free zone
    _Village("410183101", 150, 30, 0),
    _Village("410183102", 150, 100, 5),
    _Village("410185106", 180, 20, 0),
    _Village("410185107", 180, 60, 0),
    _Village("410185202", 180, 180, 9),
    # declared mountain, plain by the grid: a coarse one and a fine one
    _Village("410185203", terrain="mountain", resolution_m=2000.0),
    _Village("410185203", terrain="remote_mountain", resolution_m=30.0),
    _Village("410183103", terrain="mountain", resolution_m=2000.0),
    # held by a decree of the demo whose next version drops some
    _Village("410185204"),
    _Village("410185204"),
    _Village("410185204"),
    _Village("410183200"),
    _Village("410183200"),
)


def village_ids() -> list[str]:
    """Return the code of each village in order: its township's code and a number from 901, which no list uses."""
    return [f"{village.township}{900 + number}" for number, village in enumerate(_VILLAGES, 1)]


def villages(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the invented villages, each some hundred metres from its township's seat."""
    for number, (code, village) in enumerate(zip(village_ids(), _VILLAGES, strict=True), 1):
        name = f"演示村-{number:02d}"
        derived = "plain" if village.resolution_m is not None else None
        yield (
            code, name, f"{name}村民委员会", name, village.households, village.terrain, _SOURCE, derived,
            village.resolution_m, village.programme, _SOURCE if village.programme != "none" else None,
            village.on_task_list, village.substituted, village.back,
            _COUNTED if village.substituted is not None else None,
            shapes.ewkb(_place(outlines, village, number)), 30, "survey", True, _SOURCE, _NOTE,
        )  # fmt: skip


def _place(outlines: Outlines, village: _Village, number: int) -> Point:
    if village.at is not None:
        return Point(village.at)
    seat = outlines.townships[village.township].seat
    county = outlines.counties_m[village.township[:6]]
    middle = shapes.to_metres(Point(seat)) if seat else county.representative_point()
    place = Point(middle.x + _STEP_M * (number % 3 - 1), middle.y + _STEP_M * (number % 2))
    degrees = shapes.to_degrees(place)
    return Point(round(degrees.x, 5), round(degrees.y, 5))


def zones(outlines: Outlines) -> Iterator[ZoneDraft]:
    """Yield drafts: decrees of the demo that hold its own villages, and where heat and gas are taken to reach."""
    codes = village_ids()
    dropping = [code for code in codes if code.startswith("410185204")]
    reasoned = [code for code in codes if code.startswith("410183200")]
    yield _decree("coal_free_demo_410185", "410185", dropping, dt.date(2019, 11, 14), None)
    yield _decree("coal_free_demo_410185", "410185", dropping[:1], dt.date(2020, 6, 1), None)
    yield _decree("coal_free_demo_410183", "410183", reasoned, dt.date(2019, 11, 14), None)
    reason = "演示：搬迁后不再有住户"
    yield _decree("coal_free_demo_410183", "410183", reasoned[:1], dt.date(2020, 6, 1), reason)
    yield _coverage("heating_coverage", "410100", "市区", [((113.6654, 34.7526), 9000.0)])
    yield _coverage("heating_coverage", "410181", "巩义市", [((112.9764, 34.745), 2500.0)])
    for county in sorted(outlines.counties):
        seats = [t.seat for t in outlines.townships.values() if t.seat and t.county_code == county]
        name = outlines.county_names[county]
        yield _coverage("gas_coverage", county, name, [(seat, 2000.0) for seat in seats])


def _decree(lineage: str, county: str, units: list[str], begins_on: dt.date, reason: str | None) -> ZoneDraft:
    return ZoneDraft(
        lineage=lineage, kind="coal_free", name="演示禁煤区", county_code=county, issuer="（本平台演示）",
        document="演示通告", begins_on=begins_on, units_in=tuple(units), reason=reason, is_sketch=True,
        source=_SOURCE, note="演示：虚构的通告，只列虚构的村。",
    )  # fmt: skip


def _coverage(kind: str, county: str, place: str, discs: list[tuple[tuple[float, float], float]]) -> ZoneDraft:
    parts = [shapes.to_degrees(shapely.buffer(shapes.to_metres(Point(middle)), reach)) for middle, reach in discs]
    word = {"heating_coverage": "集中供热覆盖区", "gas_coverage": "燃气覆盖区"}[kind]
    return ZoneDraft(
        lineage=f"{kind}_{county}", kind=kind, name=f"{place}{word}（演示）", county_code=county,
        issuer="（本平台演示）", document="演示：管网范围手头没有", begins_on=dt.date(2017, 1, 1),
        boundary_wkb=shapely.to_wkb(shapes.multi(shapely.union_all(parts))), is_sketch=True, position_error_m=800.0,
        source=_SOURCE, note="演示：以驻地为中心的圆形，不是管网的实际范围，偏差按800米计。",
    )  # fmt: skip


def observations() -> Iterator[tuple[object, ...]]:
    """Yield a daily mean of each pollutant, mg/m³, of the big coal boilers that stay, for a day in two winters."""
    for number in demo_coal.KEPT:
        for day, factor in ((dt.date(2017, 11, 20), 1.0), (dt.date(2020, 10, 12), 0.8)):
            values = {"so2": 30 + 13 * (number % 16), "nox": 45 + 12 * (number % 15), "dust": 6 + 2 * (number % 13)}
            for parameter, value in values.items():
                yield (
                    "site", f"demo-boi-{number:04d}", parameter, round(value * factor, 1), "mg/m3", day, "day", True,
                    _SOURCE,
                )  # fmt: skip
