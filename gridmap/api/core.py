"""The API's blueprint, its answers and its errors."""

from __future__ import annotations

import gzip
import json
import logging
from typing import Any

import psycopg2
import psycopg2.errors
from flask import Blueprint, Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from gridmap.errors import DatabaseError, ForbiddenError, GridmapError

blueprint = Blueprint("api", __name__)
"""All routes below /api, and /health. Paths are written out in full, so that the file is their index."""

JSON = "application/json; charset=utf-8"
GEOJSON = "application/geo+json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
GZIP_FROM_BYTES = 1400
"""Below about one network packet compression gains nothing."""

log = logging.getLogger(__name__)


def respond(content: Any, media_type: str = JSON, status: int = 200) -> Response:
    """Return content as JSON, gzipped for clients that take it."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return respond_bytes(text.encode("utf-8"), media_type, status)


def respond_bytes(body: bytes, media_type: str, status: int = 200) -> Response:
    """Return bytes, gzipped for clients that take it; browsers ask again each time, since the data may change."""
    response = Response(body, status=status, content_type=media_type)
    if len(body) >= GZIP_FROM_BYTES and accepts_gzip():
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    return response


def accepts_gzip() -> bool:
    """Return whether the client said that it takes gzip."""
    return request.accept_encodings.quality("gzip") > 0


def problem(error: GridmapError) -> Response:
    """Return an error as application/problem+json (RFC 9457)."""
    english = request.args.get("lang") == "en"
    content = {
        "type": f"urn:gridmap:problem:{error.slug}",
        "title": error.title_en if english else error.title_zh,
        "status": error.status,
        "detail": str(error),
        "instance": request.path,
    }
    if error.zh is not None:
        content["detail_zh"] = error.zh
    return respond(content, PROBLEM, error.status)


@blueprint.errorhandler(GridmapError)
def _known_error(error: GridmapError) -> Response:
    return problem(error)


@blueprint.errorhandler(psycopg2.errors.QueryCanceled)
def _too_slow(error: psycopg2.Error) -> Response:
    log.warning("too slow: %s: %s", request.full_path, str(error).strip())
    return problem(DatabaseError("the question took too long and was given up; ask for less, such as one county"))


@blueprint.errorhandler(psycopg2.OperationalError)
@blueprint.errorhandler(psycopg2.InterfaceError)
def _database_away(error: psycopg2.Error) -> Response:
    log.warning("the database failed during %s: %s", request.path, str(error).strip())
    return problem(DatabaseError("the database did not answer; try again in a moment"))


@blueprint.errorhandler(psycopg2.errors.InsufficientPrivilege)
def _not_his(error: psycopg2.Error) -> Response:
    # the permission was asked before; the database kept the reader out once more, and that is worth a look
    log.warning("the database refused %s: %s", request.path, str(error).strip())
    return problem(ForbiddenError(_("这里不在您负责的范围内。")))


@blueprint.errorhandler(psycopg2.errors.UndefinedTable)
@blueprint.errorhandler(psycopg2.errors.UndefinedColumn)
@blueprint.errorhandler(psycopg2.errors.UndefinedFunction)
@blueprint.errorhandler(psycopg2.errors.InvalidSchemaName)
def _not_migrated(error: psycopg2.Error) -> Response:
    log.warning("the schema does not fit during %s: %s", request.path, str(error).strip())
    return problem(DatabaseError("the database was not migrated to this version; run gridmap db migrate"))


@blueprint.errorhandler(Exception)
def _unknown_error(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    log.exception("unexpected error during %s", request.path)
    return problem(GridmapError("something went wrong inside the platform; its log has the details"))
