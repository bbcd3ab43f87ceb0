"""What a draft would change were it law today: land, villages, sites and findings, by the real rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import shapely

from gridmap.db.session import Connection, today, transaction
from gridmap.domain import finding
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.rules import catalogue as catalogues
from gridmap.rules import engine, incremental, relations
from gridmap.rules.catalogue import Catalogue
from gridmap.store import draft_sides, zone_edits
from gridmap.store.changes import Changes
from gridmap.store.draft_sides import Land, Side
from gridmap.store.drafts import get_draft
from gridmap.store.zone_edits import ZoneEdit

INSIDE_PCT = 50.0
"""A village counts as inside from this share of its territory on; rules have thresholds of their own."""


@dataclass(frozen=True)
class Change:
    """A finding that would appear, go or change. lon, lat: degrees (EPSG:4490), None when nothing places it."""

    feature_kind: str
    feature_id: str
    part: str
    name: str
    county_code: str
    certainty: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class RuleImpact:
    """What would become of one rule's findings."""

    rule_id: str
    title: str
    appear: tuple[Change, ...]
    go: tuple[Change, ...]
    change: tuple[Change, ...]


@dataclass(frozen=True)
class Impact:
    """What a draft would change against the law of today. Areas in square metres (see draft_sides.Land).

    law: zone_id of the version in force that it would follow, None for none.
    """

    draft: int
    law: int | None
    revision: int
    land: Land
    villages_gained: tuple[Side, ...]
    villages_lost: tuple[Side, ...]
    sites_gained: tuple[Side, ...]
    sites_lost: tuple[Side, ...]
    findings: tuple[RuleImpact, ...]

    @property
    def households_gained(self) -> int:
        """Return the known households of the villages gained."""
        return sum(village.households or 0 for village in self.villages_gained)

    @property
    def households_lost(self) -> int:
        """Return the known households of the villages lost."""
        return sum(village.households or 0 for village in self.villages_lost)


def impact(conn: Connection, zone_id: int, catalogue: Catalogue | None = None) -> Impact:
    """Judge a draft as if it were law today, where it differs from the law, and write nothing.

    conn: the owner's; only_counties() keeps the answer to a reader's area. NotFoundError when there is no such draft,
    DefinitionError when a rule fails.
    """
    rules = catalogue or catalogues.load()
    with transaction(conn) as cursor:
        own = get_draft(cursor, zone_id)
        edit = zone_edits.if_law(cursor, zone_id)
        day = today(conn)
        villages = _sides_that_change(
            draft_sides.villages(conn, edit.kind, edit.villages, day=day),
            draft_sides.villages(conn, edit.kind, edit.villages, day=day, draft=zone_id),
        )
        sites = _sides_that_change(
            draft_sides.sites(conn, edit.kind, edit.sites, day=day),
            draft_sides.sites(conn, edit.kind, edit.sites, day=day, draft=zone_id),
        )
        findings = [_of_rule(conn, rule, edit, zone_id) for rule in _concerned(rules, edit)]
        return Impact(
            zone_id, edit.old, own.revision, draft_sides.land(cursor, zone_id, edit.old), *villages, *sites,
            tuple(found for found in findings if found.appear or found.go or found.change),
        )  # fmt: skip


def only_counties(found: Impact, counties: Collection[str]) -> Impact:
    """Return what readers of some counties may see of an impact; land and villages are everybody's."""
    kept = [
        replace(
            rule,
            appear=_of_counties(rule.appear, counties),
            go=_of_counties(rule.go, counties),
            change=_of_counties(rule.change, counties),
        )
        for rule in found.findings
    ]
    return replace(
        found,
        sites_gained=tuple(side for side in found.sites_gained if side.county_code in counties),
        sites_lost=tuple(side for side in found.sites_lost if side.county_code in counties),
        findings=tuple(rule for rule in kept if rule.appear or rule.go or rule.change),
    )


def _of_counties(changes: Iterable[Change], counties: Collection[str]) -> tuple[Change, ...]:
    return tuple(change for change in changes if change.county_code in counties)


def _concerned(rules: Catalogue, edit: ZoneEdit) -> list[Rule]:
    return [rule for rule in rules.rules if rule.status == "in_force" and relations.asks_zone(rule, edit.kind)]


def _of_rule(conn: Connection, rule: Rule, edit: ZoneEdit, draft: int) -> RuleImpact:
    """Have a rule judge where the draft may matter, as the law stands and as it would."""
    day = today(conn)
    area = incremental.area_of(rule, Changes(zones=[edit]))
    if area == incremental.NOWHERE:
        return RuleImpact(rule.id, rule.title, (), (), ())
    before = {_key(row): row for row in engine.rows_of(conn, rule, day, area)}
    after = {_key(row): row for row in engine.rows_of(conn, rule, day, area, draft=draft)}
    return RuleImpact(
        rule.id,
        rule.title,
        appear=tuple(_change(row) for key, row in after.items() if key not in before),
        go=tuple(_change(row) for key, row in before.items() if key not in after),
        change=tuple(
            _change(row)
            for key, row in after.items()
            if key in before and _matter(rule, row) != _matter(rule, before[key])
        ),
    )


def _key(row: Row) -> tuple[str, str, str]:
    return row.feature_kind, row.feature_id, row.part


def _matter(rule: Rule, row: Row) -> str:
    return finding.material(rule.material, row.certainty, row.facts)


def _change(row: Row) -> Change:
    lon, lat = None, None
    if row.geom_hex is not None:
        point = shapely.point_on_surface(shapely.from_wkb(row.geom_hex))
        lon, lat = (None, None) if point.is_empty else (round(point.x, 6), round(point.y, 6))
    return Change(
        row.feature_kind, row.feature_id, row.part, row.name, row.county_code, row.certainty, lon, lat
    )  # fmt: skip


def _sides_that_change(before: dict[str, Side], after: dict[str, Side]) -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    """Return what comes in and what falls out; what is not told of is outside."""
    inside = {key for key, side in before.items() if side.inside_pct >= INSIDE_PCT}
    becomes = {key for key, side in after.items() if side.inside_pct >= INSIDE_PCT}
    gained = tuple(side for key, side in after.items() if key in becomes - inside)
    return gained, tuple(side for key, side in before.items() if key in inside - becomes)
