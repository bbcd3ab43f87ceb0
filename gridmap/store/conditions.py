"""What binds in the whole city on a day beside its zones: seasons and heavy-pollution alerts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot

_SEASONS = """
SELECT s.kind, s.name, s.begins_on, s.ends_on, s.document, s.item
FROM season AS s WHERE s.in_force @> snapshot.as_of() ORDER BY s.begins_on, s.season_id
"""
_ALERTS = """
SELECT a.level, a.begins_on, a.ends_on, a.document, a.is_demo
FROM alert AS a WHERE a.in_force @> snapshot.as_of() ORDER BY a.begins_on, a.alert_id
"""


@dataclass(frozen=True)
class Season:
    """A season on its days. kind: heating, earthwork_ban or off_peak. ends_on: its last day."""

    kind: str
    name: str
    begins_on: dt.date
    ends_on: dt.date
    document: str
    item: str


@dataclass(frozen=True)
class Alert:
    """A heavy-pollution alert of the city. ends_on: its last day, None while nobody lifted it."""

    level: str
    begins_on: dt.date
    ends_on: dt.date | None
    document: str
    is_demo: bool


@dataclass(frozen=True)
class Conditions:
    """What binds in the whole city on a day."""

    seasons: tuple[Season, ...]
    alerts: tuple[Alert, ...]


def conditions_on(conn: Connection, *, as_of: dt.date | None = None) -> Conditions:
    """Return the seasons and alerts in force on a day."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_SEASONS)
        seasons = tuple(Season(*row) for row in cursor.fetchall())
        cursor.execute(_ALERTS)
        return Conditions(seasons, tuple(Alert(*row) for row in cursor.fetchall()))
