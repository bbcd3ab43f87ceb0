"""What a draft would change were it law today: land, villages, sites and findings, by the real rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import shapely
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from gridmap.db.session import Connection, transaction
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.planning import following
from gridmap.planning.following import Difference, Rows
from gridmap.rules import catalogue as catalogues
from gridmap.rules.catalogue import Catalogue
from gridmap.store import zone_edits
from gridmap.store.draft_sides import Land, Side
from gridmap.store.drafts import get_draft

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
    outermost = conn.info.transaction_status == TRANSACTION_STATUS_IDLE
    with transaction(conn) as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # a list of sites is planned for once, however long it is
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        own = get_draft(cursor, zone_id)
        known = following.follow(conn, cursor, own, rules)
        law = zone_edits.if_law(cursor, zone_id).old
        findings = [_of_rule(rules.get(rule_id), found.values()) for rule_id, found in known.rules.items() if found]
        return Impact(
            zone_id, law, own.revision, known.land,
            *_sides_that_change(known.villages), *_sides_that_change(known.sites), tuple(findings),
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


def _of_rule(rule: Rule, found: Collection[Difference]) -> RuleImpact:
    return RuleImpact(
        rule.id,
        rule.title,
        appear=_changes(one.after for one in found if one.before is None),
        go=_changes(one.before for one in found if one.after is None),
        change=_changes(one.after for one in found if one.before is not None),
    )


def _changes(rows: Iterable[Row | None]) -> tuple[Change, ...]:
    there = [row for row in rows if row is not None]
    return tuple(_change(row) for row in sorted(there, key=lambda row: row.order))


def _change(row: Row) -> Change:
    lon, lat = None, None
    if row.geom_hex is not None:
        point = shapely.point_on_surface(shapely.from_wkb(row.geom_hex))
        lon, lat = (None, None) if point.is_empty else (round(point.x, 6), round(point.y, 6))
    return Change(
        row.feature_kind, row.feature_id, row.part, row.name, row.county_code, row.certainty, lon, lat
    )  # fmt: skip


def _sides_that_change(rows: Rows) -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    """Return what comes in and what falls out, by id; what is not told of is outside."""
    inside = {key for key, told in rows.law.items() if told.side.inside_pct >= INSIDE_PCT}
    becomes = {key for key, told in rows.draft.items() if told.side.inside_pct >= INSIDE_PCT}
    gained = tuple(rows.draft[key].side for key in sorted(becomes - inside))
    return gained, tuple(rows.law[key].side for key in sorted(inside - becomes))
