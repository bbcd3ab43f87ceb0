"""/login and /logout."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _

from gridmap.auth import passwords, sessions
from gridmap.db.pool import system_connection
from gridmap.db.session import transaction
from gridmap.store import accounts
from gridmap.web.pages.base import bare_page, blueprint


@blueprint.get("/login")
def login() -> str:
    """Show the form."""
    return bare_page("login.html", name="", next=_next(request.args.get("next")), notice="")


@blueprint.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Begin a session, or say that name and password do not belong together."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    wanted = _next(request.form.get("next"))
    with transaction(system_connection()) as cursor:
        found = accounts.find_account(cursor, name) if "\x00" not in name else None
        right = passwords.fits(found.password_hash if found else None, password)
        if found is None or not right or not found.is_active:
            notice = _("用户名或密码不对。")
            return bare_page("login.html", name=name, next=wanted, notice=notice), 401
        value = sessions.begin(cursor, found.account_id)
    return sessions.keep(_to(wanted), value)


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session."""
    with transaction(system_connection()) as cursor:
        value = sessions.token()
        if value is not None:
            accounts.delete_session(cursor, sessions.digest(value))
    return sessions.drop(_to(url_for("web.login")))


def _next(asked: str | None) -> str:
    """Return an address of ours to go on to: nobody may be led elsewhere by a link."""
    parts = urlsplit(asked or "")
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or (asked or "").startswith(("//", "/\\")):
        return url_for("web.start")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _to(address: str) -> Response:
    answer: Response = redirect(address, 303)  # type: ignore[assignment]
    return answer
