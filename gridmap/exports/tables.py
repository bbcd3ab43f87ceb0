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
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gridmap.domain.spreadsheet import harmless

__all__ = ["Sheet", "harmless", "sheet_title", "to_csv", "to_workbook", "to_xlsx"]


FIRST_DAY = dt.date(1900, 3, 1)
"""Before it Excel counts a 29 February 1900 that never was, and before 1900 it knows no days at all."""


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV in UTF-8 with BOM, which is how Excel knows that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in header])
    writer.writerows([harmless(_plain(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. widths: of the columns, in characters."""

    title: str
    header: Sequence[str]
    widths: Sequence[float]
    rows: Iterable[Sequence[Any]]


def to_xlsx(title: str, header: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return an Excel workbook of one sheet: frozen bold header, texts as texts, numbers as numbers.

    widths: of the columns, in characters.
    """
    return to_workbook([Sheet(title, header, widths, rows)])


def to_workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return an Excel workbook, each sheet as to_xlsx() writes it."""
    book = Workbook(write_only=True)
    for given in sheets:
        _write(book.create_sheet(given.title), given)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_title(text: str) -> str:
    """Return a text that may name a sheet: at most 31 letters, none that Excel keeps for itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31].strip("'") or "1"


def _write(sheet: Any, given: Sheet) -> None:
    sheet.freeze_panes = "A2"
    for number, width in enumerate(given.widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    bold = Font(bold=True)
    sheet.append([_cell(sheet, name, bold) for name in given.header])
    for row in given.rows:
        sheet.append([_cell(sheet, value if isinstance(value, dt.date) else _plain(value)) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(given.header))}1"


def _cell(sheet: Any, value: Any, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", harmless(value))
        cell.data_type = "s"
        # shown as it stands: a twelve-digit code is a name, not a number
        cell.number_format = "@"
    elif isinstance(value, dt.date) and value < FIRST_DAY:
        cell.value = value.isoformat()
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd"
    if font is not None:
        cell.font = font
    return cell


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
