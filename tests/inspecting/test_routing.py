"""The solver: as good as the best known where that is known, the same every time, and it keeps what it is told."""

import pytest

from gridmap.inspecting.routing import Problem, Task, best_order
from tests.benchmarks import tours

H = 3600


def on_a_line(*at, begins=9, ends=17, most=None, **tasks):
    """Order places at kilometres of one road, a minute each, from and to kilometre 0. tasks: t0=Task(…)."""
    points = [0, *at, 0]
    seconds = [[60 * abs(a - b) for b in points] for a in points]
    known = [tasks.get(f"t{number}", Task()) for number in range(len(at))]
    return best_order(Problem(seconds, known, begins * H, int(ends * H), most))


def test_a_tour_of_tsplib_is_within_one_per_cent_of_the_best_known():
    instance = tours.INSTANCES[1]
    assert tours.length(instance.ways, instance.tour) == instance.best == 1610
    found = tours.ordered(instance)
    assert sorted(found) == list(range(29))
    assert tours.length(instance.ways, found) <= 1610 * 1.01
    assert tours.ordered(instance) == found


@pytest.mark.parametrize("instance", tours.INSTANCES[1:], ids=lambda one: one.name)
def test_the_numbers_of_the_instances_are_those_of_tsplib(instance):
    assert tours.length(instance.ways, instance.tour) == instance.best


def test_nothing_to_do_is_no_order():
    assert on_a_line() == []


def test_of_a_short_day_the_least_urgent_is_left_out():
    work = {f"t{n}": Task(service_s=H, urgency=u) for n, u in enumerate([1.0, 9.0, 3.0])}
    assert sorted(on_a_line(5, 10, 15, ends=11.6, **work)) == [1, 2]


def test_at_most_so_many_are_chosen_the_most_urgent_ones():
    work = {f"t{n}": Task(urgency=u) for n, u in enumerate([1.0, 9.0, 3.0, 8.0])}
    assert sorted(on_a_line(5, 10, 15, 20, most=2, **work)) == [1, 3]


def test_what_must_be_visited_goes_before_what_is_urgent():
    work = {"t0": Task(service_s=2 * H, must=True), "t1": Task(service_s=2 * H, urgency=999.0)}
    assert on_a_line(5, 5, ends=11.5, **work) == [0]


def test_a_place_is_visited_while_it_is_open_also_after_lunch():
    morning = Task(service_s=H, hours=((9 * H, 11 * H),))
    split = Task(service_s=H, hours=((6 * H, 9 * H), (14 * H, 16 * H)))
    assert on_a_line(1, 2, t0=split, t1=morning) == [1, 0]


@pytest.mark.parametrize("position", [1, 2, 3, 4])
def test_a_locked_place_keeps_its_place(position):
    order = on_a_line(1, 2, 3, 4, t3=Task(position=position))
    assert len(order) == 4 and order.index(3) == position - 1


def test_a_locked_place_that_cannot_be_so_late_comes_as_late_as_it_can():
    work = {f"t{n}": Task(service_s=2 * H, position=4 if n == 2 else None) for n in range(4)}
    order = on_a_line(1, 2, 3, 4, ends=13.5, **work)
    assert len(order) == 2 and 2 in order
