"""A workbook of any length: openpyxl makes the frame, the rows are written through it one by one.

openpyxl writes some 45,000 cells a second and numbers with 16 digits, which do not always bring a double back.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from gridmap.domain.spreadsheet import harmless
from gridmap.errors import UserError
from gridmap.exports import sheet_page
from gridmap.exports.about import about
from gridmap.exports.lines import columns_of
from gridmap.exports.options import Options, Told
from gridmap.exports.sheet_rows import CONTROLS, MOST_LETTERS, RowWriter
from gridmap.exports.tables import sheet_title
from gridmap.store.outgoing import Outgoing

MOST_ROWS = 1_048_575

_SHEET = "xl/worksheets/sheet1.xml"
_WKT_WIDTH = 20.0
_LOOKED_AT = 500
"""Rows by which the widths of the columns are set."""


def write(out: Outgoing, path: Path, options: Options, told: Told) -> None:
    """Write a workbook of two sheets: the features, then what the file is and what its columns mean.

    UserError for more rows than a sheet holds.
    """
    header, lines = columns_of(out, options)
    letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
    batches = iter(out.batches)
    first = next(batches, [])
    has_wkt = out.has_geometry and out.geometry != "Point"
    widths = _widths(header, list(itertools.islice(lines(first), _LOOKED_AT)), has_wkt=has_wkt)
    frame, styles = _frame(out, options, header, widths, 0)
    with zipfile.ZipFile(frame) as parts:
        before, after = parts.read(_SHEET).decode().split("</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        with book.open(_SHEET, "w", force_zip64=True) as sheet:
            sheet.write(before.encode())
            rows_of = RowWriter(header, widths, styles, told, has_wkt=has_wkt)
            for batch in itertools.chain([first], batches):
                if told.rows + len(batch) > MOST_ROWS:
                    raise UserError(
                        f"a sheet of Excel holds {MOST_ROWS:,} rows and there are more; take csv, gpkg or parquet"
                    )
                start = told.rows + 2
                told.rows += len(batch)
                sheet.write("".join(map(rows_of.row, itertools.count(start), lines(batch))).encode())
            end = after.replace(f"{letters[-1]}1", f"{letters[-1]}{told.rows + 1}") if told.rows else after
            sheet.write(b"</sheetData>" + end.encode())
        frame, _ = _frame(out, options, header, widths, told.rows, about(out, options, told))
        with zipfile.ZipFile(frame) as parts:
            for name in parts.namelist():
                if name != _SHEET:
                    book.writestr(name, parts.read(name))


def _widths(header: list[str], rows: list[list[Any]], *, has_wkt: bool) -> list[float]:
    widths = [
        sheet_page.column_width(title, (row[place] for row in rows)) for place, title in enumerate(header)
    ]  # fmt: skip
    if has_wkt:
        widths[-1] = _WKT_WIDTH
    return widths


def _frame(
    out: Outgoing,
    options: Options,
    header: list[str],
    widths: Sequence[float],
    rows: int,
    told: list[list[Any]] | None = None,
) -> tuple[io.BytesIO, dict[str, int]]:
    """Return a workbook without rows, told how many there are, and the numbers of its styles."""
    lang = options.lang
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(out.title.get(lang)))
    sheet.freeze_panes = "B2"
    sheet_page.set_widths(sheet, widths)
    # the outline of a place is for machines
    printed = len(header) - 1 if out.has_geometry and out.geometry != "Point" else len(header)
    sheet_page.set_page(sheet, widths, lang, printed=printed)
    sheet_page.set_print_area(sheet, printed, rows + 1)
    titles = [_text(sheet, title) for title in header]
    for cell in titles:
        sheet_page.head(cell)
    sheet_page.set_height(sheet, 1, sheet_page.lines_of(header, widths))
    sheet.append(titles)
    styles = _styles(sheet)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{rows + 1}"
    second = book.create_sheet("about" if lang == "en" else "说明")
    sheet_page.set_widths(second, _ABOUT)
    sheet_page.set_page(second, _ABOUT, lang, titles=False)
    for number, row in enumerate(told or [], 1):
        sheet_page.set_height(second, number, sheet_page.lines_of(row, _ABOUT))
        cells = [_text(second, value) if isinstance(value, str) else value for value in row]
        for cell in cells:
            if hasattr(cell, "alignment"):
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        second.append(cells)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content, styles


_ABOUT = (26.0, 40.0, 12.0, 12.0, 80.0)


def _styles(sheet: Any) -> dict[str, int]:
    """Return the numbers of the styles, adding them to the workbook."""
    styles = {}
    for name, form, alignment in (
        ("text", "@", sheet_page.TOP), ("wrapped", "@", sheet_page.WRAPPED), ("cut", "@", sheet_page.CUT),
        ("date", "yyyy-mm-dd", sheet_page.TOP), ("number", "General", sheet_page.TOP),
    ):  # fmt: skip
        sample = WriteOnlyCell(sheet)
        sample.number_format, sample.alignment = form, alignment
        styles[name] = sample.style_id
    return styles


def _text(sheet: Any, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.value = CONTROLS.sub("", harmless(value))[:MOST_LETTERS]
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
