"""Connections of commands that change things: the log of changes then says that the command line did it."""

from __future__ import annotations

from gridmap.db.session import CITY_ROLE, Access, Connection, ask_for, connect

ACTOR = "command line"


def connect_to_change() -> Connection:
    """Open a connection whose changes are logged as the command line's."""
    conn = connect()
    ask_for(conn, Access(CITY_ROLE, actor=ACTOR))
    return conn
