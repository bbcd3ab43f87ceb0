"""/: the map of the city."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import url_for

from gridmap import auth, glossary
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.layers import Layer
from gridmap.maps import page as map_page
from gridmap.maps.overview import CITY_BOUNDS, drawing, overview_map
from gridmap.rules import catalogue
from gridmap.store.findings import FindingFilter, count_findings, list_findings
from gridmap.store.legend import count_by_style
from gridmap.store.places import Place, list_places
from gridmap.web import language, security, view, words
from gridmap.web.pages.base import blueprint, page
from gridmap.web.static import static_url
from gridmap.web.view import View

HEADLINE_RULE = "COAL-01"
"""The main duty: which plain villages lie in no coal-free zone."""

MODULES = ("city", "legend", "panel", "permalink")
TILES = "/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}"
HOT_FROM = 5
"""From this many villages in breach on a township's name is written in red."""


@blueprint.get("/")
def show_map() -> str:
    """Show the map of the city on a day, filtered."""
    conn = connection()
    seen = view.judged(conn, view.read(conn))
    lang = language.current()
    places = list_places(conn, as_of=seen.day)
    known = [layer for layer in definitions.load() if layer.has_tiles]
    visible = _visible([layer.id for layer in known])
    tiles = TILES if seen.is_today else f"{TILES}?as_of={seen.as_of}"
    chart = overview_map(
        tiles=tiles,
        visible=visible or None,
        lang=lang,
        places=_labels(places, _hot_townships(conn, seen), lang),
        bounds=_bounds(places, seen.county),
        address=static_url,
        modules=MODULES,
        credited=seen.installation.is_demo,
    )
    return page(
        "map.html",
        seen,
        parts=map_page.split(chart, security.nonce()),
        headline=_headline(conn, seen, lang),
        is_empty=not places,
        is_city=auth.reader().area.is_city,
        layers=[_layer(drawing(layer, lang), layer.first_view, visible) for layer in known],
        rules=catalogue.load().rules,
        counts=_counts(conn, seen, known),
        settings=_settings(seen, chart.get_name(), places, lang),
        quick_days=("2019-06-01", "2020-06-01", "2020-10-15"),
    )


def _visible(known: Sequence[str]) -> list[str]:
    """Return the layers that the address switches on; none means those of the first view."""
    asked = (view.parameter("layers") or "").split(",")
    return [layer_id for layer_id in known if layer_id in asked]


def _layer(drawn: Any, first_view: bool, visible: Sequence[str]) -> dict[str, Any]:
    on = drawn.id in visible if visible else first_view
    return {
        "id": drawn.id,
        "title": drawn.title,
        "on": on,
        "legend": drawn.legend,
        "column": drawn.column,
        "geometry": drawn.geometry,
        "min_zoom": drawn.min_zoom,
    }


def _counts(conn: Connection, seen: View, known: Sequence[Layer]) -> dict[str, dict[str, Any]]:
    """Return layer -> legend value -> number under the filters, and by_rule -> rule -> certainty -> number."""
    counts: dict[str, dict[str, Any]] = {
        layer.id: count_by_style(conn, layer, as_of=seen.day, counties=seen.wanted.counties)
        for layer in known
        if layer.id != "finding"
    }
    by_rule: dict[str, Counter[str]] = {}
    by_certainty: Counter[str] = Counter()
    for rule_id, _county, certainty, _severity, number in count_findings(conn, seen.wanted, as_of=seen.day):
        by_rule.setdefault(rule_id, Counter())[certainty] += number
        by_certainty[certainty] += number
    return {**counts, "finding": dict(by_certainty), "by_rule": by_rule}


def _headline(conn: Connection, seen: View, lang: str) -> dict[str, Any]:
    """Return how many plain villages lie in no coal-free zone, by county; near ones apart."""
    rule = catalogue.load().get(HEADLINE_RULE)
    rows = count_findings(conn, FindingFilter(rules=(rule.id,)), as_of=seen.day)
    breaches: Counter[str] = Counter()
    near = 0
    for _rule, county, certainty, _severity, number in rows:
        if certainty == "breach":
            breaches[county] += number
        elif certainty == "near_boundary":
            near += number
    counties = [(code, seen.county_name(code, lang), number) for code, number in breaches.most_common()]
    return {
        "rule": rule,
        "total": breaches.total(),
        "near": near,
        "counties": counties,
        "not_yet": seen.as_of < rule.since,
    }


def _hot_townships(conn: Connection, seen: View) -> Counter[str]:
    """Count villages in breach of a grave duty by township (nine-digit code)."""
    wanted = FindingFilter(
        severities=("high",), certainties=("breach",), counties=seen.wanted.counties, rules=seen.wanted.rules
    )
    found = list_findings(conn, wanted, as_of=seen.day)
    villages = {row.feature_id for row in found if row.feature_kind == "village"}
    return Counter({code: n for code, n in Counter(village[:9] for village in villages).items() if n >= HOT_FROM})


def _labels(places: Sequence[Place], hot: Counter[str], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "code": place.code,
            "level": place.level,
            "name": _short(place, lang),
            "lon": round(place.lon, 5),
            "lat": round(place.lat, 5),
            "hot": hot.get(place.code, 0),
        }
        for place in places
        if place.lon is not None and place.lat is not None
    ]


def _short(place: Place, lang: str) -> str:
    """Return a name for the map; in English without what kind of place it is, which the map shows."""
    if lang != "en" or not place.name_en:
        return place.name
    return re.sub(r" (City|County|District)$", "", place.name_en)


def _bounds(places: Sequence[Place], county: str | None) -> Sequence[Sequence[float]]:
    found = next((place.bounds for place in places if place.code == county and place.bounds), None)
    return found or CITY_BOUNDS


def _settings(seen: View, name: str, places: Sequence[Place], lang: str) -> dict[str, Any]:
    """Return what the page's scripts need to know."""
    return {
        "map": name,
        "lang": lang,
        "asOf": seen.as_of.isoformat(),
        "isToday": seen.is_today,
        "cityCode": seen.installation.city_code,
        "state": {"county": seen.county, "rule": seen.rule, "severity": seen.severity},
        "firstLayers": ",".join(
            layer.id for layer in reversed(list(definitions.load())) if layer.has_tiles and layer.first_view
        ),
        "bounds": {place.code: place.bounds for place in places if place.level == "county" and place.bounds},
        "cityBounds": CITY_BOUNDS,
        "names": {place.code: place.name for place in places if place.level == "county"},
        "severities": {rule.id: rule.severity for rule in catalogue.load().rules},
        "titles": {rule.id: rule.title_en if lang == "en" else rule.title for rule in catalogue.load().rules},
        "table": url_for("web.show_table"),
        "words": words.for_scripts(),
        "certainties": {code: words.certainty(code) for code in view.CERTAINTIES},
        "kinds": {code: words.feature_kind(code) for code in glossary.terms()["feature_kind"]},
    }
