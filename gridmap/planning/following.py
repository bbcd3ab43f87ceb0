"""An impact follows a draft: what was found of the content before is judged again only where the new one differs.

Each process keeps what it found last of some drafts, by value. It holds as long as the law, the day, the rules and the
tables they read stay as they were; else the draft is compared with the law anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection
from gridmap.domain import finding
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.rules import engine, incremental, relations
from gridmap.rules.catalogue import Catalogue
from gridmap.rules.engine import Area
from gridmap.store import changes, draft_content, draft_sides, finding_life, zone_edits, zone_rows
from gridmap.store.caches import Cache
from gridmap.store.changes import Changes
from gridmap.store.draft_content import ContentEdit, Drawn
from gridmap.store.draft_sides import Land
from gridmap.store.drafts import DraftRow
from gridmap.store.zone_edits import ZoneEdit
from gridmap.store.zone_rows import Told

Key: TypeAlias = tuple[str, str, str]

ASKED_ROW_BY_ROW = frozenset({"village_cover", "site_in_zone"})
"""Relations whose rows are compared: where they say the same, a rule that asks zones by nothing else does too."""

_ALWAYS_READ = frozenset({"region", "setting", "site", "village"})


_NO_LAND = Land(0.0, 0.0, 0.0, 0.0, None)


@dataclass(frozen=True)
class Difference:
    """A finding under the law and were the draft law, None where there is none. cell_key: of a site or village."""

    before: Row | None
    after: Row | None
    cell_key: int | None


@dataclass(frozen=True)
class Rows:
    """What a relation says of zones of the draft's kind in some squares; in all others the draft changes nothing."""

    cells: frozenset[int] = frozenset()
    law: Mapping[str, Told] = field(default_factory=dict)
    draft: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What a draft's content changes.

    state: what else decided it; drawn: the content, None for the law itself; land: its areas.
    """

    state: tuple[Any, ...]
    drawn: Drawn | None = None
    land: Land = _NO_LAND
    villages: Rows = field(default_factory=Rows)
    sites: Rows = field(default_factory=Rows)
    rules: Mapping[str, Mapping[Key, Difference]] = field(default_factory=dict)


# a draft of a county takes about 10 MB where a hundred thousand sites lie
_last: Cache[Known] = Cache(8)
_law: Cache[list[Row]] = Cache(64)


def follow(conn: Connection, cursor: Cursor, own: DraftRow, rules: Catalogue) -> Known:
    """Return what a draft changes against the law of today. DefinitionError when a rule fails."""
    kind = own.kind
    concerned = [rule for rule in rules.rules if rule.status == "in_force" and relations.asks_zone(rule, kind)]
    tables = _ALWAYS_READ.union(*({rule.judges, *rule.reads} for rule in concerned)) - {"zone"}
    state = (rules.digest, *draft_content.state(cursor, tables))
    return _Step(conn, cursor, own, state, tables).take(concerned)


def forget() -> None:
    """Forget what is known: the next impact of each draft compares it with the law."""
    _last.clear()
    _law.clear()


class _Step:
    """From one content of a draft, or from the law, to the content that the database holds."""

    def __init__(
        self, conn: Connection, cursor: Cursor, own: DraftRow, state: tuple[Any, ...], tables: Collection[str]
    ) -> None:
        self._conn, self._cursor = conn, cursor
        self._zone_id, self._kind, self._lineage = own.zone_id, own.kind, own.lineage
        self._state, self._tables = state, tables
        self._law_read: dict[tuple[Any, ...], list[Row]] = {}
        self._day = _day(state)

    def take(self, rules: Iterable[Rule]) -> Known:
        drawn = draft_content.read(self._cursor, self._zone_id)
        name = (*self._state[1:4], self._zone_id)
        last = _last.find(name)
        if last is None or last.state != self._state or last.drawn is None or last.drawn.rest != drawn.rest:
            last, edit = Known(self._state), zone_edits.if_law(self._cursor, self._zone_id)
        else:
            edit = draft_content.edit(self._cursor, self._zone_id, last.drawn, drawn)
        villages, moved_villages = self._read_again("village_cover", edit, edit.villages, last.villages)
        sites, moved_sites = self._read_again("site_in_zone", edit, edit.sites, last.sites)
        edit.narrow(sites=moved_sites, villages=moved_villages)
        found = {rule.id: self._judge_again(rule, edit, last.rules.get(rule.id, {})) for rule in rules}
        known = Known(self._state, drawn, self._measure(last, drawn, edit), villages, sites, found)
        # a caller's transaction may have let somebody else's change in meanwhile
        if (self._state[0], *draft_content.state(self._cursor, self._tables)) == self._state:
            _last.keep(name, known)
            for key, rows in self._law_read.items():
                _law.keep(key, rows)
        return known

    def _measure(self, last: Known, drawn: Drawn, edit: ZoneEdit) -> Land:
        """Compare the land of the draft with the law's, where it differs from what is known."""
        law = zone_edits.if_law(self._cursor, self._zone_id).old
        if isinstance(edit, ContentEdit) and last.drawn is not None and last.drawn.outline:
            return draft_sides.land_again(self._cursor, self._zone_id, law, last.land, last.drawn.outline, edit.boxes)
        return draft_sides.land(self._cursor, self._zone_id, law)

    def _read_again(self, relation: str, edit: ZoneEdit, cells: set[int], known: Rows) -> tuple[Rows, set[int]]:
        """Read what a relation says in these squares, and return the squares in which it says something else."""
        if not cells:
            return known, set()
        law = self._read(relation, cells - known.cells)
        was = {**law, **{key: told for key, told in known.draft.items() if told.cell_key in cells}}
        only = self._may_move(relation, edit, cells, was)
        if only is None:
            now = self._read(relation, cells, draft=self._zone_id)
        else:
            now = self._read(relation, set(only.values()), draft=self._zone_id, only=only)
            now = {**{key: told for key, told in was.items() if key not in only}, **now}
        rest = {key: told for key, told in known.draft.items() if told.cell_key not in cells}
        moved = {(now.get(key) or was[key]).cell_key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
        return Rows(known.cells | cells, {**known.law, **law}, {**rest, **now}), moved

    def _may_move(
        self, relation: str, edit: ZoneEdit, cells: set[int], was: Mapping[str, Told]
    ) -> dict[str, int] | None:
        """Return the ids in these squares that an edit may move, with their squares; None for all."""
        if not isinstance(edit, ContentEdit) or not edit.names_the_same or not edit.same_error:
            return None
        return zone_rows.near_boxes(self._cursor, relation, cells, edit, was)

    def _read(self, relation: str, cells: set[int], **asked: Any) -> dict[str, Told]:
        return zone_rows.read(self._conn, relation, self._kind, cells, day=self._day, lineage=self._lineage, **asked)

    def _judge_again(self, rule: Rule, edit: ZoneEdit, known: Mapping[Key, Difference]) -> Mapping[Key, Difference]:
        """Return what changes by a rule: judged where the edit may matter, as it was known everywhere else."""
        asked = relations.zone_relations(rule)
        if asked and asked <= ASKED_ROW_BY_ROW:
            moved = {"village_cover": edit.villages, "site_in_zone": edit.sites}
            if not any(moved[relation] for relation in asked):
                return known
        area = incremental.area_of(rule, Changes(zones=[edit]))
        if area == incremental.NOWHERE:
            return known
        kept = {key: one for key, one in known.items() if not _within(one, area)}
        before = {_key(row): row for row in self._by_law(rule, area)}
        after = {_key(row): row for row in engine.rows_of(self._conn, rule, self._day, area, draft=self._zone_id)}
        fresh = {key for key in before.keys() | after.keys() if _differ(rule, before.get(key), after.get(key))}
        cells = self._cells(fresh)
        for key in before.keys() | after.keys():
            kept.pop(key, None)
        return {**kept, **{key: Difference(before.get(key), after.get(key), cells.get(key)) for key in fresh}}

    def _by_law(self, rule: Rule, area: Area | None) -> list[Row]:
        """Return what a rule finds by the law; of whole counties it is kept, for they are asked time and again."""
        if area is not None and area.counties is None:
            return engine.rows_of(self._conn, rule, self._day, area)
        key = (self._state, rule.id, area)
        rows = _law.find(key)
        if rows is None:
            rows = self._law_read[key] = engine.rows_of(self._conn, rule, self._day, area)
        return rows

    def _cells(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Return the squares of those that are sites or villages."""
        found: dict[Key, int] = {}
        for kind in finding_life.PLACED_KINDS:
            own = [key for key in keys if key[0] == kind]
            if own:
                places = changes.cells_of_features(self._cursor, kind, {key[1] for key in own})
                found.update({key: places[key[1]] for key in own if key[1] in places})
        return found


def _day(state: tuple[Any, ...]) -> dt.date:
    return next(value for value in state if isinstance(value, dt.date))


def _key(row: Row) -> Key:
    return row.feature_kind, row.feature_id, row.part


def _differ(rule: Rule, before: Row | None, after: Row | None) -> bool:
    if before is None or after is None:
        return True
    return matter(rule, before) != matter(rule, after)


def matter(rule: Rule, row: Row) -> str:
    """Return what of a finding matters: where it is the same, nothing changed."""
    return finding.material(rule.material, row.certainty, row.facts)


def _within(one: Difference, area: Area | None) -> bool:
    """Return whether a finding lies where a rule judges again."""
    if area is None:
        return True
    if area.counties is not None:
        return any(row.county_code in area.counties for row in (one.before, one.after) if row is not None)
    return one.cell_key is None or one.cell_key in area.judged
