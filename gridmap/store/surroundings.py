"""What a finding's place has to do with the zones around it: errors and distances, drawn and in metres."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, snapshot, transaction

REACH_M = 5000.0
"""How far from a place a boundary is still drawn beside it, metres."""

# where each kind of feature keeps how far off its position may be
_ERRORS = {
    "village": "SELECT v.position_error_m FROM village_all AS v WHERE v.village_id = %s",
    "site": "SELECT s.position_error_m FROM site_all AS s WHERE s.site_id = %s",
    "station": "SELECT s.position_error_m FROM station AS s WHERE s.station_code = %s",
    "road_damage": "SELECT d.position_error_m FROM road_damage AS d WHERE d.damage_id = %s",
    "hotspot": "SELECT h.position_error_m FROM hotspot AS h WHERE h.hotspot_id = %s",
}

_CIRCLE = """
SELECT ST_AsGeoJSON(
    ST_Transform(
        ST_Buffer(ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547), %(error_m)s), 4490
    ), 6, 0)
"""

# the boundary in lines, its error as a band, and the shortest way from the place to it
_EDGES = """
WITH here AS (
    SELECT ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(%(geojson)s), 4490), 4547) AS geom_m
),
edge AS (
    SELECT z.zone_id, ST_Union(e.geom_m) AS geom_m
    FROM snapshot.zone AS z
    CROSS JOIN here
    INNER JOIN gridmap.zone_edge AS e ON e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, here.geom_m, %(reach_m)s)
    WHERE z.kind = ANY(%(kinds)s)
    GROUP BY z.zone_id
)
SELECT
    z.zone_id, z.name, z.kind, z.position_error_m AS error_m,
    ST_Intersects(z.geom_m, here.geom_m) AS inside,
    ST_Distance(edge.geom_m, here.geom_m) AS distance_m,
    ST_AsGeoJSON(ST_Transform(edge.geom_m, 4490), 6, 0) AS line,
    CASE WHEN z.position_error_m > 0 THEN
        ST_AsGeoJSON(ST_Transform(ST_Buffer(edge.geom_m, z.position_error_m, 'endcap=flat'), 4490), 6, 0)
    END AS band,
    ST_AsGeoJSON(ST_Transform(ST_ShortestLine(here.geom_m, edge.geom_m), 4490), 6, 0) AS way
FROM snapshot.zone AS z
CROSS JOIN here
LEFT JOIN edge ON edge.zone_id = z.zone_id
WHERE z.kind = ANY(%(kinds)s) AND (edge.zone_id IS NOT NULL OR ST_Intersects(z.geom_m, here.geom_m))
ORDER BY distance_m NULLS LAST, z.zone_id
LIMIT 6
"""


# by name before geometry: the most specific unit that a list names decides about a village
_NAMED = """
SELECT z.zone_id, z.name, z.kind, named.side, named.unit_code
FROM snapshot.zone AS z
INNER JOIN LATERAL (
    SELECT zu.side, zu.unit_code FROM gridmap.zone_unit AS zu
    WHERE zu.zone_id = z.zone_id AND zu.unit_code = ANY(%(units)s)
    ORDER BY length(zu.unit_code) DESC
    LIMIT 1
) AS named ON true
WHERE z.kind = ANY(%(kinds)s)
ORDER BY z.zone_id
"""


@dataclass(frozen=True)
class Named:
    """A zone whose lists name a village, its township or its county. side: in or out; unit_code: what is named."""

    zone_id: int
    name: str
    kind: str
    side: str
    unit_code: str


@dataclass(frozen=True)
class Edge:
    """The boundary of a zone near a place; geometries are GeoJSON (degrees), lengths metres.

    inside: whether the place lies in the zone as drawn. band: how far the boundary may be off, None when it is exact.
    distance_m, line and way: None when the place lies so deep inside that no boundary is within REACH_M.
    """

    zone_id: int
    name: str
    kind: str
    error_m: float
    inside: bool
    distance_m: float | None
    line: dict[str, Any] | None
    band: dict[str, Any] | None
    way: dict[str, Any] | None


@dataclass(frozen=True)
class Surroundings:
    """error_m: how far off the feature's position may be, None when nobody says. circle: the same, drawn.

    named: zones that judge a village by name; edges: boundaries of the others, nearest first.
    """

    error_m: float | None
    circle: dict[str, Any] | None
    named: tuple[Named, ...]
    edges: tuple[Edge, ...]

    def is_near(self, edge: Edge) -> bool:
        """Return whether the errors of both sides together leave open on which side of the boundary the place is."""
        error_m = (self.error_m or 0) + edge.error_m
        return edge.distance_m is not None and edge.distance_m <= error_m and error_m > 0


def circle_around(conn: Connection, lon: float, lat: float, radius_m: float) -> dict[str, Any]:
    """Return the circle around a place (degrees, EPSG:4490) as GeoJSON. radius_m: metres on the ground."""
    with transaction(conn) as cursor:
        cursor.execute(_CIRCLE, {"lon": lon, "lat": lat, "error_m": radius_m})
        found: dict[str, Any] = json.loads(cursor.fetchone()[0])
        return found


def look_around(
    conn: Connection,
    feature: tuple[str, str],
    place: dict[str, Any],
    point: tuple[float, float],
    kinds: Sequence[str],
    *,
    as_of: dt.date | None = None,
) -> Surroundings:
    """Return the error of a feature's position and the boundaries of the given kinds of zone within REACH_M of it.

    feature: kind and id. place: its GeoJSON geometry. point: longitude and latitude on it, degrees.
    """
    kind, feature_id = feature
    with snapshot(conn, as_of) as cursor:
        error_m = None
        if kind in _ERRORS:
            cursor.execute(_ERRORS[kind], [feature_id])
            row = cursor.fetchone()
            error_m = float(row.position_error_m) if row is not None and row.position_error_m is not None else None
        circle = None
        if error_m:
            circle = circle_around(conn, *point, error_m)
        named: tuple[Named, ...] = ()
        if kind == "village":
            cursor.execute(_NAMED, {"units": [feature_id, feature_id[:9], feature_id[:6]], "kinds": list(kinds)})
            named = tuple(Named(*row) for row in cursor.fetchall())
        cursor.execute(_EDGES, {"geojson": json.dumps(place), "kinds": list(kinds), "reach_m": REACH_M})
        edges = tuple(
            Edge(
                row.zone_id,
                row.name,
                row.kind,
                float(row.error_m),
                row.inside,
                float(row.distance_m) if row.distance_m is not None else None,
                _geometry(row.line),
                _geometry(row.band),
                _geometry(row.way),
            )
            for row in cursor.fetchall()
            if row.zone_id not in {zone.zone_id for zone in named}
        )
    return Surroundings(error_m, circle, named, edges)


def _geometry(text: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found
