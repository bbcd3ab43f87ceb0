"""The law at a place: exact on its days, honest about boundaries, silent about drafts."""

import datetime as dt
from functools import partial

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.db.session import AREA_ROLE, connect, transaction
from gridmap.errors import NotFoundError, UserError
from gridmap.store import zones
from gridmap.store.law_at import law_at, law_of_village
from tests import databases
from tests.builders import add_region, add_village, add_zone, box, degrees, draft

CHANGE = dt.date(2020, 10, 1)
DAY = dt.timedelta(days=1)


def law(conn, x, y, on=dt.date(2020, 10, 15), **more):
    point = degrees(shapely.Point(x, y))
    return law_at(conn, point.x, point.y, as_of=on, **more)


def ids(found):
    return [one.zone.zone_id for one in found.zones]


def sides(found):
    return {at.kind.kind: at.side for at in found.kinds}


@pytest.fixture
def versions(conn):
    """Return two versions that both hold (1, 1); the second begins on CHANGE."""
    with transaction(conn) as cursor:
        first = add_zone(cursor, boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 11, 14))
        return first, add_zone(cursor, boundary=box(0, 0, 3, 2), begins_on=CHANGE)


SHAPES = {
    "square": box(30, 0, 34, 4),
    "ring": box(31, 1, 39, 9).difference(box(33, 3, 36, 6)),
    "parts": box(30, 7, 32, 9).union(box(35, 0, 38, 2)),
    "lens": shapely.Point(35, 5).buffer(3),
    "wedge": shapely.Polygon([(30, 0), (40, 3), (40, 7)]),
}
"""Overlapping zones, some with holes or in parts; kilometres."""


@pytest.fixture(scope="module")
def laws():
    """Yield a connection to worlds side by side: a change at (1, 1), a common border at x = 12, SHAPES."""
    with databases.migrated("law_at") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            add_zone(cursor, "changed", boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 11, 14))
            add_zone(cursor, "changed", boundary=box(0, 0, 3, 2), begins_on=CHANGE)
            add_zone(cursor, "west", boundary=box(10, 0, 12, 2))
            add_zone(cursor, "east", boundary=box(12, 0, 14, 2))
            for name, shape in SHAPES.items():
                add_zone(cursor, name, boundary=shape)
        yield conn
        conn.close()


@given(before=st.integers(1, 322), after=st.integers(0, 20_000))
@settings(max_examples=30)
def test_any_two_days_around_the_change_give_predecessor_and_successor(laws, before, after):
    first, second = (version.zone_id for version in zones.list_versions(laws, "changed"))
    old, new = law(laws, 1, 1, CHANGE - before * DAY), law(laws, 1, 1, CHANGE + after * DAY)
    assert (ids(old), [z.zone_id for z in old.earlier], [z.zone_id for z in old.later]) == ([first], [], [second])
    assert (ids(new), [z.zone_id for z in new.earlier], [z.zone_id for z in new.later]) == ([second], [first], [])


def test_the_first_day_belongs_to_a_version_and_the_last_is_the_day_before_the_next(conn, versions):
    first, second = versions
    assert ids(law(conn, 1, 1, CHANGE - DAY)) == [first]
    assert ids(law(conn, 1, 1, CHANGE)) == [second]
    assert ids(law(conn, 1, 1, dt.date(2019, 11, 13))) == []
    assert law(conn, 1, 1, CHANGE - DAY).zones[0].zone.last_day == CHANGE - DAY == dt.date(2020, 9, 30)
    assert law(conn, 1, 1, CHANGE).zones[0].zone.last_day is None


def test_law_published_for_a_later_day_is_told_as_later_only(conn, versions):
    found = law(conn, 2.5, 1, CHANGE - DAY)
    assert found.zones == ()
    assert sides(found)["coal_free"] == "outside"
    assert [zone.zone_id for zone in found.later] == [versions[1]]


def test_drafts_are_told_on_no_day(conn, versions):
    with transaction(conn) as cursor:
        zones.insert_draft(cursor, draft(boundary=box(0, 0, 9, 9), begins_on=dt.date(2020, 1, 1)))
        zones.insert_draft(cursor, draft("another", units_in=("410181",), begins_on=dt.date(2020, 1, 1)))
        zones.insert_draft(cursor, draft("ended", box(0, 0, 9, 9), ends_on=dt.date(2020, 2, 1)))
        add_village(cursor, "410181113201", (8, 8))
    for on in (dt.date(2019, 12, 31), dt.date(2020, 1, 1), CHANGE, dt.date(2050, 1, 1)):
        for found in (law(conn, 8, 8, on), law_of_village(conn, "410181113201", as_of=on)):
            assert (found.zones, found.earlier, found.later) == ((), (), ())


def test_every_kind_is_told_those_with_no_zone_too(conn, versions):
    found = law(conn, 1, 1)
    assert len(found.kinds) == 11
    assert [kind for kind, side in sides(found).items() if side != "outside"] == ["coal_free"]


def test_a_place_on_a_common_corner_is_in_both_and_its_side_is_open(conn):
    with transaction(conn) as cursor:
        add_zone(cursor, "west", boundary=box(0, 0, 2, 2))
        add_zone(cursor, "east", boundary=box(2, 0, 4, 2))
    found = law(conn, 2, 2)
    assert [(one.zone.lineage, one.zone.inside, one.zone.near_boundary) for one in found.zones] == [
        ("east", True, True),
        ("west", True, True),
    ]
    assert sides(found)["coal_free"] == "near_boundary"


@given(y=st.floats(0, 2))
@settings(max_examples=25)
def test_a_place_on_a_common_border_is_never_in_neither(laws, y):
    found = law(laws, 12, y)
    assert any(one.zone.inside for one in found.zones)
    # a metre of error is more than rounding: then both are told, and that the side is open
    doubtful = law(laws, 12, y, error_m=1)
    assert [one.zone.near_boundary for one in doubtful.zones] == [True, True]


def test_a_place_nearer_than_the_error_says_how_near(conn):
    with transaction(conn) as cursor:
        add_zone(cursor, boundary=box(0, 0, 3, 3), is_sketch=True, position_error_m=500)
    inside, outside = law(conn, 2.8, 1).zones[0], law(conn, 3.2, 1).zones[0]
    assert inside.zone.distance_to_boundary_m == pytest.approx(200, abs=1)
    assert (inside.zone.near_boundary, inside.decided_by) == (True, "boundary")
    assert (outside.zone.inside, outside.zone.near_boundary, outside.decided_by) == (False, True, None)
    assert law(conn, 3.6, 1).zones == ()
    assert ids(law(conn, 3.6, 1, error_m=150)) == [inside.zone.zone_id]


def test_what_decided_is_told_the_boundary_or_the_most_specific_listed_unit(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410181113", "township", box(0, 0, 4, 4), parent="410181", name="甲镇")
        add_village(cursor, "410181113201", (1, 1), territory=box(0, 0, 2, 2), name="乙村")
        add_zone(cursor, boundary=box(20, 0, 22, 2), units_in=("410181113201", "410181"), units_out=("410181113",))
    told = [(one.decided_by, one.unit_code) for x, y in ((1, 1), (8, 8), (21, 1)) for one in law(conn, x, y).zones]
    assert told == [("units", "410181113201"), ("units", "410181"), ("boundary", None)]
    assert law(conn, 1, 1).zones[0].unit_name == "甲镇 乙村"
    assert law(conn, 3, 3).zones == ()


def test_a_village_goes_by_name_whatever_its_place(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181113", "township", name="甲镇")
        add_village(cursor, "410181113201", (50, 50), error_m=9000)
        add_zone(cursor, "old", units_in=("410181113201",), begins_on=dt.date(2019, 1, 1))
        add_zone(cursor, "old", units_in=("410181113",), begins_on=CHANGE)
        add_zone(cursor, "without", boundary=box(49, 49, 51, 51), units_out=("410181113201",))
    before, after = (law_of_village(conn, "410181113201", as_of=on) for on in (CHANGE - DAY, CHANGE))
    assert [(one.zone.version, one.unit_code, one.zone.by_name) for one in before.zones] == [(1, "410181113201", True)]
    assert [(one.zone.version, one.unit_code, one.zone.by_name) for one in after.zones] == [(2, "410181113", True)]
    assert [zone.version for zone in after.earlier] == [1]
    assert sides(after)["coal_free"] == "inside"
    with pytest.raises(NotFoundError, match="no village 410181113299"):
        law_of_village(conn, "410181113299", as_of=CHANGE)


def test_units_without_an_outline_near_the_place_are_told(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410181113", "township", box(0, 0, 5, 5), parent="410181")
        add_region(cursor, "410181114", "township", box(5, 0, 10, 5), parent="410181")
        add_village(cursor, "410181113201", (1, 1), name="乙村")
        add_zone(cursor, "named", units_in=("410181113201",))
    here = law(conn, 1, 1)
    assert here.zones == ()
    assert [(one.name, [name for _code, name in one.units]) for one in here.named_only] == [
        ("禁煤区 named", ["区划410181113 乙村"])
    ]
    assert here.may_be_by_name("coal_free") and not here.may_be_by_name("no_burn")
    assert law(conn, 6, 1).named_only == ()
    assert law(conn, 1, 1, dt.date(2019, 1, 1)).named_only == ()


def test_a_township_without_an_outline_is_told_near_its_seat_only(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 20, 20))
        add_region(cursor, "410181113", "township", box(0, 0, 20, 10), parent="410181")
        add_region(cursor, "410181001", "township", parent="410181", seat=(2, 2))
        add_zone(cursor, "named", units_in=("410181001",))
    told = [law(conn, x, y).may_be_by_name("coal_free") for x, y in ((2, 6.9), (2, 7.1), (15, 1), (15, 15))]
    # at (15, 15) no outline of a township says otherwise
    assert told == [True, False, False, True]


def test_exemptions_of_the_version_of_the_day_are_told(conn):
    with transaction(conn) as cursor:
        add_zone(cursor, boundary=box(0, 0, 2, 2), exemptions="火电厂")
        add_zone(cursor, boundary=box(0, 0, 2, 2), exemptions="无", begins_on=CHANGE)
    assert [law(conn, 1, 1, on).zones[0].zone.exemptions for on in (CHANGE - DAY, CHANGE)] == ["火电厂", "无"]


def accept(conn, first, last):
    """Accept the finding of a site as an exception of these days; return its key and place."""
    with transaction(conn) as cursor:
        cursor.execute(
            "UPDATE gridmap.finding AS f SET status = 'accepted', accepted_reason = '试验', accepted_document = '批复', "
            "accepted_by = '岗位', accepted_material = '{}', accepted_on = %s, accepted_until = %s "
            "WHERE f.key = (SELECT min(o.key) FROM gridmap.finding AS o WHERE o.status = 'open' AND o.cell_key IS NOT NULL "
            "AND o.county_code = '410181' AND o.other_county_codes = '{}') "
            "RETURNING f.key, ST_X(f.geom), ST_Y(f.geom)",
            [first, last],
        )
        return cursor.fetchone()


def test_exceptions_hold_from_their_first_to_their_last_day(city):
    key, lon, lat = accept(city, dt.date(2020, 10, 1), dt.date(2020, 12, 31))
    told = partial(law_at, city, lon, lat, with_exceptions=True)
    for on, holds in (("2020-09-30", False), ("2020-10-01", True), ("2020-12-31", True), ("2021-01-01", False)):
        assert (key in [row.key for row in told(as_of=dt.date.fromisoformat(on)).exceptions]) == holds, on
    assert told(as_of=dt.date(2020, 10, 15)).exceptions[0].accepted_document == "批复"
    assert law_at(city, lon, lat).exceptions is None


@pytest.mark.parametrize(("county", "sees"), [("410181", True), ("410182", False)])
def test_exceptions_of_others_are_not_told(city, county, sees):
    key, lon, lat = accept(city, dt.date(2020, 10, 1), dt.date(2020, 12, 31))
    with transaction(city) as cursor:
        cursor.execute("SELECT set_config('gridmap.area_counties', %s, true)", [county])
        cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")
        found = law_at(city, lon, lat, with_exceptions=True)
        cursor.execute("RESET ROLE")
    assert (key in [row.key for row in found.exceptions]) == sees


def test_a_place_outside_the_envelope_or_with_swapped_axes_is_refused(conn):
    with pytest.raises(UserError, match="look swapped"):
        law_at(conn, 34.7, 113.6)
    with pytest.raises(UserError, match=r"expected longitude 111\.5 to 115\.5"):
        law_at(conn, 100, 34.7)


@given(x=st.floats(29, 41), y=st.floats(-1, 11))
@settings(max_examples=150)
def test_the_database_says_what_shapely_says(laws, x, y):
    place = shapely.Point(x, y)
    inside = {one.zone.lineage for one in law(laws, x, y).zones if one.zone.inside}
    # a straight line of degrees is none of metres: what is nearer to a boundary than two metres is not compared
    clear = {name for name, shape in SHAPES.items() if shape.boundary.distance(place) > 0.002}
    assert inside & clear == {name for name, shape in SHAPES.items() if shape.contains(place)} & clear
