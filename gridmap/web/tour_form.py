"""The form of a new tour: what was typed, what is wrong with it, and what it asks for when nothing is."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from gridmap.domain.tour import MOST_STOPS, SERVICE_MIN, Place, TourError
from gridmap.errors import UserError
from gridmap.inspecting.tours import About, Wanted
from gridmap.store.nearest import WIDEST_M
from gridmap.web import tour_words, view
from gridmap.web.law_form import position

FIELDS = (
    "title", "day", "lon", "lat", "end_lon", "end_lat", "begins", "ends", "speed", "hours", "mode", "choose",
    "radius_m", "add", "order",
)  # fmt: skip
MODES = ("sites", "choose")
ORDERS = ("best", "given")
MOST_SENT = 1000
"""So many sites are read of a form: enough to say that they are too many."""

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass
class TourForm:
    """The form as it was sent. sites: ids. about: field of a site or kind (minutes:ID, hours:ID …) → text."""

    values: dict[str, str] = field(default_factory=dict)
    sites: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def first_wrong(self) -> str | None:
        """Return the first field that is wrong, where the reader goes on."""
        return next(iter(self.errors), None)

    def refuse(self, error: TourError) -> None:
        """Put a mistake beside its field, or above the form."""
        name = tour_words.FIELDS.get(error.code)
        if name is None:
            self.notice = tour_words.mistake(error)
        else:
            self.errors[name] = tour_words.mistake(error)
            self.notice = _("没有保存：请改正标出的内容。")


def read(sent: MultiDict[str, str]) -> TourForm:
    """Return a form as it was sent; texts are cut to what any of them may hold."""

    def clean(text: str) -> str:
        return text.replace("\x00", "").strip()[:200]

    values = {name: clean(sent.get(name) or "") for name in FIELDS}
    added = [part for part in re.split(r"[,，、;；\s]+", clean_long(sent.get("add") or "")) if part]
    sites = tuple(dict.fromkeys([*(clean(text) for text in sent.getlist("site")), *added]))[: MOST_SENT + 1]
    about = {name: clean(text) for name, text in sent.items() if ":" in name and len(name) <= 200}
    return TourForm(values, tuple(text for text in sites if text), about)


def clean_long(text: str) -> str:
    """Return a text that may hold many ids, without what no id holds."""
    return text.replace("\x00", "")[:40_000]


def wanted(form: TourForm, today: dt.date) -> Wanted | None:
    """Return what a form asks for, or None with the mistakes put into it."""
    values = form.values
    if not values["title"] or len(values["title"]) > 100:
        form.errors["title"] = tour_words.mistake(TourError("title", ""))
    start = _position(form, "lon", "lat")
    finish = _position(form, "end_lon", "end_lat") if values["end_lon"] or values["end_lat"] else None
    day = _day(form, today)
    begins, ends = _clock(form, "begins"), _clock(form, "ends")
    speed = _number(form, "speed", tour_words.mistake(TourError("speed", "")))
    is_choosing = values["mode"] == "choose"
    choose, radius_m = 0.0, WIDEST_M
    if is_choosing:
        choose = _number(form, "choose", _("应为 1 至 %(n)s 的整数。", n=MOST_STOPS), 1, 1000)
        radius_m = _number(form, "radius_m", _("应为 1 至 %(m)s 米的数。", m=f"{WIDEST_M:g}"), 1, WIDEST_M)
    order = _in_order(form) if values["order"] == "given" and not is_choosing else form.sites
    about, services = {}, {}
    try:
        about = {site: _about(form, site) for site in order}
        services = {kind: _minutes(form, f"service:{kind}") for kind in SERVICE_MIN}
    except TourError as error:
        form.refuse(error)
    if form.errors or form.notice or start is None or day is None:
        form.notice = form.notice or _("没有保存：请改正标出的内容。")
        return None
    return Wanted(
        day, start, finish, () if is_choosing else tuple(order), int(choose) if is_choosing else None, radius_m,
        begins, ends, speed, {kind: m for kind, m in services.items() if m is not None}, values["hours"], about,
        values["order"] == "given" and not is_choosing,
    )  # fmt: skip


def _position(form: TourForm, lon: str, lat: str) -> Place | None:
    if not (form.values[lon] or form.values[lat]):
        form.errors[lon] = tour_words.mistake(TourError("no_start", ""))
        return None
    try:
        return Place(*position(form.values[lon], form.values[lat]))
    except UserError as error:
        form.errors[lon] = str(error)
        return None


def _day(form: TourForm, today: dt.date) -> dt.date | None:
    try:
        return view.parse_day(form.values["day"] or None) or today
    except UserError as error:
        form.errors["day"] = str(error)
        return None


def _clock(form: TourForm, name: str) -> int:
    found = _CLOCK.fullmatch(form.values[name])
    if not found:
        form.errors[name] = tour_words.mistake(TourError("at", "", [form.values[name]]))
        return 0
    return int(found[1]) * 3600 + int(found[2]) * 60


def read_clock(text: str) -> int | None:
    """Return a time of the day in seconds, None for nothing; TourError for what is no time."""
    found = _CLOCK.fullmatch(text.strip())
    if text.strip() and not found:
        raise TourError("at", f"{text[:20]!r} is no time; expected such as 13:30", [text[:20]])
    return int(found[1]) * 3600 + int(found[2]) * 60 if found else None


def _number(form: TourForm, name: str, sentence: str, low: float = -math.inf, high: float = math.inf) -> float:
    try:
        value = float(form.values[name]) if len(form.values[name]) <= 30 else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not low <= value <= high:
        form.errors[name] = sentence
        return 0.0
    return value


def _minutes(form: TourForm, name: str) -> int | None:
    text = form.about.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
        raise TourError("service", f"{text[:20]!r} is no number of minutes", [text[:20]])
    return int(text)


def _about(form: TourForm, site: str) -> About:
    return About(
        _minutes(form, f"minutes:{site}"),
        form.about.get(f"hours:{site}") or None,
        f"must:{site}" in form.about,
        _place(form, site) if f"lock:{site}" in form.about else None,
    )


def _place(form: TourForm, site: str) -> int:
    """Return the place in the order that somebody gave a site, its own among the sites when he gave none."""
    text = form.about.get(f"place:{site}", "")
    is_number = re.fullmatch(r"\d{1,4}", text, re.ASCII) and int(text) > 0
    return int(text) if is_number else form.sites.index(site) + 1


def _in_order(form: TourForm) -> Sequence[str]:
    """Return the sites by the numbers that somebody gave them."""
    return sorted(form.sites, key=lambda site: _place(form, site))
