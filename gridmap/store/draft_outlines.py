"""What a draft and its base cover, coarse enough for a small map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

COARSE_DEG = 0.0001
"""By how much an outline on a small map may differ from what is stored, degrees: about 10 m."""

_OUTLINES = """
SELECT
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(d.geom, %(coarse)s), 5) AS draft,
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.geom, %(coarse)s), 5) AS base,
    ST_XMin(e.box) AS west, ST_YMin(e.box) AS south, ST_XMax(e.box) AS east, ST_YMax(e.box) AS north
FROM gridmap.zone AS d
LEFT JOIN gridmap.zone AS b ON b.zone_id = %(base)s
CROSS JOIN LATERAL (SELECT ST_Extent(g.geom) AS box FROM (VALUES (d.geom), (b.geom)) AS g (geom)) AS e
WHERE d.zone_id = %(draft)s
"""


@dataclass(frozen=True)
class Outlines:
    """GeoJSON geometries in degrees (EPSG:4490), None where nothing known is covered.

    bounds: west, south, east, north of both.
    """

    draft: Mapping[str, Any] | None
    base: Mapping[str, Any] | None
    bounds: tuple[float, float, float, float]


def get_outlines(cursor: Cursor, zone_id: int, base_zone_id: int | None) -> Outlines | None:
    """Return what a draft and its base cover, None when neither covers anything known."""
    cursor.execute(_OUTLINES, {"draft": zone_id, "base": base_zone_id, "coarse": COARSE_DEG})
    row = cursor.fetchone()
    if row is None or row.west is None:
        return None
    draft, base = (None if text is None else json.loads(text) for text in (row.draft, row.base))
    return Outlines(draft, base, (row.west, row.south, row.east, row.north))
