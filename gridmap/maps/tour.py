"""The map of a tour: its line in the order of the stops, over the city's law and roads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gridmap.domain.tour import Place
from gridmap.maps import assets
from gridmap.maps.elements import Drawing, Features, LocalMap
from gridmap.maps.overview import CITY_BOUNDS, overview_map

_INK = "#1565c0"
"""The ink of annotation: it belongs to no layer, so no style.json holds it."""

MODULES = ("place", "tour")
"""ES modules for the numbers of the stops, beside the map."""

_ROOM = 0.004
"""Degrees around the outermost stops."""

_ROOM_ALONE = 0.04
"""Degrees around a place that stands alone: as far as sites are looked for."""


def tour_map(
    line: Sequence[Place],
    places: Sequence[Place],
    title: str,
    *,
    tiles: str,
    lang: str = "zh",
    address: Callable[[str], str] = assets.data_url,
    credited: bool = True,
) -> LocalMap:
    """Return a folium map with a tour's line, which joins places straight; places: what it must show.

    title: what the line is called. tiles: the server's vector tiles. address: see LocalMap.
    """
    shown = [*line, *places]
    bounds = CITY_BOUNDS
    if shown:
        lons, lats = [place.lon for place in shown], [place.lat for place in shown]
        room = _ROOM if len(shown) > 1 else _ROOM_ALONE
        bounds = ((min(lats) - room, min(lons) - room), (max(lats) + room, max(lons) + room))
    chart = overview_map(
        tiles=tiles,
        visible=("county", "township", "zone", "road"),
        lang=lang,
        bounds=bounds,
        address=address,
        modules=MODULES,
        credited=credited,
    )
    if len(line) > 1:
        drawn = Drawing("tour_line", title, "MultiLineString", None, _INK, {}, 0, 18, {"line_width": 3}, [], [])
        geometry = {"type": "LineString", "coordinates": [[place.lon, place.lat] for place in line]}
        feature = {"type": "Feature", "geometry": geometry, "properties": {"name": title}}
        Features(drawn, {"type": "FeatureCollection", "features": [feature]}).add_to(chart)
    return chart
