"""Zones as squares of the grid: built with a draft, kept with the law, compared when the law changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import shapely
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import connect, transaction
from gridmap.domain import grid, near_edges, square_parts, zone_cover
from gridmap.domain.outline_change import Box, changed_boxes
from gridmap.geo import SRID_METRES
from gridmap.store.bulk import copy_rows

NEAR_M = 1000.0
"""A site known to this many metres is judged by squares alone; snapshot.site_in_zone says the same number."""

_LARGEST_ERROR_M = 20_000.0
"""A zone less certain than this would be near half the city: it has no squares and is judged by its geometry."""

_EDGES_FOR_M = 100.0
"""Squares keep the lines that sites known to this many metres need; snapshot.site_in_zone says the same number."""

_LARGEST_ERROR_WITH_EDGES_M = 3_000.0
"""Of a zone less certain than this nearly every square would keep most of the boundary: its edges are looked up."""

_COLUMNS = (
    "zone_id", "cell_key", "is_filled", "clear_of_m", "piece_m", "error_m", "edge_m", "inside_parts", "edge_parts",
)  # fmt: skip

_SITES_IN_CELLS = """
SELECT s.site_id FROM snapshot.site AS s WHERE s.cell_key = ANY(%(cells)s) OR s.position_error_m > %(near)s
ORDER BY s.site_id
"""


_OUTLINE = """
SELECT ST_AsBinary(z.geom_m) AS wkb, z.position_error_m,
    EXISTS (SELECT FROM gridmap.zone_grid AS g WHERE g.zone_id = z.zone_id) AS is_built
FROM gridmap.zone AS z WHERE z.zone_id = %s FOR UPDATE OF z
"""


def build(cursor: Cursor, zone_id: int) -> bool:
    """Build the squares of a version of a zone that has none, and say whether it can have any.

    A published version keeps the squares it has: psycopg2's ObjectInUse then.
    """
    cursor.execute(_OUTLINE, [zone_id])
    outline = cursor.fetchone()
    if outline.position_error_m > _LARGEST_ERROR_M:
        return False
    number = _write(cursor, zone_id, outline, None)
    cursor.execute("INSERT INTO gridmap.zone_grid (zone_id, cells) VALUES (%s, %s)", [zone_id, number])
    return True


@contextmanager
def following(cursor: Cursor, zone_id: int, wanted: bool = True) -> Iterator[None]:
    """Have the squares of a draft brought up to date with what the block makes of its outline.

    Where the outline differs in few places, only the squares that those reach are built again. wanted: else they are
    dropped with a change, and the draft is judged by its geometry.
    """
    if not wanted:
        yield
        return
    cursor.execute(_OUTLINE, [zone_id])
    before = cursor.fetchone()
    cursor.execute("SELECT set_config('gridmap.keeps_squares', %s, true)", [str(zone_id) if before.is_built else ""])
    yield
    cursor.execute("SELECT set_config('gridmap.keeps_squares', '', true)")
    cursor.execute(_OUTLINE, [zone_id])
    after = cursor.fetchone()
    if not after.is_built:
        build(cursor, zone_id)
        return
    reach_m = after.position_error_m + NEAR_M
    boxes = changed_boxes(*(None if one.wkb is None else shapely.from_wkb(bytes(one.wkb)) for one in (before, after)))
    squares = {key for box in boxes for key in grid.touching(*_widened(box, reach_m + 1))}
    if not squares:
        return
    cursor.execute("DELETE FROM gridmap.zone_cell WHERE zone_id = %s AND cell_key = ANY(%s)", [zone_id, list(squares)])
    _write(cursor, zone_id, after, squares)
    cursor.execute(
        "UPDATE gridmap.zone_grid SET cells = (SELECT count(*) FROM gridmap.zone_cell WHERE zone_id = %(zone_id)s) "
        "WHERE zone_id = %(zone_id)s",
        {"zone_id": zone_id},
    )


def _widened(box: Box, metres: float) -> Box:
    west, south, east, north = box
    return west - metres, south - metres, east + metres, north + metres


def _write(cursor: Cursor, zone_id: int, outline: Any, only: Collection[int] | None) -> int:
    """Write the squares of an outline, a row of _OUTLINE, and return how many. only: keys of those asked for."""
    if outline.wkb is None:
        return 0
    error_m = outline.position_error_m
    cells = zone_cover.cover(shapely.from_wkb(bytes(outline.wkb)), error_m + NEAR_M, only)
    rows = (
        (zone_id, cell.key, cell.is_filled, cell.clearance_m - error_m, _ewkb(cell.piece), error_m, edge, *_parts(cell))
        for cell, edge in zip(cells, _edges(cursor, zone_id, cells, error_m), strict=True)
    )
    copy_rows(cursor, "zone_cell", _COLUMNS, rows)
    return len(cells)


def _parts(cell: zone_cover.Cell) -> tuple[int, int]:
    """Return which of a square's parts lie inside and which the boundary touches."""
    if cell.piece is None:
        return (-1 if cell.is_filled else 0), 0
    return square_parts.square_parts(cell.key, cell.piece)


def _edges(cursor: Cursor, zone_id: int, cells: Sequence[zone_cover.Cell], error_m: float) -> list[str | None]:
    """Return for each square the lines that nearness needs there, as hex EWKB."""
    edges: list[str | None] = [None] * len(cells)
    if error_m > _LARGEST_ERROR_WITH_EDGES_M:
        return edges
    places = [place for place, cell in enumerate(cells) if cell.clearance_m - error_m <= _EDGES_FOR_M]
    if not places:
        return edges
    # lines farther away are nearest to nothing here
    frame = shapely.total_bounds(shapely.box(*np.array([grid.bounds(cells[place].key) for place in places]).T)).tolist()
    cursor.execute(
        "SELECT ST_AsBinary(geom_m) FROM gridmap.zone_edge "
        "WHERE zone_id = %s AND geom_m && ST_MakeEnvelope(%s, %s, %s, %s, %s)",
        [zone_id, *_widened((frame[0], frame[1], frame[2], frame[3]), error_m + _EDGES_FOR_M + 1), SRID_METRES],
    )
    lines = shapely.from_wkb([bytes(wkb) for (wkb,) in cursor.fetchall()])
    found = near_edges.near_edges(lines, [cells[place].key for place in places], error_m + _EDGES_FOR_M)
    for place, near in zip(places, found, strict=True):
        edges[place] = None if near.is_empty else _ewkb(near)
    return edges


def build_missing(cursor: Cursor) -> int:
    """Build the squares of every version that has none and can have them; return how many were built.

    For a database filled before squares were kept: until then its zones are judged by their geometries.
    """
    cursor.execute(
        "SELECT z.zone_id FROM gridmap.zone AS z "
        "WHERE NOT EXISTS (SELECT FROM gridmap.zone_grid AS g WHERE g.zone_id = z.zone_id) "
        "AND z.position_error_m <= %s ORDER BY z.zone_id",
        [_LARGEST_ERROR_M],
    )
    return sum(build(cursor, zone_id) for (zone_id,) in cursor.fetchall())


def bring_up_to_date(url: str) -> int:
    """Build what build_missing builds in the database of an address, and return how many; for after a migration."""
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            return build_missing(cursor)
    finally:
        conn.close()


def drop(cursor: Cursor, zone_id: int) -> None:
    """Drop the squares of a draft; of a published version nothing is dropped."""
    cursor.execute("SELECT FROM gridmap.zone WHERE zone_id = %s AND status = 'published'", [zone_id])
    if cursor.fetchone() is None:
        cursor.execute("DELETE FROM gridmap.zone_grid WHERE zone_id = %s", [zone_id])
        cursor.execute("DELETE FROM gridmap.zone_cell WHERE zone_id = %s", [zone_id])


def ensure(cursor: Cursor, zone_id: int) -> None:
    """Build the squares of a version unless they are there: they are dropped with every change of its outline."""
    cursor.execute("SELECT FROM gridmap.zone_grid WHERE zone_id = %s", [zone_id])
    if cursor.fetchone() is None:
        build(cursor, zone_id)


def cells_of_change(cursor: Cursor, old_zone_id: int | None, new_zone_id: int | None) -> set[int]:
    """Return the keys of the squares in which two versions of a zone may judge a site differently.

    Those in which they differ, and those within their errors and NEAR_M of one; None stands for no zone. A site
    known to more than NEAR_M metres may be concerned wherever it is: sites_in_cells adds them. Units listed by name
    have no squares: whether they are the same is the caller's question.
    """
    keys, error_m = squares_that_differ(cursor, old_zone_id, new_zone_id)
    return neighbourhood(keys, error_m + NEAR_M)


def squares_that_differ(cursor: Cursor, old_zone_id: int | None, new_zone_id: int | None) -> tuple[set[int], float]:
    """Return the squares of which two versions of a zone say different things, and the greater of their errors.

    Where they have another name, error or kind, or where only one has a boundary of its own, all their squares.
    """
    old, new = ({} if zone_id is None else content(cursor, zone_id) for zone_id in (old_zone_id, new_zone_id))
    cursor.execute(
        "SELECT max(position_error_m), count(DISTINCT (kind, position_error_m, name, boundary IS NULL)) "
        "FROM gridmap.zone WHERE zone_id IN (%s, %s)",
        [old_zone_id, new_zone_id],
    )
    error_m, looks = cursor.fetchone()
    keys = old.keys() | new.keys()
    if looks == 1:
        keys = {key for key in keys if old.get(key) != new.get(key)}
    return set(keys), error_m or 0.0


def neighbourhood(keys: Iterable[int], within_m: float) -> set[int]:
    """Return the squares that hold a point within so many metres of one of these squares, those included."""
    steps = int(within_m // grid.CELL_M) + 1
    found = {grid.kilometres(key) for key in keys}
    # along one axis, then along the other
    found = {(east + step, north) for east, north in found for step in range(-steps, steps + 1)}
    found = {(east, north + step) for east, north in found for step in range(-steps, steps + 1)}
    return {grid.key_of(east, north) for east, north in found if east >= 0 and north >= 0}


def sites_in_cells(cursor: Cursor, cells: Iterable[int]) -> list[str]:
    """Return the ids of the sites of the day in these squares, and of all that are known to more than NEAR_M only."""
    cursor.execute(_SITES_IN_CELLS, {"cells": list(cells), "near": NEAR_M})
    return [site_id for (site_id,) in cursor.fetchall()]


def content(cursor: Cursor, zone_id: int) -> dict[int, tuple[bool, bytes | None]]:
    """Return what a version says of each square that it fills or touches."""
    cursor.execute("SELECT FROM gridmap.zone_grid WHERE zone_id = %s", [zone_id])
    if cursor.fetchone() is not None:
        cursor.execute(
            "SELECT cell_key, is_filled, ST_AsBinary(piece_m) FROM gridmap.zone_cell "
            "WHERE zone_id = %s AND (is_filled OR piece_m IS NOT NULL)",
            [zone_id],
        )
        return {key: (filled, None if wkb is None else bytes(wkb)) for key, filled, wkb in cursor.fetchall()}
    cursor.execute("SELECT ST_AsBinary(geom_m) FROM gridmap.zone WHERE zone_id = %s", [zone_id])
    wkb = cursor.fetchone()[0]
    cells = zone_cover.cover(shapely.from_wkb(bytes(wkb)), 0.0) if wkb is not None else []
    return {
        cell.key: (cell.is_filled, None if cell.piece is None else bytes(shapely.to_wkb(cell.piece)))
        for cell in cells
        if cell.is_filled or cell.piece is not None
    }


def _ewkb(piece: shapely.Geometry | None) -> str | None:
    if piece is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(piece, SRID_METRES), hex=True, include_srid=True))
