"""The web application: pages, API and static files in one Flask app."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from gridmap import config
from gridmap.db import pool

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Of whatever is sent; routes that take less say so."""


def create_app(database_url: str | None = None) -> Flask:
    """Return the application. Nothing is opened here: the first request opens the pool, after the server has forked.

    database_url: libpq URL; None asks the settings, else the private cluster.
    """
    from gridmap import auth
    from gridmap.api import blueprint as api
    from gridmap.api.core import problem
    from gridmap.web import errors, language, pages, security, static

    app = Flask("gridmap", static_folder=None)
    app.extensions["gridmap_pools"] = pool.Pools(database_url)
    if hops := config.load().proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    app.add_url_rule("/static/<path:name>", "static", static.serve)
    app.add_url_rule("/favicon.ico", "favicon", lambda: static.serve("img/favicon.svg"))
    app.add_url_rule("/worker.js", "worker", static.serve_worker)
    app.register_blueprint(api)
    app.register_blueprint(pages.blueprint)
    errors.install(app, problem)
    auth.install(app)
    app.teardown_appcontext(pool.release)
    app.after_request(_compress)
    app.after_request(language.remember)
    app.after_request(security.add_headers)
    return app


def _compress(response: Response) -> Response:
    """Gzip pages; API and static files bring their own."""
    if response.mimetype != "text/html" or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    response.headers.setdefault("Cache-Control", "no-cache")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
