"""/log: who did what, and /log.csv to take it away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _

from gridmap.auth import record
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.errors import UserError
from gridmap.exports.tables import to_csv
from gridmap.store import audit_log, import_batches
from gridmap.store.audit_log import LogFilter, LogRow
from gridmap.web import log_words, view, words
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import parameter

PAGE = 50
MOST_ROWS = 100_000
"""Rows of one CSV: what a spreadsheet opens without complaint; a narrower filter gives the rest."""

_LONGEST = 200


@blueprint.get("/log")
def show_log() -> Response:
    """Show entries, the newest first, in pages that a growing log does not shift."""
    wanted = _wanted()
    older, newer = _key("older"), _key("newer")
    with transaction(system_connection()) as cursor:
        rows = audit_log.list_log(cursor, wanted, older=older, newer=newer, limit=PAGE + 1)
        actions, relations = audit_log.list_values(cursor)
        # a batch has one entry for all it changed: what it did to one site is asked for by the site
        is_site = wanted.row is not None and wanted.relation in (None, "site")
        imports = import_batches.list_of_object(cursor, "site", wanted.row or "") if is_site else []
    more = len(rows) > PAGE
    rows = (rows[1:] if newer is not None else rows[:PAGE]) if more else rows
    has_older = more if newer is None else bool(rows)
    has_newer = more if newer is not None else older is not None
    asked = _asked(wanted)
    response = make_response(
        page(
            "log.html",
            view.read(connection()).only_today(),
            rows=[(row, log_words.changes(row)) for row in rows],
            wanted=wanted,
            imports=imports,
            asked=asked,
            actions=actions,
            relations=relations,
            older={**asked, "older": rows[-1].log_id} if rows and has_older else None,
            newer={**asked, "newer": rows[0].log_id} if rows and has_newer else None,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/log.csv")
def export_log() -> Response:
    """Return the filtered log as CSV; that it was taken away is itself in the log."""
    wanted = _wanted()
    with transaction(system_connection()) as cursor:
        rows = [_flat(row) for row in audit_log.each(cursor, wanted, MOST_ROWS)]
    record.note_export("audit_log", "csv", _asked(wanted), len(rows))
    header = [
        _("编号"), _("时间"), _("操作者"), _("来自"), _("操作"), _("改动对象"), _("标识"), _("之前"), _("之后"),
    ]  # fmt: skip
    response = Response(to_csv(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="log.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _flat(row: LogRow) -> list[Any]:
    return [
        row.log_id,
        row.at.isoformat(timespec="seconds"),
        row.actor,
        row.address,
        words.log_action(row.action),
        words.log_relation(row.relation),
        row.row_key,
        log_words.as_text(row.before, row.relation),
        log_words.as_text(row.after, row.relation),
    ]


def _wanted() -> LogFilter:
    return LogFilter(
        actor=_text("actor"),
        relation=_text("relation"),
        row=_text("row"),
        action=_text("action"),
        since=_day("since"),
        until=_day("until"),
    )


def _asked(wanted: LogFilter) -> dict[str, str]:
    return {name: str(value) for name, value in vars(wanted).items() if value is not None}


def _text(name: str) -> str | None:
    value = parameter(name)
    if value is not None and len(value) > _LONGEST:
        raise UserError(_("参数 %(name)s 过长，最多 %(most)s 个字符。", name=name, most=_LONGEST))
    return value


def _day(name: str) -> dt.date | None:
    return view.parse_day(parameter(name))


def _key(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise UserError(_("参数 %(name)s 应为日志编号。", name=name))
    return int(text)
