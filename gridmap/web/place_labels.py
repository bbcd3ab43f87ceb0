"""Names of counties and townships to write on a map beside what it draws."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gridmap.db.session import Connection
from gridmap.store.places import list_places
from gridmap.web import language


def place_labels(conn: Connection, as_of: dt.date | None = None) -> list[dict[str, Any]]:
    """Return the places of a day (None: today), in the page's language and as the map's labels want them: degrees."""
    english = language.current() == "en"
    return [
        {
            "code": found.code, "level": found.level, "lon": found.lon, "lat": found.lat, "hot": 0,
            "name": found.name_en if english and found.name_en else found.name,
        }
        for found in list_places(conn, as_of=as_of)
        if found.lon is not None and found.lat is not None
    ]  # fmt: skip
