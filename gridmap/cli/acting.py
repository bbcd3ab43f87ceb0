"""Connections of commands that change something: what they do is logged."""

from __future__ import annotations

from gridmap.db import session

ACTOR = "command line"
"""Who acts, as the log has it: whoever may start a command is the server's keeper and has no account there."""


def connect(url: str | None = None) -> session.Connection:
    """Open a connection of the owner whose changes are logged as done on the command line."""
    conn = session.connect(url)
    session.ask_for(conn, session.Access(session.CITY_ROLE, actor=ACTOR))
    return conn
