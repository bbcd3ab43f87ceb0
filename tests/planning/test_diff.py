"""Versions side by side: areas as shapely has them, villages and sites by the rules' own views."""

import datetime as dt
import json

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.db.session import AREA_ROLE, Access, ask_for, connect, today, transaction
from gridmap.domain.draft import Content
from gridmap.errors import NotFoundError, UserError
from gridmap.planning import impact as planning
from gridmap.planning.diff import diff, diff_days
from gridmap.store import draft_sides, drafts, zone_diff
from tests import databases
from tests.builders import add_region, add_site, add_village, add_zone, box, degrees

LATER = dt.date(2020, 10, 1)
OLD = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
NEW = shapely.union_all([box(2, 0, 7, 4), box(9, 0, 10, 1)])


@pytest.fixture
def two(conn):
    """Two versions, with villages and sites on all sides."""
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(-5, -5, 20, 20))
        a = add_zone(cursor, boundary=OLD)
        b = add_zone(cursor, boundary=NEW, begins_on=LATER)
        add_village(cursor, "410181113201", (0.5, 0.5), households=100)
        add_village(cursor, "410181113202", (3, 1), households=50)
        add_village(cursor, "410181113203", (6, 1), households=30)
        add_village(cursor, "410181113204", (9.5, 0.5))
        add_village(cursor, "410181113205", (1.5, 1.5), households=7)
        add_village(cursor, "410181113206", (3, 5), territory=box(3, 3, 5, 5), households=1)
        add_site(cursor, "fallen", (0.5, 2))
        add_site(cursor, "kept", (3, 2))
        add_site(cursor, "come", (5, 2), county="410102")
    return a, b


def outline(geojson):
    return shapely.from_geojson(json.dumps(geojson))


def km2(value):
    return pytest.approx(value * 1e6, abs=2)


def test_land_is_what_shapely_says(conn, two):
    land = diff(conn, *two).land
    expected = {"added": NEW.difference(OLD), "removed": OLD.difference(NEW), "kept": OLD.intersection(NEW)}
    for change, area in expected.items():
        assert land.area_m2(change) == km2(area.area)
        drawn, wanted = outline(land.outline(change)), degrees(area)
        assert drawn.is_valid
        assert drawn.symmetric_difference(wanted).area < 1e-4 * wanted.area
    assert (land.before_m2, land.after_m2) == (km2(OLD.area), km2(NEW.area))


PLACES, SIZES = (st.integers(low, 24).map(lambda value: value / 4) for low in (0, 1))
BOXES = st.tuples(PLACES, PLACES, SIZES, SIZES).map(lambda one: (one[0], one[1], one[0] + one[2], one[1] + one[3]))
AREAS = st.lists(BOXES.map(lambda one: box(*one)), min_size=1, max_size=4).map(shapely.union_all)


@given(old=AREAS, new=AREAS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_land_of_any_two_versions_is_what_shapely_says(conn, old, new):
    with conn.cursor() as cursor:
        cursor.execute("SAVEPOINT example")
    try:
        with transaction(conn) as cursor:
            ids = add_zone(cursor, boundary=old), add_zone(cursor, boundary=new, begins_on=LATER)
            land = zone_diff.land(cursor, *ids)
        # edges are straight in degrees, not in metres: a long one bows by up to some centimetres
        for change, area in (("added", new - old), ("removed", old - new), ("kept", old & new)):
            assert land.area_m2(change) == pytest.approx(area.area * 1e6, abs=60), change
            assert (land.outline(change) is None) == (area.area == 0), change
        assert land.before_m2 == pytest.approx(old.area * 1e6, abs=60)
        assert land.after_m2 == pytest.approx(new.area * 1e6, abs=60)
    finally:
        with conn.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT example")


def test_villages_households_and_sites_that_change_side(conn, two):
    found = diff(conn, *two)
    assert [village.id[-3:] for village in found.villages_that("added")] == ["203", "204"]
    assert [village.id[-3:] for village in found.villages_that("removed")] == ["201"]
    assert (found.households("added"), found.uncounted("added"), found.households("removed")) == (30, 1, 100)
    assert [site.id for site in found.sites_that("added")] == ["come"]
    assert [site.id for site in found.sites_that("removed")] == ["fallen"]
    village = found.villages_that("removed")[0]
    assert (village.before_pct, village.after_pct) == (100, 0)


def test_asking_only_where_two_versions_differ_leaves_nothing_out(conn, two):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113207", (7.2, 1), error_m=500)
        add_village(cursor, "410181113208", (8, 3), territory=box(6.5, 2, 9.5, 4))
        add_site(cursor, "vague", (7.2, 2), error_m=500)
        names = ("410181113202",), ("410181113203",)
        own = add_zone(cursor, boundary=NEW, begins_on=LATER, units_in=names[0], units_out=names[1], publish=False)
    day = today(conn)
    for a, b in ((two[0], two[1]), (two[1], two[0]), (two[1], own), (two[0], own)):
        found = diff(conn, a, b)
        for sides, told in ((draft_sides.villages, found.villages), (draft_sides.sites, found.sites)):
            was, becomes = (
                {
                    key
                    for key, side in sides(conn, "coal_free", None, day=day, draft=one).items()
                    if side.inside_pct >= 50
                }
                for one in (a, b)
            )
            assert {one.id for one in told if one.change == "added"} == becomes - was
            assert {one.id for one in told if one.change == "removed"} == was - becomes


def test_the_other_way_round_is_the_mirror(conn, two):
    there, back = diff(conn, *two), diff(conn, *two[::-1])
    assert (there.land.added_m2, there.land.removed_m2) == (back.land.removed_m2, back.land.added_m2)
    assert [one.id for one in there.villages_that("added")] == [one.id for one in back.villages_that("removed")]
    assert [one.id for one in there.sites_that("removed")] == [one.id for one in back.sites_that("added")]


def test_a_version_does_not_differ_from_itself(conn, two):
    found = diff(conn, two[0], two[0])
    assert (found.villages, found.sites) == ((), ())
    assert (found.land.added_m2, found.land.removed_m2, found.land.kept_m2) == (0, 0, km2(OLD.area))
    assert (found.land.added, found.land.removed) == (None, None)


def test_a_list_decides_before_the_line(conn):
    with transaction(conn) as cursor:
        a = add_zone(cursor, boundary=box(0, 0, 2, 2))
        b = add_zone(
            cursor, boundary=box(0, 0, 2, 2), begins_on=LATER, units_in=("410181113202",), units_out=("410181113201",)
        )
        add_village(cursor, "410181113201", (1, 1))
        add_village(cursor, "410181113202", (5, 1))
    found = diff(conn, a, b)
    assert [(one.id[-3:], one.change, one.by_name) for one in found.villages] == [
        ("201", "removed", True),
        ("202", "added", True),
    ]
    assert (found.land.added_m2, found.land.removed_m2) == (0, 0)


def test_a_version_by_name_only_covers_no_land(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1))
        a = add_zone(cursor, units_in=("410181113201",))
        b = add_zone(cursor, boundary=box(0, 0, 2, 2), begins_on=LATER)
    found = diff(conn, a, b)
    assert (found.land.added_m2, found.land.kept_m2, found.land.kept) == (km2(4), 0, None)
    assert found.villages == ()


def test_what_another_zone_of_the_kind_holds_does_not_change_side(conn, two):
    with transaction(conn) as cursor:
        add_zone(cursor, "coal_free_other", boundary=box(-1, -1, 1, 3))
    found = diff(conn, *two)
    assert found.villages_that("removed") == ()
    assert found.sites_that("removed") == ()
    assert found.land.removed_m2 == km2(OLD.difference(NEW).area)


def test_a_draft_against_the_law_says_what_its_impact_says(conn, two):
    with transaction(conn) as cursor:
        own = drafts.create(cursor, two[1], title="西移", author="planner-01")
        content = Content(shapely.to_wkb(shapely.MultiPolygon([degrees(box(0, 0, 5.5, 4))])))
        drafts.save(cursor, own.zone_id, 1, content, actor="planner-01")
    found, told = diff(conn, two[1], own.zone_id), planning.impact(conn, own.zone_id)
    assert [one.id for one in found.villages_that("added")] == [one.id for one in told.villages_gained]
    assert [one.id for one in found.villages_that("removed")] == [one.id for one in told.villages_lost]
    assert {one.id for one in found.sites} == {one.id for one in (*told.sites_gained, *told.sites_lost)}
    assert (found.land.added_m2, found.land.removed_m2) == (
        pytest.approx(told.land.gained_m2, abs=1), pytest.approx(told.land.lost_m2, abs=1),
    )  # fmt: skip


def test_a_simplified_outline_keeps_the_exact_areas(conn, two):
    exact, coarse = diff(conn, *two).land, diff(conn, *two, coarse_m=500).land
    assert [exact.area_m2(change) for change in ("added", "removed", "kept")] == [
        coarse.area_m2(change) for change in ("added", "removed", "kept")
    ]


def test_versions_of_two_zones_and_versions_that_are_none_are_refused(conn, two):
    with transaction(conn) as cursor:
        other = add_zone(cursor, "coal_free_other", boundary=box(0, 0, 1, 1))
    with pytest.raises(UserError, match="two versions of one zone"):
        diff(conn, two[0], other)
    with pytest.raises(NotFoundError):
        diff(conn, two[0], 10**12)


def test_two_days_tell_which_zones_changed_and_which_villages(conn, two):
    with transaction(conn) as cursor:
        gone = add_zone(cursor, "coal_free_gone", boundary=box(12, 12, 13, 13), county_code="410182")
        add_zone(cursor, "no_burn_1", boundary=box(0, 0, 9, 9), kind="no_burn", begins_on=LATER)
        cursor.execute("UPDATE gridmap.zone SET in_force = '[2019-11-14,2020-05-01)' WHERE zone_id = %s", [gone])
    before, after = dt.date(2020, 1, 1), dt.date(2020, 10, 15)
    found = diff_days(conn, "coal_free", None, before, after)
    ids = [tuple(one and one.zone_id for one in (change.before, change.after)) for change in found.zones]
    assert ids == [(two[0], two[1]), (gone, None)]
    assert [change.land.removed_m2 for change in found.zones] == [km2(OLD.difference(NEW).area), km2(1)]
    assert {one.id[-3:]: one.change for one in found.villages} == {"201": "removed", "203": "added", "204": "added"}
    own = diff_days(conn, "coal_free", "410182", before, after)
    assert ([change.zone.zone_id for change in own.zones], own.villages) == ([gone], ())
    assert diff_days(conn, "coal_free", None, before, before).zones == ()
    with pytest.raises(UserError, match="no kind of zone called 'coal'"):
        diff_days(conn, "coal", None, before, after)


def test_a_village_that_the_register_did_not_have_changes_no_side(conn, two):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113299", (5, 1), in_force="[2020-06-01,)")
    found = diff_days(conn, "coal_free", None, dt.date(2020, 1, 1), dt.date(2020, 10, 15))
    assert "410181113299" not in {one.id for one in found.villages}


def test_two_days_tell_which_sites_change_side_but_none_that_came_or_closed(conn, two):
    with transaction(conn) as cursor:
        add_site(cursor, "opened", (5, 1), opened_on=dt.date(2020, 6, 1))
        add_site(cursor, "closed", (0.5, 1), closed_on=dt.date(2020, 6, 1))
    before, after = dt.date(2020, 1, 1), dt.date(2020, 10, 15)
    found = diff_days(conn, "coal_free", None, before, after)
    assert {site.id: site.change for site in found.sites} == {"come": "added", "fallen": "removed"}
    assert [site.id for site in diff_days(conn, "coal_free", "410181", before, after).sites] == ["fallen"]
    assert found.unchanged == 0 and found.differs
    assert not diff_days(conn, "coal_free", None, before, before).differs


def test_lists_alone_make_a_difference(conn):
    with transaction(conn) as cursor:
        a = add_zone(cursor, boundary=box(0, 0, 2, 2))
        b = add_zone(cursor, boundary=box(0, 0, 2, 2), begins_on=LATER, units_in=("410181113202",))
    assert diff(conn, a, b).differs
    assert not diff(conn, a, a).differs


@pytest.fixture(scope="module")
def shared():
    """Return the URL of a database that readers ask, with a version in force and a county's draft of it."""
    with databases.migrated("diff") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            base = add_zone(cursor, boundary=box(0, 0, 4, 4))
            add_village(cursor, "410181113203", (6, 1))
            add_site(cursor, "own", (5, 1), county="410181")
            add_site(cursor, "foreign", (5, 2), county="410102")
            own = drafts.create(cursor, base, title="东扩", author="planner-01")
            content = Content(shapely.to_wkb(shapely.MultiPolygon([degrees(box(0, 0, 7, 4))])))
            drafts.save(cursor, own.zone_id, 1, content, actor="planner-01")
        conn.close()
        yield url, base, own.zone_id


def test_a_reader_sees_sites_of_his_area_and_drafts_of_his_county_only(shared):
    url, base, own = shared
    for county, sees in (("410181", True), ("410102", False)):
        conn = connect(url, AREA_ROLE)
        try:
            ask_for(conn, Access(AREA_ROLE, counties=(county,)))
            if not sees:
                with pytest.raises(NotFoundError):
                    diff(conn, base, own)
                continue
            found = diff(conn, base, own)
            assert [site.id for site in found.sites] == ["own"]
            assert [village.id for village in found.villages] == ["410181113203"]
        finally:
            conn.close()
