"""Values as ledgers write them, read into those of a column, or told why not."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from gridmap.domain.days import EARLIEST, LATEST
from gridmap.domain.definition import Text
from gridmap.domain.import_form import FormColumn
from gridmap.domain.incoming import Value

LONGEST_TEXT = 2000
LONGEST_CODE = 100
SHOWN = 60
"""So many characters of a value are shown in a report."""

_MOST_BITS = 1000
_NEARLY_NONE = 0.001
"""A least number below this only says that 0 is none."""

_EXCEL_FIRST = dt.date(1899, 12, 30)
_DAY = re.compile(
    r"([0-9]{4})(?:[-/.年]|\s)([0-9]{1,2})(?:[-/.月]|\s)([0-9]{1,2})日?"
    r"(?:[T\s]+[0-9]{1,2}[:时][0-9]{1,2}(?:[:分][0-9]{1,2}(?:\.[0-9]+)?秒?)?(?:Z|[+-][0-9:]{5})?)?"
)
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WITH_ZEROS = re.compile(r"[0-9]+\.0+")
_CODES = {
    "[0-9]{12}": Text("12 位数字的代码", "a code of 12 digits"),
    "[0-9]{1,17}": Text("最多 17 位数字的编号", "a number of at most 17 digits"),
    r"(?=[^A-Za-z0-9]*[A-Za-z0-9])[A-Za-z0-9\u4e00-\u9fff._-]+": Text(
        "有字母或数字的编号，可带汉字和 - _ .，不含空格",
        "an identifier with letters or digits, Chinese characters, - _ and . too, without blanks",
    ),
    "[A-Za-z0-9._-]+": Text("由字母、数字和 - _ . 组成的编号", "an identifier of letters, digits, - _ and ."),
    "[a-z0-9_-]+": Text("由小写字母、数字和 - _ 组成的编号", "an identifier of small letters, digits, - and _"),
    "[a-z0-9_]+": Text("由小写字母、数字和 _ 组成的编号", "an identifier of small letters, digits and _"),
    "[0-9A-HJ-NPQRTUWXY]{18}": Text("18 位统一社会信用代码", "a unified social credit code of 18 signs"),
}
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?e\+?[0-9]+", re.IGNORECASE)
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0xFEFF, 0x2060, 0xAD])
_FOOTER = re.compile(
    r"(本页|全[市县区])?(合计|总计|小计|共计|累计).{0,20}|[备附]?注[0-9]{0,2}[:.、].*|说明[:.].*"
    r"|(填表|制表|填报|审核|审批|编制)(人|单位|日期|时间)?[:.].*|(数据|资料)来源[:.].*|(数据|统计|资料)?截[至止].*"
    r"|notes?:.*|(grand ?)?totals?:?",
    re.IGNORECASE | re.DOTALL,
)
_YES = frozenset({
    "是", "有", "对", "真", "已", "√", "✓", "✔", "y", "yes", "true", "t", "1",
    "已完成", "已安装", "合格", "在用", "属实",
})  # fmt: skip
_NO = frozenset({
    "否", "无", "没有", "错", "假", "未", "×", "✗", "✘", "x", "n", "no", "false", "f", "0",
    "未完成", "未安装", "不合格", "停用", "不属实",
})  # fmt: skip
_ROMAN = str.maketrans({"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6"})
_ROMAN_NUMERALS = {"VI": "6", "IV": "4", "V": "5", "III": "3", "II": "2", "I": "1"}


class Unreadable(Exception):
    """A value that is none of its column. expected: what is, in both languages. suggestion: what may be meant."""

    def __init__(self, expected: Text, suggestion: str | None = None) -> None:
        super().__init__(expected.en)
        self.expected = expected
        self.suggestion = suggestion


@dataclass(frozen=True)
class Read:
    """A value that was read. note: what was assumed on reading it, None when nothing was."""

    value: str | float | int | bool | dt.date | None
    note: Text | None = None


def shown(value: Value) -> str:
    """Return a value of a file as a report shows it."""
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else _text(value)
    text = text[: SHOWN + 1].replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def clean(value: Value) -> str:
    """Return a value as text without what cannot be seen around it or in it; whole numbers without their .0."""
    if value is None:
        return ""
    if type(value) is str and value.isprintable() and "  " not in value:  # most cells, quickly
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = _text(value).translate(_INVISIBLE)
    return " ".join(text.split()) if "\n" not in text else "\n".join(" ".join(x.split()) for x in text.splitlines())


def footer_of(values: Sequence[Value]) -> str | None:
    """Return what a row begins with where that is a total or a note below a table, None where it is neither."""
    first = next((text for text in map(clean, values) if text), "")
    plain = unicodedata.normalize("NFKC", first[:LONGEST_TEXT]).replace(" ", "")
    return first if _FOOTER.fullmatch(plain) else None


def _text(value: str | float | int) -> str:
    """Return a value as text; Python refuses to write out numbers of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "9" * (LONGEST_TEXT + 1)
    return str(value)


def reader(column: FormColumn, factor: float = 1.0) -> Callable[[Value], Read]:
    """Return the function that reads a column's values: it returns what was read, or raises Unreadable.

    factor: what numbers are multiplied by, for the unit that the file counts in. An empty value reads as None.
    """
    if column.codes:
        return _Choice(column)
    if column.type == "date":
        return _day
    if column.type == "boolean":
        return _boolean
    if column.type in ("integer", "number"):
        return _Number(column, factor)
    return _text_of(column)


def _text_of(column: FormColumn) -> Callable[[Value], Read]:
    pattern = re.compile(column.pattern) if column.pattern else None

    def read(value: Value) -> Read:
        if pattern is not None:
            return Read(code_text(value, pattern))
        text = clean(value)
        if not text:
            return Read(None)
        if len(text) > LONGEST_TEXT or any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
            raise Unreadable(Text(f"不超过{LONGEST_TEXT}字的文字", f"a text of at most {LONGEST_TEXT} characters"))
        return Read(text)

    return read


def code_text(value: Value, pattern: re.Pattern[str]) -> str | None:
    """Return a code as text; Unreadable when a spreadsheet has turned it into a number and its end is lost."""
    if type(value) is str and len(value) <= LONGEST_CODE and pattern.fullmatch(value):
        return value
    text = unicodedata.normalize("NFKC", clean(value)).removeprefix("'").strip()
    if not text:
        return None
    text = next((way for way in (text, text.upper(), text.lower()) if pattern.fullmatch(way)), text)
    lost = isinstance(value, float) and (not value.is_integer() or abs(value) >= 2**53)
    if lost or (_SCIENTIFIC.fullmatch(text) and not isinstance(value, int)):
        raise Unreadable(
            Text(
                "文本格式的代码：表格已将其变成数字，末位已丢失",
                "a code as text: a spreadsheet made it a number and its last digits are lost",
            )
        )
    if len(text) > LONGEST_CODE or not pattern.fullmatch(text):
        whole = text.partition(".")[0]
        suggestion = whole if _WITH_ZEROS.fullmatch(text) and pattern.fullmatch(whole) else None
        raise Unreadable(code_words(pattern.pattern), suggestion)
    return text


def code_words(pattern: str) -> Text:
    """Return what codes of a pattern look like: in words where the layers' files use it."""
    return _CODES.get(pattern) or Text(f"形如 {pattern} 的代码", f"a code that matches {pattern}")


class _Number:
    """Reads numbers within the column's limits."""

    def __init__(self, column: FormColumn, factor: float) -> None:
        self._column = column
        self._factor = factor
        low, high = column.low, column.high
        unit = f" {column.unit}" if column.unit else ""
        kind = ("整数", "a whole number") if column.type == "integer" else ("数字", "a number")
        limits = ("", "")
        if low is not None and high is not None and 0 < low < _NEARLY_NONE:
            limits = (f"（大于 0，至多 {high:g}{unit}）", f" above 0, at most {high:g}{unit}")
        elif low is not None and high is not None:
            limits = (f"（{low:g} 至 {high:g}{unit}）", f" from {low:g} to {high:g}{unit}")
        self._expected = Text(kind[0] + limits[0], kind[1] + limits[1])

    def __call__(self, value: Value) -> Read:
        number = self._number(value)
        if number is None:
            return Read(None)
        number *= self._factor
        low, high = self._column.low, self._column.high
        if (low is not None and number < low) or (high is not None and number > high):
            raise Unreadable(self._expected)
        if self._column.type == "integer":
            if not float(number).is_integer() or abs(number) >= 2**31:
                raise Unreadable(self._expected)
            return Read(int(number))
        return Read(float(number))

    def _number(self, value: Value) -> float | None:
        if isinstance(value, bool):
            raise Unreadable(self._expected)
        if isinstance(value, (int, float)):
            if (isinstance(value, int) and value.bit_length() > _MOST_BITS) or not math.isfinite(value):
                raise Unreadable(self._expected)
            return value
        text = unicodedata.normalize("NFKC", clean(value)).lower().replace("−", "-").strip()
        if not text:
            return None
        unit = self._column.unit
        if unit:
            text = text.removesuffix(unicodedata.normalize("NFKC", unit).lower()).strip()
        text = text.replace(",", "") if _GROUPED.fullmatch(text) else text.replace(" ", "")
        if not _NUMBER.fullmatch(text):
            inside = re.findall(r"[0-9]+(?:\.[0-9]+)?", text)
            raise Unreadable(self._expected, inside[0] if len(inside) == 1 else None)
        number = float(text)
        if not math.isfinite(number):
            raise Unreadable(self._expected)
        return number


def _boolean(value: Value) -> Read:
    if value is None or isinstance(value, bool):
        return Read(value)
    text = unicodedata.normalize("NFKC", clean(value)).lower()
    if not text or text in ("/", "-", "—", "不详", "未知", "unknown"):
        return Read(None)
    if text in _YES or text in _NO:
        return Read(text in _YES)
    raise Unreadable(Text("是 或 否", "yes or no (是, 否)"))


_A_DAY = Text("日期，例如 2020-10-15", "a day, such as 2020-10-15")
_A_REAL_DAY = Text("日历上有的日期", "a day that the calendar has")


def _day(value: Value) -> Read:
    text = unicodedata.normalize("NFKC", clean(value)).strip()
    if not text:
        return Read(None)
    if isinstance(value, bool):
        raise Unreadable(_A_DAY)
    match = _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
    if match is None:
        return _serial_day(text)
    year, month, day = (int(part) for part in match.groups())
    if year == 0:
        raise Unreadable(Text("真实日期；不知道就留空", "a day that there was; leave it empty when unknown"), "")
    try:
        found = dt.date(year, month, day)
    except ValueError:
        raise Unreadable(_A_REAL_DAY, _last_of_month(year, month)) from None
    return Read(_within(found))


def _serial_day(text: str) -> Read:
    """Read what Excel keeps instead of a day: the number of days since the end of 1899."""
    if not re.fullmatch(r"[1-9][0-9]{4}(\.[0-9]+)?", text):
        months = re.fullmatch(r"([0-9]{4})(?:[-/.年])([0-9]{1,2})月?", text)
        raise Unreadable(
            _A_DAY, f"{months[1]}-{int(months[2]):02d}-01" if months and int(months[2]) in range(1, 13) else None
        )
    found = _within(_EXCEL_FIRST + dt.timedelta(days=int(float(text))))
    return Read(
        found, Text(f"表格的日期序号，读作 {found}", f"a spreadsheet's serial number of a day, read as {found}")
    )


def _within(day: dt.date) -> dt.date:
    # facts of a ledger may be older than the law
    if not dt.date(1900, 1, 1) <= day <= LATEST:
        raise Unreadable(Text(f"1900-01-01 至 {LATEST} 之间的日期", f"a day from 1900-01-01 to {LATEST}"))
    return day


def _last_of_month(year: int, month: int) -> str | None:
    if not 1 <= month <= 12 or not EARLIEST.year - 100 <= year <= LATEST.year:
        return None
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).isoformat()


class _Choice:
    """Reads a value out of a column's codes, by the code or by its word in Chinese or English."""

    def __init__(self, column: FormColumn) -> None:
        self._is_number = column.type == "integer"
        self._words: dict[str, str] = {}
        for code, words in column.codes.items():
            # 散煤（原煤） and 重油、渣油 are known by each of their words
            parts = [part for word in (words.zh, words.en) for part in re.split(r"[（）()、,，/]| or ", word)]
            for word in (*parts, words.zh, words.en, code):
                if word.strip():
                    self._words.setdefault(self._normal(word), code)
        for code, words in column.codes.items():
            for word in (code, words.zh, words.en):
                self._words[self._normal(word)] = code
        listed = [f"{words.zh}（{code}）" for code, words in list(column.codes.items())[:12]]
        more = "…" if len(column.codes) > 12 else ""
        self._expected = Text("、".join(listed) + more, ", ".join(listed) + more)
        self._labels = {code: words.zh for code, words in column.codes.items()}

    @staticmethod
    def _normal(word: str) -> str:
        text = unicodedata.normalize("NFKC", word).strip().lower()
        stage = re.fullmatch(r"国([一二三四五六]|i{1,3}|iv|vi?|[1-6])(阶段|标准|排放)?", text)
        if stage:
            return "国" + _ROMAN_NUMERALS.get(stage[1].upper(), stage[1].translate(_ROMAN))
        return re.sub(r"\s+", "", text)

    def __call__(self, value: Value) -> Read:
        text = clean(value)
        if not text:
            return Read(None)
        code = self._words.get(self._normal(text))
        if code is None:
            best = process.extractOne(self._normal(text[:SHOWN]), list(self._words), scorer=fuzz.ratio, score_cutoff=60)
            raise Unreadable(self._expected, self._labels[self._words[best[0]]] if best else None)
        return Read(int(code) if self._is_number else code)
