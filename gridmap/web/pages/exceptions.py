"""/findings/<key>/exception and its revocation."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.errors import ConflictError
from gridmap.rules import catalogue
from gridmap.store import exceptions
from gridmap.store.findings import get_finding
from gridmap.web import exception_form, view
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint
from gridmap.web.pages.findings import render_finding

_FIELDS = ("reason", "document", "post", "until")


@blueprint.post("/findings/<key>/exception")
@auth.tells_of_expiry
def accept_finding(key: str) -> Response | tuple[str, int]:
    """Accept a finding as an exception, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    form, wanted = exception_form.read_acceptance(request.form, seen.installation.today)
    if not auth.has_form_token():
        return _expired(key, Form({name: form.values[name] for name in _FIELDS}))
    rule = catalogue.load().get(get_finding(conn, key).rule_id)
    if wanted is None:
        form.notice = _("没有保存：请改正标出的内容。")
        return render_finding(conn, seen, key, form), 400
    try:
        exceptions.accept(conn, key, rule, wanted)
    except ConflictError:
        return render_finding(conn, seen, key, Form(form.values, notice=_not_open())), 409
    return _back(key)


@blueprint.post("/findings/<key>/exception/revocation")
@auth.tells_of_expiry
def revoke_exception(key: str) -> Response | tuple[str, int]:
    """Revoke the exception of a finding."""
    conn = connection()
    seen = view.read(conn).only_today()
    form = exception_form.read(request.form, ("revocation",))
    if not auth.has_form_token():
        return _expired(key, Form(form.values))
    get_finding(conn, key)
    if form.errors:
        form.notice = _("没有保存：请改正标出的内容。")
        return render_finding(conn, seen, key, form), 400
    try:
        exceptions.revoke(conn, key, form.values["revocation"])
    except ConflictError:
        notice = _("没有保存：这个问题现在没有例外可撤销，可能已经撤销或到期。")
        return render_finding(conn, seen, key, Form(form.values, notice=notice)), 409
    return _back(key)


@blueprint.get("/findings/<key>/exception")
@blueprint.get("/findings/<key>/exception/revocation")
def back_to_finding(key: str) -> Response:
    """Lead back to the finding whoever asks for a form's address, such as by switching the language on it."""
    return redirect(url_for("web.show_finding", key=key, lang=request.args.get("lang")), 303)


def _expired(key: str, form: Form) -> tuple[str, int]:
    """Give back what was typed with a new token: a server that was restarted knows no old ones."""
    conn = connection()
    form.notice = _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")
    return render_finding(conn, view.read(conn).only_today(), key, form), 403


def _not_open() -> str:
    return _("没有保存：这个问题已经不是“未解决”，可能刚被认可或已经消失。现状见本页。")


def _back(key: str) -> Response:
    return redirect(url_for("web.show_finding", key=key, _anchor="exception"), 303)
