"""Two versions side by side: colours, the sheet for paper and for browsers without scripts, and the swipe map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.maps import law_sheet
from gridmap.maps.law_sheet import Key, Label, Sheet
from gridmap.store.law_report import Frame
from gridmap.store.zone_diff import CHANGES, Change, Crossing, DaysDiff, Diff

COLORS: Mapping[Change, str] = {"added": "#1b5e20", "removed": "#b71c1c", "kept": "#455a64"}
"""Green comes in, red falls out, slate stays; hatches tell them apart without colour."""

MOST_NUMBERS = 60
"""More numbers than that on one sheet would hide it."""


LEAST_DEG = 0.06
"""A map of a change shows at least that much, degrees: about 6 km."""


@dataclass(frozen=True)
class Mark:
    """A village that changes side. x, y: metres on the sheet; number: as in the lists."""

    x: float
    y: float
    change: Change
    number: int
    name: str


@dataclass(frozen=True)
class DiffSheet:
    """A map for paper: the sheet of the law with hatched areas and numbered villages. own: outlines by change."""

    sheet: Sheet
    own: Mapping[Change, tuple[str, ...]]
    marks: tuple[Mark, ...]
    has_numbers: bool


def numbers(found: Diff | DaysDiff) -> dict[str, int]:
    """Return the number of each village that changes side, as lists and maps write it."""
    order = [*found.villages_that("added"), *found.villages_that("removed")]
    return {one.id: place for place, one in enumerate(order, 1)}


def diff_sheet(frame: Frame, found: Diff | DaysDiff) -> DiffSheet:
    """Return the map of a difference for paper."""
    keys = [Key(change, change, COLORS[change], change == "kept") for change in CHANGES]
    drawn = law_sheet.sheet(frame, keys, {}, names=True, letters=52)
    inside = [
        Label(label.x, label.y, label.text, label.css)
        for label in drawn.labels
        if 0 < label.x < frame.width and 0 < label.y < frame.height
    ]
    sheet = Sheet(
        drawn.width, drawn.height, drawn.counties, drawn.areas, tuple(inside), drawn.size, drawn.scale_m
    )  # fmt: skip
    places, known = numbers(found), {one.id: one for one in found.villages}
    marks = tuple(
        Mark(round(one.x, 1), round(one.y, 1), known[one.id].change, places[one.id], one.name)
        for one in frame.outlines
        if one.kind.startswith("village_")
    )
    own: dict[Change, tuple[str, ...]] = {
        change: tuple(one.path for one in frame.outlines if one.kind == change) for change in CHANGES
    }
    return DiffSheet(sheet, own, marks, len(marks) <= MOST_NUMBERS)


def swipe_layers(found: Diff | DaysDiff, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what static/js/swipe.js draws: land by change, villages and sites that change side.

    words: of added, removed, kept, village and site. Geometries in degrees (longitude, latitude).
    """
    land: dict[str, Any] = {
        change: [
            {"name": one.zone.name, "geometry": outline}
            for one in found.changes
            if (outline := one.land.outline(change)) is not None
        ]
        for change in CHANGES
    }
    return {
        "land": land,
        "colors": dict(COLORS),
        "villages": _points(found.villages),
        "sites": _points(found.sites),
        "words": dict(words),
    }


def bounds(found: Diff | DaysDiff) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the south-west and north-east corner (latitude, longitude) of all that differs, None where nothing is."""
    points = [(one.lon, one.lat) for one in (*found.villages, *found.sites)]
    for change in found.changes:
        for part in CHANGES:
            points += _vertices((change.land.outline(part) or {}).get("coordinates", ()))
    if not points:
        return None
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    # a single village is shown with what lies around it
    tall, wide = (max(LEAST_DEG - (max(side) - min(side)), 0) / 2 for side in (lats, lons))
    return (min(lats) - tall, min(lons) - wide), (max(lats) + tall, max(lons) + wide)


def _vertices(coordinates: Sequence[Any]) -> list[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [(coordinates[0], coordinates[1])]
    return [vertex for part in coordinates for vertex in _vertices(part)]


def _points(things: Sequence[Crossing]) -> list[dict[str, Any]]:
    return [{"name": one.name, "change": one.change, "lon": one.lon, "lat": one.lat} for one in things]
