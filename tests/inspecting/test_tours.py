"""Tours in the database: planned, saved once, changed on their day, and never two to one site on one day."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg2
import psycopg2.errors
import pytest
import shapely

from gridmap.db.session import AREA_ROLE, connect, transaction
from gridmap.domain.tour import Place, TourError
from gridmap.errors import NotFoundError
from gridmap.inspecting.tour_changes import Change, change, note_visit
from gridmap.inspecting.tours import About, Wanted, keep, plan
from gridmap.store import settings, tours
from gridmap.store.tours import StaleTourError, TakenError
from tests.builders import add_site, degrees

DAY = dt.date(2020, 10, 15)
H = 3600


def at(east, north=0):
    spot = degrees(shapely.Point(east, north))
    return Place(spot.x, spot.y)


@pytest.fixture
def world(conn):
    """Four sites on a road of the straight kind, 1 to 4 km east of the start, and one of another county."""
    with transaction(conn) as cursor:
        settings.stand_on(cursor, DAY, demo=False)
        for number in (3, 1, 4, 2):
            add_site(cursor, f"s{number}", (number, 0), error_m=3000.0 if number == 4 else 0.0)
        add_site(cursor, "other", (5, 0), county="410182")
    return conn


def wanted(*ids, **more):
    return Wanted(DAY, at(0), sites=ids, **more)


def made(conn, *ids, title="上午", **more):
    return keep(conn, plan(conn, conn, wanted(*ids, **more)), title=title, county_code="410181", post="检查员-01")


def stops(conn, tour_id):
    with transaction(conn) as cursor:
        return tours.list_stops(cursor, tour_id)


def order(conn, tour_id):
    return [stop.site_id for stop in stops(conn, tour_id) if stop.place is not None]


def take(conn, tour_id, step, site=None, **more):
    with transaction(conn) as cursor:
        version = tours.get_tour(cursor, tour_id).version
    stop = next((s.stop_id for s in stops(conn, tour_id) if s.site_id == site), None)
    return change(conn, tour_id, Change(step, version, stop, **more))


def test_a_plan_orders_its_sites_and_tells_when_each_is_reached(world):
    found = plan(world, world, wanted("s3", "s1", "s4", "s2"))
    assert [stop.place for stop in found.stops] == [1, 2, 3, 4]
    assert {stop.state for stop in found.stops} == {"planned"}
    assert found.county_codes == ("410181",)
    # out and back on one road: nothing shorter is possible
    assert found.distance_m == pytest.approx(8000 * 1.3, rel=0.001)
    first = found.stops[0]
    assert first.service_s == 15 * 60
    assert first.arrives_s == 9 * H + round(first.leg_m / (30 / 3.6))


def test_a_hand_made_order_stays_and_says_what_does_not_fit(world):
    tour = made(world, "s4", "s1", "s3", is_hand_made=True, ends_s=9 * H + 1800)
    assert order(world, tour) == ["s4", "s1", "s3"]


def test_what_a_short_day_leaves_out_is_kept_with_the_reason(world):
    about = {"s4": About(hours="18:00-20:00"), "s1": About(must=True)}
    tour = made(world, "s1", "s2", "s3", "s4", services={"machine": 60}, ends_s=11 * H, about=about)
    left = {stop.site_id: stop.reason for stop in stops(world, tour) if stop.state == "left_out"}
    assert left["s4"] == "shut" and set(left.values()) == {"shut", "full"} and len(left) == 3
    assert order(world, tour) == ["s1"]


def test_sites_are_chosen_around_the_start_but_none_that_is_taken(world):
    made(world, "s1")
    found = plan(world, world, Wanted(DAY, at(0), choose=2))
    assert len(found.stops) == 2 and "s1" not in {stop.site_id for stop in found.stops}
    with pytest.raises(TourError) as refused:
        plan(world, world, Wanted(DAY, at(0, 40), choose=2, radius_m=500))
    assert refused.value.code == "none_near"


@pytest.mark.parametrize(
    ("ids", "more", "code", "name"),
    [
        ((), {}, "no_sites", None),
        (tuple(f"x{n}" for n in range(1000)), {}, "too_many", None),
        (("s1", "nobody"), {}, "unknown", "nobody"),
        (("s1", "\x00"), {}, "unknown", "\x00"),
        (("s1", "s2"), {"hours": "18:00-19:00"}, "all_shut", "演示s1"),
        (("s1",), {"hours": "12:00-09:00"}, "hours", "演示s1"),
        (("s1",), {"about": {"s1": About(hours="nan")}}, "hours", "演示s1"),
        (("s1", "s2"), {"ends_s": 9 * H + 60}, "none_fits", "演示s1"),
        (("s1", "s2"), {"about": {"s2": About(hours="18:00-19:00", must=True)}}, "must", "演示s2"),
        (("s1",), {"speed_kmh": float("nan")}, "speed", None),
        (("s1",), {"services": {"machine": -5}}, "service", "-5"),
        (("s1",), {"finish": Place(116.4, 39.9)}, "outside", None),
    ],
)
def test_what_cannot_be_a_tour_is_refused_by_name(world, ids, more, code, name):
    with pytest.raises(TourError) as refused:
        plan(world, world, wanted(*ids, **more))
    assert refused.value.code == code
    assert name is None or name in refused.value.names


def test_a_day_gone_by_and_a_closed_site_are_refused(world):
    with pytest.raises(TourError) as refused:
        plan(world, world, Wanted(DAY - dt.timedelta(1), at(0), sites=("s1",)))
    assert refused.value.code == "day"
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.site SET closed_on = %s WHERE site_id = 's1'", [DAY])
    with pytest.raises(TourError) as refused:
        plan(world, world, wanted("s1", "s2"))
    assert (refused.value.code, refused.value.names) == ("closed", ("演示s1",))


def test_a_site_that_closes_meanwhile_is_marked_and_not_ordered_again(world):
    tour = made(world, "s1", "s2")
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.site SET closed_on = %s WHERE site_id = 's2'", [DAY])
    assert [stop.is_closed for stop in stops(world, tour) if stop.site_id == "s2"] == [True]
    take(world, tour, "skip", "s2", reason="已关停")
    with transaction(world) as cursor:
        cursor.execute("DELETE FROM gridmap.site WHERE site_id = 's2'")
    assert [(stop.name, stop.site_id, stop.is_closed) for stop in stops(world, tour)][1] == ("演示s2", None, True)


def test_an_inspector_s_connection_knows_no_site_and_no_tour_of_another_county(world):
    tour = keep(world, plan(world, world, wanted("other")), title="外县", county_code="410182", post="检查员-02")
    with transaction(world) as cursor:
        cursor.execute("SELECT set_config('gridmap.area_counties', '410181', true)")
        cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")
        assert tours.find_tour(cursor, tour) is None
        assert tours.list_stops(cursor, tour) == []
        assert tours.list_tours(cursor) == []
        assert set(tours.list_sites(cursor, ["s1", "other"], DAY)) == {"s1"}
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), transaction(world) as inner:
            inner.execute("DELETE FROM gridmap.tour")
        cursor.execute("RESET ROLE")


def test_a_site_stands_on_no_two_tours_of_one_day_and_the_other_is_named(world):
    first = made(world, "s1", "s2", title="第一组")
    with pytest.raises(TakenError, match=r"演示s2 is on tour .* “第一组” of 检查员-01") as refused:
        plan(world, world, wanted("s2", "s3"))
    assert refused.value.taken[0].tour_id == first
    plan(world, world, Wanted(DAY + dt.timedelta(1), at(0), sites=("s1",)))
    take(world, first, "skip", "s2", reason="大门锁着")
    second = made(world, "s2", title="第二组")
    with pytest.raises(TakenError, match="第二组"):
        take(world, first, "resume", "s2")
    assert order(world, first) == ["s1"]
    take(world, second, "delete")
    take(world, first, "resume", "s2")
    assert order(world, first) == ["s1", "s2"]


def test_the_database_itself_refuses_the_second_tour(world):
    made(world, "s1")
    tour = made(world, "s2")
    with pytest.raises(psycopg2.errors.ExclusionViolation), transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.tour_stop SET site_id = 's1' WHERE tour_id = %s", [tour])


def test_a_stop_is_moved_locked_done_and_skipped(world):
    tour = made(world, "s1", "s2", "s3", "s4", is_hand_made=True)
    take(world, tour, "lock", "s2")
    take(world, tour, "up", "s3")
    assert order(world, tour) == ["s3", "s2", "s1", "s4"]
    take(world, tour, "down", "s3")
    take(world, tour, "done", "s1")
    assert order(world, tour) == ["s1", "s2", "s3", "s4"]
    take(world, tour, "skip", "s3", reason="大门锁着")
    found = stops(world, tour)
    assert [(s.site_id, s.state, s.reason) for s in found if s.place is None] == [("s3", "skipped", "大门锁着")]
    assert found[1].arrives_s > found[0].leaves_s
    with pytest.raises(TourError) as refused:
        take(world, tour, "skip", "s4", reason="  ")
    assert refused.value.code == "reason"
    with pytest.raises(TourError) as refused:
        take(world, tour, "up", "s1")
    assert refused.value.code == "state"
    with pytest.raises(TourError) as refused:
        take(world, tour, "delete")
    assert refused.value.code == "has_done"
    with pytest.raises(NotFoundError):
        take(world, tour, "up", "nobody")


def test_a_visit_of_a_site_makes_its_stop_done_once(world):
    tour = made(world, "s1", "s2", is_hand_made=True)
    assert note_visit(world, "s2", DAY + dt.timedelta(days=1)) is None
    assert note_visit(world, "nobody", DAY) is None
    assert note_visit(world, "s2", DAY) == tour
    assert [(s.site_id, s.state) for s in stops(world, tour)] == [("s2", "done"), ("s1", "planned")]
    assert note_visit(world, "s2", DAY) is None


def test_after_a_skip_the_rest_is_ordered_anew_from_there_and_what_is_locked_stays(world):
    tour = made(world, "s1", "s4", "s3", "s2", is_hand_made=True)
    take(world, tour, "done", "s1")
    take(world, tour, "lock", "s2")
    take(world, tour, "skip", "s4", reason="无人")
    skipped = next(stop.stop_id for stop in stops(world, tour) if stop.site_id == "s4")
    take(world, tour, "reorder", at_s=11 * H, from_stop=skipped)
    found = stops(world, tour)
    assert [stop.site_id for stop in found if stop.place] == ["s1", "s3", "s2"]
    # one kilometre back from s4
    assert found[1].leg_m == pytest.approx(1300, rel=0.01) and found[1].arrives_s > 11 * H
    with pytest.raises(TourError) as refused:
        take(world, tour, "reorder", at_s=18 * H)
    assert refused.value.code == "over"
    take(world, tour, "done", "s3")
    with transaction(world) as cursor:
        assert tours.get_tour(cursor, tour).resumed_s is None


def test_what_was_left_out_gets_its_chance_when_there_is_time(world):
    tour = made(world, "s1", "s2", "s3", services={"machine": 60}, ends_s=12 * H)
    assert len(order(world, tour)) == 2
    take(world, tour, "skip", order(world, tour)[0], reason="无人")
    take(world, tour, "reorder")
    assert len(order(world, tour)) == 2 and not [s for s in stops(world, tour) if s.state == "left_out"]


def test_a_change_of_an_older_version_is_refused(world):
    tour = made(world, "s1", "s2")
    first = next(stop.stop_id for stop in stops(world, tour) if stop.place == 1)
    assert change(world, tour, Change("lock", 1, first)).version == 2
    with pytest.raises(StaleTourError, match="is at version 2, yours is 1"):
        change(world, tour, Change("unlock", 1, first))


def test_of_two_saved_at_once_one_is_told_of_the_other(database_url):
    """Two connections, both planned before either saved: the one that comes second waits, and is refused."""
    one, two = connect(database_url), connect(database_url)
    try:
        with transaction(one) as cursor:
            add_site(cursor, "race", (1, 0))
            cursor.execute("SELECT gridmap.today()")
            today = cursor.fetchone()[0]
        mine, theirs = (plan(conn, conn, Wanted(today, at(0), sites=("race",))) for conn in (one, two))
        refused = []

        def save():
            try:
                keep(two, theirs, title="第二", county_code="410181", post="乙")
            except TakenError as error:
                refused.append(str(error))

        with transaction(one) as cursor:
            cursor.execute("SELECT 1")  # open, so that what follows is not committed by itself
            keep(one, mine, title="第一", county_code="410181", post="甲")
            thread = threading.Thread(target=save)
            thread.start()
            thread.join(0.3)
            assert thread.is_alive()
        thread.join(10)
        assert len(refused) == 1 and "“第一” of 甲" in refused[0]
    finally:
        with transaction(one) as cursor:
            cursor.execute("DELETE FROM gridmap.tour")
            cursor.execute("DELETE FROM gridmap.site WHERE site_id = 'race'")
        one.close()
        two.close()


def test_a_site_keeps_the_place_it_is_given(world):
    about = {"s1": About(place=3), "s4": About(place=99)}
    tour = made(world, "s1", "s2", "s3", "s4", about=about)
    assert order(world, tour)[2:] == ["s1", "s4"]
    assert [stop.is_locked for stop in stops(world, tour)] == [False, False, True, True]
    assert [stop.position_error_m for stop in stops(world, tour)] == [0, 0, 0, 3000]
