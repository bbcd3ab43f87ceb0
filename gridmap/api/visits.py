"""/api/visits: what inspectors told from the spot, listed and one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from gridmap.api.core import JSON, blueprint, respond
from gridmap.api.links import link, page_links
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.domain.stop_work import STEPS
from gridmap.glossary import terms
from gridmap.store.visit_book import MARKS, OUTCOMES, Visit, VisitFilter, get_visit, list_visits, number_of_visits

Schema = dict[str, Any]


@blueprint.get("/api/visits")
def list_all_visits() -> Response:
    """List the visits that the reader may see, newest first."""
    query = Query()
    wanted = VisitFilter(
        counties=query.counties(),
        kinds=query.choices("kind", tuple(terms()["site_kind"])),
        outcomes=query.choices("outcome", OUTCOMES),
        since=query.day("since"),
        until=query.day("until"),
        site=query.text("site"),
        q=query.text("q"),
        mark=query.choice("mark", ("", *MARKS), "") or None,
    )
    limit, offset = query.page()
    query.finish()
    conn = connection()
    matched = number_of_visits(conn, wanted)
    items = [plain(row) for row in list_visits(conn, wanted, limit=limit, offset=offset)]
    content = {"items": items, "numberMatched": matched, "numberReturned": len(items)}
    return respond(content | {"links": page_links(matched, limit, offset, JSON)})


@blueprint.get("/api/visits/<visit_id>")
def get_one_visit(visit_id: str) -> Response:
    """Return one visit with its items, findings, corrections and the stop of work that it proposes."""
    Query().finish()
    return respond(as_json(get_visit(connection(), visit_id)))


def as_json(visit: Visit) -> dict[str, Any]:
    """Return a visit as the API shows it."""
    here = f"/api/visits/{visit.row.inspection_id}"
    content = plain(visit.row)
    for name in ("is_mine", "entry_key", "signature_width", "signature_height"):
        content.pop(name)
    page = f"/visits/{visit.row.inspection_id}"
    return content | {
        "has_signature": visit.row.signature_width is not None,
        "items": [plain(item) for item in visit.items],
        "measures": [plain(measure) for measure in visit.measures],
        "photos": [plain(photo) | {"href": f"{page}/photos/{photo.number}"} for photo in visit.photos],
        "findings": [plain(finding) for finding in visit.findings],
        "stop_work": plain(visit.stop) if visit.stop is not None else None,
        "links": [link("self", here)],
    }


def plain(row: Any) -> dict[str, Any]:
    """Return a row's values as JSON holds them."""
    return {name: _plain(value) for name, value in row._asdict().items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value  # an instant is a date too


def _field(*types: str, **more: Any) -> Schema:
    return {"type": types[0] if len(types) == 1 else list(types), **more}


_ROW: Schema = {
    "type": "object",
    "required": ["inspection_id", "inspected_on", "kind", "post"],
    "properties": {
        "inspection_id": _field("string"),
        "inspected_on": _field("string", format="date"),
        "kind": _field("string"),
        "site_id": _field("string", "null"),
        "site_name": _field("string", "null"),
        "county_code": _field("string", "null"),
        "post": _field("string"),
        "outcome": {"type": ["string", "null"], "enum": [*OUTCOMES, None]},
        "place_state": _field("string", "null", description="how the position stands to the site"),
        "distance_m": _field("number", "null", description="from the position to the site, metres"),
        "stop_step": {"type": ["string", "null"], "enum": [*STEPS, None]},
    },
}


def openapi_list(get: Any, page: list[Schema]) -> Schema:
    """Return what OpenAPI says of the list. get: how a GET is described; page: limit and offset."""
    parameters = [
        _query("county", "counties, by comma", _field("string")),
        _some("kind", "kinds of site", list(terms()["site_kind"])),
        _some("outcome", "what came of it", list(OUTCOMES)),
        _query("since", "not before this day", _field("string", format="date")),
        _query("until", "not after this day", _field("string", format="date")),
        _query("site", "identifier of the site as it was visited", _field("string")),
        _query("q", "part of the site's name or identifier", _field("string")),
        _query("mark", "only those", _field("string", enum=list(MARKS))),
    ]
    counts = {"numberMatched": _field("integer"), "numberReturned": _field("integer")}
    answer = {"type": "object", "properties": {"items": {"type": "array", "items": _ROW}, **counts}}
    found: Schema = get("visits, newest first", "visits", [*parameters, *page], "application/json", answer)
    return found


def _some(name: str, description: str, values: list[str]) -> Schema:
    schema = {"type": "array", "items": _field("string", enum=values)}
    return {**_query(name, description, schema), "style": "form", "explode": False}


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "required": False, "schema": schema}
