"""Judge again only what may have changed: the rules that read it, in the squares where it may matter."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from gridmap.db import session
from gridmap.db.session import Connection
from gridmap.domain.rule import Rule
from gridmap.rules import catalogue as catalogues
from gridmap.rules import engine, relations
from gridmap.rules.catalogue import Catalogue
from gridmap.rules.engine import Area, RunSummary
from gridmap.store import changes as store
from gridmap.store import finding_life, runs, zone_cells
from gridmap.store.changes import Changes
from gridmap.store.runs import RuleCounts
from gridmap.store.zone_edits import ZoneEdit

MOST_CELLS = 1500
"""More squares than this are judged no faster than the whole city."""

LOCAL_REACH_M = 20000.0
"""A rule to whose verdict rows farther away than this may matter is judged whole."""


ZONES_BY_SQUARE = relations.ZONES_IN_SQUARES | {"zone"}
ZONES_BY_COUNTY = relations.ZONES_IN_COUNTIES | {"zone"}

NOWHERE = Area()


def rejudge(conn: Connection, catalogue: Catalogue | None = None, *, wait_s: float = 60) -> RunSummary | None:
    """Bring the living findings up to date with what changed, and return the run, None when nothing did.

    The result is that of a whole audit of the same today. Where that cannot be had from the changes alone (another
    day, other rules, a run that failed, a change that nothing noted) it is a whole audit. Errors: as audit().
    wait_s: how long to wait for another audit, seconds.
    """
    started = time.perf_counter()
    # rules that judged before were held to their headers then; a whole audit checks them again
    rules = catalogue or catalogues.load()
    with runs.one_audit_at_a_time(conn, wait_s):
        last = runs.latest(conn, "living")
        if last is not None and engine.is_current(conn, None, rules) and last.status == "complete":
            return None
        today = session.today(conn)
        if last is None or last.status != "complete" or last.today != today or last.software != engine.software(rules):
            return engine.audit(conn, catalogue=catalogue)
        before = {row.rule_id: row for row in runs.list_rule_counts(conn, last.run_id)}
        # the run begins before the changes are read: what comes in between is judged now, and once more next time
        run = engine.begin(conn, "living", today, None, None, rules)
        with session.transaction(conn) as cursor:
            zone_cells.build_missing(cursor)
            changes = store.since(cursor, last.run_id)
            areas = {rule.id: area_of(rule, changes) if changes.noted else None for rule in rules.rules}
            for rule in rules.rules:
                if rule.id in before and areas[rule.id] == NOWHERE:
                    counts = _unchanged(before[rule.id])
                    runs.record(cursor, run.run_id, counts)
                    run.counts.append(counts)
        for rule in rules.rules:
            area = areas[rule.id]
            if area != NOWHERE or rule.id not in before:
                engine.judge(conn, run, rule, area if rule.id in before else None)
        return engine.finish(conn, run, rules, started, retire=False, count_cells=False)


def can_go_on(conn: Connection, rules: Catalogue) -> bool:
    """Return whether the last audit leaves only changes to judge: a whole one takes longer than a page may wait."""
    last = runs.latest(conn, "living")
    return (
        last is not None
        and last.status == "complete"
        and last.today == session.today(conn)
        and last.software == engine.software(rules)
    )


def area_of(rule: Rule, changes: Changes) -> Area | None:
    """Return where a rule must judge again: nowhere, in some squares or counties, or (None) everywhere."""
    zones = [edit for edit in changes.zones if relations.asks_zone(rule, edit.kind)]
    touched = changes.relations & ({rule.judges} | set(rule.reads))
    if not zones and "zone" not in changes.whole:
        touched -= {"zone"}
    if not touched:
        return NOWHERE
    if touched & changes.whole or rule.reach_m > LOCAL_REACH_M:
        return None
    asked = relations.zone_relations(rule)
    if "zone" in asked and any(edit.is_new for edit in zones):
        return None
    own = {"site": set(changes.cells) - {"village"}, "village": {"village"}}.get(rule.judges, set())
    by_square = asked <= ZONES_BY_SQUARE and relations.finds(rule) <= {rule.judges}
    if rule.judges in finding_life.PLACED_KINDS and not touched - own - {"zone"} and (by_square or not zones):
        # where only zones changed, a rule about boilers need not look at restaurants
        tables = relations.site_tables(rule) if touched == {"zone"} and rule.judges == "site" else set()
        return _squares(rule, zones, [changes.cells[relation] for relation in touched - {"zone"}], tables)
    return _counties(rule, zones) if touched == {"zone"} and asked <= ZONES_BY_COUNTY else None


def _squares(rule: Rule, zones: Sequence[ZoneEdit], cells: Sequence[set[int]], tables: set[str]) -> Area | None:
    """Return the squares in which sites or villages changed, or zones may judge them anew."""
    changed = set().union(*cells, *(edit.sites if rule.judges == "site" else edit.villages for edit in zones))
    judged = zone_cells.neighbourhood(changed, rule.reach_m) if rule.reach_m else changed
    seen = zone_cells.neighbourhood(judged, rule.reach_m) if rule.reach_m else judged
    if tables and not rule.reach_m:
        return Area(frozenset(judged), frozenset(seen), tables=frozenset(tables))
    return Area(frozenset(judged), frozenset(seen)) if len(seen) <= MOST_CELLS else None


def _counties(rule: Rule, zones: Sequence[ZoneEdit]) -> Area | None:
    """Return the counties in which zones may judge land, townships or zones anew."""
    counties: set[str] = set()
    villages = bool(relations.finds(rule) & {*finding_life.PLACED_KINDS, ""})
    for edit in zones:
        within = edit.counties_within(zone_cells.NEAR_M + rule.reach_m, villages=villages)
        if within is None:
            return None
        counties |= within
    return Area(counties=frozenset(counties))


def _unchanged(row: RuleCounts) -> RuleCounts:
    """Return the counts of a rule that no change concerns, as this run's own."""
    counts: Mapping[str, object] = {name: getattr(row, name) for name in RuleCounts.__dataclass_fields__}
    total = row.breach + row.near_boundary + row.report
    fresh = {"duration_ms": 0.0, "opened": 0, "still_there": total, "changed": 0, "gone": 0, "reopened": 0}
    return RuleCounts(**{**counts, **fresh})  # type: ignore[arg-type]
