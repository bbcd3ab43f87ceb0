"""A workbook of any length: openpyxl makes the frame, the rows are written through it one by one.

openpyxl writes some 45,000 cells a second and numbers with 16 digits, which do not always bring a double back.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from gridmap.domain.definition import Text
from gridmap.domain.spreadsheet import harmless
from gridmap.errors import UserError
from gridmap.exports.about import about
from gridmap.exports.lines import columns_of
from gridmap.exports.options import Options, Told
from gridmap.exports.tables import FIRST_DAY, sheet_title
from gridmap.store.outgoing import Outgoing

MOST_ROWS = 1_048_575
MOST_LETTERS = 32_767

_EPOCH = dt.date(1899, 12, 30)
_SHEET = "xl/worksheets/sheet1.xml"
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# what Excel would read as an escape of its own
_LOOKS_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_WIDTHS = {"date": 12.0, "number": 12.0, "integer": 12.0, "boolean": 10.0}

_CUT = Text(
    f"超过 Excel 单元格上限 {MOST_LETTERS} 字，后面的没有写入",
    f"cut at {MOST_LETTERS} characters, Excel's limit for a cell",
)
_NO_PLACE = Text(
    f"图形的文字超过 {MOST_LETTERS} 字，未写入；请改用 GeoPackage",
    f"places left out: longer than {MOST_LETTERS} characters; take GeoPackage",
)
_EARLY = Text("日期早于1900年3月，按文字写入", "days before March 1900 written as text")
_CONTROL = Text("含有 Excel 不接受的控制字符，已去掉", "control characters left out, which Excel refuses")
_TOO_LONG = Text("整数超过 Excel 的15位精度，按文字写入", "whole numbers longer than Excel's 15 digits written as text")
_NOT_FINITE = Text("不是有限的数，按文字写入", "no finite number, written as text")


def write(out: Outgoing, path: Path, options: Options, told: Told) -> None:
    """Write a workbook of two sheets: the features, then what the file is and what its columns mean.

    UserError for more rows than a sheet holds.
    """
    header, lines = columns_of(out, options)
    letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
    frame, styles = _frame(out, options, header, None)
    with zipfile.ZipFile(frame) as parts:
        before, after = parts.read(_SHEET).decode().split("</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        with book.open(_SHEET, "w", force_zip64=True) as sheet:
            sheet.write(before.encode())
            cell = _cells(header, styles, told, has_place=out.has_geometry and out.geometry != "Point")
            for batch in out.batches:
                if told.rows + len(batch) > MOST_ROWS:
                    raise UserError(
                        f"a sheet of Excel holds {MOST_ROWS:,} rows and there are more; take csv, gpkg or parquet"
                    )
                rows = []
                for number, line in enumerate(lines(batch), told.rows + 2):
                    row = "".join(
                        cell(place, f"{letters[place]}{number}", value)
                        for place, value in enumerate(line) if value is not None
                    )  # fmt: skip
                    rows.append(f'<row r="{number}">{row}</row>')
                told.rows += len(batch)
                sheet.write("".join(rows).encode())
            end = after.replace(f"{letters[-1]}1", f"{letters[-1]}{told.rows + 1}") if told.rows else after
            sheet.write(b"</sheetData>" + end.encode())
        frame, _ = _frame(out, options, header, about(out, options, told))
        with zipfile.ZipFile(frame) as parts:
            for name in parts.namelist():
                if name != _SHEET:
                    book.writestr(name, parts.read(name))


def _frame(
    out: Outgoing, options: Options, header: list[str], told: list[list[Any]] | None
) -> tuple[io.BytesIO, dict[str, int]]:
    """Return a workbook without rows, and the numbers of its styles: text, date, number."""
    en = options.lang == "en"
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(out.title.get(options.lang)))
    sheet.freeze_panes = "B2"
    types = ["text", *(column.type for column in out.columns)]
    for number, title in enumerate(header):
        wide = _WIDTHS.get(types[number], 18.0) if number < len(types) else 18.0
        sheet.column_dimensions[get_column_letter(number + 1)].width = max(wide, min(30.0, 2.0 * len(title) + 2))
    bold, styles = Font(bold=True), {}
    titles = []
    for title in header:
        titles.append(_text(sheet, title))
        titles[-1].font = bold
    sheet.append(titles)
    for name, form in (("text", "@"), ("date", "yyyy-mm-dd"), ("number", "General")):
        sample = WriteOnlyCell(sheet)
        sample.number_format = form
        styles[name] = sample.style_id
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}1"
    second = book.create_sheet("about" if en else "说明")
    for letter, wide in zip("ABCDE", (26.0, 26.0, 12.0, 12.0, 80.0), strict=True):
        second.column_dimensions[letter].width = wide
    for row in told or []:
        cells = [_text(second, value) if isinstance(value, str) else value for value in row]
        for cell in cells:
            if hasattr(cell, "alignment"):
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        second.append(cells)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content, styles


def _text(sheet: Any, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.value = _BAD.sub("", harmless(value))[:MOST_LETTERS]
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _cells(header: list[str], styles: dict[str, int], told: Told, *, has_place: bool) -> Callable[[int, str, Any], str]:
    """Return what writes a cell: column, address and value to XML."""
    text_style, date_style = styles["text"], styles["date"]
    last = len(header) - 1

    def text(place: int, address: str, value: str) -> str:
        value = harmless(value)
        if len(value) > MOST_LETTERS:
            if has_place and place == last:
                told.cut[header[place], _NO_PLACE] += 1
                return ""
            told.cut[header[place], _CUT] += 1
            value = value[:MOST_LETTERS]
        if _BAD.search(value):
            told.cut[header[place], _CONTROL] += 1
            value = _BAD.sub("", value)
        value = escape(_LOOKS_ESCAPED.sub("_x005F_x", value)).replace("\r", "&#13;")
        return f'<c r="{address}" s="{text_style}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'

    def cell(place: int, address: str, value: Any) -> str:
        if isinstance(value, str):
            return text(place, address, value)
        if isinstance(value, bool):
            return f'<c r="{address}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float):
            if value - value != 0 or (isinstance(value, int) and abs(value) > 2**53):
                told.cut[header[place], _NOT_FINITE if isinstance(value, float) else _TOO_LONG] += 1
                return text(place, address, str(value))
            return f'<c r="{address}"><v>{value!r}</v></c>'
        if isinstance(value, dt.date):
            if value < FIRST_DAY:
                told.cut[header[place], _EARLY] += 1
                return text(place, address, value.isoformat())
            return f'<c r="{address}" s="{date_style}"><v>{(value - _EPOCH).days}</v></c>'
        return text(place, address, str(value))

    return cell
