"""What /law was asked for: a day, and a place by coordinates, by its code or by its name; mistakes in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from gridmap import geo
from gridmap.db.session import Connection
from gridmap.errors import GridmapError, UserError
from gridmap.store.law_at import LawAt, law_at, law_of_village
from gridmap.store.locate import Found, search_places
from gridmap.store.regions import list_counties
from gridmap.web import view
from gridmap.web.errors import or_say
from gridmap.web.view import View

MOST_FOUND = 30
"""Places listed for a name; more would be no choice."""


@dataclass(frozen=True)
class Asked:
    """The form as it was sent, and what it led to: a law, places to choose from, or a sentence of what is wrong."""

    lon: str = ""
    lat: str = ""
    village: str = ""
    q: str = ""
    wrong: str = ""
    law: LawAt | None = None
    places: tuple[Found, ...] = ()

    @property
    def is_bad(self) -> bool:
        """Return whether nothing could be answered."""
        return bool(self.wrong)


def read_day(conn: Connection) -> View:
    """Read the view; `on` is another name of as_of, as in the API."""
    seen = view.read(conn)
    on, as_of = view.parse_day(view.parameter("on")), view.parameter("as_of")
    if on is None or on == seen.as_of:
        return seen
    if as_of is not None:
        raise UserError(_("on 和 as_of 给了两个不同的日期，应只给一个。"))
    return replace(seen, as_of=on, counties=tuple(list_counties(conn, as_of=on)))


def read(conn: Connection, seen: View, *, with_exceptions: bool) -> Asked:
    """Read the form and answer it for the view's day; a mistake is told beside the form, not instead of it."""
    asked = Asked(
        lon=view.parameter("lon") or "",
        lat=view.parameter("lat") or "",
        village=view.parameter("village") or "",
        q=(view.parameter("q") or "")[:60],
    )
    try:
        return _answer(conn, seen, asked, with_exceptions)
    except GridmapError as error:
        return replace(asked, wrong=str(error))


def _answer(conn: Connection, seen: View, asked: Asked, told: bool) -> Asked:
    # what was typed anew goes before what the address held
    if asked.q:
        places = search_places(conn, asked.q, as_of=seen.day, limit=MOST_FOUND)
        if not places:
            raise UserError(_("%(day)s 没有叫“%(q)s”的村、乡镇或县（市、区）。", day=seen.as_of, q=asked.q))
        if len(places) == 1 and places[0].level == "village":
            return replace(asked, law=_of_village(conn, places[0].code, seen, told), village=places[0].code)
        return replace(asked, places=tuple(places))
    if asked.village:
        return replace(asked, law=_of_village(conn, asked.village, seen, told))
    if asked.lon or asked.lat:
        lon, lat = position(asked.lon, asked.lat)
        return replace(asked, law=law_at(conn, lon, lat, as_of=seen.day, with_exceptions=told))
    return asked


def _of_village(conn: Connection, code: str, seen: View, told: bool) -> LawAt:
    with or_say(_("%(day)s 没有编号为“%(text)s”的村。", day=seen.as_of, text=code[:40])):
        return law_of_village(conn, code, as_of=seen.day, with_exceptions=told)


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
    try:
        value = float(text) if len(text) <= 30 else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(_("%(name)s“%(text)s”不是数；应为度数，例如 113.02 和 34.75。", name=name, text=text[:40]))
    return value
