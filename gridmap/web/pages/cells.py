"""/cell and /cells/<code>: what somebody who answers for a cell needs today."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from gridmap import auth
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.repeat import NEVER
from gridmap.domain.roles import CELL_ROLES, Place, Reader
from gridmap.domain.rule import Rule
from gridmap.errors import ForbiddenError
from gridmap.maps import page as map_page
from gridmap.maps.cell import cell_map
from gridmap.maps.overview import drawing
from gridmap.rules import catalogue
from gridmap.rules.catalogue import Catalogue
from gridmap.store import cell_ground, my_cell, patrols
from gridmap.store.caches import Cache
from gridmap.store.cell_ground import CellName, Ground
from gridmap.store.places import get_installation
from gridmap.web import cell_words, language, navigate, security
from gridmap.web.pages.base import blueprint, page
from gridmap.web.static import static_url
from gridmap.web.view import View

MODULES = (
    "cell", "cell_map", "entries", "outbox", "outbox_view", "photos", "photo_picker", "place", "report_form",
    "patrol_form", "shell",
)  # fmt: skip
FIRST_LISTED = 8
"""So many findings are seen at once; the others unfold."""

_NONCE = "nonce-of-the-page"
_charts: Cache[map_page.MapParts] = Cache(200)


@blueprint.get("/start")
def start() -> Response:
    """Lead whoever has logged in to where his work is: to his cell, or to the map."""
    has_cell = any(role in CELL_ROLES for role in auth.reader().roles)
    return redirect(url_for("web.show_my_cell" if has_cell else "web.show_map"), 303)  # type: ignore[return-value]


@blueprint.get("/cell")
def show_my_cell() -> Response:
    """Show the cell of the reader's duty, the first of several; who has none is told what there is."""
    conn, found = connection(), auth.reader()
    mine = _duties(conn, found)
    if mine:
        return _kept_private(_show(conn, found, mine[0].code, mine))
    view = _today(conn)
    area = found.area
    cells: list[CellName] = []
    if auth.may("cell:read"):
        cells = cell_ground.list_cells(conn, counties=None if area.is_city else area.counties)
    lost = [grant.cell_code for grant in found.grants if grant.cell_code and not grant.cells]
    counties = {cell.code: cell for cell in cells if cell.level == "county"}
    return _kept_private(page("cell_none.html", view, cells=cells, counties=counties, lost=lost))


@blueprint.get("/cells/<code>")
def show_cell(code: str) -> Response:
    """Show any cell of the reader's area."""
    conn, found = connection(), auth.reader()
    return _kept_private(_show(conn, found, code, _duties(conn, found)))


def ground_of(conn: Connection, code: str) -> Ground:
    """Return the ground of a cell that the reader may see; a cell elsewhere is forbidden, not unknown."""
    ground = cell_ground.get_ground(conn, code)
    if not auth.may("cell:read", Place((ground.county_code or "",), ground.code)):
        raise ForbiddenError(_("这里不在您负责的范围内。"))
    return ground


def _show(conn: Connection, found: Reader, code: str, mine: list[CellName]) -> str:
    ground = ground_of(conn, code)
    view = _today(conn)
    lang = language.current()
    today = my_cell.get_today(conn, code, ground.cells, [square.cell_key for square in ground.squares])
    rules = _rules()
    findings = [
        {
            **_finding(rules.get(row.rule_id), row, lang),
            "repeat": today.repeats.get((row.feature_kind, row.feature_id), NEVER),
        }
        for row in today.findings
    ]
    squares = [_square(square, today.patrolled.get(square.cell_key), view) for square in ground.squares]
    place = Place((ground.county_code or "",), code)
    chart = _chart(ground, lang)
    return page(
        "cell.html",
        view,
        ground=ground,
        mine=mine,
        parts=chart,
        today=today,
        findings=findings,
        first=FIRST_LISTED,
        squares=squares,
        due=[square for square in squares if square["due"]],
        sites=[{**_site(row, view), "repeat": today.repeats.get(("site", row.site_id), NEVER)} for row in today.sites],
        posts=_posts(today.duties),
        has_week=today.numbers.first_run_on is not None
        and (view.installation.today - today.numbers.first_run_on).days >= my_cell.WEEK_DAYS,
        may_report=auth.may("report:create"),
        may_patrol=auth.may("patrol:create", place),
        settings={
            "account": found.name,
            "cell": code,
            "map": chart.name,
            "squares": squares,
            "findings": [_mark(row, "key") for row in findings],
            "sites": [_mark(row._asdict(), "site_id") for row in today.sites],
            "drawings": {name: _drawing(name, lang) for name in ("site", "finding")},
            "at": patrols.received_at(conn).strftime("%Y-%m-%d %H:%M"),
            "words": cell_words.for_scripts(),
        },
    )


def _today(conn: Connection) -> View:
    installation = get_installation(conn)
    return View(installation, (), installation.today)


def _duties(conn: Connection, found: Reader) -> list[CellName]:
    codes = [grant.cell_code for grant in found.grants if grant.cell_code and grant.cells]
    return cell_ground.list_cells(conn, codes=list(dict.fromkeys(codes))) if codes else []


def _chart(ground: Ground, lang: str) -> map_page.MapParts:
    """Return the map's parts with this page's nonce. The ground is the same for all readers and is rendered once."""

    def render() -> map_page.MapParts:
        around = [(shape.layer, shape.name, shape.kind, shape.outline) for shape in ground.around]
        chart = cell_map(
            ground.outline, ground.name, around, ground.bounds, lang=lang, address=static_url, modules=MODULES
        )
        return map_page.split(chart, _NONCE)

    files = tuple(static_url(f"js/{name}.js") for name in MODULES)  # a new version of a script is a new address
    kept = _charts.get((ground.code, ground.stamp, lang, files), render)
    nonce = security.nonce()
    return replace(
        kept,
        header=Markup(kept.header.replace(_NONCE, nonce)),  # noqa: S704  rendered by us, data escaped
        body=Markup(kept.body.replace(_NONCE, nonce)),  # noqa: S704
        script=Markup(kept.script.replace(_NONCE, nonce)),  # noqa: S704
    )


@cache
def _rules() -> Catalogue:
    """Return the rules, read once: 64 files are parsed in the time of twenty of these pages."""
    return catalogue.load()


@cache
def _drawing(layer_id: str, lang: str) -> dict[str, Any]:
    """Return what the script needs to draw a layer's points: the look of its style.json, no columns."""
    return asdict(replace(drawing(definitions.load().get(layer_id), lang), columns=[], legend=[]))


def _finding(rule: Rule, row: Any, lang: str) -> dict[str, Any]:
    _title, message = catalogue.render(rule, {**row.facts, "name": row.name, "part": row.part}, lang)
    return {**row._asdict(), "message": message}


def _square(square: cell_ground.Square, state: my_cell.SquareState | None, view: View) -> dict[str, Any]:
    last = state.last_on if state else None
    days = (view.installation.today - last).days if last else None
    road = state.road_on if state else None
    road_days = (view.installation.today - road).days if road else None
    due = days is None or days >= my_cell.WEEK_DAYS
    return {
        "code": square.code,
        "ring": square.outline["coordinates"][0][0][:-1],
        "last": last.isoformat() if last else None,
        "days": days,
        "due": due,
        "road": square.has_road,
        "roadDue": square.has_road and (road_days is None or road_days >= my_cell.WEEK_DAYS),
    }


def _site(row: Any, view: View) -> dict[str, Any]:
    kinds = ("inspected", "patrolled", "reported")
    visits = [(getattr(row, f"{kind}_on"), kind) for kind in kinds if getattr(row, f"{kind}_on") is not None]
    last = max(visits) if visits else None
    return {
        **row._asdict(),
        "last": last,
        "days": (view.installation.today - last[0]).days if last else None,
        "ways": navigate.ways(row.lon, row.lat, row.name),
    }


def _mark(row: dict[str, Any], key: str) -> dict[str, Any]:
    names = ("name", "lon", "lat", "certainty", "severity", "kind", "breaches", "message")
    shown = {name: row[name] for name in names if row.get(name) is not None}
    shown |= {name: round(shown[name], 5) for name in ("lon", "lat") if name in shown}
    return {"id": row[key], **shown}


def _posts(duties: list[Any]) -> list[dict[str, Any]]:
    """Return cell by cell, from the reader's upwards: its name and its posts by role."""
    found: dict[str, dict[str, Any]] = {}
    for row in duties:
        cell = found.setdefault(row.cell_code, {"code": row.cell_code, "name": row.cell_name, "posts": {}})
        if row.role:
            cell["posts"].setdefault(row.role, []).append(row.post)
    return list(found.values())


def _kept_private(html: str) -> Response:
    response = make_response(html)
    response.headers["Cache-Control"] = "private, no-cache"
    # the worker keeps this page for that account alone (static/js/worker.js)
    response.headers["Gridmap-Account"] = auth.reader().name
    return response
