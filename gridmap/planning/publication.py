"""What follows when a draft has become law: the city is judged by it, at once when it is in force today."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Literal

import psycopg2

from gridmap.db import session
from gridmap.db.session import Connection
from gridmap.errors import ConflictError, GridmapError
from gridmap.rules import catalogue as catalogues
from gridmap.rules import incremental
from gridmap.rules.catalogue import Catalogue

log = logging.getLogger(__name__)

Outcome = Literal["judged", "waits", "due", "busy", "failed"]
"""judged: findings answer for the new law. waits: it begins later, the audit of that day judges by it. due, busy,
failed: it is law, and the next `gridmap audit --due` judges by it (there is no whole audit of today to go on from;
another audit was running; ours failed)."""

OUTCOMES: tuple[Outcome, ...] = ("judged", "waits", "due", "busy", "failed")

WAIT_S = 2.0
"""How long another audit is waited for, seconds: whoever published is waiting too."""


def follow(conn: Connection, begins_on: dt.date, *, catalogue: Catalogue | None = None) -> Outcome:
    """Judge what a publication changed, and say what came of it; it is committed, and nothing here undoes it.

    conn: the owner's, in no transaction. Whatever goes wrong is told, never raised.
    """
    try:
        rules = catalogue or catalogues.load()
        if begins_on > session.today(conn):
            return "waits"
        if not incremental.can_go_on(conn, rules):
            return "due"
        run = incremental.rejudge(conn, rules, wait_s=WAIT_S)
    except ConflictError:
        return "busy"
    except (GridmapError, psycopg2.Error):
        log.exception("a version was published; the audit after it failed")
        return "failed"
    return "judged" if run is None or run.status == "complete" else "failed"
