"""What changed since the last whole audit, and the squares in which it may matter."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.domain import grid
from gridmap.store import zone_cells

_SINCE = """
SELECT c.relation, array_agg(DISTINCT c.cell_key) FILTER (WHERE c.cell_key IS NOT NULL) AS cells,
    array_agg(DISTINCT c.feature_id) FILTER (WHERE c.feature_id IS NOT NULL) AS ids,
    bool_or(c.cell_key IS NULL AND c.feature_id IS NULL) AS everywhere
FROM gridmap.change AS c
WHERE NOT pg_visible_in_snapshot(c.xact, (SELECT r.began_at FROM gridmap.run AS r WHERE r.run_id = %s))
GROUP BY c.relation
"""

_LINEAGES = """
SELECT z.lineage, array_agg(z.zone_id ORDER BY lower(z.in_force)) AS zone_ids, bool_or(z.boundary IS NOT NULL) AS drawn
FROM gridmap.zone AS z
WHERE z.zone_id = ANY(%s)
GROUP BY z.lineage
"""

_UNITS_THAT_DIFFER = """
SELECT u.unit_code
FROM gridmap.zone_unit AS u
WHERE u.zone_id IN (%(old)s, %(new)s)
GROUP BY u.unit_code
HAVING count(DISTINCT u.side) > 1 OR count(*) < (SELECT count(*) FROM gridmap.zone WHERE zone_id IN (%(old)s, %(new)s))
"""

_VILLAGES_OF_UNITS = """
SELECT DISTINCT v.cell_key FROM gridmap.village AS v
WHERE v.village_id = ANY(%(units)s) OR v.township_code = ANY(%(units)s) OR v.county_code = ANY(%(units)s)
"""


@dataclass
class Changes:
    """Squares by table; whole: tables that changed where no square tells.

    zone_sites, zone_villages: squares in which a changed zone may judge sites and villages anew.
    """

    cells: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    zone_sites: set[int] = field(default_factory=set)
    zone_villages: set[int] = field(default_factory=set)

    @property
    def relations(self) -> set[str]:
        """Return the tables that changed."""
        return set(self.cells) | self.whole


def since(cursor: Cursor, run_id: int) -> Changes:
    """Return what changed since a run began; what it saw in part counts as changed."""
    changes = Changes()
    cursor.execute(_SINCE, [run_id])
    for row in cursor.fetchall():
        if row.everywhere:
            changes.whole.add(row.relation)
        else:
            changes.cells[row.relation] = set(row.cells or ())
        if row.relation == "zone" and row.ids:
            _zones(cursor, [int(zone_id) for zone_id in row.ids], changes)
    return changes


def forget(cursor: Cursor, run_id: int) -> None:
    """Delete the changes that a whole run saw."""
    cursor.execute(
        "DELETE FROM gridmap.change AS c "
        "WHERE pg_visible_in_snapshot(c.xact, (SELECT r.began_at FROM gridmap.run AS r WHERE r.run_id = %s))",
        [run_id],
    )


def cells_of_features(cursor: Cursor, kind: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the square of each feature of the day, of kind site or village."""
    statement = {
        "site": "SELECT site_id, cell_key FROM snapshot.site_all WHERE site_id = ANY(%s)",
        "village": "SELECT village_id, cell_key FROM snapshot.village_all WHERE village_id = ANY(%s)",
    }[kind]
    cursor.execute(statement, [list(ids)])
    return dict(cursor.fetchall())


def _zones(cursor: Cursor, zone_ids: list[int], changes: Changes) -> None:
    """Find the squares that changed versions of zones concern: from each version to the next, by line and by list."""
    cursor.execute(_LINEAGES, [zone_ids])
    for lineage in cursor.fetchall():
        versions: list[int | None] = list(lineage.zone_ids)
        pairs = list(itertools.pairwise(versions)) or [(None, versions[0])]
        for old, new in pairs:
            cells = zone_cells.cells_of_change(cursor, old, new)
            changes.zone_sites |= cells
            if lineage.drawn:
                changes.zone_villages |= _villages_near(cursor, cells)
            changes.zone_villages |= _villages_named(cursor, old, new)
    cursor.execute("SELECT DISTINCT cell_key FROM gridmap.site WHERE position_error_m > %s", [zone_cells.NEAR_M])
    changes.zone_sites |= {key for (key,) in cursor.fetchall()}


def _villages_named(cursor: Cursor, old: int | None, new: int | None) -> set[int]:
    cursor.execute(_UNITS_THAT_DIFFER, {"old": old, "new": new})
    units = [code for (code,) in cursor.fetchall()]
    if old is None or new is None:
        cursor.execute("SELECT unit_code FROM gridmap.zone_unit WHERE zone_id IN (%s, %s)", [old, new])
        units = [code for (code,) in cursor.fetchall()]
    cursor.execute(_VILLAGES_OF_UNITS, {"units": units})
    return {key for (key,) in cursor.fetchall()}


def _villages_near(cursor: Cursor, cells: set[int]) -> set[int]:
    """Return the squares of villages whose position error reaches one of these squares."""
    import numpy as np

    if not cells:
        return set()
    cursor.execute("SELECT cell_key, max(position_error_m) AS error_m FROM gridmap.village GROUP BY cell_key")
    rows: list[Any] = cursor.fetchall()
    changed = np.array([grid.kilometres(key) for key in cells])
    found = set()
    for row in rows:
        steps = np.abs(changed - np.array(grid.kilometres(row.cell_key))).max(axis=1).min()
        if steps <= row.error_m // grid.CELL_M + 2:
            found.add(int(row.cell_key))
    return found
