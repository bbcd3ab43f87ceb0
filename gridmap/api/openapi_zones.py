"""What OpenAPI says of /api/zones/at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gridmap import geo
from gridmap.domain import days

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_OR_TEXT: Schema = {"type": ["string", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_OR_DAY: Schema = {"type": ["string", "null"], "format": "date"}
_NUMBER: Schema = {"type": "number"}
_OR_NUMBER: Schema = {"type": ["number", "null"]}
_OR_FLAG: Schema = {"type": ["boolean", "null"]}
_CODES: Schema = {"type": "array", "items": _TEXT}


def zones_at(get: Callable[..., Schema]) -> Schema:
    """Return the description of the route. get: how a GET is described."""
    west, south, east, north = geo.ENVELOPE
    parameters = [
        query("lon", f"degrees, {west} to {east}; needed unless a village is asked for", _NUMBER),
        query("lat", f"degrees, {south} to {north}; needed unless a village is asked for", _NUMBER),
        query("village", "code of a village instead of a position: lists that name it decide", {
            "type": "string", "pattern": "^[0-9]{12}$"}),
        query("error_m", "how far off the position may be, metres", {
            "type": "integer", "minimum": 0, "maximum": 20_000, "default": 0}),
        query("on", f"the day, {days.EARLIEST} to {days.LATEST}; today when not given", _DAY),
        query("as_of", "the same as on", _DAY),
    ]  # fmt: skip
    return get("the law at a place on a day", "zonesAt", parameters, "application/json", _ANSWER)


def query(name: str, description: str, schema: Schema) -> Schema:
    """Describe a parameter that may be left out."""
    return {"name": name, "in": "query", "description": description, "required": False, "schema": schema}


def _object(properties: Schema, *, nullable: bool = False, description: str = "") -> Schema:
    found: Schema = {"type": ["object", "null"] if nullable else "object", "properties": properties}
    return found | ({"description": description} if description else {})


def _list(items: Schema, description: str, *, nullable: bool = False) -> Schema:
    return {"type": ["array", "null"] if nullable else "array", "items": items, "description": description}


_NAMED = {"code": _TEXT, "name": _TEXT}
_OR_NAMED = _object(_NAMED, nullable=True)

_VERSION: Schema = {
    "zone_id": {"type": "integer"},
    "lineage": {**_TEXT, "description": "the same through all versions"},
    "version": {"type": "integer"},
    "kind": _TEXT,
    "kind_title": _TEXT,
    "class": _OR_TEXT,
    "name": _TEXT,
    "county_code": _TEXT,
    "issuer": _TEXT,
    "document": _TEXT,
    "document_number": _OR_TEXT,
    "signed_on": _OR_DAY,
    "begins_on": {**_DAY, "description": "first day in force"},
    "ends_on": {**_OR_DAY, "description": "first day no longer in force"},
    "last_day": {**_OR_DAY, "description": "last day in force: the day before ends_on"},
    "phase": _OR_TEXT,
    "boundary_wording": _OR_TEXT,
    "road_included": _OR_FLAG,
    "is_repeal": {"type": "boolean", "description": "it ends the zone without a successor"},
    "exemptions": {**_OR_TEXT, "description": "who is exempt, in words"},
    "deadline_on": _OR_DAY,
    "is_sketch": {"type": "boolean"},
    "position_error_m": _NUMBER,
    "units_in": _CODES,
    "units_out": _CODES,
    "by_name_only": {**_CODES, "description": "units without an outline: they add no area"},
    "inside": {**_OR_FLAG, "description": "whether the zone as drawn or by its list holds the place"},
    "near_boundary": {**_OR_FLAG, "description": "nearer to the boundary than the errors: the side cannot be told"},
    "distance_to_boundary_m": {**_OR_NUMBER, "description": "only when near_boundary"},
    "by_name": {**_OR_FLAG, "description": "a list names the village, its township or its county"},
}


def version() -> Schema:
    """Return the properties of a version of a zone."""
    return {**_VERSION, "status": {"type": "string", "enum": ["draft", "published"]}}


_HERE: Schema = {
    **_VERSION,
    "decided_by": {
        "type": ["string", "null"],
        "enum": ["boundary", "units", None],
        "description": "what holds the place: the boundary, or the list of units; null when it may be outside",
    },
    "decided_by_unit": _OR_NAMED,
}

_ANSWER = _object(
    {
        "lon": {**_NUMBER, "description": "as asked"},
        "lat": _NUMBER,
        "village": {**_TEXT, "description": "as asked, instead of lon and lat"},
        "on": _DAY,
        "place": _object(
            {
                "lon": _NUMBER,
                "lat": _NUMBER,
                "error_m": _NUMBER,
                "county": _OR_NAMED,
                "township": _OR_NAMED,
                "village": _object({**_NAMED, "distance_m": _OR_NUMBER}, nullable=True),
                "cell": _OR_TEXT,
                "square": _OR_TEXT,
            }
        ),
        "zones": _list(_object(_HERE), "the zones in force there, those in doubt too"),
        "kinds": _list(
            _object(
                {
                    "kind": _TEXT,
                    "title": _TEXT,
                    "side": {"type": "string", "enum": ["inside", "near_boundary", "outside"]},
                    "may_be_by_name": {
                        "type": "boolean",
                        "description": "a zone of the kind lists units nearby without an outline: see below",
                    },
                    "zone_ids": {"type": "array", "items": {"type": "integer"}},
                }
            ),
            "every kind of zone, those with none there too",
        ),
        "named_without_outline": _list(
            _object(
                {"zone_id": {"type": "integer"}, "kind": _TEXT, "name": _TEXT, "units": _list(_object(_NAMED), "them")}
            ),
            "zones that list units nearby which have no outline: a position alone cannot tell",
        ),
        "earlier": _list(_object(_VERSION), "versions there that had ended by that day, last first"),
        "later": _list(_object(_VERSION), "published versions there that had not begun, next first"),
        "exceptions": _list(
            _object({
                "finding": _TEXT, "rule": _TEXT, "name": _TEXT, "feature_id": _TEXT, "reason": _TEXT, "document": _TEXT,
                "accepted_on": _DAY, "until": {**_DAY, "description": "its last day"}}),
            "findings accepted as exceptions in the same 1 km square, of what the reader may see; null: none of it",
            nullable=True,
        ),
    }
)  # fmt: skip
"""The answer. Of exceptions only those are known that still stand: what was revoked is told no more."""
