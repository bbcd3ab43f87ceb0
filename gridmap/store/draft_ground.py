"""What a draft is drawn on: its present area, the units it may list, and the stored edges it may be drawn along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.db.session import Connection, snapshot, transaction

AROUND_DEG = 0.03
"""How far around a draft and its county edges are given, degrees: about 3 km."""

Line = tuple[str, str, list[tuple[float, float]]]
"""Kind of what an edge belongs to (zone, county, township, village, cell, road), its name, positions as stored."""

_AREA = """
SELECT ST_AsBinary(z.geom) AS area,
    ST_XMin(b.box) AS west, ST_YMin(b.box) AS south, ST_XMax(b.box) AS east, ST_YMax(b.box) AS north
FROM gridmap.zone AS z
CROSS JOIN LATERAL (
    SELECT ST_Extent(g.geom) AS box FROM (
        SELECT z.geom
        UNION ALL
        SELECT r.geom FROM gridmap.region AS r WHERE r.code = z.county_code AND r.in_force @> gridmap.today()
    ) AS g
) AS b
WHERE z.zone_id = %s
"""

# a county's own code first, then each township with its villages
_UNITS = """
SELECT u.code, u.name, ST_X(u.point) AS lon, ST_Y(u.point) AS lat
FROM (
    SELECT r.code, r.name, CASE WHEN r.geom IS NULL THEN r.seat ELSE ST_PointOnSurface(r.geom) END AS point
    FROM region AS r
    WHERE r.level IN ('county', 'township')
        AND (r.code = %(county)s OR r.county_code = %(county)s OR r.parent_code = %(county)s OR %(is_city)s)
    UNION ALL
    SELECT v.village_id, v.name, v.geom FROM village_all AS v
    WHERE v.county_code = %(county)s OR %(is_city)s
) AS u
ORDER BY u.code
"""

_EDGES = """
WITH box AS (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490) AS geom)

SELECT e.kind, e.name, ST_AsBinary(e.geom) AS geom
FROM box
INNER JOIN (
    SELECT 'zone' AS kind, z.name, z.geom, 1 AS sort_order FROM zone AS z
    UNION ALL
    SELECT r.level, r.name, r.geom, 2 FROM region AS r WHERE r.level IN ('county', 'township')
    UNION ALL
    SELECT 'village', v.name, v.territory, 2 FROM village_all AS v WHERE v.territory IS NOT NULL
    UNION ALL
    -- cells above these have the outlines of counties and townships
    SELECT 'cell', c.name, c.geom, 2 FROM grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.level IN ('village', 'unit')
    UNION ALL
    SELECT 'road', coalesce(r.name, ''), r.geom, 3 FROM road AS r
) AS e ON ST_Intersects(e.geom, box.geom)
ORDER BY e.sort_order, e.name
"""


@dataclass(frozen=True)
class DraftArea:
    """What a draft covers as it was saved, units included. area_wkb: EPSG:4490, None when it covers nothing known.

    bounds: west, south, east, north of it and of its county, degrees; None when neither has a place.
    """

    area_wkb: bytes | None
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class UnitRow:
    """A county, township or village that a draft may list. lon, lat: degrees, None where nothing places it."""

    code: str
    name: str
    lon: float | None
    lat: float | None


def get_area(conn: Connection, zone_id: int) -> DraftArea:
    """Return what a draft covers and where to look at it."""
    with transaction(conn) as cursor:
        cursor.execute(_AREA, [zone_id])
        row = cursor.fetchone()
    if row is None:
        return DraftArea(None, None)
    bounds = None if row.west is None else (row.west, row.south, row.east, row.north)
    return DraftArea(None if row.area is None else bytes(row.area), bounds)


def list_units(conn: Connection, county_code: str, *, is_city: bool = False) -> list[UnitRow]:
    """List the units of a county, or of the whole city, in the order of their codes."""
    with snapshot(conn) as cursor:
        cursor.execute(_UNITS, {"county": county_code, "is_city": is_city})
        return [UnitRow(**row._asdict()) for row in cursor.fetchall()]


def list_edges(conn: Connection, bounds: Sequence[float]) -> list[Line]:
    """Return the edges of zones, regions, villages, cells and roads in a box (degrees), to the last digit stored.

    Nothing is cut at the box, since that would make up vertices: lines begin and end at stored ones.
    """
    west, south, east, north = bounds
    box = (west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)
    with snapshot(conn) as cursor:
        cursor.execute(_EDGES, dict(zip(("west", "south", "east", "north"), box, strict=True)))
        rows = cursor.fetchall()
    return [
        (row.kind, row.name, [(x, y) for x, y in run.tolist()])
        for row in rows
        for line in _lines(shapely.from_wkb(bytes(row.geom)))
        for run in _runs(line, box)
    ]


def _lines(geometry: shapely.Geometry) -> Iterator[np.ndarray]:
    if geometry.geom_type.endswith("Polygon"):
        geometry = geometry.boundary
    for part in shapely.get_parts(geometry):
        yield shapely.get_coordinates(part)


def _runs(line: np.ndarray, box: tuple[float, float, float, float]) -> Iterator[np.ndarray]:
    """Yield the stretches of a line whose edges may touch a box."""
    west, south, east, north = box
    low, high = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    touches = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    steps = np.flatnonzero(np.diff(np.concatenate(([0], touches.astype(np.int8), [0]))))
    for first, last in zip(steps[::2], steps[1::2], strict=True):
        yield line[first : last + 1]
