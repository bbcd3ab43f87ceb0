"""The form of /near: what was asked, and in the reader's language what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from gridmap import glossary
from gridmap.db.session import Connection
from gridmap.domain.urgency import FACTORS, HEAVIEST, Weights
from gridmap.errors import GridmapError, UserError
from gridmap.inspecting.near import Asked, Near, near
from gridmap.store.find_place import FoundPlace, find_places
from gridmap.store.nearest import WIDEST_M, SiteFilter
from gridmap.web import view
from gridmap.web.law_form import position

RADII = (500, 1000, 2000, 5000, 10_000)
NUMBERS = (20, 50, 100)
DAYS = (7, 30, 90, 180)
SEVERITIES = ("high", "medium", "low")
STATUSES = ("open", "accepted")
RADIUS_M, NEAREST = 2000, 20
"""What a phone's screen holds at first."""

_KEPT = (
    "lon",
    "lat",
    "accuracy_m",
    "radius_m",
    "nearest",
    "rank",
    "kind",
    "rule",
    "severity",
    "status",
    "unvisited_days",
)


@dataclass(frozen=True)
class Form:
    """The form as it was sent, and what it led to: an answer, places to choose from, or a sentence of what is wrong."""

    values: dict[str, str] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    wrong: str = ""
    answer: Near | None = None
    places: tuple[FoundPlace, ...] = ()

    def get(self, name: str, default: object = "") -> str:
        """Return a field as it was sent."""
        return self.values.get(name, "") or str(default)

    def url(self, **changes: object) -> str:
        """Return the address of this question with some fields changed; None leaves one out."""
        given = {**self.values, **{name: "" if value is None else str(value) for name, value in changes.items()}}
        query = urlencode({name: value for name, value in given.items() if value and name != "q"})
        return url_for("web.show_near") + (f"?{query}" if query else "")

    def at(self, place: FoundPlace) -> str:
        """Return the address of the same question asked at a place."""
        return self.url(**_position_of(place))


def read(conn: Connection, rules: tuple[str, ...]) -> Form:
    """Read the form and answer it; a mistake is told beside the form, not instead of it. rules: all ids."""
    names = (*_KEPT, "q", *(f"weight_{name}" for name in FACTORS))
    form = Form({name: value[:60] for name in names if (value := view.parameter(name))})
    try:
        form = replace(form, weights=_weights(form))
        return _answer(conn, form, rules)
    except GridmapError as error:
        return replace(form, wrong=str(error))


def _answer(conn: Connection, form: Form, rules: tuple[str, ...]) -> Form:
    text = form.get("q")
    if text:
        places = find_places(conn, text)
        if not places:
            raise UserError(_("没有您可见的对象、村、乡镇或县（市、区）叫“%(q)s”或在这个地址。", q=text))
        if len(places) > 1:
            return replace(form, places=tuple(places))
        form = replace(form, values={**form.values, **_position_of(places[0]), "q": ""})
    if not (form.get("lon") or form.get("lat")):
        return form
    lon, lat = position(form.get("lon"), form.get("lat"))
    accuracy = form.get("accuracy_m")
    asked = Asked(
        lon,
        lat,
        accuracy_m=_number(_("定位误差"), accuracy, 0, WIDEST_M) if accuracy else None,
        radius_m=_number(_("半径"), form.get("radius_m", RADIUS_M), 1, WIDEST_M),
        nearest=int(_number(_("个数"), form.get("nearest", NEAREST), 1, 500)),
        rank="urgency" if _one_of("rank", form, ("distance", "urgency")) == "urgency" else "distance",
        wanted=SiteFilter(
            kinds=_some("kind", form, tuple(glossary.terms()["site_kind"])),
            rules=_some("rule", form, rules),
            severities=_some("severity", form, SEVERITIES),
            statuses=_some("status", form, STATUSES),
            unvisited_days=_days(form),
        ),
        weights=form.weights,
    )
    return replace(form, answer=near(conn, asked))


def _position_of(place: FoundPlace) -> dict[str, str]:
    """Return the fields that say where a place is; an error beyond what may be asked is as good as none to tell."""
    error = "" if place.error_m is None else f"{min(place.error_m, WIDEST_M):.0f}"
    return {"lon": f"{place.lon:.6f}", "lat": f"{place.lat:.6f}", "accuracy_m": error}


def _number(name: str, text: str, low: float, high: float) -> float:
    value = _finite(text)
    if value is None or not low <= value <= high:
        raise UserError(
            _(
                "%(name)s“%(text)s”应为 %(low)s 至 %(high)s 的数。",
                name=name,
                text=text,
                low=f"{low:g}",
                high=f"{high:g}",
            )
        )
    return value


def _finite(text: str) -> float | None:
    try:
        value = float(text) if len(text) <= 30 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _weights(form: Form) -> Weights:
    given = {name: form.get(f"weight_{name}") for name in FACTORS}
    return Weights(**{name: _number(_("权重"), text, 0, HEAVIEST) for name, text in given.items() if text})


def _days(form: Form) -> int | None:
    text = form.get("unvisited_days")
    return int(_number(_("天数"), text, 1, 36_500)) if text else None


def _one_of(name: str, form: Form, allowed: tuple[str, ...]) -> str | None:
    value = form.get(name)
    if value and value not in allowed:
        raise UserError(
            _(
                "参数 %(name)s 的值“%(text)s”无效，可用的值：%(allowed)s。",
                name=name,
                text=value[:40],
                allowed="、".join(allowed),
            )
        )
    return value or None


def _some(name: str, form: Form, allowed: tuple[str, ...]) -> tuple[str, ...]:
    value = _one_of(name, form, allowed)
    return (value,) if value else ()
