"""Declared conflicts of interest: which post must not check which site or enterprise, and from when to when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from psycopg2.errors import ExclusionViolation
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import transaction
from gridmap.errors import ConflictError, NotFoundError, UserError

_LIST = """
SELECT c.conflict_id, c.post, c.site_id, c.credit_code, c.reason, lower(c.in_force) AS begins_on,
    upper(c.in_force) AS ends_on, c.declared_by,
    coalesce(
        (SELECT s.name FROM gridmap.site AS s WHERE s.site_id = c.site_id),
        (SELECT min(s.name) FROM gridmap.site AS s WHERE s.credit_code = c.credit_code)
    ) AS name
FROM gridmap.conflict_of_interest AS c
ORDER BY upper_inf(c.in_force) DESC, upper(c.in_force) DESC, c.conflict_id DESC
LIMIT 500
"""


@dataclass(frozen=True)
class ConflictRow:
    """A declared conflict on [begins_on, ends_on), None: no end. name: of the site, or one of the enterprise's."""

    conflict_id: int
    post: str
    site_id: str | None
    credit_code: str | None
    reason: str
    begins_on: dt.date
    ends_on: dt.date | None
    declared_by: str
    name: str | None

    @property
    def last_day(self) -> dt.date | None:
        """Return its last day, None when no end is set."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


def list_conflicts(cursor: Cursor) -> list[ConflictRow]:
    """List the declared conflicts that the reader may see, those without an end first."""
    cursor.execute(_LIST)
    return [ConflictRow(*row) for row in cursor.fetchall()]


def is_post(cursor: Cursor, post: str) -> bool:
    """Return whether an account has this post. Asked as the owner only."""
    cursor.execute("SELECT EXISTS (SELECT FROM gridmap.account WHERE post = %s)", [post])
    return bool(cursor.fetchone()[0])


def find_object(cursor: Cursor, text: str) -> tuple[str | None, str | None] | None:
    """Return (site_id, None) for a site's id, (None, credit code) for the code of an enterprise that has sites."""
    cursor.execute("SELECT site_id FROM gridmap.site WHERE site_id = %s", [text])
    if cursor.fetchone() is not None:
        return text, None
    cursor.execute("SELECT EXISTS (SELECT FROM gridmap.site WHERE credit_code = %s)", [text.upper()])
    return (None, text.upper()) if cursor.fetchone()[0] else None


def declare(
    cursor: Cursor,
    post: str,
    subject: tuple[str | None, str | None],
    reason: str,
    begins_on: dt.date,
    ends_on: dt.date | None,
    *,
    by: str,
) -> int:
    """Declare a conflict on [begins_on, ends_on) and return its key.

    subject: as find_object gives it. ConflictError when one between the two holds on some of these days already.
    """
    if ends_on is not None and ends_on <= begins_on:
        raise UserError(f"the conflict would end on {ends_on}, before it begins on {begins_on}")
    try:
        with transaction(cursor.connection) as inner:
            inner.execute(
                "INSERT INTO gridmap.conflict_of_interest (post, site_id, credit_code, reason, in_force, declared_by) "
                "VALUES (%s, %s, %s, %s, daterange(%s, %s), %s) RETURNING conflict_id",
                [post, *subject, reason, begins_on, ends_on, by],
            )
            return int(inner.fetchone()[0])
    except ExclusionViolation as error:
        raise ConflictError(f"a conflict between {post} and {subject[0] or subject[1]} is declared already") from error


def end(cursor: Cursor, conflict_id: int, ends_on: dt.date) -> None:
    """End a conflict that has no end: ends_on is the first day without it. NotFoundError when none can be ended so."""
    cursor.execute(
        "UPDATE gridmap.conflict_of_interest SET in_force = daterange(lower(in_force), %(day)s) "
        "WHERE conflict_id = %(id)s AND lower(in_force) < %(day)s AND NOT in_force << daterange(%(day)s, NULL)",
        {"id": conflict_id, "day": ends_on},
    )
    if cursor.rowcount == 0:
        raise NotFoundError(f"there is no conflict {conflict_id} that could end on {ends_on}")
