"""The form of /near: what was asked, and in the reader's language what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from gridmap import geo, glossary
from gridmap.db.session import Connection
from gridmap.domain.urgency import FACTORS, HEAVIEST, Weights
from gridmap.errors import GridmapError, UserError
from gridmap.inspecting.near import Asked, Near, near
from gridmap.store.find_place import FoundPlace, find_places
from gridmap.store.nearest import WIDEST_M, SiteFilter
from gridmap.web import view

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
        return self.url(lon=f"{place.lon:.6f}", lat=f"{place.lat:.6f}", accuracy_m=f"{place.error_m:.0f}")


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
        only = places[0]
        here = {"lon": f"{only.lon:.6f}", "lat": f"{only.lat:.6f}", "accuracy_m": f"{only.error_m:.0f}"}
        form = replace(form, values={**form.values, **here, "q": ""})
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


def position(lon_text: str, lat_text: str) -> tuple[float, float]:
    """Return longitude and latitude, degrees; UserError says in the page's language what is wrong with them."""
    lon, lat = _degrees(_("经度"), lon_text), _degrees(_("纬度"), lat_text)
    west, south, east, north = geo.ENVELOPE
    if geo.inside_envelope(lon, lat):
        return lon, lat
    if geo.inside_envelope(lat, lon):
        raise UserError(_("经度 %(lon)s、纬度 %(lat)s 像是填反了，请对调。", lon=lon_text, lat=lat_text))
    raise UserError(
        _(
            "%(lon)s°E、%(lat)s°N 不在本市数据范围内：经度应为 %(west)s 至 %(east)s，纬度 %(south)s 至 %(north)s。",
            lon=lon_text,
            lat=lat_text,
            west=west,
            east=east,
            south=south,
            north=north,
        )
    )


def _degrees(name: str, text: str) -> float:
    if not text:
        raise UserError(_("没有填%(name)s；应为度数，例如 113.02 和 34.75。", name=name))
    value = _finite(text)
    if value is None:
        raise UserError(_("%(name)s“%(text)s”不是数；应为度数，例如 113.02 和 34.75。", name=name, text=text[:40]))
    return value


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
