"""Land that a draft can take in piece by piece: 1 km squares, cells, townships and villages, exactly as stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gridmap.db.session import Connection, snapshot

PieceKind = Literal["square", "cell", "township", "village"]
KINDS: tuple[PieceKind, ...] = ("square", "cell", "township", "village")

MOST = 600
"""Pieces of one answer, those nearest to the middle of the box first."""

_PIECES = """
WITH box AS (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490) AS geom)

SELECT p.code, p.name, ST_AsBinary(p.geom) AS outline, count(*) OVER () AS matched
FROM box
INNER JOIN (
    SELECT c.cell_code AS code, c.cell_code AS name, c.geom FROM snapshot.grid_cell AS c
    WHERE %(kind)s = 'square' AND c.kind = 'square'
    UNION ALL
    SELECT c.cell_code, c.name, c.geom FROM snapshot.grid_cell AS c
    WHERE %(kind)s = 'cell' AND c.kind = 'responsibility' AND c.level IN ('village', 'unit')
    UNION ALL
    SELECT r.code, r.name, r.geom FROM snapshot.region AS r
    WHERE %(kind)s = 'township' AND r.level = 'township'
    UNION ALL
    SELECT v.village_id, v.name, v.territory FROM snapshot.village_all AS v
    WHERE %(kind)s = 'village'
) AS p ON ST_Intersects(p.geom, box.geom)
ORDER BY ST_Distance(ST_Centroid(p.geom), ST_Centroid(box.geom)), p.code
LIMIT %(most)s
"""


@dataclass(frozen=True)
class PieceRow:
    """A piece of land. outline: WKB of a Polygon or MultiPolygon, EPSG:4490; matched: how many meet the box."""

    code: str
    name: str
    outline: bytes
    matched: int


def list_pieces(
    conn: Connection, kind: PieceKind, bbox: Sequence[float], *, as_of: dt.date | None = None
) -> list[PieceRow]:
    """List the pieces of a kind that meet a box (west, south, east, north in degrees), whole; no more than MOST.

    Villages and cells whose land is not known are left out.
    """
    west, south, east, north = bbox
    with snapshot(conn, as_of) as cursor:
        cursor.execute(
            _PIECES, {"kind": kind, "west": west, "south": south, "east": east, "north": north, "most": MOST}
        )
        return [PieceRow(row.code, row.name, bytes(row.outline), row.matched) for row in cursor.fetchall()]
