"""What OpenAPI says of /api/draws/{drawId}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}


def random_draw(get: Callable[..., Schema], identifier: Schema) -> Schema:
    """Return the description of the route. get: how a GET is described."""
    return get("a random draw with its record", "randomDraw", [identifier], "application/json", _ANSWER)


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_DRAWN = _object(
    {
        "number": _WHOLE,
        "site_id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "county_code": _TEXT,
        "stratum": _TEXT,
        "is_off_hours": {"type": "boolean"},
        "inspectors": _TEXTS,
        "posts": _TEXTS,
    }
)
_ANSWER = _object(
    {
        "draw_id": _WHOLE,
        "title": _TEXT,
        "state": {"enum": ["fixed", "drawn", "annulled"]},
        "on_day": {**_TEXT, "format": "date"},
        "county_codes": _TEXTS,
        "list_sha256": {**_TEXT, "description": "the commitment, shown before there is a seed"},
        "drawn": {"type": "array", "items": _DRAWN, "description": "the sites that you may see"},
        "record": {
            "type": ["object", "null"],
            "description": "what `gridmap draw verify` reads; null for whoever may not see all of its counties",
        },
    }
)
