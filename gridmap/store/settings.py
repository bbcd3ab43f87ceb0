"""The one row that says what this installation is."""

from __future__ import annotations

import datetime as dt

from psycopg2.extensions import cursor as Cursor

# any number will do, as long as nothing else of ours locks by it
_LOADING = 4_101_000


def lock_for_loading(cursor: Cursor) -> None:
    """Let one transaction at a time load a city; the others wait here until it ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOADING])


def is_demo(cursor: Cursor) -> bool:
    """Return whether the data are the demo city."""
    cursor.execute("SELECT is_demo FROM gridmap.setting")
    return bool(cursor.fetchone()[0])


def has_regions(cursor: Cursor) -> bool:
    """Return whether the database holds any city."""
    cursor.execute("SELECT EXISTS (SELECT FROM gridmap.region)")
    return bool(cursor.fetchone()[0])


def today(cursor: Cursor) -> dt.date:
    """Return the day the platform stands on."""
    cursor.execute("SELECT gridmap.today()")
    day: dt.date = cursor.fetchone()[0]
    return day


def stand_on(cursor: Cursor, today: dt.date, *, demo: bool) -> None:
    """Set the day the platform stands on and whether its data are the demo city."""
    cursor.execute("UPDATE gridmap.setting SET today = %s, is_demo = %s", [today, demo])
