"""/login in one or two steps, and /logout."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext as _

from gridmap import auth
from gridmap.auth import login as logging_in
from gridmap.auth import record, sessions
from gridmap.auth.login import Outcome
from gridmap.db.pool import system_connection
from gridmap.db.session import transaction
from gridmap.store import accounts, settings
from gridmap.web.pages.base import bare_page, blueprint
from gridmap.web.waiting import in_words


@blueprint.get("/login")
def login() -> Response:
    """Show the form."""
    return _form("", _next(request.args.get("next")))


@blueprint.post("/login")
@auth.tells_of_expiry
def log_in() -> Response:
    """Begin a session, ask for a code, or say that name and password do not belong together."""
    name, password = logging_in.tidy_name(request.form.get("name", "")), request.form.get("password", "")
    wanted = _next(request.form.get("next"))
    if not auth.has_form_token():
        return _form(name, wanted, _("登录页已过期，请再试一次。"), 403)
    done = logging_in.by_password(name, password)
    if done.session is not None:
        return sessions.keep(_to(wanted), done.session)
    if done.step is not None:
        return logging_in.keep_step(_to(url_for("web.ask_for_code", next=wanted)), done.step)
    if done.wait_s:
        return _throttled(_form(name, wanted, _too_many(done), 429), done)
    return _form(name, wanted, _("用户名或密码不对。"), 401)


@blueprint.get("/login/code")
def ask_for_code() -> Response:
    """Show the form for the code of the second factor."""
    if logging_in.STEP_COOKIE not in request.cookies:
        return _to(url_for("web.login"))
    return _code_form(_next(request.args.get("next")))


@blueprint.post("/login/code")
@auth.tells_of_expiry
def check_code() -> Response:
    """Begin a session, or say that the code is not right."""
    wanted = _next(request.form.get("next"))
    if not auth.has_form_token():
        return _code_form(wanted, _("登录页已过期，请再试一次。"), 403)
    done = logging_in.by_code(request.form.get("code", ""))
    if done.session is not None:
        return logging_in.drop_step(sessions.keep(_to(wanted), done.session))
    if done.is_over:
        return logging_in.drop_step(_form("", wanted, _("这次登录已超时，请重新输入用户名和密码。"), 401))
    if done.wait_s:
        return _throttled(_code_form(wanted, _too_many(done), 429), done)
    return _code_form(wanted, _("验证码不对或已用过。请等下一个验证码，并核对手机时间。"), 401)


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session."""
    record.note("logout", relation="account", row_key=str(auth.reader().account_id))
    with transaction(system_connection()) as cursor:
        value = sessions.token()
        if value is not None:
            accounts.delete_session(cursor, sessions.digest(value))
    return sessions.drop(_to(url_for("web.login")))


def _form(name: str, wanted: str, notice: str = "", status: int = 200) -> Response:
    with transaction(system_connection()) as cursor:
        is_demo = settings.is_demo(cursor)
    page = bare_page("login.html", name=name.replace("\x00", "")[:64], next=wanted, notice=notice, is_demo=is_demo)
    return _kept_private(make_response(page, status))


def _code_form(wanted: str, notice: str = "", status: int = 200) -> Response:
    return _kept_private(make_response(bare_page("login_code.html", next=wanted, notice=notice), status))


def _kept_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return sessions.keep_visit(response)


def _throttled(response: Response, done: Outcome) -> Response:
    response.headers["Retry-After"] = str(done.wait_s)
    return response


def _too_many(done: Outcome) -> str:
    return _("尝试次数过多，请过 %(wait)s再试。忘记密码请联系管理员重置。", wait=in_words(done.wait_s))


def _next(asked: str | None) -> str:
    """Return an address of ours to go on to: nobody may be led elsewhere by a link."""
    parts = urlsplit(asked or "")
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or (asked or "").startswith(("//", "/\\")):
        return url_for("web.start")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _to(address: str) -> Response:
    answer: Response = redirect(address, 303)  # type: ignore[assignment]
    return answer
