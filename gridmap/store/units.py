"""Names of the units that decrees list: counties, townships, villages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from gridmap.db.session import Connection, transaction

_NAMES = """
SELECT r.code, r.name FROM gridmap.region AS r WHERE r.code = ANY(%(codes)s) AND r.in_force @> %(on)s::date
UNION ALL
SELECT v.village_id, coalesce(t.name || ' ', '') || v.name
FROM gridmap.village AS v
LEFT JOIN gridmap.region AS t ON t.code = v.township_code AND t.in_force @> %(on)s::date
WHERE v.village_id = ANY(%(codes)s) AND v.in_force @> %(on)s::date
"""


def name_units(conn: Connection, codes: Sequence[str], *, on: dt.date) -> dict[str, str]:
    """Return names by code, a village with its township before it; a code that nothing had on that day is left out."""
    with transaction(conn) as cursor:
        cursor.execute(_NAMES, {"codes": list(codes), "on": on})
        return dict(cursor.fetchall())
