"""The ground of a responsibility cell: outline, squares, neighbours, roads. It is the same for all readers.

It changes with the grid only, so that each process keeps it for the version of the data and the day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, transaction
from gridmap.errors import NotFoundError
from gridmap.store.caches import Cache

MOST_SQUARES = 400
"""Of a larger cell (a county, the city) the squares are not listed one by one."""

LEAST_SHARE_M2 = 10_000
"""A square belongs to a cell when at least so much of it lies inside: a hectare, less is the seam of two outlines."""

SURROUNDINGS_M = 1500
"""How far around a cell its neighbours and roads are shown."""

_STAMP = """
SELECT gridmap.today() AS today, (
    SELECT coalesce(sum(v.version), 0) FROM gridmap.data_version AS v WHERE v.relation IN ('grid_cell', 'road')
) AS version
"""

_CELL = """
SELECT
    c.cell_code AS code, c.name, c.level, c.parent_code, c.county_code, c.position_error_m,
    ST_Area(c.geom_m) / 1e6 AS area_km2, gridmap.cells_below(ARRAY[c.cell_code]) AS cells,
    ST_AsGeoJSON(ST_SetSRID(c.geom, 4326), 5) AS outline,
    ST_XMin(c.geom) AS west, ST_YMin(c.geom) AS south, ST_XMax(c.geom) AS east, ST_YMax(c.geom) AS north
FROM gridmap.grid_cell AS c
WHERE c.cell_code = %(code)s AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
"""

# the first points of a square's ring, from its south-west corner: what is between is straight
_SQUARES = """
SELECT s.cell_key, s.cell_code AS code, ST_AsGeoJSON(ST_SetSRID(s.geom, 4326), 5) AS outline, EXISTS (
    SELECT FROM gridmap.road AS r WHERE ST_Intersects(r.geom_m, s.geom_m)
) AS has_road
FROM gridmap.grid_cell AS c
INNER JOIN gridmap.grid_cell AS s
    ON s.kind = 'square' AND s.in_force @> gridmap.today() AND ST_Intersects(s.geom_m, c.geom_m)
WHERE c.cell_code = %(code)s AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
    AND ST_Area(ST_Intersection(s.geom_m, c.geom_m)) >= %(least_m2)s
ORDER BY s.cell_key %% 100000 DESC, s.cell_key
LIMIT %(most)s
"""

_AROUND = """
WITH cell AS (
    SELECT c.cell_code, c.level, c.parent_code, c.geom_m, ST_Envelope(ST_Buffer(c.geom_m, %(around_m)s)) AS box_m
    FROM gridmap.grid_cell AS c
    WHERE c.cell_code = %(code)s AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
)

SELECT n.cell_code AS code, n.name, 'grid_cell' AS layer, n.level AS kind, ST_AsGeoJSON(ST_SetSRID(ST_Transform(
    ST_SimplifyPreserveTopology(n.geom_m, 10), 4490), 4326), 5) AS outline
FROM cell
INNER JOIN gridmap.grid_cell AS n
    ON n.kind = 'responsibility' AND n.in_force @> gridmap.today() AND ST_Intersects(n.geom_m, cell.geom_m)
        AND n.cell_code <> cell.cell_code AND (n.level = cell.level OR n.parent_code = cell.cell_code)
UNION ALL
SELECT r.road_id, r.name, 'road', r.class, ST_AsGeoJSON(ST_SetSRID(ST_Transform(
    ST_Simplify(ST_Intersection(r.geom_m, cell.box_m), 10), 4490), 4326), 5)
FROM cell
INNER JOIN gridmap.road AS r ON ST_Intersects(r.geom_m, cell.box_m)
"""

_LISTED = """
SELECT c.cell_code AS code, c.name, c.level, c.county_code, c.parent_code
FROM gridmap.grid_cell AS c
WHERE c.kind = 'responsibility' AND c.in_force @> gridmap.today()
    AND (%(counties)s::text[] IS NULL OR c.county_code = ANY(%(counties)s::text[]))
    AND (%(codes)s::text[] IS NULL OR c.cell_code = ANY(%(codes)s::text[]))
ORDER BY c.county_code, array_position(ARRAY['city', 'county', 'township', 'village', 'unit'], c.level), c.cell_code
"""


@dataclass(frozen=True)
class Square:
    """A 1 km square of a cell. outline: GeoJSON. has_road: a road that we know passes it."""

    cell_key: int
    code: str
    outline: dict[str, Any]
    has_road: bool


@dataclass(frozen=True)
class Shape:
    """Something around a cell: a neighbouring or lower cell, or a road, with its GeoJSON. kind: level or class."""

    layer: str
    code: str
    name: str
    kind: str
    outline: dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """A cell and what lies around it. cells: codes of the cell and all below it. bounds: south-west, north-east."""

    code: str
    name: str
    level: str
    parent_code: str | None
    county_code: str | None
    area_km2: float
    position_error_m: float
    cells: tuple[str, ...]
    outline: dict[str, Any]
    bounds: tuple[tuple[float, float], tuple[float, float]]
    squares: tuple[Square, ...]
    around: tuple[Shape, ...]
    stamp: tuple[Any, ...]


@dataclass(frozen=True)
class CellName:
    """A cell by name, for choosing one."""

    code: str
    name: str
    level: str
    county_code: str | None
    parent_code: str | None


_kept: Cache[Ground] = Cache(400)


def get_ground(conn: Connection, code: str) -> Ground:
    """Return the ground of a responsibility cell in force today; NotFoundError when there is none of that code."""
    with transaction(conn) as cursor:
        cursor.execute(_STAMP)
        # two databases in one process (tests) must not be taken for one another
        stamp = (conn.info.dbname, conn.info.host, conn.info.port, *cursor.fetchone())
    return _kept.get((code, stamp), lambda: _read(conn, code, stamp))


def list_cells(
    conn: Connection, *, counties: Sequence[str] | None = None, codes: Sequence[str] | None = None
) -> list[CellName]:
    """List responsibility cells in force today, of some counties or of some codes, county by county from the top."""
    with transaction(conn) as cursor:
        cursor.execute(
            _LISTED,
            {
                "counties": list(counties) if counties is not None else None,
                "codes": list(codes) if codes is not None else None,
            },
        )
        return [CellName(**row._asdict()) for row in cursor.fetchall()]


def _read(conn: Connection, code: str, stamp: tuple[Any, ...]) -> Ground:
    values = {"code": code, "least_m2": LEAST_SHARE_M2, "most": MOST_SQUARES + 1, "around_m": SURROUNDINGS_M}
    with transaction(conn) as cursor:
        cursor.execute(_CELL, values)
        cell = cursor.fetchone()
        if cell is None:
            raise NotFoundError(f"there is no responsibility cell {code} today")
        squares: list[Square] = []
        if cell.level not in ("city", "county"):
            cursor.execute(_SQUARES, values)
            squares = [Square(**{**row._asdict(), "outline": json.loads(row.outline)}) for row in cursor.fetchall()]
        cursor.execute(_AROUND, values)
        around = [
            Shape(row.layer, row.code, row.name, row.kind, json.loads(row.outline))
            for row in cursor.fetchall()
            if row.outline
        ]
    return Ground(
        cell.code,
        cell.name,
        cell.level,
        cell.parent_code,
        cell.county_code,
        float(cell.area_km2),
        float(cell.position_error_m),
        tuple(cell.cells),
        json.loads(cell.outline),
        ((cell.south, cell.west), (cell.north, cell.east)),
        tuple(squares) if len(squares) <= MOST_SQUARES else (),
        tuple(around),
        stamp,
    )
