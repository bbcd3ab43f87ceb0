"""The map of a draft: what it covers over what its base covers, and the places that comments point to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridmap import layers as definitions
from gridmap.maps import assets
from gridmap.maps.elements import Drawing, Features, LocalMap, PlaceLabels, Scale, VectorTiles
from gridmap.maps.overview import drawing
from gridmap.store.draft_outlines import Outlines

# the ink of annotation: it belongs to no layer, so no style.json holds it
_INK, _MARK = "#17384d", "#b71c1c"

GROUND = ("county", "township", "road")
"""Layers below the draft: without them nobody knows where on the map a village lies."""

MODULES = ("draw_impact", "draft_impact")
"""ES modules for what the draft would change, beside the map."""


def draft_map(
    found: Outlines,
    places: Sequence[tuple[float, float, str]],
    names: Mapping[str, str],
    *,
    lang: str = "zh",
    address: Callable[[str], str] = assets.data_url,
    tiles: str | None = None,
    labels: Sequence[Mapping[str, Any]] = (),
) -> LocalMap:
    """Return a folium map of a draft and its base.

    places: longitude, latitude and words of comments. names: words for draft, base and place. address: see LocalMap.
    tiles: URL template of the server's tiles, for counties, townships and roads below it; labels: names to write.
    """
    chart = LocalMap(address=address, height="100%", zoom_snap=0.25, attribution_control=False, modules=MODULES)
    west, south, east, north = found.bounds
    lons, lats = [west, east, *(place[0] for place in places)], [south, north, *(place[1] for place in places)]
    chart.fit_bounds([[min(lats), min(lons)], [max(lats), max(lons)]], padding=(16, 16))
    if tiles is not None:
        ground = [layer for layer in definitions.load() if layer.id in GROUND]
        VectorTiles([drawing(layer, lang) for layer in ground], GROUND, tiles).add_to(chart)
    zone = drawing(definitions.load().get("zone"), lang)
    for name, outline, draw in (
        ("base", found.base, {"line_width": 2, "fill_opacity": 0.12, "dash": [6, 5]}),
        ("draft", found.draft, {"line_width": 3, "fill_opacity": 0.08}),
    ):
        if outline is not None:
            color = _INK if name == "draft" else zone.color
            layer = Drawing(f"{name}_area", names[name], "MultiPolygon", None, color, {}, 0, 14, dict(draw), [], [])
            is_dashed = name == "base"
            Features(layer, _collection([_feature(outline, names[name], is_sketch=is_dashed)])).add_to(chart)
    if places:
        mark = Drawing("comment_place", names["place"], "Point", None, _MARK, {}, 0, 14, {"radius": 6}, [], [])
        points = [
            _feature({"type": "Point", "coordinates": [lon, lat]}, text or names["place"]) for lon, lat, text in places
        ]
        Features(mark, _collection(points)).add_to(chart)
    if labels:
        PlaceLabels(labels).add_to(chart)
    Scale().add_to(chart)
    return chart


def _feature(geometry: Mapping[str, Any], name: str, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name, **properties}}


def _collection(features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
