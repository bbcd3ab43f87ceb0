"""/tours/<tour_id>: one tour with its line and its stops, on paper, as GPX, and what becomes of it on its day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.auth import record
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain.roles import Place as Area
from gridmap.domain.tour import Place, TourError, clock, parse_hours
from gridmap.errors import ConflictError, NotFoundError
from gridmap.inspecting import tour_changes
from gridmap.inspecting.near import VAGUE_M
from gridmap.inspecting.tour_changes import STEPS, Change
from gridmap.maps import page as map_page
from gridmap.maps.tour import tour_map
from gridmap.store import tours
from gridmap.store.tours import IN_ORDER, StopRow, TourRow
from gridmap.web import language, navigate, security, tour_form, tour_words, view
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.pages.surroundings import length
from gridmap.web.pages.tours import county_name
from gridmap.web.static import static_url
from gridmap.web.view import View

_STEPS = ",".join(STEPS)


@blueprint.get("/tours/<tour_id>")
def show_tour(tour_id: str) -> str:
    """Show a tour: its line on the map, its stops with their times, and what the reader may do with it."""
    conn = connection()
    seen = view.read(conn).only_today()
    tour, stops = _read(conn, tour_id)
    return _render(seen, tour, stops, done=view.choice("done", ("created", *STEPS), ""))


@blueprint.get("/tours/<tour_id>/print")
def print_tour(tour_id: str) -> str:
    """Show a tour for paper: the stops with room for what was found."""
    conn = connection()
    seen = view.read(conn).only_today()
    tour, stops = _read(conn, tour_id)
    return page("tour_print.html", seen, **_parts(seen, tour, stops))


@blueprint.get("/tours/<tour_id>/gpx")
def export_tour(tour_id: str) -> FlaskResponse:
    """Return a tour as a GPX file; the log notes that it was taken away."""
    from gridmap.exports.tour import MEDIA_TYPE, as_gpx

    tour, stops = _read(connection(), tour_id)
    text = as_gpx(tour, stops)
    record.note_export("tour", "gpx", {"tour_id": tour.tour_id}, sum(stop.state in IN_ORDER for stop in stops))
    answer = FlaskResponse(text, content_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="tour-{tour.day}-{tour.tour_id}.gpx"'
    return answer


@blueprint.post(f"/tours/<tour_id>/<any({_STEPS}):step>")
@auth.tells_of_expiry
def take_tour_step(tour_id: str, step: str) -> Response | tuple[str, int]:
    """Take a step with a tour, or show why not, with the tour as it is now."""
    conn = connection()
    seen = view.read(conn).only_today()
    tour, stops = _read(conn, tour_id)
    auth.require("tour:change", Area((tour.county_code,)))
    typed = {
        name: (request.form.get(name) or "").replace("\x00", "")[:600] for name in ("reason", "at", "stop", "from")
    }
    if not auth.has_form_token():
        notice = _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")
        return _render(seen, tour, stops, notice=notice, typed=typed), 403
    try:
        changed = tour_changes.change(system_connection(), tour.tour_id, _asked(step, typed))
    except (TourError, ConflictError, NotFoundError) as error:
        now, stops = _read(conn, tour_id)
        said = tour_words.refusal(error)
        return _render(seen, now, stops, notice=said, typed=typed), 400 if isinstance(error, TourError) else 409
    if changed is None:
        return redirect(url_for("web.list_tours", day=str(tour.day)), 303)
    return redirect(url_for("web.show_tour", tour_id=tour.tour_id, done=step), 303)


@blueprint.get(f"/tours/<tour_id>/<any({_STEPS}):step>")
def back_to_tour(tour_id: str, step: str) -> Response:
    """Lead back to the tour whoever asks for a form's address, such as by switching the language on it."""
    return redirect(url_for("web.show_tour", tour_id=tour_id, lang=request.args.get("lang")), 303)


def _asked(step: str, typed: dict[str, str]) -> Change:
    return Change(
        step,  # type: ignore[arg-type]  # the route lets no other through
        _whole(request.form.get("version")) or 0,
        _whole(typed["stop"]),
        reason=typed["reason"],
        at_s=tour_form.read_clock(typed["at"]) if step == "reorder" else None,
        from_stop=_whole(typed["from"]) if step == "reorder" else None,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None


def _read(conn: Connection, tour_id: str) -> tuple[TourRow, list[StopRow]]:
    """Return a tour that the reader may see; what is not there, or not his, is told in his language."""
    missing = _("没有编号为“%(text)s”的行程。", text=tour_id[:40])
    number = _whole(tour_id)
    if number is None:
        raise NotFoundError(missing)
    with or_say(missing), transaction(conn) as cursor:
        return tours.get_tour(cursor, number), tours.list_stops(cursor, number)


def _parts(seen: View, tour: TourRow, stops: Sequence[StopRow]) -> dict[str, Any]:
    """Return what page and paper tell of a tour."""
    in_order = [stop for stop in stops if stop.state in IN_ORDER]
    return {
        "tour": tour,
        "rows": [_row(tour, stop) for stop in in_order],
        "skipped": [stop for stop in stops if stop.state == "skipped"],
        "left_out": [stop for stop in stops if stop.state == "left_out"],
        "distance_m": sum(stop.leg_m or 0.0 for stop in in_order) + tour.home_m,
        "ways_from": tour_words.ways_from(tour),
        "why": tour_words.why,
        "clock": clock,
        "county_name": county_name(seen),
        "vague_m": VAGUE_M,
        "length": length,
    }


def _row(tour: TourRow, stop: StopRow) -> dict[str, Any]:
    begins, leaves = stop.begins_s or 0, stop.leaves_s or 0
    hours = parse_hours(stop.hours)
    is_shut = bool(hours) and not any(opens <= begins and leaves <= closes for opens, closes in hours)
    waits = (stop.begins_s or 0) - (stop.arrives_s or 0)
    return {
        "stop": stop,
        "trouble": tour_words.trouble(tour, stop, is_shut),
        "waits_min": round(waits / 60),
        "ways": navigate.to_drive(stop.lon, stop.lat, stop.name),
    }


def _render(
    seen: View,
    tour: TourRow,
    stops: Sequence[StopRow],
    *,
    done: str = "",
    notice: str = "",
    typed: dict[str, str] | None = None,
) -> str:
    told = _parts(seen, tour, stops)
    visited = [row["stop"] for row in told["rows"]]
    line = [tour.start, *(Place(stop.lon, stop.lat) for stop in visited), tour.finish]
    chart = tour_map(
        line,
        [Place(stop.lon, stop.lat) for stop in stops],
        tour.title,
        tiles=TILES,
        lang=language.current(),
        address=static_url,
        credited=seen.installation.is_demo,
    )
    parts = map_page.split(chart, security.nonce())
    return page(
        "tour.html",
        seen,
        **told,
        done=tour_words.done(done),
        notice=notice,
        typed=typed or {},
        may_change=auth.may("tour:change", Area((tour.county_code,))),
        has_done=any(stop.state == "done" for stop in stops),
        parts=parts,
        settings={
            "map": parts.name,
            "label": _("行程的地图：数字为各站的次序；方向键移动，加减号缩放"),
            "start": [tour.start_lon, tour.start_lat],
            "finish": [tour.finish_lon, tour.finish_lat],
            "stops": [
                {
                    "n": stop.place or "·",
                    "id": f"stop-{stop.stop_id}",
                    "name": stop.name,
                    "lon": stop.lon,
                    "lat": stop.lat,
                    "state": stop.state,
                }
                for stop in stops
            ],
            "picks": False,
            "words": {"start": _("出发"), "finish": _("返回")},
        },
    )
