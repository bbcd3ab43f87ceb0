"""What OpenAPI says of /api/near."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gridmap import geo
from gridmap.domain.urgency import FACTORS, HEAVIEST, Weights
from gridmap.glossary import terms
from gridmap.inspecting.near import MOST_LISTED, RANKS
from gridmap.rules.catalogue import Catalogue
from gridmap.store.nearest import WIDEST_M

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_OR_TEXT: Schema = {"type": ["string", "null"]}
_OR_DAY: Schema = {"type": ["string", "null"], "format": "date"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer"}
_OR_WHOLE: Schema = {"type": ["integer", "null"]}


def near(get: Callable[..., Schema], catalogue: Catalogue) -> Schema:
    """Return the description of the route. get: how a GET is described."""
    west, south, east, north = geo.ENVELOPE
    metres = {"type": "number", "maximum": WIDEST_M}
    parameters = [
        _query("lon", f"degrees, {west} to {east}", _NUMBER, required=True),
        _query("lat", f"degrees, {south} to {north}", _NUMBER, required=True),
        _query("accuracy_m", "how far off the position may be, metres", {**metres, "minimum": 0}),
        _query("radius_m", "nothing farther, metres", {**metres, "minimum": 1, "default": WIDEST_M}),
        _query("nearest", "at most so many sites", {**_WHOLE, "minimum": 1, "maximum": MOST_LISTED, "default": 50}),
        _query("rank", "what comes first", {**_TEXT, "enum": list(RANKS), "default": "distance"}),
        _some("kind", "kinds of site", list(terms()["site_kind"])),
        _some("rule", "rules, of a finding of the site", [rule.id for rule in catalogue.rules]),
        _some("severity", "of the same finding", ["high", "medium", "low"]),
        _some("status", "of the same finding; open when only a rule or severity is given", ["open", "accepted"]),
        _query("unvisited_days", "nobody was there for so many days, or ever", {**_WHOLE, "minimum": 1}),
        *(
            _query(
                f"weight_{name}",
                "the urgency is multiplied by 1 + weight × level",
                {**_NUMBER, "minimum": 0, "maximum": HEAVIEST, "default": getattr(Weights(), name)},
            )
            for name in FACTORS
        ),
    ]
    return get("sites near a position, nearest or most urgent first", "near", parameters, "application/json", _ANSWER)


def _query(name: str, description: str, schema: Schema, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": schema}


def _some(name: str, description: str, values: list[str]) -> Schema:
    schema = {"type": "array", "items": {**_TEXT, "enum": values}}
    return {**_query(name, description, schema), "style": "form", "explode": False}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_FACTORS = _object(dict.fromkeys(FACTORS, _NUMBER))
_ITEM = _object(
    {
        "rank": _WHOLE,
        "site_id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "kind_title": _TEXT,
        "address": _OR_TEXT,
        "county_code": _TEXT,
        "cell_code": _OR_TEXT,
        "lon": _NUMBER,
        "lat": _NUMBER,
        "distance_m": {**_NUMBER, "description": "geodesic on the CGCS2000 spheroid, metres"},
        "bearing_deg": {**_NUMBER, "description": "clockwise from north"},
        "position_error_m": _NUMBER,
        "open_findings": _WHOLE,
        "breaches": _WHOLE,
        "worst_severity": {**_OR_TEXT, "description": "of its breaches"},
        "worst_unsure_severity": {**_OR_TEXT, "description": "of its findings that are to be verified"},
        "rules": {"type": "array", "items": _TEXT},
        "last_visit_on": _OR_DAY,
        "last_visit_kind": {"enum": ["inspected", "patrolled", "reported", None]},
        "days_since_visit": _OR_WHOLE,
        "due_on": _OR_DAY,
        "days_left": _OR_WHOLE,
        "reopened": _WHOLE,
        "repeat": {"type": "object", "description": "hand-overs, resurgence and failed inspections, see /api/sites"},
        "urgency": {**_NUMBER, "description": "the product of the factors under why"},
        "why": _FACTORS,
    }
)
_ANSWER = _object(
    {
        "lon": _NUMBER,
        "lat": _NUMBER,
        "accuracy_m": {"type": ["number", "null"]},
        "is_vague": {"type": "boolean", "description": "the position is too vague for the order to be sure"},
        "rank": _TEXT,
        "radius_m": _NUMBER,
        "weights": _FACTORS,
        "items": {"type": "array", "items": _ITEM},
        "numberReturned": _WHOLE,
        "numberRanked": _WHOLE,
        "hasMore": {"type": "boolean", "description": "there are more within the radius than were ranked"},
        "notes": {"type": "array", "items": _TEXT},
        "links": {"type": "array", "items": {"type": "object"}},
    }
)
