"""The form by which a duty is handed over: what was typed, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from gridmap.domain import duty
from gridmap.domain.duty import ROLES, HandoverRefused
from gridmap.errors import UserError
from gridmap.web import view
from gridmap.web.exception_form import Form

FIELDS = ("role", "from_post", "to_post", "from_day", "account", "full_time")


@dataclass(frozen=True)
class Handover:
    """What the form asks for."""

    role: str
    to_post: str
    from_day: dt.date
    from_post: str | None
    account: str | None
    is_full_time: bool | None


def read(sent: Mapping[str, str], today: dt.date) -> tuple[Form, Handover | None]:
    """Return the form that was sent, and the handover that it asks for when nothing is wrong."""
    form = Form({name: (sent.get(name) or "").replace("\x00", "").strip()[:200] for name in FIELDS})
    values = form.values
    if values["role"] not in ROLES:
        form.errors["role"] = _("请选择角色。")
    try:
        values["to_post"] = duty.check_post(values["to_post"])
    except UserError:
        form.errors["to_post"] = _("应为岗位，例如 网格长-410181113-01，最多 100 字，不写姓名。")
    day = _day(values["from_day"])
    if day is None:
        form.errors["from_day"] = _("应为年-月-日，例如 %(day)s。", day=today)
    elif day < today:
        form.errors["from_day"] = _("早于平台的今天 %(day)s：以前的岗位由管理人员用命令行更正。", day=today)
    if form.errors or day is None:
        return form, None
    full_time = {"yes": True, "no": False}.get(values["full_time"])
    wanted = Handover(
        values["role"], values["to_post"], day, values["from_post"] or None, values["account"] or None, full_time
    )
    return form, wanted


def refusal(refused: HandoverRefused) -> str:
    """Return why a duty cannot be handed over so."""
    posts = "、".join(refused.posts)
    return {
        "holds_already": _("%(posts)s 在这一天或以后已担任此角色。", posts=posts),
        "several": _("此角色由几个岗位担任：%(posts)s。请选择交出的岗位。", posts=posts),
        "too_soon": _("%(posts)s 正是这一天开始任职，请选择更晚的日期。", posts=posts),
    }[refused.reason]


def not_there() -> str:
    """Return the sentence for an account or a post that is not there."""
    return _("没有保存：账号不存在或已停用，交出的岗位这一天不担任此角色，或网格这一天已不存在。")


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and view.FIRST_DAY <= day <= view.LAST_DAY else None
