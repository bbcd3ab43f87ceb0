"""What land is added, removed and kept as outlines for paper: SVG paths with the counties around."""

from __future__ import annotations

import json
from typing import Any

from gridmap.db.session import Connection, snapshot
from gridmap.store.law_report import Frame, Outline
from gridmap.store.zone_diff import CHANGES, Crossing, DaysDiff, Diff

LEAST_M = 4000.0
"""The shorter side of what is drawn, metres: a change of one field is told with what lies around it."""

# a change has a frame of its own kind: the law's report draws the law of one day, this two versions, drafts too
_OUTLINES = """
WITH given AS MATERIALIZED (
    SELECT g.id, g.name, g.change AS kind, ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(g.geojson), 4490), 4547) AS geom_m
    FROM unnest(%(ids)s::text[], %(names)s::text[], %(changes)s::text[], %(geojsons)s::text[])
        AS g (id, name, change, geojson)
),
extent AS (
    SELECT ST_XMin(e.box) AS west, ST_YMin(e.box) AS south, ST_XMax(e.box) AS east, ST_YMax(e.box) AS north
    FROM (SELECT ST_Extent(given.geom_m) AS box FROM given) AS e
),
frame AS MATERIALIZED (
    SELECT
        (e.west + e.east) / 2 - size.width / 2 AS west, (e.south + e.north) / 2 + size.height / 2 AS north,
        size.width, size.height
    FROM extent AS e
    CROSS JOIN LATERAL (
        SELECT
            greatest((e.east - e.west) * 1.08, (e.north - e.south) * 0.6, %(least)s) AS width,
            greatest((e.north - e.south) * 1.08, (e.east - e.west) * 0.4, %(least)s) AS height
    ) AS size
    WHERE e.west IS NOT NULL
),
drawn AS (
    SELECT given.*, given.geom_m AS line_m FROM given
    UNION ALL
    -- the edge of the sheet is no border
    SELECT
        r.code, r.name, 'county', ST_Intersection(r.geom_m, sheet.geom_m),
        ST_CollectionExtract(ST_Intersection(ST_Boundary(r.geom_m), sheet.geom_m), 2)
    FROM snapshot.region AS r
    CROSS JOIN (
        SELECT ST_MakeEnvelope(f.west, f.north - f.height, f.west + f.width, f.north, 4547) AS geom_m FROM frame AS f
    ) AS sheet
    WHERE r.level = 'county' AND ST_Intersects(r.geom_m, sheet.geom_m)
)
SELECT
    f.width, f.height, d.id, d.name, d.kind,
    ST_AsSVG(ST_Translate(ST_SimplifyPreserveTopology(d.line_m, f.width / 900), -f.west, -f.north), 1, 0) AS path,
    ST_X(at.point) - f.west AS x, f.north - ST_Y(at.point) AS y
FROM drawn AS d
CROSS JOIN frame AS f
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(d.geom_m) AS point) AS at
ORDER BY d.kind <> 'kept', ST_Area(d.geom_m) DESC, d.id
"""


def draw_diff(conn: Connection, found: Diff | DaysDiff) -> Frame | None:
    """Return the land of a difference, the villages that change side and the counties, None where nothing is drawn.

    Outlines are of kind kept, added or removed (id: its place among the changes), village_added or village_removed
    (points, id of the village) and county.
    """
    shapes: list[tuple[str, str, str, str]] = [
        (str(number), change.zone.name, part, json.dumps(outline))
        for number, change in enumerate(found.changes, 1)
        for part in CHANGES
        if (outline := change.land.outline(part)) is not None
    ]
    shapes += [(one.id, one.name, f"village_{one.change}", _point(one)) for one in found.villages]
    if not shapes:
        return None
    ids, names, changes, geojsons = (list(column) for column in zip(*shapes, strict=True))
    day = found.on if isinstance(found, Diff) else found.day_b
    with snapshot(conn, day) as cursor:
        cursor.execute(
            _OUTLINES, {"ids": ids, "names": names, "changes": changes, "geojsons": geojsons, "least": LEAST_M}
        )
        rows: list[Any] = cursor.fetchall()
    outlines = tuple(Outline(row.id, row.name, row.kind, False, row.path, row.x, row.y) for row in rows)
    return Frame(rows[0].width, rows[0].height, outlines)


def _point(one: Crossing) -> str:
    return json.dumps({"type": "Point", "coordinates": [one.lon, one.lat]})
