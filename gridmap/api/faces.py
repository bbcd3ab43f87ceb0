"""/api/faces: land between roads and boundaries, to draw a zone along them."""

from __future__ import annotations

from flask import Response

from gridmap.api.core import GEOJSON, blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import UserError


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
