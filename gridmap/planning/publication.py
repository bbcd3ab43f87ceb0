"""What follows when a draft has become law: the city is judged by it, at once when it is in force today."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gridmap.db import session
from gridmap.db.session import Connection
from gridmap.rules import aftermath
from gridmap.rules.catalogue import Catalogue

Outcome = Literal["judged", "waits", "due", "busy", "failed"]
"""waits: it begins later, the audit of that day judges by it. The others: as aftermath.Judged."""

OUTCOMES: tuple[Outcome, ...] = ("judged", "waits", "due", "busy", "failed")


def follow(conn: Connection, begins_on: dt.date, *, catalogue: Catalogue | None = None) -> Outcome:
    """Judge what a publication changed, and say what came of it; it is committed, and nothing here undoes it.

    conn: the owner's, in no transaction. Whatever goes wrong is told, never raised.
    """
    if begins_on > session.today(conn):
        return "waits"
    return aftermath.follow(conn, catalogue=catalogue)
