"""What the last audits found by each rule: the trend, and whether a rule failed when it was judged last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.db.session import Connection, transaction

# runs over some counties only would look like a fall; the newest row tells whether the rule failed
_LAST = """
SELECT * FROM (
    SELECT
        rr.rule_id, rr.run_id, r.as_of, rr.status, rr.error, rr.breach, rr.near_boundary, rr.report, rr.opened,
        rr.changed, rr.gone, rr.reopened,
        ROW_NUMBER() OVER (PARTITION BY rr.rule_id ORDER BY rr.run_id DESC) AS age
    FROM gridmap.run_rule AS rr
    INNER JOIN gridmap.run AS r ON r.run_id = rr.run_id
    WHERE r.kind = 'living' AND r.draft_zone_id IS NULL AND r.counties IS NULL
        AND (%(rules)s::text[] IS NULL OR rr.rule_id = ANY(%(rules)s::text[]))
) AS l
WHERE l.age <= %(runs)s
ORDER BY l.rule_id, l.run_id
"""

# the numbers are the whole city's; whoever sees a part of it is told whether a rule failed, and no more
_FAILED = """
SELECT l.rule_id, l.run_id, l.as_of, l.status
FROM (
    SELECT
        rr.rule_id, rr.run_id, r.as_of, rr.status,
        ROW_NUMBER() OVER (PARTITION BY rr.rule_id ORDER BY rr.run_id DESC) AS age
    FROM gridmap.run_rule AS rr
    INNER JOIN gridmap.run AS r ON r.run_id = rr.run_id
    WHERE r.kind = 'living' AND r.draft_zone_id IS NULL AND r.counties IS NULL
        AND (%(rules)s::text[] IS NULL OR rr.rule_id = ANY(%(rules)s::text[]))
) AS l
WHERE l.age = 1 AND l.status = 'failed'
"""

# the last complete result may be older than the runs that a trend shows
_LAST_COMPLETE = """
SELECT rr.rule_id, max(r.as_of) AS day
FROM gridmap.run_rule AS rr
INNER JOIN gridmap.run AS r ON r.run_id = rr.run_id
WHERE r.kind = 'living' AND r.draft_zone_id IS NULL AND rr.status = 'complete' AND rr.rule_id = ANY(%s)
GROUP BY rr.rule_id
"""


@dataclass(frozen=True)
class Point:
    """What one audit found by a rule. status: complete, failed or not_yet."""

    run_id: int
    as_of: dt.date
    status: str
    error: str | None = None
    breach: int = 0
    near_boundary: int = 0
    report: int = 0
    opened: int = 0
    changed: int = 0
    gone: int = 0
    reopened: int = 0


@dataclass(frozen=True)
class Trend:
    """The last audits of a rule, oldest first. last_complete_on: filled when the newest of them failed."""

    rule_id: str
    points: tuple[Point, ...]
    last_complete_on: dt.date | None = None

    @property
    def failure(self) -> Point | None:
        """Return the newest audit when the rule failed in it."""
        return self.points[-1] if self.points and self.points[-1].status == "failed" else None

    @property
    def judged(self) -> tuple[Point, ...]:
        """Return the audits that judged the rule to its end."""
        return tuple(point for point in self.points if point.status == "complete")


def list_trends(conn: Connection, rules: Sequence[str] | None = None, *, runs: int = 12) -> dict[str, Trend]:
    """Return rule id -> trend over the last living audits of the whole city; a rule never judged has none.

    For whoever may see the whole city; list_failures() is for everybody else.
    """
    points: dict[str, list[Point]] = {}
    with transaction(conn) as cursor:
        cursor.execute(_LAST, {"rules": list(rules) if rules is not None else None, "runs": runs})
        for row in cursor.fetchall():
            values = {name: getattr(row, name) for name in Point.__dataclass_fields__}
            points.setdefault(row.rule_id, []).append(Point(**values))
        failed = [rule_id for rule_id, found in points.items() if found[-1].status == "failed"]
        cursor.execute(_LAST_COMPLETE, [failed])
        complete = {row.rule_id: row.day for row in cursor.fetchall()}
    return {rule_id: Trend(rule_id, tuple(found), complete.get(rule_id)) for rule_id, found in points.items()}


def list_failures(conn: Connection, rules: Sequence[str] | None = None) -> dict[str, Trend]:
    """Return rule id -> trend of one point without numbers, for the rules that failed when they were judged last."""
    with transaction(conn) as cursor:
        cursor.execute(_FAILED, {"rules": list(rules) if rules is not None else None})
        failed = {row.rule_id: Point(row.run_id, row.as_of, row.status) for row in cursor.fetchall()}
        cursor.execute(_LAST_COMPLETE, [list(failed)])
        complete = {row.rule_id: row.day for row in cursor.fetchall()}
    return {rule_id: Trend(rule_id, (point,), complete.get(rule_id)) for rule_id, point in failed.items()}
