"""Rows of a sheet as its XML has them, some ten times as fast as openpyxl writes them; what does not fit is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from gridmap.domain.definition import Text
from gridmap.domain.spreadsheet import harmless
from gridmap.exports import sheet_page
from gridmap.exports.options import Told
from gridmap.exports.tables import FIRST_DAY

MOST_LETTERS = 32_767
"""Characters that a cell of Excel holds."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What no cell may hold."""

_EPOCH = dt.date(1899, 12, 30)
# what Excel would read as an escape of its own
_LOOKS_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")

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


class RowWriter:
    """Writes the rows of one sheet, counting in told what a cell cannot hold.

    header, widths: of all columns. styles: numbers of the styles text, wrapped, cut, date and number. has_wkt: the last
    column holds outlines as text.
    """

    def __init__(
        self, header: Sequence[str], widths: Sequence[float], styles: Mapping[str, int], told: Told, *, has_wkt: bool
    ) -> None:
        self._header, self._widths, self._told = header, widths, told
        self._letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
        self._text, self._wrapped, self._cut = styles["text"], styles["wrapped"], styles["cut"]
        self._date, self._number = styles["date"], styles["number"]
        self._wkt = len(header) - 1 if has_wkt else -1
        # a letter is two digits wide at most: short texts need no measuring
        self._fits = [int((width - sheet_page.MARGIN) / 2) for width in widths]
        self._lines = 1

    def row(self, number: int, line: Sequence[Any]) -> str:
        """Return a row: its number, counted from 1, and its values."""
        self._lines = 1
        cells = "".join(self._cell(place, number, value) for place, value in enumerate(line) if value is not None)
        tall = f' ht="{sheet_page.height(self._lines):g}" customHeight="1"' if self._lines > 1 else ""
        return f'<row r="{number}"{tall}>{cells}</row>'

    def _cell(self, place: int, number: int, value: Any) -> str:
        if isinstance(value, str):
            return self._said(place, number, value)
        address = f"{self._letters[place]}{number}"
        if isinstance(value, bool):
            return f'<c r="{address}" s="{self._number}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float):
            if value - value != 0 or (isinstance(value, int) and abs(value) > 2**53):
                self._tell(place, _NOT_FINITE if isinstance(value, float) else _TOO_LONG)
                return self._said(place, number, str(value))
            return f'<c r="{address}" s="{self._number}"><v>{value!r}</v></c>'
        if isinstance(value, dt.date):
            if value < FIRST_DAY:
                self._tell(place, _EARLY)
                return self._said(place, number, value.isoformat())
            return f'<c r="{address}" s="{self._date}"><v>{(value - _EPOCH).days}</v></c>'
        return self._said(place, number, str(value))

    def _said(self, place: int, number: int, value: str) -> str:
        value = harmless(value)
        if len(value) > MOST_LETTERS:
            if place == self._wkt:
                self._tell(place, _NO_PLACE)
                return ""
            self._tell(place, _CUT)
            value = value[:MOST_LETTERS]
        if CONTROLS.search(value):
            self._tell(place, _CONTROL)
            value = CONTROLS.sub("", value)
        style = self._cut if place == self._wkt else self._text
        if style == self._text and (len(value) > self._fits[place] or "\n" in value):
            lines = sheet_page.lines_of([value], [self._widths[place]])
            if lines > 1:
                style, self._lines = self._wrapped, max(self._lines, lines)
        value = escape(_LOOKS_ESCAPED.sub("_x005F_x", value)).replace("\r", "&#13;")
        address = f"{self._letters[place]}{number}"
        return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'

    def _tell(self, place: int, reason: Text) -> None:
        self._told.cut[self._header[place], reason] += 1
