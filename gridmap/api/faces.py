"""/api/faces and /api/pieces: land to draw a zone by, between roads and boundaries, or as squares, cells and units."""

from __future__ import annotations

from typing import cast

import shapely
from flask import Response

from gridmap.api.core import GEOJSON, blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import UserError
from gridmap.store import pieces


@blueprint.get("/api/faces")
def list_faces() -> Response:
    """Return the faces of the network of roads, counties and zones in force that meet a box."""
    from gridmap.planning import faces

    query = Query()
    bbox, as_of = query.bbox(), query.day()
    query.finish()
    if bbox is None:
        raise UserError("bbox is missing; expected west,south,east,north in degrees, such as 112.7,34.2,114.3,35.0")
    return respond(faces.as_geojson(faces.in_box(connection(), bbox, as_of=as_of)), GEOJSON)


@blueprint.get("/api/pieces")
def list_pieces() -> Response:
    """Return the 1 km squares, cells, townships or villages that meet a box, to the last digit that is stored."""
    query = Query()
    kind, bbox, as_of = query.choice("kind", pieces.KINDS, "square"), query.bbox(), query.day()
    query.finish()
    if bbox is None:
        raise UserError("bbox is missing; expected west,south,east,north in degrees, such as 112.9,34.6,113.0,34.7")
    found = pieces.list_pieces(connection(), cast(pieces.PieceKind, kind), bbox, as_of=as_of)
    features = [
        {
            "type": "Feature",
            "id": row.code,
            "geometry": shapely.geometry.mapping(shapely.from_wkb(row.outline)),
            "properties": {"kind": kind, "name": row.name},
        }
        for row in found
    ]
    matched = found[0].matched if found else 0
    return respond(
        {"type": "FeatureCollection", "features": features, "numberMatched": matched, "numberReturned": len(found)},
        GEOJSON,
    )
