"""/tours: the tours of a day, and planning a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain.roles import Place as Area
from gridmap.domain.tour import BEGINS_S, ENDS_S, MOST_STOPS, SERVICE_MIN, SPEED_KMH, Place, TourError, clock
from gridmap.errors import UserError
from gridmap.inspecting import tours as planning
from gridmap.inspecting.near import VAGUE_M
from gridmap.inspecting.tours import RADIUS_M, Plan
from gridmap.maps import page as map_page
from gridmap.maps.tour import tour_map
from gridmap.store import tours
from gridmap.store.tours import SiteToVisit, TakenError
from gridmap.web import language, law_form, security, tour_form, tour_words, view
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.pages.surroundings import length
from gridmap.web.static import static_url
from gridmap.web.tour_form import TourForm
from gridmap.web.view import View

MOST_LISTED = 500


@blueprint.get("/tours")
def list_tours() -> str:
    """List the tours that the reader may see, of one day or of all, last day first."""
    conn = connection()
    seen = view.read(conn).only_today()
    day = view.parse_day(view.parameter("day"))
    with transaction(conn) as cursor:
        rows = tours.list_tours(cursor, day=day, limit=MOST_LISTED)
    return page("tours.html", seen, rows=rows, day=day, clock=clock, county_name=county_name(seen))


@blueprint.get("/tours/new")
def new_tour() -> str:
    """Show the form of a new tour; sites and position may come from /near."""
    conn = connection()
    seen = view.read(conn).only_today()
    form = tour_form.read(request.args)
    fresh = {
        "title": _("日常检查"),
        "day": str(seen.installation.today),
        "begins": clock(BEGINS_S),
        "ends": clock(ENDS_S),
        "speed": f"{SPEED_KMH:g}",
        "mode": "sites" if form.sites else "choose",
        "choose": "8",
        "radius_m": f"{RADIUS_M:g}",
        "order": "best",
    }
    form.values = {**form.values, **{name: text for name, text in fresh.items() if not form.values[name]}, "add": ""}
    return _render(conn, seen, form)


@blueprint.post("/tours")
@auth.tells_of_expiry
def create_tour() -> Response | tuple[str, int]:
    """Plan and save a tour and go to it, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    form = tour_form.read(MultiDict(request.form))
    if not auth.has_form_token():
        form.notice = _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")
        return _render(conn, seen, form), 403
    asked = tour_form.wanted(form, seen.installation.today)
    if asked is None:
        return _render(conn, seen, form), 400
    try:
        made = planning.plan(conn, system_connection(), asked)
        county = _county_of(made, seen)
        reader = auth.require("tour:change", Area((county,)))
        tour_id = planning.keep(
            system_connection(), made, title=form.values["title"], county_code=county, post=reader.post,
            account_id=reader.account_id,
        )  # fmt: skip
    except TourError as error:
        form.refuse(error)
        return _render(conn, seen, form), 400
    except TakenError as error:
        form.notice = tour_words.refusal(error)
        return _render(conn, seen, form), 409
    return redirect(url_for("web.show_tour", tour_id=tour_id, done="created"), 303)


def _county_of(made: Plan, seen: View) -> str:
    """Return whose tour it is: the city's of a reader of the city, else that of the one county of its sites."""
    if auth.reader().area.is_city:
        return seen.installation.city_code
    if len(made.county_codes) > 1:
        names = [seen.county_name(code, language.current()) for code in made.county_codes]
        raise TourError("several", f"the sites lie in several counties: {', '.join(made.county_codes)}", names)
    return made.county_codes[0]


def county_name(seen: View) -> Callable[[str], str]:
    """Return what names a county, or the city, by its code in the page's language."""
    lang, here = language.current(), seen.installation

    def name(code: str) -> str:
        if code == here.city_code:
            return here.city_name_en if lang == "en" else here.city_name_zh
        return seen.county_name(code, lang)

    return name


def _render(conn: Connection, seen: View, form: TourForm) -> str:
    with transaction(conn) as cursor:
        found = tours.list_sites(cursor, form.sites[: MOST_STOPS + 1], seen.installation.today)
    known = [found[text] for text in form.sites if text in found]
    start = _start(form)
    chart = tour_map(
        [],
        [*([start] if start else []), *(Place(site.lon, site.lat) for site in known)],
        _("行程"),
        tiles=TILES,
        lang=language.current(),
        address=static_url,
        credited=seen.installation.is_demo,
    )
    parts = map_page.split(chart, security.nonce())
    return page(
        "tour_new.html",
        seen,
        form=form,
        sites=known,
        unknown=[text for text in form.sites[: MOST_STOPS + 1] if text not in found],
        services=SERVICE_MIN,
        most=MOST_STOPS,
        vague_m=VAGUE_M,
        length=length,
        parts=parts,
        settings={
            "map": parts.name,
            "label": _("地图：点一处即从那里出发；方向键移动，加减号缩放，回车取正中"),
            "start": [start.lon, start.lat] if start else None,
            "finish": None,
            "stops": [_mark(number, site) for number, site in enumerate(known, 1)],
            "picks": True,
            "words": {
                "start": _("出发"),
                "finish": _("返回"),
                "locating": _("正在定位…"),
                "location_denied": _("手机没有允许定位；请在图上点一处，或输入坐标、名称。"),
                "location_failed": _("没有定位成功；请在图上点一处，或输入坐标、名称。"),
                "location_missing": _("这台设备或这种连接不能定位；请在图上点一处，或输入坐标、名称。"),
            },
        },
    )


def _start(form: TourForm) -> Place | None:
    if not (form.values["lon"] and form.values["lat"]):
        return None
    try:
        return Place(*law_form.position(form.values["lon"], form.values["lat"]))
    except UserError:
        return None


def _mark(number: int, site: SiteToVisit) -> dict[str, Any]:
    return {
        "n": number,
        "id": f"site-{number}",
        "name": site.name,
        "lon": site.lon,
        "lat": site.lat,
        "state": "planned",
    }
