"""What follows a change that somebody waits for: the findings answer for it at once, where that takes only a moment."""

from __future__ import annotations

import logging
from typing import Literal

import psycopg2

from gridmap.db.session import Connection
from gridmap.errors import ConflictError, GridmapError
from gridmap.rules import catalogue as catalogues
from gridmap.rules import incremental
from gridmap.rules.catalogue import Catalogue

log = logging.getLogger(__name__)

Judged = Literal["judged", "due", "busy", "failed"]
"""judged: findings answer for the change. due, busy, failed: the next `gridmap audit --due` judges it (there is no
whole audit of today to go on from; another audit was running; ours failed)."""

WAIT_S = 2.0
"""How long another audit is waited for, seconds: whoever made the change is waiting too."""


def follow(conn: Connection, *, catalogue: Catalogue | None = None) -> Judged:
    """Judge what was changed, and say what came of it; it is committed, and nothing here undoes it.

    conn: the owner's, in no transaction. Whatever goes wrong is told, never raised.
    """
    try:
        rules = catalogue or catalogues.load()
        if not incremental.can_go_on(conn, rules):
            return "due"
        run = incremental.rejudge(conn, rules, wait_s=WAIT_S)
    except ConflictError:
        return "busy"
    except (GridmapError, psycopg2.Error):
        log.exception("a change was kept; the audit after it failed")
        return "failed"
    return "judged" if run is None or run.status == "complete" else "failed"
