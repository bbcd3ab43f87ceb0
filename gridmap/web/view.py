"""What a page was asked to show: the day, the filters, and addresses that keep them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from gridmap.db.pool import system_connection
from gridmap.db.session import Connection
from gridmap.errors import UserError
from gridmap.rules import catalogue, engine
from gridmap.store.findings import FindingFilter
from gridmap.store.places import Installation, get_installation
from gridmap.store.regions import RegionRow, list_counties
from gridmap.web.errors import or_say

SEVERITIES = ("high", "medium", "low")
CERTAINTIES = ("breach", "near_boundary", "report")
FIRST_DAY = dt.date(1990, 1, 1)
LAST_DAY = dt.date(2100, 12, 31)


@dataclass(frozen=True)
class View:
    """The day and the filters of a page.

    as_of: the day shown. day: the same for store functions, None when it is the platform's today.
    """

    installation: Installation
    counties: tuple[RegionRow, ...]
    as_of: dt.date
    county: str | None = None
    rule: str | None = None
    severity: str | None = None
    certainty: str | None = None
    q: str | None = None
    repeats: bool = False

    @property
    def day(self) -> dt.date | None:
        """Return the day for store functions."""
        return None if self.is_today else self.as_of

    @property
    def is_today(self) -> bool:
        """Return whether the page shows the platform's today."""
        return self.as_of == self.installation.today

    @property
    def wanted(self) -> FindingFilter:
        """Return the filter of findings."""
        return FindingFilter(
            rules=_one(self.rule),
            counties=_one(self.county),
            severities=_one(self.severity),
            certainties=_one(self.certainty),
            q=self.q,
            repeats=self.repeats,
        )

    def county_name(self, code: str | None, lang: str) -> str:
        """Return a county's name or the city's, or the code when it is none of ours."""
        if code == self.installation.city_code:
            return self.installation.city_name_en if lang == "en" else self.installation.city_name_zh
        for county in self.counties:
            if county.code == code:
                return county.title(lang)
        return code or ""

    def query(self, **changes: Any) -> dict[str, str]:
        """Return the parameters of this view, some changed (None leaves one out)."""
        values: dict[str, Any] = {
            "as_of": None if self.is_today else self.as_of.isoformat(),
            "county": self.county,
            "rule": self.rule,
            "severity": self.severity,
            "certainty": self.certainty,
            "q": self.q,
            "repeats": "true" if self.repeats else None,
        }
        return {name: str(value) for name, value in {**values, **changes}.items() if value not in (None, "")}

    def url(self, endpoint: str, **changes: Any) -> str:
        """Return the address of a page with this view's day and filters."""
        parts = {name[5:]: value for name, value in changes.items() if name.startswith("path_")}
        query = self.query(**{name: value for name, value in changes.items() if not name.startswith("path_")})
        address = url_for(f"web.{endpoint}", **parts)
        return f"{address}?{urlencode(query)}" if query else address

    def api(self, path: str, **changes: Any) -> str:
        """Return the address of an API path with this view's day and filters."""
        query = self.query(**changes)
        return f"{path}?{urlencode(query)}" if query else path

    def only_today(self) -> View:
        """Return the view on the platform's today without filters: what is changed is changed there."""
        return replace(self.only_day(), as_of=self.installation.today)

    def only_day(self) -> View:
        """Return the view without filters."""
        return replace(self, county=None, rule=None, severity=None, certainty=None, q=None, repeats=False)


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def read(conn: Connection) -> View:
    """Read the request; a mistake in it is one sentence in the reader's language."""
    installation = get_installation(conn)
    day = parse_day(_parameter("as_of")) or installation.today
    counties = tuple(list_counties(conn, as_of=None if day == installation.today else day))
    rule = _parameter("rule")
    if rule:
        with or_say(_("没有规则 %(id)s。", id=rule[:40])):
            catalogue.load().get(rule)
    return View(
        installation,
        counties,
        day,
        county=_choice("county", tuple(county.code for county in counties)),
        rule=rule,
        severity=_choice("severity", SEVERITIES),
        certainty=_choice("certainty", CERTAINTIES),
        q=_parameter("q"),
        repeats=_choice("repeats", ("true", "false")) == "true",
    )


def judged(conn: Connection, view: View) -> View:
    """Make sure that findings answer for the view's day, and return the view."""
    if not view.is_today:
        engine.ensure_report(system_connection(), view.day)
    return view


def parse_day(text: str | None) -> dt.date | None:
    """Return a day from YYYY-MM-DD; None when nothing was given."""
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise UserError(
            _(
                "日期“%(text)s”不是有效日期，应为 %(first)s 至 %(last)s 之间的年-月-日，例如 2020-10-15。",
                text=text[:40],
                first=FIRST_DAY,
                last=LAST_DAY,
            )
        )
    return day


def page_number() -> int:
    """Return `page`, from 1."""
    text = _parameter("page") or "1"
    if not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise UserError(_("页码“%(text)s”应为从 1 起的整数。", text=text[:40]))
    return int(text)


def _parameter(name: str) -> str | None:
    value = (request.args.get(name) or "").strip()
    if "\x00" in value:
        raise UserError(_("参数 %(name)s 含有无效字符。", name=name))
    return value or None


def _choice(name: str, allowed: tuple[str, ...]) -> str | None:
    value = _parameter(name)
    if value is not None and value not in allowed:
        raise UserError(
            _(
                "参数 %(name)s 的值“%(text)s”无效，可用的值：%(allowed)s。",
                name=name,
                text=value[:40],
                allowed="、".join(allowed),
            )
        )
    return value


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """Return one of the allowed values of a parameter."""
    return _choice(name, allowed) or default


def parameter(name: str) -> str | None:
    """Return a parameter without spaces around it, or None."""
    return _parameter(name)
