"""The book of visits: listed, and one by one with all that belongs to it. Row-level security narrows all of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, transaction
from gridmap.errors import NotFoundError

_ID = re.compile(r"[A-Za-z0-9._-]{1,120}", re.ASCII)

# inspections that no visit told are listed too: they are visits on paper
_FROM = """
FROM gridmap.inspection AS i
LEFT JOIN gridmap.site AS s ON s.site_id = i.site_id
LEFT JOIN gridmap.stop_work AS w ON w.inspection_id = i.inspection_id
WHERE i.inspected_on <= gridmap.today()
    AND (%(counties)s::text[] IS NULL OR i.county_code = ANY(%(counties)s))
    AND (%(kinds)s::text[] IS NULL OR s.kind = ANY(%(kinds)s))
    AND (%(outcomes)s::text[] IS NULL OR i.outcome = ANY(%(outcomes)s))
    AND (%(since)s::date IS NULL OR i.inspected_on >= %(since)s)
    AND (%(until)s::date IS NULL OR i.inspected_on <= %(until)s)
    AND (%(site)s::text IS NULL OR i.visited_site_id = %(site)s)
    AND (%(q)s::text IS NULL OR i.site_name ILIKE %(like)s OR i.visited_site_id ILIKE %(like)s)
    AND (%(mark)s::text IS NULL OR CASE %(mark)s
        WHEN 'told' THEN i.entry_key IS NOT NULL
        WHEN 'undecided' THEN w.inspection_id IS NOT NULL AND w.decision IS NULL
        WHEN 'place' THEN i.place_state <> 'near'
        WHEN 'correction' THEN EXISTS (
            SELECT FROM gridmap.inspection_item AS t
            WHERE t.inspection_id = i.inspection_id AND t.seen IS NOT NULL AND t.recorded IS DISTINCT FROM t.seen)
        END)
"""

_LIST = (
    """
SELECT i.inspection_id, i.inspected_on, i.kind, i.visited_site_id AS site_id, i.site_name, s.kind AS site_kind,
    i.county_code, i.post, i.outcome, i.place_state, i.distance_m, i.site_state, i.is_demo,
    w.step AS stop_step, w.decision AS stop_decision,
    (SELECT count(*) FROM gridmap.inspection_item AS t
        WHERE t.inspection_id = i.inspection_id AND t.answer = 'failed') AS failed,
    (SELECT count(*) FROM gridmap.inspection_measure AS m
        WHERE m.inspection_id = i.inspection_id AND NOT m.is_met) AS unmet
"""
    + _FROM
    + """
ORDER BY i.inspected_on DESC, i.inspection_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""
)

_ONE = """
SELECT i.inspection_id, i.entry_key::text AS entry_key, i.site_id, i.visited_site_id, i.site_name, s.kind AS site_kind,
    i.county_code, s.cell_code, s.address, ST_X(s.geom) AS site_lon, ST_Y(s.geom) AS site_lat, s.closed_on,
    s.position_error_m, i.inspected_on, i.kind, i.post, i.checklist, i.site_state, i.began_at, i.ended_at,
    i.received_at, i.clock_skew_s, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, i.accuracy_m, i.distance_m,
    i.place_state, i.outcome, i.signed_how, i.signed_as, i.note, i.is_settled, i.is_demo, i.is_producing,
    i.output_share_pct, i.does_earthwork, i.does_demolition, i.mixes_on_site,
    g.width AS signature_width, g.height AS signature_height,
    i.account_id = gridmap.reader_account() AS is_mine
FROM gridmap.inspection AS i
LEFT JOIN gridmap.site AS s ON s.site_id = i.site_id
LEFT JOIN gridmap.inspection_signature AS g ON g.inspection_id = i.inspection_id
WHERE i.inspection_id = %s
"""

_ITEMS = """
SELECT t.item, t.wording, t.wording_en, t.source, t.rule_id, t.part, t.answer, t.value, t.unit, t.field, t.recorded,
    t.seen, t.told_by_rule, t.seen IS NOT NULL AND t.recorded IS DISTINCT FROM t.seen AS corrects
FROM gridmap.inspection_item AS t WHERE t.inspection_id = %s ORDER BY t.number
"""

_MEASURES = """
SELECT m.measure, m.is_met,
    (SELECT h.name FROM gridmap.hundred_percent AS h WHERE h.measure = m.measure
        ORDER BY h.list_id DESC LIMIT 1) AS name
FROM gridmap.inspection_measure AS m WHERE m.inspection_id = %s ORDER BY m.measure
"""

_PHOTOS = """
SELECT p.number, p.width, p.height, p.taken_at, ST_X(p.taken) AS lon, ST_Y(p.taken) AS lat,
    ST_Distance(p.taken::geography, s.geom::geography) AS distance_m
FROM gridmap.inspection_photo AS p
INNER JOIN gridmap.inspection AS i ON i.inspection_id = p.inspection_id
LEFT JOIN gridmap.site AS s ON s.site_id = i.site_id
WHERE p.inspection_id = %s ORDER BY p.number
"""

_STOP = """
SELECT w.times, w.found_on, w.step, w.begins_on, w.ends_on, w.decision, w.decided_on, w.decided_by, w.reason
FROM gridmap.stop_work AS w WHERE w.inspection_id = %s
"""

# a finding that came up between the visit and its being written beside it is the visit's own
_FINDINGS = """
SELECT f.key, f.rule_id, f.part, f.name, f.certainty, f.severity, f.status, f.facts, e.event,
    e.event = 'confirmed' AND EXISTS (
        SELECT FROM gridmap.finding_event AS b
        WHERE b.key = e.key AND b.event IN ('opened', 'reopened') AND b.event_id < e.event_id
            AND b.recorded_at >= i.received_at
    ) AS is_made
FROM gridmap.finding_event AS e
INNER JOIN gridmap.inspection AS i ON i.inspection_id = e.inspection_id
INNER JOIN gridmap.finding AS f ON f.key = e.key
WHERE e.inspection_id = %s
ORDER BY e.event, array_position(ARRAY['high', 'medium', 'low'], f.severity), f.rule_id, f.part
"""


@dataclass(frozen=True)
class VisitFilter:
    """Which visits. since, until: days, both included. site: identifier. q: part of a site's name or identifier.

    mark: told (from the spot), undecided (a stop of work), place (far, vague or unknown), correction (of the record).
    """

    counties: Sequence[str] = ()
    kinds: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    site: str | None = None
    q: str | None = None
    mark: str | None = None


MARKS = ("told", "undecided", "place", "correction")
OUTCOMES = ("objections", "nothing_to_object", "nothing_seen")


@dataclass(frozen=True)
class Visit:
    """A visit. row: what is known of it; the lists: its items, measures, photos, and findings it is written beside.

    stop: the stop of work that it proposes, None without one.
    """

    row: Any
    items: list[Any]
    measures: list[Any]
    photos: list[Any]
    findings: list[Any]
    stop: Any | None

    @property
    def corrections(self) -> list[Any]:
        """Return the items that say something else than the record did."""
        return [item for item in self.items if item.corrects]


def list_visits(conn: Connection, wanted: VisitFilter, *, limit: int, offset: int = 0) -> list[Any]:
    """List visits that the reader may see, newest first."""
    with transaction(conn) as cursor:
        cursor.execute(_LIST, {**_values(wanted), "limit": limit, "offset": offset})
        return list(cursor.fetchall())


def number_of_visits(conn: Connection, wanted: VisitFilter) -> int:
    """Count the visits that the reader may see."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*)" + _FROM, _values(wanted))
        return int(cursor.fetchone()[0])


def get_visit(conn: Connection, inspection_id: str) -> Visit:
    """Return a visit that the reader may see. Errors: NotFoundError."""
    if not _ID.fullmatch(inspection_id):  # what can be none is not even asked for
        raise NotFoundError(f"there is no visit {inspection_id[:80]}")
    with transaction(conn) as cursor:
        cursor.execute(_ONE, [inspection_id])
        row = cursor.fetchone()
        if row is None:
            raise NotFoundError(f"there is no visit {inspection_id[:80]}")
        lists = []
        for query in (_ITEMS, _MEASURES, _PHOTOS, _FINDINGS):
            cursor.execute(query, [inspection_id])
            lists.append(list(cursor.fetchall()))
        cursor.execute(_STOP, [inspection_id])
        items, measures, photos, findings = lists
        return Visit(row, items, measures, photos, findings, cursor.fetchone())


def get_photo(conn: Connection, inspection_id: str, number: int) -> bytes:
    """Return the JPEG of a visit's photo. Errors: NotFoundError."""
    return _picture(
        conn,
        "SELECT p.content FROM gridmap.inspection_photo AS p WHERE p.inspection_id = %s AND p.number = %s",
        [inspection_id, number],
    )


def get_signature(conn: Connection, inspection_id: str) -> bytes:
    """Return the PNG of a visit's signature. Errors: NotFoundError when none was drawn."""
    return _picture(
        conn, "SELECT g.content FROM gridmap.inspection_signature AS g WHERE g.inspection_id = %s", [inspection_id]
    )


def _picture(conn: Connection, query: str, values: list[Any]) -> bytes:
    if not _ID.fullmatch(values[0]):
        raise NotFoundError(f"there is no visit {values[0][:80]}")
    with transaction(conn) as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"the visit {values[0][:80]} has no such picture")
    return bytes(row.content)


def _values(wanted: VisitFilter) -> dict[str, Any]:
    q = wanted.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") if wanted.q else None
    return {
        "counties": list(wanted.counties) or None,
        "kinds": list(wanted.kinds) or None,
        "outcomes": list(wanted.outcomes) or None,
        "since": wanted.since,
        "until": wanted.until,
        "site": wanted.site,
        "q": q,
        "like": f"%{q}%" if q else None,
        "mark": wanted.mark,
    }
