"""/api/zones/diff: two versions of a zone, or the law of two days, side by side."""

from __future__ import annotations

from flask import Response

from gridmap import auth
from gridmap.api.core import GEOJSON, blueprint, respond
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.errors import NotFoundError, UserError
from gridmap.exports import zone_diff as exports
from gridmap.exports.zone_values import diff_values
from gridmap.planning.diff import diff, diff_days
from gridmap.store.zone_diff import DaysDiff, Diff
from gridmap.store.zones import get_zone

MOST_COARSE_M = 1000
FORMATS = ("json", "geojson")


@blueprint.get("/api/zones/diff")
def compare_zones() -> Response:
    """Tell what differs between two versions (a, b), or between the law of two days (from, to, kind)."""
    query = Query()
    form = query.choice("f", FORMATS, FORMATS[0])
    coarse_m = float(query.whole("coarse_m", 0, 0, MOST_COARSE_M))
    conn = connection()
    if query.text("a") is not None or query.text("b") is not None:
        found: Diff | DaysDiff = _versions(conn, query, coarse_m)
    else:
        found = _days(conn, query, coarse_m)
    if form == "geojson":
        return respond(exports.geojson(found), GEOJSON)
    return respond(diff_values(found, query.lang))


def _versions(conn: Connection, query: Query, coarse_m: float) -> Diff:
    a, b = (_version(conn, query, name) for name in ("a", "b"))
    day = query.day()
    query.finish()
    return diff(conn, a, b, on=day, coarse_m=coarse_m)


def _version(conn: Connection, query: Query, name: str) -> int:
    text = query.text(name)
    if text is None or not (text.isascii() and text.isdecimal() and len(text) < 18):
        found = "is missing" if text is None else f"is {text[:40]!r}"
        raise UserError(f"{name} {found}; expected the key of a version of a zone, such as 3")
    zone = get_zone(conn, int(text))
    # the database hides drafts of other counties; whoever may read no drafts at all is told of none either
    if zone.status == "draft" and not auth.may("draft:read"):
        raise NotFoundError(f"there is no zone {zone.zone_id}")
    return zone.zone_id


def _days(conn: Connection, query: Query, coarse_m: float) -> DaysDiff:
    first, second, kind = query.day("from"), query.day("to"), query.text("kind")
    counties = query.counties()
    query.finish()
    if first is None or second is None or kind is None:
        raise UserError("expected a and b, two versions of a zone; or from, to and kind, the law of two days")
    if first > second:
        raise UserError(f"from is {first} and to is {second}; expected the earlier day first")
    if len(counties) > 1:
        raise UserError(f"county is {','.join(counties)!r}; expected one county, or none for the whole city")
    return diff_days(conn, kind, counties[0] if counties else None, first, second, coarse_m=coarse_m)
