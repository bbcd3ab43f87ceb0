"""/api/zones/at: the law at a place on a day."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from flask import Response, request

from gridmap import auth
from gridmap.api.core import blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.errors import UserError
from gridmap.exports.zone_values import plain, version
from gridmap.store.exceptions import ExceptionRow
from gridmap.store.law_at import LawAt, NamedOnly, ZoneHere, law_at, law_of_village
from gridmap.store.locate import Location
from gridmap.store.zones import KindAt

MOST_ERROR_M = 20_000
"""The largest error of a position that may be given, metres."""


@blueprint.get("/api/zones/at")
def zones_at_place() -> Response:
    """Tell the law at a position, or of a village by name first, on a day (`on`, or as_of)."""
    query = Query()
    village = query.text("village")
    place = None if village else (query.degrees("lon"), query.degrees("lat"))
    error_m = query.whole("error_m", 0, 0, MOST_ERROR_M)
    on, as_of = query.day("on"), query.day()
    if on is not None and as_of is not None and on != as_of:
        raise UserError(f"on is {on} and as_of is {as_of}; expected one day")
    query.finish()
    conn, day, told = connection(), on or as_of, auth.may("finding:read")
    if place is None:
        if not re.fullmatch(r"\d{12}", str(village), re.ASCII):
            raise UserError(f"village is {village!r}; expected a code of twelve digits such as 410181113201")
        asked: dict[str, Any] = {"village": village}
        law = law_of_village(conn, str(village), as_of=day, with_exceptions=told)
    else:
        asked = {"lon": place[0], "lat": place[1]}
        law = law_at(conn, *place, error_m=error_m, as_of=day, with_exceptions=told)
    return _tagged(respond({**asked, **law_as_json(law, query.lang)}))


def law_as_json(law: LawAt, lang: str) -> dict[str, Any]:
    """Return the law at a place as the API shows it; `zones` are those in force, as ever, with what decided."""
    return {
        "on": law.on.isoformat(),
        "place": _place(law.location, lang),
        "zones": [_zone_here(here, lang) for here in law.zones],
        "kinds": [_kind(law, kind, lang) for kind in law.kinds],
        "named_without_outline": [_named_only(zone) for zone in law.named_only],
        "earlier": [version(zone, lang) for zone in law.earlier],
        "later": [version(zone, lang) for zone in law.later],
        # null: this reader may not be told, which is not the same as none
        "exceptions": [_exception(row) for row in law.exceptions] if law.exceptions is not None else None,
    }


def _zone_here(here: ZoneHere, lang: str) -> dict[str, Any]:
    unit = {"code": here.unit_code, "name": here.unit_name} if here.unit_code else None
    return {**version(here.zone, lang), "decided_by": here.decided_by, "decided_by_unit": unit}


def _kind(law: LawAt, at: KindAt, lang: str) -> dict[str, Any]:
    return {
        "kind": at.kind.kind,
        "title": at.kind.title(lang),
        "side": at.side,
        "may_be_by_name": law.may_be_by_name(at.kind.kind),
        "zone_ids": [zone.zone_id for zone in at.zones],
    }


def _named_only(zone: NamedOnly) -> dict[str, Any]:
    units = [{"code": code, "name": name} for code, name in zone.units]
    return {"zone_id": zone.zone_id, "kind": zone.kind, "name": zone.name, "units": units}


def _place(place: Location, lang: str) -> dict[str, Any]:
    def named(code: str | None, name: str | None, name_en: str | None = None) -> dict[str, Any] | None:
        return {"code": code, "name": name_en if lang == "en" and name_en else name} if code else None

    village = named(place.village_id, place.village)
    if village is not None:
        village["distance_m"] = plain(place.village_distance_m)
    return {
        "lon": place.lon,
        "lat": place.lat,
        "error_m": place.error_m,
        "county": named(place.county_code, place.county, place.county_en),
        "township": named(place.township_code, place.township, place.township_en),
        "village": village,
        "cell": place.cell_code,
        "square": place.square_code,
    }


def _exception(row: ExceptionRow) -> dict[str, Any]:
    return {
        "finding": row.key,
        "rule": row.rule_id,
        "name": row.name,
        "feature_id": row.feature_id,
        "reason": row.accepted_reason,
        "document": row.accepted_document,
        "accepted_on": plain(row.accepted_on),
        "until": plain(row.accepted_until),
    }


def _tagged(response: Response) -> Response:
    """Give an answer an ETag, weak since it may be gzipped: a reader who has it already is told so in no bytes."""
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32], weak=True)
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    response.make_conditional(request)
    return response
