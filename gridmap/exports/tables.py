"""Tables for spreadsheets: codes stay text, and no cell can become a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from gridmap.domain.spreadsheet import harmless
from gridmap.exports import sheet_page

__all__ = ["Sheet", "harmless", "sheet_title", "to_csv", "to_workbook", "to_xlsx"]


FIRST_DAY = dt.date(1900, 3, 1)
"""Before it Excel counts a 29 February 1900 that never was, and before 1900 it knows no days at all."""

_MOST_FROZEN = 30.0


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV in UTF-8 with BOM, which is how Excel knows that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in header])
    writer.writerows([harmless(_plain(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. widths: of the columns, in characters.

    fixed: first columns that say what a row is of; they stay on every printed page, and on the screen unless they are
    wide.
    """

    title: str
    header: Sequence[str]
    widths: Sequence[float]
    rows: Iterable[Sequence[Any]]
    fixed: int = 1


def to_xlsx(
    title: str,
    header: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Sequence[Any]],
    lang: str = "zh",
    *,
    fixed: int = 1,
) -> bytes:
    """Return an Excel workbook of one sheet: frozen header with filters, texts as texts, numbers as numbers.

    widths: of the columns, in characters; longer texts are wrapped. fixed: see Sheet. lang: of the page numbers.
    """
    return to_workbook([Sheet(title, header, widths, rows, fixed)], lang)


def to_workbook(sheets: Iterable[Sheet], lang: str = "zh") -> bytes:
    """Return an Excel workbook, each sheet as to_xlsx() writes it."""
    book = Workbook(write_only=True)
    for given in sheets:
        _write(book.create_sheet(given.title), given, lang)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_title(text: str) -> str:
    """Return a text that may name a sheet: at most 31 letters, none that Excel keeps for itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31].strip("'") or "1"


def _write(sheet: Any, given: Sheet, lang: str) -> None:
    # frozen columns as wide as a telephone's screen let nobody scroll
    stays = given.fixed if sum(given.widths[: given.fixed]) <= _MOST_FROZEN else 0
    sheet.freeze_panes = f"{get_column_letter(stays + 1)}2"
    sheet_page.set_widths(sheet, given.widths)
    sheet_page.set_page(sheet, given.widths, lang, repeated=given.fixed)
    titles = [_cell(sheet, name) for name in given.header]
    for cell in titles:
        sheet_page.head(cell)
    sheet_page.set_height(sheet, 1, sheet_page.lines_of(given.header, given.widths))
    sheet.append(titles)
    count = 1
    for row in given.rows:
        count += 1
        sheet_page.set_height(sheet, count, sheet_page.lines_of(row, given.widths))
        sheet.append([_cell(sheet, value if isinstance(value, dt.date) else _plain(value)) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(given.header))}{count}"


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", harmless(value))
        cell.data_type = "s"
        # shown as it stands: a twelve-digit code is a name, not a number
        cell.number_format = "@"
        cell.alignment = sheet_page.WRAPPED
        return cell
    if isinstance(value, dt.date) and value < FIRST_DAY:
        cell.value = value.isoformat()
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd"
    cell.alignment = sheet_page.TOP
    return cell


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
