"""/rules: the catalogue, and a page per rule."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from gridmap import auth, glossary
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.example import Example
from gridmap.domain.rule import Param, Rule, Value
from gridmap.maps import page as map_page
from gridmap.maps import sketch
from gridmap.maps.elements import Features, LocalMap
from gridmap.maps.overview import CITY_BOUNDS, drawing, overview_map
from gridmap.maps.why import bounds_of
from gridmap.rules import catalogue, examples
from gridmap.rules.relations import zone_kinds
from gridmap.store.findings import FindingFilter, FindingRow, count_findings, list_findings
from gridmap.store.layers import FeatureFilter
from gridmap.store.trends import Trend, list_failures, list_trends
from gridmap.web import language, security, view
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import collection
from gridmap.web.static import static_url
from gridmap.web.view import View

MOST_ON_MAP = 1500
"""Findings drawn on a rule's map; the worst come first."""

_COARSE = 4
"""Decimals of a degree on a rule's map: 10 m, where a pixel is 100."""


@blueprint.get("/rules")
def list_rules() -> str:
    """List the rules by theme with what they find on the day, filtered by theme and text."""
    conn = connection()
    seen = view.judged(conn, view.read(conn))
    known = catalogue.load()
    themes = tuple(dict.fromkeys(rule.theme for rule in known.rules))
    theme = view.choice("theme", themes, "")
    shown = [rule for rule in known.rules if theme in ("", rule.theme) and _speaks_of(rule, seen.q)]
    trends = _trends(conn)
    return page(
        "rules.html",
        seen,
        groups=[(name, [rule for rule in shown if rule.theme == name]) for name in themes],
        number=len(shown),
        total=len(known.rules),
        retired=[rule for rule in known.retired if theme in ("", rule.theme) and _speaks_of(rule, seen.q)],
        themes=themes,
        theme=theme,
        counts=_counts(conn, seen, ()),
        trends=trends,
        is_city=auth.reader().area.is_city,
        sparks={rule_id: sketch.spark([point.breach for point in trend.judged]) for rule_id, trend in trends.items()},
        failed=[rule for rule in known.rules if rule.id in trends and trends[rule.id].failure],
    )


@blueprint.get("/rules/<rule_id>")
def show_rule(rule_id: str) -> str:
    """Show a rule: what it asks and why, its sources and figures, what it finds, its very text and examples."""
    conn = connection()
    with or_say(_("没有规则 %(id)s。", id=rule_id[:40])):
        rule = catalogue.load().get(rule_id)
    seen = view.judged(conn, view.read(conn))
    lang = language.current()
    by_county: dict[str, dict[str, int]] = defaultdict(dict)
    for _rule, county, certainty, _severity, number in count_findings(
        conn, FindingFilter(rules=(rule.id,)), as_of=seen.day
    ):
        by_county[county][certainty] = by_county[county].get(certainty, 0) + number
    found = list_findings(conn, FindingFilter(rules=(rule.id,)), as_of=seen.day, limit=MOST_ON_MAP)
    placed = [row for row in found if row.geojson is not None]
    trend = _trends(conn, [rule.id]).get(rule.id)
    return page(
        "rule.html",
        seen,
        rule=rule,
        rows=[(code, seen.county_name(code, lang), by_county[code]) for code in sorted(by_county)],
        where=[seen.county_name(code, lang) for code in rule.where],
        part_in_words=lambda part: catalogue.in_words(part, rule.part, lang),
        params=[_figures(rule, param, seen, lang) for param in rule.params],
        trend=trend,
        is_city=auth.reader().area.is_city,
        spark=sketch.spark([point.breach for point in trend.judged], 480, 64) if trend else None,
        examples=[_drawn(example) for example in examples.load(rule)],
        number=len(found),
        placed=len(placed),
        most=MOST_ON_MAP,
        parts=map_page.split(_map(conn, seen, rule, placed, lang), security.nonce()) if placed else None,
    )


def _trends(conn: Connection, rules: list[str] | None = None) -> dict[str, Trend]:
    """Return what the reader may know of the last audits: numbers only if the whole city is his to see."""
    return list_trends(conn, rules) if auth.reader().area.is_city else list_failures(conn, rules)


def _speaks_of(rule: Rule, q: str | None) -> bool:
    """Return whether every word of a question stands somewhere in a rule's header."""
    texts = [rule.id, rule.title, rule.title_en, rule.why, rule.fix, rule.trap]
    texts += [text for part in rule.legal for text in (part.document, part.number, part.item)]
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in (q or "").casefold().split())


def _counts(conn: Connection, seen: View, rules: tuple[str, ...]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(view.CERTAINTIES, 0))
    for rule_id, _county, certainty, _severity, number in count_findings(
        conn, FindingFilter(rules=rules), as_of=seen.day
    ):
        counts[rule_id][certainty] += number
    return counts


@dataclass(frozen=True)
class _Figure:
    """A parameter in words: steps: (from which day, value, whether it holds on the page's day)."""

    name: str
    note: str
    ours: bool
    steps: list[tuple[Any, str, bool]]


def _figures(rule: Rule, param: Param, seen: View, lang: str) -> _Figure:
    steps = [(None, param.default), *param.changes]
    holds = max(place for place, (since, _value) in enumerate(steps) if since is None or since <= seen.as_of)
    return _Figure(
        param.name,
        param.note,
        param.ours,
        [(since, _value(rule, value, seen, lang), place == holds) for place, (since, value) in enumerate(steps)],
    )


def _value(rule: Rule, value: Value, seen: View, lang: str) -> str:
    """Return a figure as a reader would write it: codes by the words of the rule, the glossary, the counties."""
    if isinstance(value, tuple):
        return ("、" if lang == "zh" else ", ").join(_value(rule, each, seen, lang) for each in value)
    if not isinstance(value, str):
        return catalogue.in_words(value, None, lang)
    for fact in rule.facts:
        if value in fact.words:
            return fact.words[value].get(lang)
    for group in ("heat_fuel", "trade", "zone_kind"):
        if value in glossary.terms()[group]:
            return glossary.word(group, value, lang)
    return seen.county_name(value, lang)


def _drawn(example: Example) -> tuple[Example, sketch.Drawing | None]:
    return example, sketch.draw(example)


def _map(conn: Connection, seen: View, rule: Rule, placed: list[FindingRow], lang: str) -> LocalMap:
    """Return the map of a rule's findings, over the zones it asks about."""
    kinds = zone_kinds(rule)
    whole = FeatureFilter()
    features = {"county": collection(conn, "county", whole, seen)}
    if kinds:
        zones = collection(conn, "zone", FeatureFilter(columns={"kind": kinds}), seen, kinds)
        features["zone"] = {**zones, "features": [f for f in zones["features"] if f["properties"]["kind"] in kinds]}
    for data in features.values():
        for feature in data["features"]:
            feature["geometry"] = {**feature["geometry"], "coordinates": _coarse(feature["geometry"]["coordinates"])}
    chart = overview_map(
        features,
        lang=lang,
        bounds=_bounds(placed),
        address=static_url,
        height="24rem",
        credited=seen.installation.is_demo,
    )
    places = [
        {
            "type": "Feature",
            "geometry": _place(row),
            "properties": {
                "certainty": row.certainty,
                "severity": row.severity,
                "name": row.name,
                "feature_id": row.key,
                "href": seen.only_day().url("show_finding", path_key=row.key),
            },
        }
        for row in reversed(placed)  # the worst above the others
    ]
    data = {"type": "FeatureCollection", "features": places}
    Features(drawing(definitions.load().get("finding"), lang), data).add_to(chart)
    return chart


def _place(row: FindingRow) -> dict[str, Any]:
    geometry: dict[str, Any] = json.loads(row.geojson or "{}")
    return {**geometry, "coordinates": _coarse(geometry["coordinates"])}


def _coarse(part: Any) -> Any:
    """Return coordinates rounded; points of a line that fall on one another are left out, rings stay closed."""
    if not part or isinstance(part[0], int | float):
        return [round(number, _COARSE) for number in part]
    parts = [_coarse(each) for each in part]
    if not isinstance(parts[0][0], int | float):
        return parts
    kept = [point for place, point in enumerate(parts) if place == 0 or point != parts[place - 1]]
    return kept if len(kept) >= 4 else parts


def _bounds(placed: list[FindingRow]) -> tuple[tuple[float, float], tuple[float, float]]:
    boxes = [bounds_of(json.loads(row.geojson or "{}")) for row in placed]
    wests, souths, easts, norths = zip(*boxes, strict=True)
    west, south, east, north = min(wests), min(souths), max(easts), max(norths)
    if (east - west) > 0.7 or (north - south) > 0.4:
        return CITY_BOUNDS
    return (south - 0.03, west - 0.03), (north + 0.03, east + 0.03)
