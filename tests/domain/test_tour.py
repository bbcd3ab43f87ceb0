"""A tour on paper: opening hours, times on the way, why a stop cannot be had, moving past what is locked."""

import pytest

from gridmap.domain.tour import (
    Day,
    Place,
    Stop,
    TourError,
    alone,
    begin_of,
    clock,
    moved,
    parse_hours,
    show_hours,
    timetable,
)

HERE = Place(113.0, 34.75)
H = 3600


def stop(hours="", minutes=30):
    return Stop("s", "甲", "machine", HERE, minutes * 60, parse_hours(hours))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("08:30-12:00, 14:00-17:30", "08:30-12:00, 14:00-17:30"),
        ("14：00—17：30；8:30 至 12:00", "08:30-12:00, 14:00-17:30"),
        ("08:00-12:00 11:00-13:00", "08:00-13:00"),
        ("00:00-24:00", "00:00-24:00"),
    ],
)
def test_opening_hours_are_read_as_people_write_them(text, shown):
    assert show_hours(parse_hours(text)) == shown


@pytest.mark.parametrize(
    "text", ["17:00-09:00", "09:00-09:00", "9-17", "25:00-26:00", "08:70-09:00", "nan", "20:00-24:30"]
)
def test_impossible_opening_hours_are_refused_with_whose_they_are(text):
    with pytest.raises(TourError, match="of 砖厂") as refused:
        parse_hours(text, "砖厂")
    assert refused.value.code == "hours" and refused.value.names[0] == "砖厂"


@pytest.mark.parametrize(("arrives", "begins"), [(8, 9), (9.5, 9.5), (11.5, 11.5), (11.6, 14), (17, 17), (17.1, None)])
def test_work_begins_only_where_it_can_end_before_it_closes(arrives, begins):
    found = begin_of(stop("09:00-12:00 14:00-17:30"), int(arrives * H))
    assert found == (None if begins is None else begins * H)


def test_a_timetable_waits_marks_what_is_shut_and_tells_when_it_is_home():
    stops = [stop("10:00-11:00"), stop("09:00-10:00"), stop()]
    seconds = [[0 if i == j else 1800 for j in range(5)] for i in range(5)]
    metres = [[way / 2 for way in row] for row in seconds]
    found = timetable([0, 1, 2], stops, metres, seconds, Day(HERE, HERE, 9 * H, 12 * H))
    assert [clock(visit.arrives_s) for visit in found.visits] == ["09:30", "11:00", "12:00"]
    assert [clock(visit.begins_s) for visit in found.visits] == ["10:00", "11:00", "12:00"]
    assert [visit.trouble for visit in found.visits] == [None, "shut", "late"]
    assert (clock(found.home_s), found.is_late, found.distance_m) == ("13:00", True, 3600)


@pytest.mark.parametrize(
    ("one", "there", "why"),
    [(stop(), 1, None), (stop(), 5, "far"), (stop("18:00-20:00"), 1, "shut"), (stop("06:00-09:10"), 1, "shut")],
)
def test_what_cannot_be_visited_even_alone_says_why(one, there, why):
    assert alone(one, there * H, there * H, Day(HERE, HERE, 9 * H, 17 * H)) == why


@pytest.mark.parametrize("place", [Place(116.4, 39.9), Place(34.75, 113.0), Place(float("nan"), 34.75)])
def test_a_start_outside_the_city_is_refused(place):
    with pytest.raises(TourError) as refused:
        Day(place, HERE)
    assert refused.value.code == "outside"


@pytest.mark.parametrize(("begins", "ends"), [(10, 9), (9, 9), (-1, 9), (9, 25)])
def test_a_day_that_ends_before_it_begins_is_refused(begins, ends):
    with pytest.raises(TourError) as refused:
        Day(HERE, HERE, begins * H, ends * H)
    assert refused.value.code == "times"


def test_a_stop_moves_past_what_is_locked_and_no_farther_than_the_end():
    assert moved([0, 1, 2, 3], frozenset({1}), 2, -1) == [2, 1, 0, 3]
    assert moved([0, 1, 2, 3], frozenset({1}), 0, -1) == [0, 1, 2, 3]
    assert moved([0, 1, 2, 3], frozenset({1}), 1, 1) == [0, 1, 2, 3]
    assert moved([0, 1], frozenset(), 0, 1) == [1, 0]


def test_past_midnight_the_clock_goes_on():
    assert clock(25 * H + 600) == "25:10"
