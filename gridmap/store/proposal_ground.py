"""What a proposal for a county's zone stands on: the version it continues, its county's land, villages and outlines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg2.extensions import cursor as Cursor

# the largest one the county has in force, and of its lineage the newest: what follows must follow that
_BASE = """
SELECT n.zone_id
FROM gridmap.zone AS n
WHERE n.status = 'published' AND n.lineage = (
    SELECT z.lineage FROM gridmap.zone AS z
    WHERE z.status = 'published' AND z.in_force @> %(day)s AND z.kind = %(kind)s AND z.county_code = %(county)s
    ORDER BY ST_Area(z.geom_m) DESC NULLS LAST, z.lineage
    LIMIT 1
)
ORDER BY n.version DESC
LIMIT 1
"""

_VILLAGES = """
SELECT v.village_id AS id, v.name, v.geom_m AS point, v.territory_m AS territory
FROM snapshot.village_all AS v
WHERE v.village_id = ANY(%(ids)s)
ORDER BY v.village_id
"""

# land of a gap that lies in a village's territory, though the village itself counts as covered
_HOLDERS = """
SELECT v.village_id
FROM snapshot.village_all AS v
WHERE v.county_code = %(county)s AND v.terrain <> 'remote_mountain' AND v.territory_m IS NOT NULL
    AND EXISTS (
        SELECT FROM unnest(%(lands)s::geometry[]) AS l (geom)
        WHERE ST_Area(ST_Intersection(ST_Transform(l.geom, 4547), v.territory_m)) >= 1
    )
ORDER BY v.village_id
"""

_COVER = "SELECT ST_AsBinary(ST_Union(z.geom_m)) AS land FROM snapshot.zone AS z WHERE z.kind = %(kind)s"


@dataclass(frozen=True)
class Ground:
    """A village's place in metres, EPSG:4547. territory: None when only its point is known."""

    id: str
    name: str
    point: Any
    territory: Any | None


def base_of(cursor: Cursor, county: str, kind: str, day: dt.date) -> int | None:
    """Return the published version that a draft for a county's zone continues, None when it has none in force."""
    cursor.execute(_BASE, {"county": county, "kind": kind, "day": day})
    record = cursor.fetchone()
    return None if record is None else int(record[0])


def free_lineage(cursor: Cursor, wanted: str) -> str:
    """Return a lineage that no version has: the wanted one, or the first free number behind it."""
    cursor.execute("SELECT DISTINCT lineage FROM gridmap.zone WHERE starts_with(lineage, %s)", [wanted])
    taken = {lineage for (lineage,) in cursor.fetchall()}
    return next(name for name in (wanted, *(f"{wanted}_{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def villages(cursor: Cursor, ids: Collection[str]) -> dict[str, Ground]:
    """Return villages of a snapshot's day by id."""
    cursor.execute(_VILLAGES, {"ids": list(ids)})
    return {row.id: Ground(row.id, row.name, _shape(row.point), _shape(row.territory)) for row in cursor.fetchall()}


def holders(cursor: Cursor, county: str, lands: Sequence[str]) -> list[str]:
    """Return the villages of a county in whose territories pieces of land (hex EWKB, EPSG:4490) lie."""
    cursor.execute(_HOLDERS, {"county": county, "lands": list(lands)})
    return [village_id for (village_id,) in cursor.fetchall()]


def county_land(cursor: Cursor, county: str) -> Any | None:
    """Return a county's outline in metres (EPSG:4547) on a snapshot's day, None when none is known."""
    cursor.execute("SELECT r.geom_m FROM snapshot.region AS r WHERE r.code = %s AND r.level = 'county'", [county])
    record = cursor.fetchone()
    return None if record is None else _shape(record[0])


def cover(cursor: Cursor, kind: str) -> Any:
    """Return what the zones of a kind cover together, in metres (EPSG:4547); empty when there are none."""
    cursor.execute(_COVER, {"kind": kind})
    land = cursor.fetchone().land
    return shapely.MultiPolygon() if land is None else shapely.from_wkb(bytes(land))


def set_error(cursor: Cursor, zone_id: int, error_m: float) -> None:
    """Say of a draft how far its boundary may be off, metres; it is a sketch when that is anything."""
    cursor.execute(
        "UPDATE gridmap.zone SET position_error_m = %(error)s, is_sketch = is_sketch OR %(error)s > 0 "
        "WHERE zone_id = %(zone_id)s AND status = 'draft'",
        {"error": error_m, "zone_id": zone_id},
    )


def _shape(value: str | None) -> Any | None:
    return None if value is None else shapely.from_wkb(value)
