"""What a file would change, on a map: new, changed and gone as points, moved as lines from where it stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.maps import assets
from gridmap.maps.elements import Drawing, Features, LocalMap
from gridmap.maps.overview import overview_map

COLORS: Mapping[str, str] = {
    "new": "#1b5e20", "moved": "#1565c0", "changed": "#e65100", "gone": "#b71c1c", "shift": "#6a1b9a",
    "doubt": "#f9a825",
}  # fmt: skip
"""By state; shift: where a position would be, were the file in the system that it looks to be in; doubt: around a place
of which the check warns."""

_ROOM = 0.01
"""Degrees around the outermost places."""


@dataclass(frozen=True)
class Mark:
    """An object. state: a key of COLORS. before, after: (longitude, latitude), degrees; facts: for its popup."""

    state: str
    name: str
    before: tuple[float, float] | None
    after: tuple[float, float] | None
    is_placed: bool = True
    facts: Mapping[str, str] | None = None

    @property
    def places(self) -> list[tuple[float, float]]:
        """Return where it is drawn, where it stands afterwards last."""
        return [place for place in (self.before, self.after) if place is not None]


def changes_map(
    marks: Sequence[Mark],
    titles: Mapping[str, str],
    *,
    tiles: str,
    lang: str = "zh",
    address: Callable[[str], str] = assets.data_url,
    credited: bool = True,
) -> LocalMap | None:
    """Return a folium map of changes, None when none of them has a place. titles: of the facts, in popups.

    tiles: the server's vector tiles. address: see LocalMap.
    """
    shown = [mark for mark in marks if mark.places]
    if not shown:
        return None
    lons, lats = zip(*[place for mark in shown for place in mark.places], strict=True)
    bounds = ((min(lats) - _ROOM, min(lons) - _ROOM), (max(lats) + _ROOM, max(lons) + _ROOM))
    chart = overview_map(
        tiles=tiles, visible=("county", "township"), lang=lang, bounds=bounds, address=address, credited=credited
    )
    columns: list[dict[str, Any]] = [
        {"name": name, "title": title, "unit": None, "codes": {}} for name, title in titles.items()
    ]
    lines = [_feature(mark, {"type": "LineString", "coordinates": mark.places}) for mark in shown if _is_line(mark)]
    spots = [
        (mark.state == "doubt", _feature(mark, {"type": "Point", "coordinates": mark.places[-1]})) for mark in shown
    ]
    for css, geometry, draw, features in (
        ("import_doubt", "Point", {"radius": 10}, [spot for is_doubt, spot in spots if is_doubt]),
        ("import_line", "MultiLineString", {"line_width": 2}, lines),
        ("import_point", "Point", {"radius": 5.5}, [spot for is_doubt, spot in spots if not is_doubt]),
    ):
        if features:
            layer = Drawing(css, css, geometry, "state", COLORS["new"], dict(COLORS), 0, 18, dict(draw), columns, [])
            Features(layer, {"type": "FeatureCollection", "features": features}).add_to(chart)
    return chart


def _is_line(mark: Mark) -> bool:
    return mark.state in ("moved", "shift") and len(mark.places) == 2


def _feature(mark: Mark, geometry: Mapping[str, Any]) -> dict[str, Any]:
    # drawn hollow, as everything that stands only somewhere in its township
    vague = {} if mark.is_placed else {"placed_by": "township"}
    properties = {"state": mark.state, "name": mark.name, **(mark.facts or {}), **vague}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
