"""What OpenAPI says of /api/sites/{siteId}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_OR_TEXT: Schema = {"type": ["string", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_OR_DAY: Schema = {"type": ["string", "null"], "format": "date"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer"}
_YES_NO: Schema = {"type": "boolean"}


def site(get: Callable[..., Schema], identifier: Schema, as_of: Schema) -> Schema:
    """Return the description of the route. get: how a GET is described; identifier, as_of: its parameters."""
    on = {**as_of, "name": "on", "description": "another name of as_of"}
    return get("all that is known of a site on a day", "site", [identifier, as_of, on], "application/json", _ANSWER)


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


_ANY: Schema = {"type": "object"}
_DATUM = _object(
    {
        "name": _TEXT,
        "title": _TEXT,
        "value": {},
        "unit": _OR_TEXT,
        "words": {**_TEXT, "description": "the value in words, or what it means that there is none"},
        "since": {**_OR_DAY, "description": "first day of this value without a break; null when nobody noted one"},
        "recorded_on": {**_OR_DAY, "description": "when it was written down"},
    }
)
_RECORD = _object(
    {
        "table": _TEXT,
        "in_force_from": _OR_DAY,
        "recorded_on": _OR_DAY,
        "versions": _WHOLE,
        "fields": {**_list(_DATUM), "description": "empty when no version holds on the day"},
    }
)
_REPEAT = _object(
    {
        "stands_out": _YES_NO,
        "reasons": _list({"enum": ["handed", "resurged", "failed"]}),
        "words": _list(_TEXT),
        "handed_over": {**_WHOLE, "description": "hand-overs of open cases within half a year"},
        "handed_over_ever": _WHOLE,
        "resurged": _WHOLE,
        "failed_inspections": {**_WHOLE, "description": "within half a year"},
        "last_handed_over_on": _OR_DAY,
        "last_resurged_on": _OR_DAY,
        "last_failed_on": _OR_DAY,
    }
)
_ANSWER = _object(
    {
        "site_id": _TEXT,
        "on": _DAY,
        "kind": _TEXT,
        "kind_title": _TEXT,
        "name": _TEXT,
        "state": {"enum": ["open", "closed", "not_yet"]},
        "opened_on": _OR_DAY,
        "closed_on": _OR_DAY,
        "note": _OR_TEXT,
        "is_demo": _YES_NO,
        "source": _TEXT,
        "recorded_on": _DAY,
        "identity": _list(_DATUM),
        "position": _object({"lon": _NUMBER, "lat": _NUMBER, "error_m": _NUMBER, "placed_by": _TEXT}),
        "county": _object({"code": _TEXT, "name": _OR_TEXT}),
        "cell": _OR_TEXT,
        "square": _OR_TEXT,
        "posts": _list(_ANY),
        "repeat": _REPEAT,
        "findings": {**_list(_ANY), "description": "open ones, worst first, as in /api/findings"},
        "number_open": _WHOLE,
        "law": {"type": ["object", "null"], "description": "as in /api/zones/at; null outside the city's data"},
        "boundaries": {**_list(_ANY), "description": "zones whose boundary runs within 5 km, nearest first"},
        "seasons": _list(_ANY),
        "alerts": _list(_ANY),
        "records": _list(_RECORD),
        "past_findings": {**_list(_ANY), "description": "gone, accepted or come back, with their events"},
        "visits": _list(_ANY),
        "cases": _list(_ANY),
        "handovers": _list(_ANY),
        "permits": _list(_ANY),
        "numbers": {**_ANY, "description": "of visits, cases and permits; lists hold the newest 200"},
        "links": _list(_ANY),
    }
)
