"""Duties: who answers for a cell in which role, from when to when; and how a roster of them is read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gridmap import glossary
from gridmap.domain.days import EARLIEST, LATEST
from gridmap.errors import ConflictError, UserError

ROLES = ("chief", "officer", "patroller", "supervisor")
"""One chief and three kinds of staff (一长三员): every responsibility cell must have each."""

LONGEST_POST = 100

# field -> headings by which a roster may call it
COLUMNS: dict[str, tuple[str, ...]] = {
    "cell_code": ("网格代码", "网格编码", "网格", "cell_code", "cell code", "cell"),
    "role": ("角色", "role"),
    "post": ("岗位", "post"),
    "account": ("账号", "帐号", "account"),
    "begins_on": ("起", "起始日期", "开始日期", "begins_on", "from"),
    "ends_on": ("止", "截止日期", "结束日期", "ends_on", "to", "until"),
    "is_full_time": ("专职", "是否专职", "is_full_time", "full time", "full_time"),
}
REQUIRED = ("cell_code", "role", "post", "begins_on")
PERSONAL = frozenset(
    {
        "姓名",
        "名字",
        "人员",
        "联系人",
        "电话",
        "手机",
        "手机号",
        "联系电话",
        "身份证",
        "身份证号",
        "name",
        "phone",
        "mobile",
    }
)
"""Headings of columns that are never read: duties are posts, no persons are kept."""

_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.0+")
_DAY = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00(?::00)?)?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
# two to four characters that name no office are taken for somebody's name (ours)
_BARE_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_OFFICE_ENDINGS = "长员岗任记站所办科队组"
_YES = frozenset({"是", "专职", "yes", "true", "1"})
_NO = frozenset({"否", "兼职", "no", "false", "0"})


@dataclass(frozen=True)
class Formula:
    """A cell of a spreadsheet that holds a formula: it is never evaluated."""

    text: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of one row; row as the spreadsheet counts, the heading being row 1."""

    row: int
    field: str
    found: str
    expected: str


class HandoverRefused(ConflictError):
    """A duty that cannot be handed over so. reason: holds_already, several or too_soon; posts: those it is about."""

    def __init__(self, reason: str, sentence: str, posts: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.posts = posts


@dataclass(frozen=True)
class RosterRow:
    """A duty as a roster gives it. ends_on: the day after the last one, None when no end is set."""

    row: int
    cell_code: str
    role: str
    post: str
    account: str | None
    begins_on: dt.date
    ends_on: dt.date | None
    is_full_time: bool | None


def recognise(headings: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return where each field stands among a roster's headings, and notes on columns that are not read.

    UserError when a field that every duty needs is missing, or two columns are the same field.
    """
    places: dict[str, int] = {}
    notes = []
    for place, heading in enumerate(headings):
        name = unicodedata.normalize("NFKC", heading).strip().lower()
        fields = [field for field, names in COLUMNS.items() if name in names]
        if fields and fields[0] in places:
            raise UserError(f"the roster has two columns {COLUMNS[fields[0]][0]} ({fields[0]})")
        if fields:
            places[fields[0]] = place
        elif name in PERSONAL:
            notes.append(f"column {heading} was not read: duties are posts, no persons are kept")
        elif name:
            notes.append(f"column {heading} is not known and was not read")
    missing = [f"{COLUMNS[field][0]} ({field})" for field in REQUIRED if field not in places]
    if missing:
        raise UserError(f"the roster has no column {', '.join(missing)}; its first row should hold the headings")
    return places, notes


def read_row(row: int, values: Mapping[str, Any]) -> tuple[RosterRow | None, list[Fault]]:
    """Return the duty that a row tells of, or what is wrong with it. values: by field, as the file holds them."""
    faults: list[Fault] = []

    def take(field: str, reader: Callable[[Any], Any], expected: str) -> Any:
        value = values.get(field)
        try:
            if isinstance(value, Formula):
                raise UserError("a value: formulas are not evaluated, paste what they give")
            return reader(value)
        except UserError as error:
            faults.append(Fault(row, field, found(value), str(error) or expected))
            return None

    begins_on = take("begins_on", _needed_day, "")
    ends_on = take("ends_on", _last_day, "")
    got = {
        "cell_code": take("cell_code", _code, ""),
        "role": take("role", _role, ""),
        "post": take("post", check_post, ""),
        "account": take("account", _optional, ""),
        "is_full_time": take("is_full_time", _yes_no, ""),
    }
    if begins_on is not None and ends_on is not None and ends_on <= begins_on:
        faults.append(
            Fault(row, "ends_on", found(values.get("ends_on")), f"a day not before the first one, {begins_on}")
        )
    if got["is_full_time"] is not None and got["role"] not in (None, "chief"):
        got["is_full_time"] = None  # only chiefs are asked for it
    return (None, faults) if faults else (RosterRow(row, begins_on=begins_on, ends_on=ends_on, **got), [])


def found(value: Any) -> str:
    """Return a value of a file as a report shows it."""
    if isinstance(value, Formula):
        return value.text[:60]
    return "nothing" if value is None else str(value)[:60]


def role_of(text: str) -> str:
    """Return a role from its word in Chinese or English, or its code; UserError lists the words."""
    words = glossary.terms()["duty_role"]
    for code in ROLES:
        if text.strip().lower() in (code, words[code]["zh"], words[code]["en"]):
            return code
    raise UserError("one of " + ", ".join(f"{words[code]['zh']} ({code})" for code in ROLES))


def check_post(value: Any) -> str:
    """Return a post without spaces around it; UserError when it is none or looks like somebody's name."""
    text = _text(value)
    if not text or len(text) > LONGEST_POST or not text.isprintable():
        raise UserError(f"a post of at most {LONGEST_POST} characters, such as 网格长-410181113-01")
    if _BARE_NAME.fullmatch(text) and text[-1] not in _OFFICE_ENDINGS:
        raise UserError("a post such as 网格长-410181113-01, never a person's name")
    return text


def _text(value: Any) -> str:
    """Return what a cell holds as text; whole numbers without their .0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def _optional(value: Any) -> str | None:
    return _text(value) or None


def _code(value: Any) -> str:
    text = _text(value)
    if text.startswith("'"):
        text = text[1:]
    if _SCIENTIFIC.fullmatch(text):
        raise UserError("a code as text: the spreadsheet has turned it into a number and its last digits are lost")
    if not re.fullmatch(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|T2000-[0-9]+", text):
        raise UserError("the code of a cell: 6, 9, 12 or 15 digits")
    return text


def _role(value: Any) -> str:
    return role_of(_text(value))


def _needed_day(value: Any) -> dt.date:
    day = _day(value)
    if day is None:
        raise UserError("the first day, such as 2020-10-15")
    return day


def _last_day(value: Any) -> dt.date | None:
    """Return the day after the last one, which the roster gives."""
    day = _day(value)
    return None if day is None else day + dt.timedelta(days=1)


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        value = value.date()
    if not isinstance(value, dt.date):
        text = _text(value)
        if not text:
            return None
        match = _DAY.fullmatch(text)
        if match is None:
            raise UserError("a day, such as 2020-10-15 or 2020年10月15日")
        try:
            value = dt.date(*(int(part) for part in match.groups() if part))
        except ValueError as error:
            raise UserError("a day that there is, such as 2020-10-15") from error
    if not EARLIEST <= value <= LATEST:
        raise UserError(f"a day from {EARLIEST} to {LATEST}")
    return value


def _yes_no(value: Any) -> bool | None:
    text = str(value).lower() if isinstance(value, bool) else _text(value).lower()
    if not text:
        return None
    if text not in _YES | _NO:
        raise UserError("是 or 否 (yes or no)")
    return text in _YES
