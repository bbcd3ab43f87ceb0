"""The law of a day: of the city, or all that applies in one county whoever drew it."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.errors import NotFoundError
from gridmap.store import zones
from gridmap.store.law_report import documents, draw_law, law_of_day
from tests.builders import add_region, add_village, add_zone, box, draft
from tests.store.test_law_at import CHANGE, DAY, accept

ON = dt.date(2020, 10, 15)


@pytest.fixture
def counties(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10), name="甲市")
        add_region(cursor, "410182", "county", box(10, 0, 20, 10), name="乙市")
        add_village(cursor, "410182001201", (15, 5), name="丙村")
        add_zone(cursor, "own", boundary=box(0, 0, 4, 4))
        add_zone(cursor, "neighbours", boundary=box(9.9, 0, 20, 10), county_code="410182", position_error_m=500)
        add_zone(cursor, "citys", boundary=box(5, 5, 15, 6), county_code="410100", kind="no_burn")
        add_zone(cursor, "by_name", units_in=("410182001201", "410181"), county_code="410100")
        add_zone(
            cursor, "named_out", units_in=("410182",), units_out=("410181",), county_code="410100", kind="gas_coverage"
        )
        add_zone(cursor, "elsewhere", boundary=box(12, 0, 13, 1), county_code="410182")
        zones.insert_draft(cursor, draft("drafted", box(0, 0, 9, 9)))
    return conn


def listed(law):
    return {one.zone.lineage: one for one in law.listed}


def test_the_city_has_all_zones_in_force_and_every_kind(counties):
    law = law_of_day(counties, as_of=ON)
    assert set(listed(law)) == {"own", "neighbours", "citys", "by_name", "named_out", "elsewhere"}
    assert len(law.kinds) == 11
    assert listed(law)["own"].area_m2 == pytest.approx(16e6, rel=1e-6)
    assert law.names["410182001201"] == "丙村"
    assert law.exceptions is None


def test_a_county_has_what_applies_there_with_its_area_within(counties):
    law = law_of_day(counties, county="410181", as_of=ON)
    found = listed(law)
    assert set(found) == {"own", "neighbours", "citys", "by_name"}
    assert found["citys"].area_m2 == pytest.approx(5e6, rel=1e-4)
    assert [name for name, one in found.items() if one.is_doubtful] == ["neighbours"]
    assert (found["by_name"].units, found["by_name"].elsewhere) == ((("410181", "in"),), 1)
    with pytest.raises(NotFoundError):
        law_of_day(counties, county="410199", as_of=ON)


def test_the_day_decides_which_version_is_listed(counties):
    with transaction(counties) as cursor:
        second = add_zone(cursor, "own", boundary=box(0, 0, 5, 4), begins_on=CHANGE)
    before, after = (listed(law_of_day(counties, as_of=on))["own"] for on in (CHANGE - DAY, CHANGE))
    assert (before.zone.version, before.zone.last_day) == (1, CHANGE - DAY)
    assert (after.zone.zone_id, after.area_m2) == (second, pytest.approx(20e6, rel=1e-4))
    assert listed(law_of_day(counties, as_of=dt.date(2019, 11, 13))) == {}


def test_documents_are_listed_once(counties):
    assert documents(law_of_day(counties, as_of=ON).listed) == [("通告", None, "市政府", None)]


def test_what_is_drawn_lies_in_the_frame_in_metres(counties):
    law = law_of_day(counties, county="410181", as_of=ON)
    frame = draw_law(counties, law)
    assert (frame.width, frame.height) == (pytest.approx(10600, abs=20), pytest.approx(10600, abs=20))
    own = next(one for one in frame.outlines if one.name == "禁煤区 own")
    # from 0 to 4 km of ten, 300 m of margin, y from the north
    assert (own.x, own.y) == (pytest.approx(2300, abs=20), pytest.approx(8300, abs=20))
    corner = [float(text) for text in own.path.split()[1:3]]
    assert min(abs(corner[0] - x) for x in (300, 4300)) < 20
    assert min(abs(corner[1] - y) for y in (6300, 10300)) < 20
    assert {one.id for one in frame.outlines if one.kind == "county"} == {"410181", "410182"}


def test_nothing_is_drawn_where_no_county_has_an_outline(conn):
    assert draw_law(conn, law_of_day(conn, as_of=ON)) is None


def test_exceptions_of_the_day_are_listed_for_whoever_may_see_them(city):
    key = accept(city, dt.date(2020, 10, 1), dt.date(2020, 12, 31))[0]

    def told(on, county=None):
        law = law_of_day(city, county=county, as_of=dt.date.fromisoformat(on), with_exceptions=True)
        return [row.key for row in law.exceptions]

    assert told("2020-10-15") == told("2020-12-31", "410181") == [key]
    assert told("2020-09-30") == told("2021-01-01") == told("2020-10-15", "410182") == []
