"""The forms of random draws: what was typed, what is wrong with it, and the plan that it asks for when nothing is."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from gridmap import glossary
from gridmap.domain.draw_record import FixedList
from gridmap.domain.random_draw import Amount, check_seed
from gridmap.inspecting.random_draws import (
    FARTHEST_DAYS,
    MOST_DAYS,
    MOST_SITES,
    MOST_TEAM,
    Plan,
    PlanRefused,
    read_asked,
)
from gridmap.web import view, words
from gridmap.web.draft_form import wrong
from gridmap.web.exception_form import Form

STRATA = ("kind,county", "kind", "county", "none")
UNITS = ("percent", "number")
TICKS = ("closed_too", "bar_last", "drop_unmatched")
_FIELDS = (
    "title", "day", "county", "strata", "unit", "amount", "team", "off_hours_pct", "unvisited_days", "seed_kind",
    "seed_source", "replaces", "request_key",
)  # fmt: skip
_SHOWN = 5
"""So many sites that nobody may check are named in a sentence."""


def kinds() -> tuple[str, ...]:
    """Return the kinds of site, in the glossary's order."""
    return tuple(glossary.terms()["site_kind"])


def blank(today: dt.date) -> Form:
    """Return the form as it is opened first."""
    return Form(
        {
            "day": str(today), "strata": STRATA[0], "unit": "percent", "amount": "15", "team": "2",
            "off_hours_pct": "0", "seed_kind": "machine", "request_key": str(uuid.uuid4()),
        }
    )  # fmt: skip


def again(title: str, draw_id: int, given: FixedList, today: dt.date) -> Form:
    """Return the form filled in as an annulled draw was asked for, to replace it."""
    asked = read_asked(given.asked)
    amount = asked["amount"]
    form = blank(today)
    form.values |= {
        "title": title,
        "day": str(max(today, given.day)),
        "county": "" if asked["county"] == "all" else asked["county"],
        "strata": asked["strata"],
        "unit": "percent" if amount.endswith("%") else "number",
        "amount": amount.removesuffix("%"),
        "team": str(given.fixed.team),
        "off_hours_pct": given.fixed.off_hours_pct,
        "unvisited_days": "" if asked["unvisited_days"] == "any" else asked["unvisited_days"],
        "closed_too": "" if asked["only_open"] == "yes" else "1",
        "bar_last": "1" if asked["bar_last"] == "yes" else "",
        "seed_kind": given.seed_kind,
        "seed_source": given.seed_source,
        "replaces": str(draw_id),
    }
    if asked["kinds"] != "all":
        for part in asked["kinds"].split(","):
            kind, _colon, own = part.partition(":")
            form.values |= {f"kind_{kind}": "1", f"amount_{kind}": own.removesuffix("%")}
    return form


def read(sent: MultiDict[str, str], today: dt.date, counties: Sequence[str]) -> tuple[Form, Plan | None]:
    """Return the form of a new draw as it was sent, and its plan when nothing is wrong. counties: codes to choose."""
    form = Form({name: _text(sent, name) for name in _FIELDS})
    form.values |= {name: "1" for name in TICKS if sent.get(name)}
    for kind in kinds():
        form.values |= {f"kind_{kind}": "1"} if sent.get(f"kind_{kind}") else {}
        form.values[f"amount_{kind}"] = _text(sent, f"amount_{kind}")
    values = form.values
    if not values["title"]:
        form.errors["title"] = _("请填写。")
    day = _day(form, today)
    if values["county"] and values["county"] not in counties:
        form.errors["county"] = _("请选择名单中的县（市、区）。")
    for name, allowed in (("strata", STRATA), ("unit", UNITS), ("seed_kind", ("machine", "public"))):
        if values[name] not in allowed:
            form.errors[name] = _("请选择一项。")
    amount = _amount(form, "amount")
    own = _own_amounts(form)
    team = _whole(form, "team", MOST_TEAM)
    unvisited = _whole(form, "unvisited_days", MOST_DAYS) if values["unvisited_days"] else None
    _off_hours(form)
    if values["seed_kind"] == "public" and not values["seed_source"]:
        form.errors["seed_source"] = _("请写明将使用哪个公开号码，例如 2020-10-16 福彩3D开奖号码。")
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", values["request_key"]):
        values["request_key"] = str(uuid.uuid4())
    if form.errors or day is None or amount is None or team is None:
        form.notice = wrong()
        return form, None
    replaces = values["replaces"]
    return form, Plan(
        title=values["title"],
        day=day,
        kinds=own,
        county=values["county"] or None,
        only_open="closed_too" not in values,
        unvisited_days=unvisited,
        by_kind="kind" in values["strata"],
        by_county="county" in values["strata"],
        amount=amount,
        team=team,
        off_hours_pct=values["off_hours_pct"],
        bar_last="bar_last" in values,
        seed_kind="public" if values["seed_kind"] == "public" else "machine",
        seed_source=values["seed_source"],
        drop_unmatched="drop_unmatched" in values,
        replaces=int(replaces) if replaces.isascii() and replaces.isdecimal() and len(replaces) < 18 else None,
    )


def refuse(form: Form, refused: PlanRefused, county_names: dict[str, str]) -> None:
    """Put into the form why its draw cannot be fixed, beside the field that would mend it."""
    form.notice = _("没有固定名单：请改正标出的内容。")
    named = refused.named
    if refused.reason == "empty":
        form.errors["county"] = _("没有符合条件的对象，没有可抽取的名单。请放宽种类、县（市、区）或到访天数。")
    elif refused.reason == "too_many":
        form.errors["county"] = _("符合条件的对象超过 %(n)s 个，请分县（市、区）抽取。", n=MOST_SITES)
    elif refused.reason == "inspectors":
        told = "；".join(_("%(county)s有 %(n)s 个", county=county_names.get(c, c), n=n) for c, n in named)
        form.errors["team"] = _("每个对象要由本县（市、区）的这么多检查岗一起检查，检查岗不足：%(told)s。", told=told)
    elif refused.reason == "no_team":
        told = "、".join(f"{name}（{site}）" for site, name in named[:_SHOWN])
        form.errors["drop_unmatched"] = _(
            "%(n)s 个对象无须回避的检查岗不足：%(told)s。请增派检查岗，或勾选本项，把它们排除并写入记录。",
            n=len(named),
            told=told + ("…" if len(named) > _SHOWN else ""),
        )
    elif refused.reason == "kind_amount":
        form.errors["strata"] = _("给某个种类单独定了数量，就要按种类分层。")
    else:
        form.errors["title"] = _("只有已作废的抽取才能重抽；它还没有作废。")


def read_seed(sent: MultiDict[str, str], is_public: bool) -> tuple[Form, str | None]:
    """Return the form of a seed, and the seed; of one that the machine makes None."""
    form = Form({"seed": (sent.get("seed") or "").strip()[:300]})
    if not is_public:
        return form, None
    try:
        return form, check_seed(form.values["seed"])
    except ValueError:
        text = form.values["seed"]
        form.values["seed"] = "".join(letter for letter in text if letter.isprintable())
        form.errors["seed"] = (
            _("应为一行最多 200 个字的号码或文字，不含制表符等特殊字符。") if text else _("请填写种子。")
        )
        form.notice = _("没有抽取：请改正标出的内容。")
        return form, None


def stratum(text: str, county_names: dict[str, str]) -> str:
    """Return the name of a stratum in words."""
    if text == "all":
        return _("全部对象")
    return " · ".join(county_names.get(part) or words.word("site_kind", part) for part in text.split("/"))


def _text(sent: MultiDict[str, str], name: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in sent.get(name) or "")
    return text.strip()[:200]


def _day(form: Form, today: dt.date) -> dt.date | None:
    text, last = form.values["day"], today + dt.timedelta(days=FARTHEST_DAYS)
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not view.FIRST_DAY <= day <= view.LAST_DAY:
        form.errors["day"] = _("应为年-月-日，例如 %(day)s。", day=today)
        return None
    if not today <= day <= last:
        form.errors["day"] = _("应为 %(first)s 至 %(last)s：过去的日期不能补抽。", first=today, last=last)
        return None
    return day


def _amount(form: Form, name: str) -> Amount | None:
    """Return the amount of a field in the form's unit; what is none is told beside the field."""
    is_share = form.values["unit"] == "percent"
    amount = Amount(form.values[name] + ("%" if is_share else ""))
    try:
        amount.of(1)
    except ValueError:
        form.errors[name] = _("应为大于 0、不超过 100 的数，最多两位小数。") if is_share else _("应为从 1 起的整数。")
        return None
    return amount


def _own_amounts(form: Form) -> dict[str, Amount | None]:
    found: dict[str, Amount | None] = {}
    for kind in kinds():
        has_own = bool(form.values[f"amount_{kind}"])
        own = _amount(form, f"amount_{kind}") if has_own else None
        if f"kind_{kind}" in form.values:
            found[kind] = own
        elif has_own:
            form.errors.setdefault(f"amount_{kind}", _("请同时勾选这个种类。"))
    return found


def _whole(form: Form, name: str, most: int) -> int | None:
    text = form.values[name]
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= most:
        return int(text)
    form.errors[name] = _("应为 1 至 %(most)s 的整数。", most=most)
    return None


def _off_hours(form: Form) -> None:
    text = form.values["off_hours_pct"] or "0"
    form.values["off_hours_pct"] = text
    if re.fullmatch(r"0+(\.0+)?", text):
        form.values["off_hours_pct"] = "0"
        return
    try:
        Amount(f"{text}%").of(1)
    except ValueError:
        form.errors["off_hours_pct"] = _("应为 0 至 100 的数，最多两位小数。")
