"""What a draft's boundary is held against: zones of its kind, its county's outline, the law it follows, locked land."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

# the law is the lineage's version in force today, as the impact has it
_GROUND = """
SELECT k.drawn_by = 'county' AS of_county,
    ST_AsBinary(r.geom) AS county, greatest(r.position_error_m, new.position_error_m) AS county_error_m,
    ST_AsBinary(old.geom) AS law, ST_AsBinary(d.locked) AS locked, ST_AsBinary(new.geom) AS effective,
    (
        SELECT ST_AsBinary(ST_Union(coalesce(t.geom, v.territory))) FROM gridmap.zone_unit AS u
        LEFT JOIN gridmap.region AS t ON t.code = u.unit_code AND t.in_force @> gridmap.today()
        LEFT JOIN gridmap.village AS v ON v.village_id = u.unit_code AND v.in_force @> gridmap.today()
        WHERE u.zone_id = new.zone_id AND u.side = 'in'
    ) AS units
FROM gridmap.zone AS new
INNER JOIN gridmap.zone_kind AS k ON k.kind = new.kind
LEFT JOIN gridmap.zone_draft AS d ON d.zone_id = new.zone_id
LEFT JOIN gridmap.zone AS old
    ON old.lineage = new.lineage AND old.status = 'published' AND old.in_force @> gridmap.today()
    AND old.zone_id <> new.zone_id
LEFT JOIN gridmap.region AS r
    ON r.code = new.county_code AND r.level = 'county' AND r.in_force @> gridmap.today()
WHERE new.zone_id = %s
"""

_OTHERS = """
SELECT o.lineage, o.name, ST_AsBinary(o.geom) AS area
FROM gridmap.zone AS new
INNER JOIN gridmap.zone AS o
    ON o.kind = new.kind AND o.lineage <> new.lineage AND o.status = 'published' AND o.in_force @> gridmap.today()
WHERE new.zone_id = %(zone_id)s AND o.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
ORDER BY o.lineage
"""

# places whose own position is known; a village put somewhere in its township is no landmark
_NAMED = """
SELECT v.name, NULL AS name_en, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat FROM gridmap.village AS v
WHERE v.placed_by IN ('survey', 'geocode', 'hand') AND v.in_force @> gridmap.today()
UNION ALL
SELECT r.name, r.name_en, ST_X(r.seat), ST_Y(r.seat) FROM gridmap.region AS r
WHERE r.level = 'township' AND r.seat IS NOT NULL AND r.in_force @> gridmap.today()
ORDER BY name, lon, lat
"""


@dataclass(frozen=True)
class Ground:
    """WKB of areas in EPSG:4490, None where there is none. county: None for kinds that the city draws.

    county_error_m: how far the county's outline or the zone's own boundary may be off, whichever is more.
    effective: what the draft covers as it was saved. units: territories of the units that it lists as in.
    """

    county: bytes | None
    county_error_m: float
    law: bytes | None
    locked: bytes | None
    effective: bytes | None
    units: bytes | None


def get_ground(cursor: Cursor, zone_id: int) -> Ground:
    """Return what a draft (or version) is held against, all but its neighbours."""
    cursor.execute(_GROUND, [zone_id])
    row = cursor.fetchone()
    return Ground(
        county=_wkb(row.county) if row.of_county else None,
        county_error_m=float(row.county_error_m or 0),
        law=_wkb(row.law),
        locked=_wkb(row.locked),
        effective=_wkb(row.effective),
        units=_wkb(row.units),
    )


def list_neighbours(
    cursor: Cursor, zone_id: int, bounds: tuple[float, float, float, float]
) -> list[tuple[str, str, bytes]]:
    """List lineage, name and area (WKB, EPSG:4490) of other zones of the kind in force that touch a box (degrees)."""
    west, south, east, north = bounds
    cursor.execute(_OTHERS, {"zone_id": zone_id, "west": west, "south": south, "east": east, "north": north})
    return [(row.lineage, row.name, bytes(row.area)) for row in cursor.fetchall()]


def list_landmarks(cursor: Cursor) -> list[tuple[str, str | None, float, float]]:
    """List name, English name, longitude and latitude (degrees) of villages and township seats that were located."""
    cursor.execute(_NAMED)
    return [(row.name, row.name_en, row.lon, row.lat) for row in cursor.fetchall()]


def _wkb(value: memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
