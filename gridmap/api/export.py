"""/api/collections/<id>/export: all features that a filter lets through, in any format."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from gridmap import layers
from gridmap.api.core import blueprint
from gridmap.api.days import ready
from gridmap.api.request import Query
from gridmap.auth.handing import FORMATS, Options, area_told, hand_out
from gridmap.db.pool import connection
from gridmap.db.session import today
from gridmap.store.layers import count_features
from gridmap.store.outgoing import of_layer


@blueprint.get("/api/collections/<layer_id>/export")
def export_collection(layer_id: str) -> Response:
    """Return all features of a filter as a file."""
    layer = layers.load().get(layer_id)
    query = Query()
    as_of = query.day()
    wanted = query.features(layer)
    form = FORMATS[query.choice("f", tuple(FORMATS), "csv")]
    options = options_of(query)
    query.finish()
    conn = connection()
    ready(layer, as_of)
    out = of_layer(conn, layer, wanted, on=as_of or today(conn), as_of=as_of, srid=options.srid)
    shown = [str(value) for value in wanted.values_of(layer.style.column)]
    return hand_out(
        conn, replace(out, asked=(*out.asked, *area_told())), form, options, shown=shown,
        rows=count_features(conn, layer, wanted, as_of=as_of) if form.streams else 0,
        asked=request.args.to_dict(flat=False),
    )  # fmt: skip


def options_of(query: Query) -> Options:
    """Return how a file is to be written."""
    return Options(
        lang=query.lang,
        codes=query.choice("values", ("words", "codes"), "words") == "codes",
        bom=query.choice("bom", ("true", "false"), "true") == "true",
        crs=query.text("crs"),
    )
