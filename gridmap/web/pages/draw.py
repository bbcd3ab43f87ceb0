"""/drafts/<zone_id>/draw: draw a draft on the map, see at once what that would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from flask import Response, make_response, redirect, url_for

from gridmap import auth, geo
from gridmap.db.pool import connection
from gridmap.db.session import Connection, transaction
from gridmap.domain import draft as life
from gridmap.domain.roles import Place
from gridmap.maps import page as map_page
from gridmap.maps.elements import LocalMap
from gridmap.maps.overview import CITY_BOUNDS, overview_map
from gridmap.planning.geometry_input import MAX_VERTICES
from gridmap.store import draft_ground, drafts
from gridmap.store.draft_ground import DraftArea
from gridmap.store.drafts import DraftRow
from gridmap.store.places import get_installation
from gridmap.store.units import name_units
from gridmap.web import draw_words, language, security
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.drafts import read_draft
from gridmap.web.pages.map import TILES
from gridmap.web.place_labels import place_labels
from gridmap.web.static import static_url
from gridmap.web.view import View

MODULES = (
    "draw_check", "draw_crosshair", "draw_cut", "draw_edge", "draw_editor", "draw_faces", "draw_handles",
    "draw_history", "draw_impact", "draw_lasso", "draw_page", "draw_parts", "draw_pieces", "draw_save", "draw_shape",
    "draw_snap", "draw_state", "draw_table", "draw_tools", "draw_units", "draw_whose",
)  # fmt: skip
SHOWN = ("county", "township", "road", "zone")
"""Layers under the drawing: whatever it may be drawn along."""

STEPS_M = (1, 10, 100)
"""How far an arrow key moves a vertex, metres."""


@blueprint.get("/drafts/<zone_id>/draw")
def draw_draft(zone_id: str) -> Response:
    """Show the drawing page of a draft; one that is under review or published can be looked at only."""
    conn = connection()
    own, content, locked = _read(conn, zone_id)
    auth.require("draft:change", Place((own.county_code,)))
    if own.is_repeal:  # it draws nothing
        return make_response(redirect(url_for("web.show_draft", zone_id=own.zone_id), 303))
    installation = get_installation(conn)
    view = View(installation, (), installation.today)
    area = draft_ground.get_area(conn, own.zone_id)
    chart = _chart(conn, area)
    editable = own.state in life.STEPS["save"].sources
    answer = make_response(
        page(
            "draw.html",
            view,
            draft=own,
            editable=editable,
            steps=STEPS_M,
            parts=map_page.split(chart, security.nonce()),
            settings={
                "draft": own.zone_id,
                "title": own.title,
                "name": own.name,
                "revision": own.revision,
                "editable": editable,
                "account": auth.reader().name,
                "token": auth.form_token(),
                "api": f"/api/drafts/{own.zone_id}",
                "map": chart.get_name(),
                "content": content,
                "locked": locked,
                "most_vertices": MAX_VERTICES,
                "area": _geojson(area.area_wkb),
                "units": _units(conn, own, [*content["units_in"], *content["units_out"]], installation.city_code),
                "lines": draft_ground.list_edges(conn, area.bounds) if area.bounds else [],
                "envelope": geo.ENVELOPE,
                "words": draw_words.for_scripts(),
            },
        )
    )
    answer.headers["Cache-Control"] = (
        "private, no-store"  # a page gone back to would show, and save on, an old revision
    )
    return answer


def _read(conn: Connection, zone_id: str) -> tuple[DraftRow, dict[str, Any], dict[str, Any] | None]:
    """Return a draft that the reader may see, what it draws, and the land that is locked."""
    own = read_draft(conn, zone_id)
    with transaction(conn) as cursor:
        drawn = drafts.get_content(cursor, own.zone_id)
        locked = drafts.get_locked(cursor, own.zone_id)
    content = {
        "boundary": _geojson(drawn.boundary_wkb),
        "units_in": list(drawn.units_in),
        "units_out": list(drawn.units_out),
    }
    return own, content, _geojson(locked)


def _geojson(wkb: bytes | None) -> dict[str, Any] | None:
    """Return GeoJSON with every digit that is stored: vertices are shared with neighbours to the last one."""
    return None if wkb is None else dict(shapely.geometry.mapping(shapely.from_wkb(wkb)))


def _units(conn: Connection, own: DraftRow, listed: Sequence[str], city_code: str) -> list[tuple[Any, ...]]:
    """Return code, name, longitude and latitude of the units that may be listed; those listed from elsewhere follow."""
    rows = draft_ground.list_units(conn, own.county_code, is_city=own.county_code == city_code)
    known = {row.code for row in rows}
    others = name_units(conn, [code for code in listed if code not in known], on=own.begins_on)
    return [
        *((row.code, row.name, _short(row.lon), _short(row.lat)) for row in rows),
        *((code, name, None, None) for code, name in sorted(others.items())),
    ]


def _short(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, 6)


def _chart(conn: Connection, area: DraftArea) -> LocalMap:
    west, south, east, north = area.bounds or (
        CITY_BOUNDS[0][1], CITY_BOUNDS[0][0], CITY_BOUNDS[1][1], CITY_BOUNDS[1][0],
    )  # fmt: skip
    return overview_map(
        tiles=TILES,
        visible=SHOWN,
        lang=language.current(),
        places=place_labels(conn),
        bounds=((south, west), (north, east)),
        address=static_url,
        modules=MODULES,
        credited=False,
    )
