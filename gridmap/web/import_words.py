"""A report as a page tells it: in words, without options of commands, a page at a time, and on a map."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import gettext as _

from gridmap.coordinates import convert, get_system
from gridmap.domain.definition import Text
from gridmap.domain.import_progress import HowFar
from gridmap.domain.import_report import FieldChange, ImportChange, ImportFault, ImportReport
from gridmap.errors import UserError
from gridmap.maps.imports import Mark
from gridmap.store.import_found import Kind
from gridmap.store.import_jobs import JobRow
from gridmap.web import language
from gridmap.web.waiting import in_words

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
    (re.compile(r"say it with --crs"), "choose that one in the form"),
    (re.compile(r"name one with --sheet"), "choose one"),
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


def standing(report: ImportReport | None) -> tuple[str, str]:
    """Return in a word how a file stands that waits, and the mark that it is shown with."""
    if report is None:
        return _("还没有检查"), "warn"
    if report.counts.get("refused"):
        return _("%(n)s 行有错误", n=f"{report.counts['refused']:,}"), "warn"
    if not report.is_clean:
        return _("还不能导入"), "warn"
    return (_("可以导入") if report.has_changes else _("与现有数据相同")), ""


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


def system(key: str | None) -> str:
    """Return what a coordinate system is called; its key where it is none of those known today."""
    try:
        found = get_system(key or "")
    except UserError:
        return key or ""
    return found.en if language.current() == "en" else found.zh


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


def part(read: Callable[[int, int], tuple[Sequence[T], int]], wanted: str | None) -> Part[T]:
    """Return a page of what read(limit, offset) gives with the number of all; one that is not there is the last."""
    number = max(int(wanted), 1) if wanted and re.fullmatch(r"[0-9]{1,6}", wanted) else 1
    rows, total = read(ON_A_PAGE, (number - 1) * ON_A_PAGE)
    pages = max(1, math.ceil(total / ON_A_PAGE))
    if number > pages:
        number = pages
        rows, total = read(ON_A_PAGE, (number - 1) * ON_A_PAGE)
    return Part(rows, total, number, pages)


def severities() -> dict[str, str]:
    """Return the severities of problems in words."""
    return {"fault": _("错误"), "warning": _("提醒")}


def kind_of(fault: ImportFault) -> tuple[str, str]:
    """Return of which kind a problem is: faults and warnings of one column are each one kind."""
    return fault.severity, fault.title


def kind_in(text: str | None) -> tuple[str, str] | None:
    """Return the kind that an address names, None for all."""
    severity, colon, title = (text or "").partition(":")
    return (severity, title) if colon else None


def kinds(found: Sequence[Kind]) -> list[tuple[str, str, int]]:
    """Return the kinds of problems as addresses name them, each in words and with its number."""
    words = severities()
    return [
        (f"{kind.severity}:{kind.title}", f"{words[kind.severity]}{_('：')}{kind.title or _('整行')}", kind.number)
        for kind in found
    ]


def doing(job: JobRow, far: HowFar) -> str:
    """Return what a job is at, in a sentence that changes seldom: somebody may have it read out."""
    if job.is_cancel_asked:
        return _("正在取消……")
    if job.state == "queued":
        if job.ahead:
            return _("正在排队，前面还有 %(n)s 个文件。", n=job.ahead)
        return _("正在排队，马上开始。")
    words = {
        "reading": _("正在读取并逐行检查"),
        "comparing": _("正在与现有数据比较"),
        "keeping": _("正在整理检查结果"),
        "writing": _("正在写入，全部完成前什么都不改"),
    }
    tens = "" if far.percent is None or far.percent < 10 else _("，已完成 %(n)s%%", n=far.percent // 10 * 10)
    return words[job.step] + tens


def times(job: JobRow, far: HowFar) -> str:
    """Return rows done, how long it takes already, and about how much longer."""
    if job.state == "queued":
        return _("已等 %(time)s", time=in_words(int(job.elapsed_s)))
    told = []
    if job.done:
        done, total = f"{job.done:,}", f"{job.total:,}" if job.total else ""
        if not total:
            told.append(_("%(n)s 行", n=done))
        elif job.step == "reading" and job.task == "check":
            told.append(_("%(n)s 行，共约 %(all)s 行", n=done, all=total))
        else:
            told.append(_("%(n)s 行，共 %(all)s 行", n=done, all=total))
    told.append(_("已用 %(time)s", time=in_words(int(job.elapsed_s))))
    if far.left_s is not None:
        told.append(_("大约还要 %(time)s", time=in_words(max(1, round(far.left_s)))))
    return " · ".join(told)


def ended(job: JobRow | None) -> str:
    """Return why a job ended without what it was for; "" when it did, or there was none."""
    if job is None or job.is_live or job.state == "done":
        return ""
    if job.state == "failed":
        why = plain(job.told) if job.told is not None else ""
        return _("没有导入，数据保持原样。%(why)s", why=why) if job.task == "write" else why
    if job.state == "cancelled":
        return _("已取消导入，数据保持原样。") if job.task == "write" else _("已取消检查。")
    if job.task == "write":
        return _("导入中断了（服务器重启或进程被停），没有写入任何数据；可以再导入一次。")
    return _("检查中断了（服务器重启或进程被停），数据没有改动；可以再检查一次。")


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
