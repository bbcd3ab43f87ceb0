"""Zones in the database: saved, published once, in force on their days."""

import datetime as dt

import psycopg2
import pytest
import shapely

from gridmap.db.session import snapshot, transaction
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import zones
from tests.builders import ORIGIN_M, add_region, add_village, add_zone, box, degrees, draft


def area_km2(conn, zone_id):
    area = zones.get_zone(conn, zone_id).area_m2
    return None if area is None else round(area / 1e6, 3)


def test_units_in_less_units_out_is_what_a_zone_covers(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410181113", "township", box(0, 0, 4, 4), parent="410181")
        add_zone(cursor, "whole", units_in=("410181",))
        add_zone(cursor, "partly", units_in=("410181",), units_out=("410181113",))
        add_zone(cursor, "line", boundary=box(9, 0, 12, 1), units_in=("410181113",))
        by_lineage = {zone.lineage: zone.zone_id for zone in zones.list_zones(conn, as_of=dt.date(2020, 1, 1))}
    assert area_km2(conn, by_lineage["whole"]) == 100
    assert area_km2(conn, by_lineage["partly"]) == 84
    assert area_km2(conn, by_lineage["line"]) == 19


def test_more_specific_unit_wins_on_the_ground_too(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410181113", "township", box(0, 0, 4, 4), parent="410181")
        add_village(cursor, "410181113201", (1, 1), territory=box(0, 0, 2, 2))
        zone = add_zone(cursor, units_in=("410181", "410181113201"), units_out=("410181113",))
    assert area_km2(conn, zone) == 88


def test_a_unit_without_territory_adds_no_area_and_is_by_name_only(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1))
        zone = add_zone(cursor, units_in=("410181113201",))
    row = zones.get_zone(conn, zone)
    assert row.area_m2 is None
    assert row.by_name_only == ["410181113201"]


def test_a_successor_ends_its_predecessor_the_same_day(conn):
    with transaction(conn) as cursor:
        first = add_zone(cursor, boundary=box(0, 0, 1, 1))
        second = add_zone(cursor, boundary=box(0, 0, 2, 1), begins_on=dt.date(2020, 10, 1))
    versions = zones.list_versions(conn, "coal_free_410181")
    assert [(v.zone_id, v.version, v.begins_on, v.ends_on) for v in versions] == [
        (first, 1, dt.date(2019, 11, 14), dt.date(2020, 10, 1)),
        (second, 2, dt.date(2020, 10, 1), None),
    ]
    for day, expected in [
        ("2019-11-13", []),
        ("2019-11-14", [first]),
        ("2020-09-30", [first]),
        ("2020-10-01", [second]),
    ]:
        assert [z.zone_id for z in zones.list_zones(conn, as_of=dt.date.fromisoformat(day))] == expected


def test_a_published_zone_is_never_changed(conn):
    with transaction(conn) as cursor:
        zone = add_zone(cursor, boundary=box(0, 0, 1, 1), units_in=("410181113",))
    for change in (
        "UPDATE gridmap.zone SET name = 'x' WHERE zone_id = %s",
        "UPDATE gridmap.zone SET boundary = NULL WHERE zone_id = %s",
        "UPDATE gridmap.zone SET in_force = '[2018-01-01,)' WHERE zone_id = %s",
        "UPDATE gridmap.zone SET status = 'draft' WHERE zone_id = %s",
        "DELETE FROM gridmap.zone WHERE zone_id = %s",
        "DELETE FROM gridmap.zone_unit WHERE zone_id = %s",
        "DELETE FROM gridmap.zone_edge WHERE zone_id = %s",
        "INSERT INTO gridmap.zone_unit (zone_id, unit_code, side) VALUES (%s, '410181', 'in')",
    ):
        with pytest.raises(psycopg2.errors.ObjectInUse, match="published"), transaction(conn) as cursor:
            cursor.execute(change, [zone])


def test_publishing_twice_and_publishing_nothing_are_refused(conn):
    with transaction(conn) as cursor:
        zone = add_zone(cursor, boundary=box(0, 0, 1, 1))
        with pytest.raises(ConflictError, match="published already"):
            zones.publish(cursor, zone)
        with pytest.raises(NotFoundError):
            zones.publish(cursor, 10**12)


def test_a_version_that_begins_before_the_law_in_force_is_refused_and_leaves_it(conn):
    with transaction(conn) as cursor:
        zone = add_zone(cursor, boundary=box(0, 0, 1, 1))
        earlier = zones.insert_draft(cursor, draft(boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 1, 1)))
        with pytest.raises(ConflictError, match="another published version"):
            zones.publish(cursor, earlier)
    assert [z.zone_id for z in zones.list_zones(conn, as_of=dt.date(2020, 1, 1))] == [zone]


def test_an_unknown_kind_is_refused_by_name(conn):
    with transaction(conn) as cursor, pytest.raises(UserError, match="no kind of zone called 'coal'"):
        zones.insert_draft(cursor, draft(boundary=box(0, 0, 1, 1), kind="coal"))


def test_a_draft_is_law_only_where_it_is_asked_for(conn):
    with transaction(conn) as cursor:
        law = add_zone(cursor, boundary=box(0, 0, 1, 1))
        proposed = zones.insert_draft(cursor, draft(boundary=box(0, 0, 2, 1), begins_on=dt.date(2021, 1, 1)))
    day = dt.date(2020, 10, 15)
    for chosen, expected in ((None, [law]), (proposed, [proposed])):
        with snapshot(conn, day, draft=chosen) as cursor:
            cursor.execute("SELECT zone_id FROM zone")
            assert [row.zone_id for row in cursor.fetchall()] == expected


def test_zones_at_a_place_tell_inside_outside_and_doubt(conn):
    with transaction(conn) as cursor:
        add_zone(cursor, "exact", boundary=box(0, 0, 2, 2))
        add_zone(cursor, "sketch", boundary=box(0, 0, 3, 3), is_sketch=True, position_error_m=500)

    def at(x, y):
        point = degrees(shapely.Point(x, y))
        rows = zones.zones_at(conn, point.x, point.y, as_of=dt.date(2020, 1, 1))
        return [(z.lineage, z.inside, z.near_boundary) for z in rows]

    assert at(1, 1) == [("exact", True, False), ("sketch", True, False)]
    assert at(2.8, 1) == [("sketch", True, True)]
    assert at(3.2, 1) == [("sketch", False, True)]
    assert at(3.6, 1) == []


def test_zones_of_a_village_go_by_name_first_and_by_boundary_else(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1), error_m=100)
        add_zone(cursor, "named_in", units_in=("410181",))
        add_zone(cursor, "named_out", boundary=box(0, 0, 2, 2), units_out=("410181113",))
        add_zone(cursor, "drawn", boundary=box(0, 0, 2, 2))
        add_zone(cursor, "doubtful", boundary=box(1.05, 0, 2, 2))
        add_zone(cursor, "away", boundary=box(5, 5, 6, 6))
        add_zone(cursor, "of_others", units_in=("410182",))
    rows = zones.zones_of_village(conn, "410181113201", as_of=dt.date(2020, 1, 1))
    assert [(z.lineage, z.inside, z.by_name, z.near_boundary) for z in rows] == [
        ("doubtful", False, False, True),
        ("drawn", True, False, False),
        ("named_in", True, True, False),
    ]
    with pytest.raises(NotFoundError, match="no village 410181113299"):
        zones.zones_of_village(conn, "410181113299")


@pytest.mark.parametrize(("lon", "lat"), [(34.7, 113.6), (float("nan"), 34.7), (float("inf"), 34.7), (0, 0)])
def test_a_place_outside_the_city_is_refused(conn, lon, lat):
    with pytest.raises(UserError, match="outside the city's data") as error:
        zones.zones_at(conn, lon, lat)
    assert ("swapped" in str(error.value)) == (lon == 34.7)


def test_test_boxes_are_square_kilometres_of_the_national_grid(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_X(g) AS x, ST_Y(g) AS y FROM (SELECT ST_Transform(ST_GeomFromWKB(%s, 4490), 4547) AS g) AS t",
            [shapely.to_wkb(degrees(shapely.Point(1, 2)))],
        )
        row = cursor.fetchone()
    assert (row.x, row.y) == pytest.approx((ORIGIN_M[0] + 1000, ORIGIN_M[1] + 2000), abs=1e-3)
