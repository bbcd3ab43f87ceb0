"""Change the grid: cells that begin and end, one change at a time, all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.domain import grid, grid_change
from gridmap.domain.grid_change import Cell, EndedDuty, GridChange, NewCell
from gridmap.errors import ConflictError
from gridmap.store import runs
from gridmap.store.grid import get_cell, list_children

# any number will do, as long as nothing else of ours locks by it
_CHANGING = 4_101_020

_INSERT = """
INSERT INTO gridmap.grid_cell (
    cell_code, kind, level, name, parent_code, county_code, in_force, geom, position_error_m, source
)
SELECT n.cell_code, 'responsibility', 'unit', n.name, %(parent)s, %(county)s, daterange(%(from)s, NULL),
    ST_GeomFromWKB(n.outline, 4490), n.error_m, n.source
FROM unnest(%(codes)s, %(names)s, %(outlines)s::bytea[], %(errors)s::float8[], %(sources)s)
    AS n (cell_code, name, outline, error_m, source)
"""
_END = """
UPDATE gridmap.grid_cell SET in_force = daterange(lower(in_force), %(from)s)
WHERE cell_code = ANY(%(codes)s) AND in_force @> %(from)s::date
"""
_RENAME = """
WITH before AS (
    UPDATE gridmap.grid_cell AS c SET in_force = daterange(lower(c.in_force), %(from)s)
    WHERE c.cell_code = %(code)s AND c.in_force @> %(from)s::date
    RETURNING c.kind, c.level, c.parent_code, c.county_code, c.geom, c.position_error_m, c.source
)
INSERT INTO gridmap.grid_cell (
    cell_code, kind, level, name, parent_code, county_code, in_force, geom, position_error_m, source
)
SELECT %(code)s, b.kind, b.level, %(name)s, b.parent_code, b.county_code, daterange(%(from)s, NULL), b.geom,
    b.position_error_m, b.source
FROM before AS b
"""
_END_DUTIES = """
WITH cut AS (
    UPDATE gridmap.duty SET in_force = daterange(lower(in_force), %(from)s)
    WHERE cell_code = ANY(%(codes)s) AND in_force @> %(from)s::date AND lower(in_force) < %(from)s
    RETURNING cell_code, role, post, false AS never_began
), gone AS (
    DELETE FROM gridmap.duty WHERE cell_code = ANY(%(codes)s) AND lower(in_force) >= %(from)s
    RETURNING cell_code, role, post, true AS never_began
)
SELECT * FROM cut UNION ALL SELECT * FROM gone ORDER BY 1, 2, 3
"""
_MERGED = """
SELECT ST_AsBinary(ST_Multi(ST_Transform(u.geom_m, 4490))), ST_Area(u.geom_m), ST_X(ST_Centroid(u.geom_m)),
    ST_Y(ST_Centroid(u.geom_m)), u.error_m, u.pieces
FROM (
    SELECT ST_Union(c.geom_m) AS geom_m, max(c.position_error_m) AS error_m,
        cardinality(ST_ClusterWithin(c.geom_m, 2)) AS pieces
    FROM gridmap.grid_cell AS c
    WHERE c.cell_code = ANY(%s) AND c.in_force @> %s::date
) AS u
"""


class _Undo(Exception):
    """Ends a trial: what was changed is taken back."""


@contextmanager
def changing(conn: Connection, *, dry_run: bool = False, wait_s: float = 60) -> Iterator[Cursor]:
    """Change the grid in one transaction; of two at once the second gets a ConflictError. dry_run: take all back.

    An audit that runs is waited for so many seconds, and then told of by a ConflictError too.
    """
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_CHANGING])
            if not cursor.fetchone()[0]:
                raise ConflictError("somebody else is changing the grid right now; try again when that has ended")
            runs.wait_for_audit(cursor, wait_s)
            yield cursor
            if dry_run:
                raise _Undo
    except _Undo:
        return


def make(cursor: Cursor, parent: Cell, cells: Sequence[NewCell], from_day: dt.date) -> GridChange:
    """Begin unit cells under a cell that has none; ConflictError when it has some on that day or later."""
    grid_change.check_parent(parent)
    cursor.execute(
        "SELECT cell_code FROM gridmap.grid_cell WHERE parent_code = %s AND kind = 'responsibility' "
        "AND in_force && daterange(%s, NULL) ORDER BY 1",
        [parent.cell_code, from_day],
    )
    there = [code for (code,) in cursor.fetchall()]
    if there:
        raise ConflictError(
            f"cell {parent.cell_code} has {len(there)} cells below it already ({there[0]} …); "
            "split and merge those instead"
        )
    change = GridChange(from_day)
    _begin(cursor, parent, cells, change)
    return change


def split(cursor: Cursor, cell: Cell, cells: Sequence[NewCell], from_day: dt.date) -> GridChange:
    """End a unit cell and begin others in its place; its duties end with it."""
    change = GridChange(from_day)
    _replace(cursor, [cell], cells, change)
    return change


def merge(cursor: Cursor, cells: Sequence[Cell], name: str, from_day: dt.date) -> GridChange:
    """End unit cells of one cell above and begin one in their place; their duties end with them.

    ConflictError when they do not touch one another; what lies within two metres does.
    """
    grid_change.check_siblings(list(cells))
    codes = sorted({cell.cell_code for cell in cells})
    cursor.execute(_MERGED, [codes, from_day])
    outline, area_m2, east, north, error_m, pieces = cursor.fetchone()
    if pieces > 1:
        raise ConflictError("the cells do not touch one another; only neighbours are merged")
    source = f"由{'、'.join(codes)}合并"
    merged = NewCell(grid_change.check_name(name), bytes(outline), area_m2, (east, north), error_m, source)
    change = GridChange(from_day)
    _replace(cursor, cells, [merged], change)
    return change


def rename(cursor: Cursor, cell: Cell, name: str, from_day: dt.date) -> GridChange:
    """Give a cell another name from a day on: a new version of the same code, with the same duties and cells below."""
    grid_change.check_may_end(cell, from_day)
    name = grid_change.check_name(name)
    cursor.execute(_RENAME, {"code": cell.cell_code, "name": name, "from": from_day})
    return GridChange(from_day, begun=[(cell.cell_code, name, cell.area_m2)])


def _replace(cursor: Cursor, old: Sequence[Cell], new: Sequence[NewCell], change: GridChange) -> None:
    for cell in old:
        grid_change.check_unit(cell)
        grid_change.check_may_end(cell, change.from_day)
        if list_children(cursor, cell.cell_code, change.from_day):
            raise ConflictError(f"cell {cell.cell_code} has cells below it; they would have none above")
    parent = get_cell(cursor, str(old[0].parent_code), change.from_day)
    codes = [cell.cell_code for cell in old]
    cursor.execute("SELECT count(*) FROM gridmap.finding WHERE status <> 'gone' AND cell_code = ANY(%s)", [codes])
    change.findings = int(cursor.fetchone()[0])
    # first the new ones, so that what lies in the old ones moves once and not over the cell above
    _begin(cursor, parent, new, change)
    cursor.execute(_END, {"codes": codes, "from": change.from_day})
    change.ended = sorted(codes)
    cursor.execute(_END_DUTIES, {"codes": codes, "from": change.from_day})
    change.duties = [EndedDuty(*row) for row in cursor.fetchall()]


def _begin(cursor: Cursor, parent: Cell, cells: Sequence[NewCell], change: GridChange) -> None:
    prefix = grid.unit_prefix(parent.cell_code)
    cursor.execute("SELECT DISTINCT cell_code FROM gridmap.grid_cell WHERE starts_with(cell_code, %s)", [prefix])
    codes = grid.next_unit_codes(parent.cell_code, [code for (code,) in cursor.fetchall()], len(cells))
    names = [cell.name or f"{parent.name}单元网格{code[12:]}" for cell, code in zip(cells, codes, strict=True)]
    cursor.execute(
        _INSERT,
        {
            "parent": parent.cell_code,
            "county": parent.county_code or parent.cell_code,
            "from": change.from_day,
            "codes": codes,
            "names": names,
            "outlines": [cell.outline_wkb for cell in cells],
            "errors": [cell.position_error_m for cell in cells],
            "sources": [cell.source for cell in cells],
        },
    )
    change.begun = [(code, name, cell.area_m2) for code, name, cell in zip(codes, names, cells, strict=True)]
