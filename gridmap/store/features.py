"""Where a judged feature is, and whether it is there at all."""

from __future__ import annotations

from collections.abc import Collection

from psycopg2.extensions import cursor as Cursor

# feature kind -> SELECT of id and place (EPSG:4490); relations of the snapshot
_PLACES = {
    "village": "SELECT village_id, geom FROM snapshot.village_all WHERE village_id = ANY(%s)",
    "site": "SELECT site_id, geom FROM snapshot.site_all WHERE site_id = ANY(%s)",
    "road": "SELECT road_id, geom FROM snapshot.road WHERE road_id = ANY(%s)",
    "county": "SELECT code, ST_PointOnSurface(geom) FROM snapshot.region WHERE level = 'county' AND code = ANY(%s)",
    "township": "SELECT code, ST_PointOnSurface(geom) FROM snapshot.region WHERE level = 'township' AND code = ANY(%s)",
    "grid_cell": "SELECT cell_code, ST_PointOnSurface(geom) FROM snapshot.grid_cell WHERE cell_code = ANY(%s)",
    "station": "SELECT station_code, geom FROM snapshot.station WHERE station_code = ANY(%s)",
    "road_damage": "SELECT damage_id, geom FROM snapshot.road_damage WHERE damage_id = ANY(%s)",
    "hotspot": "SELECT hotspot_id, geom FROM snapshot.hotspot WHERE hotspot_id = ANY(%s)",
    "zone": "SELECT lineage, ST_PointOnSurface(geom) FROM snapshot.zone WHERE lineage = ANY(%s)",
    "case_file": """
        SELECT c.case_id, coalesce(s.geom, ST_PointOnSurface(r.geom))
        FROM snapshot.case_file AS c
        LEFT JOIN snapshot.site_all AS s ON s.site_id = c.site_id
        LEFT JOIN snapshot.region AS r ON r.code = c.county_code
        WHERE c.case_id = ANY(%s)""",
    # a name in a document has no place of its own: the township, else the county, that it is named under
    "place_mention": """
        SELECT m.mention_id, ST_PointOnSurface(coalesce(t.geom, c.geom))
        FROM snapshot.place_mention AS m
        LEFT JOIN snapshot.region AS t ON t.code = m.township_code
        LEFT JOIN snapshot.region AS c ON c.code = m.county_code
        WHERE m.mention_id = ANY(%s)""",
}


KINDS = frozenset(_PLACES)


def places(cursor: Cursor, kind: str, ids: Collection[str]) -> dict[str, str | None]:
    """Return hex EWKB (EPSG:4490) by feature id for those features that exist; a kind without places gives none."""
    statement = _PLACES.get(kind)
    if statement is None or not ids:
        return {}
    cursor.execute(statement, [list(ids)])
    return dict(cursor.fetchall())
