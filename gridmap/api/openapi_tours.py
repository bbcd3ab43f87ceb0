"""What OpenAPI says of /api/tours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_OR_TEXT: Schema = {"type": ["string", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_NUMBER: Schema = {"type": "number"}
_OR_NUMBER: Schema = {"type": ["number", "null"]}
_WHOLE: Schema = {"type": "integer"}
_IS: Schema = {"type": "boolean"}
_CLOCK: Schema = {**_TEXT, "description": "HH:MM of the tour's day; past midnight it goes on (25:10)"}
_OR_CLOCK: Schema = {**_CLOCK, "type": ["string", "null"]}
_POSITION: Schema = {
    "type": "array",
    "items": _NUMBER,
    "minItems": 2,
    "maxItems": 2,
    "description": "lon, lat, degrees",
}
_WAYS: Schema = {
    "enum": ["crow_fly", "table_service", "fallback"],
    "description": "ways over the roads, or straight lines times a factor; fallback: the service failed",
}


def tours(get: Callable[..., Schema]) -> Schema:
    """Return the description of the list. get: how a GET is described."""
    parameters = [
        {"name": "day", "in": "query", "description": "of this day", "required": False, "schema": _DAY},
        {"name": "county", "in": "query", "description": "six-digit code", "required": False, "schema": _TEXT},
    ]
    answer = _object({"items": {"type": "array", "items": _LISTED}, "numberReturned": _WHOLE})
    return get("tours that the reader may see", "tours", parameters, "application/json", answer)


def tour(get: Callable[..., Schema], path: Schema) -> Schema:
    """Return the description of one tour. path: its parameter."""
    return get("one tour with its stops", "tour", [path], "application/json", _TOUR)


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_HEAD: Schema = {
    "tour_id": _WHOLE,
    "day": _DAY,
    "county_code": {**_TEXT, "description": "the city's code for the city's own"},
    "title": _TEXT,
    "post": _TEXT,
    "begins": _CLOCK,
    "home": {**_CLOCK, "description": "when the end is reached"},
    "distance_m": _NUMBER,
    "ways_from": _WAYS,
}
_LINKS: Schema = {"links": {"type": "array", "items": {"type": "object"}}}
_LISTED = _object({**_HEAD, "stops": _WHOLE, "done": _WHOLE, "skipped": _WHOLE, "left_out": _WHOLE, **_LINKS})
_STOP = _object(
    {
        "place": {"type": ["integer", "null"], "description": "in the order, from 1"},
        "site_id": _OR_TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "kind_title": _TEXT,
        "address": _OR_TEXT,
        "lon": _NUMBER,
        "lat": _NUMBER,
        "state": {"enum": ["planned", "done", "skipped", "left_out"]},
        "reason": {**_OR_TEXT, "description": "of a skip in words; of what was left out: shut, far or full"},
        "arrives": _OR_CLOCK,
        "begins": _OR_CLOCK,
        "leaves": _OR_CLOCK,
        "leg_m": _OR_NUMBER,
        "service_min": _WHOLE,
        "hours": _OR_TEXT,
        "urgency": _NUMBER,
        "must": _IS,
        "is_locked": _IS,
        "site_is_closed": {**_IS, "description": "the site was closed or struck from the list meanwhile"},
        "position_error_m": _NUMBER,
    }
)
_TOUR = _object(
    {
        **_HEAD,
        "version": _WHOLE,
        "start": _POSITION,
        "end": _POSITION,
        "ends": {**_CLOCK, "description": "when the end must be reached"},
        "is_late": _IS,
        "home_m": _NUMBER,
        "detour_factor": _OR_NUMBER,
        "speed_kmh": _OR_NUMBER,
        "is_hand_made": _IS,
        "stops": {"type": "array", "items": _STOP},
        "not_visited": {"type": "array", "items": _STOP},
        **_LINKS,
    }
)
