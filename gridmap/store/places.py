"""What this installation is, and where its counties and townships lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot, transaction

_PLACES = """
SELECT
    r.code, r.level, r.name, r.name_en,
    ST_X(at.point) AS lon, ST_Y(at.point) AS lat,
    ST_XMin(r.geom) AS west, ST_YMin(r.geom) AS south, ST_XMax(r.geom) AS east, ST_YMax(r.geom) AS north
FROM region AS r
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.level = 'township' AND r.seat IS NOT NULL THEN r.seat
        WHEN r.geom IS NOT NULL THEN ST_PointOnSurface(r.geom)
        ELSE r.seat
    END AS point
) AS at
WHERE r.level IN ('county', 'township')
ORDER BY r.level, r.code
"""


@dataclass(frozen=True)
class Installation:
    """The one row of settings: the day the platform stands on, its city, and whether the data are the demo city."""

    today: dt.date
    city_code: str
    city_name_zh: str
    city_name_en: str
    is_demo: bool


@dataclass(frozen=True)
class Place:
    """A county or township; positions and bounds in degrees (EPSG:4490), None where nothing is known."""

    code: str
    level: str
    name: str
    name_en: str | None
    lon: float | None
    lat: float | None
    west: float | None
    south: float | None
    east: float | None
    north: float | None

    @property
    def bounds(self) -> list[list[float]] | None:
        """Return [[south, west], [north, east]] or None."""
        if self.west is None or self.south is None or self.east is None or self.north is None:
            return None
        return [[self.south, self.west], [self.north, self.east]]


def get_installation(conn: Connection) -> Installation:
    """Return what this installation is."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT gridmap.today() AS today, s.city_code, s.city_name_zh, s.city_name_en, s.is_demo "
            "FROM gridmap.setting AS s"
        )
        return Installation(**cursor.fetchone()._asdict())


def list_places(conn: Connection, *, as_of: dt.date | None = None) -> list[Place]:
    """List counties, then townships, in force on a day, by code."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_PLACES)
        return [Place(**record._asdict()) for record in cursor.fetchall()]
