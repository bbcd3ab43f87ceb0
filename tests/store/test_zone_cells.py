"""Zones kept as squares: the view judges by them as by the geometry, and they follow it."""

import datetime as dt

import psycopg2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.db.session import snapshot, transaction
from gridmap.domain import grid
from gridmap.domain.square_parts import square_parts
from gridmap.store import zone_cells, zones
from tests.builders import add_region, add_site, add_zone, box, draft

DAY = dt.date(2020, 10, 15)
shared = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# what the view said before it knew squares: the whole geometry, pair by pair
PLAIN = """
SELECT s.site_id, z.zone_id, place.inside, edge.away, edge.away IS NOT NULL AS near_boundary
FROM snapshot.site AS s
CROSS JOIN snapshot.zone AS z
CROSS JOIN LATERAL (SELECT ST_Intersects(z.geom_m, s.geom_m) AS inside) AS place
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS away FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge
WHERE place.inside OR edge.away IS NOT NULL
ORDER BY 1, 2
"""
BY_CELLS = (
    "SELECT site_id, zone_id, inside, distance_to_boundary_m AS away, near_boundary FROM site_in_zone ORDER BY 1, 2"
)


class Undo(Exception):
    """Raised at the end of an example, so that its rows go."""


def judged(conn, query=BY_CELLS, **narrow):
    with snapshot(conn, DAY, **narrow) as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def drop_cells(cursor):
    """Leave the zones as a database holds them that was filled before squares were kept."""
    cursor.execute("ALTER TABLE gridmap.zone_grid DISABLE TRIGGER USER")
    cursor.execute("ALTER TABLE gridmap.zone_cell DISABLE TRIGGER USER")
    cursor.execute("DELETE FROM gridmap.zone_grid")
    cursor.execute("DELETE FROM gridmap.zone_cell")
    cursor.execute("ALTER TABLE gridmap.zone_grid ENABLE TRIGGER USER")
    cursor.execute("ALTER TABLE gridmap.zone_cell ENABLE TRIGGER USER")


coordinate = st.one_of(st.integers(0, 6).map(float), st.floats(0, 6).map(lambda x: round(x, 3)))
corners = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8)
error = st.sampled_from([0.0, 30.0, 100.0, 101.0, 400.0, 999.0, 1000.0, 1001.0, 2500.0, 3500.0])


@shared
@given(
    st.lists(st.tuples(corners, error), min_size=1, max_size=3),
    st.lists(st.tuples(st.tuples(coordinate, coordinate), error), max_size=5),
    error,
)
def test_the_view_says_what_the_whole_geometry_says(conn, areas, sites, own_error):
    """Sites lie on every vertex too; some zones have lost their squares, and nobody notices but by the clock."""
    try:
        with transaction(conn) as cursor:
            at = list(sites)
            for number, (outline, zone_error) in enumerate(areas):
                parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapely.Polygon(outline))))
                area = shapely.union_all([part for part in parts if part.geom_type == "Polygon" and part.area > 1e-6])
                if area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon"):
                    continue
                add_zone(cursor, f"z{number}", boundary=area, position_error_m=zone_error)
                at += [(tuple(corner), own_error) for corner in shapely.get_coordinates(area)]
            for number, (place, site_error) in enumerate(at):
                add_site(cursor, f"s{number}", place, error_m=site_error)
            expected = judged(conn, PLAIN)
            assert judged(conn) == expected
            drop_cells(cursor)
            assert judged(conn) == expected
            assert zone_cells.build_missing(cursor) >= 0
            assert judged(conn) == expected
            raise Undo
    except Undo:
        pass


def test_the_view_judges_the_sites_of_the_day_and_of_the_part_being_judged(conn):
    """Of every part of the view: zones with squares and without, sites certain, uncertain and known by village only."""
    with transaction(conn) as cursor:
        add_zone(cursor, "squares", boundary=box(0, 0, 2, 2), position_error_m=50)
        add_zone(cursor, "none", boundary=box(0, 0, 3, 3), position_error_m=30_000)
        add_zone(cursor, "named", units_in=("410181113201",))
        number = 0
        for county in ("410181", "410182", "410183"):
            for place in ((0.5, 0.5), (2.01, 1), (3.02, 1)):
                for error_m in (10.0, 1500.0):
                    for opened, closed in ((None, None), (DAY, None), (dt.date(2020, 10, 16), None), (None, DAY)):
                        number += 1
                        add_site(
                            cursor, f"s{number}", place, error_m=error_m, county=county, opened_on=opened,
                            closed_on=closed, region_code="410181113201", reported_region_code="410181113202",
                        )  # fmt: skip
        cells = [grid.cell_of(460_500, 3_840_500), grid.cell_of(463_020, 3_841_000)]
        for narrow in (
            {},
            {"counties": ["410181", "410183"]},
            {"cells": cells},
            {"counties": ["410182"], "cells": cells},
        ):
            with snapshot(conn, DAY, **narrow) as inner:
                inner.execute("SELECT site_id FROM site")
                sites = {site_id for (site_id,) in inner.fetchall()}
            rows = judged(conn, **narrow)
            assert rows == [row for row in judged(conn) if row[0] in sites]
            assert {row[0] for row in rows} == sites
            assert 0 < len(sites) < number


def test_no_part_holds_a_subquery_which_would_keep_the_question_to_one_processor(conn):
    with snapshot(conn, DAY) as cursor:
        cursor.execute("EXPLAIN SELECT * FROM site_in_zone")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for what in ("InitPlan", "SubPlan", "CTE"):
        assert what not in plan


def test_a_zone_of_very_uncertain_boundary_has_no_squares_and_is_judged(conn):
    with transaction(conn) as cursor:
        zone = add_zone(cursor, boundary=box(0, 0, 2, 2), position_error_m=30_000)
        add_site(cursor, "s1", (1, 1))
        add_site(cursor, "s2", (20, 1))
        cursor.execute("SELECT count(*) FROM gridmap.zone_cell WHERE zone_id = %s", [zone])
        assert cursor.fetchone()[0] == 0
    assert [row[:3] for row in judged(conn)] == [("s1", zone, True), ("s2", zone, False)]


def test_a_question_for_inside_never_looks_at_an_edge(conn):
    with transaction(conn) as cursor:
        add_zone(cursor, boundary=box(0, 0, 2, 2))
        add_site(cursor, "s1", (1, 1))
    with snapshot(conn, DAY) as cursor:
        cursor.execute("EXPLAIN SELECT site_id, zone_id FROM site_in_zone WHERE inside")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # once, for zones without squares
    assert plan.count("distance_to_edge") == 1
    assert "edge_m" not in plan
    assert plan.count(" on zone_cell ") == 1


def test_squares_of_a_published_zone_are_fixed_once_they_are_there(conn):
    with transaction(conn) as cursor:
        zone = add_zone(cursor, boundary=box(0, 0, 1.5, 1.5))
        other = zones.insert_draft(cursor, draft("other", box(5, 5, 6, 6)))
    for change in (
        "DELETE FROM gridmap.zone_cell WHERE zone_id = %(zone)s",
        "UPDATE gridmap.zone_cell SET is_filled = true, piece_m = NULL WHERE zone_id = %(zone)s",
        "UPDATE gridmap.zone_cell SET zone_id = %(zone)s WHERE zone_id = %(other)s",
        "INSERT INTO gridmap.zone_cell VALUES (%(zone)s, 1, true, 0, NULL, 0, NULL, -1, 0)",
        "DELETE FROM gridmap.zone_grid WHERE zone_id = %(zone)s",
        "UPDATE gridmap.zone_grid SET cells = 0 WHERE zone_id = %(zone)s",
    ):
        with pytest.raises(psycopg2.errors.ObjectInUse, match="squares are fixed"), transaction(conn) as cursor:
            cursor.execute(change, {"zone": zone, "other": other})
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [other])
        cursor.execute("SELECT count(*) FROM gridmap.zone_cell WHERE zone_id = %s", [other])
        assert cursor.fetchone()[0] == 0


def test_squares_follow_a_territory_that_changed_between_draft_and_publication(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181113", "township", box(0, 0, 2, 2))
        zone = zones.insert_draft(cursor, draft(units_in=("410181113",)))
        cursor.execute("SELECT cells FROM gridmap.zone_grid WHERE zone_id = %s", [zone])
        before = cursor.fetchone()[0]
        cursor.execute("DELETE FROM gridmap.region")
        add_region(cursor, "410181113", "township", box(4, 4, 9, 9))
        add_site(cursor, "s1", (1, 1))
        add_site(cursor, "s2", (5, 5))
        zones.publish(cursor, zone)
        cursor.execute("SELECT cells, (SELECT count(*) FROM gridmap.zone_cell) AS rows FROM gridmap.zone_grid")
        after = cursor.fetchone()
    assert after.cells == after.rows > before
    assert judged(conn) == [("s2", zone, True, None, False)]


def test_a_zone_published_in_sql_alone_is_judged_by_its_new_outline(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181113", "township", box(0, 0, 2, 2))
        zone = zones.insert_draft(cursor, draft(units_in=("410181113",)))
        cursor.execute("DELETE FROM gridmap.region")
        add_region(cursor, "410181113", "township", box(4, 4, 9, 9))
        cursor.execute("SELECT gridmap.publish_zone(%s)", [zone])
        add_site(cursor, "s1", (1, 1))
        add_site(cursor, "s2", (5, 5))
        assert judged(conn) == [("s2", zone, True, None, False)]
        assert zone_cells.build_missing(cursor) == 1
    assert judged(conn) == [("s2", zone, True, None, False)]


def test_a_change_concerns_the_squares_that_differ_and_those_about_them(conn):
    with transaction(conn) as cursor:
        old = zones.insert_draft(cursor, draft(boundary=box(0.5, 0.5, 30.5, 30.5)))
        same = zones.insert_draft(cursor, draft(boundary=box(0.5, 0.5, 30.5, 30.5)))
        wider = shapely.union(box(0.5, 0.5, 30.5, 30.5), box(30.5, 10, 31.2, 11))
        new = zones.insert_draft(cursor, draft(boundary=wider))
        assert zone_cells.cells_of_change(cursor, old, same) == set()
        changed = zone_cells.cells_of_change(cursor, old, new)
        whole = zone_cells.cells_of_change(cursor, None, new)
        assert changed < whole
        assert len(whole) > 900
        add_site(cursor, "near", (31, 10.5))
        add_site(cursor, "far", (5, 5), county="410182")
        assert zone_cells.sites_in_cells(cursor, changed) == ["near"]
        add_site(cursor, "somewhere", (5, 5), error_m=5000, county="410183")
        assert zone_cells.sites_in_cells(cursor, changed) == ["near", "somewhere"]


@shared
@given(corners, corners, st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8), error)
def test_sites_outside_the_squares_of_a_change_are_judged_as_before(conn, before, after, places, zone_error):
    def area(outline):
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapely.Polygon(outline))))
        return shapely.union_all([box(20, 0, 21, 1), *(p for p in parts if p.geom_type == "Polygon" and p.area > 1e-6)])

    try:
        with transaction(conn) as cursor:
            # a far corner of the world, so that some squares are left alone
            for number, (x, y) in enumerate([*places, (20.5, 0.5), (20, 1), (13, 0)]):
                add_site(cursor, f"s{number}", (x, y), error_m=500)
            drafts = [
                zones.insert_draft(cursor, draft(boundary=area(outline), position_error_m=zone_error))
                for outline in (before, after)
            ]
            answers = []
            for zone in drafts:
                with snapshot(conn, DAY, draft=zone) as inner:
                    inner.execute("SELECT site_id, inside, distance_to_boundary_m FROM site_in_zone")
                    answers.append({tuple(row) for row in inner.fetchall()})
            concerned = set(zone_cells.sites_in_cells(cursor, zone_cells.cells_of_change(cursor, *drafts)))
            assert {row[0] for row in answers[0] ^ answers[1]} <= concerned
            raise Undo
    except Undo:
        pass


def test_the_database_counts_the_parts_of_a_square_as_their_bits_are_counted(conn):
    key = grid.key_of(460, 3840)
    west, south, east, north = grid.bounds(key)
    with transaction(conn) as cursor:
        for number, (x, y) in enumerate([(west, south), (east - 0.01, south), (west + 130, north - 0.01)]):
            about = shapely.box(x - 20, y - 20, x + 20, y + 20).boundary.buffer(5)
            inside, touched = square_parts(key, shapely.MultiPolygon([about]))
            cursor.execute("SELECT gridmap.cell_part_m(%s, %s)", [x, y])
            part = cursor.fetchone()[0]
            assert touched >> part & 1, number
            assert inside == 0
            assert (touched & 0xFFFFFFFFFFFFFFFF).bit_count() <= 4
