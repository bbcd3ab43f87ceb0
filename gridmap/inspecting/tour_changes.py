"""What becomes of a tour on its day: moved, locked, done, skipped, and the rest ordered anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from gridmap import config
from gridmap.db.session import Connection, transaction
from gridmap.domain.tour import Day, Place, Stop, TourError, clock, moved, parse_hours, timetable
from gridmap.errors import NotFoundError
from gridmap.inspecting.matrix import city_ways
from gridmap.inspecting.tours import arrange
from gridmap.store import tours
from gridmap.store.tours import IN_ORDER, StaleTourError, StopRow, TourRow

Step = Literal["up", "down", "lock", "unlock", "done", "skip", "resume", "reorder", "delete"]
STEPS: tuple[Step, ...] = ("up", "down", "lock", "unlock", "done", "skip", "resume", "reorder", "delete")

LONGEST_REASON = 500
_DAY_S = 86_400


@dataclass(frozen=True)
class Change:
    """A step of a tour. version: of the tour it is about. stop_id: of the stop, where it is about one.

    reason: of a skip. at_s: reorder: the rest goes on at this time; from_stop: and from this stop, done or skipped.
    """

    step: Step
    version: int
    stop_id: int | None = None
    reason: str = ""
    at_s: int | None = None
    from_stop: int | None = None


def change(owner: Connection, tour_id: int, wanted: Change) -> TourRow | None:
    """Take a step with a tour and return it; None when it was deleted.

    Errors: NotFoundError without the tour or the stop; StaleTourError on another version than the last; TakenError when
    a site that comes back is on another tour; TourError for what cannot be.
    """
    with transaction(owner) as cursor:
        tour = tours.get_tour(cursor, tour_id, lock=True)
        if tour.version != wanted.version:
            raise StaleTourError(tour_id, wanted.version, tour.version)
        stops = tours.list_stops(cursor, tour_id)
        if wanted.step == "delete":
            if any(stop.state == "done" for stop in stops):
                raise TourError("has_done", "a tour on which something is done stays: it is a record")
            tours.delete(cursor, tour_id)
            return None
        if wanted.step == "reorder":
            ids = [stop.site_id for stop in stops if stop.state == "left_out" and stop.site_id]
            gone = {one.site_id for one in tours.list_taken(cursor, tour.day, ids, but=tour_id)}
            changed, rows = _reordered(tour, stops, wanted, frozenset(gone))
        else:
            changed, rows = _stepped(tour, stops, wanted)
        return tours.save(cursor, changed, rows)


def note_visit(owner: Connection, site_id: str, day: dt.date) -> int | None:
    """Note that a visit came from a site: the stop that plans it on that day is done. Return its tour, None for none.

    A visit is kept whatever becomes of the tour, so what stands in the way (midnight) leaves the stop as it is.
    """
    with transaction(owner) as cursor:
        taken = tours.list_taken(cursor, day, [site_id])
        if not taken:
            return None
        tour = tours.get_tour(cursor, taken[0].tour_id, lock=True)
        stops = tours.list_stops(cursor, tour.tour_id)
        stop = next((one for one in stops if one.site_id == site_id and one.state == "planned"), None)
        if stop is None:
            return None
        with suppress(TourError):
            tours.save(cursor, *_stepped(tour, stops, Change("done", tour.version, stop.stop_id)))
            return tour.tour_id
    return None


def _stepped(tour: TourRow, stops: Sequence[StopRow], wanted: Change) -> tuple[TourRow, list[StopRow]]:
    """Return the tour after one stop was moved, locked, done, skipped or taken back."""
    one = next((stop for stop in stops if stop.stop_id == wanted.stop_id), None)
    if one is None:
        raise NotFoundError(f"there is no stop {wanted.stop_id} on tour {tour.tour_id}")
    order = [stop for stop in stops if stop.state in IN_ORDER]
    step = wanted.step
    if step in ("up", "down"):
        _expect(one, ("planned",))
        places = list(range(len(order)))
        fixed = frozenset(n for n in places if order[n].is_locked or order[n].state == "done")
        order = [order[n] for n in moved(places, fixed, order.index(one), -1 if step == "up" else 1)]
        tour = replace(tour, is_hand_made=True)
    elif step in ("lock", "unlock"):
        _expect(one, ("planned",))
        order = [replace(stop, is_locked=step == "lock") if stop is one else stop for stop in order]
    elif step == "done":
        _expect(one, ("planned",))
        order = [replace(stop, state="done", is_locked=False) if stop is one else stop for stop in order]
        order.sort(key=lambda stop: stop.state != "done")  # stable: what is done comes first, as it was done
        tour = replace(tour, resumed_lon=None, resumed_lat=None, resumed_s=None)
    elif step == "skip":
        _expect(one, ("planned",))
        reason = wanted.reason.strip()
        if not reason or len(reason) > LONGEST_REASON or "\x00" in reason:
            raise TourError("reason", f"a skip needs a reason of at most {LONGEST_REASON} characters")
        order.remove(one)
        one = _out(replace(one, state="skipped", reason=reason))
    else:
        _expect(one, ("skipped", "left_out", "done"))
        order = [stop for stop in order if stop is not one]
        order.append(replace(one, state="planned", reason=""))
    rest = [stop for stop in stops if stop.state not in IN_ORDER and stop.stop_id != one.stop_id]
    if one.state not in IN_ORDER and step == "skip":
        rest.append(one)
    return _timed(tour, order, rest)


def _expect(one: StopRow, states: tuple[str, ...]) -> None:
    if one.state not in states:
        raise TourError("state", f"{one.name} is {one.state}; expected {' or '.join(states)}", [one.name, one.state])


def _out(stop: StopRow) -> StopRow:
    return replace(stop, place=None, arrives_s=None, begins_s=None, leg_m=None, is_locked=False)


def _timed(tour: TourRow, order: Sequence[StopRow], rest: Sequence[StopRow]) -> tuple[TourRow, list[StopRow]]:
    """Return the tour with places and times for its order; what is done keeps the times it was planned for."""
    done = [stop for stop in order if stop.state == "done"]
    planned = [stop for stop in order if stop.state != "done"]
    place, leaves = _origin(tour, done)
    day = Day(place, tour.finish, leaves, max(tour.ends_s, leaves + 1)) if leaves < _DAY_S else None
    if day is None:
        raise TourError("over", f"it would go on at {clock(leaves)}, after midnight", [clock(leaves)])
    stops = [_stop(stop) for stop in planned]
    ways = city_ways([place, *(stop.place for stop in stops), tour.finish], tour.speed_kmh)
    times = timetable(range(len(stops)), stops, ways.metres, ways.seconds, day)
    rows = [replace(stop, place=number) for number, stop in enumerate(done, 1)]
    for number, (stop, visit) in enumerate(zip(planned, times.visits, strict=True), len(done) + 1):
        rows.append(replace(stop, place=number, arrives_s=visit.arrives_s, begins_s=visit.begins_s, leg_m=visit.leg_m))
    changed = replace(
        tour, home_m=times.home_m, home_s=times.home_s, ways_from=ways.source, detour_factor=config.load().detour_factor
    )
    return changed, [*rows, *rest]


def _origin(tour: TourRow, done: Sequence[StopRow]) -> tuple[Place, int]:
    """Return where and when the rest of a tour goes on."""
    if tour.resumed_s is not None and tour.resumed_lon is not None and tour.resumed_lat is not None:
        return Place(tour.resumed_lon, tour.resumed_lat), tour.resumed_s
    if done and done[-1].leaves_s is not None:
        return Place(done[-1].lon, done[-1].lat), done[-1].leaves_s
    return tour.start, tour.begins_s


def _stop(row: StopRow, position: int | None = None) -> Stop:
    return Stop(
        str(row.stop_id), row.name, row.kind, Place(row.lon, row.lat), row.service_s, parse_hours(row.hours),
        row.urgency, row.must, position,
    )  # fmt: skip


def _reordered(
    tour: TourRow, stops: Sequence[StopRow], wanted: Change, taken: frozenset[str | None]
) -> tuple[TourRow, list[StopRow]]:
    """Return the tour with what is not done yet in the best order, from where and when it goes on.

    What was left out gets another chance, unless it is on another tour by now or its site is closed.
    """
    done = [stop for stop in stops if stop.state == "done"]
    tour = replace(_resumed(tour, stops, wanted, done), is_hand_made=False)
    place, leaves = _origin(tour, done)
    if leaves >= tour.ends_s:
        raise TourError(
            "over", f"it would go on at {clock(leaves)}; the day ends at {clock(tour.ends_s)}", [clock(leaves)]
        )
    again = [stop for stop in stops if stop.state == "left_out" and stop.site_id not in taken and not stop.is_closed]
    able = [stop for stop in stops if stop.state == "planned"] + again
    if not able:
        raise TourError("no_rest", "nothing is left to be ordered")
    rest = [stop for stop in stops if stop not in done and stop not in able]
    known = [
        _stop(stop, stop.place - len(done) if stop.is_locked and stop.place and stop.place > len(done) else None)
        for stop in able
    ]
    day = Day(place, tour.finish, leaves, tour.ends_s)
    arranged = arrange(known, day, speed_kmh=tour.speed_kmh)
    order = [replace(able[visit.stop], state="planned", reason="") for visit in arranged.times.visits]
    left = [
        _out(replace(able[number], state="left_out", reason=why)) for number, why in sorted(arranged.left_out.items())
    ]
    return _timed(tour, [*done, *order], [*rest, *left])


def _resumed(tour: TourRow, stops: Sequence[StopRow], wanted: Change, done: Sequence[StopRow]) -> TourRow:
    """Return the tour going on where and when a step says, or as before when it says nothing."""
    if wanted.at_s is None and wanted.from_stop is None:
        return tour
    place, leaves = _origin(replace(tour, resumed_s=None), done)
    if wanted.from_stop is not None:
        there = next((s for s in stops if s.stop_id == wanted.from_stop and s.state in ("done", "skipped")), None)
        if there is None:
            raise NotFoundError(f"there is no stop {wanted.from_stop} on tour {tour.tour_id} that is done or skipped")
        place = Place(there.lon, there.lat)
    at_s = leaves if wanted.at_s is None else wanted.at_s
    return replace(tour, resumed_lon=place.lon, resumed_lat=place.lat, resumed_s=at_s)
