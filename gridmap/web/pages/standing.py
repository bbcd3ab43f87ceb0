"""/city and /counties/<code>: how the city, its counties and their cells stand, ranked, on a map and as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, redirect, url_for
from flask_babel import gettext as _

from gridmap import auth, glossary
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection
from gridmap.domain.ranking import MEASURES, SMALL_SITES, Measure
from gridmap.domain.roles import Place
from gridmap.errors import NotFoundError
from gridmap.exports import standing as export
from gridmap.maps import page as map_page
from gridmap.maps import sketch
from gridmap.maps.choropleth import CellShape, Shade, choropleth_map, shades
from gridmap.rules import engine
from gridmap.store import cell_numbers
from gridmap.store.cell_numbers import CellRow
from gridmap.store.repeats import list_standing_out, repeats_of
from gridmap.store.sites import sites_there
from gridmap.web import language, security, standing, view, words
from gridmap.web.pages.base import blueprint, page
from gridmap.web.standing import Row, Standing
from gridmap.web.static import static_url
from gridmap.web.view import View

_CITY_M, _COUNTY_M = 250.0, 60.0
"""How coarse outlines are drawn, metres: about a pixel of the city's and of a county's map."""

MOST_REPEATED = 12
"""So many repeats are named on a county's page; the others are in the list."""

COMPARED = (
    "breach", "breach_high", "breach_medium", "breach_low", "near_boundary", "report", "accepted", "new_7d", "gone_7d",
    "reopened_7d", "resurgence_7d", "overdue_case", "site", "site_visited_30d", "road_square",
    "road_square_patrolled_7d", "duty_role", "cell",
)  # fmt: skip
"""The numbers that a page sets against last week, in their order."""


@blueprint.get("/city")
def show_city() -> str:
    """Show how the city and its counties stand: numbers only, which every reader may compare."""
    conn, seen = _counted()
    found = _of_city(conn, seen)
    title = seen.installation.city_name_en if language.current() == "en" else seen.installation.city_name_zh
    return _render(conn, seen, found, title, "show_city", _CITY_M)


@blueprint.get("/county")
def show_own_county() -> Response:
    """Go to the county of whoever asks, or to the city where he has several or none."""
    mine = auth.reader().area.counties
    answer: Response = redirect(  # type: ignore[assignment]
        url_for("web.show_county", code=mine[0]) if len(mine) == 1 else url_for("web.show_city"), 303
    )
    return answer


@blueprint.get("/counties/<code>")
def show_county(code: str) -> str:
    """Show how a county and its cells stand."""
    conn, seen = _counted()
    cell, found = _of_county(conn, seen, code)
    return _render(conn, seen, found, cell.title(language.current()), "show_county", _COUNTY_M)


@blueprint.get("/city/ranking.<form>")
def export_city(form: str) -> Response:
    """Return the ranking of the counties as a file."""
    conn, seen = _counted()
    return _file(_of_city(conn, seen), form)


@blueprint.get("/counties/<code>/ranking.<form>")
def export_county(code: str, form: str) -> Response:
    """Return the ranking of a county's cells as a file."""
    conn, seen = _counted()
    return _file(_of_county(conn, seen, code)[1], form)


def _counted() -> tuple[Connection, View]:
    """Return the reader's connection and view, after making sure that the numbers of today are there."""
    conn = connection()
    seen = view.read(conn)
    if seen.is_today:
        engine.ensure_statistics(system_connection())
    return conn, seen


def _of_city(conn: Connection, seen: View) -> Standing:
    code = seen.installation.city_code
    below = cell_numbers.list_counties(conn, code, as_of=seen.day)

    def address(cell: CellRow) -> str | None:
        mine = auth.may("statistics:read", Place((cell.code,), cell.code))
        return _url(seen, "show_county", path_code=cell.code) if mine else None

    return standing.look(conn, code, below, seen.as_of, address)


def _of_county(conn: Connection, seen: View, code: str) -> tuple[CellRow, Standing]:
    auth.require("statistics:read", Place((code,), code))
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        raise NotFoundError("a county's code has six digits")
    cell = cell_numbers.get_cell(conn, code, as_of=seen.day)
    if cell.level != "county":
        raise NotFoundError(f"there is no county {code}")
    below = cell_numbers.list_below(conn, code, as_of=seen.day)
    return cell, standing.look(conn, code, below, seen.as_of, cell_page)


def cell_page(cell: CellRow) -> str | None:
    """Return the address of a cell's own page, /cells/<code>, where this installation has one."""
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith("/cells/<") and rule.rule.endswith(">") and len(rule.arguments) == 1:
            values: dict[str, Any] = {next(iter(rule.arguments)): cell.code}
            return url_for(rule.endpoint, **values)
    return None


def _url(seen: View, endpoint: str, **changes: Any) -> str:
    """Return the address of one of these pages, with day, measure and order."""
    measure, order = standing.chosen_measure()
    kept = {"measure": None if measure.id == "breach" else measure.id, "order": order if order != "worst" else None}
    return seen.only_day().url(endpoint, **{**kept, **changes})


def _render(conn: Connection, seen: View, found: Standing, title: str, endpoint: str, coarse: float) -> str:
    lang = language.current()
    path = {} if endpoint == "show_city" else {"path_code": found.code}
    ranked = [row.value for row in found.ranked if row.value is not None]
    legend = shades(ranked, found.measure.worst)
    parts = _map(conn, seen, found, legend, lang, coarse) if found.rows else None
    return page(
        "standing.html",
        seen,
        found=found,
        title=title,
        is_city=endpoint == "show_city",
        compared=[name for name in COMPARED if found.numbers.get(name) or (found.before or {}).get(name)],
        themes=[(code, found.numbers.get(f"breach:{code}", 0)) for code in glossary.terms()["theme"]],
        measures=MEASURES,
        columns=[found.measure.id, *(name for name in MEASURES if name != found.measure.id)],
        legend=legend,
        parts=parts,
        spark=sketch.spark([number for _day, number in found.trend], width=260, height=60),
        written=written,
        small_sites=SMALL_SITES,
        link=lambda **changes: _url(seen, endpoint, **path, **changes),
        download=lambda form: _url(seen, endpoint.replace("show", "export"), **path, path_form=form),
        up=_url(seen, "show_city"),
        repeated=_repeated(conn, seen, found.code) if endpoint != "show_city" else None,
        own_table=seen.only_day().url("show_table", county=found.code) if endpoint != "show_city" else None,
    )


def _repeated(conn: Connection, seen: View, county: str) -> dict[str, Any] | None:
    """Return the repeats of a county that the reader may see, with where all their findings are listed.

    None for whoever may not read findings.
    """
    if not auth.may("finding:read", Place((county,), county)):
        return None
    ids = list_standing_out(conn, county=county, as_of=seen.day)
    shown = ids[:MOST_REPEATED]
    names = sites_there(conn, shown)
    repeats = repeats_of(conn, shown, as_of=seen.day)
    return {
        "number": len(ids),
        "sites": [
            (seen.only_day().url("show_site", path_site_id=each), names[each], repeats[("site", each)])
            for each in shown
            if each in names and ("site", each) in repeats
        ],
        "table": seen.only_day().url("show_table", county=county, repeats="true"),
    }


def _map(
    conn: Connection, seen: View, found: Standing, legend: Sequence[Shade], lang: str, coarse: float
) -> map_page.MapParts | None:
    by_code = {row.cell.code: row for row in found.rows}
    outlines = cell_numbers.list_outlines(conn, list(by_code), coarse, as_of=seen.day)
    if not outlines:
        return None
    shapes = [
        _shape(by_code[outline.code], found.measure, outline, lang)
        for outline in sorted(outlines, key=lambda each: found.rows.index(by_code[each.code]))
    ]
    title = _("地图：%(measure)s", measure=words.ranking(found.measure.id))
    chart = choropleth_map(shapes, legend, title, address=static_url)
    return map_page.split(chart, security.nonce())


def _shape(row: Row, measure: Measure, outline: cell_numbers.Outline, lang: str) -> CellShape:
    value = row.value if row.rank is not None else None
    label = written(row.value, measure) if row.rank is not None else "—"
    return CellShape(
        row.cell.code, row.cell.title(lang), label, value, row.href, outline.geojson, outline.lon, outline.lat
    )


def written(value: float | None, measure: Measure, *, signed: bool = False) -> str:
    """Return a measure's value as a reader would write it. signed: as a change."""
    if value is None:
        return "—"
    digits = 0 if measure.unit == "number" else 1
    text = f"{value:+.{digits}f}" if signed and round(value, digits) else f"{abs(value):.{digits}f}"
    return f"{text}%" if measure.unit == "percent" and not signed else text


def _file(found: Standing, form: str) -> Response:
    if form not in export.MEDIA_TYPES:
        raise NotFoundError(f"there is no file of the form {form}; known are {', '.join(export.MEDIA_TYPES)}")
    lang = language.current()
    lines = [export.Line(row.rank, row.cell.code, row.cell.title(lang), row.numbers) for row in found.rows]
    response = Response(export.file(lines, form, lang), content_type=export.MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="ranking-{found.code}-{found.day}.{form}"'
    return response
