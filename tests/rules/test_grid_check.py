"""What the rules find of the demo's cells, piece by piece; and an audit moves what lies in cells when the day moves."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.errors import NotFoundError
from gridmap.rules import catalogue, engine, grid_check
from gridmap.rules.catalogue import Catalogue
from tests.builders import add_region, add_site, box
from tests.store.test_grid_changes import DAY, TOWN, add_cell, cell_of


def test_the_flaws_of_the_demo_are_found_and_no_others(city):
    pieces = [piece for piece in grid_check.check(city) if piece.rule_id == "GRID-02"]
    assert [(p.feature_id, p.certainty, round(p.area_m2 / 100)) for p in pieces] == [
        ("410181113", "breach", 180),
        ("410183102000001", "breach", 100),
        ("410185203", "near_boundary", 16),
    ]
    assert all(112 < p.lon < 114 and 34 < p.lat < 35 for p in pieces)


def test_the_missing_posts_of_the_demo_are_found(fresh_city):
    pieces = [piece for piece in grid_check.check(fresh_city) if piece.rule_id == "GRID-03"]
    found = {(p.feature_id, p.part) for p in pieces if p.part != "full_time"}
    assert found == {
        ("410181113", "patroller"),
        ("410183102", "supervisor"),
        ("410122103", "officer"),
        ("410185203", "patroller"),
        ("410184101", "chief"),
    }


def test_a_cell_is_checked_with_what_lies_below_it(city):
    assert {piece.feature_id for piece in grid_check.check(city, "410181113")} == {"410181113"}
    county = grid_check.check(city, "410181")
    assert {piece.county_code for piece in county} == {"410181"}
    with pytest.raises(NotFoundError, match="no responsibility cell 999"):
        grid_check.check(city, "999")
    with pytest.raises(NotFoundError, match="on 2010-01-01"):
        grid_check.check(city, "410181113", dt.date(2010, 1, 1))


def test_codes_of_the_demo_read_from_west_to_east(city):
    with transaction(city) as cursor:
        cursor.execute(
            "SELECT cell_code, parent_code, ST_X(ST_Centroid(geom_m)) AS east, floor(ST_Y(ST_Centroid(geom_m)) / 1000) AS band "
            "FROM gridmap.grid_cell WHERE level = 'unit' ORDER BY cell_code"
        )
        rows = cursor.fetchall()
    assert [row.cell_code[9:] for row in rows] == ["000001", "000002"] * 3
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert first.cell_code.startswith(first.parent_code)
        assert (-first.band, first.east) < (-second.band, second.east)


def test_an_audit_moves_what_lies_in_a_cell_that_begins_that_day(conn):
    begins = DAY + dt.timedelta(days=2)
    one = Catalogue((catalogue.load().get("GRID-01"),), (), "one")
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_cell(cursor, TOWN, box(0, 0, 4, 2))
        add_cell(cursor, f"{TOWN}000001", box(0, 0, 4, 2), level="unit", parent=TOWN, in_force=f"[{begins},)")
        add_site(cursor, "s1", (1, 1))
    engine.audit(conn, catalogue=one)
    with transaction(conn) as cursor:
        assert cell_of(cursor, "s1") == TOWN
        cursor.execute("UPDATE gridmap.setting SET today = %s", [begins])
        assert cell_of(cursor, "s1") == TOWN
    engine.audit(conn, catalogue=one)
    with transaction(conn) as cursor:
        assert cell_of(cursor, "s1") == f"{TOWN}000001"
