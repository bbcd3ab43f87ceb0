"""What pages and scripts say of visits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from gridmap.domain.checklist import AnswerError
from gridmap.inspecting.visits import Judged
from gridmap.web import cell_words, language

LONGEST_H = 24
MOST_PHOTOS = 6


def for_scripts() -> dict[str, str]:
    """Return wordings by name; {n} and the like are filled in by the script."""
    return {
        **cell_words.for_scripts(),
        "visit": _("检查记录"),
        "open_visit": _("查看检查记录"),
        "photo_many": _("照片最多 %(n)s 张。", n=MOST_PHOTOS),
        "saved_visit": _("已保存在本机，正在发送；没有网络时联网后自动发送一次。"),
        "kept_here": _("填写的内容已存在本机。"),
        "went_on": _("这是上次没有填完的内容，可以接着填。"),
        "drop_question": _("删除这条未发送的内容？删除后不能恢复。"),
        "located": _("已定位，误差约 %(m)s 米。", m="{m}"),
        "location_denied": _("手机没有允许定位，请在系统设置中允许。"),
        "location_failed": _("定位失败，请到开阔处再试。"),
        "location_missing": _("这个浏览器不能定位（需要 HTTPS）。"),
        "without_place": _("没有位置也可以提交，记录会注明。"),
        "away": _("距登记点位 %(m)s。", m="{m}"),
        "far": _("离登记点位较远，仍可提交，记录会注明。"),
        "vague": _("误差超过 1 公里，说不清在不在现场；仍可提交，记录会注明。"),
        "number_wrong": _("“%(name)s”应为范围内的数字。", name="{name}"),
        "end_first": _("结束时间早于开始时间。"),
        "in_future": _("时间晚于现在，请核对。"),
        "too_long": _("检查持续超过 24 小时，请核对开始时间。"),
        "post_missing": _("请填写签名岗位。"),
        "unsigned": _("请手写签名，或勾选以岗位名义确认。"),
    }


def answer(code: str) -> str:
    """Return an answer in a word."""
    return {
        "ok": _("合格"),
        "failed": _("不合格"),
        "not_applicable": _("不适用"),
        "not_seen": _("没看"),
        "measured": _("实测"),
    }[code]


def kind(code: str) -> str:
    """Return what a visit was for, in a word."""
    return {
        "regular": _("日常检查"),
        "random": _("双随机抽查"),
        "off_hours": _("错时检查"),
        "fuel_sample": _("油品采样"),
        "emission_test": _("排放检测"),
    }[code]


def outcome(code: str | None) -> str:
    """Return what came of a visit, in words."""
    return {
        "nothing_to_object": _("没有异议，当场办结"),
        "objections": _("有不合格项"),
        "nothing_seen": _("没有看到，待再次检查"),
    }.get(code or "", _("纸面记录"))


def step(code: str) -> str:
    """Return a stop of work in words."""
    return {
        "one_week": _("停工一周（7 天）"),
        "one_month": _("停工一个月（约 30 天）"),
        "three_months": _("停工三个月（约 90 天）"),
    }[code]


def mark(code: str) -> str:
    """Return a filter of the list in words."""
    return {
        "told": _("现场填写的"),
        "undecided": _("停工建议待决定"),
        "place": _("位置有疑问"),
        "correction": _("建议更正登记资料"),
    }[code]


def recorded(value: str | None, unit: str | None = None) -> str:
    """Return a value of the record in words."""
    if value is None:
        return _("没有登记")
    return {"true": _("是"), "false": _("否"), "loose_coal": _("散煤"), "clean_coal": _("洁净型煤")}.get(
        value, f"{value} {unit or ''}".strip()
    )


def place(row: Any, length: Callable[[float], str]) -> str:
    """Return how the position of a visit stands to the site. row: with place_state, distance_m, accuracy_m."""
    parts = []
    if row.distance_m is not None:
        parts.append(_("距登记点位 %(m)s", m=length(row.distance_m)))
    if row.accuracy_m is not None:
        parts.append(_("定位误差 ± %(m)s", m=length(row.accuracy_m)))
    parts.append(
        {
            "far": _("离登记点位较远"),
            "vague": _("误差太大，说不清在不在现场"),
            "outside_city": _("位置不在本市范围内，没有采用"),
            "unknown": _("没有位置") if row.accuracy_m is None else "",
        }.get(row.place_state or "", "")
    )
    return _("，").join(filter(None, parts))


def judged(code: Judged) -> str:
    """Return what came of judging after a visit, in words; empty when findings answer for it."""
    return {
        "judged": "",
        "due": _("今天的全市判定还没有做，问题在判定之后列出。"),
        "busy": _("另一次判定正在进行，问题稍后列出。"),
        "failed": _("记录已保存；判定没有完成，问题在下次判定后列出。"),
    }[code]


def wrong_answer(error: AnswerError) -> str:
    """Return why an answer was not taken."""
    item = error.item.get(language.current()) if error.item else ""
    return {
        "unknown_item": _("检查表里没有这一项，检查表可能已经更新：请在有网络时重新打开检查页。"),
        "no_list": _("没有收到检查结果，或内容不完整。"),
        "twice": _("“%(item)s”出现了两次。", item=item),
        "wrong_type": _("“%(item)s”的结果无效。", item=item),
        "wrong_number": _("“%(item)s”应为范围内的数字。", item=item),
    }[error.code]
