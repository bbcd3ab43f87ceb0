"""BIFF, which Excel wrote until 2003 and WPS writes as .et: read by xlrd, a sheet at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gridmap.ingest.oldbooks.__main__ import DAMAGED, DONE, LOCKED, OTHER, TOO_LARGE
from gridmap.ingest.oldbooks.plain_xlsx import FIRST_CUSTOM, Book, Cell, Page

_BIFF8 = 80


def convert(source: Path, target: Path, columns: int) -> int:
    """Write the workbook as XLSX and return how it went. columns: more of them are refused."""
    import xlrd

    try:
        with open(os.devnull, "w") as nowhere:
            old = xlrd.open_workbook(str(source), logfile=nowhere, formatting_info=True, on_demand=True)
    except xlrd.XLRDError as error:
        said = str(error).lower()
        if "encrypt" in said or "password" in said:
            return LOCKED
        return OTHER if "can't find workbook" in said or "unsupported format" in said else DAMAGED
    book = Book(target, is_1904=bool(old.datemode))
    for number in range(old.nsheets):
        sheet = old.sheet_by_index(number)
        if sheet.ncols > max(columns, 256):
            return TOO_LARGE
        book.add(_page(sheet))
        old.unload_sheet(number)
    book.close(*_styles(old))
    return DONE


def _page(sheet: Any) -> Page:
    hidden_columns = {
        column for column, info in sheet.colinfo_map.items() if info.hidden and column < sheet.ncols
    }  # fmt: skip
    return Page(
        sheet.name,
        _rows(sheet),
        hidden=sheet.visibility != 0,
        merged=[(top, below - 1, left, right - 1) for top, below, left, right in sheet.merged_cells],
        hidden_rows=frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=frozenset(hidden_columns),
    )


def _rows(sheet: Any) -> Iterator[tuple[int, Mapping[int, Cell]]]:
    for number in range(sheet.nrows):
        cells = {}
        for column in range(sheet.row_len(number)):
            cell = _cell(sheet, number, column)
            if cell is not None:
                cells[column] = cell
        if cells:
            yield number, cells


def _cell(sheet: Any, row: int, column: int) -> Cell | None:
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    style = max(sheet.cell_xf_index(row, column), 0)
    if kind == xlrd.XL_CELL_TEXT:
        return Cell("str", value, style)
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return Cell("n", repr(value), style)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return Cell("b", str(int(value)), style)
    if kind == xlrd.XL_CELL_ERROR:
        return Cell("e", xlrd.error_text_from_code.get(value, "#N/A"), style)
    return None


def _styles(old: Any) -> tuple[dict[int, str], list[int]]:
    """Return the codes of the custom formats, and the format of each style."""
    formats: dict[int, str] = {}
    styles = []
    for style in old.xf_list:
        number = style.format_key
        known = old.format_map.get(number)
        # before BIFF8 a number below says nothing of itself
        if known is not None and (number >= FIRST_CUSTOM or old.biff_version < _BIFF8):
            number = number if number >= FIRST_CUSTOM else FIRST_CUSTOM + 10_000 + number
            formats[number] = known.format_str
        styles.append(number)
    return formats, styles or [0]
