"""/api/collections/{id}/tiles: vector tiles (OGC API - Tiles, TileJSON)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from gridmap import auth, layers
from gridmap.api.collections import MVT
from gridmap.api.core import accepts_gzip, blueprint, respond
from gridmap.api.days import ready
from gridmap.api.links import link
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import NotFoundError
from gridmap.store import versions
from gridmap.store.tiles import TileCache, TileMaker, check_address

MATRIX_SET = "WebMercatorQuad"


def tile_cache() -> TileCache:
    """Return this process's tile cache, made at the first tile: after the server has forked."""
    fresh = TileCache(layers.load().tileset.cache_mb * 1_000_000)
    cache: TileCache = current_app.extensions.setdefault("gridmap_tiles", fresh)
    return cache


@blueprint.get("/api/collections/<layer_id>/tiles")
def list_tilesets(layer_id: str) -> Response:
    """List the tilesets of a layer: one."""
    layer = layers.load().get(layer_id)
    query = Query()
    query.finish()
    if not layer.has_tiles:
        raise NotFoundError(f"{layer.id} has no place on the map, hence no tiles")
    here = f"/api/collections/{layer.id}/tiles"
    tileset = {
        "title": layer.title.get(query.lang),
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}",
        "links": [link("self", f"{here}/{MATRIX_SET}")],
    }
    return respond({"tilesets": [tileset], "links": [link("self", here)]})


@blueprint.get(f"/api/collections/<layer_id>/tiles/{MATRIX_SET}")
def describe_tiles(layer_id: str) -> Response:
    """Describe a layer's tiles as TileJSON 3.0."""
    found = layers.load()
    layer = found.get(layer_id)
    query = Query()
    query.finish()
    check_address(layer, found.tileset, 0, 0, 0)
    fields: dict[str, Any] = {
        column.name: column.title.get(query.lang) for column in layer.columns if column.tile_zoom is not None
    }
    content = {
        "tilejson": "3.0.0",
        "name": layer.title.get(query.lang),
        "tiles": [f"/api/collections/{layer.id}/tiles/{MATRIX_SET}/{{z}}/{{y}}/{{x}}"],
        "minzoom": layer.zoom[0],
        "maxzoom": layer.zoom[1],
        "vector_layers": [{"id": layer.id, "fields": fields}],
    }
    return respond(content)


@blueprint.get(f"/api/collections/<layer_id>/tiles/{MATRIX_SET}/<int:z>/<int:y>/<int:x>")
def tile(layer_id: str, z: int, y: int, x: int) -> Response:
    """Return one tile as MVT; 304 when the client has it already."""
    found = layers.load()
    layer = found.get(layer_id)
    query = Query()
    as_of = query.day()
    query.finish()
    conn = connection()
    check_address(layer, found.tileset, z, y, x)
    ready(layer, as_of)
    rights = versions.rights(conn, layer, auth.reader().area.key)
    ready_tile = TileMaker(conn, tile_cache(), found.tileset, layer, as_of, rights).get(z, y, x)
    gzipped = bool(ready_tile.mvt) and accepts_gzip()
    response = Response(ready_tile.gzipped if gzipped else ready_tile.mvt, content_type=MVT)
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    # kept by the browser, but asked about each time: an audit or an import changes the map at once
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(ready_tile.etag, weak=True)
    response.make_conditional(request)
    return response
