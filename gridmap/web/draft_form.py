"""The forms of a draft: what was typed, what is wrong with it, and what it asks for when nothing is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from gridmap import geo
from gridmap.domain.draft import Publication, Step
from gridmap.store.draft_repeal import Repeal
from gridmap.store.drafts import DraftRow, StepRefused
from gridmap.web import view, words
from gridmap.web.exception_form import Form

FIELDS: Mapping[str, tuple[str, ...]] = {
    "create": ("base", "title", "purpose"),
    "describe": ("title", "purpose"),
    "comment": ("comment", "lon", "lat"),
    "return": ("reason",),
    "publish": ("document", "number", "signed_on", "begins_on"),
    "repeal": ("title", "document", "number", "begins_on", "reason", "purpose"),
}
"""What the form of a step holds; the steps that are not here ask for nothing."""

MOST: Mapping[str, int] = {
    "title": 200, "purpose": 4000, "comment": 4000, "reason": 4000, "document": 200, "number": 100,
}  # fmt: skip
"""The most characters of a text, as the database and the page take them; of other fields SHORT."""

_SHORT = 40
_NEEDED = frozenset({"title", "comment", "reason", "document", "number"})


@dataclass(frozen=True)
class Wanted:
    """What a form asks for. text: comment or reason; place: longitude and latitude a comment points to."""

    text: str = ""
    place: tuple[float, float] | None = None
    title: str = ""
    purpose: str = ""
    base: int | None = None
    publication: Publication | None = None


def read(step: str, sent: Mapping[str, str], today: dt.date) -> tuple[Form, Wanted | None]:
    """Return the form of "create" or a step as it was sent, and what it asks for when nothing is wrong."""
    form = Form()
    for name in FIELDS.get(step, ()):
        _read_text(form, name, sent.get(name) or "")
    values = form.values
    place = _place(form) if "lon" in values else None
    publication = _publication(form, today) if step == "publish" else None
    base = _base(form) if "base" in values else None
    if form.errors:
        form.notice = wrong()
        return form, None
    text = values.get("comment", values.get("reason", ""))
    return form, Wanted(text, place, values.get("title", ""), values.get("purpose", ""), base, publication)


@dataclass(frozen=True)
class WantedRepeal:
    """What the form of a repeal asks for."""

    repeal: Repeal
    title: str
    purpose: str


def read_repeal(sent: Mapping[str, str], today: dt.date, base_begins_on: dt.date) -> tuple[Form, WantedRepeal | None]:
    """Return the form of a repeal as it was sent, and what it asks for when nothing is wrong."""
    form = Form()
    for name in FIELDS["repeal"]:
        _read_text(form, name, sent.get(name) or "", is_needed=name in ("title", "document"))
    day = _day(form, "begins_on", today)
    if day is not None and day < today:
        form.errors["begins_on"] = _("早于平台的今天 %(day)s：补登过去生效的文件由管理人员用命令行办理。", day=today)
    elif day is not None and day <= base_begins_on:
        form.errors["begins_on"] = _("应晚于前一版的生效日期 %(day)s。", day=base_begins_on)
    if form.errors or day is None:
        form.notice = wrong()
        return form, None
    values = form.values
    repeal = Repeal(values["document"], values["number"] or None, day, values["reason"] or None)
    return form, WantedRepeal(repeal, values["title"], values["purpose"])


def wrong() -> str:
    """Return the sentence above a form with mistakes."""
    return _("没有保存：请改正标出的内容。")


def expired() -> str:
    """Return the sentence above a form whose page was too old."""
    return _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")


def refused(form: Form, refusal: StepRefused, own: DraftRow, base_begins_on: dt.date | None) -> None:
    """Put into a form, beside what was typed, why a step cannot be taken now."""
    reason = refusal.reason
    form.notice = refusal_notice(refusal.step, reason, own)
    if reason == "number_used":
        form.errors["number"] = _("“%(name)s”已有一版用这个文号发布。", name=own.name)
    elif reason == "too_late":
        form.errors["begins_on"] = _("应晚于前一版的生效日期 %(day)s。", day=base_begins_on)


def refusal_notice(step: Step, reason: str, own: DraftRow) -> str:
    """Return in a sentence why a step cannot be taken now. reason: of StepRefused, or overlap."""
    if reason == "same_post":
        return _("没有办理：这份草案由您编制或提交，须由另一个岗位审核和发布。")
    if reason == "stale_base":
        return _("没有办理：它所依据的版本已被新版取代，请先换到现行版本上。")
    if reason in ("number_used", "too_late"):
        return wrong()
    if reason == "overlap":
        return _("没有发布：这一区域的另一版在这些日期也有效，可能刚刚发布。请核对沿革后再办理。")
    if reason == "current_base":
        return _("没有办理：它已经在现行版本上。")
    return _(
        "没有办理：草案现在的状态是“%(state)s”，不能“%(step)s”，可能刚被别人办理。现状见本页。",
        state=words.word("draft_state", own.state),
        step=words.word("draft_step", step),
    )


def _read_text(form: Form, name: str, text: str, *, is_needed: bool | None = None) -> None:
    needed = name in _NEEDED if is_needed is None else is_needed
    text = text.replace("\r\n", "\n").strip()
    form.values[name] = text.replace("\x00", "")
    most = MOST.get(name, _SHORT)
    if "\x00" in text:
        form.errors[name] = _("含有无效字符。")
    elif not text and needed:
        form.errors[name] = _("请填写。")
    elif len(text) > most:
        form.errors[name] = _("有 %(n)s 个字，最多 %(most)s 个。", n=len(text), most=most)


def _base(form: Form) -> int | None:
    text = form.values["base"]
    if text.isascii() and text.isdecimal() and len(text) < 18:
        return int(text)
    form.errors["base"] = _("请选择一个现行区域。")
    return None


def _place(form: Form) -> tuple[float, float] | None:
    """Return where a comment points; both fields empty say that it is about the whole."""
    lon, lat = (_degrees(form, name) for name in ("lon", "lat"))
    if "lon" in form.errors or "lat" in form.errors:
        return None
    if lon is None or lat is None:
        for name, value in (("lon", lon), ("lat", lat)):
            if value is None and (lon is not None or lat is not None):
                form.errors[name] = _("经度和纬度要一起填写，或都不填。")
        return None
    if not geo.inside_envelope(lon, lat):
        west, south, east, north = geo.ENVELOPE
        form.errors["lon"] = (
            _("经度和纬度好像填反了。")
            if geo.inside_envelope(lat, lon)
            else _(
                "位置不在本市范围内：经度应为 %(west)s 至 %(east)s，纬度应为 %(south)s 至 %(north)s。",
                west=west,
                east=east,
                south=south,
                north=north,
            )
        )
        return None
    return lon, lat


def _degrees(form: Form, name: str) -> float | None:
    text = form.values[name]
    if not text or name in form.errors:
        return None
    try:
        return float(text)
    except ValueError:
        form.errors[name] = _("应为以度为单位的数字，例如 113.02。")
        return None


def _publication(form: Form, today: dt.date) -> Publication | None:
    signed_on, begins_on = _day(form, "signed_on", today), _day(form, "begins_on", today)
    if signed_on is not None and signed_on > today:
        form.errors["signed_on"] = _("晚于平台的今天 %(day)s：还没有签发的文件不能发布。", day=today)
    if begins_on is not None and begins_on < today:
        # the law of past days answers for findings that were judged by it
        form.errors["begins_on"] = _("早于平台的今天 %(day)s：补登过去生效的文件由管理人员用命令行办理。", day=today)
    elif signed_on is not None and begins_on is not None and signed_on > begins_on:
        form.errors.setdefault("signed_on", _("晚于生效日期 %(day)s。", day=begins_on))
    if form.errors or signed_on is None or begins_on is None:
        return None
    return Publication(form.values["document"], form.values["number"], signed_on, begins_on)


def _day(form: Form, name: str, today: dt.date) -> dt.date | None:
    if name in form.errors:
        return None
    text = form.values[name]
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not view.FIRST_DAY <= day <= view.LAST_DAY:
        form.errors[name] = _("应为年-月-日，例如 %(day)s。", day=today)
        return None
    return day
