"""What a draft draws, by value, and where two contents of one draft differ: what is known of the one holds elsewhere.

Contents are kept in the memory of a process, never by revision: a content that was rolled back is compared like any.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import shapely
from psycopg2.extensions import cursor as Cursor

from gridmap.domain import grid
from gridmap.domain.outline_change import Box, changed_boxes
from gridmap.store import zone_edits
from gridmap.store.zone_edits import ZoneEdit


class Unit(NamedTuple):
    """A unit on a draft's lists."""

    unit_code: str
    side: str
    by_name_only: bool


@dataclass(frozen=True)
class Drawn:
    """What a draft draws. rest: a digest of all that is neither its outline nor its lists.

    outline: the effective geometry, WKB of EPSG:4547, None without one.
    """

    rest: str
    outline: bytes | None
    units: frozenset[Unit]


# every column but those of the outline and the day it was written: a test holds this list against the table
REST = """
SELECT md5(ROW(
    z.zone_id, z.lineage, z.version, z.kind, z.class, z.name, z.county_code, z.issuer, z.document, z.document_number,
    z.signed_on, z.in_force, z.status, z.phase, z.boundary_wording, z.road_included, z.exemptions, z.deadline_on,
    z.reason, z.is_sketch, z.position_error_m, z.source, z.note, z.is_repeal, z.boundary IS NULL, z.geom IS NULL
)::text) AS rest, ST_AsBinary(z.geom_m) AS outline
FROM gridmap.zone AS z WHERE z.zone_id = %s
"""

_UNITS = "SELECT u.unit_code, u.side, u.by_name_only FROM gridmap.zone_unit AS u WHERE u.zone_id = %s"

# A version of a row is told by who wrote it: a number that was rolled back comes again, a transaction's never does.
_STATE = """
SELECT
    current_database() || '@' || (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) AS place,
    gridmap.today() AS day,
    (
        SELECT md5(coalesce(string_agg(concat_ws(' ', z.zone_id, z.in_force, z.xmin), ',' ORDER BY z.zone_id), ''))
        FROM gridmap.zone AS z WHERE z.status = 'published'
    ) AS law,
    (
        SELECT md5(coalesce(string_agg(concat_ws(' ', d.relation, d.version, d.xmin), ',' ORDER BY d.relation), ''))
        FROM gridmap.data_version AS d WHERE d.relation = ANY(%s)
    ) AS data
"""


def read(cursor: Cursor, zone_id: int) -> Drawn:
    """Return what a draft draws now, as this transaction sees it."""
    cursor.execute(REST, [zone_id])
    rest, outline = cursor.fetchone()
    cursor.execute(_UNITS, [zone_id])
    units = frozenset(Unit(*row) for row in cursor.fetchall())
    return Drawn(rest, None if outline is None else bytes(outline), units)


def state(cursor: Cursor, tables: Collection[str]) -> tuple[Any, ...]:
    """Return what decides answers beside a draft: the database, today, the law, and what these tables hold.

    Saving a draft does not change it; `zone` and what belongs to it are told by the law and must not be asked for.
    """
    cursor.execute(_STATE, [list(tables)])
    host = cursor.connection.info.host, cursor.connection.info.port
    return (*host, *cursor.fetchone())


class ContentEdit(ZoneEdit):
    """How two contents of one draft differ that agree in `rest`, the second being in the database."""

    def __init__(self, cursor: Cursor, row: Any, before: Drawn, now: Drawn) -> None:
        super().__init__(cursor, [row], row, row, [row.lineage])
        self.lineage: str = row.lineage
        self._before, self._now = before, now

    @cached_property
    def boxes(self) -> list[Box]:
        """The places outside of which both cover the same land and run along the same lines, metres of EPSG:4547."""
        return changed_boxes(*(shapely.from_wkb(one.outline) for one in (self._before, self._now)))

    @property
    def names_the_same(self) -> bool:
        """Whether both list the same units."""
        return self._before.units == self._now.units

    @cached_property
    def _squares(self) -> tuple[set[int], float]:
        keys = {key for box in self.boxes for key in grid.touching(*box)}
        return keys, self._law.position_error_m

    @cached_property
    def _units(self) -> list[Any]:
        units = self._before.units ^ self._now.units
        by_name = {unit.unit_code: False for unit in units}
        for unit in units:
            by_name[unit.unit_code] |= unit.by_name_only
        return [Unit(code, "", by_name_only) for code, by_name_only in by_name.items()]

    @cached_property
    def _village_counties(self) -> set[str]:
        # both follow the same version: what that one held matters only where a village's cover moved
        return self._counties_of_villages([])


def edit(cursor: Cursor, zone_id: int, before: Drawn, now: Drawn) -> ContentEdit:
    """Compare what a draft drew with what it draws; both must agree in `rest`."""
    cursor.execute(zone_edits.WITH_DRAFT, {"draft": zone_id})
    found = ContentEdit(cursor, cursor.fetchall()[-1], before, now)
    zone_edits.fill_errors(cursor, [found])
    return found
