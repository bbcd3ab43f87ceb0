"""Duties in cells as accounts need them: which posts there are, and which account acts for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor


@dataclass(frozen=True)
class DutyRow:
    """A duty in force today that no account acts for yet."""

    duty_id: int
    cell_code: str
    cell_name: str
    role: str
    post: str


def list_duties(cursor: Cursor, cell_codes: Sequence[str]) -> list[DutyRow]:
    """List duties of cells that are in force today and have no account, one per cell and role, in the cells' order."""
    cursor.execute(
        "SELECT DISTINCT ON (array_position(%(codes)s::text[], d.cell_code), d.role) "
        "d.duty_id, d.cell_code, c.name, d.role, d.post FROM gridmap.duty AS d "
        "INNER JOIN gridmap.grid_cell AS c ON c.cell_code = d.cell_code AND c.in_force @> gridmap.today() "
        "WHERE d.cell_code = ANY(%(codes)s) AND d.in_force @> gridmap.today() AND d.account_id IS NULL "
        "ORDER BY array_position(%(codes)s::text[], d.cell_code), d.role, d.post",
        {"codes": list(cell_codes)},
    )
    return [DutyRow(*row) for row in cursor.fetchall()]


def list_cells_below(cursor: Cursor, parent_code: str) -> list[str]:
    """List the codes of the unit cells of a cell that are in force today."""
    cursor.execute(
        "SELECT cell_code FROM gridmap.grid_cell WHERE parent_code = %s AND level = 'unit' "
        "AND kind = 'responsibility' AND in_force @> gridmap.today() ORDER BY cell_code",
        [parent_code],
    )
    return [str(row[0]) for row in cursor.fetchall()]


def give(cursor: Cursor, duty_id: int, account_id: int) -> None:
    """Have an account act for a duty's post."""
    cursor.execute("UPDATE gridmap.duty SET account_id = %s WHERE duty_id = %s", [account_id, duty_id])
