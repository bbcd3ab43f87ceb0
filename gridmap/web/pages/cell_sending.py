"""POST /cell/reports and /cell/patrols: what phones send, once or twice, sooner or later."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _

from gridmap import auth, glossary
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.arrival import settle_time, stand
from gridmap.domain.roles import Place, Reader
from gridmap.errors import NotFoundError, UserError
from gridmap.ingest import photos
from gridmap.store import cell_ground, patrols, reports
from gridmap.store.reports import NewReport, Whereabouts
from gridmap.web.arrivals import LONGEST_WORDS, Sent, answers
from gridmap.web.pages.base import blueprint
from gridmap.web.pages.surroundings import length

MOST_PHOTOS = 4
VAGUE_M = 1000.0
"""A position that may be further off says little: whoever sends it must say that he means it."""


@blueprint.get("/cell/session")
def tell_session() -> Response:
    """Tell a script who is logged in and what a form of his must carry."""
    response = jsonify(account=auth.reader().name, token=auth.form_token())
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/cell/reports")
@answers
def send_report() -> dict[str, Any]:
    """Keep a report with its photos."""
    request.max_content_length = MOST_PHOTOS * photos.MAX_BYTES + 1_000_000
    sent = Sent(request.form.get("entry", ""))
    conn, found, key = connection(), auth.require("report:create"), sent.key()
    if (there := reports.find_report(conn, key, mine=True)) is not None:
        return _reported(there.standing, there.distance_m, there.cell_name, repeated=True)
    said = sent.text("words", LONGEST_WORDS)
    if not said:
        raise UserError(_("请写明看到了什么。"))
    theme = sent.text("theme")
    if theme is not None and theme not in glossary.terms()["theme"]:
        raise UserError(_("问题类别无效。"))
    made_at, skew = settle_time(sent.time("made_at"), sent.time("sent_at"), patrols.received_at(conn))
    lon, lat, accuracy, placed_by = _report_place(conn, sent)
    own = _own_cell(found, sent.text("cell"))
    where = reports.locate(conn, lon, lat, accuracy, own)
    if where.county_code is None:
        raise UserError(_("位置（%(lon).4f，%(lat).4f）不在本市范围内，请检查定位。", lon=lon, lat=lat))
    standing = stand(where.distance_m, where.boundary_m, accuracy)
    if not sent.flag("confirmed") and (question := _question(standing, where, accuracy)):
        return {"state": "confirm", "sentence": question, "distance_m": where.distance_m}
    drawn = [photos.read(content) for content in _files()]
    report = NewReport(
        key, found.post, own, where.county_code, sent.text("site"), theme, said, lon, lat, accuracy, placed_by,
        standing, where.distance_m or 0.0, made_at, skew,
    )  # fmt: skip
    kept = reports.keep(conn, report, drawn)
    return _reported(standing, where.distance_m or 0.0, where.cell_name, repeated=not kept)


@blueprint.post("/cell/patrols")
@answers
def send_patrol() -> dict[str, Any]:
    """Keep a round of patrol."""
    request.max_content_length = 2_000_000
    sent = Sent(request.get_data(as_text=True))
    conn, key = connection(), sent.key()
    if (there := patrols.find_round(conn, key)) is not None:
        return _patrolled(there, repeated=True)
    ground = _ground(conn, sent.text("cell") or "")
    found = auth.require("patrol:create", Place((ground.county_code or "",), ground.code))
    made_at, skew = settle_time(sent.time("made_at"), sent.time("sent_at"), patrols.received_at(conn))
    known = {square.code: square for square in ground.squares}
    codes = sent.codes("squares")
    for code in codes:
        if code not in known:
            raise UserError(_("方格 %(code)s 不在本网格内。", code=code))
    site_id = sent.text("site")
    keys = {known[code].cell_key for code in codes}
    if site_id is not None:
        keys |= _square_of_site(conn, site_id)
    made = patrols.NewRound(
        key, ground.code, ground.county_code or "", found.post, site_id, tuple(sorted(keys)), sent.points(),
        sent.flag("with_roads"), sent.text("note", LONGEST_WORDS), made_at, skew,
    )  # fmt: skip
    squares = ground.squares
    kept = patrols.keep(
        conn, made, [s.cell_key for s in squares], [s.cell_key for s in squares if s.has_road and site_id is None]
    )
    return _patrolled(patrols.find_round(conn, key), repeated=not kept)


def _ground(conn: Connection, code: str) -> cell_ground.Ground:
    try:
        return cell_ground.get_ground(conn, code)
    except NotFoundError:
        raise UserError(_("没有编号为 %(code)s 的网格，可能已经拆分或合并。", code=code[:40])) from None


def _own_cell(found: Reader, code: str | None) -> str | None:
    """Return the cell that a reporter answers for; who answers for a county or the city has none."""
    mine = [grant for grant in found.grants if grant.cell_code and "report:create" in grant.permissions]
    if not mine:
        return None
    if code is None or not any(code in grant.cells for grant in mine):
        raise UserError(_("没有编号为 %(code)s 的网格，可能已经拆分或合并。", code=(code or "")[:40]))
    return code


def _report_place(conn: Connection, sent: Sent) -> tuple[float, float, float, str]:
    """Return longitude, latitude, accuracy in metres and who says so."""
    site_id = sent.text("site")
    site = reports.find_site_place(conn, site_id) if site_id is not None else None
    if site_id is not None and site is None:
        raise UserError(_("没有编号为 %(id)s 的点位，或它不在您负责的范围内。", id=site_id[:40]))
    place = sent.place()
    if place is not None:
        return *place, "map" if sent.text("placed_by") == "map" else "phone"
    if site is None:
        raise UserError(_("没有位置：请打开定位、在图上点一下，或选择一个点位。"))
    return *site, "site"


def _question(standing: str, where: Whereabouts, accuracy: float) -> str | None:
    """Return what a reporter must confirm before his report is taken, or None."""
    if standing == "outside":
        holder = where.cell_name or _("没有网格负责的地方")
        return _(
            "位置在本网格外 %(m)s，属于%(holder)s。确认后仍会收下，并转给那里；以后您只能看到自己这条。",
            m=length(where.distance_m or 0.0),
            holder=holder,
        )
    if accuracy > VAGUE_M:
        return _("定位误差约 %(m)s，说不清在哪里。建议在图上点选位置；确认后按现在的位置收下。", m=length(accuracy))
    return None


def _files() -> list[bytes]:
    sent = request.files.getlist("photo")
    if len(sent) > MOST_PHOTOS:
        raise UserError(_("照片最多 %(most)s 张，收到 %(n)s 张。", most=MOST_PHOTOS, n=len(sent)))
    # no more is read than is looked at
    return [file.stream.read(photos.MAX_BYTES + 1) for file in sent]


def _square_of_site(conn: Connection, site_id: str) -> set[int]:
    key = patrols.find_square_of_site(conn, site_id)
    if key is None:
        raise UserError(_("没有编号为 %(id)s 的点位，或它不在您负责的范围内。", id=site_id[:40]))
    return {key}


def _reported(standing: str, distance_m: float, holder: str | None, *, repeated: bool) -> dict[str, Any]:
    sentence = {
        "near_boundary": _("已收到。位置离网格边界不到定位误差，在界内还是界外待核。"),
        "outside": _(
            "已收到：在本网格外 %(m)s，已转给%(holder)s。",
            m=length(distance_m),
            holder=holder or _("没有网格负责的地方"),
        ),
    }.get(standing, _("已收到。"))
    return {"state": "sent", "sentence": sentence, "standing": standing, "repeated": repeated}


def _patrolled(made: Any, *, repeated: bool) -> dict[str, Any]:
    sentence = _("已登记：%(day)s 巡查 %(n)s 个方格。", day=made.patrolled_on, n=made.squares)
    return {"state": "sent", "sentence": sentence, "squares": made.squares, "repeated": repeated}
