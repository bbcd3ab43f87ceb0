"""What is wrong with the boundary of a draft, and how it would look mended: told, never saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.drafts import read, read_body, read_to_change
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import UserError
from gridmap.planning import draft_check


@blueprint.post("/api/drafts/<zone_id>/topology")
def check_draft(zone_id: str) -> Response:
    """Return the faults of a draft as it was saved, or of the boundary in the body."""
    Query().finish()
    own = read(connection(), zone_id)
    told = draft_check.check(connection(), own.zone_id, _boundary(read_body()))
    return respond({"faults": [draft_check.as_values(one) for one in told]})


@blueprint.post("/api/drafts/<zone_id>/repair")
def repair_draft(zone_id: str) -> Response:
    """Return a boundary mended of one fault (`fault`: its id) or of all of a kind (`kind`, or "all"), unsaved."""
    Query().finish()
    own = read_to_change(zone_id)
    body = read_body()
    wanted = [body[name] for name in ("fault", "kind") if name in body]
    if len(wanted) != 1 or not isinstance(wanted[0], str):
        raise UserError('expected either fault (the id of one) or kind (a kind of fault, or "all")')
    if "kind" in body and wanted[0] != "all" and wanted[0] not in draft_check.TITLES:
        raise UserError(f"kind: expected all or one of {', '.join(draft_check.TITLES)}")
    done = draft_check.mend(connection(), own.zone_id, wanted[0], _boundary(body))
    return respond(draft_check.repaired_values(done, _boundary(body)))


def _boundary(body: Mapping[str, Any]) -> object:
    """Return the GeoJSON of a body; None, as a body without any, asks for what was saved."""
    return body.get("boundary")
