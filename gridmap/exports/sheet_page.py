"""How a sheet looks on a screen and on paper: widths by content, titles that stay, a printed page that can be read."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

HEAD_FILL = PatternFill("solid", start_color="DDE6F0")
HEAD_FONT = Font(bold=True)
HEAD_ALIGNMENT = Alignment(vertical="center", wrap_text=True)
HEAD_BORDER = Border(bottom=Side("thin", color="7F7F7F"))
WRAPPED = Alignment(vertical="top", wrap_text=True)
TOP = Alignment(vertical="top")
CUT = Alignment(vertical="top", horizontal="fill")
"""Shown as far as the column is wide: the outline of a county would cover the whole screen."""

_PORTRAIT, _LANDSCAPE = 96.0, 240.0
"""Characters that a page of A4 takes across: upright as they are, lying down at 60 %, which is still read."""

_A4 = 9
MARGIN = 1.0
"""Part of a column's width that no letter takes."""

_LINE, _MOST_LINES, _MEASURED = 15.0, 27, 2000
_WIDEST, _NARROWEST = 60.0, 6.0
# characters beside the words of a title: the arrow of the filter
_ARROW = 3.0
_TITLE_LINES = 2


def width_of(text: str) -> int:
    """Return how wide a text is, in digits: a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def column_width(title: str, values: Iterable[object] = ()) -> float:
    """Return the width of a column that shows its title in two lines, and these values whole up to 60 characters."""
    longest = max((_shown(value) for value in values if value is not None), default=0)
    return min(_WIDEST, max(_NARROWEST, width_of(title) / _TITLE_LINES + _ARROW, longest + 2.0))


def _shown(value: object) -> int:
    # a number is rounded to what fits, a double of 17 digits needs no such column
    return min(width_of(str(value)), 12) if isinstance(value, float) else width_of(str(value))


def lines_of(values: Iterable[object], widths: Iterable[float]) -> int:
    """Return how many lines the tallest text of a row takes when it is wrapped in its column."""
    most = 1
    for value, width in zip(values, widths, strict=False):
        if isinstance(value, str):
            start = value[:_MEASURED]
            most = max(most, sum(math.ceil(width_of(line) / (width - MARGIN)) or 1 for line in start.split("\n")))
    return min(most, _MOST_LINES)


def height(lines: int) -> float:
    """Return the height of a row of so many lines, in points."""
    return lines * _LINE


def set_height(sheet: Any, row: int, lines: int) -> None:
    """Give a row the height of its lines; one of a single line keeps the height that the program gives it.

    Not every office program measures wrapped texts when it opens a file.
    """
    if lines > 1:
        sheet.row_dimensions[row].height = height(lines)


def head(cell: Any) -> None:
    """Dress a cell of the row of titles."""
    cell.font, cell.fill, cell.alignment, cell.border = HEAD_FONT, HEAD_FILL, HEAD_ALIGNMENT, HEAD_BORDER


def set_widths(sheet: Any, widths: Sequence[float]) -> None:
    """Set the widths of the first columns, in characters."""
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def set_page(
    sheet: Any,
    widths: Sequence[float],
    lang: str,
    *,
    repeated: int = 1,
    printed: int | None = None,
    titles: bool = True,
) -> None:
    """Set up a sheet for paper, A4: as few pages across as can be read, titles on each, name and page number below.

    widths: of all columns. repeated: first columns that stand on every page across. printed: columns that are printed,
    None for all; what they leave out is set by set_print_area() once the rows are counted. titles: row 1 has them.
    """
    wide = sum(widths[:printed])
    across = 1
    if wide > _LANDSCAPE:
        again = min(sum(widths[:repeated]), _LANDSCAPE / 2)
        across = 1 + math.ceil((wide - _LANDSCAPE) / (_LANDSCAPE - again))
        sheet.print_title_cols = f"A:{get_column_letter(repeated)}"
    if titles:
        sheet.print_title_rows = "1:1"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    setup, margins = sheet.page_setup, sheet.page_margins
    setup.paperSize, setup.fitToWidth, setup.fitToHeight = _A4, across, 0
    setup.orientation = "portrait" if wide <= _PORTRAIT else "landscape"
    if across > 1:
        setup.pageOrder = "overThenDown"
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.7, 0.3, 0.3
    sheet.oddFooter.left.text = "&A"
    sheet.oddFooter.right.text = "Page &P of &N" if lang == "en" else "第 &P 页，共 &N 页"


def set_print_area(sheet: Any, columns: int, rows: int) -> None:
    """Print only the first columns, rows counted with the titles."""
    sheet.print_area = f"A1:{get_column_letter(columns)}{max(rows, 1)}"
