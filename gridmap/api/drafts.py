"""/api/drafts: what a draft draws, saved on the revision it was drawn on; refused work is kept as a copy."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import shapely
from flask import Response, request
from psycopg2.extensions import cursor as Cursor
from werkzeug.exceptions import RequestEntityTooLarge

from gridmap import auth
from gridmap.api.core import blueprint, problem, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain.draft import Content
from gridmap.errors import NotFoundError, UserError
from gridmap.planning.geometry_input import is_drawn_anew, looks_shifted, read_boundary
from gridmap.store import draft_ground, draft_zones, drafts
from gridmap.store.drafts import DraftRow, StaleRevisionError, StepRefused
from gridmap.store.places import get_installation

MOST_BYTES = 32 * 1024 * 1024
"""Of a body: 200,000 vertices, more than a boundary may have, take a quarter of it."""

MOST_UNITS = 10_000
"""Of a list of units; the city has 3,300 villages."""


@blueprint.get("/api/drafts/<zone_id>")
def get_draft(zone_id: str) -> Response:
    """Return a draft with what it draws, to the last digit that is stored."""
    Query().finish()
    own = read(connection(), zone_id)
    with transaction(connection()) as cursor:
        content = drafts.get_content(cursor, own.zone_id)
        locked = drafts.get_locked(cursor, own.zone_id)
    boundary = content.boundary_wkb
    return respond(
        {
            **_told(own),
            "boundary": None if boundary is None else shapely.geometry.mapping(shapely.from_wkb(boundary)),
            "units_in": list(content.units_in),
            "units_out": list(content.units_out),
            "locked": None if locked is None else shapely.geometry.mapping(shapely.from_wkb(locked)),
        }
    )


@blueprint.put("/api/drafts/<zone_id>")
def save_draft(zone_id: str) -> Response:
    """Save what a draft draws; 409 with the revision that stands (`theirs`) when somebody has saved since.

    Parts that lie edge to edge are saved as one; `parts` of the answer says how many there are then.
    """
    Query().finish()
    own = read_to_change(zone_id)
    body = read_body()
    revision = body.get("revision")
    if isinstance(revision, bool) or not isinstance(revision, int):
        raise UserError("revision: expected the number of the revision that this was drawn on")
    try:
        with transaction(system_connection()) as cursor:
            old = drafts.get_content(cursor, own.zone_id)
            content = read_content(body, old)
            saved = drafts.save(cursor, own.zone_id, revision, content, actor=auth.reader().name)
    except StaleRevisionError as stale:
        return _with(problem(stale), mine=stale.mine, theirs=stale.theirs)
    except StepRefused as refused:
        return _with(problem(refused), reason=refused.reason, state=read(connection(), zone_id).state)
    warnings = _warnings(own, old, content)
    return respond(
        {
            **_told(saved),
            "parts": _count_parts(content),
            "warnings": [said for said, _zh in warnings],
            "warnings_zh": [zh for _said, zh in warnings],
        }
    )


@blueprint.post("/api/drafts/<zone_id>/copy")
def copy_draft(zone_id: str) -> Response:
    """Keep what somebody drew as a draft of its own, on the base of the draft it was drawn on.

    zone_name: draw a zone of its own instead, of that name, which follows no version: one half of a zone that was cut.
    """
    Query().finish()
    own = read_to_change(zone_id)
    body = read_body()
    title = body.get("title", f"{own.title[:190]}（副本）")
    if not isinstance(title, str) or not title.strip() or len(title) > 200 or "\x00" in title:
        raise UserError("title: expected a text of at most 200 characters", zh="标题应为不超过 200 个字的文字。")
    with transaction(system_connection()) as cursor:
        content = read_content(body, drafts.get_content(cursor, own.zone_id))
        made = _copy(cursor, own, content, title, body.get("zone_name"))
    answer = respond(_told(made), status=201)
    answer.headers["Location"] = f"/api/drafts/{made.zone_id}"
    return answer


def _copy(cursor: Cursor, own: DraftRow, content: Content, title: str, zone_name: object) -> DraftRow:
    author = auth.reader().name
    if zone_name is None:
        return drafts.copy(cursor, own.zone_id, content, title=title, author=author)
    if not isinstance(zone_name, str):
        raise UserError("zone_name: expected a text, or nothing to stay a version of the same zone")
    return draft_zones.found_zone(cursor, own.zone_id, content, title=title, zone_name=zone_name, author=author)


def read(conn: Connection, zone_id: str) -> DraftRow:
    """Return a draft that the reader may see; one that is hidden from him is as if it were not there."""
    if not (zone_id.isascii() and zone_id.isdecimal() and len(zone_id) < 18):
        raise NotFoundError(f"there is no draft {zone_id[:40]}")
    with transaction(conn) as cursor:
        return drafts.get_draft(cursor, int(zone_id))


def read_to_change(zone_id: str) -> DraftRow:
    """Return a draft that the reader may draw; ForbiddenError says why he may not."""
    conn = connection()
    own = read(conn, zone_id)
    auth.require_drafting(own.county_code, get_installation(conn).city_code)
    return own


def read_body() -> Mapping[str, Any]:
    """Return the body, a JSON object; UserError (413 when it is too large) says what is wrong with it."""
    request.max_content_length = MOST_BYTES
    try:
        body = json.loads(request.get_data(cache=False))
    except RequestEntityTooLarge as error:
        large = UserError(
            f"the body is too large; expected at most {MOST_BYTES} bytes",
            zh=f"内容太大：最多 {MOST_BYTES >> 20} MB。",
        )
        large.status = 413
        raise large from error
    except (ValueError, RecursionError) as error:
        raise UserError("the body is no JSON in UTF-8", zh="内容不是 UTF-8 的 JSON。") from error
    if not isinstance(body, dict):
        raise UserError(
            "the body is no JSON object; expected revision, boundary, units_in and units_out",
            zh="内容不是 JSON 对象：应有 revision、boundary、units_in 和 units_out，数字不能是 NaN。",
        )
    return body


def read_content(body: Mapping[str, Any], old: Content) -> Content:
    """Return what a body draws, with the notes of the units that stay listed.

    All of it must be said, what is left out by mistake would be lost: UserError names the field that is missing.
    """
    missing = [name for name in ("boundary", "units_in", "units_out") if name not in body]
    if missing:
        raise UserError(f"{missing[0]}: missing; expected boundary (GeoJSON or null), units_in and units_out (lists)")
    units_in, units_out = _units(body, "units_in"), _units(body, "units_out")
    notes = {code: note for code, note in old.unit_notes.items() if code in {*units_in, *units_out}}
    return Content(read_boundary(body["boundary"], old.boundary_wkb), units_in, units_out, notes)


def _units(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = body[name]
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found):
        raise UserError(f"{name}: expected a list of codes of units, each a text")
    if len(found) > MOST_UNITS:
        raise UserError(
            f"{name}: {len(found)} units; expected at most {MOST_UNITS}",
            zh=f"名单有 {len(found)} 个单位，最多 {MOST_UNITS} 个。",
        )
    return tuple(dict.fromkeys(found))


def _told(own: DraftRow) -> dict[str, Any]:
    values = {field.name: getattr(own, field.name) for field in dataclasses.fields(own)}
    told = {"id": own.zone_id, **{name: values[name] for name in _TOLD}}
    return {**told, "begins_on": own.begins_on.isoformat(), "changed_at": own.changed_at.isoformat()}


_TOLD = (
    "revision", "state", "title", "purpose", "author", "county_code", "kind", "name", "lineage", "version",
    "base_zone_id", "is_stale",
)  # fmt: skip


def _count_parts(content: Content) -> int:
    wkb = content.boundary_wkb
    return 0 if wkb is None else int(shapely.get_num_geometries(shapely.from_wkb(wkb)))


def _warnings(own: DraftRow, old: Content, new: Content) -> list[tuple[str, str]]:
    """Return what to look at again, in English and Chinese."""
    if new.boundary_wkb is None or not is_drawn_anew(old.boundary_wkb, new.boundary_wkb):
        return []
    law = None if own.base_zone_id is None else draft_ground.get_area(connection(), own.base_zone_id).area_wkb
    if not any(looks_shifted(known, new.boundary_wkb) for known in (old.boundary_wkb, law) if known is not None):
        return []
    said = "the boundary lies where GCJ-02 would put the old one; was it drawn on a Chinese web map?"
    return [(said, "边界正好落在现有边界按 GCJ-02（互联网地图坐标）偏移后的位置：是不是用互联网地图的坐标画的？")]


def _with(answer: Response, **members: Any) -> Response:
    """Return a problem report with members of its own (RFC 9457, 3.2)."""
    content = json.loads(answer.get_data())
    return respond({**content, **members}, str(answer.content_type), answer.status_code)
