"""/api/places: places by a part of their names, to jump to on a map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import UserError
from gridmap.glossary import word
from gridmap.store.find_place import find_mentions, find_places

LONGEST = 60


@blueprint.get("/api/places")
def list_places() -> Response:
    """List sites that the reader may see, regions, villages and places of documents of a name."""
    query = Query()
    text = (query.text("q") or "").strip()
    query.finish()
    if not 1 <= len(text) <= LONGEST:
        raise UserError(f"q: expected a name of 1 to {LONGEST} characters", zh=f"请输入 1 至 {LONGEST} 个字的名称。")
    found = [*find_places(connection(), text), *find_mentions(connection(), text)]
    items = [{**asdict(place), "kind_title": word("feature_kind", place.kind, query.lang)} for place in found]
    return respond({"items": items, "numberReturned": len(items)})


def openapi(get: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Return the description of the route. get: how a GET is described."""
    text = {"type": "string"}
    place = {
        "kind": text, "kind_title": text, "code": text, "name": text, "within": {"type": ["string", "null"]},
        "lon": {"type": "number"}, "lat": {"type": "number"}, "error_m": {"type": ["number", "null"]},
    }  # fmt: skip
    answer = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "object", "properties": place}},
            "numberReturned": {"type": "integer"},
        },
    }
    q = {"name": "q", "in": "query", "description": "part of a name", "required": True, "schema": text}
    return get("places by a part of their names", "places", [q], "application/json", answer)
