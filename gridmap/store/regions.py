"""Administrative regions in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot


@dataclass(frozen=True)
class RegionName:
    """Code and names of a region."""

    code: str
    name: str
    name_en: str | None


def list_counties(conn: Connection, *, as_of: dt.date | None = None) -> list[RegionName]:
    """List the counties in force by code, those without an outline too."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute("SELECT code, name, name_en FROM region WHERE level = 'county' ORDER BY code")
        return [RegionName(*record) for record in cursor.fetchall()]
