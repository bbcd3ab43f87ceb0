"""How the zones in force changed since an audit, and which squares, villages and counties that concerns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.domain import grid
from gridmap.store import zone_cells

# every published version of the lineages that were touched: law today, and law when the run began
_VERSIONS = """
WITH touched AS (
    -- the first change since tells what was law before it
    SELECT c.feature_id::bigint AS zone_id, (array_agg(c.was_in_force ORDER BY c.change_id))[1] AS was_in_force
    FROM gridmap.change AS c
    WHERE c.relation = 'zone' AND c.feature_id IS NOT NULL
        AND NOT pg_visible_in_snapshot(c.xact, (SELECT r.began_at FROM gridmap.run AS r WHERE r.run_id = %s))
    GROUP BY c.feature_id
)
SELECT z.zone_id, z.lineage, z.kind, z.class AS class_, z.county_code, z.position_error_m,
    z.geom IS NOT NULL AS has_outline,
    -- a repeal is no law: under it there is no such zone
    z.in_force @> gridmap.today() AND NOT z.is_repeal AS is_law,
    t.zone_id IS NULL OR t.was_in_force IS NOT NULL AS was_published,
    CASE WHEN t.zone_id IS NULL THEN z.in_force ELSE t.was_in_force END @> gridmap.today() AND NOT z.is_repeal
        AS was_law
FROM gridmap.zone AS z
LEFT JOIN touched AS t ON t.zone_id = z.zone_id
WHERE z.status = 'published'
    AND z.lineage IN (SELECT o.lineage FROM gridmap.zone AS o INNER JOIN touched ON touched.zone_id = o.zone_id)
ORDER BY z.lineage, z.version
"""

# a published version never changes: its id stands for all of it
_IN_FORCE = """
SELECT md5(coalesce(string_agg(z.zone_id::text, ',' ORDER BY z.zone_id), ''))
FROM gridmap.zone AS z
WHERE z.status = 'published' AND z.in_force @> %(day)s AND (%(kinds)s::text[] IS NULL OR z.kind = ANY(%(kinds)s))
"""

_OTHER_ERRORS = """
SELECT z.kind, max(z.position_error_m) AS error_m FROM gridmap.zone AS z
WHERE z.status = 'published' AND z.in_force @> gridmap.today() AND z.geom IS NOT NULL
    AND z.kind = ANY(%(kinds)s) AND NOT z.zone_id = ANY(%(edited)s)
GROUP BY z.kind
"""

_UNITS_THAT_DIFFER = """
SELECT u.unit_code, bool_or(u.by_name_only) AS by_name_only
FROM gridmap.zone_unit AS u
WHERE u.zone_id IN (%(old)s, %(new)s)
GROUP BY u.unit_code
HAVING count(DISTINCT (u.side, u.by_name_only)) > 1
    OR count(*) < 2 OR %(old)s::bigint IS NULL OR %(new)s::bigint IS NULL
"""

_VILLAGES_OF_UNITS = """
SELECT DISTINCT v.cell_key FROM gridmap.village AS v
WHERE v.village_id = ANY(%(units)s) OR v.township_code = ANY(%(units)s) OR v.county_code = ANY(%(units)s)
"""

# as snapshot.site_in_zone asks them: by the very code
_SITES_OF_UNITS = """
SELECT DISTINCT s.cell_key FROM gridmap.site AS s
WHERE s.region_code = ANY(%(units)s) OR s.reported_region_code = ANY(%(units)s)
"""

_SITE_ERRORS = """
SELECT s.cell_key, max(s.position_error_m) AS error_m FROM gridmap.site AS s
WHERE s.cell_key = ANY(%(cells)s) GROUP BY s.cell_key
"""

_WIDE_SITES = """
SELECT s.cell_key, ST_X(s.geom_m) AS west, ST_Y(s.geom_m) AS south, ST_X(s.geom_m) AS east, ST_Y(s.geom_m) AS north,
    s.position_error_m AS error_m
FROM gridmap.site AS s WHERE s.position_error_m > %(near_m)s
"""

# a village that another zone of the kind holds by name is judged by no outline
_VILLAGES_BY_OUTLINE = """
WITH named_unit AS MATERIALIZED (
    SELECT u.zone_id, u.unit_code, u.side
    FROM gridmap.zone_unit AS u
    INNER JOIN gridmap.zone AS z ON z.zone_id = u.zone_id
    WHERE z.kind = %(kind)s AND z.status = 'published' AND z.in_force @> gridmap.today()
        AND NOT z.lineage = ANY(%(lineages)s)
)
SELECT v.cell_key, ST_XMin(p.geom_m) AS west, ST_YMin(p.geom_m) AS south, ST_XMax(p.geom_m) AS east,
    ST_YMax(p.geom_m) AS north, v.position_error_m AS error_m
FROM gridmap.village AS v
CROSS JOIN LATERAL (SELECT coalesce(v.territory_m, v.geom_m) AS geom_m) AS p
WHERE v.in_force @> gridmap.today()
    AND p.geom_m && ST_Expand(
        ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4547), v.position_error_m + %(error_m)s
    )
    AND NOT EXISTS (
    SELECT FROM (
        SELECT DISTINCT ON (u.zone_id) u.side
        FROM named_unit AS u
        WHERE u.unit_code IN (v.village_id, v.township_code, v.county_code)
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS named
    WHERE named.side = 'in'
)
"""

_COUNTIES_NEAR = """
SELECT r.county_code, ST_Distance(r.geom_m, hull.geom_m) AS distance_m
FROM gridmap.region AS r
CROSS JOIN (
    SELECT ST_ConvexHull(ST_Collect(ST_SetSRID(ST_MakePoint(c.x, c.y), 4547))) AS geom_m
    FROM unnest(%(xs)s::float8[], %(ys)s::float8[]) AS c (x, y)
) AS hull
WHERE r.level = 'county' AND r.in_force @> gridmap.today() AND r.geom_m IS NOT NULL
"""

_COUNTIES_OF_ZONES = """
SELECT DISTINCT z.county_code FROM gridmap.zone_cell AS c
INNER JOIN gridmap.zone AS z ON z.zone_id = c.zone_id AND z.kind = %(kind)s
WHERE c.cell_key = ANY(%(keys)s)
"""

_COUNTIES_OF_VILLAGES = """
SELECT v.county_code FROM gridmap.village AS v WHERE v.cell_key = ANY(%(villages)s)
UNION
SELECT v.county_code FROM gridmap.zone AS z
INNER JOIN gridmap.village AS v ON ST_Intersects(z.geom_m, coalesce(v.territory_m, v.geom_m))
WHERE z.zone_id = ANY(%(earlier)s)
UNION
SELECT v.county_code FROM gridmap.zone_unit AS u
INNER JOIN gridmap.village AS v ON u.unit_code IN (v.village_id, v.township_code, v.county_code)
WHERE u.zone_id = ANY(%(earlier)s)
"""


class ZoneEdit:
    """What became of one zone, None where it was or is no law, and what that concerns.

    is_new: a zone came, went, or changed its class or county: what asks only whether there is one may differ anywhere.
    What it concerns is found when first asked for, within the transaction that found the edit.
    """

    def __init__(
        self, cursor: Cursor, versions: Sequence[Any], old: Any | None, new: Any | None, lineages: Collection[str]
    ) -> None:
        """Compare two rows of _VERSIONS. lineages: all that changed."""
        self._cursor, self._versions, self._old, self._new, self._lineages = cursor, versions, old, new, lineages
        law = new or old
        assert law is not None
        self._law: Any = law
        self.kind: str = self._law.kind
        self.old: int | None = None if old is None else old.zone_id
        self.new: int | None = None if new is None else new.zone_id
        self.is_new = old is None or new is None or (old.county_code, old.class_) != (new.county_code, new.class_)
        # how far outlines of the kind may be off, before or after, and whether that is as it was; since() fills them
        self.kind_error_m, self.same_error = 0.0, True

    def narrow(self, *, sites: set[int] | None = None, villages: set[int] | None = None) -> None:
        """Have it concern fewer squares: in the others, what zones say of sites or villages was seen to be the same."""
        if sites is not None:
            self.sites = sites
        if villages is not None:
            self.villages = villages

    @cached_property
    def _squares(self) -> tuple[set[int], float]:
        if self._old is self._new:
            return set(), 0.0
        return zone_cells.squares_that_differ(self._cursor, self.old, self.new)

    @cached_property
    def _units(self) -> list[Any]:
        if self._old is self._new:
            return []
        self._cursor.execute(_UNITS_THAT_DIFFER, {"old": self.old, "new": self.new})
        return list(self._cursor.fetchall())

    @cached_property
    def sites(self) -> set[int]:
        """The squares of the sites that it may judge anew."""
        keys, error_m = self._squares
        return _sites(self._cursor, keys, [row.unit_code for row in self._units if row.by_name_only], error_m)

    @cached_property
    def villages(self) -> set[int]:
        """The squares of the villages that it may judge anew."""
        units = [row.unit_code for row in self._units]
        return _villages(self._cursor, self._squares[0], units, self.kind, list(self._lineages), self.kind_error_m)

    @cached_property
    def _counties(self) -> dict[str, float]:
        """The counties of land, zones and townships that it concerns, with the distance (metres) at which they lie."""
        return _counties(self._cursor, self._squares[0], self._units, self._law, self.kind_error_m)

    @cached_property
    def _village_counties(self) -> set[str]:
        # what an earlier version held may have been a finding, or be one now
        is_first = self._old is not None and _previous(self._versions, self._old, False) is None
        earlier = [] if is_first and self._old is not self._new else [row.zone_id for row in self._versions]
        return self._counties_of_villages(earlier)

    def _counties_of_villages(self, earlier: list[int]) -> set[str]:
        self._cursor.execute(_COUNTIES_OF_VILLAGES, {"villages": list(self.villages), "earlier": earlier})
        return {code for (code,) in self._cursor.fetchall()}

    def counties_within(self, metres: float, *, villages: bool) -> set[str] | None:
        """Return the counties that may be concerned by what reaches so far, None for all.

        villages: those of the villages too that it may judge anew.
        """
        if not self.same_error:
            return None
        near = {code for code, distance in self._counties.items() if distance <= metres}
        return near | (self._village_counties if villages else set())

    def outline_error_m(self, *, was: bool) -> float:
        """Return how far the outline may be off, as it is or was; 0 without one."""
        row = self._old if was else self._new
        return float(row.position_error_m) if row is not None and row.has_outline else 0.0


def digest(conn: Connection, kinds: Sequence[str], day: dt.date) -> str:
    """Return a digest of the zones of some kinds, all when none is named, that are law on a day."""
    with transaction(conn) as cursor:
        cursor.execute(_IN_FORCE, {"kinds": list(kinds) or None, "day": day})
        return str(cursor.fetchone()[0])


def since(cursor: Cursor, run_id: int) -> list[ZoneEdit]:
    """Return how the law of today differs from that of the same day when a run began; drafts are no law."""
    cursor.execute(_VERSIONS, [run_id])
    lineages: dict[str, list[Any]] = {}
    for row in cursor.fetchall():
        lineages.setdefault(row.lineage, []).append(row)
    edits = [
        ZoneEdit(cursor, versions, old, new, lineages)
        for versions in lineages.values()
        for old, new in _pairs(versions)
    ]
    fill_errors(cursor, edits)
    return edits


# two versions of one zone, whichever they are: as if the first were law of today, and the second would be
_TWO_VERSIONS = """
SELECT z.zone_id, z.lineage, z.kind, z.class AS class_, z.county_code, z.position_error_m,
    z.geom IS NOT NULL AS has_outline, z.status = 'published' AS was_published,
    z.zone_id = %(a)s AS was_law, z.zone_id = %(b)s AS is_law
FROM gridmap.zone AS z
WHERE z.zone_id IN (%(a)s, %(b)s)
"""


def between(cursor: Cursor, a: int, b: int) -> ZoneEdit:
    """Return how two versions of one zone differ in the law of today; what it concerns of others is not known."""
    cursor.execute(_TWO_VERSIONS, {"a": a, "b": b})
    versions = cursor.fetchall()
    old, new = (next(row for row in versions if row.zone_id == one) for one in (a, b))
    edit = ZoneEdit(cursor, versions, old, new, [new.lineage])
    fill_errors(cursor, [edit])
    return edit


# the published versions of a draft's lineage and, last, the draft: law of today, and what would be
WITH_DRAFT = """
SELECT z.zone_id, z.lineage, z.kind, z.class AS class_, z.county_code, z.position_error_m,
    z.geom IS NOT NULL AS has_outline, z.status = 'published' AS was_published,
    z.status = 'published' AND z.in_force @> gridmap.today() AND NOT z.is_repeal AS was_law,
    z.status = 'draft' AND NOT z.is_repeal AS is_law
FROM gridmap.zone AS z
WHERE z.lineage = (SELECT d.lineage FROM gridmap.zone AS d WHERE d.zone_id = %(draft)s)
    AND (z.status = 'published' OR z.zone_id = %(draft)s)
ORDER BY z.status = 'draft', z.version
"""


def if_law(cursor: Cursor, draft: int) -> ZoneEdit:
    """Return how the law of today would differ were a draft law."""
    cursor.execute(WITH_DRAFT, {"draft": draft})
    versions = cursor.fetchall()
    drawn = versions[-1]
    old = next((row for row in versions if row.was_law), None)
    new = drawn if drawn.is_law else None
    if old is None and new is None:  # the repeal of what is no law today changes nothing
        edit = ZoneEdit(cursor, versions, drawn, drawn, [drawn.lineage])
        edit.old = edit.new = None
    else:
        edit = ZoneEdit(cursor, versions, old, new, [drawn.lineage])
    fill_errors(cursor, [edit])
    return edit


def _pairs(versions: Sequence[Any]) -> list[tuple[Any | None, Any | None]]:
    """Return the version that was law with the one that is; nothing when neither they nor their predecessors differ."""
    old = next((row for row in versions if row.was_law), None)
    new = next((row for row in versions if row.is_law), None)
    if old is new and (new is None or _previous(versions, new, True) is _previous(versions, new, False)):
        return []
    if old is not None and new is not None and old.kind != new.kind:
        return [(old, None), (None, new)]
    return [(old, new)]


def _previous(versions: Sequence[Any], current: Any, was: bool) -> Any | None:
    """Return the published version before the current one, as it is or as it was."""
    earlier = [row for row in versions[: versions.index(current)] if row.was_published or not was]
    return earlier[-1] if earlier else None


def fill_errors(cursor: Cursor, edits: Sequence[ZoneEdit]) -> None:
    """Tell each edit how far the outlines of its kind may be off, before or after."""
    kinds = {edit.kind for edit in edits}
    edited = [zone_id for edit in edits for zone_id in (edit.old, edit.new) if zone_id is not None]
    cursor.execute(_OTHER_ERRORS, {"kinds": list(kinds), "edited": edited})
    others = dict(cursor.fetchall())
    for kind in kinds:
        ours = [edit for edit in edits if edit.kind == kind]
        before = max([others.get(kind, 0.0), *(edit.outline_error_m(was=True) for edit in ours)])
        after = max([others.get(kind, 0.0), *(edit.outline_error_m(was=False) for edit in ours)])
        for edit in ours:
            edit.kind_error_m, edit.same_error = max(before, after), before == after


def _sites(cursor: Cursor, keys: set[int], by_name_only: list[str], zone_error_m: float) -> set[int]:
    """Return the squares of the sites that lie in these squares or within both errors of them, or are named."""
    found = set()
    if by_name_only:
        cursor.execute(_SITES_OF_UNITS, {"units": by_name_only})
        found = {key for (key,) in cursor.fetchall()}
    if not keys:
        return found
    rings: dict[float, set[int]] = {}
    cursor.execute(_SITE_ERRORS, {"cells": list(zone_cells.neighbourhood(keys, zone_error_m + zone_cells.NEAR_M))})
    for key, site_error_m in cursor.fetchall():
        error_m = min(site_error_m, zone_cells.NEAR_M)  # sites known less well are asked one by one
        if error_m not in rings:
            rings[error_m] = zone_cells.neighbourhood(keys, zone_error_m + error_m)
        if key in rings[error_m]:
            found.add(key)
    cursor.execute(_WIDE_SITES, {"near_m": zone_cells.NEAR_M})
    return found | _within_reach(cursor.fetchall(), keys, zone_error_m)


def _villages(
    cursor: Cursor, keys: set[int], units: list[str], kind: str, lineages: list[str], zone_error_m: float
) -> set[int]:
    """Return the squares of villages that the units name, or that the squares reach by the errors of both."""
    found = set()
    if units:
        cursor.execute(_VILLAGES_OF_UNITS, {"units": units})
        found = {key for (key,) in cursor.fetchall()}
    if not keys:
        return found
    corners = np.array([grid.kilometres(key) for key in keys]) * grid.CELL_M
    (west, south), (east, north) = corners.min(axis=0).tolist(), (corners.max(axis=0) + grid.CELL_M).tolist()
    bounds = {"west": west, "south": south, "east": east, "north": north}
    cursor.execute(_VILLAGES_BY_OUTLINE, {"kind": kind, "lineages": lineages, "error_m": zone_error_m, **bounds})
    return found | _within_reach(cursor.fetchall(), keys, zone_error_m)


def _within_reach(rows: Sequence[Any], keys: set[int], zone_error_m: float) -> set[int]:
    """Return the squares of those places whose box lies within its own and the zone's error of one of the squares."""
    if not rows:
        return set()
    places = np.array([row[1:] for row in rows], dtype=float)
    corners = np.array([grid.kilometres(key) for key in keys], dtype=float) * grid.CELL_M
    near = np.zeros(len(rows), dtype=bool)
    for part in np.array_split(corners, max(len(corners) // 200, 1)):
        west, south = part[:, 0], part[:, 1]
        across = np.maximum(west - places[:, 2:3], places[:, 0:1] - west - grid.CELL_M).clip(min=0)
        along = np.maximum(south - places[:, 3:4], places[:, 1:2] - south - grid.CELL_M).clip(min=0)
        near |= (np.hypot(across, along) <= places[:, 4:5] + zone_error_m).any(axis=1)
    return {int(rows[place][0]) for place in np.flatnonzero(near).tolist()}


def _counties(cursor: Cursor, keys: set[int], units: Sequence[Any], law: Any, zone_error_m: float) -> dict[str, float]:
    """Return the counties in which a finding about land, a zone or a township may differ, with their distance."""
    found: dict[str, float] = {}
    if keys:
        corners = np.array([grid.kilometres(key) for key in keys], dtype=float) * grid.CELL_M
        sides = np.array([(east, north) for east in (0, grid.CELL_M) for north in (0, grid.CELL_M)])
        corners = (corners[:, None] + sides).reshape(-1, 2)
        cursor.execute(_COUNTIES_NEAR, {"xs": corners[:, 0].tolist(), "ys": corners[:, 1].tolist()})
        # nearness counts from the outline's error on
        found = {row.county_code: max(row.distance_m - zone_error_m, 0.0) for row in cursor.fetchall()}
    cursor.execute(_COUNTIES_OF_ZONES, {"keys": list(keys), "kind": law.kind})
    named = {row.unit_code[:6] for row in units}
    return {**found, **dict.fromkeys({code for (code,) in cursor.fetchall()} | named | {law.county_code}, 0.0)}
