"""Why a place was flagged, drawn: how far off its position may be, the boundaries beside it, the way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.maps.elements import Drawing, Features, LocalMap

# the ink of annotation: it belongs to no layer, so no style.json holds it
_INK, _BAND = "#1d2b33", "#f9a825"


@dataclass(frozen=True)
class Note:
    """A GeoJSON geometry (degrees) with a sentence for its popup."""

    geometry: Mapping[str, Any]
    text: str


def add_why(
    chart: LocalMap, *, circle: Note | None, bands: Sequence[Note], lines: Sequence[Note], ways: Sequence[Note]
) -> None:
    """Draw on a map the circle of a position's error, boundaries with their error as bands, and the shortest ways."""
    areas = [*bands, *([circle] if circle else [])]
    for css, color, notes, draw, dashed in (
        ("why_area", _BAND, areas, {"line_width": 1, "fill_opacity": 0.18}, False),
        ("why_line", _INK, lines, {"line_width": 2.5, "fill_opacity": 0}, False),
        ("why_way", _INK, ways, {"line_width": 1.5, "fill_opacity": 0, "dash": [3, 4]}, True),
    ):
        if notes:
            layer = Drawing(css, css, "MultiPolygon", None, color, {}, 0, 14, dict(draw), [], [])
            Features(layer, _collection(notes, dashed)).add_to(chart)


def bounds_of(geometry: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a GeoJSON geometry."""
    numbers: list[tuple[float, float]] = []

    def walk(part: Any) -> None:
        if part and isinstance(part[0], int | float):
            numbers.append((part[0], part[1]))
        else:
            for each in part:
                walk(each)

    walk(geometry["coordinates"])
    lons, lats = zip(*numbers, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _collection(notes: Sequence[Note], dashed: bool) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": note.geometry, "properties": {"name": note.text, "is_sketch": dashed}}
            for note in notes
        ],
    }
