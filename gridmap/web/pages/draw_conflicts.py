"""/draws/conflicts: which post must not check which site or enterprise, declared before anything is drawn."""

from __future__ import annotations

import datetime as dt

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.errors import ConflictError, NotFoundError
from gridmap.store import conflicts_of_interest
from gridmap.web import draft_form, view
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View

MOST = {"post": 100, "subject": 40, "reason": 200, "begins_on": 10, "last_day": 10}
DONE = ("declared", "ended")


@blueprint.get("/draws/conflicts")
def list_conflicts() -> str:
    """List the declared conflicts that the reader may see."""
    conn = connection()
    seen = view.read(conn).only_today()
    form = Form({"begins_on": str(seen.installation.today)})
    return _render(conn, seen, form, done=view.choice("done", DONE, ""))


@blueprint.post("/draws/conflicts")
@auth.tells_of_expiry
def declare_conflict() -> Response | tuple[str, int]:
    """Declare a conflict, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    reader = auth.require("draw:change")
    form, days = _read(seen.installation.today)
    if not auth.has_form_token():
        return _render(conn, seen, Form(form.values, notice=draft_form.expired())), 403
    with transaction(system_connection()) as cursor:
        values = form.values
        if "post" not in form.errors and not conflicts_of_interest.is_post(cursor, values["post"]):
            form.errors["post"] = _("没有账号属于这个岗位。")
        subject = conflicts_of_interest.find_object(cursor, values["subject"])
        if "subject" not in form.errors and subject is None:
            form.errors["subject"] = _("没有这个编号的对象，也没有对象属于这个统一社会信用代码。")
        if not form.errors and subject is not None and days is not None:
            begins, last = days
            ends = None if last is None else last + dt.timedelta(days=1)
            try:
                conflicts_of_interest.declare(
                    cursor, values["post"], subject, values["reason"], begins, ends, by=reader.name
                )
                return redirect(url_for("web.list_conflicts", done="declared"), 303)
            except ConflictError:
                form.notice = draft_form.wrong()
                form.errors["post"] = _("这个岗位与这个对象的回避在这些日期已经申报过。")
                return _render(conn, seen, form), 409
    form.notice = draft_form.wrong()
    return _render(conn, seen, form), 400


@blueprint.post("/draws/conflicts/<conflict_id>/end")
def end_conflict(conflict_id: str) -> Response:
    """End a conflict with today as its last day."""
    conn = connection()
    seen = view.read(conn).only_today()
    auth.require("draw:change")
    missing = _("没有可以从今天结束的这项回避；当天申报的，第二天才能结束。")
    if not (conflict_id.isascii() and conflict_id.isdecimal() and len(conflict_id) < 18):
        raise NotFoundError(missing)
    with or_say(missing), transaction(system_connection()) as cursor:
        conflicts_of_interest.end(cursor, int(conflict_id), seen.installation.today + dt.timedelta(days=1))
    return redirect(url_for("web.list_conflicts", done="ended"), 303)


@blueprint.get("/draws/conflicts/<conflict_id>/end")
def back_to_conflicts(conflict_id: str) -> Response:
    """Lead back to the list whoever asks for a form's address."""
    return redirect(url_for("web.list_conflicts", lang=request.args.get("lang")), 303)


def _read(today: dt.date) -> tuple[Form, tuple[dt.date, dt.date | None] | None]:
    """Return the form as it was sent, and its first and last day when they are right."""
    form = Form()
    for name, most in MOST.items():
        text = "".join(c if c.isprintable() else " " for c in request.form.get(name, "")).strip()
        form.values[name] = text
        if not text and name != "last_day":
            form.errors[name] = _("请填写。")
        elif len(text) > most:
            form.errors[name] = _("有 %(n)s 个字，最多 %(most)s 个。", n=len(text), most=most)
    begins, last = (_day(form, name, today) for name in ("begins_on", "last_day"))
    if begins is not None and last is not None and last < begins:
        form.errors["last_day"] = _("早于起始日期 %(day)s。", day=begins)
    return form, None if begins is None else (begins, last)


def _day(form: Form, name: str, today: dt.date) -> dt.date | None:
    text = form.values[name]
    if not text or name in form.errors:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if not view.FIRST_DAY <= day <= view.LAST_DAY:
        form.errors[name] = _("应为年-月-日，例如 %(day)s。", day=today)
        return None
    return day


def _render(conn: Connection, seen: View, form: Form, *, done: str = "") -> str:
    with transaction(conn) as cursor:
        rows = conflicts_of_interest.list_conflicts(cursor)
    return page(
        "draw_conflicts.html",
        seen,
        rows=rows,
        form=form,
        done=done,
        most=MOST,
        today=seen.installation.today,
        may_change=auth.may("draw:change"),
    )
