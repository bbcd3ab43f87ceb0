"""Rounds of patrol: keep each once, with its check points and the squares that it passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extras import execute_values

from gridmap.db.session import Connection, transaction
from gridmap.domain.arrival import ArrivalError
from gridmap.errors import ConflictError

GOOD_ENOUGH_M = 200.0
"""A check point that may be further off counts for no square."""

_INSERT = """
INSERT INTO gridmap.patrol_round (
    round_id, cell_code, county_code, account_id, post, site_id, patrolled_on, with_roads, note, made_at, clock_skew_s
)
VALUES (
    %(round_id)s, %(cell_code)s, %(county_code)s, gridmap.reader_account(), %(post)s, %(site_id)s,
    gridmap.today() - (gridmap.instant()::date - %(made_at)s::timestamptz::date), %(with_roads)s, %(note)s,
    %(made_at)s, %(clock_skew_s)s
)
ON CONFLICT (round_id) DO NOTHING
RETURNING round_id
"""

_POINTS = "INSERT INTO gridmap.patrol_point (round_id, number, at, geom, accuracy_m) VALUES %s"
_POINT = "(%s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490), %s)"

# of roads only where a road passes: nobody patrols the roads of a square that has none
_SQUARES = """
INSERT INTO gridmap.patrol (patrol_id, kind, county_code, cell_key, patrolled_on, post, cell_code, round_id)
SELECT
    r.round_id || '-' || k.kind || '-' || q.cell_key, k.kind, coalesce(s.county_code, r.county_code), q.cell_key,
    r.patrolled_on, r.post, r.cell_code, r.round_id
FROM gridmap.patrol_round AS r
CROSS JOIN (
    SELECT unnest(%(tapped)s::bigint[]) AS cell_key
    UNION
    SELECT p.cell_key FROM gridmap.patrol_point AS p
    WHERE p.round_id = %(round_id)s AND p.accuracy_m <= %(good_m)s AND p.cell_key = ANY(%(known)s::bigint[])
) AS q
CROSS JOIN (VALUES ('cell'), ('road')) AS k (kind)
LEFT JOIN gridmap.grid_cell AS s ON s.cell_key = q.cell_key AND s.in_force @> gridmap.today()
WHERE r.round_id = %(round_id)s AND (k.kind = 'cell' OR (r.with_roads AND q.cell_key = ANY(%(with_road)s::bigint[])))
RETURNING cell_key
"""

_ONE = """
SELECT r.round_id::text AS round_id, r.patrolled_on, r.cell_code,
    (SELECT count(DISTINCT p.cell_key) FROM gridmap.patrol AS p WHERE p.round_id = r.round_id) AS squares
FROM gridmap.patrol_round AS r
WHERE r.round_id = %s AND r.account_id = gridmap.reader_account()
"""


@dataclass(frozen=True)
class Point:
    """Where the phone was. lon, lat: degrees; accuracy_m: metres; at: with a zone."""

    lon: float
    lat: float
    accuracy_m: float
    at: dt.datetime


@dataclass(frozen=True)
class NewRound:
    """A round as it came. tapped: keys of the squares that were marked by hand."""

    round_id: str
    cell_code: str
    county_code: str
    post: str
    site_id: str | None
    tapped: tuple[int, ...]
    points: tuple[Point, ...]
    with_roads: bool
    note: str | None
    made_at: dt.datetime
    clock_skew_s: float


def keep(conn: Connection, made: NewRound, known: Collection[int], with_road: Sequence[int]) -> bool:
    """Keep a round and return True; False when it is there already, sent twice.

    known: keys of the cell's squares; with_road: of those that a road passes. Errors: ArrivalError when the round
    passed none of the squares, ConflictError when the key belongs to a round of somebody else.
    """
    with transaction(conn) as cursor:
        values = {**vars(made), "known": list(known), "with_road": list(with_road), "good_m": GOOD_ENOUGH_M}
        values["tapped"] = list(made.tapped)
        cursor.execute(_INSERT, values)
        if cursor.fetchone() is None:
            if find_round(conn, made.round_id) is None:
                raise ConflictError(f"the key {made.round_id} is taken")
            return False
        rows = [(made.round_id, n, p.at, p.lon, p.lat, p.accuracy_m) for n, p in enumerate(made.points, 1)]
        if rows:
            execute_values(cursor, _POINTS, rows, _POINT, page_size=500)
        cursor.execute(_SQUARES, values)
        if cursor.rowcount == 0:
            raise ArrivalError("no_squares", "the round passed none of the cell's squares")
        return True


def find_round(conn: Connection, round_id: str) -> Any | None:
    """Return a round of the reader's own: round_id, patrolled_on, cell_code, number of squares. round_id: a UUID."""
    with transaction(conn) as cursor:
        cursor.execute(_ONE, [round_id])
        return cursor.fetchone()


def find_square_of_site(conn: Connection, site_id: str) -> int | None:
    """Return the key of the square that holds a site that the reader may see."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT s.cell_key FROM gridmap.site AS s WHERE s.site_id = %s", [site_id])
        row = cursor.fetchone()
        return None if row is None else int(row.cell_key)


def received_at(conn: Connection) -> dt.datetime:
    """Return the instant by the platform's clock."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT gridmap.instant()")
        instant: dt.datetime = cursor.fetchone()[0]
        return instant
