"""A copy of a brought file with what is wrong beside each row, to be mended and brought again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from gridmap.domain.definition import Text
from gridmap.domain.incoming import IncomingRow, IncomingSheet, Value
from gridmap.errors import UserError
from gridmap.exports import sheet_page
from gridmap.exports.templates import sheet_name

MOST_ROWS = 1_048_575
"""Rows that fit below the header of a sheet."""

NUMBER, PROBLEMS = Text("原行号", "Row in the file"), Text("问题", "Problems")

_EXACT = 10**15
_LONGEST = 32_767
_ERROR = PatternFill("solid", start_color="F8CBAD")
_WARNING = PatternFill("solid", start_color="FFF2CC")
_WIDTHS = (8.0, 60.0)
_WIDTH = 16.0


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row. column: the title of its cell, None when it is the whole row. is_error: else a hint."""

    sentence: str
    column: str | None = None
    is_error: bool = True


def write_annotated(
    target: BinaryIO,
    sheet: IncomingSheet,
    rows: Iterable[IncomingRow],
    problems: Mapping[int, Sequence[Problem]],
    *,
    lang: str = "zh",
    only_bad: bool = False,
) -> int:
    """Write an XLSX of the rows with their number and problems in front, and return how many rows it holds.

    problems: by the row's number; a row's own fault is told too. The cells they name are coloured, and since colour is
    not for everybody, the sentence names the column. only_bad: leave out rows without a problem. Rows are written as
    they come, so memory does not grow with them. Geometries are not in the copy: a table has no place for them.

    Errors: UserError when there are more rows than a sheet holds.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet_name(sheet.name))
    page.freeze_panes = "C2"
    widths = [*_WIDTHS, *(_WIDTH for _title in sheet.header)]
    sheet_page.set_widths(page, widths)
    sheet_page.set_page(page, widths, lang, repeated=2)
    header = _header(sheet, lang)
    sheet_page.set_height(page, 1, sheet_page.lines_of(header, widths))
    page.append([_titled(page, title) for title in header])
    places = {title: place for place, title in enumerate(sheet.header)}
    count = 0
    for row in rows:
        found = list(problems.get(row.number, ()))
        if row.fault is not None:
            found.insert(0, Problem(row.fault.zh if lang != "en" else row.fault.en))
        if only_bad and not found:
            continue
        count += 1
        if count > MOST_ROWS:
            raise UserError(f"the copy has more than {MOST_ROWS} rows; ask for those with problems only")
        cells = _cells(page, row, found, places, lang)
        sheet_page.set_height(page, count + 1, sheet_page.lines_of([cells[1].value], [_WIDTHS[1]]))
        page.append(cells)
    last = get_column_letter(len(sheet.header) + 2)
    page.auto_filter.ref = f"A1:{last}{count + 1}"
    book.save(target)
    return count


def _header(sheet: IncomingSheet, lang: str) -> list[str]:
    """Return the titles; those of the copy give way when the file has columns of that name, as a second copy has."""
    own = []
    for text in (NUMBER, PROBLEMS):
        title = text.get(lang)
        while title in sheet.header or title in own:
            title += "*"
        own.append(title)
    return [*own, *sheet.header]


def _titled(page: Any, title: str) -> WriteOnlyCell:
    cell = _cell(page, title)
    sheet_page.head(cell)
    return cell


def _cells(
    page: Any, row: IncomingRow, found: Sequence[Problem], places: Mapping[str, int], lang: str
) -> list[WriteOnlyCell]:
    cells = [_cell(page, value) for value in row.values]
    fills: dict[int, PatternFill] = {}
    for problem in found:
        place = places.get(problem.column) if problem.column is not None else None
        if place is not None and (problem.is_error or place not in fills):
            fills[place] = _ERROR if problem.is_error else _WARNING
    for place, fill in fills.items():
        cells[place].fill = fill
    told = _cell(page, Text("；", "; ").get(lang).join(_said(problem, lang) for problem in found)[:_LONGEST] or None)
    if found:
        told.fill = _ERROR if any(problem.is_error for problem in found) else _WARNING
        told.alignment = sheet_page.WRAPPED
    return [_cell(page, row.number), told, *cells]


def _said(problem: Problem, lang: str) -> str:
    if problem.column is None:
        return problem.sentence
    return f"{problem.column}{Text('：', ': ').get(lang)}{problem.sentence}"


def _cell(page: Any, value: Value) -> WriteOnlyCell:
    cell = WriteOnlyCell(page)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        value = str(value)  # a spreadsheet would round it
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
        cell.data_type = "s"
        cell.number_format = "@"
        # as typed with an apostrophe before it: no formula, and the text stays what it was when it is brought again
        cell.quotePrefix = True
    else:
        cell.value = value
    return cell
