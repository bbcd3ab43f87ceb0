"""What is known of some sites today: open findings, last visits, deadlines. Row-level security narrows all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from gridmap.db.session import Connection, transaction
from gridmap.domain.repeat import NEVER, Repeat
from gridmap.store.repeats import read_repeats

# site by site: each is a walk down an index, and the planner is not tempted to read a whole table for a few
_VISITS_AND_CASES = """
SELECT
    s.site_id,
    (SELECT max(i.inspected_on) FROM gridmap.inspection AS i
        WHERE i.site_id = s.site_id AND i.inspected_on <= gridmap.today()) AS inspected_on,
    (SELECT max(p.patrolled_on) FROM gridmap.patrol_round AS p
        WHERE p.site_id = s.site_id AND p.patrolled_on <= gridmap.today()) AS patrolled_on,
    (SELECT max(r.reported_on) FROM gridmap.report AS r
        WHERE r.site_id = s.site_id AND r.reported_on <= gridmap.today()) AS reported_on,
    (SELECT min(c.due_on) FROM gridmap.case_file AS c
        WHERE c.site_id = s.site_id AND c.filed_on <= gridmap.today() AND c.is_tracked
            AND (c.closed_on IS NULL OR c.closed_on > gridmap.today())) AS due_on,
    gridmap.today() AS today
FROM unnest(%(sites)s) AS s (site_id)
"""

_FINDINGS = """
SELECT f.feature_id AS site_id, f.key, f.rule_id, f.certainty, f.severity, f.reopened_count
FROM gridmap.finding AS f
WHERE f.feature_kind = 'site' AND f.feature_id = ANY(%(sites)s) AND f.status = 'open'
ORDER BY
    f.feature_id, array_position(ARRAY['breach', 'near_boundary', 'report'], f.certainty),
    array_position(ARRAY['high', 'medium', 'low'], f.severity), f.rule_id, f.key
"""


@dataclass(frozen=True)
class OpenFinding:
    """An open finding of a site. reopened_count: how often it came back."""

    key: str
    rule_id: str
    certainty: str
    severity: str
    reopened_count: int


@dataclass(frozen=True)
class SiteRecord:
    """What is known of a site. last_visit_on, last_visit_kind: inspected, patrolled or reported; None for never.

    due_on: nearest deadline of its open cases, None without one. findings: open ones, worst first. repeat: what is
    repeated there.
    """

    today: dt.date
    last_visit_on: dt.date | None = None
    last_visit_kind: str | None = None
    due_on: dt.date | None = None
    findings: tuple[OpenFinding, ...] = field(default=())
    repeat: Repeat = NEVER

    @property
    def days_since_visit(self) -> int | None:
        """Return how many days ago somebody was there, None for never."""
        return None if self.last_visit_on is None else (self.today - self.last_visit_on).days

    @property
    def days_left(self) -> int | None:
        """Return the days to the nearest deadline, negative when it has passed."""
        return None if self.due_on is None else (self.due_on - self.today).days


def records_of(conn: Connection, site_ids: Sequence[str]) -> dict[str, SiteRecord]:
    """Return what the connection's reader may know of sites today, by id."""
    if not site_ids:
        return {}
    values = {"sites": list(site_ids)}
    found: dict[str, list[OpenFinding]] = {}
    with transaction(conn) as cursor:
        cursor.execute(_FINDINGS, values)
        for row in cursor.fetchall():
            found.setdefault(row.site_id, []).append(OpenFinding(*row[1:]))
        cursor.execute(_VISITS_AND_CASES, values)
        rows = cursor.fetchall()
        repeats = read_repeats(cursor, values["sites"])
    records = {}
    for row in rows:
        # of two on one day the more thorough one
        visits = [(row.inspected_on, "inspected"), (row.patrolled_on, "patrolled"), (row.reported_on, "reported")]
        told = [visit for visit in visits if visit[0] is not None]
        day, kind = max(told, key=lambda visit: visit[0]) if told else (None, None)
        repeat = repeats.get(("site", row.site_id), NEVER)
        records[row.site_id] = SiteRecord(row.today, day, kind, row.due_on, tuple(found.get(row.site_id, ())), repeat)
    return records
