"""/api/draws/<draw_id>: a random draw, what was drawn and the record by which anybody can draw it again."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.db.session import transaction
from gridmap.errors import NotFoundError
from gridmap.inspecting.random_draws import record
from gridmap.store import random_draws


@blueprint.get("/api/draws/<draw_id>")
def get_random_draw(draw_id: str) -> Response:
    """Return a draw with the sites that the reader may see; the record when he may see all of them."""
    Query().finish()
    if not (draw_id.isascii() and draw_id.isdecimal() and len(draw_id) < 18):
        raise NotFoundError(f"there is no draw {draw_id[:40]}")
    with transaction(connection()) as cursor:
        row = random_draws.get_draw(cursor, int(draw_id))
        drawn = random_draws.list_drawn(cursor, row.draw_id)
        texts = random_draws.get_texts(cursor, row.draw_id)
    return respond(
        {
            **random_draws.as_values(row),
            "drawn": [{name: value for name, value in asdict(one).items() if name != "draw_id"} for one in drawn],
            "record": record(row, texts) if "list" in texts else None,
        }
    )
