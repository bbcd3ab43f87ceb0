"""The map of a responsibility cell: its outline strong, its neighbours and roads faint. What is done there is drawn on
top by the page's script (static/js/cell_map.js), since it changes with every visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gridmap import layers as definitions
from gridmap.maps import assets
from gridmap.maps.elements import Drawing, Features, LocalMap, Scale
from gridmap.maps.overview import drawing

# the ink of annotation: it belongs to no layer, so no style.json holds it
_INK = "#17384d"
_LINES: Mapping[str, Mapping[str, Any]] = {
    "grid_cell": {"line_width": 1.2, "line_opacity": 0.7, "fill_opacity": 0, "dash": [5, 4]},
    "road": {"line_width": 2, "line_opacity": 0.7},
}


def cell_map(
    outline: Mapping[str, Any],
    name: str,
    around: Iterable[tuple[str, str, str, Mapping[str, Any]]],
    bounds: Sequence[Sequence[float]],
    *,
    lang: str = "zh",
    address: Callable[[str], str] = assets.data_url,
    modules: Sequence[str] = (),
) -> LocalMap:
    """Return a folium map of a cell and its surroundings.

    outline: GeoJSON geometry in degrees. around: (layer, name, kind, geometry) of neighbours and roads. bounds:
    south-west and north-east corner, degrees. address, modules: see LocalMap.
    """
    chart = LocalMap(address=address, modules=modules, height="100%", zoom_snap=0.25, attribution_control=False)
    chart.fit_bounds([list(corner) for corner in bounds], padding=(12, 12))
    shapes = list(around)
    for layer_id, draw in _LINES.items():
        layer = drawing(definitions.load().get(layer_id), lang)
        found = [
            _feature(geometry, name=shape_name, **{layer.column or "kind": kind}, is_sketch=layer_id == "grid_cell")
            for shape_layer, shape_name, kind, geometry in shapes
            if shape_layer == layer_id
        ]
        if found:
            plain = replace(layer, draw={**layer.draw, **draw}, columns=[])
            Features(plain, {"type": "FeatureCollection", "features": found}).add_to(chart)
    strong = Drawing(
        "own_cell", name, "MultiPolygon", None, _INK, {}, 0, 14, {"line_width": 4, "fill_opacity": 0}, [], []
    )
    Features(strong, {"type": "FeatureCollection", "features": [_feature(outline, name=name)]}).add_to(chart)
    Scale().add_to(chart)
    return chart


def _feature(geometry: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
