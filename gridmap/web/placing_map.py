"""The map on which an object is placed: it opens at the object's township or county."""

from __future__ import annotations

from typing import Any

from gridmap.db.session import Connection, transaction
from gridmap.maps import page as map_page
from gridmap.maps.overview import overview_map
from gridmap.store import placements
from gridmap.store.placements import Standing
from gridmap.store.places import list_places
from gridmap.web import language, security
from gridmap.web.pages.map import TILES
from gridmap.web.static import static_url
from gridmap.web.view import View

MODULES = ("placing",)
SHOWN = ("county", "township", "zone", "road", "village")
NEAR_M = 1_000.0
"""An object that is known better than this is shown close by, not in all of its township."""

_METRES_A_DEGREE = 111_000.0

Box = tuple[float, float, float, float]


def placing_map(conn: Connection, seen: View, box: Box, county_code: str) -> map_page.MapParts:
    """Return the map, opened at a box: west, south, east, north in degrees. county_code: whose villages are named."""
    west, south, east, north = box
    chart = overview_map(
        places=_labels(conn, county_code),
        tiles=TILES,
        visible=SHOWN,
        lang=language.current(),
        bounds=((south, west), (north, east)),
        address=static_url,
        modules=MODULES,
        credited=seen.installation.is_demo,
    )
    return map_page.split(chart, security.nonce())


def _labels(conn: Connection, county_code: str) -> list[dict[str, Any]]:
    lang = language.current()
    named: list[dict[str, Any]] = [
        {
            "code": place.code, "level": place.level, "lon": place.lon, "lat": place.lat,
            "name": place.name_en if lang == "en" and place.name_en else place.name,
        }
        for place in list_places(conn) if place.lon is not None
    ]  # fmt: skip
    with transaction(conn) as cursor:
        villages = placements.villages_known(cursor, county_code)
    return named + [
        {"code": code, "level": "village", "name": name, "lon": lon, "lat": lat} for code, name, lon, lat in villages
    ]


def box_at(lon: float, lat: float, room_m: float) -> Box:
    """Return a box around a position (degrees), so many metres to each side."""
    room = room_m / _METRES_A_DEGREE
    return lon - room * 1.2, lat - room, lon + room * 1.2, lat + room


def first_box(stands: Standing, region: Box | None) -> Box:
    """Return where the map opens: close by what is known well, else the region, else all that it may lie in."""
    if not stands.is_vague and stands.position_error_m <= NEAR_M:
        return box_at(stands.lon, stands.lat, max(600.0, stands.position_error_m * 1.5))
    return region or box_at(stands.lon, stands.lat, stands.position_error_m)
