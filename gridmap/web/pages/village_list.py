"""/villages/list: a newer list of villages held against the one in force, and put in force."""

from __future__ import annotations

import datetime as dt

from flask import request
from flask_babel import gettext as _

from gridmap import auth
from gridmap.auth import record
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain import village_list
from gridmap.domain.roles import Place
from gridmap.domain.village_list import NewList, NoList
from gridmap.errors import ConflictError
from gridmap.ingest.titled_rows import MOST_BYTES
from gridmap.store import grid_changes, village_changes, village_lists
from gridmap.store.village_changes import ListRefused
from gridmap.web import view, village_form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View
from gridmap.web.village_form import SHOWN, Form


@blueprint.get("/villages/list")
def show_village_list() -> str:
    """Show the form by which a newer list is sent."""
    conn = connection()
    seen = view.read(conn).only_today()
    return _render(conn, seen, Form({"day": str(seen.installation.today)}))


@blueprint.post("/villages/list")
@auth.tells_of_expiry
def send_village_list() -> str | tuple[str, int]:
    """Hold a list against the one in force, or put it in force when its report was shown before."""
    conn = connection()
    seen = view.read(conn).only_today()
    sent = request.files.get("list")
    content = sent.stream.read(MOST_BYTES + 1) if sent else b""
    name = (sent.filename or "") if sent else ""
    form, listed, day = village_form.read(request.form, name, content, seen.installation.today)
    if not auth.has_form_token():
        form.notice = _("没有对账：页面已过期，请再选一次文件。")
        return _render(conn, seen, form), 403
    if listed is None:
        form.notice = _("没有对账：请改正标出的内容。")
        return _render(conn, seen, form), 400
    auth.require("grid:change", Place(county_codes=tuple({one.code[:6] for one in listed.villages})))
    wanted = request.form.get("do") == "apply"
    if wanted and request.form.get("compared") != form.compared:
        wanted = False
        form.notice = _("没有生效：文件或日期与刚才对账的不同。下面是现在的对账结果，看过后再生效。")
    try:
        if wanted:
            return _put_in_force(conn, seen, form, listed, day)
        _compare(conn, form, listed, day)
    except NoList as error:
        form.errors["list"] = village_form.told(error)
        form.notice = _("没有对账：请改正标出的内容。")
        return _render(conn, seen, form), 400
    return _render(conn, seen, form), 409 if form.notice else 200


def _compare(conn: Connection, form: Form, listed: NewList, day: dt.date) -> None:
    # read as the reader is kept to his area: what hangs on a village is his to know only there
    with transaction(conn) as cursor:
        form.found = village_list.reconcile(village_lists.list_listed(cursor, day), listed.villages)
        form.hanging = village_lists.what_hangs(cursor, form.found.ended, day)


def _put_in_force(conn: Connection, seen: View, form: Form, listed: NewList, day: dt.date) -> str | tuple[str, int]:
    """Put a list in force and show what was done, or why it was not."""
    source = _source(form.name)
    try:
        with grid_changes.changing(system_connection()) as cursor:
            found = village_list.reconcile(village_lists.list_listed(cursor, day), listed.villages)
            form.applied = village_changes.apply(cursor, found, day, seen.installation.today, source=source)
            noted = village_changes.as_noted(form.applied, day, source, form.digest)
            record.note("reconcile", relation="village", **noted)
    except ListRefused as refused:
        form.notice = _("没有生效，名录保持原样：")
        form.reasons = tuple(village_form.told(reason) for reason in refused.reasons)
    except ConflictError:
        form.notice = _("没有生效：有人正在更改网格或名录，或正在审查，请稍后再试。")
    if form.applied is None:
        _compare(conn, form, listed, day)
        return _render(conn, seen, form), 409
    return _render(conn, seen, form)


def _source(name: str) -> str:
    """Return what the list is called where its villages tell their source."""
    plain = "".join(letter for letter in name if letter.isprintable()).replace("；", "，").strip()
    return f"名录 {plain or '未命名'}"


def _render(conn: Connection, seen: View, form: Form) -> str:
    with transaction(conn) as cursor:
        listed = village_lists.list_listed(cursor, seen.installation.today)
    return page(
        "village_list.html",
        seen,
        form=form,
        number=len(listed),
        counties=len({one.code[:6] for one in listed}),
        kinds=village_form.kind_words(),
        hangs=village_form.hangs,
        told=village_form.told,
        shown=SHOWN,
        most_mb=MOST_BYTES // 1_000_000,
    )
