"""All problems or all changes of a check as a table to take away: as many as there are, not as many as a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response
from flask_babel import gettext as _

from gridmap.domain.import_report import ImportChange
from gridmap.errors import UserError
from gridmap.exports.annotated import MOST_ROWS
from gridmap.exports.tables import to_csv, to_xlsx
from gridmap.store import import_found
from gridmap.web import import_words as telling
from gridmap.web import language
from gridmap.web.view import View

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Table:
    """A table to take away. widths: of its columns, in characters."""

    title: str
    header: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Iterable[tuple[Any, ...]]


def problems(found: Path, kind: tuple[str, str] | None, _seen: View) -> Table:
    """Return problems of a kind, of all for None, one a row."""
    header = (_("行"), _("列"), _("错误或提醒"), _("文件里是"), _("应为"), _("可能是"))
    severities = telling.severities()
    rows = (
        (one.row, one.title or _("整行"), severities[one.severity], one.found, telling.plain(one.expected),
         one.suggestion or "")
        for one in import_found.each_problem(found)
        if kind is None or telling.kind_of(one) == kind
    )  # fmt: skip
    return Table(_("有问题的行"), header, (8, 20, 10, 30, 60, 30), rows)


def changes(found: Path, state: str | None, seen: View) -> Table:
    """Return changes of a state, of all for None or "": a row for each field that changes, one for what has none."""
    header = (
        _("变化"), _("行"), _("编号"), _("名称"), _("县（市、区）"), _("移动（m）"),
        _("原经度"), _("原纬度"), _("新经度"), _("新纬度"),
        _("哪个字段"), _("原来"), _("现在"),
    )  # fmt: skip
    chosen = (one for one in import_found.each_change(found) if not state or one.status == state)
    rows = (row for one in chosen for row in _of_change(one, seen))
    return Table(_("会有什么变化"), header, (10, 8, 24, 30, 14, 12, 12, 12, 12, 12, 20, 30, 30), rows)


def send(table: Table, name: str, form: str) -> Response:
    """Return a table as a file; UserError when a sheet does not hold it."""
    if form == "csv":
        content = to_csv(table.header, table.rows)
    else:
        content = to_xlsx(table.title, table.header, table.widths, _as_many_as_fit(table.rows))
    response = Response(content, content_type=MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _of_change(one: ImportChange, seen: View) -> Iterator[tuple[Any, ...]]:
    moved = round(one.moved_m, 1) if one.moved_m is not None else None
    head = (
        telling.states()[one.status], one.row, one.key, one.name or "",
        seen.county_name(one.county_code, language.current()), moved, *(one.before or (None, None)),
        *(one.after or (None, None)),
    )  # fmt: skip
    for field in one.fields:
        yield (*head, telling.title_of(field), field.before, field.after)
    if not one.fields:
        yield (*head, "", None, None)


def _as_many_as_fit(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise UserError(
                f"more than {MOST_ROWS} rows: a sheet does not hold them; take the CSV",
                zh=f"超过 {MOST_ROWS} 行，一个工作表放不下，请下载 CSV。",
            )
        yield row
