"""Words for codes, in the page's language; the same in pages and scripts."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _

from gridmap import glossary
from gridmap.domain.repeat import Repeat
from gridmap.rules.present import repeat_in_words
from gridmap.web import language


def word(group: str, code: str | None) -> str:
    """Return the glossary's word for a code in the page's language."""
    return glossary.word(group, code, language.current()) if code else ""


def certainty(code: str) -> str:
    """Return a certainty in a word."""
    return word("certainty", code)


def certainty_explained(code: str) -> str:
    """Return what a certainty means for the reader."""
    return {
        "breach": _("位置和事实都足以认定。只有“违规”计入统计，也只有“违规”可以立案督办。"),
        "near_boundary": _("离边界的距离小于位置误差，落在哪一侧说不准。先核实位置，不算违规。"),
        "report": _("现有资料不足以判断，或规则只要求报告。提请核实，不算违规。"),
    }.get(code, "")


def severity(code: str) -> str:
    """Return a severity in a word."""
    return word("severity", code)


def status(code: str) -> str:
    """Return a finding's status in a word."""
    return word("finding_status", code)


def event(code: str) -> str:
    """Return an event of a finding's life in a word."""
    return word("finding_event", code)


def reason(code: str | None) -> str:
    """Return why a finding is gone or came back, in words; what somebody wrote as a reason stays as it is."""
    group = "gone_reason" if code in glossary.terms()["gone_reason"] else "reopen_reason"
    return word(group, code)


def repeats(repeat: Repeat) -> list[str]:
    """Return why something stands out as a repeat and how often, a text for each badge."""
    return repeat_in_words(repeat, language.current())


def theme(code: str) -> str:
    """Return a rule's theme in a word."""
    return word("theme", code)


def cell_measure(code: str) -> str:
    """Return what is counted of a cell, in a word."""
    return word("cell_measure", code)


def ranking(code: str) -> str:
    """Return what cells are ranked by, in a word."""
    return word("ranking", code)


def feature_kind(code: str) -> str:
    """Return what was judged, in a word."""
    return word("feature_kind", code)


def role(code: str) -> str:
    """Return a role in a word."""
    return word("role", code)


def log_action(code: str) -> str:
    """Return what was done, in a word."""
    return word("log_action", code)


def log_relation(code: str | None) -> str:
    """Return what it was done to, in a word."""
    return word("log_relation", code)


def actor(name: str) -> str:
    """Return who did something: a login name, the command line, or somebody who was not logged in."""
    return {"command line": _("命令行"), "-": _("未登录")}.get(name, name)


def moment(at: dt.datetime | None) -> str:
    """Return an instant to the minute, on the clock of the database session; empty for none."""
    return at.strftime("%Y-%m-%d %H:%M") if at is not None else ""


def for_scripts() -> dict[str, str]:
    """Return the words that the map's scripts write."""
    return {
        "close": _("关闭"),
        "nothing_here": _("此处没有对象。放大地图或点选符号。"),
        "tiles_failed": _("有的图层没有读到，请刷新页面再试。"),
        "map_label": _("地图：方向键移动，加减号缩放，回车查看正中的对象"),
        "loading": _("正在读取…"),
        "findings": _("查出的问题"),
        "no_findings": _("所选日期没有查出问题。"),
        "facts": _("基本情况"),
        "more_here": _("此处的其他对象"),
        "zones_here": _("此处有效的法定区域"),
        "no_zones_here": _("此处没有任何有效的法定区域。"),
        "law_here": _("这里当日的全部要求"),
        "zones_vague": _("该对象的位置只知道在所在乡镇或县（市、区）内，下列区域按图上符号所在点查得，仅供参考。"),
        "sketch": _("示意"),
        "near_boundary": _("距边界小于误差，内外待核"),
        "outside": _("在界外"),
        "details": _("查看问题详情"),
        "site_page": _("点位的全部记录"),
        "rule": _("适用规则"),
        "legal": _("依据"),
        "item": _("第%(item)s项", item="{item}"),
        "comma": _("、"),
        "clause": _("，"),
        "colon": _("："),
        "semicolon": _("；"),
        "bracketed": _("（%(n)s）", n="{n}"),
        "in_force_from": _("自 %(day)s 起有效", day="{day}"),
        "until": _("至 %(day)s（不含）", day="{day}"),
        "failed": _("读取失败：%(reason)s", reason="{reason}"),
        "yes": _("是"),
        "no": _("否"),
        "copied": _("链接已复制"),
        "placed_township": _("仅知位于所在乡镇，± %(km)s 公里", km="{km}"),
        "placed_county": _("仅知位于所在县（市、区），± %(km)s 公里", km="{km}"),
        "bin": _("此格共 %(n)s 个对象，放大后逐个显示。", n="{n}"),
        "area": _("所在区域"),
        "all_counties": _("全市"),
    }
