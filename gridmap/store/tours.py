"""Tours and their stops. The database keeps a site from standing on two tours of one day (tour_stop_site_once_a_day).

A tour is read on its reader's connection, under row-level security; it is written as the owner, after the permission.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import psycopg2.errors
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.tour import Place
from gridmap.errors import ConflictError, NotFoundError

State = Literal["planned", "done", "skipped", "left_out"]
IN_ORDER: tuple[State, ...] = ("planned", "done")
"""What stands in the order of a tour, and on no other tour of its day."""

_TOUR = """
SELECT t.tour_id, t.day, t.county_code, t.title, t.account_id, t.post,
    ST_X(t.start) AS start_lon, ST_Y(t.start) AS start_lat, ST_X(t.finish) AS finish_lon, ST_Y(t.finish) AS finish_lat,
    t.begins_s, t.ends_s, t.speed_kmh, t.detour_factor, t.ways_from, t.is_hand_made,
    ST_X(t.resumed) AS resumed_lon, ST_Y(t.resumed) AS resumed_lat, t.resumed_s, t.home_m, t.home_s, t.version,
    t.changed_at
FROM gridmap.tour AS t
"""

_LIST = """
SELECT t.tour_id, t.day, t.county_code, t.title, t.post, t.begins_s, t.home_s, t.ways_from,
    coalesce(sum(s.leg_m), 0) + t.home_m AS distance_m,
    count(s.stop_id) FILTER (WHERE s.state IN ('planned', 'done')) AS stops,
    count(s.stop_id) FILTER (WHERE s.state = 'done') AS done,
    count(s.stop_id) FILTER (WHERE s.state = 'skipped') AS skipped,
    count(s.stop_id) FILTER (WHERE s.state = 'left_out') AS left_out
FROM gridmap.tour AS t
LEFT JOIN gridmap.tour_stop AS s ON s.tour_id = t.tour_id
WHERE (%(day)s::date IS NULL OR t.day = %(day)s) AND (%(county)s::text IS NULL OR t.county_code = %(county)s)
GROUP BY t.tour_id ORDER BY t.day DESC, t.county_code, t.begins_s, t.tour_id LIMIT %(limit)s
"""

_STOPS = """
SELECT s.stop_id, s.place, s.site_id, s.name, s.kind, s.address, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    s.service_s, s.hours, s.urgency, s.must, s.is_locked, s.state, s.reason, s.arrives_s, s.begins_s, s.leg_m,
    s.site_id IS NULL OR coalesce(o.closed_on <= greatest(s.day, gridmap.today()), false) AS is_closed,
    coalesce(o.position_error_m, 0) AS position_error_m
FROM gridmap.tour_stop AS s
LEFT JOIN gridmap.site AS o ON o.site_id = s.site_id
WHERE s.tour_id = %s
ORDER BY s.place NULLS LAST, s.urgency DESC, s.stop_id
"""

_SITES = """
SELECT s.site_id, s.kind, s.name, s.address, s.county_code, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    s.position_error_m,
    (s.opened_on IS NULL OR s.opened_on <= %(day)s) AND (s.closed_on IS NULL OR s.closed_on > %(day)s) AS is_open
FROM gridmap.site AS s WHERE s.site_id = ANY(%(ids)s)
"""

_TAKEN = """
SELECT s.site_id, s.name, t.tour_id, t.title, t.post
FROM gridmap.tour_stop AS s INNER JOIN gridmap.tour AS t ON t.tour_id = s.tour_id
WHERE s.day = %(day)s AND s.site_id = ANY(%(ids)s) AND s.state IN ('planned', 'done')
    AND t.tour_id IS DISTINCT FROM %(but)s
ORDER BY s.site_id
"""

_INSERT = """
INSERT INTO gridmap.tour (day, county_code, title, account_id, post, start, finish, begins_s, ends_s, speed_kmh,
    detour_factor, ways_from, is_hand_made, home_m, home_s)
VALUES (%(day)s, %(county_code)s, %(title)s, %(account_id)s, %(post)s,
    ST_SetSRID(ST_MakePoint(%(start_lon)s, %(start_lat)s), 4490),
    ST_SetSRID(ST_MakePoint(%(finish_lon)s, %(finish_lat)s), 4490), %(begins_s)s, %(ends_s)s, %(speed_kmh)s,
    %(detour_factor)s, %(ways_from)s, %(is_hand_made)s, %(home_m)s, %(home_s)s)
RETURNING tour_id
"""

_INSERT_STOP = """
INSERT INTO gridmap.tour_stop (tour_id, day, place, site_id, name, kind, address, geom, service_s, hours, urgency, must,
    is_locked, state, reason, arrives_s, begins_s, leg_m)
VALUES (%(tour_id)s, %(day)s, %(place)s, %(site_id)s, %(name)s, %(kind)s, %(address)s,
    ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(service_s)s, %(hours)s, %(urgency)s, %(must)s, %(is_locked)s,
    %(state)s, %(reason)s, %(arrives_s)s, %(begins_s)s, %(leg_m)s)
"""

_UPDATE = """
UPDATE gridmap.tour AS t SET detour_factor = %(detour_factor)s, ways_from = %(ways_from)s,
    is_hand_made = %(is_hand_made)s, resumed = ST_SetSRID(ST_MakePoint(%(resumed_lon)s, %(resumed_lat)s), 4490),
    resumed_s = %(resumed_s)s, home_m = %(home_m)s, home_s = %(home_s)s, version = t.version + 1,
    changed_at = gridmap.instant()
WHERE t.tour_id = %(tour_id)s
"""

_UPDATE_STOP = """
UPDATE gridmap.tour_stop SET place = %(place)s, is_locked = %(is_locked)s, state = %(state)s, reason = %(reason)s,
    arrives_s = %(arrives_s)s, begins_s = %(begins_s)s, leg_m = %(leg_m)s
WHERE stop_id = %(stop_id)s
"""


@dataclass(frozen=True)
class TourRow:
    """A tour without its stops. Positions in degrees; times in seconds since midnight of its day."""

    tour_id: int
    day: dt.date
    county_code: str
    title: str
    account_id: int | None
    post: str
    start_lon: float
    start_lat: float
    finish_lon: float
    finish_lat: float
    begins_s: int
    ends_s: int
    speed_kmh: float
    detour_factor: float
    ways_from: str
    is_hand_made: bool
    resumed_lon: float | None = None
    resumed_lat: float | None = None
    resumed_s: int | None = None
    home_m: float = 0.0
    home_s: int = 0
    version: int = 1
    changed_at: dt.datetime | None = None

    @property
    def start(self) -> Place:
        """Return where it begins."""
        return Place(self.start_lon, self.start_lat)

    @property
    def finish(self) -> Place:
        """Return where it ends."""
        return Place(self.finish_lon, self.finish_lat)


@dataclass(frozen=True)
class StopRow:
    """A stop of a tour. place: in the order, None when skipped or left out.

    is_closed: the site is no more. position_error_m: how far off its position may be.
    """

    stop_id: int
    place: int | None
    site_id: str | None
    name: str
    kind: str
    address: str | None
    lon: float
    lat: float
    service_s: int
    hours: str
    urgency: float
    must: bool
    is_locked: bool
    state: State
    reason: str
    arrives_s: int | None
    begins_s: int | None
    leg_m: float | None
    is_closed: bool = False
    position_error_m: float = 0.0

    @property
    def leaves_s(self) -> int | None:
        """Return when the work there is over by plan."""
        return None if self.begins_s is None else self.begins_s + self.service_s


@dataclass(frozen=True)
class ListedTour:
    """A tour in a list, with how many stops it has and how far it goes."""

    tour_id: int
    day: dt.date
    county_code: str
    title: str
    post: str
    begins_s: int
    home_s: int
    ways_from: str
    distance_m: float
    stops: int
    done: int
    skipped: int
    left_out: int


@dataclass(frozen=True)
class SiteToVisit:
    """A site that may be put on a tour. is_open: it is there on the day."""

    site_id: str
    kind: str
    name: str
    address: str | None
    county_code: str
    lon: float
    lat: float
    position_error_m: float
    is_open: bool


@dataclass(frozen=True)
class Taken:
    """A site that another tour of the day visits."""

    site_id: str
    name: str
    tour_id: int
    title: str
    post: str


class TakenError(ConflictError):
    """Sites that stand on another tour of the day already."""

    def __init__(self, taken: Sequence[Taken]) -> None:
        self.taken = tuple(taken)
        told = "; ".join(f"{one.name} is on tour {one.tour_id} “{one.title}” of {one.post}" for one in taken)
        super().__init__(f"a site stands on no two tours of one day: {told or 'somebody was quicker'}")


class StaleTourError(ConflictError):
    """A change that is about an older version of the tour."""

    def __init__(self, tour_id: int, mine: int, theirs: int) -> None:
        self.mine, self.theirs = mine, theirs
        super().__init__(f"tour {tour_id} was changed by somebody else: it is at version {theirs}, yours is {mine}")


def list_sites(cursor: Cursor, ids: Sequence[str], day: dt.date) -> dict[str, SiteToVisit]:
    """Return the sites of these ids that the connection's reader may see, by id."""
    cursor.execute(_SITES, {"ids": list(ids), "day": day})
    return {row.site_id: SiteToVisit(*row) for row in cursor.fetchall()}


def list_taken(cursor: Cursor, day: dt.date, ids: Sequence[str], *, but: int | None = None) -> list[Taken]:
    """List which of these sites another tour of the day visits. but: a tour that does not count."""
    cursor.execute(_TAKEN, {"day": day, "ids": list(ids), "but": but})
    return [Taken(*row) for row in cursor.fetchall()]


def insert(cursor: Cursor, tour: TourRow, stops: Sequence[StopRow]) -> int:
    """Write a tour with its stops and return its id; TakenError when a site is on another tour of the day."""
    cursor.execute(_INSERT, tour.__dict__)
    tour_id = int(cursor.fetchone()[0])

    def write() -> None:
        # by id: two tours that share sites must not wait for each other
        for stop in sorted(stops, key=lambda each: each.site_id or ""):
            cursor.execute(_INSERT_STOP, {**stop.__dict__, "tour_id": tour_id, "day": tour.day})

    _or_taken(cursor, tour.day, stops, tour_id, write)
    return tour_id


def save(cursor: Cursor, tour: TourRow, stops: Sequence[StopRow]) -> TourRow:
    """Write what a change made of a tour that was read by get_tour(lock=True), and return it; its version grows."""
    cursor.execute(_UPDATE, tour.__dict__)

    def write() -> None:
        for stop in sorted(stops, key=lambda each: each.site_id or ""):
            cursor.execute(_UPDATE_STOP, stop.__dict__)

    _or_taken(cursor, tour.day, stops, tour.tour_id, write)
    return replace(tour, version=tour.version + 1)


def _or_taken(cursor: Cursor, day: dt.date, stops: Sequence[StopRow], tour_id: int, write: Callable[[], None]) -> None:
    cursor.execute("SAVEPOINT before_stops")
    try:
        write()
    except psycopg2.errors.ExclusionViolation as error:
        cursor.execute("ROLLBACK TO SAVEPOINT before_stops")
        ids = [stop.site_id for stop in stops if stop.site_id and stop.state in IN_ORDER]
        raise TakenError(list_taken(cursor, day, ids, but=tour_id)) from error
    cursor.execute("RELEASE SAVEPOINT before_stops")


def find_tour(cursor: Cursor, tour_id: int, *, lock: bool = False) -> TourRow | None:
    """Return a tour that the connection's reader may see, or None. lock: until the transaction ends."""
    cursor.execute(_TOUR + "WHERE t.tour_id = %s" + (" FOR UPDATE OF t" if lock else ""), [tour_id])
    record = cursor.fetchone()
    return None if record is None else TourRow(*record)


def get_tour(cursor: Cursor, tour_id: int, *, lock: bool = False) -> TourRow:
    """Return a tour; NotFoundError when there is none that the reader may see."""
    found = find_tour(cursor, tour_id, lock=lock)
    if found is None:
        raise NotFoundError(f"there is no tour {tour_id}")
    return found


def list_stops(cursor: Cursor, tour_id: int) -> list[StopRow]:
    """List the stops of a tour: in order first, then what was skipped or left out, most urgent first."""
    cursor.execute(_STOPS, [tour_id])
    return [StopRow(*row) for row in cursor.fetchall()]


def list_tours(
    cursor: Cursor, *, day: dt.date | None = None, county: str | None = None, limit: int = 500
) -> list[ListedTour]:
    """List the tours that the connection's reader may see, last day first."""
    cursor.execute(_LIST, {"day": day, "county": county, "limit": limit})
    return [ListedTour(*row) for row in cursor.fetchall()]


def delete(cursor: Cursor, tour_id: int) -> None:
    """Delete a tour with its stops; its sites are free for others."""
    cursor.execute("DELETE FROM gridmap.tour WHERE tour_id = %s", [tour_id])
