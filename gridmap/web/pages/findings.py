"""/findings/<key>: one finding with all it rests on."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.errors import NotFoundError
from gridmap.maps import page as map_page
from gridmap.maps.overview import overview_map
from gridmap.rules import catalogue
from gridmap.store.findings import FindingRow, get_finding, list_events
from gridmap.store.layers import FeatureFilter, list_features
from gridmap.store.zones import ZoneRow, zones_at, zones_of_village
from gridmap.web import language, security, view
from gridmap.web.pages.base import blueprint, page
from gridmap.web.static import static_url

MARGIN_DEG = 0.035
"""About 3 km around a finding on its own small map."""


@blueprint.get("/findings/<key>")
def show_finding(key: str) -> str:
    """Show one finding: the living one, or that of a report on another day."""
    conn = connection()
    seen = view.judged(conn, view.read(conn))
    found = get_finding(conn, key, as_of=seen.day)
    rule = catalogue.load().get(found.rule_id)
    lang = language.current()
    facts = {**found.facts, "name": found.name, "part": found.part}
    title, message = catalogue.render(rule, facts, lang)
    chart = _small_map(conn, seen, found, lang)
    zones: list[ZoneRow] = []
    on_map = None
    if found.lon is not None and found.lat is not None:
        zones = _law_of(conn, found, seen)
        on_map = f"{seen.only_day().url('show_map', sel=f'finding:{key}')}#14/{found.lat:.5f}/{found.lon:.5f}"
    return page(
        "finding.html",
        seen,
        found=found,
        rule=rule,
        title=title,
        message=message,
        facts=catalogue.describe_facts(rule, found.facts, lang),
        county=seen.county_name(found.county_code, lang),
        events=list_events(conn, key),
        zones=zones,
        on_map=on_map,
        parts=map_page.split(chart, security.nonce()) if chart else None,
    )


def _law_of(conn: Connection, found: FindingRow, seen: view.View) -> list[ZoneRow]:
    """List the zones in force for a finding: a village's by name first, else those at its place."""
    if found.feature_kind == "village":
        with contextlib.suppress(NotFoundError):  # a finding that is gone may be about a village that is, too
            return zones_of_village(conn, found.feature_id, as_of=seen.day)
    if found.lon is None or found.lat is None:
        return []
    return zones_at(conn, found.lon, found.lat, as_of=seen.day)


def _small_map(conn: Connection, seen: view.View, found: FindingRow, lang: str) -> Any:
    """Return a map of the surroundings, or None when nothing places the finding."""
    if found.geojson is None or found.lon is None or found.lat is None:
        return None
    west, south = found.lon - MARGIN_DEG, found.lat - MARGIN_DEG
    east, north = found.lon + MARGIN_DEG, found.lat + MARGIN_DEG
    box = FeatureFilter(bbox=(west, south, east, north))
    features = {
        layer_id: _collection(conn, layer_id, box, seen)
        for layer_id in ("county", "township", "zone", "road", "village")
    }
    place = {
        "type": "Feature",
        "geometry": json.loads(found.geojson),
        "properties": {
            "certainty": found.certainty,
            "severity": found.severity,
            "name": found.name,
            "feature_id": found.key,
        },
    }
    features["finding"] = {"type": "FeatureCollection", "features": [place]}
    return overview_map(features, lang=lang, bounds=((south, west), (north, east)), address=static_url, height="22rem")


def _collection(conn: Connection, layer_id: str, box: FeatureFilter, seen: view.View) -> dict[str, Any]:
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
            if feature.geometry is not None and (column is None or feature.properties.get(column) in shown)
        ],
    }
