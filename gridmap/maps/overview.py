"""The map of the city: its law, its villages and what the rules find, for page, notebook and saved page alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridmap import layers as definitions
from gridmap.layers import Layer
from gridmap.maps import assets
from gridmap.maps.elements import Credit, Drawing, Features, Legend, LocalMap, PlaceLabels, Scale, VectorTiles

CITY_BOUNDS = ((34.26, 112.70), (34.98, 114.24))
"""South-west and north-east of Zhengzhou, degrees: where the map opens."""


def overview_map(
    features: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    tiles: str | None = None,
    visible: Sequence[str] | None = None,
    lang: str = "zh",
    places: Sequence[Mapping[str, Any]] = (),
    legend: str | None = None,
    bounds: Sequence[Sequence[float]] = CITY_BOUNDS,
    address: Callable[[str], str] = assets.data_url,
    modules: Sequence[str] = (),
    height: str = "100%",
    credited: bool = True,
) -> LocalMap:
    """Return a folium map of the city; in a notebook it shows itself, `.save(path)` writes one file without a network.

    A saved file holds what it was given, for whoever opens it: no rights go with it.

    features: GeoJSON FeatureCollections by layer id (`{"village": json.loads(frame.to_json())}`), drawn in the
        layers' order with the colours of their style.json.
    tiles: instead, a URL template of the server's vector tiles with {layer}, {z}, {y}, {x}.
    visible: layer ids switched on at first (tiles only); by default those of the first view.
    places: names to write, see PlaceLabels. legend: title of a legend in the corner, counted from `features`.
    credited: name the sources of the data that come with the layers drawn; False where a city has its own.
    bounds: south-west and north-east corner, degrees. address, modules: see LocalMap.

    >>> overview_map({"village": json.loads(villages.to_json())}, legend="禁煤区覆盖")   # in a notebook
    """
    known = [layer for layer in definitions.load() if layer.has_tiles]
    chart = LocalMap(
        address=address, modules=modules, height=height, zoom_control=True, zoom_snap=0.5, attribution_control=False
    )
    chart.fit_bounds([list(corner) for corner in bounds])
    if tiles is not None:
        shown = [layer.id for layer in known if layer.first_view] if visible is None else list(visible)
        VectorTiles([drawing(layer, lang) for layer in known], shown, tiles).add_to(chart)
    for layer in known:
        if features and layer.id in features:
            Features(drawing(layer, lang), features[layer.id]).add_to(chart)
            if legend and layer.style.column:
                Legend(legend, counted(drawing(layer, lang), features[layer.id])).add_to(chart)
    if places:
        PlaceLabels(places).add_to(chart)
    Scale().add_to(chart)
    credits = [layer.credit.get(lang) for layer in known if layer.credit and (tiles or layer.id in (features or {}))]
    if credited and credits:
        comma = "; " if lang == "en" else "；"
        Credit("Data" if lang == "en" else "数据来源", comma.join(credits)).add_to(chart)
    return chart


def drawing(layer: Layer, lang: str) -> Drawing:
    """Return what the map needs to know of a layer, in a language (zh or en)."""
    style = layer.style
    return Drawing(
        id=layer.id,
        title=layer.title.get(lang),
        geometry=layer.geometry,
        column=style.column,
        color=style.legend[0].color if style.legend else "#546e7a",
        colors={entry.value: entry.color for entry in style.legend},
        min_zoom=layer.zoom[0],
        max_zoom=min(layer.zoom[1], 14),
        draw=_draw(style.raw),
        columns=[
            {
                "name": column.name,
                "title": column.title.get(lang),
                "unit": column.unit,
                "codes": {value: text.get(lang) for value, text in column.codes.items()},
                "type": column.type,
            }
            for column in layer.columns
        ],
        legend=[
            {
                "value": entry.value,
                "label": entry.label.get(lang),
                "color": entry.color,
                "visible": raw.get("visible", True),
                "fill": raw.get("fill", True),
            }
            for entry, raw in zip(style.legend, style.raw.get("legend", []), strict=True)
        ],
    )


def counted(layer: Drawing, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return legend entries with the number of features of each value, hollow where the map draws them so."""
    values = [feature["properties"].get(layer.column) for feature in data["features"]]
    # as static/js/symbols.js: of findings only a breach strikes the eye
    hollow = layer.geometry == "Geometry" and layer.column == "certainty"
    return [
        {**entry, "count": values.count(entry["value"]), "hollow": hollow and entry["value"] != "breach"}
        for entry in layer.legend
    ]


def _draw(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a style.json into what static/js/symbols.js draws by: only what is given, the rest has defaults."""
    line, fill, stroke = raw.get("line") or {}, raw.get("fill"), raw.get("stroke") or {}
    found: dict[str, Any] = {
        "radius": _stops(raw.get("radius")),
        "line_width": _stops(line.get("width")),
        "line_color": line.get("color"),
        "stroke_width": _stops(stroke.get("width")),
        "stroke_color": stroke.get("color"),
        "fill_opacity": 0 if "fill" in raw and fill is None else (fill or {}).get("opacity"),
        "dash": (raw.get("sketch") or {}).get("dash"),
        "values": {entry["value"]: {"fill": False} for entry in raw.get("legend", []) if entry.get("fill") is False}
        or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _stops(value: Any) -> Any:
    """Return a number as it is, and {"8": 3, "12": 5} as [[8, 3], [12, 5]]."""
    if isinstance(value, Mapping):
        return sorted([int(zoom), size] for zoom, size in value.items())
    return value
