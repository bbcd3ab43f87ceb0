"""What OpenAPI says of /api/zones/diff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gridmap.api.openapi_zones import query, version

Schema = dict[str, Any]

_NUMBER: Schema = {"type": "number"}
_TEXT: Schema = {"type": "string"}
_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer"}
_CODES: Schema = {"type": "array", "items": _TEXT}
_OUTLINE: Schema = {"type": ["object", "null"], "description": "GeoJSON geometry, degrees EPSG:4490; null: none"}


def zones_diff(get: Callable[..., Schema], most_coarse_m: int) -> Schema:
    """Return the description of the route. get: how a GET is described."""
    parameters = [
        query("a", "key of a version; together with b", {"type": "integer", "minimum": 1}),
        query("b", "key of another version of the same zone, a draft for those who may read it", {
            "type": "integer", "minimum": 1}),
        query("as_of", "of a and b: the day whose villages, sites and other zones count; today when not given", _DAY),
        query("from", "instead of versions: the first of two days; together with to and kind", _DAY),
        query("to", "the second day", _DAY),
        query("kind", "kind of zone, such as coal_free", _TEXT),
        query("county", "of two days: six digits, only its zones, villages and sites", _TEXT),
        query("coarse_m", "how far outlines may be simplified, metres; areas are exact always", {
            "type": "integer", "minimum": 0, "maximum": most_coarse_m, "default": 0}),
        query("f", "json, or geojson: the same pieces, villages and sites as features", {
            "type": "string", "enum": ["json", "geojson"], "default": "json"}),
    ]  # fmt: skip
    return get("what differs between two versions or two days", "zonesDiff", parameters, "application/json", _ANSWER)


def _object(properties: Schema, nullable: bool = False) -> Schema:
    return {"type": ["object", "null"] if nullable else "object", "properties": properties}


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


_AREAS: Schema = {f"{change}_m2": _NUMBER for change in ("added", "removed", "kept")}
_LAND = _object(
    {**_AREAS, "before_m2": _NUMBER, "after_m2": _NUMBER, "added": _OUTLINE, "removed": _OUTLINE, "kept": _OUTLINE}
)
_SIDE = _object({"added": _CODES, "removed": _CODES})
_UNITS = _object({"in": _SIDE, "out": _SIDE})
_CROSSING: Schema = {
    "change": {"type": "string", "enum": ["added", "removed"], "description": "comes in, or falls out"},
    "id": _TEXT,
    "name": _TEXT,
    "county_code": _TEXT,
    "lon": _NUMBER,
    "lat": _NUMBER,
    "before_pct": {**_NUMBER, "description": "how much of it lay inside"},
    "after_pct": _NUMBER,
    "by_name": {"type": "boolean", "description": "a list names it before or after"},
    "near_boundary": {"type": "boolean", "description": "its side cannot be told for sure, before or after"},
}
_COMMON: Schema = {
    "differs": {"type": "boolean"},
    "households": _object(
        {"added": _COUNT, "removed": _COUNT, "added_unknown_villages": _COUNT, "removed_unknown_villages": _COUNT}
    ),
    "villages": _list(_object({**_CROSSING, "households": {"type": ["integer", "null"]}}), "that change side"),
    "sites": _list(_object(_CROSSING), "that change side, of those the reader may see"),
}
_ANSWER: Schema = {
    "oneOf": [
        _object(
            {"a": _object(version()), "b": _object(version()), "on": _DAY, "land": _LAND, "units": _UNITS, **_COMMON}
        ),
        _object(
            {
                "kind": _TEXT,
                "county": {"type": ["string", "null"]},
                "from": _DAY,
                "to": _DAY,
                "unchanged": {**_COUNT, "description": "zones that are the same version on both days"},
                "land": _object(_AREAS),
                "zones": _list(
                    _object(
                        {
                            "before": _object(version(), nullable=True),
                            "after": _object(version(), nullable=True),
                            "land": _LAND,
                            "units": _UNITS,
                        }
                    ),
                    "of which another version, or none, is law on the second day",
                ),
                **_COMMON,
            }
        ),
    ]
}
