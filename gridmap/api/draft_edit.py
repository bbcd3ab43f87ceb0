"""/api/drafts/ID/merge, edit and locked: two planners' work put together, parts cut and joined, land that must stay.

Merging and editing save nothing: they return what would be drawn, for the planner to look at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from flask import Response
from shapely.geometry import MultiPolygon, Polygon

from gridmap import auth
from gridmap.api.core import blueprint, respond
from gridmap.api.drafts import read_body, read_content, read_to_change
from gridmap.api.request import Query
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.domain.draft import Content
from gridmap.errors import UserError
from gridmap.planning import merge, shape_edit, touching
from gridmap.planning.geometry_input import read_boundary
from gridmap.store import draft_locks, drafts

MOST_LANDS = 500
"""Pieces of land taken in or left out at once."""


@blueprint.post("/api/drafts/<zone_id>/merge")
def merge_draft(zone_id: str) -> Response:
    """Put what the body draws (on the content `base`) and what is saved together, where their parts do not touch.

    choices: "mine" or "theirs" by the id of a conflict; they count only for the revision that they were made on.
    """
    Query().finish()
    own = read_to_change(zone_id)
    body = read_body()
    base = body.get("base")
    if not isinstance(base, Mapping):
        raise UserError("base: missing; expected what the revision drew that yours began at")
    with transaction(connection()) as cursor:
        own = drafts.get_draft(cursor, own.zone_id)
        theirs = drafts.get_content(cursor, own.zone_id)
    choices = _choices(body) if body.get("revision") == own.revision else {}
    found = merge.merge(read_content(base, theirs), read_content(body, theirs), theirs, choices)
    mine = drawn_parts(body["boundary"])
    return respond(
        {
            "revision": own.revision,
            **_drawn(found.content, mine, theirs.boundary_wkb),
            "theirs": _drawn(theirs),
            "conflicts": [
                {"id": each.conflict_id, "what": each.what, "lon": each.lon, "lat": each.lat, "codes": each.codes}
                for each in found.conflicts
            ],
            "from_mine": found.from_mine,
            "from_theirs": found.from_theirs,
        }
    )


def _choices(body: Mapping[str, Any]) -> dict[str, merge.Side]:
    found = body.get("choices") or {}
    if not isinstance(found, dict) or not all(side in ("mine", "theirs") for side in found.values()):
        raise UserError('choices: expected "mine" or "theirs" by the id of a conflict')
    return found


@blueprint.post("/api/drafts/<zone_id>/edit")
def edit_draft(zone_id: str) -> Response:
    """Return the boundary after a step: cut or reshape (`line`), join (`parts`), take_in, leave_out (`lands`)."""
    Query().finish()
    read_to_change(zone_id)
    body = read_body()
    step = _EDITS.get(str(body.get("step")))
    if step is None:
        raise UserError(f"step: {str(body.get('step'))[:40]!r}; expected one of {', '.join(_EDITS)}")
    edited = step(drawn_parts(body.get("boundary")), body)
    found = None if edited is None else json.loads(json.dumps(shapely.geometry.mapping(edited)))
    drawn_parts(found)  # what is unsound is not shown as if it could be drawn on
    return respond({"boundary": found})


def drawn_parts(boundary: object) -> MultiPolygon | None:
    """Return a boundary that is being drawn: each part is sound, but pieces of a part just cut lie edge to edge.

    No MultiPolygon may be so: it is saved and judged with such pieces as one.
    """
    if not (isinstance(boundary, Mapping) and boundary.get("type") == "MultiPolygon"):
        wkb = read_boundary(boundary)
        return None if wkb is None else shapely.from_wkb(wkb)
    parts = boundary.get("coordinates")
    if not isinstance(parts, list) or not parts:
        raise UserError("boundary: it has no coordinates; expected a list of parts, each a list of rings")
    found = [read_boundary({"type": "Polygon", "coordinates": rings}) for rings in parts]
    return MultiPolygon([shapely.from_wkb(wkb).geoms[0] for wkb in found])


def _cut(whole: MultiPolygon | None, body: Mapping[str, Any]) -> MultiPolygon:
    return shape_edit.cut(_some(whole), shape_edit.read_line(body.get("line")))


def _reshape(whole: MultiPolygon | None, body: Mapping[str, Any]) -> MultiPolygon:
    return shape_edit.reshape(_some(whole), shape_edit.read_line(body.get("line")))


def _join(whole: MultiPolygon | None, body: Mapping[str, Any]) -> MultiPolygon:
    parts = body.get("parts")
    if not isinstance(parts, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in parts):
        raise UserError("parts: expected a list of numbers of parts, the first is 0")
    return shape_edit.join(_some(whole), parts)


def _take_in(whole: MultiPolygon | None, body: Mapping[str, Any]) -> MultiPolygon:
    return shape_edit.take_in(whole, _lands(body))


def _leave_out(whole: MultiPolygon | None, body: Mapping[str, Any]) -> MultiPolygon | None:
    return shape_edit.leave_out(_some(whole), _lands(body))


_EDITS = {"cut": _cut, "reshape": _reshape, "join": _join, "take_in": _take_in, "leave_out": _leave_out}


def _some(whole: MultiPolygon | None) -> MultiPolygon:
    if whole is None:
        raise UserError("boundary: there is none; expected a Polygon or MultiPolygon")
    return whole


def _lands(body: Mapping[str, Any]) -> list[Polygon]:
    found = body.get("lands")
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_LANDS or None in found:
        raise UserError(f"lands: expected a list of 1 to {MOST_LANDS} GeoJSON Polygons or MultiPolygons")
    return [part for each in found for part in shapely.from_wkb(read_boundary(each)).geoms]


@blueprint.put("/api/drafts/<zone_id>/locked")
def lock_draft(zone_id: str) -> Response:
    """Lock land (`locked`, a GeoJSON MultiPolygon) against change of side, or unlock all of it (null)."""
    Query().finish()
    own = read_to_change(zone_id)
    body = read_body()
    if "locked" not in body:
        raise UserError("locked: missing; expected a GeoJSON MultiPolygon, or null to unlock")
    wkb = _locked_land(body["locked"])
    with transaction(system_connection()) as cursor:
        drafts.lock_land(cursor, own.zone_id, wkb, actor=auth.reader().name)
        changed = draft_locks.changed_locked_land(cursor, own.zone_id)
        if changed > 0:
            raise UserError(
                f"locked: {changed:.0f} m² of it are no longer as in the law; only land left as it is can be locked",
                zh=f"其中 {changed:.0f} 平方米已与现行范围不同：只有没有改动的土地可以锁定。",
            )
    return respond({"locked": None if wkb is None else shapely.geometry.mapping(shapely.from_wkb(wkb))})


def _locked_land(geojson: object) -> bytes | None:
    """Return land to lock as WKB: pieces may share edges, and what was locked before may lie in what is locked now."""
    parts = drawn_parts(geojson)
    if parts is not None and not parts.is_valid:
        parts = MultiPolygon(shape_edit.union(list(parts.geoms)))
    return None if parts is None else bytes(shapely.to_wkb(parts))


def _drawn(content: Content, pieces: MultiPolygon | None = None, stored: bytes | None = None) -> dict[str, Any]:
    """Return what a content draws. pieces: those that its drawer cut stay apart where he keeps all of them.

    stored: what was saved when they were read, as read_content() was told.
    """
    wkb = content.boundary_wkb
    boundary = None if wkb is None else shapely.from_wkb(wkb)
    if boundary is not None and pieces is not None:
        boundary = touching.in_pieces(boundary, pieces.geoms, None if stored is None else shapely.from_wkb(stored))
    return {
        "boundary": None if boundary is None else shapely.geometry.mapping(boundary),
        "units_in": list(content.units_in),
        "units_out": list(content.units_out),
    }
