"""/near: what to check around a position, and what holds there today."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from typing import Any

from flask import Response, make_response, url_for
from flask_babel import gettext as _

from gridmap import glossary
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.urgency import FACTORS, HEAVIEST, Factor, Weights, severity_level
from gridmap.inspecting.near import VAGUE_M, Ranked
from gridmap.maps import page as map_page
from gridmap.maps.overview import CITY_BOUNDS, drawing, overview_map
from gridmap.rules import catalogue
from gridmap.rules.catalogue import Catalogue
from gridmap.store.conditions import Conditions, conditions_on
from gridmap.store.nearest import MOST
from gridmap.store.places import get_installation
from gridmap.store.zones import ZoneRow, zones_at
from gridmap.web import language, navigate, near_form, security, words
from gridmap.web.near_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.pages.surroundings import length
from gridmap.web.static import static_url
from gridmap.web.view import View

MODULES = ("near", "place")
METRES_A_DEGREE = 111_000.0
FARTHEST_DOUBT_M = 500.0
"""A worse position would put half the county's zones in doubt: then they are told for the point as given."""


@blueprint.get("/near")
def show_near() -> Response:
    """Show the sites near a position that the reader may see, and what holds there today."""
    conn = connection()
    installation = get_installation(conn)
    seen = View(installation, (), installation.today)
    known = _rules()
    form = near_form.read(conn, tuple(rule.id for rule in known.rules))
    lang = language.current()
    sites = form.answer.sites if form.answer else ()
    parts = _map(seen, form, lang)
    response = make_response(
        page(
            "near.html",
            seen,
            form=form,
            answer=form.answer,
            rows=[_row(one) for one in sites],
            here=_here(conn, form),
            parts=parts,
            rules=known.rules,
            kinds=list(glossary.terms()["site_kind"]),
            choices=near_form,
            factors=FACTORS,
            house=Weights(),
            heaviest=HEAVIEST,
            factor_title=factor_title,
            length=length,
            vague_m=VAGUE_M,
            most=MOST,
            settings={
                "map": parts.name,
                "label": _("地图：点一处即查那里；方向键移动，加减号缩放，回车查正中"),
                "here": [form.answer.asked.lon, form.answer.asked.lat] if form.answer else None,
                "accuracy_m": form.answer.asked.accuracy_m if form.answer else None,
                "sites": [_mark(one) for one in sites],
                "drawing": _drawing(lang),
                "words": {
                    "locating": _("正在定位…"),
                    "location_denied": _("手机没有允许定位；请在图上点一处，或输入坐标、名称。"),
                    "location_failed": _("没有定位成功；请在图上点一处，或输入坐标、名称。"),
                    "location_missing": _("这台设备或这种连接不能定位；请在图上点一处，或输入坐标、名称。"),
                    "here": _("所查位置"),
                },
            },
        )
    )
    response.status_code = 400 if form.wrong else 200
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def factor_title(name: str) -> str:
    """Return what a factor of the urgency is, in words."""
    return {
        "findings": _("未解决的问题数"),
        "severity": _("最高严重程度"),
        "deadline": _("督办期限"),
        "visit": _("距上次到访"),
        "repeat": _("问题复发"),
    }[name]


def _here(conn: Connection, form: Form) -> dict[str, Any] | None:
    """Return what holds at the position today: zones that hold it or may, seasons, alerts."""
    if form.answer is None:
        return None
    asked = form.answer.asked
    zones: list[ZoneRow] = zones_at(conn, asked.lon, asked.lat, error_m=min(asked.accuracy_m or 0.0, FARTHEST_DOUBT_M))
    binding: Conditions = conditions_on(conn)
    law = url_for("web.show_law", lon=f"{asked.lon:.6f}", lat=f"{asked.lat:.6f}")
    return {"zones": zones, "binding": binding, "law": law}


def _row(one: Ranked) -> dict[str, Any]:
    lang = language.current()
    known = _rules()
    titles = {rule.id: rule.title_en if lang == "en" else rule.title for rule in known.rules}
    return {
        "one": one,
        "direction": _direction(one.bearing_deg),
        "why": [(factor, _because(factor, one)) for factor in one.urgency.factors if factor.level > 0],
        "findings": [(finding, titles.get(finding.rule_id, finding.rule_id)) for finding in one.record.findings],
        "ways": navigate.ways(one.site.lon, one.site.lat, one.site.name),
    }


def _because(factor: Factor, one: Ranked) -> str:
    """Return in words what makes a factor more than nothing."""
    facts, record = one.facts, one.record
    if factor.name == "findings":
        if facts.unsure and not facts.breaches:
            return _("%(m)s 项待核实", m=facts.unsure)
        if facts.unsure:
            return _("%(n)s 项违规、%(m)s 项待核实", n=facts.breaches, m=facts.unsure)
        return _("%(n)s 项违规", n=facts.breaches)
    if factor.name == "severity":
        if factor.level > severity_level(facts.worst):
            return _("严重程度%(word)s，待核实折半", word=words.severity(facts.worst_unsure or ""))
        return _("严重程度%(word)s", word=words.severity(facts.worst or ""))
    if factor.name == "deadline":
        left = facts.days_left or 0
        return _("督办超期 %(n)s 天", n=-left) if left < 0 else _("督办还剩 %(n)s 天", n=left)
    if factor.name == "visit":
        if record.last_visit_on is None:
            return _("没有到访记录")
        return _("%(n)s 天没有到访", n=facts.days_since_visit)
    if facts.again and facts.reopened:
        return _("复发 %(n)s 次、重复交办或不合格 %(m)s 次", n=facts.reopened, m=facts.again)
    if facts.again:
        return _("重复交办或不合格 %(m)s 次", m=facts.again)
    return _("复发 %(n)s 次", n=facts.reopened)


def _direction(bearing_deg: float) -> str:
    names = (_("北"), _("东北"), _("东"), _("东南"), _("南"), _("西南"), _("西"), _("西北"))
    return names[round(bearing_deg / 45) % 8]


@cache
def _rules() -> Catalogue:
    return catalogue.load()


@cache
def _drawing(lang: str) -> dict[str, Any]:
    """Return what the script needs to draw sites: the look of the layer's style.json, no columns."""
    return asdict(replace(drawing(definitions.load().get("site"), lang), columns=[], legend=[]))


def _mark(one: Ranked) -> dict[str, Any]:
    site = one.site
    return {
        "n": one.rank,
        "id": site.site_id,
        "name": site.name,
        "kind": site.kind,
        "lon": round(site.lon, 5),
        "lat": round(site.lat, 5),
        "breach": one.facts.breaches > 0,
    }


def _map(seen: View, form: Form, lang: str) -> map_page.MapParts:
    (south, west), (north, east) = CITY_BOUNDS
    if form.answer is not None:
        asked = form.answer.asked
        room = max(300.0, min(asked.radius_m, max((one.site.distance_m for one in form.answer.sites), default=0.0)))
        room = max(room, min(asked.accuracy_m or 0.0, asked.radius_m)) * 1.1 / METRES_A_DEGREE
        south, north = asked.lat - room, asked.lat + room
        west, east = asked.lon - room * 1.2, asked.lon + room * 1.2
    chart = overview_map(
        tiles=TILES,
        visible=("county", "township", "zone", "road"),
        lang=lang,
        bounds=((south, west), (north, east)),
        address=static_url,
        modules=MODULES,
        credited=seen.installation.is_demo,
    )
    return map_page.split(chart, security.nonce())
