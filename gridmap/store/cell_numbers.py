"""Read how responsibility cells stood on a day: numbers, trends, the cells below one, their outlines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot, transaction
from gridmap.errors import NotFoundError

_CELL = """
SELECT c.cell_code AS code, c.name, r.name_en, c.level, c.parent_code
FROM snapshot.grid_cell AS c
LEFT JOIN snapshot.region AS r ON r.code = c.cell_code
WHERE c.kind = 'responsibility' AND
"""

# simplified together, so that neighbours keep one line between them; what is lost is less than a pixel of the map
_OUTLINES = """
WITH cell AS (
    SELECT c.cell_code, c.geom_m
    FROM snapshot.grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.cell_code = ANY(%(codes)s)
),

part AS (
    SELECT c.cell_code, ST_SimplifyPreserveTopology(d.geom, %(tolerance)s) AS geom
    FROM cell AS c
    CROSS JOIN LATERAL ST_Dump(c.geom_m) AS d
)

SELECT
    p.cell_code AS code,
    ST_AsGeoJSON(ST_SetSRID(ST_Transform(ST_Multi(ST_Collect(p.geom)), 4490), 4326), 4) AS geojson,
    ST_X(min(at.point)) AS lon, ST_Y(min(at.point)) AS lat
FROM part AS p
INNER JOIN cell AS c ON c.cell_code = p.cell_code
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(c.geom_m), 4490) AS point) AS at
WHERE NOT ST_IsEmpty(p.geom)
GROUP BY p.cell_code
ORDER BY p.cell_code
"""


@dataclass(frozen=True)
class CellRow:
    """A responsibility cell. code: of its division where it is one; level: city … unit."""

    code: str
    name: str
    name_en: str | None
    level: str
    parent_code: str | None

    def title(self, lang: str) -> str:
        """Return the name in a language, Chinese where no English one is known."""
        return self.name_en if lang == "en" and self.name_en else self.name


@dataclass(frozen=True)
class Outline:
    """The outline of a cell, coarse (GeoJSON text, degrees), and a place for its label."""

    code: str
    geojson: str
    lon: float
    lat: float


def get_cell(conn: Connection, code: str, *, as_of: dt.date | None = None) -> CellRow:
    """Return a responsibility cell of a day; NotFoundError when there was none."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_CELL + "c.cell_code = %s", [code])
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"there is no responsibility cell {code}")
    return CellRow(*row)


def list_counties(conn: Connection, city_code: str, *, as_of: dt.date | None = None) -> list[CellRow]:
    """List the cells right below the city, whether or not the city itself has one."""
    return _list(
        conn, "(c.parent_code IS NULL OR c.parent_code = %(code)s) AND c.cell_code <> %(code)s", city_code, as_of
    )


def list_below(conn: Connection, code: str, *, as_of: dt.date | None = None) -> list[CellRow]:
    """List the cells right below a cell."""
    return _list(conn, "c.parent_code = %(code)s AND c.cell_code <> %(code)s", code, as_of)


def _list(conn: Connection, condition: str, code: str, as_of: dt.date | None) -> list[CellRow]:
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_CELL + condition + " ORDER BY c.cell_code", {"code": code})
        return [CellRow(*row) for row in cursor.fetchall()]


def list_outlines(
    conn: Connection, codes: Sequence[str], tolerance_m: float, *, as_of: dt.date | None = None
) -> list[Outline]:
    """List the outlines of cells, simplified by so many metres."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_OUTLINES, {"codes": list(codes), "tolerance": tolerance_m})
        return [Outline(*row) for row in cursor.fetchall()]


def find_day(conn: Connection, first: dt.date, last: dt.date) -> dt.date | None:
    """Return the newest day in [first, last] whose numbers were written, or None."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT max(day) FROM gridmap.cell_statistic WHERE day BETWEEN %s AND %s", [first, last])
        day: dt.date | None = cursor.fetchone()[0]
        return day


def get_numbers(conn: Connection, codes: Sequence[str], day: dt.date) -> dict[str, dict[str, int]]:
    """Return cell code → measure → number of a day, for the cells that stood then; a measure left out is 0."""
    found: dict[str, dict[str, int]] = {}
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT cell_code, measure, value FROM gridmap.cell_statistic WHERE day = %s AND cell_code = ANY(%s)",
            [day, list(codes)],
        )
        for code, measure, value in cursor.fetchall():
            found.setdefault(code, {})[measure] = value
    return {code: numbers for code, numbers in found.items() if "cell" in numbers}


def list_trend(
    conn: Connection, code: str, measure: str, last: dt.date, *, days: int = 90
) -> list[tuple[dt.date, int]]:
    """List a cell's number day by day, oldest first; days without an audit are left out."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.day, coalesce(v.value, 0) FROM gridmap.cell_statistic AS c "
            "LEFT JOIN gridmap.cell_statistic AS v ON v.day = c.day AND v.cell_code = c.cell_code "
            "AND v.measure = %(measure)s WHERE c.cell_code = %(code)s AND c.measure = 'cell' "
            "AND c.day <= %(last)s AND c.day > %(last)s - %(days)s ORDER BY c.day",
            {"code": code, "measure": measure, "last": last, "days": days},
        )
        return [tuple(row) for row in cursor.fetchall()]
