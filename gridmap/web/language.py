"""Chinese first, English by a switch that a cookie remembers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, g, request
from flask_babel import Babel

LANGUAGES = ("zh", "en")
_COOKIE = "lang"
_YEAR_S = 31_536_000


def current() -> str:
    """Return the page's language: `?lang=`, else the cookie's, else Chinese."""
    if "lang" not in g:
        asked = request.args.get("lang") or request.cookies.get(_COOKIE)
        g.lang = asked if asked in LANGUAGES else LANGUAGES[0]
    return str(g.lang)


def install(app: Flask) -> None:
    """Set up the gettext catalogues of gridmap/web/translations."""
    folder = Path(__file__).resolve().parent / "translations"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    Babel(app, locale_selector=current)


def remember(response: Response) -> Response:
    """Keep a language that was switched to."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and response.mimetype == "text/html":
        response.set_cookie(_COOKIE, asked, max_age=_YEAR_S, samesite="Lax", httponly=True)
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = "zh-CN" if current() == "zh" else "en"
        response.vary.add("Cookie")
    return response


def switch_url(lang: str) -> str:
    """Return the address of this page in another language."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*pairs, ('lang', lang)])}"
