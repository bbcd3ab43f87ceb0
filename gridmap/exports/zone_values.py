"""Versions of zones, and what differs between two or between two days, as values for JSON: API and command alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from gridmap.store.zone_diff import CHANGES, Crossing, DaysDiff, Diff, Sums, ZoneChange
from gridmap.store.zones import ZoneRow


def version(zone: ZoneRow, lang: str) -> dict[str, Any]:
    """Return a version by its columns; `class` and `kind_title` are named for readers."""
    values = {name: plain(value) for name, value in dataclasses.asdict(zone).items()}
    values["class"] = values.pop("class_")
    values["kind_title"] = zone.kind_en if lang == "en" else zone.kind_zh
    values["last_day"] = plain(zone.last_day)
    return values


def plain(value: Any) -> Any:
    """Return a value as JSON has it: days as text, numbers to a tenth."""
    if isinstance(value, float):
        return round(value, 1)
    return value.isoformat() if isinstance(value, dt.date) else value


def diff_values(found: Diff | DaysDiff, lang: str) -> dict[str, Any]:
    """Return what differs: figures and lists as the page tells them, land as GeoJSON geometries (EPSG:4490)."""
    told: dict[str, Any] = {
        "differs": found.differs,
        "households": _households(found),
        "villages": [_crossing(one) for one in found.villages],
        "sites": [_crossing(one, households=False) for one in found.sites],
    }
    if isinstance(found, Diff):
        one = found.changes[0]
        head: dict[str, Any] = {"a": version(found.a, lang), "b": version(found.b, lang), "on": found.on.isoformat()}
        return {**head, "land": _land(one), "units": _units(one), **told}
    head = {
        "kind": found.kind, "county": found.county, "from": found.day_a.isoformat(), "to": found.day_b.isoformat(),
        "unchanged": found.unchanged,
    }  # fmt: skip
    areas = {f"{change}_m2": round(found.area_m2(change), 1) for change in CHANGES}
    return {**head, "land": areas, "zones": [_zone(one, lang) for one in found.zones], **told}


def _zone(one: ZoneChange, lang: str) -> dict[str, Any]:
    before, after = (None if row is None else version(row, lang) for row in (one.before, one.after))
    return {"before": before, "after": after, "land": _land(one), "units": _units(one)}


def _land(one: ZoneChange) -> dict[str, Any]:
    areas = {f"{change}_m2": round(one.land.area_m2(change), 1) for change in CHANGES}
    areas |= {"before_m2": round(one.land.before_m2, 1), "after_m2": round(one.land.after_m2, 1)}
    return {**areas, **{change: one.land.outline(change) for change in CHANGES}}


def _units(one: ZoneChange) -> dict[str, dict[str, list[str]]]:
    """Return the codes that each list names in one version only."""
    found = {}
    for side, name in (("in", "units_in"), ("out", "units_out")):
        before, after = (set[str]() if row is None else set(getattr(row, name)) for row in (one.before, one.after))
        found[side] = {"added": sorted(after - before), "removed": sorted(before - after)}
    return found


def _households(found: Sums) -> dict[str, int]:
    return {
        "added": found.households("added"),
        "removed": found.households("removed"),
        "added_unknown_villages": found.uncounted("added"),
        "removed_unknown_villages": found.uncounted("removed"),
    }


def _crossing(one: Crossing, *, households: bool = True) -> dict[str, Any]:
    values = dataclasses.asdict(one)
    values |= {"before_pct": round(one.before_pct, 1), "after_pct": round(one.after_pct, 1)}
    if not households:
        values.pop("households")
    return values
