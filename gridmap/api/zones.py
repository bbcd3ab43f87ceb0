"""/api/zones: the law at a place."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.db.session import today
from gridmap.errors import UserError
from gridmap.store.zones import ZoneRow, zones_at, zones_of_village


@blueprint.get("/api/zones/at")
def zones_at_place() -> Response:
    """List the zones in force at a position, or of a village by name first, on a day (`on`, or as_of)."""
    query = Query()
    village = query.text("village")
    place = None if village else (query.degrees("lon"), query.degrees("lat"))
    on, as_of = query.day("on"), query.day()
    if on is not None and as_of is not None and on != as_of:
        raise UserError(f"on is {on} and as_of is {as_of}; expected one day")
    query.finish()
    conn = connection()
    day = on or as_of
    if place is None:
        asked: dict[str, Any] = {"village": village}
        zones = zones_of_village(conn, str(village), as_of=day)
    else:
        asked = {"lon": place[0], "lat": place[1]}
        zones = zones_at(conn, *place, as_of=day)
    content = {
        **asked,
        "on": (day or today(conn)).isoformat(),
        "zones": [as_json(zone, query.lang) for zone in zones],
    }
    return respond(content)


def as_json(zone: ZoneRow, lang: str) -> dict[str, Any]:
    """Return a zone as the API shows it; `class` and `kind_title` are named for readers."""
    values = {name: _plain(value) for name, value in dataclasses.asdict(zone).items()}
    values["class"] = values.pop("class_")
    values["kind_title"] = zone.kind_en if lang == "en" else zone.kind_zh
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 1)
    return value.isoformat() if isinstance(value, dt.date) else value
