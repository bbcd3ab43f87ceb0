"""Where a place is, and places by their names."""

import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.errors import NotFoundError
from gridmap.store.locate import locate, locate_village, search_places
from tests.builders import add_region, add_village, box, degrees


def at(conn, x, y, **more):
    point = degrees(shapely.Point(x, y))
    return locate(conn, point.x, point.y, **more)


@pytest.fixture
def world(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10), name="甲市")
        add_region(cursor, "410181113", "township", box(0, 0, 4, 4), parent="410181", name="乙镇")
        add_village(cursor, "410181113201", (1, 1), name="丙村", match_name="丙")
        add_village(cursor, "410181113202", (1.2, 1), name="远村", error_m=9000)
        add_village(cursor, "410181113203", (3, 3), name="丙丁村", match_name="丙丁")
    return conn


def test_a_place_has_county_township_nearest_village_and_square(world):
    found = at(world, 1.3, 1.4)
    assert (found.county, found.township, found.village, found.square_code) == ("甲市", "乙镇", "丙村", "E461N3841")
    # 远村 is nearer, but nobody knows where it is
    assert found.village_distance_m == pytest.approx(500, abs=1)
    assert not found.is_village


def test_where_nothing_is_known_nothing_is_told(world):
    found = at(world, 30, 30)
    assert (found.county, found.township, found.village, found.cell_code) == (None, None, None, None)
    assert at(world, 8, 8).township is None
    assert at(world, 8, 8).county == "甲市"


def test_a_village_knows_its_own_place_and_how_far_off_it_may_be(world):
    found = locate_village(world, "410181113202")
    assert (found.village, found.error_m, found.is_village, found.square_code) == ("远村", 9000, True, None)
    with pytest.raises(NotFoundError):
        locate_village(world, "410181113299")


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("丙村", ["410181113201"]),
        ("丙", ["410181113201", "410181113203"]),
        ("乙镇丙", ["410181113201", "410181113203"]),
        ("乙镇 丙村", ["410181113201"]),
        ("乙镇", ["410181113"]),
        ("410181113203", ["410181113203"]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
    ],
)
def test_places_are_found_by_a_part_of_the_name_the_exact_first(world, q, expected):
    assert [found.code for found in search_places(world, q)] == expected


def test_no_more_are_listed_than_wanted(world):
    assert len(search_places(world, "村", limit=2)) == 2
