"""The small map of a finding, and in words what it shows: why the place was flagged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from gridmap import layers as definitions
from gridmap.db.session import Connection
from gridmap.domain.rule import Rule
from gridmap.errors import NotFoundError
from gridmap.maps.elements import Features, LocalMap
from gridmap.maps.overview import drawing, overview_map
from gridmap.maps.why import Note, add_why, bounds_of
from gridmap.rules.relations import zone_kinds
from gridmap.store.findings import FindingRow
from gridmap.store.layers import FeatureFilter, list_features
from gridmap.store.surroundings import REACH_M, Edge, Named, Surroundings, look_around
from gridmap.web import words
from gridmap.web.static import static_url
from gridmap.web.view import View

MARGIN_DEG = 0.035
"""About 3 km around a finding on its own small map."""


@dataclass(frozen=True)
class Place:
    """A finding's map, and what it shows in sentences: (zone_id or None, sentence, whether the side is open)."""

    chart: LocalMap
    sentences: list[tuple[int | None, str, bool]]
    has_edges: bool


def show_place(conn: Connection, seen: View, found: FindingRow, rule: Rule, lang: str) -> Place | None:
    """Return the surroundings of a finding, or None when nothing places it."""
    if found.geojson is None or found.lon is None or found.lat is None:
        return None
    geometry = json.loads(found.geojson)
    kinds = zone_kinds(rule)
    if found.part in kinds:
        kinds = [found.part]
    around = look_around(
        conn, (found.feature_kind, found.feature_id), geometry, (found.lon, found.lat), kinds, as_of=seen.day
    )
    west, south, east, north = _bounds(found.lon, found.lat, around)
    box = FeatureFilter(bbox=(west, south, east, north))
    features = {
        layer_id: collection(conn, layer_id, box, seen, {"zone": kinds}.get(layer_id, ()))
        for layer_id in ("county", "township", "zone", "road", "village")
    }
    chart = overview_map(
        features,
        lang=lang,
        bounds=((south, west), (north, east)),
        address=static_url,
        height="22rem",
        credited=seen.installation.is_demo,
    )
    add_why(
        chart,
        circle=Note(around.circle, _error(around)) if around.circle else None,
        bands=[Note(edge.band, _band(edge)) for edge in around.edges if edge.band],
        lines=[Note(edge.line, edge.name) for edge in around.edges if edge.line],
        ways=[Note(edge.way, _edge(edge, around)) for edge in around.edges[:1] if edge.way],
    )
    # the finding itself above all that explains it
    finding = definitions.load().get("finding")
    Features(drawing(finding, lang), _finding(found, geometry)).add_to(chart)
    return Place(chart, _sentences(around), any(edge.line for edge in around.edges))


def _finding(found: FindingRow, geometry: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        "certainty": found.certainty,
        "severity": found.severity,
        "name": found.name,
        "feature_id": found.key,
    }
    place = {"type": "Feature", "geometry": geometry, "properties": properties}
    return {"type": "FeatureCollection", "features": [place]}


def _bounds(lon: float, lat: float, around: Surroundings) -> tuple[float, float, float, float]:
    """Return the box of the map: some kilometres around, and all of the error's circle."""
    boxes = [(lon - MARGIN_DEG, lat - MARGIN_DEG, lon + MARGIN_DEG, lat + MARGIN_DEG)]
    if around.circle:
        boxes.append(bounds_of(around.circle))
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _sentences(around: Surroundings) -> list[tuple[int | None, str, bool]]:
    found: list[tuple[int | None, str, bool]] = []
    if around.error_m is not None:
        found.append((None, _error(around), False))
    found += [(zone.zone_id, _named(zone), False) for zone in around.named]
    return found + [(edge.zone_id, _edge(edge, around), around.is_near(edge)) for edge in around.edges]


def _error(around: Surroundings) -> str:
    if not around.error_m:
        return _("位置准确，没有误差圆。")
    return _("位置误差 ± %(m)s（图中黄色圆）。", m=length(around.error_m))


def _named(zone: Named) -> str:
    kind = words.word("zone_kind", zone.kind)
    values = {"name": zone.name, "kind": kind, "unit": zone.unit_code}
    if zone.side == "in":
        return _("%(name)s（%(kind)s）：名单列入 %(unit)s，按名单判定在内，不看位置", **values)
    return _("%(name)s（%(kind)s）：名单列出 %(unit)s，按名单判定在外，不看位置", **values)


def _band(edge: Edge) -> str:
    return _("%(name)s：边界误差 ± %(m)s", name=edge.name, m=length(edge.error_m))


def _edge(edge: Edge, around: Surroundings) -> str:
    values = {"name": edge.name, "kind": words.word("zone_kind", edge.kind)}
    if edge.distance_m is None:
        text = _("%(name)s（%(kind)s）：在界线内，%(m)s 以内没有边界", m=length(REACH_M), **values)
    else:
        side = _("在界线内") if edge.inside else _("在界线外")
        m = length(edge.distance_m)
        text = _("%(name)s（%(kind)s）：%(side)s，距边界 %(m)s", side=side, m=m, **values)
    if edge.error_m:
        text += _("，边界误差 ± %(m)s", m=length(edge.error_m))
    return text


def length(metres: float) -> str:
    """Return a length as a reader would write it."""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def collection(
    conn: Connection, layer_id: str, box: FeatureFilter, seen: View, also: list[str] | tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a layer's features in a box as GeoJSON: those values that its legend shows at first, and others too."""
    try:
        layer = definitions.load().get(layer_id)
    except NotFoundError:
        return {"type": "FeatureCollection", "features": []}
    found = list_features(conn, layer, box, as_of=seen.day, limit=300)
    shown = [entry["value"] for entry in layer.style.raw.get("legend", []) if entry.get("visible", True)]
    column = layer.style.column
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": feature.geometry,
                "properties": {**feature.properties, "feature_id": feature.id},
            }
            for feature in found
            if feature.geometry is not None and (column is None or feature.properties.get(column) in (*shown, *also))
        ],
    }
