"""/account: one's own post, sessions, password and second factor."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from gridmap import auth
from gridmap.auth import login, passwords, record, second_factor, sessions
from gridmap.auth.login import Outcome
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.errors import UserError
from gridmap.store import account_book, accounts, logins
from gridmap.web import view
from gridmap.web.pages.base import blueprint, page
from gridmap.web.waiting import in_words


@blueprint.get("/account")
def show_account() -> Response:
    """Show one's own post, roles and sessions."""
    this = sessions.digest(sessions.token() or "")
    with transaction(system_connection()) as cursor:
        mine = account_book.get_listed(cursor, auth.reader().name)
        rows = logins.list_sessions(cursor, mine.account_id, this)
    return _answer("account.html", account=mine, sessions=rows, idle_h=accounts.IDLE_H, longest_h=accounts.LONGEST_H)


@blueprint.post("/account/sessions/others")
def end_other_sessions() -> Response:
    """End all sessions of the account but this one."""
    with transaction(system_connection()) as cursor:
        reader = auth.reader()
        ended = accounts.delete_sessions(cursor, reader.account_id, sessions.digest(sessions.token() or ""))
        logins.delete_steps(cursor, reader.account_id)
    record.note("sessions_ended", relation="account", row_key=str(auth.reader().account_id), ended=ended)
    return _back("sessions")


@blueprint.post("/account/sessions/<handle>")
def end_session(handle: str) -> Response:
    """End one session of the account."""
    with transaction(system_connection()) as cursor:
        ended = logins.end_session(cursor, auth.reader().account_id, handle)
    if ended:
        record.note("sessions_ended", relation="account", row_key=str(auth.reader().account_id), ended=1)
    return _back("sessions")


@blueprint.get("/account/password")
def show_password() -> Response:
    """Show the form for another password."""
    return _password_form()


@blueprint.post("/account/password")
def change_password() -> Response:
    """Set another password: all other sessions end, this one goes on under a new token."""
    reader = auth.reader()
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    wrong = _wrong_with(new, again, old, reader.name)
    if wrong:
        return _password_form(*wrong, status=400)
    asked = login.ask_password_again(reader, old)
    if not asked.right:
        return _refused(asked, _password_form, "old")
    kept = passwords.hash_password(new)
    with transaction(system_connection()) as cursor:
        account_book.set_password(cursor, reader.account_id, kept, must_change=False)
        accounts.delete_sessions(cursor, reader.account_id, sessions.digest(sessions.token() or ""))
        logins.delete_steps(cursor, reader.account_id)
        value = sessions.rotate(cursor)
    return sessions.keep(_back("password"), value)


@blueprint.get("/account/second-factor")
def show_second_factor() -> Response:
    """Show whether codes are asked for, or a fresh secret to begin with."""
    return _factor_form()


@blueprint.post("/account/second-factor")
def turn_on_second_factor() -> Response:
    """Ask for codes from now on: confirmed by the password and a first code."""
    reader = auth.reader()
    secret, code = request.form.get("secret", ""), second_factor.tidy(request.form.get("code", ""))
    if not second_factor.is_secret(secret):
        return _factor_form("code", _("密钥已失效，请用下面的新密钥重新设置。"), status=400)
    asked = login.ask_password_again(reader, request.form.get("password", ""))
    if not asked.right:
        return _refused(asked, lambda *told, status: _factor_form(*told, status=status, secret=secret), "password")
    with transaction(system_connection()) as cursor:
        step = second_factor.step_of(secret, code, logins.now(cursor))
        if step is not None:
            account_book.set_second_factor(cursor, reader.account_id, secret, step)
    if step is None:
        return _factor_form("code", _("验证码不对。请等下一个验证码，并核对手机时间。"), status=400, secret=secret)
    return _back("factor")


@blueprint.post("/account/second-factor/off")
def turn_off_second_factor() -> Response:
    """Ask for no more codes: confirmed by the password."""
    reader = auth.reader()
    asked = login.ask_password_again(reader, request.form.get("password", ""))
    if not asked.right:
        return _refused(asked, _factor_form, "password")
    with transaction(system_connection()) as cursor:
        account_book.set_second_factor(cursor, reader.account_id, None)
    return _back("factor")


def _wrong_with(new: str, again: str, old: str, name: str) -> tuple[str, str] | None:
    """Return which field is wrong and why; None when the new password may be taken."""
    try:
        passwords.check(new, name)
    except UserError:
        return "new", _(
            "新密码应有 %(least)s 至 %(most)s 个字符，至少 5 种不同的字符，不能是用户名。",
            least=passwords.SHORTEST,
            most=passwords.LONGEST,
        )
    if new == old:
        return "new", _("新密码与原密码相同。")
    if new != again:
        return "again", _("两次输入的新密码不一致。")
    return None


def _refused(asked: Outcome, form: Any, field: str) -> Response:
    """Return the form again, saying that the password was wrong, or how long to wait."""
    if asked.wait_s:
        sentence = _("尝试次数过多，请过 %(wait)s再试。", wait=in_words(asked.wait_s))
        response: Response = form(field, sentence, status=429)
        response.headers["Retry-After"] = str(asked.wait_s)
        return response
    wrong: Response = form(field, _("密码不对。"), status=400)
    return wrong


def _password_form(field: str = "", sentence: str = "", *, status: int = 200) -> Response:
    return _answer(
        "password.html", status, field=field, sentence=sentence, least=passwords.SHORTEST, most=passwords.LONGEST
    )


def _factor_form(field: str = "", sentence: str = "", *, status: int = 200, secret: str | None = None) -> Response:
    reader = auth.reader()
    with transaction(system_connection()) as cursor:
        is_on = account_book.get_listed(cursor, reader.name).has_second_factor
    if is_on:
        return _answer("second_factor.html", status, is_on=True, field=field, sentence=sentence)
    fresh = secret or second_factor.make_secret()
    drawn = Markup(second_factor.qr_code(second_factor.address(fresh, reader.name)))  # noqa: S704  our own drawing
    shown = " ".join(fresh[start : start + 4] for start in range(0, len(fresh), 4))
    return _answer(
        "second_factor.html", status, is_on=False, field=field, sentence=sentence, secret=fresh, shown=shown, qr=drawn
    )


def _answer(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page that no cache keeps: it speaks of secrets or of who is logged in."""
    response = make_response(page(template, view.read(connection()).only_today(), **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(done: str) -> Response:
    answer: Response = redirect(url_for("web.show_account", done=done), 303)  # type: ignore[assignment]
    return answer
