"""/api/near: sites near a position, nearest or most urgent first, with the reason of each rank."""

from __future__ import annotations

from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.days import catalogue
from gridmap.api.findings import SEVERITIES
from gridmap.api.links import link
from gridmap.api.request import Query, parse_number
from gridmap.db.pool import connection
from gridmap.domain.urgency import FACTORS, HEAVIEST, Weights
from gridmap.errors import UserError
from gridmap.glossary import terms, word
from gridmap.inspecting.near import MOST_LISTED, RANKS, Asked, Near, Ranked, near
from gridmap.rules.present import repeat_of
from gridmap.store.nearest import WIDEST_M, SiteFilter

STATUSES = ("open", "accepted")
MOST_DAYS = 36_500


@blueprint.get("/api/near")
def list_near() -> Response:
    """List the sites of today near a position (degrees) that the reader may see."""
    query = Query()
    asked = read(query)
    query.finish()
    return respond(as_json(near(connection(), asked), query.lang))


def read(query: Query) -> Asked:
    """Read what a request asks; UserError says which parameter is wrong."""
    lon, lat = query.degrees("lon"), query.degrees("lat")
    rank = query.choice("rank", RANKS, "distance")
    return Asked(
        lon,
        lat,
        accuracy_m=_number(query, "accuracy_m", 0.0, WIDEST_M),
        radius_m=_number(query, "radius_m", 1.0, WIDEST_M) or WIDEST_M,
        nearest=query.whole("nearest", 50, 1, MOST_LISTED),
        rank="urgency" if rank == "urgency" else "distance",
        wanted=read_filter(query),
        weights=read_weights(query),
    )


def read_filter(query: Query) -> SiteFilter:
    """Return which sites are wanted."""
    rules = query.texts("rule")
    for rule_id in rules:
        catalogue().get(rule_id)
    days = query.text("unvisited_days")
    return SiteFilter(
        kinds=query.choices("kind", tuple(terms()["site_kind"])),
        rules=rules,
        severities=query.choices("severity", SEVERITIES),
        statuses=query.choices("status", STATUSES),
        unvisited_days=query.whole("unvisited_days", 0, 1, MOST_DAYS) if days is not None else None,
    )


def read_weights(query: Query) -> Weights:
    """Return the weights of the ranking, those of the house where none is given."""
    given = {name: _number(query, f"weight_{name}", 0.0, HEAVIEST) for name in FACTORS}
    return Weights(**{name: value for name, value in given.items() if value is not None})


def as_json(answer: Near, lang: str) -> dict[str, Any]:
    """Return the answer as the API shows it."""
    asked = answer.asked
    return {
        "lon": asked.lon,
        "lat": asked.lat,
        "accuracy_m": asked.accuracy_m,
        "is_vague": answer.is_vague,
        "rank": asked.rank,
        "radius_m": asked.radius_m,
        "weights": {name: getattr(asked.weights, name) for name in FACTORS},
        "items": [_item(one, lang) for one in answer.sites],
        "numberReturned": len(answer.sites),
        "numberRanked": answer.looked_at,
        "hasMore": answer.is_cut,
        "notes": notes(answer, lang),
        "links": [link("law", f"/api/zones/at?lon={asked.lon:.6f}&lat={asked.lat:.6f}")],
    }


def notes(answer: Near, lang: str) -> list[str]:
    """Return what a reader must know of the answer, in words."""
    english = lang == "en"
    found = []
    if answer.is_vague:
        error = f"{answer.asked.accuracy_m:.0f}"
        found.append(
            f"the position may be off by {error} m: what is nearer than that is in no sure order"
            if english
            else f"定位可能偏差 {error} 米：比这更近的对象，先后不可靠"
        )
    if not answer.sites:
        found.append(
            "no site that you may see fits within the radius" if english else "半径内没有您可见且符合条件的对象"
        )
    if answer.is_cut and answer.asked.rank == "urgency":
        found.append(
            f"only the nearest {answer.looked_at} were ranked; a smaller radius ranks all of them"
            if english
            else f"只排了最近的 {answer.looked_at} 个；缩小半径可全部排名"
        )
    return found


def _item(one: Ranked, lang: str) -> dict[str, Any]:
    site, record = one.site, one.record
    return {
        "rank": one.rank,
        "site_id": site.site_id,
        "name": site.name,
        "kind": site.kind,
        "kind_title": word("site_kind", site.kind, lang),
        "address": site.address,
        "county_code": site.county_code,
        "cell_code": site.cell_code,
        "lon": round(site.lon, 6),
        "lat": round(site.lat, 6),
        "distance_m": round(site.distance_m, 2),
        "bearing_deg": round(one.bearing_deg, 1),
        "position_error_m": site.position_error_m,
        "open_findings": len(record.findings),
        "breaches": one.facts.breaches,
        "worst_severity": one.facts.worst,
        "worst_unsure_severity": one.facts.worst_unsure,
        "rules": list(dict.fromkeys(finding.rule_id for finding in record.findings)),
        "last_visit_on": record.last_visit_on.isoformat() if record.last_visit_on else None,
        "last_visit_kind": record.last_visit_kind,
        "days_since_visit": record.days_since_visit,
        "due_on": record.due_on.isoformat() if record.due_on else None,
        "days_left": record.days_left,
        "reopened": one.facts.reopened,
        "repeat": repeat_of(record.repeat, lang),
        "urgency": round(one.urgency.score, 3),
        "why": {factor.name: round(factor.times, 3) for factor in one.urgency.factors},
    }


def _number(query: Query, name: str, low: float, high: float) -> float | None:
    value = query.text(name)
    if value is None:
        return None
    number = parse_number(name, value)
    if not low <= number <= high:
        raise UserError(f"{name} is {value!r}; expected a number from {low:g} to {high:g}")
    return number
