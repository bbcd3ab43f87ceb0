"""What is repeated at sites and other features on a day, for many of them at once (domain/repeat.py says what counts).

Everything is read from small sides: cases with hand-overs, findings that ever came back, inspections of
which a measure was not kept or an item failed.
A city's hundred thousand sites are never walked. Row-level security narrows all of it to what the reader may see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.db import prepared
from gridmap.db.session import Connection, snapshot
from gridmap.domain.repeat import HANDED_RULE, LEAST_FAILED, LEAST_HANDED, RETURN_RULE, WINDOW_DAYS, Repeat

# the day is asked in subqueries, once: for every row it would cost more than all the rest
# a hand-over of a case that is closed by then counts no more, but is still told
_HANDED = """
SELECT
    'site' AS feature_kind, c.site_id AS feature_id,
    count(*) FILTER (
        WHERE h.handed_on > (SELECT snapshot.as_of()) - %(window_days)s
            AND (c.closed_on IS NULL OR c.closed_on > (SELECT snapshot.as_of()))
    ) AS handed,
    count(*) AS handed_ever, max(h.handed_on) AS handed_on
FROM gridmap.case_file AS c
INNER JOIN gridmap.case_handover AS h ON h.case_id = c.case_id AND h.handed_on <= (SELECT snapshot.as_of())
WHERE /*of*/ AND c.filed_on <= (SELECT snapshot.as_of())
GROUP BY c.site_id
"""

# the events tell every day's truth: what came back, and whether it still stands or did so within the window
_RESURGED = """
SELECT f.feature_kind, f.feature_id, sum(life.times)::bigint AS resurged, max(life.last_on) AS resurged_on
FROM gridmap.finding AS f
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE e.reason = 'resurgence') AS times,
        max(e.on_day) FILTER (WHERE e.reason = 'resurgence') AS last_on,
        (array_agg(e.event ORDER BY e.event_id DESC))[1] AS last_event
    FROM gridmap.finding_event AS e
    WHERE e.key = f.key AND e.on_day <= (SELECT snapshot.as_of())
) AS life
WHERE f.resurgence_count > 0 AND /*of*/ AND life.times > 0
    AND (life.last_event <> 'gone' OR life.last_on > (SELECT snapshot.as_of()) - %(window_days)s)
GROUP BY f.feature_kind, f.feature_id
"""

_RETURNED = """
SELECT f.feature_kind, f.feature_id, count(*) AS returned
FROM snapshot.finding AS f
WHERE f.rule_id = %(return_rule)s AND f.certainty = 'breach' AND f.status = 'open' AND /*of*/
GROUP BY f.feature_kind, f.feature_id
"""

_FAILED = """
SELECT 'site' AS feature_kind, i.site_id AS feature_id, count(*) AS failed, max(i.inspected_on) AS failed_on
FROM gridmap.inspection AS i
WHERE i.inspected_on <= (SELECT snapshot.as_of()) AND i.inspected_on > (SELECT snapshot.as_of()) - %(window_days)s
    AND /*of*/
    AND (
        EXISTS (SELECT FROM gridmap.inspection_measure AS m WHERE m.inspection_id = i.inspection_id AND NOT m.is_met)
        OR EXISTS (
            SELECT FROM gridmap.inspection_item AS t WHERE t.inspection_id = i.inspection_id AND t.answer = 'failed'
        )
    )
GROUP BY i.site_id
"""


def _about(query: str, condition: str) -> str:
    return query.replace("/*of*/", condition)


# all in one question: asked for every list of sites, four would take longer to travel than to answer
_OF = (
    "SELECT h.feature_kind, h.feature_id, h.handed, h.handed_ever, h.handed_on, NULL::bigint AS resurged, "
    "NULL::date AS resurged_on, NULL::bigint AS returned, NULL::bigint AS failed, NULL::date AS failed_on FROM ("
    + _about(_HANDED, "c.site_id = ANY(%(ids)s)")
    + ") AS h UNION ALL "
    "SELECT r.feature_kind, r.feature_id, NULL, NULL, NULL, r.resurged, r.resurged_on, NULL, NULL, NULL FROM ("
    + _about(_RESURGED, "f.feature_id = ANY(%(ids)s)")
    + ") AS r UNION ALL "
    "SELECT r.feature_kind, r.feature_id, NULL, NULL, NULL, NULL, NULL, r.returned, NULL, NULL FROM ("
    + _about(_RETURNED, "f.feature_id = ANY(%(ids)s)")
    + ") AS r UNION ALL "
    "SELECT i.feature_kind, i.feature_id, NULL, NULL, NULL, NULL, NULL, NULL, i.failed, i.failed_on FROM ("
    + _about(_FAILED, "i.site_id = ANY(%(ids)s)")
    + ") AS i"
)

STANDING_OUT = (
    " SELECT h.feature_kind, h.feature_id FROM ("
    + _about(_HANDED, "c.site_id IS NOT NULL")
    + ") AS h WHERE h.handed >= %(least_handed)s UNION SELECT r.feature_kind, r.feature_id FROM ("
    + _about(_RESURGED, "true")
    + ") AS r UNION SELECT r.feature_kind, r.feature_id FROM ("
    + _about(_RETURNED, "true")
    + ") AS r UNION SELECT i.feature_kind, i.feature_id FROM ("
    + _about(_FAILED, "true")
    + ") AS i WHERE i.failed >= %(least_failed)s UNION SELECT g.feature_kind, g.feature_id FROM snapshot.finding AS g"
    " WHERE g.rule_id = %(handed_rule)s AND g.feature_kind = 'case_file' AND g.certainty = 'breach' "
)
"""A SELECT of kind and id of every feature that stands out on the snapshot's day, with the parameters PARAMETERS."""

PARAMETERS: dict[str, Any] = {
    "window_days": WINDOW_DAYS,
    "least_handed": LEAST_HANDED,
    "least_failed": LEAST_FAILED,
    "return_rule": RETURN_RULE,
    "handed_rule": HANDED_RULE,
}

Repeats = dict[tuple[str, str], Repeat]
"""Repeats by kind and id of the feature; who has none is not in it."""


def repeats_of(conn: Connection, ids: Iterable[str], *, as_of: dt.date | None = None) -> Repeats:
    """Return what is repeated at features on a day. ids: of sites or of whatever else is judged."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    with snapshot(conn, as_of) as cursor:
        return read_repeats(cursor, wanted)


def read_repeats(cursor: Cursor, ids: list[str]) -> Repeats:
    """Return the same in a transaction that stands: of its snapshot's day, or of today where it has none."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    prepared.execute(cursor, _OF, {**PARAMETERS, "ids": ids}, listed="ids")
    for row in cursor.fetchall():
        values = {name: value for name, value in row._asdict().items() if value is not None}
        key = (values.pop("feature_kind"), values.pop("feature_id"))
        found.setdefault(key, {}).update(values)
    return {key: Repeat(**values) for key, values in found.items()}


def list_standing_out(conn: Connection, *, county: str | None = None, as_of: dt.date | None = None) -> list[str]:
    """List the ids of the sites that stand out on a day, of the city or of the county they lie in, sorted."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(
            "SELECT o.feature_id FROM (" + STANDING_OUT + ") AS o "
            "INNER JOIN gridmap.site AS s ON s.site_id = o.feature_id AND o.feature_kind = 'site' "
            "WHERE %(county)s::text IS NULL OR s.county_code = %(county)s ORDER BY 1",
            {**PARAMETERS, "county": county},
        )
        return [str(row[0]) for row in cursor.fetchall()]
