"""A map of cells coloured by a number: each says its number too, so that colour never speaks alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from gridmap.domain.ranking import Class, class_of, classes
from gridmap.maps import assets
from gridmap.maps.elements import Choropleth, LocalMap, Scale
from gridmap.maps.why import bounds_of

SHADES = {
    1: ("#e8833a",),
    2: ("#fbd9b5", "#c4501b"),
    3: ("#fbd9b5", "#e8833a", "#a63a0f"),
    4: ("#fdeedd", "#f6b780", "#dd6b24", "#8c2d0b"),
    5: ("#fdeedd", "#fbd0a2", "#f19c58", "#d05f1f", "#8c2d0b"),
}
"""Light to dark, the worst darkest: one hue of falling lightness, which no kind of colour blindness confuses."""


@dataclass(frozen=True)
class CellShape:
    """A cell to draw. value: None where it takes no part. label: what is written on it. geojson: its outline."""

    code: str
    name: str
    label: str
    value: float | None
    href: str | None
    geojson: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Shade:
    """An entry of the legend: a class and its colour."""

    color: str
    limits: Class


def shades(values: Sequence[float], worst: str = "high") -> list[Shade]:
    """Return the classes of values with their colours, from light to dark: best to worst."""
    parted = classes(values)
    if worst == "low":
        parted = parted[::-1]
    return [Shade(color, limits) for color, limits in zip(SHADES.get(len(parted), ()), parted, strict=True)]


def choropleth_map(
    cells: Sequence[CellShape],
    legend: Sequence[Shade],
    title: str,
    *,
    address: Callable[[str], str] = assets.data_url,
) -> LocalMap:
    """Return a map of cells; cells without a value are left white behind a dashed line."""
    chart = LocalMap(address=address, zoom_snap=0.25, attribution_control=False, scroll_wheel_zoom=False)
    geometries = [json.loads(cell.geojson) for cell in cells]
    boxes = [bounds_of(geometry) for geometry in geometries]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    chart.fit_bounds([[south, west], [north, east]], padding=(4, 4))
    limits = [shade.limits for shade in legend]
    drawn = []
    for cell, geometry in zip(cells, geometries, strict=True):
        color = None if cell.value is None else legend[class_of(cell.value, limits)].color
        drawn.append({**asdict(cell), "geojson": None, "geometry": geometry, "color": color})
    Choropleth(title, drawn).add_to(chart)
    Scale().add_to(chart)
    return chart
