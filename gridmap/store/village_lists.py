"""The list of villages of a day, and what hangs on a village: cells, duties, sites, programme, zones, findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.village_list import Listed

_LISTED = """
SELECT v.village_id, v.official_name FROM gridmap.village AS v WHERE v.in_force @> %(day)s::date ORDER BY v.village_id
"""
_PROGRAMMES = """
SELECT v.village_id, v.programme, v.on_task_list, v.households
FROM gridmap.village AS v
WHERE v.village_id = ANY(%(codes)s) AND v.in_force @> %(day)s::date
"""
# a unit cell's code begins with its village's
_CELLS = """
SELECT left(c.cell_code, 12) AS village_id, c.cell_code
FROM gridmap.grid_cell AS c
WHERE left(c.cell_code, 12) = ANY(%(codes)s) AND c.kind = 'responsibility' AND c.in_force && daterange(%(day)s, NULL)
ORDER BY c.cell_code
"""
_DUTIES = """
SELECT left(d.cell_code, 12) AS village_id, d.role || ' ' || d.post AS duty
FROM gridmap.duty AS d
WHERE left(d.cell_code, 12) = ANY(%(codes)s) AND d.in_force && daterange(%(day)s, NULL)
ORDER BY d.cell_code, d.role, d.post
"""
_SITES = """
SELECT c.code AS village_id, s.site_id
FROM unnest(%(codes)s::text[]) AS c (code)
INNER JOIN gridmap.site AS s ON s.region_code = c.code OR s.reported_region_code = c.code
WHERE s.closed_on IS NULL OR s.closed_on > %(day)s
ORDER BY s.site_id
"""
_ZONES = """
SELECT u.unit_code AS village_id, z.lineage || ' ' || u.side AS zone
FROM gridmap.zone_unit AS u
INNER JOIN gridmap.zone AS z ON z.zone_id = u.zone_id
WHERE u.unit_code = ANY(%(codes)s) AND (z.status <> 'published' OR z.in_force && daterange(%(day)s, NULL))
ORDER BY z.lineage, z.zone_id
"""
_FINDINGS = """
SELECT f.feature_id AS village_id, f.rule_id
FROM gridmap.finding AS f
WHERE f.feature_kind = 'village' AND f.feature_id = ANY(%(codes)s) AND f.status <> 'gone'
ORDER BY f.rule_id
"""


@dataclass
class Hanging:
    """What hangs on a village from a day on.

    programme: planned or finished, None without one. households: where known. zones: lineage and side, of drafts too.
    sites: ids of those that name it. findings: ids of the rules.
    """

    programme: str | None = None
    on_task_list: bool = False
    households: int | None = None
    cells: list[str] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Return whether nothing hangs on it; its number of households alone is nothing."""
        lists = (self.cells, self.duties, self.sites, self.zones, self.findings)
        return self.programme is None and not self.on_task_list and not any(lists)


def list_listed(cursor: Cursor, day: dt.date) -> list[Listed]:
    """Return the list of villages of a day."""
    cursor.execute(_LISTED, {"day": day})
    return [Listed(*row) for row in cursor.fetchall()]


def what_hangs(cursor: Cursor, codes: Sequence[str], day: dt.date) -> dict[str, Hanging]:
    """Return what hangs on villages from a day on, by code; each code has an entry."""
    found = {code: Hanging() for code in codes}
    values = {"codes": list(codes), "day": day}
    cursor.execute(_PROGRAMMES, values)
    for row in cursor.fetchall():
        one = found[row.village_id]
        one.programme = None if row.programme == "none" else row.programme
        one.on_task_list, one.households = row.on_task_list, row.households
    for statement, name in (
        (_CELLS, "cells"), (_DUTIES, "duties"), (_SITES, "sites"), (_ZONES, "zones"), (_FINDINGS, "findings"),
    ):  # fmt: skip
        cursor.execute(statement, values)
        for code, what in cursor.fetchall():
            getattr(found[code], name).append(what)
    return found
