"""What stands before every request: who is there, may he do this, and does the form come from a page of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from flask import Flask, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap.auth import sessions
from gridmap.auth.access import ACCOUNT, ENDPOINTS, PUBLIC, WITH_OLD_PASSWORD
from gridmap.db import pool
from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, transaction
from gridmap.domain.roles import Place, Reader
from gridmap.errors import ForbiddenError, UnauthorizedError

View = TypeVar("View", bound=Callable[..., object])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """Put the guard before every request of an application."""
    app.before_request(_guard)
    app.after_request(_keep_apart)


def reader() -> Reader:
    """Return whoever asks; UnauthorizedError on a public page where nobody is logged in."""
    found: Reader | None = g.get("reader")
    if found is None:
        raise UnauthorizedError(_("请先登录。"))
    return found


def find_reader() -> Reader | None:
    """Return whoever asks, or None: on public pages nobody was looked for."""
    found: Reader | None = g.get("reader")
    return found


def may(permission: str, place: Place | None = None) -> bool:
    """Return whether the reader may do something: for what a page shows."""
    found = find_reader()
    return found is not None and found.may(permission, place).allowed


def require(permission: str, place: Place | None = None) -> Reader:
    """Return the reader, who may do something in a place; ForbiddenError says why he may not."""
    found = reader()
    verdict = found.may(permission, place)
    if not verdict.allowed:
        raise ForbiddenError(_("您的岗位不能做这件事。") if verdict.reason == "role" else _("这里不在您负责的范围内。"))
    return found


def access_of(found: Reader) -> Access:
    """Return how the database is asked on a reader's behalf."""
    area = found.area
    return Access(
        CITY_ROLE if area.is_city else AREA_ROLE,
        area.counties,
        area.cells,
        actor=found.name,
        account_id=found.account_id,
        address=request.remote_addr,
    )


def _guard() -> Response | None:
    if request.endpoint is None:  # no such page, or not by this method: nothing to guard
        return None
    needed = ENDPOINTS.get(request.endpoint)
    if request.method not in _SAFE and sessions.from_elsewhere():
        raise ForbiddenError(_("这个表单不是从本平台的页面提交的。"))
    if needed == PUBLIC:
        _require_form_token()
        return None
    found = _look_for_reader()
    if found is None:
        return _ask_to_log_in()
    g.reader = found
    pool.admit(access_of(found))
    if needed is None:
        raise ForbiddenError(_("这个页面对谁都没有开放。"))
    if found.must_change_password and request.endpoint not in WITH_OLD_PASSWORD and _can_change_password():
        if request.blueprint == "api":
            raise ForbiddenError(_("请先修改密码。"))
        return redirect(url_for("web.show_password"), 303)
    if needed != ACCOUNT:
        require(needed)
    _require_form_token()
    return None


def _require_form_token() -> None:
    if request.method not in _SAFE and not sessions.has_form_token() and not _tells_itself():
        raise ForbiddenError(_("页面已过期或不是从本平台打开的，请返回重试。"))


def _keep_apart(response: Response) -> Response:
    """Tell every cache on the way that an answer is its reader's own."""
    if find_reader() is not None:
        told = response.headers.get("Cache-Control", "no-cache")
        response.headers["Cache-Control"] = told if "private" in told or "no-store" in told else f"private, {told}"
        response.vary.add("Cookie")
    return response


def _look_for_reader() -> Reader | None:
    if sessions.token() is None:
        return None
    with transaction(pool.system_connection()) as cursor:
        found = sessions.find(cursor)
    pool.release_system()
    return found


def _can_change_password() -> bool:
    return "web.show_password" in current_app.view_functions


def _tells_itself() -> bool:
    """Return whether the view gives back what was typed when the form's token is missing."""
    return bool(getattr(current_app.view_functions[request.endpoint or ""], "tells_of_expiry", False))


def tells_of_expiry(view: View) -> View:
    """Mark a view that asks sessions.has_form_token() itself, since it gives back what was typed."""
    view.tells_of_expiry = True  # type: ignore[attr-defined]
    return view


def _ask_to_log_in() -> Response:
    if request.blueprint == "api" or request.method not in _SAFE:
        raise UnauthorizedError(_("请先登录。"))
    wanted = request.full_path.rstrip("?")
    query = {} if wanted == "/" else {"next": wanted}
    return redirect(f"{url_for('web.login')}?{urlencode(query)}" if query else url_for("web.login"), 303)
