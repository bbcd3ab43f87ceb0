"""Counties and townships of a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError

_SELECT = """
SELECT r.code, r.level, r.name, r.name_en, r.parent_code, r.county_code, r.geom IS NOT NULL AS has_outline
FROM snapshot.region AS r
"""


@dataclass(frozen=True)
class RegionRow:
    """A region. code: 6 digits for city and county, 9 for a township; has_outline: false when none is known."""

    code: str
    level: str
    name: str
    name_en: str | None
    parent_code: str | None
    county_code: str | None
    has_outline: bool

    def title(self, lang: str) -> str:
        """Return the name in a language, Chinese where no English one is known."""
        return self.name_en if lang == "en" and self.name_en else self.name


def list_counties(conn: Connection, *, as_of: dt.date | None = None) -> list[RegionRow]:
    """List the counties in the order of their codes."""
    return _list(conn, "WHERE r.level = 'county' ORDER BY r.code", [], as_of)


def list_townships(conn: Connection, county_code: str, *, as_of: dt.date | None = None) -> list[RegionRow]:
    """List the townships of a county in the order of their codes."""
    return _list(conn, "WHERE r.level = 'township' AND r.county_code = %s ORDER BY r.code", [county_code], as_of)


def get_region(conn: Connection, code: str, *, as_of: dt.date | None = None) -> RegionRow:
    """Return a region by its code; NotFoundError when there was none that day."""
    found = _list(conn, "WHERE r.code = %s", [code], as_of)
    if not found:
        raise NotFoundError(f"there is no region {code}")
    return found[0]


def _list(conn: Connection, rest: str, values: list[str], as_of: dt.date | None) -> list[RegionRow]:
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_SELECT + rest, values)
        return [RegionRow(**record._asdict()) for record in cursor.fetchall()]
