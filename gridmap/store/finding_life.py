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

PLACED_KINDS = ("site", "village")
"""Features that lie in one square each: a judgement of some squares leaves those of all others alone."""


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
        template="(%s, " + _FACTS + ")",
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
    cells: frozenset[int] | None = None,
    cause: str,
) -> Changes:
    """Hold a rule's complete answer against its living findings and write the difference.

    New, still there, material facts changed, gone, reopened. "Gone" is said only of the counties judged, and with
    cells (keys of squares) only of the sites and villages that were found there.
    An exception lapses when its last day is past or the facts that matter are no longer those accepted; a finding
    that comes back with an exception that still holds resumes it.
    cause: why a finding whose feature is still there would be gone: cured, rule_changed or zone_changed.
    """
    changes = Changes()
    found = {finding.key(rule.id, row.feature_id, row.part): row for row in rows}
    living = _living(cursor, rule.id, list(found), counties, cells)
    inserts: list[tuple[Any, ...]] = []
    updates: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for key, row in found.items():
        before = living.get(key)
        step = _step(rule, row, before, day)
        if step is None and before is not None:
            changes.still_there += 1
            if (before.name, before.facts, before.geom) != (row.name, row.facts, row.geom_hex):
                # nothing that matters, so no event; but a page must not show where the feature was
                updates.append((*_common(rule, row), before.status, day, 0, 0, run_id))
            continue
        assert step is not None
        setattr(changes, step.event, getattr(changes, step.event) + 1)
        events.append((key, run_id, step.event, step.reason, day, json.dumps(row.facts, ensure_ascii=False)))
        if step.event == "opened":
            inserts.append((*_common(rule, row), day, day, run_id, run_id))
        else:
            back = step.event == "reopened"
            resurges = step.reason == "resurgence"
            updates.append((*_common(rule, row), step.status, day, int(back), int(resurges), run_id))
    lost = [
        row
        for key, row in living.items()
        if key not in found
        and row.status != "gone"
        and (counties is None or row.county_code in counties)
        and (cells is None or row.feature_kind not in PLACED_KINDS or row.cell_key in cells)
    ]
    gone = _reasons(cursor, lost, cause)
    events += [(row.key, run_id, "gone", reason, day, None) for row, reason in gone]
    changes.gone = len(gone)
    _insert(cursor, inserts)
    _update(cursor, updates)
    _end(cursor, run_id, day, gone)
    _tell(cursor, events)
    _touch(cursor, sorted(set(found) - {row[0] for row in (*inserts, *updates)}), day)
    return changes


@dataclass(frozen=True)
class _Step:
    """What happens to a finding that a run found: the event, why, and its status afterwards."""

    event: str
    reason: str | None
    status: str


def _step(rule: Rule, row: Row, before: Any | None, day: dt.date) -> _Step | None:
    """Return what happens to a finding, None when it is simply still there."""
    if before is None:
        return _Step("opened", None, "open")
    now = finding.material(rule.material, row.certainty, row.facts)
    holds = before.accepted_until is not None and before.accepted_until >= day
    if before.status == "gone":
        if holds and before.accepted_material == now:
            return _Step("reopened", "exception_resumed", "accepted")
        return _Step("reopened", "resurgence" if before.gone_reason == "cured" else before.gone_reason, "open")
    if before.status == "accepted":
        if not holds:
            return _Step("reopened", "expired", "open")
        return None if before.accepted_material == now else _Step("reopened", "material_changed", "open")
    if finding.material(rule.material, before.certainty, before.facts) != now:
        return _Step("changed", None, "open")
    return None


def totals(cursor: Cursor, rule_id: str) -> dict[str, int]:
    """Count the living findings of a rule by certainty."""
    cursor.execute(
        "SELECT count(*) FILTER (WHERE certainty = 'breach') AS breach, "
        "count(*) FILTER (WHERE certainty = 'near_boundary') AS near_boundary, "
        "count(*) FILTER (WHERE certainty = 'report') AS report "
        "FROM gridmap.finding WHERE rule_id = %s AND status <> 'gone'",
        [rule_id],
    )
    return dict(cursor.fetchone()._asdict())


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


def _living(
    cursor: Cursor, rule_id: str, found: Sequence[str], counties: Sequence[str] | None, cells: frozenset[int] | None
) -> dict[str, Any]:
    """Lock and return a rule's findings: those found again, and all that a judgement so narrowed may find gone."""
    within = "" if counties is None else " AND w.county_code = ANY(%(counties)s)"
    if cells is None:
        of_scope = "SELECT w.key FROM gridmap.finding AS w WHERE w.rule_id = %(rule)s" + within
    else:
        of_scope = (
            "SELECT w.key FROM gridmap.finding AS w "
            "WHERE w.rule_id = %(rule)s AND w.cell_key = ANY(%(cells)s::bigint[])" + within + " UNION ALL "
            # what lies in no one square is judged whole
            "SELECT w.key FROM gridmap.finding AS w "
            "WHERE w.rule_id = %(rule)s AND NOT w.feature_kind = ANY(%(placed)s)" + within
        )
    narrow = counties is not None or cells is not None
    cursor.execute(
        "SELECT key, status, gone_reason, name, certainty, facts, f.geom, county_code, feature_kind, feature_id, "
        "accepted_until, accepted_material, cell_key FROM gridmap.finding AS f WHERE "
        + (
            "f.key IN (" + of_scope + " UNION ALL SELECT unnest(%(found)s::text[]))"
            if narrow
            else "f.rule_id = %(rule)s"
        )
        + " FOR UPDATE OF f",
        {
            "rule": rule_id,
            "found": list(found),
            "counties": None if counties is None else list(counties),
            "cells": None if cells is None else list(cells),
            "placed": list(PLACED_KINDS),
        },
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


_FACTS = "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, ST_SetSRID(%s::geometry, 4490)"


def _insert(cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
    execute_values(
        cursor,
        "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, part, name, certainty, "
        "severity, facts, geom, opened_on, last_seen_on, first_run_id, last_run_id, status) VALUES %s",
        rows,
        template="(" + _FACTS + ", %s, %s, %s, %s, 'open')",
        page_size=500,
    )


def _update(cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write what is known anew of findings that were there; one that is open again has lost its exception."""
    execute_values(
        cursor,
        "UPDATE gridmap.finding AS f SET county_code = n.county_code, name = n.name, certainty = n.certainty, "
        "severity = n.severity, facts = n.facts, geom = n.geom, status = n.status, last_seen_on = n.day, "
        "reopened_count = f.reopened_count + n.back, resurgence_count = f.resurgence_count + n.resurges, "
        "last_run_id = n.run_id, gone_on = NULL, gone_reason = NULL, "
        "accepted_reason = CASE WHEN n.status = 'accepted' THEN f.accepted_reason END, "
        "accepted_document = CASE WHEN n.status = 'accepted' THEN f.accepted_document END, "
        "accepted_by = CASE WHEN n.status = 'accepted' THEN f.accepted_by END, "
        "accepted_on = CASE WHEN n.status = 'accepted' THEN f.accepted_on END, "
        "accepted_until = CASE WHEN n.status = 'accepted' THEN f.accepted_until END, "
        "accepted_material = CASE WHEN n.status = 'accepted' THEN f.accepted_material END "
        "FROM (VALUES %s) AS n (key, rule_id, county_code, feature_kind, feature_id, part, name, certainty, severity, "
        "facts, geom, status, day, back, resurges, run_id) WHERE f.key = n.key",
        rows,
        template="(" + _FACTS + ", %s, %s::date, %s, %s, %s)",
        page_size=500,
    )


def _end(cursor: Cursor, run_id: int, day: dt.date, gone: Sequence[tuple[Any, str]]) -> None:
    """Mark findings as gone; an exception is kept, so that it can resume."""
    execute_values(
        cursor,
        "UPDATE gridmap.finding AS f SET status = 'gone', gone_reason = n.reason, gone_on = n.day, "
        "last_run_id = n.run_id FROM (VALUES %s) AS n (key, reason, day, run_id) WHERE f.key = n.key",
        [(row.key, reason, day, run_id) for row, reason in gone],
        template="(%s, %s, %s::date, %s)",
        page_size=500,
    )


def _tell(cursor: Cursor, events: Sequence[tuple[Any, ...]]) -> None:
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
