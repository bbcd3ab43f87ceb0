"""/visits: the form of a visit, the list, one visit to read and print, and the decision on a stop of work."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection
from gridmap.domain import checklist as checklists
from gridmap.domain.roles import Place
from gridmap.domain.stop_work import propose
from gridmap.errors import ConflictError, NotFoundError
from gridmap.inspecting import visits
from gridmap.rules import catalogue
from gridmap.rules.catalogue import Catalogue
from gridmap.store import patrols, site_record, visit_book, visit_sites
from gridmap.store import visits as store
from gridmap.store.places import get_installation
from gridmap.store.regions import list_counties
from gridmap.store.visit_book import Visit, VisitFilter
from gridmap.web import language, navigate, view, visit_words
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import length
from gridmap.web.static import static_url
from gridmap.web.view import View

MODULES = (
    "dom", "entries", "outbox", "outbox_view", "photos", "photo_picker", "place", "shell", "signature_pad", "visit",
    "visit_form",
)  # fmt: skip
PAGE_SIZE = 50
LONGEST_REASON = 500


@blueprint.get("/visits/new")
def new_visit() -> AnyResponse:
    """Show the form of a visit to a site of the reader's area; without a site, where to find one."""
    conn, found = connection(), auth.reader()
    site_id = view.parameter("site")
    if site_id is None:
        return redirect(url_for("web.show_near"), 303)
    site = visit_sites.find_site(conn, site_id)
    if site is None:
        raise NotFoundError(_("没有编号为 %(id)s 的点位，或它不在您负责的范围内。", id=site_id[:40]))
    auth.require("visit:create", Place((site.county_code,), site.cell_code))
    seen = _today(conn)
    today = seen.installation.today
    form = visits.form_of(conn, site, today)
    lang = language.current()
    record = site_record.records_of(conn, [site_id]).get(site_id)
    response = make_response(
        page(
            "visit_new.html",
            seen,
            site=site,
            form=form,
            shown=[(one.label.get(lang), _said(one, form.record, lang)) for one in form.checklist.shown],
            recorded={
                item.id: visit_words.recorded(checklists.spelled(form.record[item.field]), item.unit)
                for item in form.items
                if item.field is not None and item.field in form.record
            },
            findings=[(one, _title(one.rule_id, lang)) for one in record.findings] if record else [],
            before=visit_sites.visits_before(conn, site_id),
            ladder=propose(form.stops, today) if form.lists else None,
            kinds=visits.KINDS,
            post=found.post,
            ways=navigate.ways(site.lon or 0.0, site.lat or 0.0, site.name),
            visit_words=visit_words,
            length=length,
            next_near=url_for("web.show_near", lon=f"{site.lon:.6f}", lat=f"{site.lat:.6f}", rank="urgency"),
            **_for_scripts(conn, found.name, site),
        )
    )
    response.headers["Cache-Control"] = "private, no-cache"
    # the worker keeps this page for that account alone (static/js/worker.js)
    response.headers["Gridmap-Account"] = found.name
    return response


@blueprint.get("/visits")
def list_visits() -> str:
    """List the visits of the reader's area, newest first."""
    conn = connection()
    seen = _today(conn, counties=True)
    wanted = VisitFilter(
        counties=tuple(filter(None, [view.choice("county", ("", *(c.code for c in seen.counties)), "")])),
        kinds=tuple(filter(None, [view.choice("kind", ("", *_site_kinds()), "")])),
        outcomes=tuple(filter(None, [view.choice("outcome", ("", *visit_book.OUTCOMES), "")])),
        since=view.parse_day(view.parameter("since")),
        until=view.parse_day(view.parameter("until")),
        site=view.parameter("site"),
        q=view.parameter("q"),
        mark=view.choice("mark", ("", *visit_book.MARKS), "") or None,
    )
    number = view.page_number()
    total = visit_book.number_of_visits(conn, wanted)
    rows = visit_book.list_visits(conn, wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return page(
        "visits.html",
        seen,
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        asked=request.args,
        kinds=_site_kinds(),
        outcomes=visit_book.OUTCOMES,
        marks=visit_book.MARKS,
        visit_words=visit_words,
        length=length,
        address=lambda n: url_for("web.list_visits", **{**request.args.to_dict(), "page": n}),
        **_for_scripts(conn, auth.reader().name, None),
    )


@blueprint.get("/visits/<visit_id>")
def show_visit(visit_id: str) -> str:
    """Show one visit: item by item, what it made of the findings and the record, what comes next."""
    return _render(connection(), visit_id)


@blueprint.get("/visits/<visit_id>/photos/<number>")
def show_visit_photo(visit_id: str, number: str) -> Response:
    """Answer with a photo of a visit that the reader may see; nobody on the way may keep it."""
    if not re.fullmatch(r"[1-9]", number, re.ASCII):
        raise NotFoundError(f"there is no photo {number[:20]}")
    return _picture(visit_book.get_photo(connection(), visit_id, int(number)), "image/jpeg", "photo.jpg")


@blueprint.get("/visits/<visit_id>/signature")
def show_visit_signature(visit_id: str) -> Response:
    """Answer with the signature of a visit that the reader may see; nobody on the way may keep it."""
    return _picture(visit_book.get_signature(connection(), visit_id), "image/png", "signature.png")


@blueprint.get("/visits/<visit_id>/stop-work")
def back_to_visit(visit_id: str) -> AnyResponse:
    """Lead back to the visit whoever asks for its form's address, such as by switching the language on it."""
    return redirect(url_for("web.show_visit", visit_id=visit_id, lang=request.args.get("lang")), 303)


@blueprint.post("/visits/<visit_id>/stop-work")
@auth.tells_of_expiry
def decide_stop_work(visit_id: str) -> AnyResponse | tuple[str, int]:
    """Take or decline the stop of work that a visit proposes; the inspectors of its county decide."""
    conn = connection()
    visit = visit_book.get_visit(conn, visit_id)
    found = auth.require("visit:create", Place((visit.row.county_code or "",), visit.row.cell_code))
    form = _decision()
    if not auth.has_form_token():
        form.notice = _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")
        return _render(conn, visit_id, form), 403
    if form.errors:
        form.notice = _("没有保存：请改正标出的内容。")
        return _render(conn, visit_id, form), 400
    if visit.stop is None:
        raise NotFoundError(f"the visit {visit_id[:80]} proposes no stop of work")
    try:
        values = form.values
        store.decide_stop(system_connection(), visit_id, values["decision"], found.post, values["reason"] or None)
    except ConflictError:
        form.notice = _("没有保存：这条停工建议已经决定过了。")
        return _render(conn, visit_id, form), 409
    return redirect(url_for("web.show_visit", visit_id=visit_id, _anchor="stop-work"), 303)


def _decision() -> Form:
    form = Form()
    for name in ("decision", "reason"):
        form.values[name] = (request.form.get(name) or "").strip().replace("\x00", "")
    if form.values["decision"] not in ("taken", "declined"):
        form.errors["decision"] = _("请选择采纳或不采纳。")
    if form.values["decision"] == "declined" and not form.values["reason"]:
        form.errors["reason"] = _("不采纳的，请写明理由。")
    elif len(form.values["reason"]) > LONGEST_REASON:
        form.errors["reason"] = _(
            "有 %(n)s 个字，最多 %(most)s 个。", n=len(form.values["reason"]), most=LONGEST_REASON
        )
    return form


def _render(conn: Connection, visit_id: str, form: Form | None = None) -> str:
    visit = visit_book.get_visit(conn, visit_id)
    row = visit.row
    lang = language.current()
    may_decide = (
        visit.stop is not None
        and visit.stop.decision is None
        and auth.may("visit:create", Place((row.county_code or "",), row.cell_code))
    )
    near = None
    if row.site_lon is not None:
        near = url_for("web.show_near", lon=f"{row.site_lon:.6f}", lat=f"{row.site_lat:.6f}", rank="urgency")
    return page(
        "visit.html",
        _today(conn, counties=True),
        visit=visit,
        row=row,
        items=[(item, item.wording_en if lang == "en" else item.wording) for item in visit.items],
        corrections=_corrections(visit, lang),
        findings=[(one, *_found(one, lang)) for one in visit.findings],
        form=(form or Form()) if may_decide else None,
        notice=form.notice if form else "",
        near=near,
        again=auth.may("visit:create") and row.site_id is not None,
        visit_words=visit_words,
        length=length,
    )


def _corrections(visit: Visit, lang: str) -> list[dict[str, Any]]:
    """Return what the visit proposes to correct in the record: which field, what it said, what was seen."""
    return [
        {
            "wording": item.wording_en if lang == "en" else item.wording,
            "recorded": visit_words.recorded(item.recorded, item.unit),
            "seen": visit_words.recorded(item.seen, item.unit),
        }
        for item in visit.corrections
    ]


def _found(finding: Any, lang: str) -> tuple[str, str]:
    """Return title and message of a finding; one of a rule that is no more has its number."""
    known = {rule.id: rule for rule in _rules().rules}
    if finding.rule_id not in known:
        return finding.rule_id, finding.name
    facts = {**finding.facts, "name": finding.name, "part": finding.part}
    return catalogue.render(known[finding.rule_id], facts, lang)


def _today(conn: Connection, *, counties: bool = False) -> View:
    installation = get_installation(conn)
    return View(installation, tuple(list_counties(conn)) if counties else (), installation.today)


def _for_scripts(conn: Connection, account: str, site: visit_sites.VisitSite | None) -> dict[str, Any]:
    return {
        "imports": {"imports": {f"gridmap/{name}": static_url(f"js/{name}.js") for name in MODULES}},
        "settings": {
            "account": account,
            "site": {
                "id": site.site_id,
                "name": site.name,
                "lon": site.lon,
                "lat": site.lat,
                "position_error_m": site.position_error_m,
            }
            if site
            else {},
            "far_m": visits.FAR_M,
            "vague_m": visits.VAGUE_M,
            "most_photos": visit_words.MOST_PHOTOS,
            "at": patrols.received_at(conn).strftime("%Y-%m-%d %H:%M"),
            "words": visit_words.for_scripts(),
        },
    }


def _said(shown: checklists.Shown, record: Any, lang: str) -> str:
    said = shown.say(record.get(shown.field), lang)
    if said is None:
        return _("没有登记")
    return said if isinstance(said, str) else said.get(lang)


def _title(rule_id: str, lang: str) -> str:
    for rule in _rules().rules:
        if rule.id == rule_id:
            return rule.title_en if lang == "en" else rule.title
    return rule_id


@cache
def _rules() -> Catalogue:
    return catalogue.load()


@cache
def _site_kinds() -> tuple[str, ...]:
    from gridmap import glossary

    return tuple(glossary.terms()["site_kind"])


def _picture(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    return response
