"""/api, /api/conformance, /api/openapi.json, /health, and the answer for addresses that do not exist."""

from __future__ import annotations

import psycopg2
from flask import Response

from gridmap import __version__, layers
from gridmap.api.core import blueprint, respond
from gridmap.api.days import catalogue
from gridmap.api.links import link
from gridmap.api.openapi import OPENAPI_JSON, document
from gridmap.api.request import Query
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import today, transaction
from gridmap.errors import DatabaseError, NotFoundError

# Only what holds in full: Features' core also wants the parameter `datetime`, where gridmap has as_of.
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)


@blueprint.get("/api")
def landing() -> Response:
    """Say what there is."""
    query = Query()
    query.finish()
    english = query.lang == "en"
    links = [
        link("self", "/api"),
        link("service-desc", "/api/openapi.json", OPENAPI_JSON),
        link("conformance", "/api/conformance"),
        link("data", "/api/collections"),
        link("findings", "/api/findings"),
        link("rules", "/api/rules"),
        link("legend", "/api/legend"),
        link("health", "/health"),
    ]
    content = {
        "title": "gridmap" if english else "gridmap 网格化监管平台",
        "description": "Layers, findings and rules of the city, as of any day"
        if english
        else "全市图层、问题与规则，可查任意日期",
        "version": __version__,
        "today": today(connection()).isoformat(),
        "links": links,
    }
    return respond(content)


@blueprint.get("/api/conformance")
def conformance() -> Response:
    """List the OGC conformance classes."""
    query = Query()
    query.finish()
    return respond({"conformsTo": list(CONFORMANCE)})


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """Return the API's description, generated from the layer definitions."""
    query = Query()
    query.finish()
    return respond(document(layers.load(), catalogue(), query.lang), OPENAPI_JSON)


@blueprint.get("/health")
def health() -> Response:
    """Return 200 when the database answers, else 503."""
    try:
        with transaction(system_connection()) as cursor:
            cursor.execute("SELECT count(*) AS n FROM gridmap.data_version")
            cursor.fetchone()
    except psycopg2.Error as error:
        raise DatabaseError("the database does not answer, or was not migrated") from error
    return respond({"status": "ok", "version": __version__})


@blueprint.get("/api/<path:rest>")
def nothing_here(rest: str) -> Response:
    """Answer addresses that do not exist in the API's own error shape."""
    raise NotFoundError(f"there is no /api/{rest}; /api lists what there is")
