"""Changing things from a page, as long as there are no accounts: only from this machine, only when it is switched on.

The switch is GRIDMAP_LOCAL_EDIT. A form carries a token that belongs to the reader's session cookie, so that no page
of somebody else can send it in his name.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session
from flask_babel import gettext as _

from gridmap import config
from gridmap.errors import ForbiddenError, NotFoundError

_SWITCH = "GRIDMAP_LOCAL_EDIT"
_TOKEN = "csrf"  # noqa: S105 the name of a field
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def install(app: Flask) -> None:
    """Read the switch, and set up the session cookie; made before the server forks, the key is the same in all."""
    settings = config.load()
    app.config[_SWITCH] = settings.local_edit
    app.secret_key = settings.secret_key or secrets.token_hex(32)
    app.config.update(
        SESSION_COOKIE_NAME="gridmap_session", SESSION_COOKIE_SAMESITE="Strict", SESSION_COOKIE_HTTPONLY=True
    )


def is_allowed() -> bool:
    """Return whether this request may change something."""
    return bool(current_app.config[_SWITCH]) and _is_local()


def _is_local() -> bool:
    """Return whether the request comes from this machine, directly.

    The host's name counts too: a foreign name that was made to resolve to this machine is refused.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    name = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote_addr or "") and (name == "localhost" or _is_loopback(name))


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def token() -> str:
    """Return the token for a form of this reader's session."""
    if _TOKEN not in session:
        session[_TOKEN] = secrets.token_urlsafe(24)
    return str(session[_TOKEN])


def require() -> None:
    """Refuse a request that may change nothing: the page does not exist, or it comes from elsewhere."""
    if not current_app.config[_SWITCH]:
        raise NotFoundError(_("没有 %(path)s 这个页面。", path=request.path))
    if not _is_local():
        raise ForbiddenError(_("只有在运行平台的这台机器上才能修改。"))
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ForbiddenError(_("这个表单不是从本平台的页面提交的。"))


def has_token() -> bool:
    """Return whether the form that was sent carries the token of its sender's session."""
    sent, kept = request.form.get(_TOKEN, ""), str(session.get(_TOKEN, ""))
    return bool(kept) and hmac.compare_digest(sent.encode(), kept.encode())
