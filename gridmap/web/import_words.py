"""A report as a page tells it: in words, without options of commands, a page at a time, and on a map."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import gettext as _

from gridmap.coordinates import convert, get_system
from gridmap.domain.definition import Text
from gridmap.domain.import_report import FieldChange, ImportChange, ImportFault, ImportReport
from gridmap.errors import UserError
from gridmap.maps.imports import Mark
from gridmap.web import language

ON_A_PAGE = 50
STATES = ("new", "changed", "moved", "gone")

T = TypeVar("T")

# the importer speaks to whoever types a command; on the page the same is done with a form
_HINTS_ZH = (
    (re.compile(r"（用 --map [^）]*）"), "（请在“列的对应”里指定）"),
    (re.compile(r"请用 --map 指定"), "请在“列的对应”里指定"),
    (re.compile(r"请用 --crs 指定坐标系（--crs [^）]*）"), "请选定坐标系后重新检查"),
    (re.compile(r"请用 --map 对调（.*）$"), "请在“列的对应”里对调"),
    (re.compile(r"（加 --[^）]*）"), ""),
)
_HINTS_EN = (
    (re.compile(r"say --map TITLE=\w+|say with --map( (what it is|which is))?"), "say so under Columns"),
    (re.compile(r"say --crs \(--crs [^)]*\)"), "choose the coordinate system and check again"),
    (re.compile(r"exchange them with --map \(.*\)$"), "exchange them under Columns"),
    (re.compile(r" \(--\w+ [^)]*\)| with --on"), ""),
)


def plain(text: Text) -> str:
    """Return a sentence of a report in the page's language, with what to do on the page."""
    lang = language.current()
    sentence = text.get(lang)
    for pattern, instead in _HINTS_EN if lang == "en" else _HINTS_ZH:
        sentence = pattern.sub(instead, sentence)
    return sentence


def states() -> dict[str, str]:
    """Return the states of objects in words."""
    return dict(zip((*STATES, "same"), (_("新增"), _("有改动"), _("移动"), _("不再有"), _("相同")), strict=True))


def title_of(field: FieldChange) -> str:
    """Return what a field is called; what follows from a file's region has no column of its own in a form."""
    derived = {
        "reported_region_code": _("申报区域"), "county_code": _("县（市、区）"), "township_code": _("乡镇（街道）"),
        "township_name": _("乡镇（街道）"), "match_name": _("对照用名"), "official_name": _("正式名称"),
        "is_community": _("是社区"),
    }  # fmt: skip
    return derived.get(field.column) or field.title.get(language.current())


def farthest(report: ImportReport) -> float:
    """Return how far the farthest object would move, metres."""
    return max((change.moved_m or 0.0 for change in report.changes), default=0.0)


@dataclass(frozen=True)
class Part(Generic[T]):
    """A page of a list. rows: of this page. total: of all that fit the filter. page, pages: from 1."""

    rows: Sequence[T]
    total: int
    page: int
    pages: int


def part(rows: Sequence[T], wanted: str | None) -> Part[T]:
    """Return a page of rows; a page that is not there is the nearest that is."""
    pages = max(1, math.ceil(len(rows) / ON_A_PAGE))
    number = int(wanted) if wanted and re.fullmatch(r"[0-9]{1,6}", wanted) else 1
    number = min(max(number, 1), pages)
    return Part(rows[(number - 1) * ON_A_PAGE : number * ON_A_PAGE], len(rows), number, pages)


def kind_of(fault: ImportFault) -> str:
    """Return of which kind a problem is: faults and warnings of one column are each one kind."""
    return f"{fault.severity}:{fault.title}"


def kinds(report: ImportReport) -> list[tuple[str, str, int]]:
    """Return the kinds of problems, each in words and with its number, faults first."""
    counted = Counter(kind_of(fault) for fault in report.faults)
    severities = {"fault": _("错误"), "warning": _("提醒")}
    return [
        (kind, f"{severities[kind.partition(':')[0]]}{_('：')}{kind.partition(':')[2] or _('整行')}", number)
        for kind, number in sorted(counted.items(), key=lambda one: (one[0].partition(":")[0], -one[1]))
    ]


def marks(report: ImportReport, facts: Callable[[ImportChange], dict[str, str]]) -> list[Mark]:
    """Return the changes as a map draws them; where the positions look to be in another system, with the way there."""
    drawn = [
        Mark(
            change.status, change.name or change.key, change.before, change.after, change.is_placed, facts(change)
        )
        for change in report.changes
    ]  # fmt: skip
    return drawn + _doubts(report, facts) + _shifts(report, facts)


def _doubts(report: ImportReport, facts: Callable[[ImportChange], dict[str, str]]) -> list[Mark]:
    """Return what is drawn around places of which the check warns: such as those outside their reported county."""
    warned = {fault.row: plain(fault.expected) for fault in report.faults if fault.severity == "warning"}
    return [
        Mark(
            "doubt",
            change.name or change.key,
            None,
            change.after,
            True,
            {**facts(change), "warning": warned[change.row]},
        )
        for change in report.changes
        if change.row in warned and change.after and change.is_placed
    ]


def _shifts(report: ImportReport, facts: Callable[[ImportChange], dict[str, str]]) -> list[Mark]:
    """Return the way from each position as it was read to where it would be in the system that it looks to be in."""
    placed = [change for change in report.changes if change.after and change.is_placed]
    if report.looks_like is None or report.crs is None or not placed:
        return []
    stored = get_system("cgcs2000")
    lon, lat = zip(*[change.after for change in placed if change.after], strict=True)
    try:
        there = convert(get_system(report.looks_like), stored, *convert(stored, get_system(report.crs), lon, lat))
    except UserError:
        return []
    return [
        Mark("shift", change.name or change.key, change.after, (float(x), float(y)), True, facts(change))
        for change, x, y in zip(placed, *there, strict=True)
    ]
