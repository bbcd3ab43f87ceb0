"""Judge again only what may have changed: the rules that read it, in the squares where it may matter."""

from __future__ import annotations

import time
from collections.abc import Mapping

from gridmap.db import session
from gridmap.db.session import Connection
from gridmap.domain.rule import Rule
from gridmap.rules import catalogue as catalogues
from gridmap.rules import engine
from gridmap.rules.catalogue import Catalogue
from gridmap.rules.engine import Area, RunSummary
from gridmap.store import changes as store
from gridmap.store import runs, zone_cells
from gridmap.store.changes import Changes
from gridmap.store.runs import RuleCounts

MOST_CELLS = 1500
"""More squares than this are judged no faster than the whole city."""

LOCAL_REACH_M = 20000.0
"""A rule to whose verdict rows farther away than this may matter is judged whole."""


NOWHERE = Area(frozenset(), frozenset())


def rejudge(conn: Connection, catalogue: Catalogue | None = None) -> RunSummary | None:
    """Bring the living findings up to date with what changed, and return the run, None when nothing did.

    The result is that of a whole audit of the same today. Where that cannot be had from the changes alone (another
    day, other rules, a run that failed, a change that nothing noted) it is a whole audit. Errors: as audit().
    """
    started = time.perf_counter()
    # rules that judged before were held to their headers then; a whole audit checks them again
    rules = catalogue or catalogues.load()
    with runs.one_audit_at_a_time(conn):
        last = runs.latest(conn, "living")
        if last is not None and engine.is_current(conn, None, rules) and last.status == "complete":
            return None
        today = session.today(conn)
        if last is None or last.status != "complete" or last.today != today or last.software != engine.software(rules):
            return engine.audit(conn, catalogue=catalogue)
        with session.transaction(conn) as cursor:
            changes = store.since(cursor, last.run_id)
            zone_cells.build_missing(cursor)
        if not changes.relations:
            return engine.audit(conn, catalogue=catalogue)
        before = {row.rule_id: row for row in runs.list_rule_counts(conn, last.run_id)}
        run = engine.begin(conn, "living", today, None, None, rules)
        with session.transaction(conn) as cursor:
            for rule in rules.rules:
                if rule.id in before and area_of(rule, changes) == NOWHERE:
                    counts = _unchanged(before[rule.id])
                    runs.record(cursor, run.run_id, counts)
                    run.counts.append(counts)
        for rule in rules.rules:
            area = area_of(rule, changes)
            if area != NOWHERE or rule.id not in before:
                engine.judge(conn, run, rule, area if rule.id in before else None)
        return engine.finish(conn, run, rules, started, retire=False)


def area_of(rule: Rule, changes: Changes) -> Area | None:
    """Return where a rule must judge again: nowhere, in some squares, or (None) everywhere."""
    touched = changes.relations & ({rule.judges} | set(rule.reads))
    if not touched:
        return NOWHERE
    own = {"site": set(changes.cells) - {"village", "zone"}, "village": {"village"}}.get(rule.judges)
    if own is None or touched & changes.whole or touched - own - {"zone"} or rule.reach_m > LOCAL_REACH_M:
        return None
    cells: set[int] = set()
    for relation in touched - {"zone"}:
        cells |= changes.cells[relation]
    if "zone" in touched:
        cells |= changes.zone_sites if rule.judges == "site" else changes.zone_villages
    judged = zone_cells.neighbourhood(cells, rule.reach_m) if rule.reach_m else cells
    seen = zone_cells.neighbourhood(judged, rule.reach_m) if rule.reach_m else judged
    return Area(frozenset(judged), frozenset(seen)) if len(seen) <= MOST_CELLS else None


def _unchanged(row: RuleCounts) -> RuleCounts:
    """Return the counts of a rule that no change concerns, as this run's own."""
    counts: Mapping[str, object] = {name: getattr(row, name) for name in RuleCounts.__dataclass_fields__}
    total = row.breach + row.near_boundary + row.report
    fresh = {"duration_ms": 0.0, "opened": 0, "still_there": total, "changed": 0, "gone": 0, "reopened": 0}
    return RuleCounts(**{**counts, **fresh})  # type: ignore[arg-type]
