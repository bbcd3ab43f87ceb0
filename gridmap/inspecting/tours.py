"""Planning a tour: which sites, in which order, when each is reached, and what was left out and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridmap import config
from gridmap.db.session import Connection, today, transaction
from gridmap.domain.tour import (
    BEGINS_S,
    ENDS_S,
    FASTEST_KMH,
    MOST_SERVICE_MIN,
    MOST_STOPS,
    SLOWEST_KMH,
    SPEED_KMH,
    Day,
    LeftOut,
    Place,
    Stop,
    Timetable,
    TourError,
    alone,
    parse_hours,
    service_min,
    show_hours,
    timetable,
)
from gridmap.domain.urgency import Weights, urgency
from gridmap.inspecting import routing
from gridmap.inspecting.matrix import city_ways
from gridmap.inspecting.near import Asked, facts_of, near
from gridmap.inspecting.routing import Problem, Task
from gridmap.store import tours
from gridmap.store.site_record import records_of
from gridmap.store.tours import SiteToVisit, StopRow, TakenError, TourRow

RADIUS_M = 10_000.0
"""Sites are chosen within this of the start, unless less is said; no radius may be wider."""

CANDIDATES = 3
"""So many times as many sites as are wanted are looked at: the most urgent ones, of which the day takes what it can."""


@dataclass(frozen=True)
class About:
    """What is said of one site on a tour, else the defaults hold.

    hours: as text, see domain.tour.parse_hours. place: the one that it keeps in the order, from 1.
    """

    service_min: int | None = None
    hours: str | None = None
    must: bool = False
    place: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What a tour is to be. Either sites (ids, in the order of visit when is_hand_made), or `choose` so many.

    services: minutes by kind, where they differ from the house's. hours: of every site of which nothing else is said.
    """

    day: dt.date
    start: Place
    finish: Place | None = None
    sites: tuple[str, ...] = ()
    choose: int | None = None
    radius_m: float = RADIUS_M
    begins_s: int = BEGINS_S
    ends_s: int = ENDS_S
    speed_kmh: float = SPEED_KMH
    services: Mapping[str, int] = field(default_factory=dict)
    hours: str = ""
    about: Mapping[str, About] = field(default_factory=dict)
    is_hand_made: bool = False


@dataclass(frozen=True)
class Arrangement:
    """Stops in order with their times, and those left out, by number. ways_from: see inspecting/matrix.py."""

    times: Timetable
    left_out: Mapping[int, LeftOut]
    ways_from: str


@dataclass(frozen=True)
class Plan:
    """A tour that is not saved yet. county_codes: of its sites."""

    tour: TourRow
    stops: tuple[StopRow, ...]
    county_codes: tuple[str, ...]

    @property
    def distance_m(self) -> float:
        """Return the whole way, metres."""
        return sum(stop.leg_m or 0.0 for stop in self.stops) + self.tour.home_m


def plan(conn: Connection, owner: Connection, wanted: Wanted) -> Plan:
    """Return the tour that is wanted, not saved.

    conn: the reader's connection: what he may not see cannot be put on a tour. owner: knows all tours of the day.
    Errors: TourError with what is wrong; TakenError when a site is on another tour of the day.
    """
    _check(conn, wanted)
    day = Day(wanted.start, wanted.finish or wanted.start, wanted.begins_s, wanted.ends_s)
    sites = _chosen(conn, owner, wanted) if wanted.choose is not None else _named(conn, owner, wanted)
    stops = _stops(conn, sites, wanted)
    arranged = arrange(stops, day, speed_kmh=wanted.speed_kmh, is_hand_made=wanted.is_hand_made, most=wanted.choose)
    # further candidates were never promised to anybody
    told = len(stops) if wanted.choose is None else wanted.choose
    left_out = {number: why for number, why in arranged.left_out.items() if number < told}
    tour = TourRow(
        0, wanted.day, "", "", None, "", day.start.lon, day.start.lat, day.finish.lon, day.finish.lat,
        day.begins_s, day.ends_s, wanted.speed_kmh, config.load().detour_factor, arranged.ways_from,
        wanted.is_hand_made, home_m=arranged.times.home_m, home_s=arranged.times.home_s,
    )  # fmt: skip
    rows = _rows(stops, sites, wanted, arranged.times, left_out)
    return Plan(tour, rows, tuple(sorted({site.county_code for site in sites})))


def arrange(
    stops: Sequence[Stop], day: Day, *, speed_kmh: float, is_hand_made: bool = False, most: int | None = None
) -> Arrangement:
    """Return stops in the best order, or in their own when it is hand-made: then nothing is left out.

    most: at most so many. Errors: TourError when none can be visited, or not one that must be.
    """
    ways = city_ways([day.start, *(stop.place for stop in stops), day.finish], speed_kmh)
    if is_hand_made:
        times = timetable(range(len(stops)), stops, ways.metres, ways.seconds, day)
        return Arrangement(times, {}, ways.source)
    seconds, last = ways.seconds, len(stops) + 1
    left_out: dict[int, LeftOut] = {}
    for number, stop in enumerate(stops):
        why = alone(stop, seconds[0][number + 1], seconds[number + 1][last], day)
        if why is not None:
            left_out[number] = why
    _refuse(stops, left_out, len(left_out) == len(stops))
    able = [number for number in range(len(stops)) if number not in left_out]
    places = [0, *(number + 1 for number in able), last]
    problem = Problem(
        [[seconds[here][there] for there in places] for here in places],
        [Task(s.service_s, s.hours, s.urgency, s.must, s.position) for s in (stops[number] for number in able)],
        day.begins_s,
        day.ends_s,
        most,
    )
    order = [able[number] for number in routing.best_order(problem)]
    left_out |= dict.fromkeys(sorted(set(able) - set(order)), "full")
    _refuse(stops, left_out, not order)
    return Arrangement(timetable(order, stops, ways.metres, seconds, day), left_out, ways.source)


def _refuse(stops: Sequence[Stop], left_out: Mapping[int, LeftOut], nothing_left: bool) -> None:
    """Raise TourError when nothing is left of a tour, or not what must be visited."""
    missed = [number for number in left_out if stops[number].must or stops[number].position is not None]
    numbers = sorted(left_out) if nothing_left else missed
    if not numbers:
        return
    names = [stops[number].name for number in numbers]
    reasons = {left_out[number] for number in numbers}
    told = "; ".join(f"{stops[number].name} ({EXPLAINED[left_out[number]]})" for number in numbers)
    if nothing_left:
        code = "all_shut" if reasons == {"shut"} else "none_fits"
        raise TourError(code, f"no site can be visited that day: {told}", names)
    raise TourError("must", f"these must be visited and cannot be that day: {told}", names)


EXPLAINED: Mapping[str, str] = {
    "shut": "not open when it could be reached",
    "far": "too far to go there, check and be back within the day",
    "full": "the day is full, and the others are more urgent or nearer",
}
"""Why a site is left out, in English."""


def _check(conn: Connection, wanted: Wanted) -> None:
    now = today(conn)
    if not now <= wanted.day <= now + dt.timedelta(days=366):
        raise TourError("day", f"a tour of {wanted.day} cannot be planned; expected {now} or a day of the year after")
    if not SLOWEST_KMH <= wanted.speed_kmh <= FASTEST_KMH:  # NaN compares false
        raise TourError("speed", f"the speed is {wanted.speed_kmh} km/h; expected {SLOWEST_KMH:g} to {FASTEST_KMH:g}")
    number = len(set(wanted.sites)) if wanted.choose is None else wanted.choose
    if number < 1:
        raise TourError("no_sites", "a tour needs at least one site")
    if number > MOST_STOPS:
        raise TourError("too_many", f"{number} sites are too many for one day; expected at most {MOST_STOPS}")
    given = [
        *wanted.services.values(),
        *(one.service_min for one in wanted.about.values() if one.service_min is not None),
    ]
    for minutes in given:
        if not 0 <= minutes <= MOST_SERVICE_MIN:
            raise TourError(
                "service", f"{minutes} minutes on the spot; expected 0 to {MOST_SERVICE_MIN}", [str(minutes)]
            )


def _named(conn: Connection, owner: Connection, wanted: Wanted) -> list[SiteToVisit]:
    ids = list(dict.fromkeys(wanted.sites))
    with transaction(conn) as cursor:
        found = tours.list_sites(cursor, [text for text in ids if "\x00" not in text], wanted.day)
    unknown = [text for text in ids if text not in found]
    if unknown:
        shown = ", ".join(text[:40] for text in unknown)
        raise TourError("unknown", f"there is no site {shown} that you may see", [text[:40] for text in unknown])
    closed = [site.name for site in found.values() if not site.is_open]
    if closed:
        raise TourError("closed", f"closed on {wanted.day}, or not open yet: {', '.join(closed)}", closed)
    with transaction(owner) as cursor:
        taken = tours.list_taken(cursor, wanted.day, ids)
    if taken:
        raise TakenError(taken)
    return [found[text] for text in ids]


def _chosen(conn: Connection, owner: Connection, wanted: Wanted) -> list[SiteToVisit]:
    """Return the most urgent sites around the start that nobody visits that day, most urgent first."""
    number = wanted.choose or 0
    most = min(CANDIDATES * number, MOST_STOPS)
    asked = Asked(wanted.start.lon, wanted.start.lat, radius_m=wanted.radius_m, nearest=500, rank="urgency")
    ids = [one.site.site_id for one in near(conn, asked).sites]
    with transaction(owner) as cursor:
        taken = {one.site_id for one in tours.list_taken(cursor, wanted.day, ids)}
    with transaction(conn) as cursor:
        found = tours.list_sites(cursor, ids, wanted.day)
    free = [found[text] for text in ids if text in found and found[text].is_open and text not in taken]
    if not free:
        raise TourError(
            "none_near", f"no site that you may see is free within {wanted.radius_m:g} m", [f"{wanted.radius_m:g}"]
        )
    return free[:most]


def _stops(conn: Connection, sites: Sequence[SiteToVisit], wanted: Wanted) -> list[Stop]:
    records, weights = records_of(conn, [site.site_id for site in sites]), Weights()
    stops = []
    for site in sites:
        about = wanted.about.get(site.site_id, About())
        minutes = service_min(site.kind, wanted.services) if about.service_min is None else about.service_min
        hours = parse_hours(wanted.hours if about.hours is None else about.hours, site.name)
        stops.append(
            Stop(
                site.site_id, site.name, site.kind, Place(site.lon, site.lat), minutes * 60, hours,
                urgency(facts_of(records[site.site_id]), weights).score, about.must,
                None if about.place is None else min(about.place, len(sites)),
            )
        )  # fmt: skip
    return stops


def _rows(
    stops: Sequence[Stop],
    sites: Sequence[SiteToVisit],
    wanted: Wanted,
    times: Timetable,
    left_out: Mapping[int, LeftOut],
) -> tuple[StopRow, ...]:
    visits = {visit.stop: (place, visit) for place, visit in enumerate(times.visits, 1)}
    rows = []
    for number in [*visits, *left_out]:
        stop, site = stops[number], sites[number]
        place, visit = visits.get(number, (None, None))
        rows.append(
            StopRow(
                0, place, stop.site_id, stop.name, stop.kind, site.address, stop.place.lon, stop.place.lat,
                stop.service_s, show_hours(stop.hours), stop.urgency, stop.must,
                stop.position is not None and visit is not None,
                "left_out" if visit is None else "planned", left_out.get(number, ""),
                visit.arrives_s if visit else None, visit.begins_s if visit else None, visit.leg_m if visit else None,
            )
        )  # fmt: skip
    return tuple(rows)


def keep(
    owner: Connection, made: Plan, *, title: str, county_code: str, post: str, account_id: int | None = None
) -> int:
    """Save a planned tour and return its id; TakenError when somebody was quicker with one of its sites."""
    if not title.strip() or len(title.strip()) > 100 or "\x00" in title:
        raise TourError("title", "a tour needs a title of at most 100 characters")
    row = TourRow(
        **{
            **made.tour.__dict__,
            "title": title.strip(),
            "county_code": county_code,
            "post": post,
            "account_id": account_id,
        }
    )
    with transaction(owner) as cursor:
        return tours.insert(cursor, row, made.stops)
