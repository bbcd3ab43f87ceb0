"""Visits as they come from phones: kept once, and written beside the findings that they made, confirm or dispute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from gridmap.db.session import Connection, today, transaction
from gridmap.domain.stop_work import Proposal
from gridmap.errors import ConflictError, NotFoundError
from gridmap.store.reports import PhotoContent

_INSERT = """
INSERT INTO gridmap.inspection (
    inspection_id, entry_key, site_id, visited_site_id, site_name, county_code, account_id, post, kind, inspected_on,
    checklist, site_state, began_at, ended_at, received_at, clock_skew_s, geom, accuracy_m, distance_m, place_state,
    outcome, signed_how, signed_as, note, is_settled, is_producing, output_share_pct, does_earthwork, does_demolition,
    mixes_on_site
)
VALUES (
    %(inspection_id)s, %(entry_key)s, %(site_id)s, %(visited_site_id)s, %(site_name)s, %(county_code)s,
    gridmap.reader_account(), %(post)s, %(kind)s, %(inspected_on)s, %(checklist)s, %(site_state)s, %(began_at)s,
    %(ended_at)s, gridmap.instant(), %(clock_skew_s)s,
    CASE WHEN %(has_place)s THEN ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) END,
    %(accuracy_m)s, %(distance_m)s, %(place_state)s, %(outcome)s, %(signed_how)s, %(signed_as)s, %(note)s, false,
    %(is_producing)s, %(output_share_pct)s, %(does_earthwork)s, %(does_demolition)s, %(mixes_on_site)s
)
ON CONFLICT (entry_key) DO NOTHING
RETURNING inspection_id
"""

_ITEM_COLUMNS = (
    "inspection_id, item, site_id, number, wording, wording_en, source, rule_id, part, answer, value, unit, field, "
    "recorded, seen, told_by_rule"
)

_PHOTO = """
INSERT INTO gridmap.inspection_photo (inspection_id, number, content, sha256, width, height, taken_at, taken)
VALUES (
    %s, %s, %s, %s, %s, %s, %s,
    CASE WHEN %s::double precision IS NOT NULL THEN ST_SetSRID(ST_MakePoint(%s, %s), 4490) END
)
"""

# beside a finding that is known now; one that the visit will make is written beside when it was judged
_TELL = """
INSERT INTO gridmap.finding_event (key, event, reason, on_day, inspection_id)
SELECT f.key, v.event, i.post, i.inspected_on, i.inspection_id
FROM gridmap.inspection AS i
CROSS JOIN unnest(%(rules)s::text[], %(parts)s::text[], %(events)s::text[]) AS v (rule_id, part, event)
INNER JOIN gridmap.finding AS f
    ON f.rule_id = v.rule_id AND f.feature_kind = 'site' AND f.feature_id = i.site_id AND f.status <> 'gone'
    AND (v.part IS NULL OR f.part = v.part)
WHERE i.inspection_id = %(id)s
    AND NOT EXISTS (SELECT FROM gridmap.finding_event AS e WHERE e.key = f.key AND e.inspection_id = i.inspection_id)
"""

_UNSETTLED = """
SELECT i.inspection_id, i.site_id FROM gridmap.inspection AS i WHERE NOT i.is_settled ORDER BY i.inspection_id
FOR UPDATE SKIP LOCKED
"""

# a failed item that its own rule was expected to tell of and does not: no list or zone binds the site, or the like
_UNTOLD = """
UPDATE gridmap.inspection_item AS t SET told_by_rule = false
WHERE t.inspection_id = ANY(%s) AND t.answer = 'failed' AND t.told_by_rule AND t.site_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM gridmap.finding AS f
        WHERE f.rule_id = t.rule_id AND f.feature_kind = 'site' AND f.feature_id = t.site_id AND f.status <> 'gone'
            AND (t.part IS NULL OR f.part = t.part)
    )
RETURNING t.item
"""

_FAILED_RULES = """
SELECT DISTINCT CASE WHEN t.told_by_rule THEN t.rule_id ELSE %(visit_rule)s END AS rule_id,
    CASE WHEN t.told_by_rule THEN t.part ELSE t.item END AS part
FROM gridmap.inspection_item AS t
WHERE t.inspection_id = %(id)s AND t.answer = 'failed'
"""

FindingPart: TypeAlias = tuple[str, str | None]
"""Rule and part of a finding; None: all its parts."""


@dataclass(frozen=True)
class NewItem:
    """An answer as it is kept. field: table.column of the record; recorded, seen: what it said, what was seen.

    told_by_rule: the item's rule judges the visit itself, or has a finding here.
    """

    item: str
    wording: str
    wording_en: str
    source: str
    rule_id: str | None
    part: str | None
    answer: str
    value: float | None
    unit: str | None
    field: str | None
    recorded: str | None
    seen: str | None
    told_by_rule: bool


@dataclass(frozen=True)
class NewVisit:
    """A visit as it came. lon, lat: degrees; has_place: they lie in the city. site_id: None when it was removed.

    measures: word of hundred_percent -> kept. columns: of the inspection. stop: what the ladder proposes.
    verdicts: (rule, part or None for all) -> confirmed or disputed, of the findings that are known now.
    """

    inspection_id: str
    entry_key: str
    site_id: str | None
    visited_site_id: str
    site_name: str
    county_code: str
    post: str
    kind: str
    inspected_on: dt.date
    checklist: str
    site_state: str
    began_at: dt.datetime
    ended_at: dt.datetime
    clock_skew_s: float
    has_place: bool
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    distance_m: float | None
    place_state: str
    outcome: str
    signed_how: str
    signed_as: str
    note: str | None
    items: tuple[NewItem, ...]
    measures: dict[str, bool]
    columns: dict[str, Any]
    verdicts: dict[FindingPart, str]
    stop: Proposal | None


@dataclass(frozen=True)
class Signature:
    """A signature drawn with a finger. content: PNG."""

    content: bytes
    sha256: str
    width: int
    height: int


def find_kept(conn: Connection, entry_key: str) -> tuple[str, bool] | None:
    """Return the id of the visit that came with a phone's key, and whether it is the reader's own.

    conn: the owner's.
    """
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT i.inspection_id, i.account_id = gridmap.reader_account() AS is_mine "
            "FROM gridmap.inspection AS i WHERE i.entry_key = %s",
            [entry_key],
        )
        row = cursor.fetchone()
        return None if row is None else (str(row.inspection_id), bool(row.is_mine))


def day_of(conn: Connection, at: dt.datetime) -> dt.date:
    """Return the platform's day of an instant: as many days before today as the clock says."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT gridmap.today() - (gridmap.instant()::date - %s::timestamptz::date) AS day", [at])
        day: dt.date = cursor.fetchone().day
        return day


def distance_m(conn: Connection, one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two positions (longitude, latitude) on the spheroid, wherever they lie."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_Distance(ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography, "
            "ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography)",
            [*one, *other],
        )
        return float(cursor.fetchone()[0])


def found_at(conn: Connection, site_id: str) -> set[tuple[str, str]]:
    """Return rule and part of each finding of a site that is open or accepted."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT f.rule_id, f.part FROM gridmap.finding AS f "
            "WHERE f.feature_kind = 'site' AND f.feature_id = %s AND f.status <> 'gone'",
            [site_id],
        )
        return {(str(row.rule_id), str(row.part)) for row in cursor.fetchall()}


def keep(conn: Connection, visit: NewVisit, photos: Sequence[PhotoContent], signature: Signature | None) -> bool:
    """Keep a visit with all that belongs to it and return True; False when it is there already, sent twice."""
    with transaction(conn) as cursor:
        empty = dict.fromkeys(
            ("is_producing", "output_share_pct", "does_earthwork", "does_demolition", "mixes_on_site")
        )
        cursor.execute(_INSERT, {**empty, **vars(visit), **visit.columns})
        if cursor.fetchone() is None:
            return False
        _keep_answers(cursor, visit)
        for number, photo in enumerate(photos, 1):
            cursor.execute(
                _PHOTO,
                [
                    visit.inspection_id, number, photo.content, photo.sha256, photo.width, photo.height,
                    photo.taken_at, photo.lon, photo.lon, photo.lat,
                ],
            )  # fmt: skip
        if signature is not None:
            cursor.execute(
                "INSERT INTO gridmap.inspection_signature (inspection_id, content, sha256, width, height) "
                "VALUES (%s, %s, %s, %s, %s)",
                [visit.inspection_id, signature.content, signature.sha256, signature.width, signature.height],
            )
        if visit.stop is not None:
            stop = visit.stop
            cursor.execute(
                "INSERT INTO gridmap.stop_work (inspection_id, times, found_on, step, begins_on, ends_on) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [visit.inspection_id, stop.times, list(stop.found_on), stop.step, stop.begins_on, stop.ends_on],
            )
        _tell(cursor, visit.inspection_id, visit.verdicts)
        return True


def _keep_answers(cursor: Cursor, visit: NewVisit) -> None:
    execute_values(
        cursor,
        "INSERT INTO gridmap.inspection_item (" + _ITEM_COLUMNS + ") VALUES %s",
        [
            (
                visit.inspection_id, one.item, visit.site_id, number, one.wording, one.wording_en, one.source,
                one.rule_id, one.part, one.answer, one.value, one.unit, one.field, one.recorded, one.seen,
                one.told_by_rule,
            )
            for number, one in enumerate(visit.items, 1)
        ],
    )  # fmt: skip
    execute_values(
        cursor,
        "INSERT INTO gridmap.inspection_measure (inspection_id, measure, is_met) VALUES %s",
        [(visit.inspection_id, measure, is_met) for measure, is_met in sorted(visit.measures.items())],
    )


def _tell(cursor: Cursor, inspection_id: str, verdicts: dict[FindingPart, str]) -> None:
    if verdicts:
        rules, parts = zip(*verdicts, strict=True)
        values = {"rules": list(rules), "parts": list(parts), "events": list(verdicts.values())}
        cursor.execute(_TELL, {"id": inspection_id, **values})


def find_untold(conn: Connection) -> int:
    """Give failed items of which their own rules do not tell to the rule on visits, and return how many there are.

    Of visits after which the city was judged and nothing was written beside the findings yet.
    """
    with transaction(conn) as cursor:
        cursor.execute(_UNSETTLED)
        cursor.execute(_UNTOLD, [[row.inspection_id for row in cursor.fetchall()]])
        return len(cursor.fetchall())


def settle(conn: Connection, visit_rule: str) -> int:
    """Write the visits that were judged beside the findings that they made, and return how many visits.

    visit_rule: the rule that tells of failed items of which no other does.
    """
    with transaction(conn) as cursor:
        cursor.execute(_UNSETTLED)
        waiting = [str(row.inspection_id) for row in cursor.fetchall()]
        for inspection_id in waiting:
            cursor.execute(_FAILED_RULES, {"id": inspection_id, "visit_rule": visit_rule})
            _tell(cursor, inspection_id, {(row.rule_id, row.part): "confirmed" for row in cursor.fetchall()})
        cursor.execute("UPDATE gridmap.inspection SET is_settled = true WHERE inspection_id = ANY(%s)", [waiting])
        return len(waiting)


def decide_stop(conn: Connection, inspection_id: str, decision: str, post: str, reason: str | None) -> None:
    """Take or decline the stop of work that a visit proposes. decision: taken or declined. post: who decides.

    Errors: NotFoundError without a proposal; ConflictError when it was decided already.
    """
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT w.decision FROM gridmap.stop_work AS w WHERE w.inspection_id = %s FOR UPDATE", [inspection_id]
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFoundError(f"the visit {inspection_id} proposes no stop of work")
        if row.decision is not None:
            raise ConflictError(f"the stop of work of visit {inspection_id} is {row.decision} already")
        cursor.execute(
            "UPDATE gridmap.stop_work SET decision = %s, decided_on = %s, decided_by = %s, reason = %s "
            "WHERE inspection_id = %s",
            [decision, today(conn), post, reason, inspection_id],
        )
