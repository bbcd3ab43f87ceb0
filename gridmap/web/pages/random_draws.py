"""/draws: random draws of sites and inspectors (双随机): fixing a list, drawing from it once, and the certificate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response as FlaskResponse
from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.auth import record
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain import draw_record
from gridmap.domain.draw_record import FixedList
from gridmap.domain.random_draw import Conflict, Late, Result
from gridmap.domain.roles import Place
from gridmap.errors import NotFoundError
from gridmap.inspecting import random_draws as drawing
from gridmap.inspecting.random_draws import DrawnAlready, PlanRefused, Who, read_asked
from gridmap.store import random_draws
from gridmap.store.random_draws import DrawnSite, DrawRow
from gridmap.web import draft_form, language, random_draw_form, view
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View

PAGE = 50
DONE = ("fixed", "twice", "drawn", "annulled")
"""What the page of a draw may tell of, right after it was done."""

MOST_SHOWN = 100
"""So many exclusions and conflicts stand on the page each; the files hold all of them."""

MEDIA_TYPES = {
    "json": "application/json; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Certificate:
    """All that the page of a draw tells. given, late, result: None for a reader who may see only some of its sites."""

    row: DrawRow
    drawn: list[DrawnSite]
    texts: dict[str, str]
    given: FixedList | None
    late: Late | None
    result: Result | None
    successor: int | None

    @property
    def names(self) -> dict[str, str]:
        """Return the names of the sites of the list, by id."""
        return {site.id: site.name for site in self.given.fixed.sites} if self.given else {}

    @property
    def posts(self) -> dict[str, str]:
        """Return the posts of the inspectors of the list, by login name."""
        return {one.id: one.post for one in self.given.fixed.inspectors} if self.given else {}

    @property
    def asked(self) -> dict[str, str]:
        """Return how the population was chosen, by name."""
        return read_asked(self.given.asked) if self.given else {}

    @property
    def barred(self) -> list[tuple[Conflict, bool]]:
        """Return the conflicts and whether each was declared after the list was fixed: those first, then by kind."""
        late = [(one, True) for one in self.late.conflicts] if self.late else []
        known = self.given.fixed.conflicts if self.given else ()
        return late + [(one, False) for one in sorted(known, key=lambda each: each.kind != "declared")]

    @property
    def taken(self) -> Counter[str]:
        """Return how many sites of each stratum the reader sees drawn."""
        return Counter(one.stratum for one in self.drawn)

    @property
    def loads(self) -> list[tuple[str, int]]:
        """Return how many sites each post was drawn for, the inspectors of the list who got none among them."""
        counted: Counter[str] = Counter(dict.fromkeys(self.posts.values(), 0))
        counted.update(post for one in self.drawn for post in one.posts)
        return sorted(counted.items())


@blueprint.get("/draws")
def list_draws() -> str:
    """List the draws that the reader may see, the newest first, and what he himself was drawn for."""
    conn = connection()
    seen = view.read(conn)
    number = view.page_number()
    with transaction(conn) as cursor:
        rows = random_draws.list_draws(cursor, county=seen.county, limit=PAGE + 1, offset=(number - 1) * PAGE)
        errands = random_draws.list_errands(cursor, auth.reader().name)
    return page(
        "random_draws.html",
        seen,
        rows=rows[:PAGE],
        errands=errands,
        number=number,
        has_more=len(rows) > PAGE,
        may_draw=auth.may("draw:change"),
        county_name=lambda code: seen.county_name(code, language.current()),
    )


@blueprint.get("/draws/new")
def plan_draw() -> str:
    """Show the form by which a list is fixed; filled in as an annulled draw was, when it replaces one."""
    conn = connection()
    seen = view.read(conn).only_today()
    today = seen.installation.today
    form = random_draw_form.blank(today)
    replaced = view.parameter("replaces")
    if replaced is not None:
        before = read_draw(conn, replaced)
        if before.given is not None:
            form = random_draw_form.again(before.row.title, before.row.draw_id, before.given, today)
    return _render_plan(seen, form)


@blueprint.post("/draws/new")
@auth.tells_of_expiry
def fix_draw() -> Response | tuple[str, int]:
    """Fix a list and go to its page, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    names = _county_names(seen)
    form, plan = random_draw_form.read(request.form, seen.installation.today, tuple(names))
    if not auth.has_form_token():
        form.notice = draft_form.expired()
        return _render_plan(seen, form), 403
    if plan is None:
        return _render_plan(seen, form), 400
    _require(list(names) if plan.county is None else [plan.county])
    try:
        with transaction(system_connection()) as cursor:
            before = random_draws.find_by_request(cursor, form.values["request_key"])
            row = drawing.fix(cursor, plan, _who(), form.values["request_key"])
    except PlanRefused as refused:
        random_draw_form.refuse(form, refused, names)
        return _render_plan(seen, form), 409
    done = "fixed" if before is None else "twice"
    return redirect(url_for("web.show_draw", draw_id=row.draw_id, done=done), 303)


@blueprint.get("/draws/verify-draw.pyz")
def export_verifier() -> FlaskResponse:
    """Give away the program that draws again from a record, for whoever does not have this platform."""
    from gridmap.exports.draw_verifier import NAME, pyz

    response = FlaskResponse(pyz(), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return response


@blueprint.get("/draws/<draw_id>")
def show_draw(draw_id: str) -> str:
    """Show a draw: the list that was fixed, or the certificate of what was drawn."""
    conn = connection()
    seen = view.read(conn).only_today()
    return _render(seen, read_draw(conn, draw_id), done=view.choice("done", DONE, ""))


@blueprint.post("/draws/<draw_id>/seed")
@auth.tells_of_expiry
def seed_draw(draw_id: str) -> Response | tuple[str, int]:
    """Draw by the seed that was typed, or by one that the machine makes; once."""
    conn = connection()
    seen = view.read(conn).only_today()
    before = read_draw(conn, draw_id)
    _require(before.row.county_codes)
    form, seed = random_draw_form.read_seed(request.form, before.row.seed_kind == "public")
    if not auth.has_form_token():
        return _render(seen, before, form=Form(form.values, notice=draft_form.expired())), 403
    if before.row.state == "fixed" and form.errors:
        return _render(seen, before, form=form), 400
    try:
        if before.row.state != "fixed":
            raise DrawnAlready(f"draw {draw_id} is {before.row.state}")
        with transaction(system_connection()) as cursor:
            row = drawing.draw(cursor, before.row.draw_id, seed, _who())
    except DrawnAlready:
        return _render(seen, read_draw(conn, draw_id), form=Form(notice=_already())), 409
    return redirect(url_for("web.show_draw", draw_id=row.draw_id, done="drawn"), 303)


@blueprint.post("/draws/<draw_id>/annul")
@auth.tells_of_expiry
def annul_draw(draw_id: str) -> Response | tuple[str, int]:
    """Annul a draw with a reason; it stays."""
    conn = connection()
    seen = view.read(conn).only_today()
    before = read_draw(conn, draw_id)
    _require(before.row.county_codes)
    form = Form({"reason": "".join(c if c.isprintable() else " " for c in request.form.get("reason", "")).strip()})
    if not auth.has_form_token():
        return _render(seen, before, form=Form(form.values, notice=draft_form.expired())), 403
    reason = form.values["reason"]
    if not reason or len(reason) > 500:
        form.errors["reason"] = (
            _("有 %(n)s 个字，最多 %(most)s 个。", n=len(reason), most=500) if reason else _("请填写。")
        )
        form.notice = draft_form.wrong()
        return _render(seen, before, form=form), 400
    try:
        with transaction(system_connection()) as cursor:
            drawing.annul(cursor, before.row.draw_id, reason, _who())
    except DrawnAlready:
        return _render(seen, read_draw(conn, draw_id), form=Form(notice=_already())), 409
    return redirect(url_for("web.show_draw", draw_id=draw_id, done="annulled"), 303)


@blueprint.get("/draws/<draw_id>/<any(seed,annul):step>")
def back_to_draw(draw_id: str, step: str) -> Response:
    """Lead back to the draw whoever asks for a form's address, such as by switching the language on it."""
    return redirect(url_for("web.show_draw", draw_id=draw_id, lang=request.args.get("lang")), 303)


@blueprint.get("/draws/<draw_id>/record.<form>")
def export_draw(draw_id: str, form: str) -> FlaskResponse:
    """Give away the record (json), the list to the letter (txt) or a workbook (xlsx)."""
    if form not in MEDIA_TYPES:
        raise NotFoundError(f"there is no file of the form {form[:20]}; known are {', '.join(MEDIA_TYPES)}")
    conn = connection()
    seen = view.read(conn).only_today()
    found = read_draw(conn, draw_id)
    if form != "xlsx" and found.given is None:
        raise NotFoundError(_("完整记录涉及其他县（市、区），请向市局索取。"))
    row = found.row
    if form == "json":
        content = json.dumps(drawing.record(row, found.texts), ensure_ascii=False, indent=1).encode("utf-8")
    elif form == "txt":
        content = found.texts["list"].encode("utf-8")
    else:
        from gridmap.exports.random_draws import xlsx

        content = xlsx(row, found.drawn, found.texts, _county_names(seen), language.current())
    record.note_export("random_draw", form, {"draw_id": row.draw_id}, len(found.drawn))
    response = FlaskResponse(content, content_type=MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{row.draw_id}.{form}"'
    return response


def read_draw(conn: Connection, draw_id: str) -> Certificate:
    """Return a draw that the reader may see; what is not there, or not his, is told in his language."""
    missing = _("没有编号为“%(text)s”的抽取。", text=draw_id[:40])
    if not (draw_id.isascii() and draw_id.isdecimal() and len(draw_id) < 18):
        raise NotFoundError(missing)
    with or_say(missing), transaction(conn) as cursor:
        row = random_draws.get_draw(cursor, int(draw_id))
        texts = random_draws.get_texts(cursor, row.draw_id)
        drawn = random_draws.list_drawn(cursor, row.draw_id)
        successor = random_draws.find_successor(cursor, row.draw_id)
    return Certificate(
        row,
        drawn,
        texts,
        draw_record.read_list(texts["list"]) if "list" in texts else None,
        draw_record.read_late(texts["late"]) if "late" in texts else None,
        draw_record.read_result(texts["result"]) if "result" in texts else None,
        successor,
    )


def _who() -> Who:
    reader = auth.reader()
    return Who(reader.name, reader.post)


def _require(counties: Iterable[str]) -> None:
    """Ask for the right to draw in every county that a draw concerns."""
    for county in counties:
        auth.require("draw:change", Place((county,)))


def _already() -> str:
    return _("没有再抽一次：这次抽取刚才已经抽出或作废，也许是另一个人办的。现状见本页。")


def _county_names(seen: View) -> dict[str, str]:
    return {county.code: county.title(language.current()) for county in seen.counties}


def _render_plan(seen: View, form: Form) -> str:
    return page(
        "random_draw_new.html",
        seen,
        form=form,
        kinds=random_draw_form.kinds(),
        choices=random_draw_form,
        limits=drawing,
    )


def _render(seen: View, found: Certificate, *, form: Form | None = None, done: str = "") -> str:
    names = _county_names(seen)
    return page(
        "random_draw.html",
        seen,
        found=found,
        draw=found.row,
        county_names=names,
        stratum=lambda text: random_draw_form.stratum(text, names),
        may_change=all(auth.may("draw:change", Place((county,))) for county in found.row.county_codes),
        form=form or Form(),
        done=done,
        most=MOST_SHOWN,
    )
