"""Maps of the law as SVG shapes, for paper: outlines in metres, colours of the zone layer. Templates write tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gridmap import layers as definitions
from gridmap.maps.overview import drawing
from gridmap.maps.sketch import round_length
from gridmap.store.law_report import Frame


@dataclass(frozen=True)
class Area:
    """An outline. color: of its kind, for line and fill; filled: whether it is filled; title: for who points at it."""

    path: str
    color: str
    filled: bool
    is_sketch: bool
    title: str


@dataclass(frozen=True)
class Outline:
    """A county. is_own: the one that the map is about."""

    path: str
    is_own: bool


@dataclass(frozen=True)
class Label:
    """A text at a place; css: its class."""

    x: float
    y: float
    text: str
    css: str


@dataclass(frozen=True)
class Sheet:
    """A map. Sizes are metres on the ground, y downwards. size: of its letters; scale_m: length of the scale bar."""

    width: float
    height: float
    counties: tuple[Outline, ...]
    areas: tuple[Area, ...]
    labels: tuple[Label, ...]
    size: float
    scale_m: float


@dataclass(frozen=True)
class Key:
    """An entry of the legend. value: the kind; filled: drawn as an area, else as a line only."""

    value: str
    label: str
    color: str
    filled: bool


def legend(lang: str, kinds: Collection[str]) -> list[Key]:
    """Return the legend of kinds, in the layer's order."""
    layer = drawing(definitions.load().get("zone"), lang)
    return [
        Key(entry["value"], entry["label"], entry["color"], bool(entry["fill"]))
        for entry in layer.legend
        if entry["value"] in kinds
    ]


def sheet(
    frame: Frame,
    keys: Collection[Key],
    numbers: Mapping[str, int],
    *,
    own: str | None = None,
    names: bool = False,
    letters: float = 40,
) -> Sheet:
    """Return a map of the kinds of a legend.

    numbers: id of a zone → the number written on it. own: the county that it is about. names: write the counties'
    names. letters: how many stand side by side across the map.
    """
    by_kind = {key.value: key for key in keys}
    drawn = [outline for outline in frame.outlines if outline.kind in by_kind]
    counties = [outline for outline in frame.outlines if outline.kind == "county"]
    labels = [Label(one.x, one.y, one.name, "county") for one in counties] if names else []
    labels += [Label(one.x, one.y, str(numbers[one.id]), "number") for one in drawn if one.id in numbers]
    return Sheet(
        round(frame.width, 1),
        round(frame.height, 1),
        tuple(Outline(one.path, one.id == own) for one in counties),
        tuple(
            Area(one.path, by_kind[one.kind].color, by_kind[one.kind].filled, one.is_sketch, one.name) for one in drawn
        ),
        tuple(labels),
        round(frame.width / letters, 1),
        round_length(frame.width / 4000) * 1000,
    )
