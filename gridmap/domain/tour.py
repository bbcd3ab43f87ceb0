"""A tour: the sites of one day's drive in order, when each is reached, and why a site is left out of a day too short.

Times of a day are seconds since midnight of the tour's day, positions longitude and latitude in degrees (EPSG:4490).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gridmap.errors import UserError
from gridmap.geo import inside_envelope

Hours: TypeAlias = tuple[tuple[int, int], ...]
"""When a site is open: from and to, seconds since midnight, in order; () is always."""

LeftOut = Literal["shut", "far", "full"]
"""Why a stop is left out: never open when one could be there, too far to get there and back, or the day is full."""

MOST_STOPS = 60
"""Stops of one tour: nobody visits more in a day, and so many are ordered within seconds."""

SPEED_KMH = 30.0
"""Mean speed between two stops, parking included. Ours: county roads and town streets; the form changes it."""

SLOWEST_KMH, FASTEST_KMH = 1.0, 120.0

BEGINS_S, ENDS_S = 9 * 3600, 17 * 3600 + 1800
"""The day of an office: out at 9:00, back by 17:30."""

DEFAULT_SERVICE_MIN = 30
MOST_SERVICE_MIN = 480

SERVICE_MIN: Mapping[str, int] = {
    "enterprise": 45,
    "power_plant": 90,
    "machine": 15,
    "coal_outlet": 20,
    "construction_site": 40,
    "restaurant": 20,
    "boiler": 30,
    "burning_facility": 30,
    "quarry": 60,
    "storage_yard": 30,
    "vehicle": 10,
    "market": 40,
    "gas_station": 40,
    "test_station": 45,
    "remote_sensor": 15,
}
"""Minutes on the spot by kind of site. Ours: no document says how long a check takes; the form changes them."""

_DAY_S = 86_400
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)
_DASHES = str.maketrans({"：": ":", "—": "-", "–": "-", "－": "-", "~": "-", "～": "-", "至": "-"})
_BETWEEN = re.compile(r"[,，、;；\s]+")


class TourError(UserError):
    """A tour that cannot be. code: which sentence of the page tells why; names: sites or texts that it is about."""

    def __init__(self, code: str, sentence: str, names: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.code, self.names = code, tuple(names)


@dataclass(frozen=True)
class Place:
    """A position, degrees."""

    lon: float
    lat: float


@dataclass(frozen=True)
class Stop:
    """A site to be visited. service_s: how long the check takes. urgency: what leaving it out costs, more than 0.

    must: never left out. position: kept at this place of the order, from 1; None where the order is free.
    """

    site_id: str
    name: str
    kind: str
    place: Place
    service_s: int
    hours: Hours = ()
    urgency: float = 1.0
    must: bool = False
    position: int | None = None


@dataclass(frozen=True)
class Day:
    """What a tour runs by. begins_s: when it leaves `start`; ends_s: when it must be at `finish`."""

    start: Place
    finish: Place
    begins_s: int = BEGINS_S
    ends_s: int = ENDS_S

    def __post_init__(self) -> None:
        for which, place in (("start", self.start), ("end", self.finish)):
            if not inside_envelope(place.lon, place.lat):
                raise TourError(
                    "outside",
                    f"the {which} {place.lon}, {place.lat} is outside the city's data; expected lon, lat in degrees",
                    [f"{place.lon:g}, {place.lat:g}"],
                )
        if not 0 <= self.begins_s < self.ends_s <= _DAY_S:
            raise TourError(
                "times",
                f"the day runs from {clock(self.begins_s)} to {clock(self.ends_s)}; expected an end after it",
                [clock(self.begins_s), clock(self.ends_s)],
            )


@dataclass(frozen=True)
class Visit:
    """A stop on its way. arrives_s, begins_s, leaves_s: there, work begins (after waiting until it opens), off again.

    leg_m, leg_s: the way there from the stop before. trouble: "shut" when it is not open so long then, "late" when the
    day is over by then, None when all is well.
    """

    stop: int
    arrives_s: int
    begins_s: int
    leaves_s: int
    leg_m: float
    leg_s: int
    trouble: Literal["shut", "late"] | None


@dataclass(frozen=True)
class Timetable:
    """The visits in order, and the way back. home_s: when the end is reached; is_late: after the day is over."""

    visits: tuple[Visit, ...]
    home_m: float
    home_s: int
    is_late: bool

    @property
    def distance_m(self) -> float:
        """Return the whole way, metres."""
        return sum(visit.leg_m for visit in self.visits) + self.home_m


def service_min(kind: str, given: Mapping[str, int] | None = None) -> int:
    """Return the minutes that a check of a kind of site takes; given: what a form says otherwise."""
    return (given or {}).get(kind, SERVICE_MIN.get(kind, DEFAULT_SERVICE_MIN))


def parse_hours(text: str, name: str = "") -> Hours:
    """Return opening hours from text such as 08:30-12:00, 14:00-17:30; nothing is always.

    Errors: TourError for what is no time, and for hours that close before they open. name: whose, for the sentence.
    """
    parts = [part for part in _BETWEEN.split(re.sub(r"\s*-\s*", "-", text.translate(_DASHES).strip())) if part]
    spans = []
    for part in parts:
        found = _SPAN.fullmatch(part)
        numbers = [int(number) for number in found.groups()] if found else []
        if not numbers or numbers[1] > 59 or numbers[3] > 59 or max(numbers[0], numbers[2]) > 24:
            raise _bad_hours(name, part, "expected such as 08:30-12:00, 14:00-17:30")
        opens, closes = numbers[0] * 3600 + numbers[1] * 60, numbers[2] * 3600 + numbers[3] * 60
        if not opens < closes <= _DAY_S:
            raise _bad_hours(name, part, "it closes before it opens")
        spans.append((opens, closes))
    return _joined(sorted(spans))


def _bad_hours(name: str, part: str, why: str) -> TourError:
    whose = f" of {name}" if name else ""
    return TourError("hours", f"the opening hours{whose} {part[:40]!r} cannot be: {why}", [name, part[:40]])


def _joined(spans: Sequence[tuple[int, int]]) -> Hours:
    joined: list[tuple[int, int]] = []
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def show_hours(hours: Hours) -> str:
    """Return opening hours as parse_hours reads them."""
    return ", ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in hours)


def clock(seconds: float) -> str:
    """Return a time of the day as HH:MM, rounded to the minute; past midnight it goes on (25:10)."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def begin_of(stop: Stop, arrives_s: int) -> int | None:
    """Return when work at a stop begins for whoever is there at a time; None when it is not open long enough then."""
    if not stop.hours:
        return arrives_s
    for opens, closes in stop.hours:
        begins = max(arrives_s, opens)
        if begins + stop.service_s <= closes:
            return begins
    return None


def timetable(
    order: Sequence[int],
    stops: Sequence[Stop],
    metres: Sequence[Sequence[float]],
    seconds: Sequence[Sequence[int]],
    day: Day,
) -> Timetable:
    """Return when each stop of an order is reached.

    order: numbers of stops, from 0. metres, seconds: the ways between start (0), stops (1 …) and end (last).
    A stop that is shut when it is reached is worked at once all the same, and marked.
    """
    here, now = 0, day.begins_s
    visits = []
    for number in order:
        stop, there = stops[number], number + 1
        arrives = now + seconds[here][there]
        begins = begin_of(stop, arrives)
        leaves = (arrives if begins is None else begins) + stop.service_s
        trouble: Literal["shut", "late"] | None = "late" if leaves > day.ends_s else None
        if begins is None:
            trouble, begins = "shut", arrives
        visits.append(Visit(number, arrives, begins, leaves, metres[here][there], seconds[here][there], trouble))
        here, now = there, leaves
    last = len(stops) + 1
    home = now + seconds[here][last]
    return Timetable(tuple(visits), metres[here][last], home, home > day.ends_s)


def alone(stop: Stop, there_s: int, back_s: int, day: Day) -> LeftOut | None:
    """Return why a stop could not be visited were it the only one; None when it could."""
    if day.begins_s + there_s + stop.service_s + back_s > day.ends_s:
        return "far"
    begins = begin_of(stop, day.begins_s + there_s)
    if begins is None or begins + stop.service_s + back_s > day.ends_s:
        return "shut"
    return None


def moved(order: Sequence[int], fixed: frozenset[int], number: int, step: Literal[-1, 1]) -> list[int]:
    """Return an order in which a stop has changed places with the next one that way that is not fixed.

    Fixed stops keep their places. Where there is none to change with, the order stays.
    """
    places = list(order)
    here = places.index(number)
    there = here + step
    while 0 <= there < len(places) and places[there] in fixed:
        there += step
    if number not in fixed and 0 <= there < len(places):
        places[here], places[there] = places[there], places[here]
    return places
