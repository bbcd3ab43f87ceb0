"""A layer's look as QGIS reads it: QML for QGIS, SLD for others, both from style.json.

Sizes are those that the map has at zoom 12, in pixels; what the map draws dashed or hollow by a column is drawn so by
an expression over that column.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

from gridmap.layers import LegendEntry
from gridmap.store.outgoing import Outgoing

ZOOM = 12
_VAGUE = "('township', 'county', 'city')"
"""Whoever stands only somewhere in one of these is drawn hollow: see static/js/symbols.js."""

# what style.json leaves out, by geometry of the layer: as static/js/symbols.js draws it
_RADIUS = {"Geometry": 6.0}
_WIDTH = {"MultiLineString": 2.5, "Geometry": 1.5}
_OPACITY = {"MultiLineString": 0.9, "MultiPolygon": 0.9}
_FILL = {"MultiPolygon": 0.15, "Geometry": 0.35}


@dataclass(frozen=True)
class Look:
    """How one value of a layer is drawn. Sizes in pixels, colours #rrggbb; hollow: filled with white."""

    color: str
    line: str
    width: float
    line_opacity: float
    fill: float
    radius: float
    rim: str
    rim_width: float
    dash: tuple[float, ...]
    hollow: bool


def look(out: Outgoing, entry: LegendEntry | None) -> Look:
    """Return how a value is drawn; None is any other."""
    raw = out.style.raw
    line, stroke = raw.get("line") or {}, raw.get("stroke") or {}
    color = entry.color if entry else out.style.legend[0].color if out.style.legend else "#546e7a"
    given: dict[str, Any] = next((each for each in raw.get("legend", []) if entry and each["value"] == entry.value), {})
    no_fill = ("fill" in raw and raw["fill"] is None) or given.get("fill") is False
    fill = 0.0 if no_fill else float((raw.get("fill") or {}).get("opacity", _FILL.get(out.geometry, 1.0)))
    # only a breach strikes the eye
    hollow = out.geometry == "Geometry" and out.style.column == "certainty" and entry is not None
    return Look(
        color=color,
        line=line.get("color") or color,
        width=_at_zoom(line.get("width"), _WIDTH.get(out.geometry, 1.0)),
        line_opacity=_OPACITY.get(out.geometry, 1.0),
        fill=fill,
        radius=_at_zoom(raw.get("radius"), _RADIUS.get(out.geometry, 4.5)),
        rim=stroke.get("color") or "#ffffff",
        rim_width=_at_zoom(stroke.get("width"), 0.8),
        dash=tuple((raw.get("sketch") or {}).get("dash", ())),
        hollow=hollow and entry is not None and entry.value != "breach",
    )


def _at_zoom(value: object, default: float) -> float:
    """Return a size given as such or by zoom, straight lines between."""
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, dict) or not value:
        return default
    stops = sorted((int(zoom), float(size)) for zoom, size in value.items())
    if stops[0][0] >= ZOOM:
        return stops[0][1]
    for (low, before), (high, after) in pairwise(stops):
        if high >= ZOOM:
            return before + (after - before) * (ZOOM - low) / (high - low)
    return stops[-1][1]


def qml(out: Outgoing, kind: str, lang: str, shown: Collection[str] = ()) -> str:
    """Return the style of a table whose geometries are of a kind, with titles of the columns and words of the codes.

    shown: values that are switched on whatever the map's first view leaves out.
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories")
    entries = list(out.style.legend)
    if out.style.column is None or not entries:
        renderer = ET.SubElement(root, "renderer-v2", attrib={"type": "singleSymbol", **_RENDERER})
        _symbol(ET.SubElement(renderer, "symbols"), "0", out, kind, entries[0] if entries else None)
    else:
        renderer = ET.SubElement(
            root, "renderer-v2", attrib={"type": "categorizedSymbol", "attr": out.style.column, **_RENDERER}
        )
        categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
        visible = {each["value"]: each.get("visible", True) for each in out.style.raw.get("legend", [])}
        for number, entry in enumerate(entries):
            on = entry.value in shown if shown else visible.get(entry.value, True)
            _category(categories, number, entry.value, entry.label.get(lang), on)
            _symbol(symbols, str(number), out, kind, entry)
        _category(categories, len(entries), "", "other" if lang == "en" else "其他", True)
        _symbol(symbols, str(len(entries)), out, kind, None)
    if out.id in _LABELLED:
        _labels(root, *_LABELLED[out.id])
    _fields(root, out, lang)
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def table_qml(out: Outgoing, lang: str) -> str:
    """Return the style of a table without places: titles of the columns and words of the codes."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Fields|Forms")
    _fields(root, out, lang)
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


_LABELLED = {"county": (11, "#1d2b33", 0), "township": (9, "#4a5c66", 250_000)}
"""Layers whose names the map writes, as static/js/labels.js: points of type, colour, largest scale number (0: any)."""


def _labels(root: ET.Element, size: int, color: str, scale: int) -> None:
    root.set("labelsEnabled", "1")
    labelling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    style = ET.SubElement(
        settings, "text-style", fieldName="name", isExpression="0", fontSize=str(size), fontSizeUnit="Point",
        fontFamily="Noto Sans CJK SC", fontWeight="75", textColor=_rgba(color, 1.0), textOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=_rgba("#ffffff", 1.0), bufferOpacity="1",
    )  # fmt: skip
    ET.SubElement(settings, "placement", placement="1", centroidInside="1", centroidWhole="1")
    limits = {"scaleVisibility": "1", "scaleMin": "0", "scaleMax": str(scale)} if scale else {"scaleVisibility": "0"}
    ET.SubElement(settings, "rendering", {"drawLabels": "1", "obstacle": "0", **limits})


_RENDERER = {"symbollevels": "0", "enableorderby": "0", "forceraster": "0"}


def _category(parent: ET.Element, number: int, value: str, label: str, on: bool) -> None:
    ET.SubElement(
        parent,
        "category",
        symbol=str(number),
        value=value,
        label=label,
        type="string",
        render="true" if on else "false",
    )


def _symbol(parent: ET.Element, name: str, out: Outgoing, kind: str, entry: LegendEntry | None) -> None:
    seen = look(out, entry)
    columns = {column.name for column in out.columns}
    sketch = seen.dash and "is_sketch" in columns
    dash = "CASE WHEN \"is_sketch\" THEN 'dash' ELSE 'solid' END"
    given: dict[str, str] = {}
    if kind.endswith("Point"):
        made, options = "marker", _marker(seen)
        if "placed_by" in columns:
            vague = f'"placed_by" IN {_VAGUE}'
            given = {
                "fillColor": f"CASE WHEN {vague} THEN '#ffffff' ELSE '{seen.color}' END",
                "outlineColor": f"CASE WHEN {vague} THEN '{seen.color}' ELSE '{seen.rim}' END",
                "outlineWidth": f"CASE WHEN {vague} THEN 1.6 ELSE {seen.rim_width:g} END",
            }
    elif kind.endswith("LineString"):
        made, options = "line", {
            "line_color": _rgba(seen.line, seen.line_opacity), "line_width": f"{seen.width:g}",
            "line_width_unit": "Pixel", "line_style": "solid", "joinstyle": "round", "capstyle": "round",
        }  # fmt: skip
        given = {"outlineStyle": dash} if sketch else {}
    else:
        made, options = "fill", {
            "color": _rgba("#ffffff" if seen.hollow else seen.color, seen.fill),
            "style": "solid" if seen.fill else "no",
            "outline_color": _rgba(seen.line, seen.line_opacity), "outline_width": f"{seen.width:g}",
            "outline_width_unit": "Pixel", "outline_style": "solid", "joinstyle": "round",
        }  # fmt: skip
        given = {"outlineStyle": dash} if sketch else {}
    symbol = ET.SubElement(parent, "symbol", name=name, type=made, alpha="1", clip_to_extent="1", force_rhr="0")
    classes = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    layer = ET.SubElement(symbol, "layer", {"class": classes[made], "enabled": "1", "locked": "0", "pass": "0"})
    options_of = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(options_of, "Option", name=key, type="QString", value=value)
        ET.SubElement(layer, "prop", k=key, v=value)  # QGIS before 3.22 reads these
    _defined(layer, given)


def _marker(seen: Look) -> dict[str, str]:
    return {
        "name": "circle",
        "color": _rgba("#ffffff" if seen.hollow else seen.color, 1.0),
        "outline_color": _rgba(seen.color if seen.hollow else seen.rim, 1.0),
        "outline_style": "solid",
        "outline_width": f"{1.6 if seen.hollow else seen.rim_width:g}",
        "outline_width_unit": "Pixel",
        "size": f"{2 * seen.radius:g}",
        "size_unit": "Pixel",
        "scale_method": "diameter",
    }


def _defined(layer: ET.Element, given: dict[str, str]) -> None:
    """Add properties that an expression decides feature by feature."""
    top = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(top, "Option", name="name", type="QString", value="")
    all_ = ET.SubElement(top, "Option", {"name": "properties", **({"type": "Map"} if given else {})})
    for name, expression in given.items():
        one = ET.SubElement(all_, "Option", name=name, type="Map")
        ET.SubElement(one, "Option", name="active", type="bool", value="true")
        ET.SubElement(one, "Option", name="expression", type="QString", value=expression)
        ET.SubElement(one, "Option", name="type", type="int", value="3")
    ET.SubElement(top, "Option", name="type", type="QString", value="collection")


def _rgba(color: str, opacity: float) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def _fields(root: ET.Element, out: Outgoing, lang: str) -> None:
    configuration, aliases = ET.SubElement(root, "fieldConfiguration"), ET.SubElement(root, "aliases")
    titles = [("feature_id", out.feature_id, {}), *((c.name, c.title, c.codes) for c in out.columns)]
    for name, title, codes in titles:
        ET.SubElement(aliases, "alias", field=name, name=title.get(lang))
        if codes:
            widget = ET.SubElement(ET.SubElement(configuration, "field", name=name), "editWidget", type="ValueMap")
            top = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
            pairs = ET.SubElement(top, "Option", name="map", type="List")
            for code, text in codes.items():
                pair = ET.SubElement(pairs, "Option", type="Map")
                ET.SubElement(pair, "Option", name=text.get(lang), type="QString", value=code)


_SLD = "http://www.opengis.net/sld"
_OGC = "http://www.opengis.net/ogc"


def sld(out: Outgoing, kind: str, lang: str, table: str) -> str:
    """Return the style as SLD 1.0: a rule per value of the legend; dashes and hollow points are not in it."""
    ET.register_namespace("sld", _SLD)
    ET.register_namespace("ogc", _OGC)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", version="1.0.0")
    named = ET.SubElement(root, f"{{{_SLD}}}NamedLayer")
    ET.SubElement(named, f"{{{_SLD}}}Name").text = table
    style = ET.SubElement(named, f"{{{_SLD}}}UserStyle")
    rules = ET.SubElement(style, f"{{{_SLD}}}FeatureTypeStyle")
    for entry in out.style.legend or (None,):
        rule = ET.SubElement(rules, f"{{{_SLD}}}Rule")
        if entry is not None:
            ET.SubElement(rule, f"{{{_SLD}}}Title").text = entry.label.get(lang)
            if out.style.column is not None:
                equal = ET.SubElement(ET.SubElement(rule, f"{{{_OGC}}}Filter"), f"{{{_OGC}}}PropertyIsEqualTo")
                ET.SubElement(equal, f"{{{_OGC}}}PropertyName").text = out.style.column
                ET.SubElement(equal, f"{{{_OGC}}}Literal").text = entry.value
        _symbolizer(rule, look(out, entry), kind)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _symbolizer(rule: ET.Element, seen: Look, kind: str) -> None:
    fill = "#ffffff" if seen.hollow else seen.color
    if kind.endswith("Point"):
        graphic = ET.SubElement(ET.SubElement(rule, f"{{{_SLD}}}PointSymbolizer"), f"{{{_SLD}}}Graphic")
        mark = ET.SubElement(graphic, f"{{{_SLD}}}Mark")
        ET.SubElement(mark, f"{{{_SLD}}}WellKnownName").text = "circle"
        _css(mark, "Fill", {"fill": fill})
        _css(mark, "Stroke", {"stroke": seen.color if seen.hollow else seen.rim, "stroke-width": f"{seen.rim_width:g}"})
        ET.SubElement(graphic, f"{{{_SLD}}}Size").text = f"{2 * seen.radius:g}"
        return
    area = not kind.endswith("LineString")
    symbolizer = ET.SubElement(rule, f"{{{_SLD}}}{'Polygon' if area else 'Line'}Symbolizer")
    if area and seen.fill:
        _css(symbolizer, "Fill", {"fill": fill, "fill-opacity": f"{seen.fill:g}"})
    stroke = {"stroke": seen.line, "stroke-width": f"{seen.width:g}", "stroke-opacity": f"{seen.line_opacity:g}"}
    _css(symbolizer, "Stroke", stroke)


def _css(parent: ET.Element, name: str, values: dict[str, str]) -> None:
    element = ET.SubElement(parent, f"{{{_SLD}}}{name}")
    for key, value in values.items():
        ET.SubElement(element, f"{{{_SLD}}}CssParameter", name=key).text = value
