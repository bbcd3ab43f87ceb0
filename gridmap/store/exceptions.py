"""Exceptions: a finding accepted for stated reasons, until a day, as long as its facts stay what they were."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, today, transaction
from gridmap.domain import finding
from gridmap.domain.finding import Acceptance
from gridmap.domain.rule import Rule
from gridmap.errors import ConflictError, NotFoundError

_EXCEPTION = (
    "SELECT key, rule_id, county_code, feature_id, name, status, accepted_reason, accepted_document, "
    "accepted_by, accepted_on, accepted_until FROM gridmap.finding "
)


@dataclass(frozen=True)
class ExceptionRow:
    """A finding with its exception; it holds while status is accepted."""

    key: str
    rule_id: str
    county_code: str
    feature_id: str
    name: str
    status: str
    accepted_reason: str
    accepted_document: str
    accepted_by: str
    accepted_on: dt.date
    accepted_until: dt.date


def accept(conn: Connection, key: str, rule: Rule, wanted: Acceptance) -> None:
    """Accept an open finding as an exception.

    rule: the finding's own, whose material facts are kept with it. NotFoundError without such a finding;
    ConflictError when it is not open; UserError when the exception is not whole or ends before today.
    """
    with transaction(conn) as cursor:
        day = today(conn)
        wanted.check(day)
        row = _locked(cursor, key)
        if row.status != "open":
            raise ConflictError(f"finding {key} is {row.status}; only an open finding can be accepted")
        cursor.execute(
            "UPDATE gridmap.finding SET status = 'accepted', accepted_reason = %s, accepted_document = %s, "
            "accepted_by = %s, accepted_on = %s, accepted_until = %s, accepted_material = %s WHERE key = %s",
            [
                wanted.reason.strip(),
                wanted.document.strip(),
                wanted.post.strip(),
                day,
                wanted.until,
                finding.material(rule.material, row.certainty, row.facts),
                key,
            ],
        )
        _tell(cursor, key, "accepted", f"{wanted.reason.strip()}（{wanted.document.strip()}）", day, row.facts)


def revoke(conn: Connection, key: str, reason: str) -> None:
    """Revoke an exception: the finding is open again. ConflictError when none holds."""
    with transaction(conn) as cursor:
        day = today(conn)
        row = _locked(cursor, key)
        if row.status != "accepted":
            raise ConflictError(f"finding {key} is {row.status}; there is no exception to revoke")
        cursor.execute(
            "UPDATE gridmap.finding SET status = 'open', reopened_count = reopened_count + 1, accepted_reason = NULL, "
            "accepted_document = NULL, accepted_by = NULL, accepted_on = NULL, accepted_until = NULL, "
            "accepted_material = NULL WHERE key = %s",
            [key],
        )
        _tell(cursor, key, "revoked", reason.strip() or None, day, row.facts)


def list_exceptions(conn: Connection, *, counties: Sequence[str] | None = None) -> list[ExceptionRow]:
    """List the exceptions that hold, or would resume should their findings come back, by the day they end."""
    with transaction(conn) as cursor:
        cursor.execute(
            _EXCEPTION
            + "WHERE accepted_reason IS NOT NULL AND (%(counties)s::text[] IS NULL OR county_code = ANY(%(counties)s)) "
            "ORDER BY accepted_until, rule_id, county_code, feature_id, part",
            {"counties": list(counties) if counties else None},
        )
        return [ExceptionRow(*record) for record in cursor.fetchall()]


def find_exception(conn: Connection, key: str) -> ExceptionRow | None:
    """Return a finding with its exception, that it holds or would resume, or None when it has none."""
    with transaction(conn) as cursor:
        cursor.execute(_EXCEPTION + "WHERE accepted_reason IS NOT NULL AND key = %s", [key])
        record = cursor.fetchone()
        return ExceptionRow(*record) if record is not None else None


def _locked(cursor: Cursor, key: str) -> Any:
    cursor.execute("SELECT status, certainty, facts FROM gridmap.finding WHERE key = %s FOR UPDATE", [key])
    row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"there is no finding {key}")
    return row


def _tell(cursor: Cursor, key: str, event: str, reason: str | None, day: dt.date, facts: Any) -> None:
    cursor.execute(
        "INSERT INTO gridmap.finding_event (key, event, reason, on_day, facts) VALUES (%s, %s, %s, %s, %s::jsonb)",
        [key, event, reason, day, json.dumps(facts, ensure_ascii=False)],
    )
