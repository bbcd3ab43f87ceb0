"""Put a newer list of villages in force: old versions end the day before, new ones begin, all or nothing.

What a list cannot settle refuses it: a zone that names a village which ends and not its successor, a cell that stands
on one, a township that is no region. Facts (position, terrain, programme) go over to another code only where it is sure
to be the same village.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.incoming import Told
from gridmap.domain.village_list import Change, Listed, Reconciliation
from gridmap.errors import ConflictError
from gridmap.store import grid, grid_changes

SAID = 8
"""So many reasons of a refusal are written out."""

_NO_REGION = """
SELECT DISTINCT c.code FROM unnest(%(codes)s::text[]) AS c (code)
WHERE NOT EXISTS (SELECT FROM gridmap.region AS r WHERE r.code = c.code AND r.in_force @> %(day)s::date)
ORDER BY c.code
"""
# a version that begins or ends on the day or later stands in the way
_TOO_LATE = """
SELECT v.village_id, lower(v.in_force) AS begins_on, upper(v.in_force) AS ends_on
FROM gridmap.village AS v
WHERE v.village_id = ANY(%(codes)s) AND v.in_force && daterange(%(day)s, NULL)
    AND (lower(v.in_force) >= %(day)s OR upper(v.in_force) IS NOT NULL)
ORDER BY v.village_id, lower(v.in_force) NULLS FIRST
"""
_CELLS = """
SELECT c.cell_code FROM gridmap.grid_cell AS c
WHERE left(c.cell_code, 12) = ANY(%(codes)s) AND c.kind = 'responsibility' AND c.in_force && daterange(%(day)s, NULL)
ORDER BY c.cell_code
"""
_ZONES = """
SELECT z.zone_id, z.lineage, z.name, u.unit_code, u.side
FROM gridmap.zone AS z
INNER JOIN gridmap.zone_unit AS u ON u.zone_id = z.zone_id
WHERE z.status = 'published' AND z.in_force && daterange(%(day)s, NULL) AND EXISTS (
    SELECT FROM gridmap.zone_unit AS e WHERE e.zone_id = z.zone_id AND e.unit_code = ANY(%(codes)s)
)
ORDER BY z.lineage, z.zone_id, u.unit_code
"""
_SITES = "SELECT s.site_id FROM gridmap.site AS s WHERE s.region_code = ANY(%(codes)s) ORDER BY s.site_id"
_END = """
UPDATE gridmap.village SET in_force = daterange(lower(in_force), %(day)s)
WHERE village_id = ANY(%(codes)s) AND in_force @> %(day)s::date
"""
# facts come from the last version of a code: of the village's other code, or of its own when it comes back.
# A rough position stays with its township: elsewhere the village is placed anew.
_BEGIN = """
INSERT INTO gridmap.village (
    village_id, name, official_name, match_name, is_community, in_force, source, note, geom, position_error_m,
    placed_by, territory, households, terrain_declared, terrain_declared_by, terrain_derived, terrain_resolution_m,
    programme, programme_source, wholly_substituted, on_task_list, households_substituted, households_back_to_coal,
    counted_on, is_demo
)
SELECT
    n.code, n.name, n.official_name, n.match_name, n.is_community, daterange(%(day)s, NULL),
    %(source)s || '；点位：' || coalesce(
        CASE WHEN kept.geom IS NOT NULL THEN regexp_replace(v.source, '^.*；点位：', '') END, '所在区划内示意'
    ),
    CASE WHEN kept.geom IS NOT NULL THEN v.note ELSE '没有村级点位：点在所在区划内示意，误差覆盖整个范围。' END,
    coalesce(kept.geom, placed.geom), coalesce(kept.position_error_m, placed.error_m),
    coalesce(kept.placed_by, placed.level), kept.territory, v.households, v.terrain_declared, v.terrain_declared_by,
    CASE WHEN kept.geom IS NOT NULL THEN v.terrain_derived END,
    CASE WHEN kept.geom IS NOT NULL THEN v.terrain_resolution_m END,
    coalesce(v.programme, 'none'), v.programme_source, coalesce(v.wholly_substituted, false),
    coalesce(v.on_task_list, false), v.households_substituted, v.households_back_to_coal, v.counted_on,
    coalesce(v.is_demo, false)
FROM unnest(
    %(codes)s::text[], %(befores)s::text[], %(names)s::text[], %(officials)s::text[], %(matches)s::text[],
    %(communities)s::boolean[]
) AS n (code, before, name, official_name, match_name, is_community)
LEFT JOIN LATERAL (
    SELECT o.* FROM gridmap.village AS o WHERE o.village_id = n.before ORDER BY upper(o.in_force) DESC LIMIT 1
) AS v ON true
LEFT JOIN LATERAL (
    SELECT v.geom, v.position_error_m, v.placed_by, v.territory
    WHERE v.placed_by IN ('survey', 'geocode', 'hand') OR v.township_code = left(n.code, 9)
) AS kept ON true
LEFT JOIN LATERAL (
    SELECT p.geom, r.level, ST_MaxDistance(ST_Transform(p.geom, 4547), r.geom_m) + r.position_error_m AS error_m
    FROM gridmap.region AS r
    -- the same place for a code each time
    CROSS JOIN LATERAL (
        SELECT ST_GeometryN(ST_GeneratePoints(r.geom, 1, right(n.code, 3)::integer + 1), 1) AS geom
    ) AS p
    WHERE r.code IN (left(n.code, 9), left(n.code, 6), (SELECT s.city_code FROM gridmap.setting AS s))
        AND r.geom IS NOT NULL AND r.in_force @> %(day)s::date AND kept.geom IS NULL
    ORDER BY array_position(ARRAY['township', 'county', 'city'], r.level)
    LIMIT 1
) AS placed ON true
RETURNING village_id, placed_by
"""
_FOLLOW = """
UPDATE gridmap.site AS s SET region_code = n.after
FROM unnest(%(befores)s::text[], %(afters)s::text[]) AS n (before, after)
WHERE s.region_code = n.before
"""


class ListRefused(ConflictError):
    """A list that cannot be put in force. reasons: all of them; the sentence tells the first."""

    def __init__(self, reasons: Sequence[Told]) -> None:
        self.reasons = tuple(reasons)
        more = f"; and {len(reasons) - SAID} more" if len(reasons) > SAID else ""
        told = "; ".join(reason.en for reason in reasons[:SAID])
        super().__init__(f"the list cannot be put in force: {told}{more}")


@dataclass(frozen=True)
class Applied:
    """How many villages ended, were renamed, went over to another code with their facts, came back, or began without
    a place of their own; how many sites now name another unit, and which cells were renamed.
    """

    ended: int
    renamed: int
    carried: int
    came_back: int
    begun: int
    unplaced: int
    sites: int
    cells: tuple[str, ...]


def apply(cursor: Cursor, found: Reconciliation, day: dt.date, today: dt.date, *, source: str) -> Applied:
    """Put a reconciled list in force from a day on; to run inside grid_changes.changing.

    source: what the list is called. Errors: ListRefused with the reasons, nothing being changed.
    """
    reasons = _reasons(cursor, found, day, today)
    if reasons:
        raise ListRefused(reasons)
    renamed = {change.after[0]: change.before[0] for change in found.of("renamed")}
    carried = {change.after[0]: change.before[0] for change in _carried(found)}
    begun = _begun(found)
    cursor.execute(_END, {"codes": [*found.ended, *(one.code for one in renamed)], "day": day})
    came_back = _known(cursor, [one.code for one in begun])
    befores = {one: before.code for one, before in {**renamed, **carried}.items()}
    befores |= {one: one.code for one in begun if one.code in came_back}
    rough = _begin(cursor, [*renamed, *carried, *begun], befores, source, day)
    return Applied(
        len(found.ended), len(renamed), len(carried), len(came_back), len(begun) - len(came_back), rough,
        _follow(cursor, found, day, today), _rename_cells(cursor, renamed, day),
    )  # fmt: skip


def _carried(found: Reconciliation) -> list[Change]:
    """Return the changes in which a village is sure to be the same under another code."""
    return [change for kind in ("recoded", "moved") for change in found.changes if change.kind == kind and change.sure]


def _begun(found: Reconciliation) -> list[Listed]:
    """Return the villages that begin without facts of another code."""
    sure = {id(change) for change in _carried(found)}
    return [
        one for change in found.changes if change.kind != "renamed" and id(change) not in sure for one in change.after
    ]


def _reasons(cursor: Cursor, found: Reconciliation, day: dt.date, today: dt.date) -> list[Told]:
    """Return why a list cannot be put in force, none when it can."""
    if not found.changes:
        return [Told("两份名录相同，没有可生效的内容", "the lists are the same; there is nothing to put in force")]
    reasons = []
    if found.partial is not None:
        zh = f"{found.partial} 缺的村太多，这份名录像是只有一部分"
        reasons.append(
            Told(zh, f"so many villages of county {found.partial} are missing that it is only a part of one")
        )
    after = [one.code for change in found.changes for one in change.after]
    before = [one.code for change in found.changes for one in change.before]
    cursor.execute(_NO_REGION, {"codes": [code[:length] for code in after for length in (6, 9)], "day": day})
    for (code,) in cursor.fetchall():
        reasons.append(Told(f"{code} 当日不是有效的区县或乡镇", f"{code} is no county or township in force that day"))
    cursor.execute(_TOO_LATE, {"codes": [*before, *after], "day": day})
    for row in cursor.fetchall():
        begins = row.begins_on is not None and row.begins_on >= day
        zh = f"自 {row.begins_on} 起" if begins else f"到 {row.ends_on} 止"
        en = f"begins on {row.begins_on}" if begins else f"ends on {row.ends_on}"
        zh = f"村 {row.village_id} 有{zh}的记录，请选更晚的日期"
        reasons.append(Told(zh, f"a version of village {row.village_id} {en}; choose a later day"))
    ended = {"codes": found.ended, "day": day}
    cursor.execute(_CELLS, ended)
    for (code,) in cursor.fetchall():
        zh = f"网格 {code} 建在要撤销的村上，请先撤销网格"
        reasons.append(Told(zh, f"cell {code} stands on a village that ends; end the cell first"))
    reasons += _zones(cursor, found, day)
    if day > today:
        cursor.execute(_SITES, ended)
        for (code,) in cursor.fetchall():
            zh = f"监管对象 {code} 在要撤销的村里，只能在当日随之更改"
            reasons.append(Told(zh, f"site {code} lies in a village that ends, and follows only on the day"))
    return reasons


def _zones(cursor: Cursor, found: Reconciliation, day: dt.date) -> list[Told]:
    """Return the zones that name a village which ends, and decide otherwise on the one that follows it."""
    ended = set(found.ended)
    cursor.execute(_ZONES, {"codes": sorted(ended), "day": day})
    units: dict[tuple[int, str, str], dict[str, str]] = defaultdict(dict)
    for row in cursor.fetchall():
        units[row.zone_id, row.lineage, row.name][row.unit_code] = row.side
    follows = [
        (old.code, new.code) for change in found.changes for old in change.before for new in change.after
        if old.code in ended
    ]  # fmt: skip
    return [
        Told(
            f"{name}（{lineage}）列有 {old}，而未同样列出接替它的 {new}，请先发布两者都列的新版本",
            f"zone {lineage} ({name}) names {old} {sides[old]}, but not {new}, which follows it; "
            "publish a version that names both first",
        )
        for (_, lineage, name), sides in units.items()
        for old, new in follows
        if old in sides and _side(sides, new) != sides[old]
    ]


def _side(sides: Mapping[str, str], code: str) -> str | None:
    """Return what a zone's list says of a village: the most specific unit decides."""
    return next((sides[code[:length]] for length in (12, 9, 6) if code[:length] in sides), None)


def _known(cursor: Cursor, codes: Sequence[str]) -> set[str]:
    """Return the codes that had a village before."""
    cursor.execute("SELECT DISTINCT village_id FROM gridmap.village WHERE village_id = ANY(%s)", [list(codes)])
    return {code for (code,) in cursor.fetchall()}


def _begin(cursor: Cursor, listed: Sequence[Listed], befores: Mapping[Listed, str], source: str, day: dt.date) -> int:
    """Insert the versions that begin and return how many are placed no better than by their township."""
    cursor.execute(_BEGIN, {
        "day": day,
        "source": source,
        "codes": [one.code for one in listed],
        "befores": [befores.get(one) for one in listed],
        "names": [one.names.name for one in listed],
        "officials": [one.official_name for one in listed],
        "matches": [one.names.match_name for one in listed],
        "communities": [one.names.is_community for one in listed],
    })  # fmt: skip
    begun = {one.code for one in listed if one not in befores}
    return sum(row.village_id in begun for row in cursor.fetchall())


def _follow(cursor: Cursor, found: Reconciliation, day: dt.date, today: dt.date) -> int:
    """Have sites that lie in a village which ends name what follows it; what they reported stays as it was."""
    if day > today:
        return 0
    afters = {code: code[:9] for code in found.ended}
    afters |= {change.before[0].code: change.after[0].code for change in _carried(found)}
    cursor.execute(_FOLLOW, {"befores": list(afters), "afters": list(afters.values())})
    return int(cursor.rowcount)


def _rename_cells(cursor: Cursor, renamed: Mapping[Listed, Listed], day: dt.date) -> tuple[str, ...]:
    """Give the cells that are called as their village its new name."""
    done = []
    for after, before in renamed.items():
        cursor.execute(_CELLS, {"codes": [before.code], "day": day})
        if before.code not in {code for (code,) in cursor.fetchall()}:
            continue
        cell = grid.get_cell(cursor, before.code, day)
        if cell.name == before.names.name and after.names.name != cell.name:
            grid_changes.rename(cursor, cell, after.names.name, day)
            done.append(cell.cell_code)
    return tuple(done)


def as_noted(done: Applied, day: dt.date, source: str, digest: str) -> dict[str, Any]:
    """Return what the log tells of a list beside the rows that changed. digest: SHA-256 of its file."""
    return {"day": day, "source": source, "sha256": digest, **vars(done)}
