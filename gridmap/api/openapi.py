"""The API's OpenAPI 3.1 document, generated from the layer definitions and the rule catalogue."""

from __future__ import annotations

from typing import Any

from gridmap import __version__
from gridmap.api import findings, openapi_draws, openapi_near, openapi_sites, openapi_tours, places, visits
from gridmap.api.openapi_zone_diff import zones_diff
from gridmap.api.openapi_zones import zones_at
from gridmap.api.request import MAX_LIMIT
from gridmap.api.zone_diff import MOST_COARSE_M
from gridmap.exports.formats import FORMATS
from gridmap.layers import Column, Layer, Layers
from gridmap.rules.catalogue import Catalogue
from gridmap.store import pieces

OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.1"
_TYPES = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
Schema = dict[str, Any]


def document(layers: Layers, catalogue: Catalogue, lang: str) -> Schema:
    """Return the document with titles in a language."""
    paths: Schema = {
        "/api": _get("landing page", "landing"),
        "/api/conformance": _get("conformance classes", "conformance"),
        "/api/collections": _get("all collections", "collections"),
        "/api/rules": _get("rules in force", "rules"),
        "/api/rules/{ruleId}": _get("one rule", "rule", [_path("ruleId")]),
        "/api/findings": _get("findings of a day", "findings", [*_finding_filter(catalogue), *_page(), _formats()]),
        "/api/findings/{key}": _get("one finding", "finding", [_path("key"), _AS_OF]),
        "/api/legend": _get("numbers for the map's legend", "legend", _finding_filter(catalogue)),
        "/api/zones/at": zones_at(_get),
        "/api/zones/diff": zones_diff(_get, MOST_COARSE_M),
        "/api/near": openapi_near.near(_get, catalogue),
        "/api/places": places.openapi(_get),
        "/api/sites/{siteId}": openapi_sites.site(_get, _path("siteId"), _AS_OF),
        "/api/tours": openapi_tours.tours(_get),
        "/api/tours/{tourId}": openapi_tours.tour(_get, _path("tourId")),
        "/api/visits": visits.openapi_list(_get, _page()),
        "/api/visits/{visitId}": _get("one visit", "visit", [_path("visitId")]),
        "/api/drafts/{zoneId}": {
            **_get("a draft with what it draws", "draft", [_path("zoneId")]),
            **_send("put", "save what a draft draws, on its revision", "saveDraft", [_path("zoneId")], _SAVE),
        },
        "/api/drafts/{zoneId}/copy": _send(
            "post", "keep it as a draft of its own", "copyDraft", [_path("zoneId")], _COPY, makes=True
        ),
        "/api/drafts/{zoneId}/impact": _send(
            "post", "what it would change were it law, saved ({}) or as drawn", "draftImpact", [_path("zoneId")], _DRAWN
        ),
        "/api/drafts/{zoneId}/topology": _send(
            "post", "faults of its boundary, saved ({}) or as drawn", "checkDraft", [_path("zoneId")], _DRAWN
        ),
        "/api/drafts/{zoneId}/repair": _send(
            "post", "its boundary without a fault, not saved", "repairDraft", [_path("zoneId")], _MEND
        ),
        "/api/drafts/{zoneId}/merge": _send(
            "post",
            "both planners' work where their parts do not touch, unsaved",
            "mergeDraft",
            [_path("zoneId")],
            _MERGE,
        ),
        "/api/drafts/{zoneId}/edit": _send(
            "post",
            "a boundary cut, reshaped, joined, or with land taken in or left out, unsaved",
            "editDraft",
            [_path("zoneId")],
            _EDIT,
        ),
        "/api/drafts/{zoneId}/locked": _send(
            "put", "lock land against change of side, or unlock it", "lockDraft", [_path("zoneId")], _LOCK
        ),
        "/api/draws/{drawId}": openapi_draws.random_draw(_get, _path("drawId")),
        "/api/pieces": _get(
            "squares, cells, townships or villages to draw by",
            "pieces",
            [
                {**_BBOX, "required": True},
                _query("kind", "what", {"type": "string", "enum": list(pieces.KINDS)}),
                _AS_OF,
            ],
            "application/geo+json",
        ),
        "/api/faces": _get(
            "land between roads and boundaries", "faces", [{**_BBOX, "required": True}, _AS_OF], "application/geo+json"
        ),
        "/health": _get("whether the service can answer", "health"),
    }
    for layer in layers:
        paths |= _paths_of(layer, lang)
    return {
        "openapi": "3.1.0",
        "info": {"title": "gridmap", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {"problem": _PROBLEM} | {layer.id: _schema(layer, lang) for layer in layers},
            "responses": {
                "problem": {
                    "description": "RFC 9457",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
                }
            },
        },
    }


def _paths_of(layer: Layer, lang: str) -> Schema:
    here, title, name = f"/api/collections/{layer.id}", layer.title.get(lang), layer.id
    filters = [_column_parameter(column, lang) for column in layer.filters]
    identifier = _path("featureId", layer.feature_id.get(lang))
    feature = {"allOf": [_FEATURE, {"properties": {"properties": {"$ref": f"#/components/schemas/{layer.id}"}}}]}
    collection = {"type": "object", "properties": {"features": {"type": "array", "items": feature}}}
    paths = {
        here: _get(title, f"describe_{name}", [_AS_OF]),
        f"{here}/items": _get(
            title, f"list_{name}", [_AS_OF, _BBOX, _COUNTY, *_page(), *filters], "application/geo+json", collection
        ),
        f"{here}/export": _export(layer, title, filters),
        f"{here}/items/{{featureId}}": _get(
            title,
            f"get_{name}",
            [identifier, _AS_OF],
            "application/geo+json",
            feature,
        ),
    }
    if layer.has_tiles:
        address = [_path(axis, "", {"type": "integer", "minimum": 0}) for axis in ("z", "y", "x")]
        paths[f"{here}/tiles/WebMercatorQuad"] = _get(title, f"tilejson_{name}")
        paths[f"{here}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"] = _get(
            title, f"tile_{name}", [*address, _AS_OF], "application/vnd.mapbox-vector-tile", {"type": "string"}
        )
    return paths


def _export(layer: Layer, title: str, filters: list[Schema]) -> Schema:
    described = _get(
        f"{title}: all features of a filter as a file",
        f"export_{layer.id}",
        [_AS_OF, _BBOX, _COUNTY, *_file_options(), *filters],
    )
    described["get"]["responses"]["200"]["content"] = {
        form.media_type.split(";")[0]: {"schema": {"type": "string"}} for form in FORMATS.values()
    }
    return described


def _file_options() -> list[Schema]:
    return [
        _query("f", "format", {"type": "string", "enum": list(FORMATS), "default": "csv"}),
        _query(
            "crs",
            "wgs84, cgcs2000, gcj02 (positions in csv and xlsx only), or the EPSG number of a Gauss-Krüger zone",
            {"type": "string", "examples": ["wgs84", "4547"]},
        ),
        _query("values", "csv and xlsx: coded columns as words or as codes", _either("words", "codes")),
        _query("bom", "csv: begin with the mark by which Excel knows UTF-8", _either("true", "false")),
    ]


def _either(default: str, other: str) -> Schema:
    return {"type": "string", "enum": [default, other], "default": default}


def _schema(layer: Layer, lang: str) -> Schema:
    properties = {column.name: _column_schema(column, lang) for column in layer.columns}
    return {"type": "object", "title": layer.title.get(lang), "properties": properties}


def _column_schema(column: Column, lang: str) -> Schema:
    schema: Schema = {"title": column.title.get(lang), **_TYPES[column.type]}
    schema["type"] = [schema["type"], "null"]
    if column.unit:
        schema["x-unit"] = column.unit
    if column.codes:
        schema["enum"] = [*column.codes, None]
        schema["x-labels"] = {code: text.get(lang) for code, text in column.codes.items()}
    return schema


def _column_parameter(column: Column, lang: str) -> Schema:
    item: Schema = dict(_TYPES[column.type])
    if column.codes:
        item["enum"] = list(column.codes)
    if column.type in ("integer", "number", "date"):
        # a value, or low..high
        item = {"type": "string"}
    schema = {"type": "array", "items": item}
    return {**_query(column.name, column.title.get(lang), schema), "style": "form", "explode": False}


def _get(
    summary: str,
    operation: str,
    parameters: list[Schema] | None = None,
    media_type: str = "application/json",
    schema: Schema | None = None,
) -> Schema:
    answer = {"description": summary, "content": {media_type: {"schema": schema or {"type": "object"}}}}
    wrong = {"$ref": "#/components/responses/problem"}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [*(parameters or []), _LANG],
            "responses": {"200": answer, "default": wrong},
        }
    }


def _send(
    method: str, summary: str, operation: str, parameters: list[Schema], body: Schema, *, makes: bool = False
) -> Schema:
    """Describe a route that is sent JSON, and the form token of its session as a header. makes: something new (201)."""
    described = _get(summary, operation, [*parameters, _TOKEN])["get"]
    described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if makes:
        described["responses"]["201"] = described["responses"].pop("200")
    return {method: described}


def _query(name: str, description: str, schema: Schema, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": schema}


def _path(name: str, description: str = "", schema: Schema | None = None) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema or {"type": "string"},
    }


def _page() -> list[Schema]:
    return [
        _query("limit", "at most so many", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100}),
        _query("offset", "after so many", {"type": "integer", "minimum": 0, "default": 0}),
    ]


def _formats() -> Schema:
    return _query("f", "format", {"type": "string", "enum": list(findings.FORMATS), "default": "json"})


def _some(name: str, values: list[str]) -> Schema:
    schema = {"type": "array", "items": {"type": "string", "enum": values}}
    return {**_query(name, name, schema), "style": "form", "explode": False}


def _finding_filter(catalogue: Catalogue) -> list[Schema]:
    return [
        _AS_OF,
        _COUNTY,
        _some("rule", [rule.id for rule in catalogue.rules]),
        _some("severity", ["high", "medium", "low"]),
        _some("certainty", ["breach", "near_boundary", "report"]),
        _some("status", ["open", "accepted", "gone"]),
        _query("feature", "kind:id, such as village:410181113201", {"type": "string"}),
        _query("q", "part of a name", {"type": "string"}),
        _query("repeats", "only what was handed over, came back or failed repeatedly", _YES_NO),
    ]


_YES_NO: Schema = {"type": "string", "enum": ["true", "false"], "default": "false"}
_DAY: Schema = {"type": "string", "format": "date"}
_AS_OF = _query("as_of", "the day to stand on; today when not given", _DAY)
_LANG = _query("lang", "language of titles and messages", {"type": "string", "enum": ["zh", "en"], "default": "zh"})
_COUNTY = _query("county", "six-digit codes with commas between", {"type": "string"})
_BBOX = _query("bbox", "west,south,east,north in degrees", {"type": "string"})
_TOKEN: Schema = {
    "name": "X-CSRF-Token", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "the form token of the session, as in every form of a page",
}  # fmt: skip
_CODES: Schema = {"type": "array", "items": {"type": "string", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"}}
_CONTENT: Schema = {
    "boundary": {"type": ["object", "null"], "description": "GeoJSON Polygon or MultiPolygon, degrees"},
    "units_in": _CODES,
    "units_out": _CODES,
}
_SAVE: Schema = {
    "type": "object",
    "required": ["revision", *_CONTENT],
    "properties": {"revision": {"type": "integer", "description": "the revision it was drawn on"}, **_CONTENT},
}
_COPY: Schema = {
    "type": "object",
    "required": list(_CONTENT),
    "properties": {
        "title": {"type": "string", "maxLength": 200},
        "zone_name": {"type": "string", "maxLength": 200, "description": "draw a zone of its own, of this name"},
        **_CONTENT,
    },
}
_DRAWN: Schema = {
    "type": "object",
    "description": "empty: as it is saved",
    "dependentRequired": {name: list(_CONTENT) for name in _CONTENT},
    "properties": _CONTENT,
}
_MEND: Schema = {
    "type": "object",
    "description": "either fault or kind; without boundary the saved one is mended",
    "properties": {
        "fault": {"type": "string"},
        "kind": {"type": "string", "description": "a kind of fault, or all"},
        "boundary": _CONTENT["boundary"],
    },
}
_MERGE: Schema = {
    "type": "object",
    "required": ["base", *_CONTENT],
    "properties": {
        "base": {"type": "object", "properties": _CONTENT, "description": "what it was drawn on"},
        "revision": {"type": "integer", "description": "the saved revision that the choices are about"},
        "choices": {"type": "object", "additionalProperties": {"enum": ["mine", "theirs"]}},
        **_CONTENT,
    },
}
_EDIT: Schema = {
    "type": "object",
    "required": ["step", "boundary"],
    "properties": {
        "step": {"enum": ["cut", "reshape", "join", "take_in", "leave_out"]},
        "boundary": _CONTENT["boundary"],
        "line": {"type": "array", "description": "of cut and reshape: positions, degrees"},
        "parts": {"type": "array", "items": {"type": "integer"}, "description": "of join: from 0"},
        "lands": {"type": "array", "description": "of take_in and leave_out: GeoJSON polygons"},
    },
}
_LOCK: Schema = {"type": "object", "required": ["locked"], "properties": {"locked": _CONTENT["boundary"]}}
_FEATURE: Schema = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "geometry": {"type": ["object", "null"]},
        "properties": {"type": "object"},
    },
}
_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string", "description": "The same in Chinese, where a page tells it."},
        "instance": {"type": "string"},
    },
}
