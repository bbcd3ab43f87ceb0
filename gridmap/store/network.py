"""The lines that land is told apart by: roads, outlines of counties, outlines of zones in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from psycopg2.extensions import cursor as Cursor
from shapely.geometry.base import BaseGeometry

LineKind = Literal["road", "county", "zone"]

# asked of a snapshot: the law of a day
_LINES = """
WITH window_m AS (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547) AS geom)
SELECT 'road' AS kind, r.road_id AS id, r.name, r.position_error_m AS error_m, ST_AsBinary(r.geom_m) AS line
FROM snapshot.road_all AS r CROSS JOIN window_m AS w
WHERE r.geom_m && w.geom
UNION ALL
SELECT 'county', c.code, c.name, coalesce(c.position_error_m, 0), ST_AsBinary(ST_Boundary(c.geom_m))
FROM snapshot.region AS c CROSS JOIN window_m AS w
WHERE c.level = 'county' AND c.geom_m && w.geom
UNION ALL
SELECT 'zone', z.zone_id::text, z.name, z.position_error_m, ST_AsBinary(ST_Boundary(z.geom_m))
FROM snapshot.zone AS z CROSS JOIN window_m AS w
WHERE z.geom_m && w.geom AND (%(kinds)s::text[] IS NULL OR z.kind = ANY(%(kinds)s))
ORDER BY 1, 2
"""


_VERTICES = """
SELECT ST_AsBinary(r.geom) AS shape FROM snapshot.road_all AS r
WHERE r.geom_m && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547)
UNION ALL
SELECT ST_AsBinary(c.geom) FROM snapshot.region AS c
WHERE c.level = 'county' AND c.geom_m && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547)
UNION ALL
SELECT ST_AsBinary(z.geom) FROM snapshot.zone AS z
WHERE z.geom_m && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547)
"""


@dataclass(frozen=True)
class Line:
    """A line in metres, EPSG:4547. id: road_id, code of a county or zone_id; error_m: how far it may be off."""

    kind: LineKind
    id: str
    name: str
    error_m: float
    geom: BaseGeometry


def lines(
    cursor: Cursor, window_m: tuple[float, float, float, float], zone_kinds: Sequence[str] | None = None
) -> list[Line]:
    """Return the lines that meet a window (west, south, east, north in metres, EPSG:4547), cut at its frame.

    cursor: of a snapshot. zone_kinds: outlines of these kinds of zones only, None for all.
    """
    west, south, east, north = window_m
    cursor.execute(
        _LINES,
        {"west": west, "south": south, "east": east, "north": north, "kinds": list(zone_kinds) if zone_kinds else None},
    )
    found = []
    for record in cursor.fetchall():
        geom = shapely.clip_by_rect(shapely.from_wkb(bytes(record.line)), west, south, east, north)
        if not geom.is_empty:
            found.append(Line(record.kind, record.id, record.name, record.error_m, geom))
    return found


def vertices(cursor: Cursor, window_m: tuple[float, float, float, float]) -> Any:
    """Return the vertices of the lines that meet a window, as they are stored: degrees, an array of n × 2.

    A vertex that several lines share to the last digit comes once.
    """
    west, south, east, north = window_m
    cursor.execute(_VERTICES, {"west": west, "south": south, "east": east, "north": north})
    found = [shapely.get_coordinates(shapely.from_wkb(bytes(record.shape))) for record in cursor.fetchall()]
    return np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2))
