"""What is told of tours, in the page's language: mistakes, reasons, and what the ways were taken from."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap.domain.tour import FASTEST_KMH, MOST_SERVICE_MIN, MOST_STOPS, SLOWEST_KMH, TourError, clock
from gridmap.errors import ConflictError, GridmapError, NotFoundError, UserError
from gridmap.store.tours import StaleTourError, StopRow, TakenError, TourRow

FIELDS = {
    "no_start": "lon", "outside": "lon", "times": "ends", "speed": "speed", "hours": "hours", "all_shut": "hours",
    "day": "day", "title": "title", "no_sites": "choose", "too_many": "choose", "none_near": "radius_m",
    "unknown": "add", "closed": "add",
}  # fmt: skip
"""Beside which field of the form a mistake is told, where it is about one."""


def mistake(error: TourError) -> str:
    """Return what is wrong with a tour."""
    names = _("、").join(error.names)
    sentences = {
        "no_start": _("请给出出发位置：用手机定位、在图上点一处，或填经纬度。"),
        "outside": _("位置 %(names)s 不在本市数据范围内；应先经度后纬度，例如 113.02 和 34.75。", names=names),
        "times": _("收工时间应晚于出发时间，都在同一天之内：%(names)s。", names=names),
        "speed": _("车速应为 %(low)s 至 %(high)s 公里/小时的数。", low=f"{SLOWEST_KMH:g}", high=f"{FASTEST_KMH:g}"),
        "hours": _("开放时间不对（%(names)s）：应像 08:30-12:00, 14:00-17:30，先开后关。", names=names),
        "all_shut": _("当天到得了的时候都不开门：%(names)s。请改开放时间、出发时间或日期。", names=names),
        "none_fits": _("当天一个也安排不进：%(names)s。请延长当天时间、缩短检查时长，或换近处的对象。", names=names),
        "must": _("必到或已固定次序的对象安排不进：%(names)s。请延长当天时间，或取消必到、固定。", names=names),
        "day": _("日期应为平台的今天至一年以内。"),
        "title": _("请填名称，最多 100 字。"),
        "no_sites": _("至少要有一个对象：从“附近”勾选、填编号，或让平台挑选。"),
        "too_many": _("一天最多 %(n)s 个对象，请减少，或分成几条行程。", n=MOST_STOPS),
        "none_near": _("出发位置 %(m)s 米内没有您可见、当天还没有安排的对象。", m=names),
        "unknown": _("没有您可见的对象 %(names)s。", names=names),
        "closed": _("当天已关闭或还没有开业：%(names)s。", names=names),
        "service": _("检查时长“%(names)s”应为 0 至 %(most)s 分钟的整数。", names=names, most=MOST_SERVICE_MIN),
        "several": _("一条行程只能安排一个县（市、区）的对象，这些属于 %(names)s。", names=names),
        "reason": _("请写明跳过的理由，最多 500 字。"),
        "state": _("没有改动：它刚被别人办理，现状见本页。"),
        "has_done": _("没有撤销：已有完成的检查，行程须留作记录。"),
        "over": _("没有重排：从 %(names)s 起已没有时间，当天已收工。", names=names),
        "no_rest": _("没有重排：没有还未去的对象。"),
        "at": _("时间“%(names)s”应像 13:30。", names=names),
    }
    return sentences.get(error.code, str(error))


def refusal(error: GridmapError) -> str:
    """Return why a tour was not saved or changed."""
    if isinstance(error, TourError):
        return mistake(error)
    if isinstance(error, TakenError):
        told = _("；").join(
            _("%(name)s 已在行程“%(title)s”（%(post)s）上", name=one.name, title=one.title, post=one.post)
            for one in error.taken
        )
        return _("同一天一个对象只能在一条行程上：%(told)s。", told=told)
    if isinstance(error, StaleTourError):
        return _("没有改动：别人刚改过这条行程（现为第 %(n)s 版）。现状见本页，请再办理一次。", n=error.theirs)
    if isinstance(error, NotFoundError):
        return _("没有改动：这条行程上没有这一站，可能刚被别人改过。")
    assert isinstance(error, UserError | ConflictError)
    return str(error)


def why(reason: str) -> str:
    """Return why a plan left a stop out; what somebody wrote as a reason stays as it is."""
    return {
        "shut": _("到得了的时候不开门"),
        "far": _("太远，往返加检查超出当天时间"),
        "full": _("当天时间排满，其他对象更急或更顺路"),
    }.get(reason, reason)


def ways_from(tour: TourRow) -> str:
    """Return what distances and times of a tour rest on."""
    line = _(
        "路程按直线距离 × %(factor)s（绕行系数）、车速 %(speed)s 公里/小时估算；"
        "系数为平台所设，没有在本市实测，不是导航里程。",
        factor=f"{tour.detour_factor:g}",
        speed=f"{tour.speed_kmh:g}",
    )
    if tour.ways_from == "table_service":
        return _("路程和时间由本市的路网服务按道路计算。")
    return _("本市的路网服务没有应答，改用直线估算。") + line if tour.ways_from == "fallback" else line


def trouble(tour: TourRow, stop: StopRow, is_shut: bool) -> str:
    """Return what is the matter with a stop by plan, empty when all is well."""
    if stop.state == "planned" and stop.is_closed:
        return _("对象已关闭或已删除")
    if stop.state == "planned" and is_shut:
        return _("到时不开门")
    if stop.state == "planned" and stop.leaves_s is not None and stop.leaves_s > tour.ends_s:
        return _("超出收工时间 %(end)s", end=clock(tour.ends_s))
    return ""


def done(step: str) -> str:
    """Return what is told right after a step."""
    return {
        "created": _("行程已生成。"),
        "up": _("已上移，时间已重算。"),
        "down": _("已下移，时间已重算。"),
        "lock": _("已固定次序。"),
        "unlock": _("已取消固定。"),
        "done": _("已记为完成。"),
        "skip": _("已跳过。可以重排余下的各站。"),
        "resume": _("已放回行程末尾，时间已重算。"),
        "reorder": _("余下的各站已重排。"),
    }.get(step, "")
