"""The life of findings: what a finished evaluation changes in the living ones, or keeps as a report."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from gridmap.domain import finding
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.store import features


@dataclass
class Changes:
    """How many findings of a rule a run opened, met again, and so on."""

    opened: int = 0
    still_there: int = 0
    changed: int = 0
    gone: int = 0
    reopened: int = 0


def keep_report(cursor: Cursor, run_id: int, rule: Rule, rows: Sequence[Row]) -> None:
    """Store what a rule found on another day or under a draft: it opens and closes nothing."""
    execute_values(
        cursor,
        "INSERT INTO gridmap.run_finding (run_id, key, rule_id, county_code, feature_kind, feature_id, part, name, "
        "certainty, severity, facts, geom) VALUES %s",
        [(run_id, *_common(rule, row)) for row in rows],
        template="(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, ST_SetSRID(%s::geometry, 4490))",
        page_size=500,
    )


def apply(
    cursor: Cursor,
    run_id: int,
    rule: Rule,
    rows: Sequence[Row],
    *,
    day: dt.date,
    counties: Sequence[str] | None,
    cause: str,
) -> Changes:
    """Hold a rule's complete answer against its living findings and write the difference.

    New, still there, material facts changed, gone, reopened. "Gone" is said only of the counties judged.
    cause: why a finding whose feature is still there would be gone: cured, rule_changed or zone_changed.
    """
    changes = Changes()
    living = _living(cursor, rule.id)
    found = {finding.key(rule.id, row.feature_id, row.part): row for row in rows}
    writes: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for key, row in found.items():
        before = living.get(key)
        if before is None:
            event, reopened = "opened", 0
            changes.opened += 1
        elif before.status == "gone":
            event, reopened = "reopened", 1
            changes.reopened += 1
        elif finding.material(rule.material, row.certainty, row.facts) != finding.material(
            rule.material, before.certainty, before.facts
        ):
            event, reopened = "changed", 0
            changes.changed += 1
        else:
            changes.still_there += 1
            continue
        writes.append((*_common(rule, row), day, day, reopened, run_id, run_id))
        events.append((key, run_id, event, None, day, json.dumps(row.facts, ensure_ascii=False)))
    lost = [
        row
        for key, row in living.items()
        if key not in found and row.status != "gone" and (counties is None or row.county_code in counties)
    ]
    for row, reason in _reasons(cursor, lost, cause):
        events.append((row.key, run_id, "gone", reason, day, None))
        cursor.execute(
            "UPDATE gridmap.finding SET status = 'gone', gone_reason = %s, gone_on = %s, last_run_id = %s "
            "WHERE key = %s",
            [reason, day, run_id, row.key],
        )
        changes.gone += 1
    _write(cursor, writes, events)
    _touch(cursor, sorted(set(found) - {write[0] for write in writes}), day)
    return changes


def retire(cursor: Cursor, run_id: int, known: Sequence[str], day: dt.date) -> int:
    """End the findings of rules that no longer exist, and return how many."""
    cursor.execute(
        "WITH ended AS (UPDATE gridmap.finding SET status = 'gone', gone_reason = 'rule_retired', gone_on = %(day)s, "
        "last_run_id = %(run)s WHERE status <> 'gone' AND NOT rule_id = ANY(%(known)s) RETURNING key), "
        "told AS (INSERT INTO gridmap.finding_event (key, run_id, event, reason, on_day) "
        "SELECT ended.key, %(run)s, 'gone', 'rule_retired', %(day)s FROM ended RETURNING 1) SELECT count(*) FROM told",
        {"day": day, "run": run_id, "known": list(known)},
    )
    return int(cursor.fetchone()[0])


def _common(rule: Rule, row: Row) -> tuple[Any, ...]:
    return (
        finding.key(rule.id, row.feature_id, row.part),
        rule.id,
        row.county_code,
        row.feature_kind,
        row.feature_id,
        row.part,
        row.name,
        row.certainty,
        rule.severity,
        json.dumps(row.facts, ensure_ascii=False, sort_keys=True),
        row.geom_hex,
    )


def _living(cursor: Cursor, rule_id: str) -> dict[str, Any]:
    cursor.execute(
        "SELECT key, status, certainty, facts, county_code, feature_kind, feature_id FROM gridmap.finding "
        "WHERE rule_id = %s FOR UPDATE",
        [rule_id],
    )
    return {row.key: row for row in cursor.fetchall()}


def _reasons(cursor: Cursor, lost: Sequence[Any], cause: str) -> list[tuple[Any, str]]:
    """Say of each lost finding why it is gone: its feature is, else the cause common to this run."""
    present: dict[str, set[str]] = {
        kind: set(features.places(cursor, kind, [row.feature_id for row in lost if row.feature_kind == kind]))
        for kind in {row.feature_kind for row in lost} & features.KINDS
    }
    return [
        (row, "feature_removed" if row.feature_id not in present.get(row.feature_kind, {row.feature_id}) else cause)
        for row in lost
    ]


def _write(cursor: Cursor, writes: Sequence[tuple[Any, ...]], events: Sequence[tuple[Any, ...]]) -> None:
    execute_values(
        cursor,
        "INSERT INTO gridmap.finding AS f (key, rule_id, county_code, feature_kind, feature_id, part, name, "
        "certainty, severity, facts, geom, opened_on, last_seen_on, reopened_count, first_run_id, last_run_id, status) "
        "VALUES %s ON CONFLICT (key) DO UPDATE SET county_code = excluded.county_code, name = excluded.name, "
        "certainty = excluded.certainty, severity = excluded.severity, facts = excluded.facts, geom = excluded.geom, "
        "last_seen_on = excluded.last_seen_on, reopened_count = f.reopened_count + excluded.reopened_count, "
        "last_run_id = excluded.last_run_id, gone_on = NULL, gone_reason = NULL, "
        "status = CASE WHEN f.status = 'gone' THEN 'open' ELSE f.status END",
        writes,
        template="(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, ST_SetSRID(%s::geometry, 4490), "
        "%s, %s, %s, %s, %s, 'open')",
        page_size=500,
    )
    execute_values(
        cursor,
        "INSERT INTO gridmap.finding_event (key, run_id, event, reason, on_day, facts) VALUES %s",
        events,
        template="(%s, %s, %s, %s, %s, %s::jsonb)",
        page_size=500,
    )


def _touch(cursor: Cursor, keys: Sequence[str], day: dt.date) -> None:
    """A finding met again on a later day was last seen then; on the same day nothing is written."""
    if keys:
        cursor.execute(
            "UPDATE gridmap.finding SET last_seen_on = %s WHERE key = ANY(%s) AND last_seen_on <> %s",
            [day, list(keys), day],
        )
