"""Locked land of drafts: how much of it a draft has on another side than its base."""

from __future__ import annotations

from psycopg2.extensions import cursor as Cursor

SAME_SIDE_M = 0.5
"""Strips of locked land that change their side and are narrower than twice this, metres, are rounding: a vertex put on
a long straight edge moves it by centimetres."""

_LOCKED_LAND = """
SELECT coalesce(ST_Area(ST_Buffer(ST_Transform(ST_Intersection(
    d.locked, ST_SymDifference(coalesce(old.geom, nothing.geom), coalesce(new.geom, nothing.geom))
), 4547), -%(strip)s)), 0)
FROM gridmap.zone_draft AS d
CROSS JOIN (SELECT 'SRID=4490;POLYGON EMPTY'::geometry AS geom) AS nothing
INNER JOIN gridmap.zone AS new ON new.zone_id = d.zone_id
LEFT JOIN gridmap.zone AS old ON old.zone_id = d.base_zone_id
WHERE d.zone_id = %(zone_id)s AND d.locked IS NOT NULL
"""


def changed_locked_land(cursor: Cursor, zone_id: int) -> float:
    """Return how much locked land a draft has on another side than its base, square metres."""
    cursor.execute(_LOCKED_LAND, {"zone_id": zone_id, "strip": SAME_SIDE_M})
    record = cursor.fetchone()
    return 0.0 if record is None else float(record[0])
