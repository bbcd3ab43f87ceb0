"""What a cell of a workbook holds, told from the text that stands in its XML."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.escape import unescape

from gridmap.domain.incoming import Sentence, Value
from gridmap.ingest.reading.header import letters

CHINESE_DATES = frozenset({*range(27, 37), *range(50, 59)})
"""Numbers of the formats that Chinese Excel shows dates in; no workbook spells them out."""

EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; the rest of a longer code is gone."""

_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_ZEROS = re.compile(r"0{2,40}")
_DAYS_1904 = 1462
_LAST_DAY = 2_958_466
_TRUE = ("1", "true")


@dataclass(frozen=True)
class Style:
    """How numbers of a cell are shown: kind is "number", "share" (per cent), "date" or "duration".

    zeros pads a code to so many digits.
    """

    kind: str = "number"
    zeros: int = 0


PLAIN = Style()


def style_of(number: int, custom: dict[int, str]) -> Style:
    """Return the style of a number format."""
    code = custom.get(number) or BUILTIN_FORMATS.get(number, "General")
    if number in CHINESE_DATES and number not in custom:
        return Style("date")
    if is_timedelta_format(code):
        return Style("duration")
    if is_date_format(code):
        return Style("date")
    if code.rstrip().endswith("%"):
        return Style("share")
    return Style(zeros=len(code)) if _ZEROS.fullmatch(code) else PLAIN


@dataclass(slots=True)
class RawCell:
    """A cell as its XML has it. text: of <v>, or of the inline string; None without one."""

    column: int
    kind: str = "n"
    style: int = 0
    text: str | None = None
    has_formula: bool = False
    was_cut: bool = False


class Converter:
    """Make values of raw cells. shared: gives a shared string by its number, IndexError when there is none."""

    def __init__(self, shared: Callable[[int], str], styles: Sequence[Style], is_1904: bool, longest: int) -> None:
        self._shared = shared
        self._styles = styles
        self._is_1904 = is_1904
        self._longest = longest

    def value(self, cell: RawCell) -> tuple[Value, Sentence | None]:
        """Return the value and what is wrong with it."""
        # a formula whose result is an empty text says so by its type; an empty number is no result
        if cell.text is None or (cell.has_formula and not cell.text and cell.kind == "n"):
            fault = _uncomputed(cell.column) if cell.has_formula else None
            return None, fault
        if cell.kind == "n":
            return self._number(cell)
        if cell.kind == "s":
            try:
                return self._text(cell, self._shared(int(cell.text)))
            except (ValueError, IndexError):
                return None, _no_such_text(cell.column)
        if cell.kind == "b":
            return cell.text.strip().lower() in _TRUE, None
        if cell.kind == "e":
            return None, _error(cell.column, cell.text)
        if cell.kind == "d":
            return _iso(cell.text), None
        return self._text(cell, cell.text)

    def _text(self, cell: RawCell, text: str) -> tuple[Value, Sentence | None]:
        if "_x" in text:
            text = unescape(text)
        fault = None
        if len(text) > self._longest or cell.was_cut:
            text = text[: self._longest]
            fault = _too_long(cell.column, self._longest)
        if "\0" in text:
            text = text.replace("\0", "")
        return text or None, fault

    def _number(self, cell: RawCell) -> tuple[Value, Sentence | None]:
        text = (cell.text or "").strip()
        if not text:
            return None, None
        style = self._styles[cell.style] if 0 <= cell.style < len(self._styles) else PLAIN
        if style is PLAIN and _INTEGER.fullmatch(text):
            return int(text), None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in text:
            return None, _no_number(cell.column, text)
        if style.kind == "share":
            # 0.95 shown as 95% and 95 in a column of per cent are the same; as a number it would be a hundredth
            return f"{number * 100:.12g}%", None
        if style.kind != "number":
            return self._moment(cell, number, style)
        if not number.is_integer():
            return number, None
        whole = int(number)
        if abs(whole) >= 10**EXACT_DIGITS:
            return (whole, _lost_digits(cell.column, whole)) if abs(number) < 1e30 else (number, None)
        if style.zeros and 0 <= whole < 10**style.zeros:
            return str(whole).zfill(style.zeros), None
        return whole, None

    def _moment(self, cell: RawCell, days: float, style: Style) -> tuple[Value, Sentence | None]:
        if abs(days) > 10 * _LAST_DAY:  # rounding what is larger yet fails
            return days, _no_date(cell.column, cell.text or "")
        seconds = round(days * 86_400)
        if style.kind == "duration":
            sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
            return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}", None
        if not self._is_1904 and 0 <= days < 1 and seconds < 86_400:
            return _clock(seconds), None
        if not 0 <= days + (_DAYS_1904 if self._is_1904 else 0) < _LAST_DAY:
            plain: Value = int(days) if days.is_integer() else days
            return plain, _no_date(cell.column, cell.text or "")
        return _day(seconds, self._is_1904), None


def _day(seconds: int, is_1904: bool) -> str:
    """Return the day, and the time unless it is midnight; Excel's 1900 has a 29 February, shifting what is before."""
    days, rest = divmod(seconds, 86_400)
    if is_1904:
        day = dt.date(1904, 1, 1) + dt.timedelta(days=days)
    elif days == 60:
        return "1900-02-29"
    else:
        day = dt.date(1899, 12, 30 if days > 60 else 31) + dt.timedelta(days=days)
    return f"{day.isoformat()} {_clock(rest)}" if rest else day.isoformat()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _iso(text: str) -> str:
    plain = text.strip().replace("T", " ").removesuffix("Z")
    day, _, time = plain.partition(" ")
    time = time.partition(".")[0]
    return day if time in ("", "00:00:00") else f"{day} {time}"


def _uncomputed(column: int) -> Sentence:
    letter = letters(column)
    return Sentence(
        f"{letter}列是公式，文件里没有它的结果；请用 Excel 或 WPS 打开并保存一次，或粘贴为数值",
        f"column {letter} is a formula whose result is not in the file; open and save it in Excel or WPS, "
        "or paste it as values",
    )


def _no_such_text(column: int) -> Sentence:
    letter = letters(column)
    return Sentence(f"{letter}列的文字在文件中找不到，文件可能已损坏", f"column {letter}: its text is not in the file")


def _error(column: int, text: str) -> Sentence:
    letter, text = letters(column), text[:20]
    return Sentence(f"{letter}列是错误值 {text}", f"column {letter} holds the error {text}")


def _no_number(column: int, text: str) -> Sentence:
    letter, text = letters(column), text[:40]
    return Sentence(f"{letter}列应为数字，却是“{text}”", f"column {letter}: expected a number, found {text!r}")


def _no_date(column: int, text: str) -> Sentence:
    letter, text = letters(column), text[:40]
    return Sentence(
        f"{letter}列设为日期，数值“{text}”却不是任何一天", f"column {letter} is shown as a date; {text!r} is no day"
    )


def _lost_digits(column: int, value: int) -> Sentence:
    letter, digits = letters(column), len(str(abs(value)))
    return Sentence(
        f"{letter}列是{digits}位数字，Excel 只保留前15位，后面的已经丢失；请把该列设为文本后重新填写",
        f"column {letter} is a number of {digits} digits, of which Excel keeps 15; "
        "set the column to text and fill it anew",
    )


def _too_long(column: int, longest: int) -> Sentence:
    letter = letters(column)
    return Sentence(
        f"{letter}列超过{longest}字，已截断", f"column {letter} has more than {longest} characters and was cut"
    )
