"""The small map of a site: where it is, how far off that may be, and the zones, roads and townships around."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import layers as definitions
from gridmap.db.session import Connection
from gridmap.maps.elements import Features, LocalMap
from gridmap.maps.overview import drawing, overview_map
from gridmap.maps.why import Note, add_why, bounds_of
from gridmap.store.layers import FeatureFilter
from gridmap.store.sites import Site
from gridmap.store.surroundings import circle_around
from gridmap.web import language
from gridmap.web.pages.surroundings import collection, length
from gridmap.web.static import static_url
from gridmap.web.view import View

MARGIN_DEG = 0.005
"""About half a kilometre around the site."""

SHOWN = ("county", "township", "zone", "road")


def site_map(conn: Connection, seen: View, site: Site) -> LocalMap:
    """Return the map of a site: all of its error's circle, and some more."""
    lang = language.current()
    circle = circle_around(conn, site.lon, site.lat, site.position_error_m) if site.position_error_m else None
    west, south, east, north = (
        site.lon - MARGIN_DEG,
        site.lat - MARGIN_DEG,
        site.lon + MARGIN_DEG,
        site.lat + MARGIN_DEG,
    )
    if circle:
        box = bounds_of(circle)
        west, south, east, north = min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3])
    around = FeatureFilter(bbox=(west, south, east, north))
    chart = overview_map(
        {layer_id: collection(conn, layer_id, around, seen) for layer_id in SHOWN},
        lang=lang,
        bounds=((south, west), (north, east)),
        address=static_url,
        height="100%",
        credited=seen.installation.is_demo,
    )
    note = _("位置误差 ± %(m)s（图中黄色圆）。", m=length(site.position_error_m))
    add_why(chart, circle=Note(circle, note) if circle else None, bands=[], lines=[], ways=[])
    place = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [site.lon, site.lat]},
        "properties": {"kind": site.kind, "name": site.name, "feature_id": site.site_id},
    }
    Features(drawing(definitions.load().get("site"), lang), {"type": "FeatureCollection", "features": [place]}).add_to(
        chart
    )
    return chart
