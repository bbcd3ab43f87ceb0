"""Inside and outside, asked of the database and of shapely: both must say the same."""

import datetime as dt

import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridmap.db.session import snapshot, transaction
from gridmap.domain.zone import named_side
from tests.builders import add_region, add_site, add_village, add_zone, box, degrees

DAY = dt.date(2020, 10, 15)
# property tests share one connection: each example undoes its rows itself
shared = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Undo(Exception):
    """Raised at the end of an example, so that its rows go."""


def undone(conn, work):
    try:
        with transaction(conn) as cursor:
            work(cursor)
            raise Undo
    except Undo:
        pass


def cover(conn, kind="coal_free", day=DAY, **narrow):
    with snapshot(conn, day, **narrow) as cursor:
        cursor.execute(
            "SELECT village_id, covered_pct, by_name, near_boundary FROM village_cover WHERE kind = %s "
            "ORDER BY village_id",
            [kind],
        )
        return [
            (row.village_id, round(row.covered_pct, 6), row.by_name, row.near_boundary) for row in cursor.fetchall()
        ]


coordinate = st.one_of(st.integers(0, 6).map(float), st.floats(0, 6).map(lambda x: round(x, 3)))
grid_box = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 2), st.integers(1, 2)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@shared
@given(st.lists(grid_box, min_size=1, max_size=3), st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6))
@example([(0, 0, 1, 1)], [(0.0, 0.0), (1.0, 0.5), (1.0, 1.0), (0.5, 0.5), (1.001, 1.0)])
def test_sites_in_zones_are_those_that_shapely_finds_edges_and_corners_included(conn, boxes, points):
    def work(cursor):
        for number, bounds in enumerate(boxes):
            add_zone(cursor, f"z{number}", boundary=box(*bounds))
        for number, point in enumerate(points):
            add_site(cursor, f"s{number}", point)
        with snapshot(conn, DAY) as inner:
            inner.execute("SELECT site_id, lineage FROM site_in_zone WHERE inside")
            found = {tuple(row) for row in inner.fetchall()}
        # the judge is shapely on the very coordinates stored, not on the round kilometres they came from
        cursor.execute("SELECT lineage, ST_AsBinary(geom_m) AS wkb FROM gridmap.zone")
        areas = {row.lineage: shapely.from_wkb(bytes(row.wkb)) for row in cursor.fetchall()}
        cursor.execute("SELECT site_id, ST_AsBinary(geom_m) AS wkb FROM gridmap.site")
        places = {row.site_id: shapely.from_wkb(bytes(row.wkb)) for row in cursor.fetchall()}
        assert found == {
            (site, zone)
            for site, place in places.items()
            for zone, area in areas.items()
            if shapely.intersects(area, place)
        }

    undone(conn, work)


@shared
@given(st.lists(grid_box, min_size=1, max_size=3), st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=4))
def test_near_boundary_is_nearer_than_both_errors_together(conn, boxes, points):
    def work(cursor):
        for number, bounds in enumerate(boxes):
            add_zone(cursor, f"z{number}", boundary=box(*bounds), position_error_m=100)
        for number, point in enumerate(points):
            add_site(cursor, f"s{number}", point, error_m=150)
        with snapshot(conn, DAY) as inner:
            inner.execute("SELECT site_id, lineage, distance_to_boundary_m FROM site_in_zone WHERE near_boundary")
            found = {(row.site_id, row.lineage): row.distance_to_boundary_m for row in inner.fetchall()}
        cursor.execute(
            "SELECT s.site_id, z.lineage, ST_AsBinary(z.geom_m) AS zone, ST_AsBinary(s.geom_m) AS site "
            "FROM gridmap.zone AS z CROSS JOIN gridmap.site AS s"
        )
        for row in cursor.fetchall():
            away = shapely.distance(shapely.from_wkb(bytes(row.zone)).boundary, shapely.from_wkb(bytes(row.site)))
            if abs(away - 250) > 1e-6:
                assert ((row.site_id, row.lineage) in found) == (away <= 250)
            if (row.site_id, row.lineage) in found:
                assert abs(found[row.site_id, row.lineage] - away) < 1e-6

    undone(conn, work)


units = st.dictionaries(
    st.sampled_from(["410181", "410181113", "410181113201", "410181113202", "410181114", "410182"]),
    st.sampled_from(["in", "out"]),
    max_size=5,
)


@shared
@given(st.lists(units, min_size=1, max_size=3))
def test_verdicts_by_name_are_those_of_the_plain_python(conn, decrees):
    villages = ["410181113201", "410181113202", "410181114201", "410182101201"]

    def work(cursor):
        for village_id in villages:
            add_village(cursor, village_id, (1, 1))
        written = []
        for number, decree in enumerate(decrees):
            if "in" not in decree.values():
                continue
            written.append(decree)
            add_zone(
                cursor,
                f"z{number}",
                units_in=tuple(code for code, side in decree.items() if side == "in"),
                units_out=tuple(code for code, side in decree.items() if side == "out"),
            )
        expected = []
        for village_id in sorted(villages):
            sides = [named_side(village_id, decree) for decree in written]
            inside = "in" in sides
            expected.append((village_id, 100.0 if inside else 0.0, any(side is not None for side in sides), False))
        assert cover(conn) == expected

    undone(conn, work)


def test_a_boundary_judges_whom_no_list_names_and_a_name_wins_over_it(conn):
    with transaction(conn) as cursor:
        for number, at in [(1, (0.5, 0.5)), (2, (0.5, 0.5)), (3, (5, 5)), (4, (5, 5))]:
            add_village(cursor, f"41018111320{number}", at)
        add_zone(cursor, boundary=box(0, 0, 1, 1), units_in=("410181113203",), units_out=("410181113202",))
    assert cover(conn) == [
        ("410181113201", 100.0, False, False),
        ("410181113202", 0.0, True, False),
        ("410181113203", 100.0, True, False),
        ("410181113204", 0.0, False, False),
    ]


def test_out_in_one_decree_vetoes_nothing_in_another(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (0.5, 0.5))
        add_village(cursor, "410181113202", (0.5, 0.5))
        add_zone(cursor, "a", units_in=("410181112",), units_out=("410181113",))
        add_zone(cursor, "b", units_in=("410181113201",))
        add_zone(cursor, "c", boundary=box(0, 0, 1, 1))
    assert [row[1] for row in cover(conn)] == [100.0, 100.0]


def test_shares_of_a_territory_are_dissolved_never_summed(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1), territory=box(0, 0, 2, 2))
        add_zone(cursor, "a", boundary=box(0, 0, 1, 2))
        add_zone(cursor, "b", boundary=box(0, 0, 1.5, 2))
    assert cover(conn) == [("410181113201", 75.0, False, False)]


def test_a_boundary_within_a_territorys_error_is_doubt(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1), territory=box(0, 0, 2, 2), error_m=100)
        add_village(cursor, "410181113202", (1, 1), territory=box(3, 0, 4, 2), error_m=100)
        add_zone(cursor, "a", boundary=box(0, 0, 1, 2))
    assert [row[3] for row in cover(conn)] == [True, False]


def test_a_village_nearer_to_the_line_than_its_error_is_near_boundary(conn):
    with transaction(conn) as cursor:
        for number, x in enumerate([0.5, 0.89, 0.91, 1.09, 1.11], start=1):
            add_village(cursor, f"41018111320{number}", (x, 5), error_m=100)
        add_zone(cursor, boundary=box(0, 0, 1, 10))
    assert [(row[1], row[3]) for row in cover(conn)] == [
        (100.0, False), (100.0, False), (100.0, True), (0.0, True), (0.0, False),
    ]  # fmt: skip


def test_a_site_in_a_village_known_by_name_only_is_near_boundary_never_inside(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181113", "township", box(0, 0, 4, 4))
        add_village(cursor, "410181113201", (1, 1))
        add_zone(cursor, units_in=("410181113201",))
        add_site(cursor, "s1", (1, 1), reported_region_code="410181113201")
        add_site(cursor, "s2", (1, 1), reported_region_code="410181113202")
    with snapshot(conn, DAY) as cursor:
        cursor.execute("SELECT site_id, inside, near_boundary FROM site_in_zone")
        assert [tuple(row) for row in cursor.fetchall()] == [("s1", False, True)]


def test_gaps_of_a_county_are_its_land_less_the_zones_and_less_remote_mountain(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410181113", "township", box(8, 8, 10, 10), parent="410181")
        add_village(cursor, "410181113201", (9, 9), terrain="remote_mountain")
        add_zone(cursor, boundary=box(0, 0, 6, 10))
        add_zone(cursor, "other", boundary=box(5, 0, 8, 10))
    with snapshot(conn, DAY) as cursor:
        cursor.execute("SELECT county_code, part, area_m2, near_boundary FROM kind_gap WHERE kind = 'coal_free'")
        rows = cursor.fetchall()
    assert [(r.county_code, r.part, round(r.area_m2 / 1e6, 3), r.near_boundary) for r in rows] == [
        ("410181", "E468N3840", 16.0, False)
    ]


def test_counties_narrow_what_is_judged_never_the_law(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1))
        add_village(cursor, "410182101201", (1, 1))
        add_zone(cursor, boundary=box(0, 0, 2, 2), county_code="410182")
    assert cover(conn, counties=["410181"]) == [("410181113201", 100.0, False, False)]


def test_a_candidate_is_the_same_name_elsewhere_or_one_slip_away(conn):
    with transaction(conn) as cursor:
        for village_id, name in [
            ("410181110203", "东门"), ("410181110204", "西头"), ("410181111205", "东风"), ("410181110206", "风东"),
        ]:  # fmt: skip
            add_village(cursor, village_id, (1, 1), match_name=name, name=name + "村")
        cursor.execute(
            "INSERT INTO gridmap.place_mention (mention_id, document, item, name, match_name, county_code, "
            "township_code, mentioned_on) VALUES ('s38-14-1', 'S38', '14', '东风村', '东风', '410181', '410181110', "
            "'2020-07-31')"
        )
    with snapshot(conn, DAY) as cursor:
        cursor.execute("SELECT village_id, same_township, name_distance FROM place_candidate ORDER BY 3, 1")
        assert [tuple(row) for row in cursor.fetchall()] == [
            ("410181111205", False, 0), ("410181110203", True, 1), ("410181110206", True, 1),
        ]  # fmt: skip


def test_test_points_are_degrees(conn):
    assert 113 < degrees(shapely.Point(0, 0)).x < 114
