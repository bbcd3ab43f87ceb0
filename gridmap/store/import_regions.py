"""The regions of a day, for finding where a file's rows lie and what their names mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor


@dataclass(frozen=True)
class RegionRow:
    """A county, township or village. outline, seat: WKB, EPSG:4547, None where unknown; villages have neither here."""

    code: str
    level: str
    name: str
    other_names: tuple[str, ...]
    outline: bytes | None
    seat: bytes | None
    error_m: float


def list_regions(cursor: Cursor, on: dt.date) -> list[RegionRow]:
    """List counties, townships and villages in force on a day."""
    cursor.execute(
        "SELECT r.code, r.level, r.name, ARRAY[r.name_en] AS other_names, "
        "public.ST_AsBinary(r.geom_m) AS outline, public.ST_AsBinary(public.ST_Transform(r.seat, 4547)) AS seat, "
        "coalesce(r.position_error_m, 0) AS error_m "
        "FROM gridmap.region AS r WHERE r.level IN ('county', 'township') AND r.in_force @> %s ORDER BY r.code",
        [on],
    )
    found = [_row(tuple(row)) for row in cursor.fetchall()]
    cursor.execute(
        "SELECT v.village_id, 'village' AS level, v.name, ARRAY[v.official_name, v.match_name] AS other_names, "
        "NULL AS outline, NULL AS seat, 0 AS error_m "
        "FROM gridmap.village AS v WHERE v.in_force @> %s ORDER BY v.village_id",
        [on],
    )
    return found + [_row(tuple(row)) for row in cursor.fetchall()]


def city_code(cursor: Cursor) -> str:
    """Return the city's own code: of what crosses several of its counties."""
    cursor.execute("SELECT s.city_code FROM gridmap.setting AS s")
    return str(cursor.fetchone()[0])


def city(cursor: Cursor) -> tuple[str, str]:
    """Return the city's own code and its name."""
    cursor.execute(
        "SELECT s.city_code, coalesce(r.name, s.city_code) FROM gridmap.setting AS s LEFT JOIN gridmap.region AS r "
        "ON r.code = s.city_code AND r.in_force @> gridmap.today()"
    )
    row = cursor.fetchone()
    return str(row[0]), str(row[1])


def _row(row: tuple[object, ...]) -> RegionRow:
    code, level, name, others, outline, seat, error = row
    return RegionRow(
        str(code), str(level), str(name), tuple(other for other in others if other),  # type: ignore[attr-defined]
        bytes(outline) if outline is not None else None, bytes(seat) if seat is not None else None, float(error),  # type: ignore[arg-type,call-overload]
    )  # fmt: skip
