"""Small folium elements of ours: vector tiles, GeoJSON with the layer's look, place names, legend.

They work on a page of the server (addresses below /static), in a notebook and in a saved page (everything inside
as data: URLs), and never ask another host for anything. Whatever text the data hold becomes a text node.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from gridmap.maps import assets

MODULES = ("choropleth", "dom", "elements", "features", "labels", "symbols", "tiles")
"""ES modules of static/js that the elements need; pages import more by the same names (gridmap/<module>)."""


def as_script(value: Any) -> str:
    """Return a value as JSON that may stand inside a script tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class LocalMap(folium.Map):
    """A folium map whose scripts and styles come from static/, without a backdrop of tiles of others.

    address: turns a file below static/ into a URL; by default everything is embedded.
    modules: further ES modules of static/js to name in the import map.
    """

    default_js: ClassVar = [("leaflet", assets.OURS + "vendor/leaflet/leaflet.js")]
    default_css: ClassVar = [
        ("leaflet_css", assets.OURS + "vendor/leaflet/leaflet.css"),
        ("gridmap_map_css", assets.OURS + "css/map.css"),
    ]

    def __init__(
        self,
        *args: Any,
        address: Callable[[str], str] = assets.data_url,
        modules: Sequence[str] = (),
        max_zoom: int = 18,
        **options: Any,
    ) -> None:
        options.setdefault("tiles", None)
        super().__init__(*args, **options)
        # without tiles folium gives Leaflet no highest zoom, and its script dies
        self.options["maxZoom"] = max_zoom
        self._address = address
        self._modules = (*MODULES, *modules)

    def render(self, **kwargs: Any) -> None:
        """Render into the figure; UserError lists what would come from another host."""
        assets.localise(self, self._address)
        figure = self.get_root()
        assert isinstance(figure, Figure)
        imports = {f"gridmap/{name}": self._address(f"js/{name}.js") for name in self._modules}
        figure.header.add_child(
            Element(f'<script type="importmap">{as_script({"imports": imports})}</script>'), name="gridmap_modules"
        )
        figure.header.add_child(
            Element(
                '<script type="module">import { run } from "gridmap/elements"; run(window.gridmapCalls ?? []);</script>'
            ),
            name="gridmap_run",
        )
        super().render(**kwargs)


class _Call(JSCSSMixin, MacroElement):
    """An element built by static/js/elements.js: its kind and options."""

    kind = ""
    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "(window.gridmapCalls = window.gridmapCalls || []).push("
        '["{{ this.kind }}", "{{ this._parent.get_name() }}", {{ this.script_options() }}]);\n'
        "{% endmacro %}"
    )

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._name = type(self).__name__
        # not `options`: folium's template filters would camelize the keys
        self._given = options

    def script_options(self) -> str:
        """Return the options as JSON for the script."""
        return as_script(self._given)


class VectorTiles(_Call):
    """Layers from the API's vector tiles, drawn in order on one canvas per tile.

    layers: drawings, lowest first. visible: ids switched on. url: template with {layer}, {z}, {y}, {x}.
    """

    kind = "tiles"
    default_js: ClassVar = [("protomaps_leaflet", assets.OURS + "vendor/protomaps-leaflet/protomaps-leaflet.js")]

    def __init__(self, layers: Sequence[Drawing], visible: Sequence[str], url: str, attribution: str = "") -> None:
        super().__init__(
            layers=[asdict(layer) for layer in layers], visible=list(visible), url=url, attribution=attribution
        )


class Features(_Call):
    """One layer given as a GeoJSON FeatureCollection (longitude, latitude), with the look of its style.json."""

    kind = "features"

    def __init__(self, layer: Drawing, data: Mapping[str, Any]) -> None:
        super().__init__(layer=asdict(layer), data=data)


class PlaceLabels(_Call):
    """Names over the map: [{code, level, name, lon, lat, hot}]; hot: number of findings worth a red label."""

    kind = "labels"

    def __init__(self, places: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(places=[dict(place) for place in places])


class Choropleth(_Call):
    """Cells as areas: [{name, label, color, href, geometry, lon, lat}]; the label is written on each, href opened."""

    kind = "choropleth"

    def __init__(self, title: str, cells: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(title=title, cells=[dict(cell) for cell in cells])


class Legend(_Call):
    """A legend in the corner: entries [{label, color, count, hollow}]."""

    kind = "legend"

    def __init__(self, title: str, entries: Sequence[Mapping[str, Any]], note: str = "") -> None:
        super().__init__(title=title, entries=[dict(entry) for entry in entries], note=note)


class Credit(_Call):
    """Whom the map names for its data, as text in the corner; on a small map it is folded."""

    kind = "credit"

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title=title, text=text)


class Scale(_Call):
    """A scale bar in kilometres."""

    kind = "scale"


@dataclass(frozen=True)
class Drawing:
    """What a map needs to know of a layer, in one language.

    geometry: as in the layer's definition. column, colors: the style's column and a colour per value. min_zoom,
    max_zoom: zooms that have tiles. draw: widths, radii, opacity. columns: [{name, title, unit, codes}].
    legend: [{value, label, color, visible}].
    """

    id: str
    title: str
    geometry: str
    column: str | None
    color: str
    colors: dict[str, str]
    min_zoom: int
    max_zoom: int
    draw: dict[str, Any]
    columns: list[dict[str, Any]]
    legend: list[dict[str, Any]]
