"""Rows for tests: small worlds in kilometre boxes around one corner of the city.

Positions are kilometres east and north of (460000, 3840000) in EPSG:4547, near the middle of 巩义 and 登封.
"""

from __future__ import annotations

import datetime as dt

import shapely
from pyproj import Transformer

from gridmap.domain.zone import ZoneDraft
from gridmap.store import zones

ORIGIN_M = (460000.0, 3840000.0)
_TO_DEGREES = Transformer.from_crs(4547, 4490, always_xy=True)
EARLY = dt.date(2019, 11, 14)


def degrees(geometry):
    """Return a geometry given in kilometres (see above) as degrees, EPSG:4490."""
    return shapely.transform(
        geometry,
        lambda x, y: _TO_DEGREES.transform(x * 1000 + ORIGIN_M[0], y * 1000 + ORIGIN_M[1]),
        interleaved=False,
    )


def multi(geometry):
    """Return a polygon in kilometres as WKB of a MultiPolygon in EPSG:4490."""
    flat = degrees(geometry)
    return shapely.to_wkb(flat if flat.geom_type == "MultiPolygon" else shapely.MultiPolygon([flat]))


def box(west, south, east, north):
    """Return a box in kilometres."""
    return shapely.box(west, south, east, north)


def add_region(cursor, code, level, geometry=None, *, parent=None, error_m=0.0, name=None, seat=None):
    """Insert a region; geometry and seat in kilometres."""
    outline = multi(geometry) if geometry is not None else None
    place = shapely.to_wkb(degrees(shapely.Point(seat))) if seat is not None else None
    cursor.execute(
        "INSERT INTO gridmap.region (code, level, name, parent_code, geom, seat, position_error_m, source) "
        "VALUES (%s, %s, %s, %s, ST_GeomFromWKB(%s, 4490), ST_GeomFromWKB(%s, 4490), %s, 'test')",
        [code, level, name or f"区划{code}", parent, outline, place, error_m],
    )


def add_village(cursor, village_id, at, *, error_m=0.0, terrain="plain", programme="none", territory=None, **more):
    """Insert a village at a point in kilometres."""
    values = {
        "village_id": village_id,
        "name": f"村{village_id[-3:]}",
        "official_name": f"村{village_id[-3:]}村民委员会",
        "match_name": f"村{village_id[-3:]}",
        "terrain_declared": terrain,
        "terrain_declared_by": "test" if terrain else None,
        "programme": programme,
        "programme_source": "test" if programme != "none" else None,
        "position_error_m": error_m,
        "placed_by": "survey",
        "source": "test",
        **more,
    }
    columns = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    cursor.execute(
        "INSERT INTO gridmap.village (" + columns + ", geom, territory) VALUES (" + marks + ", "
        "ST_GeomFromWKB(%(geom)s, 4490), ST_GeomFromWKB(%(territory)s, 4490))",
        {
            **values,
            "geom": shapely.to_wkb(degrees(shapely.Point(at))),
            "territory": multi(territory) if territory is not None else None,
        },
    )


def add_site(cursor, site_id, at, *, kind="machine", error_m=0.0, county="410181", **more):
    """Insert a site at a point in kilometres."""
    values = {
        "site_id": site_id,
        "kind": kind,
        "name": f"演示{site_id}",
        "county_code": county,
        "position_error_m": error_m,
        "placed_by": "test",
        "source": "test",
        **more,
    }
    cursor.execute(
        "INSERT INTO gridmap.site ("
        + ", ".join(values)
        + ", geom) VALUES ("
        + ", ".join(f"%({name})s" for name in values)
        + ", ST_GeomFromWKB(%(geom)s, 4490))",
        {**values, "geom": shapely.to_wkb(degrees(shapely.Point(at)))},
    )


def add_road(cursor, road_id, *points, error_m=0.0, county="410181", name=None):
    """Insert a road through points in kilometres."""
    line = shapely.to_wkb(degrees(shapely.MultiLineString([points])))
    cursor.execute(
        "INSERT INTO gridmap.road (road_id, name, class, geom, county_code, position_error_m, source) "
        "VALUES (%s, %s, 'main', ST_GeomFromWKB(%s, 4490), %s, %s, 'test')",
        [road_id, name or f"路{road_id}", line, county, error_m],
    )


def draft(lineage="coal_free_410181", boundary=None, **more):
    """Return a draft of a coal-free zone; boundary in kilometres."""
    values = {
        "kind": "coal_free",
        "name": f"禁煤区 {lineage}",
        "county_code": "410181",
        "issuer": "市政府",
        "document": "通告",
        "begins_on": EARLY,
        "source": "test",
        **more,
    }
    return ZoneDraft(lineage=lineage, boundary_wkb=multi(boundary) if boundary is not None else None, **values)


def add_zone(cursor, lineage="coal_free_410181", boundary=None, *, publish=True, **more):
    """Publish a zone, or only draft it, and return its id; boundary in kilometres."""
    zone_id = zones.insert_draft(cursor, draft(lineage, boundary, **more))
    if publish:
        zones.publish(cursor, zone_id)
    return zone_id
