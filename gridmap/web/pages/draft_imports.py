"""/drafts/import: a file of zones is sent, what it would become is shown, and then it becomes drafts, all or none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TypeAlias

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth, glossary
from gridmap.db.pool import connection
from gridmap.domain import import_form as layers
from gridmap.domain.zone_file import MOST_ROWS, ZoneFileReport
from gridmap.errors import ConflictError, GridmapError, UserError
from gridmap.maps import page as map_page
from gridmap.maps.zone_file import file_map
from gridmap.planning.zone_file import Saying
from gridmap.web import draft_files, import_words, language, security, view
from gridmap.web import import_form as forms
from gridmap.web.draft_files import ZoneFile
from gridmap.web.import_files import MOST_BYTES, TooLarge
from gridmap.web.import_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.drafts import place_name
from gridmap.web.pages.map import TILES
from gridmap.web.place_labels import place_labels
from gridmap.web.static import static_url
from gridmap.web.view import View

Page: TypeAlias = str | Response | tuple[str, int]


@blueprint.get("/drafts/import")
def show_draft_import() -> str:
    """Show the form by which a file of zones is sent, and those of the reader that wait."""
    return _first(_seen(), Form({}))


@blueprint.post("/drafts/import")
@auth.tells_of_expiry
def send_draft_import() -> Page:
    """Take a file of zones and go on to what it would become."""
    seen = _seen()
    auth.require("draft:change")
    form = Form({name: request.form.get(name, "").strip()[:60] for name in ("kind", "crs", "repair", "sheet")})
    if not auth.has_form_token():
        form.notice = _("没有上传：页面已过期，请再选一次文件。")
        return _first(seen, form), 403
    saying, sent, own = _saying(form, Saying()), request.files.get("file"), None
    if not sent or not sent.filename:
        form.errors["file"] = _("请选择文件。")
    elif not form.errors:
        try:
            day = seen.installation.today.isoformat()
            own = draft_files.receive(sent.stream, forms.plain_name(sent.filename), day, saying)  # type: ignore[arg-type]
            if own is None:
                form.errors["file"] = _("文件是空的（0 字节）。")
        except TooLarge:
            form.errors["file"] = _(
                "文件超过 %(n)s MB，网页不收；请在服务器上用 gridmap drafts import 命令。", n=MOST_BYTES // 1_000_000
            )
    if own is None:
        form.notice = _("没有上传：请改正标出的内容，再选一次文件。")
        return _first(seen, form), 400
    try:
        own.check(seen.installation.city_code)
    except UserError as error:
        own.waiting.forget()
        form.errors["file"] = forms.told(error)
        form.notice = _("文件读不出来：请改正后再选一次。")
        return _first(seen, form), 400
    return redirect(url_for("web.show_draft_import_report", token=own.token), 303)


@blueprint.get("/drafts/import/<token>")
def show_draft_import_report(token: str) -> Page:
    """Show what a file of zones would become, as it was found when it was checked."""
    own = draft_files.get(token)
    if own.made is not None:
        return _to_drafts(own.made)
    seen, report = _seen(), own.find_report()
    if report is None:
        return redirect(url_for("web.show_draft_import"), 303)
    return _report(seen, own, report, _said(own))


@blueprint.post("/drafts/import/<token>/check")
def check_draft_import(token: str) -> Page:
    """Check a file again, with what is said now of its system, kind, sheet and titles."""
    seen, own = _seen(), draft_files.get(token)
    auth.require("draft:change")
    form = Form({name: request.form.get(name, "").strip()[:60] for name in ("kind", "crs", "repair", "sheet")})
    report = own.find_report()
    saying = _saying(form, own.saying)
    if report is not None:
        is_same = saying.sheet in (None, report.sheet)
        saying = replace(saying, mapping=_mapping(report) if is_same else {}, sheet=saying.sheet or report.sheet)
    if form.errors and report is not None:
        return _report(seen, own, report, form), 400
    with own.waiting.alone():
        try:
            own.say(saying).check(seen.installation.city_code)
        except UserError as error:
            form.notice = _("没有检查：%(why)s", why=forms.told(error))
            if report is None:
                return _first(seen, form), 400
            # what was found before still stands for what was said before
            own.say(own.saying).check(seen.installation.city_code)
            return _report(seen, own, report, form), 400
    return redirect(url_for("web.show_draft_import_report", token=token), 303)


@blueprint.post("/drafts/import/<token>")
def make_imported_drafts(token: str) -> Page:
    """Make the drafts that were just shown, or put the file away."""
    seen, own = _seen(), draft_files.get(token)
    auth.require("draft:change")
    with own.waiting.alone():
        if own.made is not None:
            return _to_drafts(own.made)
        if request.form.get("do") == "forget":
            own.waiting.forget()
            return redirect(url_for("web.show_draft_import"), 303)
        form, city = _said(own), seen.installation.city_code
        try:
            made = own.make(city, request.form.get("shown", "") or "-")
        except ConflictError:
            form.notice = _("没有新建草案：检查以后数据有变化。下面是现在的结果，看过后再点一次。")
            return _report(seen, own, own.check(city), form), 409
        except GridmapError as error:
            form.notice = _("没有新建草案，数据保持原样。%(why)s", why=forms.told(error))
            return _report(seen, own, own.check(city), form), error.status
    return _to_drafts(made)


def _seen() -> View:
    return view.read(connection()).only_today()


def _saying(form: Form, before: Saying) -> Saying:
    """Return what a form says of a file, and tell in it what is wrong."""
    values = form.values
    if values["kind"] and values["kind"] not in glossary.terms()["zone_kind"]:
        form.errors["kind"] = _("请从列表里选择类别。")
    if values["crs"] and values["crs"] not in forms.SYSTEMS:
        form.errors["crs"] = _("请从列表里选择坐标系。")
    return replace(
        before, kind=values["kind"] or None, crs=values["crs"] or None, repair=values["repair"] == "yes",
        sheet=values["sheet"] or None,
    )  # fmt: skip


def _said(own: ZoneFile) -> Form:
    said = own.saying
    return Form({"kind": said.kind or "", "crs": said.crs or "", "repair": "yes" if said.repair else ""})


def _mapping(report: ZoneFileReport) -> dict[str, str | None]:
    """Return what was said of each title; a column that two titles were given stays with the first."""
    known = {column.name for column in layers.load_drafted("zone").columns}
    found: dict[str, str | None] = {}
    for number, title in enumerate(report.mapping):
        name = request.form.get(f"column-{number}", "")
        found[title] = name if name in known and name not in found.values() else None
    return found


def _to_drafts(made: list[int]) -> Response:
    return redirect(url_for("web.list_drafts", made=len(made)), 303)


def _first(seen: View, form: Form) -> str:
    return page(
        "draft_import.html",
        seen,
        form=form,
        kinds=tuple(glossary.terms()["zone_kind"]),
        systems=forms.systems(),
        waiting=draft_files.list_waiting(),
        most_mb=MOST_BYTES // 1_000_000,
        most_rows=MOST_ROWS,
    )


def _report(seen: View, own: ZoneFile, report: ZoneFileReport, form: Form) -> str:
    return page(
        "draft_import_report.html",
        seen,
        own=own,
        report=report,
        form=form,
        columns=layers.load_drafted("zone").columns,
        kinds=tuple(glossary.terms()["zone_kind"]),
        systems=forms.systems(),
        plain=import_words.plain,
        place_name=partial(place_name, seen),
        parts=_map(seen, report),
    )


def _map(seen: View, report: ZoneFileReport) -> map_page.MapParts | None:
    words = {
        "added": _("划入"), "removed": _("划出"), "kept": _("保留"), "fault": _("边界问题"), "row": _("行"),
        "change": _("变化"), "land": _("草案范围"),
    }  # fmt: skip
    chart = file_map(
        report, words, tiles=TILES, lang=language.current(), address=static_url, credited=seen.installation.is_demo,
        labels=place_labels(connection()),
    )  # fmt: skip
    return None if chart is None else map_page.split(chart, security.nonce())
