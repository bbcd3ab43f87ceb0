"""/law and /law/report: the law of a day, at a place, in a county or in the whole city."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response
from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.exports import law as exports
from gridmap.maps import law_sheet
from gridmap.maps import page as map_page
from gridmap.maps.elements import Drawing, Features
from gridmap.maps.overview import CITY_BOUNDS, overview_map
from gridmap.store.law_at import LawAt
from gridmap.store.law_report import LawOfDay, documents, draw_law, law_of_day
from gridmap.store.locate import Found
from gridmap.store.zones import list_kinds, list_zones
from gridmap.web import language, law_form, security
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.pages.surroundings import length
from gridmap.web.static import static_url
from gridmap.web.view import View

AROUND_DEG = 0.06
"""About 6 km around a place on its map."""

_INK = "#b71c1c"


@blueprint.get("/law")
def show_law() -> Response:
    """Show what is in force on a day: in the city, and at a place if one was given."""
    conn = connection()
    seen = law_form.read_day(conn)
    asked = law_form.read(conn, seen.only_day(), with_exceptions=auth.may("finding:read"))
    seen = seen.only_day()
    lang = language.current()
    kinds = list_kinds(conn)
    zones = list_zones(conn, as_of=seen.day)
    in_force = {kind.kind for kind in kinds if any(zone.kind == kind.kind for zone in zones)}
    parts = _map(seen, asked.law, lang)
    response = make_response(
        page(
            "law.html",
            seen,
            asked=asked,
            law=asked.law,
            kinds=[(kind, sum(zone.kind == kind.kind for zone in zones)) for kind in kinds],
            legend=law_sheet.legend(lang, in_force),
            parts=parts,
            settings={"map": parts.name, "label": _("地图：点一处即查那里；方向键移动，加减号缩放，回车查正中")},
            link=lambda **changes: _link(seen, asked, **changes),
            place_link=lambda found: _place_link(seen, found),
            api=_api(seen, asked),
            length=length,
            days=_days(asked.law),
        )
    )
    response.status_code = 400 if asked.is_bad else 200
    return response


@blueprint.get("/law/report")
def show_law_report() -> str:
    """Show the law of a day as a report to print: of the city or of one county."""
    seen, law, conn = _report()
    lang = language.current()
    numbers = {str(one.zone.zone_id): number for number, one in enumerate(law.listed, 1)}
    frame = draw_law(conn, law)
    keys = law_sheet.legend(lang, {kind.kind for kind, zones in law.kinds if zones})
    maps = (
        {key.value: law_sheet.sheet(frame, [key], numbers, own=seen.county, letters=26) for key in keys}
        if frame
        else {}
    )
    return page(
        "law_report.html",
        seen,
        law=law,
        numbers=numbers,
        legend=keys,
        overview=law_sheet.sheet(frame, keys, {}, own=seen.county, names=True, letters=60) if frame else None,
        maps=maps,
        documents=documents(law.listed),
        scope=law.county.title(lang) if law.county else _("全市"),
    )


@blueprint.get("/law/report.xlsx")
def export_law() -> Response:
    """Return the law of a day as an Excel file."""
    _seen, law, _conn = _report()
    response = Response(exports.xlsx(law, language.current()), content_type=exports.MEDIA_TYPES["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="{exports.file_name(law)}"'
    return response


def _report() -> tuple[View, LawOfDay, Connection]:
    conn = connection()
    seen = law_form.read_day(conn)
    law = law_of_day(conn, county=seen.county, as_of=seen.day, with_exceptions=auth.may("finding:read"))
    return seen, law, conn


def _place(asked: law_form.Asked) -> dict[str, str]:
    """Return the parameters that name the place."""
    if asked.village:
        return {"village": asked.village}
    return {"lon": asked.lon, "lat": asked.lat} if asked.law else {}


def _link(seen: View, asked: law_form.Asked, **changes: Any) -> str:
    return seen.url("show_law", **{**_place(asked), **changes})


def _place_link(seen: View, found: Found) -> str | None:
    """Return where a place that was found leads: a village by its code, a county to its report."""
    if found.level == "county":
        return seen.url("show_law_report", county=found.code)
    if found.level == "village":
        return seen.url("show_law", village=found.code)
    if found.lon is None or found.lat is None:
        return None
    return seen.url("show_law", lon=f"{found.lon:.6f}", lat=f"{found.lat:.6f}")


def _api(seen: View, asked: law_form.Asked) -> str | None:
    place = _place(asked)
    return f"/api/zones/at?{urlencode({**place, 'on': seen.as_of.isoformat()})}" if place else None


def _days(law: LawAt | None) -> Sequence[tuple[str, Any]]:
    """Return the versions of a place in the order of their days: (earlier, now or later; version)."""
    if law is None:
        return ()
    told = [("earlier", zone) for zone in law.earlier]
    told += [("now", here.zone) for here in law.zones]
    told += [("later", zone) for zone in law.later]
    order = {at.kind.kind: place for place, at in enumerate(law.kinds)}
    return sorted(told, key=lambda one: (order[one[1].kind], one[1].lineage, one[1].begins_on))


def _map(seen: View, law: LawAt | None, lang: str) -> map_page.MapParts:
    bounds: Sequence[Sequence[float]] = CITY_BOUNDS
    if law is not None:
        lon, lat, room = law.location.lon, law.location.lat, AROUND_DEG
        room = max(room, min(law.location.error_m, 20_000) / 90_000)
        bounds = ((lat - room, lon - room), (lat + room, lon + room))
    chart = overview_map(
        tiles=TILES if seen.is_today else f"{TILES}?as_of={seen.as_of}",
        visible=("county", "township", "zone"),
        lang=lang,
        bounds=bounds,
        address=static_url,
        modules=("law", "legend"),
        credited=seen.installation.is_demo,
    )
    if law is not None:
        mark = Drawing("law_place", _("所查地点"), "Point", None, _INK, {}, 0, 14, {"radius": 8}, [], [])
        point = {"type": "Point", "coordinates": [law.location.lon, law.location.lat]}
        place = {"type": "Feature", "geometry": point, "properties": {"name": _("所查地点")}}
        Features(mark, {"type": "FeatureCollection", "features": [place]}).add_to(chart)
    return map_page.split(chart, security.nonce())
