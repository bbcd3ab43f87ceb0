"""What a reader sees when something is wrong: a page in his language, or a problem report below /api."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
from flask import Flask, Response, current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from gridmap.errors import DatabaseError, ForbiddenError, FullDiskError, GridmapError, NotFoundError, UserError
from gridmap.web import language

log = logging.getLogger(__name__)

NOT_MIGRATED = (
    psycopg2.errors.UndefinedTable,
    psycopg2.errors.UndefinedColumn,
    psycopg2.errors.UndefinedFunction,
    psycopg2.errors.InvalidSchemaName,
)
"""What PostgreSQL says when the schema is that of another version."""


def install(app: Flask, problem: Callable[[GridmapError], Response]) -> None:
    """Register the handlers; those of the API's own blueprint come first there.

    problem: how the API tells of an error, for paths below /api that none of its routes answers.
    """
    app.extensions["gridmap_problem"] = problem
    app.register_error_handler(GridmapError, _show)
    app.register_error_handler(psycopg2.OperationalError, _database_away)
    app.register_error_handler(psycopg2.errors.InsufficientPrivilege, _not_his)
    app.register_error_handler(psycopg2.errors.DiskFull, _disk_full)
    app.register_error_handler(OSError, _disk_full)
    for unfit in NOT_MIGRATED:
        app.register_error_handler(unfit, _not_migrated)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


@contextmanager
def or_say(sentence: str) -> Iterator[None]:
    """Say in the page's language that something is not there; the floors below speak English to the terminal."""
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(sentence) from error


def _show(error: GridmapError) -> Response:
    if _is_api():
        answer: Response = current_app.extensions["gridmap_problem"](error)
        return answer
    lang = language.current()
    # no page may fail while it tells of a failure: this template asks the database nothing
    page = render_template(
        "error.html",
        status=error.status,
        title=error.title_en if lang == "en" else error.title_zh,
        other_title=error.title_zh if lang == "en" else error.title_en,
        detail=error.zh if lang == "zh" and error.zh else str(error),
        hint=_hint(error),
    )
    return Response(page, status=error.status, mimetype="text/html")


def _is_api() -> bool:
    return request.path == "/health" or request.path.split("/")[1] == "api"


def _hint(error: GridmapError) -> str:
    if isinstance(error, NotFoundError):
        return _("它可能已经改名、撤销，或在所选日期尚不存在。可从地图或列表重新查找。")
    if isinstance(error, ForbiddenError):
        return _("没有改动任何内容。如果您认为应当可以，请联系管理员核对岗位和范围。")
    if isinstance(error, FullDiskError):
        return _("请稍后重试；如反复出现，请把本页网址告诉管理员。")
    if isinstance(error, UserError):
        return _("请改正网址中的参数，或回到地图重新选择。")
    if isinstance(error, DatabaseError):
        return _("数据库暂时不可用，请稍后重试；管理员可运行 gridmap doctor 查看原因。")
    return _("请稍后重试；如反复出现，请把本页网址告诉管理员。")


def _database_away(error: psycopg2.OperationalError) -> Response:
    log.warning("the database failed during %s: %s", request.path, str(error).strip())
    return _show(DatabaseError(_("数据库没有应答，请稍后重试。")))


def _disk_full(error: Exception) -> Response:
    """Tell of a full disk: also of the one on which a file that is sent is put while the request is read."""
    if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _unexpected(error)
    log.error("the disk is full during %s: %s", request.path, str(error).strip())
    return _show(FullDiskError())


def _not_his(error: psycopg2.Error) -> Response:
    # the permission was asked before; the database kept the reader out once more, and that is worth a look
    log.warning("the database refused %s: %s", request.path, str(error).strip())
    return _show(ForbiddenError(_("这里不在您负责的范围内。")))


def _not_migrated(error: psycopg2.Error) -> Response:
    log.warning("the schema does not fit during %s: %s", request.path, str(error).strip())
    return _show(DatabaseError("the database was not migrated to this version; run gridmap db migrate"))


def _http(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    if code == 404:
        return _show(NotFoundError(_("没有 %(path)s 这个页面。", path=request.path)))
    sentence = _too_large() if code == 413 else error.description or error.name
    shown = UserError(sentence) if code < 500 else GridmapError(error.name)
    shown.status = code
    answer = _show(shown)
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _too_large() -> str:
    most = int(current_app.config["MAX_CONTENT_LENGTH"]) // (1 << 20)
    return _("发送的内容超过 %(n)s MB，平台不收。大的台账请在服务器上用 gridmap layers import 命令导入。", n=most)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error during %s", request.path)
    return _show(GridmapError(_("平台内部出错，日志中有详情。")))
