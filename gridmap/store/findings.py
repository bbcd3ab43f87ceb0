"""Read findings: the living ones on today, those of a report on any other day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2.extras import NamedTupleCursor

from gridmap.db.session import Connection, snapshot, transaction
from gridmap.errors import NotFoundError, UserError
from gridmap.store.repeats import PARAMETERS, STANDING_OUT

_COLUMNS = """
    f.key, f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part, f.name, f.certainty, f.severity,
    f.status, f.facts, f.cell_code, gridmap.square_at(f.geom) AS square_code, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    ST_AsGeoJSON(ST_SetSRID(f.geom, 4326), 6) AS geojson, f.opened_on, f.run_id,
    (SELECT c.name FROM snapshot.region AS c WHERE c.code = f.county_code) AS county_name
"""

_PLACE = "CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS geom) AS p"

# one place for the filter: list, count and number must agree
_WHERE = """
WHERE (%(rules)s::text[] IS NULL OR f.rule_id = ANY(%(rules)s::text[]))
    AND (%(counties)s::text[] IS NULL OR f.county_code = ANY(%(counties)s::text[]))
    AND (%(severities)s::text[] IS NULL OR f.severity = ANY(%(severities)s::text[]))
    AND (%(certainties)s::text[] IS NULL OR f.certainty = ANY(%(certainties)s::text[]))
    AND (%(statuses)s::text[] IS NULL OR f.status = ANY(%(statuses)s::text[]))
    AND (%(kind)s::text IS NULL OR (f.feature_kind = %(kind)s AND f.feature_id = %(id)s))
    AND (%(q)s::text IS NULL OR strpos(lower(f.name), lower(%(q)s)) > 0 OR strpos(f.feature_id, %(q)s) = 1)
    AND (NOT %(only_repeats)s OR (f.feature_kind, f.feature_id) IN ("""
_WHERE += STANDING_OUT + "))\n"

_ORDER = """
ORDER BY
    array_position(ARRAY['high', 'medium', 'low'], f.severity),
    array_position(ARRAY['breach', 'near_boundary', 'report'], f.certainty),
    f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part
"""


_FROM = " FROM snapshot.finding AS f "
# without a day the living finding is wanted, gone or not
_FROM_LIVING = " FROM (SELECT g.*, g.last_run_id AS run_id FROM gridmap.finding AS g) AS f "

_LIST = "SELECT" + _COLUMNS + _FROM + _PLACE + _WHERE + _ORDER + "LIMIT %(limit)s OFFSET %(offset)s"
_COUNT = (
    "SELECT f.rule_id, f.county_code, f.certainty, f.severity, count(*) AS n"
    + _FROM
    + _WHERE
    + "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
_NUMBER = "SELECT count(*)" + _FROM + _WHERE
_ONE = "SELECT" + _COLUMNS + _FROM + _PLACE + " WHERE f.key = %s"
_ONE_LIVING = "SELECT" + _COLUMNS + _FROM_LIVING + _PLACE + " WHERE f.key = %s"


@dataclass(frozen=True)
class FindingFilter:
    """Which findings are wanted; an empty field asks nothing.

    feature: "kind:id" of one feature (village:410181113201). q: part of a name, or the beginning of an id. repeats:
    only those of features that stand out as repeats (domain/repeat.py).
    """

    rules: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    certainties: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    feature: str | None = None
    q: str | None = None
    repeats: bool = False

    def values(self) -> dict[str, Any]:
        """Return the parameters of the SQL filter; UserError when feature is not kind:id."""
        kind, colon, feature_id = (self.feature or "").partition(":")
        if self.feature and not (kind and colon and feature_id):
            raise UserError(f"feature is {self.feature!r}; expected kind:id, such as village:410181113201")
        return {
            **PARAMETERS,
            "only_repeats": self.repeats,
            "rules": list(self.rules) or None,
            "counties": list(self.counties) or None,
            "severities": list(self.severities) or None,
            "certainties": list(self.certainties) or None,
            "statuses": list(self.statuses) or None,
            "kind": kind or None,
            "id": feature_id or None,
            "q": self.q or None,
        }


@dataclass(frozen=True)
class FindingRow:
    """One finding as pages and exports show it. lon, lat: degrees, a point on its place; geojson: its place.

    cell_code, square_code: the one responsibility cell and the one 1 km square that hold it.
    """

    key: str
    rule_id: str
    county_code: str
    county_name: str | None
    feature_kind: str
    feature_id: str
    part: str
    name: str
    certainty: str
    severity: str
    status: str
    facts: dict[str, Any]
    cell_code: str | None
    square_code: str | None
    lon: float | None
    lat: float | None
    geojson: str | None
    opened_on: dt.date | None
    run_id: int


def list_findings(
    conn: Connection,
    wanted: FindingFilter,
    *,
    as_of: dt.date | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[FindingRow]:
    """List findings of a day in a stable order, worst first.

    For a day that is not today call gridmap.rules.engine.ensure_report() before.
    """
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_LIST, {**wanted.values(), "limit": limit, "offset": offset})
        return [FindingRow(**record._asdict()) for record in cursor.fetchall()]


def each_finding(
    conn: Connection, wanted: FindingFilter, *, as_of: dt.date | None = None, size: int = 2000
) -> Iterator[list[FindingRow]]:
    """Yield what list_findings() lists in batches from a cursor on the server; size: of a batch."""
    with snapshot(conn, as_of), conn.cursor(name="findings", cursor_factory=NamedTupleCursor) as stream:
        stream.execute(_LIST, {**wanted.values(), "limit": None, "offset": 0})
        while records := stream.fetchmany(size):
            yield [FindingRow(**record._asdict()) for record in records]


def count_findings(
    conn: Connection, wanted: FindingFilter, *, as_of: dt.date | None = None
) -> list[tuple[str, str, str, str, int]]:
    """Count findings of a day: (rule_id, county_code, certainty, severity, number), sorted."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_COUNT, wanted.values())
        return [tuple(record) for record in cursor.fetchall()]


def number_of_findings(conn: Connection, wanted: FindingFilter, *, as_of: dt.date | None = None) -> int:
    """Return how many findings of a day the filter lets through."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_NUMBER, wanted.values())
        return int(cursor.fetchone()[0])


def get_finding(conn: Connection, key: str, *, as_of: dt.date | None = None) -> FindingRow:
    """Return one finding: of a day's report, or without a day the living one, gone or not."""
    with snapshot(conn, as_of) as cursor:
        cursor.execute(_ONE if as_of else _ONE_LIVING, [key])
        record = cursor.fetchone()
    if record is None:
        raise NotFoundError(f"there is no finding {key}" + (f" on {as_of}" if as_of else ""))
    return FindingRow(**record._asdict())


def list_events(conn: Connection, key: str) -> list[Any]:
    """List what happened to a living finding, oldest first: event, reason, on_day, recorded_at, facts, run_id.

    inspection_id: the visit that confirmed or disputed it, whose post is the reason then; else None.
    """
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT event, reason, on_day, recorded_at, facts, run_id, inspection_id FROM gridmap.finding_event "
            "WHERE key = %s ORDER BY event_id",
            [key],
        )
        return list(cursor.fetchall())
