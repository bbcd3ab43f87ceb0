"""/api/collections: layers as collections, their features as items (OGC API - Features)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from gridmap import layers
from gridmap.api.core import GEOJSON, blueprint, respond
from gridmap.api.days import ready
from gridmap.api.links import link, page_links
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.layers import Column, Layer
from gridmap.store.layers import Feature, count_features, extent, get_feature, list_features

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MVT = "application/vnd.mapbox-vector-tile"


@blueprint.get("/api/collections")
def list_collections() -> Response:
    """List the collections."""
    query = Query()
    query.finish()
    content = {
        "links": [link("self", "/api/collections")],
        "collections": [_describe(layer, query.lang) for layer in layers.load()],
    }
    return respond(content)


@blueprint.get("/api/collections/<layer_id>")
def get_collection(layer_id: str) -> Response:
    """Describe one collection: columns, style, extent, links."""
    layer = layers.load().get(layer_id)
    query = Query()
    as_of = query.day()
    query.finish()
    conn = connection()
    ready(layer, as_of)
    box = extent(conn, layer, as_of=as_of)
    content = _describe(layer, query.lang)
    if box is not None:
        content["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
    content["columns"] = [_describe_column(column, query.lang) for column in layer.columns]
    content["style"] = layer.style.raw
    return respond(content)


@blueprint.get("/api/collections/<layer_id>/items")
def list_items(layer_id: str) -> Response:
    """Return a page of features as GeoJSON."""
    layer = layers.load().get(layer_id)
    query = Query()
    as_of = query.day()
    wanted = query.features(layer)
    limit, offset = query.page()
    query.choice("f", ("geojson", "json"), "geojson")
    query.finish()
    conn = connection()
    ready(layer, as_of)
    found = list_features(conn, layer, wanted, as_of=as_of, limit=limit, offset=offset)
    complete = offset == 0 and len(found) < limit
    matched = len(found) if complete else count_features(conn, layer, wanted, as_of=as_of)
    content = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(found),
        "links": page_links(matched, limit, offset),
        "features": [as_geojson(feature) for feature in found],
    }
    return respond(content, GEOJSON)


@blueprint.get("/api/collections/<layer_id>/items/<path:feature_id>")
def get_item(layer_id: str, feature_id: str) -> Response:
    """Return one feature as GeoJSON."""
    layer = layers.load().get(layer_id)
    query = Query()
    as_of = query.day()
    query.finish()
    conn = connection()
    ready(layer, as_of)
    feature = get_feature(conn, layer, feature_id, as_of=as_of)
    here = f"/api/collections/{layer.id}"
    links = [link("self", f"{here}/items/{feature_id}{_on(as_of)}", GEOJSON), link("collection", here)]
    return respond({**as_geojson(feature), "links": links}, GEOJSON)


def as_geojson(feature: Feature) -> dict[str, Any]:
    """Return a feature as a GeoJSON object."""
    return {
        "type": "Feature",
        "id": feature.id,
        "geometry": feature.geometry,
        "properties": feature.properties,
    }


def _on(as_of: dt.date | None) -> str:
    return f"?as_of={as_of}" if as_of else ""


def _describe(layer: Layer, lang: str) -> dict[str, Any]:
    here = f"/api/collections/{layer.id}"
    links = [link("self", here), link("items", f"{here}/items", GEOJSON)]
    if layer.has_tiles:
        links.append(link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", f"{here}/tiles"))
    return {
        "id": layer.id,
        "title": layer.title.get(lang),
        "description": layer.description.get(lang),
        "itemType": "feature",
        "geometry": layer.geometry,
        "crs": [CRS84],
        "featureId": layer.feature_id.get(lang),
        "firstView": layer.first_view,
        "links": links,
    }


def _describe_column(column: Column, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "title": column.title.get(lang),
        "type": column.type,
        "filterable": column.filterable,
    }
    if column.unit:
        found["unit"] = column.unit
    if column.codes:
        found["codes"] = {code: text.get(lang) for code, text in column.codes.items()}
    return found
