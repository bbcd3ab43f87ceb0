"""What changed since the last whole audit, and the squares in which it may matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.store import zone_edits
from gridmap.store.zone_edits import ZoneEdit

_SINCE = """
SELECT c.relation, array_agg(DISTINCT c.cell_key) FILTER (WHERE c.cell_key IS NOT NULL) AS cells,
    bool_or(c.cell_key IS NULL AND c.feature_id IS NULL) AS everywhere
FROM gridmap.change AS c
WHERE NOT pg_visible_in_snapshot(c.xact, (SELECT r.began_at FROM gridmap.run AS r WHERE r.run_id = %s))
GROUP BY c.relation
"""


@dataclass
class Changes:
    """Squares by table; whole: tables that changed where no square tells; zones: how the law of today changed.

    noted: something changed at all, be it a draft that is no law.
    """

    cells: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    zones: list[ZoneEdit] = field(default_factory=list)
    noted: bool = False

    @property
    def relations(self) -> set[str]:
        """Return the tables that changed."""
        return set(self.cells) | self.whole | ({"zone"} if self.zones else set())


def since(cursor: Cursor, run_id: int) -> Changes:
    """Return what changed since a run began; what it saw in part counts as changed."""
    changes = Changes()
    cursor.execute(_SINCE, [run_id])
    for row in cursor.fetchall():
        changes.noted = True
        if row.everywhere:
            changes.whole.add(row.relation)
        elif row.relation == "zone":
            changes.zones = zone_edits.since(cursor, run_id)
        else:
            changes.cells[row.relation] = set(row.cells or ())
    return changes


def forget(cursor: Cursor, run_id: int) -> None:
    """Delete the changes that a whole run saw."""
    cursor.execute(
        "DELETE FROM gridmap.change AS c "
        "WHERE pg_visible_in_snapshot(c.xact, (SELECT r.began_at FROM gridmap.run AS r WHERE r.run_id = %s))",
        [run_id],
    )


def sites_with(cursor: Cursor, tables: Iterable[str], cells: Iterable[int]) -> list[str]:
    """Return the ids of the sites in these squares of which one of these tables tells something."""
    told = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT t.site_id FROM {} AS t").format(sql.Identifier("gridmap", table)) for table in sorted(tables)
    )
    cursor.execute(
        sql.SQL("SELECT s.site_id FROM gridmap.site AS s WHERE s.cell_key = ANY(%s) AND s.site_id IN ({})").format(
            told
        ),
        [list(cells)],
    )
    return [site_id for (site_id,) in cursor.fetchall()]


def cells_of_features(cursor: Cursor, kind: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the square of each feature of the day, of kind site or village."""
    statement = {
        "site": "SELECT site_id, cell_key FROM snapshot.site_all WHERE site_id = ANY(%s)",
        "village": "SELECT village_id, cell_key FROM snapshot.village_all WHERE village_id = ANY(%s)",
    }[kind]
    cursor.execute(statement, [list(ids)])
    return dict(cursor.fetchall())
