"""Cells begin, end and follow one another; what lies in them follows; a point has exactly one cell."""

import datetime as dt

import psycopg2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.db.session import CITY_ROLE, Access, ask_for, connect, snapshot, transaction
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.ingest import unit_cells
from gridmap.rules import grid_check
from gridmap.store import grid, grid_changes, runs
from tests.builders import ORIGIN_M, add_region, add_site, box, multi
from tests.ingest.test_unit_cells import metres, star

DAY = dt.date(2020, 10, 15)
TOWN = "410181113"
shared = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Undo(Exception):
    pass


@pytest.fixture
def today(conn):
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
        cursor.execute("UPDATE gridmap.cell_placement SET placed_on = %s", [DAY])
    return DAY


def add_cell(cursor, code, land, *, level="township", parent=None, in_force="[2017-04-01,)", error_m=0.0):
    cursor.execute(
        "INSERT INTO gridmap.grid_cell (cell_code, kind, level, name, parent_code, county_code, in_force, geom, "
        "position_error_m, source) VALUES (%s, 'responsibility', %s, %s, %s, %s, %s, ST_GeomFromWKB(%s, 4490), %s, 'test')",
        [code, level, f"网格{code}", parent, code[:6], in_force, multi(land), error_m],
    )


def make(conn, land, size_km=1, parent=TOWN, from_day=DAY):
    with grid_changes.changing(conn) as cursor:
        cells = unit_cells.by_squares(shapely.from_wkb(grid.outline_m(cursor, parent, from_day)), size_km)
        return grid_changes.make(cursor, grid.get_cell(cursor, parent, from_day), cells, from_day)


def cell_of(cursor, site_id):
    cursor.execute("SELECT cell_code FROM gridmap.site WHERE site_id = %s", [site_id])
    return cursor.fetchone()[0]


@pytest.fixture
def town(conn, today):
    """A town of 4 by 2 km in eight unit cells, with two sites in the first."""
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_cell(cursor, TOWN, box(0, 0, 4, 2), parent="410181")
        add_site(cursor, "north-west", (0.25, 1.5))
        add_site(cursor, "north", (0.75, 1.5))
        assert cell_of(cursor, "north") == TOWN
    change = make(conn, box(0, 0, 4, 2))
    return [code for code, _name, _area in change.begun]


def test_made_cells_are_coded_in_reading_order_and_hold_what_lies_in_them(conn, town):
    assert town == [f"{TOWN}000{n:03d}" for n in range(1, 9)]
    with transaction(conn) as cursor:
        assert [cell_of(cursor, site) for site in ("north-west", "north")] == [town[0], town[0]]
        cursor.execute("SELECT gridmap.place_again()")
        assert cursor.fetchone()[0] == 0
        above = [cell.cell_code for cell in grid.list_above(cursor, town[0], DAY)]
        assert above == [town[0], TOWN]
        assert len(grid.list_children(cursor, TOWN, DAY)) == 8


@shared
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_no_gap_and_no_overlap_remains_and_missing_duties_are_found(conn, today, seed, size_km):
    try:
        with transaction(conn) as cursor:
            add_region(cursor, "410181", "county", box(-10, -10, 10, 10))
            add_cell(cursor, TOWN, star(seed))
            codes = [code for code, _name, _area in make(conn, star(seed), size_km).begun]
            pieces = grid_check.check(conn, TOWN)
            assert [piece for piece in pieces if piece.rule_id != "GRID-03"] == []
            assert {(p.feature_id, p.part) for p in pieces} == {
                (code, role) for code in [TOWN, *codes] for role in ("chief", "officer", "patroller", "supervisor")
            }
            raise Undo
    except Undo:
        pass


@shared
@given(st.integers(0, 10_000), st.integers(1, 2), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_point_on_an_edge_a_corner_or_a_vertex_has_exactly_one_cell(conn, today, seed, size_km, shares):
    """It is a unit cell of those that touch the point, the lowest code: the same in the function and on the site."""
    try:
        with transaction(conn) as cursor:
            add_cell(cursor, TOWN, star(seed))
            make(conn, star(seed), size_km)
            cursor.execute("SELECT cell_code, ST_AsBinary(geom_m) FROM gridmap.grid_cell WHERE level = 'unit'")
            found = {code: shapely.from_wkb(bytes(wkb)) for code, wkb in cursor.fetchall()}
            rings = [ring for geom in found.values() for part in shapely.get_parts(geom) for ring in [part.exterior]]
            places = [tuple(xy) for ring in rings for xy in shapely.get_coordinates(ring)[:6]]
            places += [
                tuple(ring.interpolate(share, normalized=True).coords[0]) for ring in rings[:8] for share in shares
            ]
            for number, (x, y) in enumerate(places):
                add_site(cursor, f"s{number}", ((x - ORIGIN_M[0]) / 1000, (y - ORIGIN_M[1]) / 1000))
            cursor.execute(
                "SELECT s.site_id, s.cell_code, gridmap.cell_at(s.geom), gridmap.cell_on(s.geom, %s), s.square_code, "
                "gridmap.square_at(s.geom), (SELECT array_agg(c.cell_code ORDER BY c.cell_code) FROM gridmap.grid_cell AS c "
                "WHERE c.level = 'unit' AND ST_Intersects(c.geom_m, s.geom_m)) FROM snapshot.site_all AS s",
                [DAY],
            )
            rows = cursor.fetchall()
            assert len(rows) == len(places)
            for _site, on_row, at, on_day, square, square_at, touching in rows:
                # a vertex that came back from degrees may lie a millimetre outside all
                assert on_row == at == on_day == (touching[0] if touching else on_row)
                assert touching is None or len(touching) <= 4
                assert square == square_at
            raise Undo
    except Undo:
        pass


def test_cells_that_are_there_already_are_split_not_made_again(conn, town):
    with pytest.raises(ConflictError, match="8 cells below it already"):
        make(conn, box(0, 0, 4, 2))
    with pytest.raises(NotFoundError, match="no responsibility cell 999999999"):
        make(conn, box(0, 0, 4, 2), parent="999999999")
    with pytest.raises(UserError, match="township or a village"):
        make(conn, box(0, 0, 4, 2), parent=town[0])


def halves(code, conn, day):
    with transaction(conn) as cursor:
        land = shapely.from_wkb(grid.outline_m(cursor, code, day))
    west, south, east, north = land.bounds
    middle = (west + east) / 2
    pieces = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    return unit_cells._numbered([unit_cells._new(None, land & piece, 0.0, "test") for piece in pieces], 1000.0)


def add_duty(cursor, code, in_force, role="chief", post="网格长-01"):
    cursor.execute(
        "INSERT INTO gridmap.duty (cell_code, role, post, in_force) VALUES (%s, %s, %s, %s)",
        [code, role, post, in_force],
    )


LATER = dt.date(2020, 11, 1)


def test_a_split_keeps_history_ends_duties_and_moves_what_lies_there_on_its_day(conn, town):
    old = town[0]
    with transaction(conn) as cursor:
        add_duty(cursor, old, "[2020-10-15,)")
        add_duty(cursor, old, "[2021-01-01,)", "officer", "网格员-01")
        add_duty(cursor, old, "[2020-10-15,2020-10-20)", "patroller", "巡查员-01")
    new = halves(old, conn, DAY)
    with grid_changes.changing(conn) as cursor:
        change = grid_changes.split(cursor, grid.get_cell(cursor, old, LATER), new, LATER)
    assert [code for code, *_ in change.begun] == [f"{TOWN}000009", f"{TOWN}000010"]
    assert change.ended == [old]
    assert [(d.role, d.never_began) for d in change.duties] == [("chief", False), ("officer", True)]
    with transaction(conn) as cursor:
        assert grid.get_cell(cursor, old, LATER - dt.timedelta(days=1)).ends_on == LATER
        with pytest.raises(NotFoundError, match="to 2020-11-01"):
            grid.get_cell(cursor, old, LATER)
        # until the day comes everything is as before; the daily call then moves it, and once only
        assert cell_of(cursor, "north-west") == old
        cursor.execute("UPDATE gridmap.setting SET today = %s", [LATER])
        assert grid.place_due(cursor) == 2
        assert grid.place_due(cursor) == 0
        assert [cell_of(cursor, site) for site in ("north-west", "north")] == [f"{TOWN}000009", f"{TOWN}000010"]
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
        assert grid.place_due(cursor) == 2
        assert cell_of(cursor, "north-west") == old


def test_merged_cells_give_way_to_one_whose_code_is_new(conn, town):
    day = DAY + dt.timedelta(days=1)
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [day])
        grid.place_due(cursor)
        cursor.execute("INSERT INTO gridmap.run (kind, as_of, today, engine, software, data_version) "
                       "VALUES ('living', %s, %s, 'postgis', 'test', 0) RETURNING run_id", [day, day])  # fmt: skip
        run = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, name, certainty, severity, "
            "status, facts, opened_on, last_seen_on, first_run_id, last_run_id) VALUES (md5('a'), 'NRMM-01', '410181', "
            "'site', 'north', 'x', 'breach', 'high', 'open', '{}', %s, %s, %s, %s)",
            [day, day, run, run],
        )
    with grid_changes.changing(conn) as cursor:
        cells = [grid.get_cell(cursor, code, day) for code in town[:2]]
        change = grid_changes.merge(cursor, cells, " 合并后的网格 ", day)
    assert change.begun == [(f"{TOWN}000009", "合并后的网格", pytest.approx(2_000_000))]
    assert change.findings == 1
    with transaction(conn) as cursor:
        assert cell_of(cursor, "north") == f"{TOWN}000009"
        cursor.execute("SELECT cell_code FROM gridmap.finding")
        assert cursor.fetchone()[0] == f"{TOWN}000009"
    with pytest.raises(NotFoundError), grid_changes.changing(conn) as cursor:
        grid.get_cell(cursor, town[0], day)


def test_a_renamed_cell_keeps_code_duties_and_its_old_name_before(conn, town):
    with transaction(conn) as cursor:
        add_duty(cursor, town[1], "[2020-10-15,)")
    with grid_changes.changing(conn) as cursor:
        grid_changes.rename(cursor, grid.get_cell(cursor, town[1], LATER), "新名", LATER)
    with transaction(conn) as cursor:
        names = [(cell.name, cell.begins_on, cell.ends_on) for cell in grid.list_versions(cursor, town[1])]
        cursor.execute("SELECT in_force::text FROM gridmap.duty WHERE cell_code = %s", [town[1]])
        assert cursor.fetchone()[0] == "[2020-10-15,)"
    assert names == [(f"网格{TOWN}单元网格002", DAY, LATER), ("新名", LATER, None)]


def test_what_cannot_be_changed_is_refused_with_a_sentence(conn, town):
    new = halves(town[0], conn, DAY)

    def refused(error, match, change):
        with pytest.raises(error, match=match), grid_changes.changing(conn) as cursor:
            change(cursor)

    refused(
        ConflictError, "choose a later day", lambda c: grid_changes.split(c, grid.get_cell(c, town[0], DAY), new, DAY)
    )
    refused(
        UserError,
        "follows the administrative",
        lambda c: grid_changes.split(c, grid.get_cell(c, TOWN, LATER), new, LATER),
    )
    refused(
        UserError, "two different", lambda c: grid_changes.merge(c, [grid.get_cell(c, town[0], LATER)] * 2, "x", LATER)
    )
    refused(
        ConflictError,
        "do not touch",
        lambda c: grid_changes.merge(c, [grid.get_cell(c, code, LATER) for code in (town[0], town[2])], "x", LATER),
    )
    refused(UserError, "at most 100", lambda c: grid_changes.rename(c, grid.get_cell(c, town[0], LATER), " ", LATER))
    with transaction(conn) as cursor:
        add_cell(cursor, "410181114", box(4, 0, 6, 2), parent="410181")
        add_cell(cursor, "410181114000001", box(4, 0, 6, 2), level="unit", parent="410181114")
    refused(
        UserError,
        "one cell above",
        lambda c: grid_changes.merge(
            c, [grid.get_cell(c, code, LATER) for code in (town[0], "410181114000001")], "x", LATER
        ),
    )
    with grid_changes.changing(conn) as cursor:
        grid_changes.rename(cursor, grid.get_cell(cursor, town[0], LATER), "以后", LATER)
    refused(
        ConflictError, "ends or changes on 2020-11-01", lambda c: grid_changes.rename(c, grid.get_cell(c, town[0], DAY), "x", DAY + dt.timedelta(days=3))
    )  # fmt: skip


def test_a_trial_leaves_everything_as_it_is(conn, town):
    with grid_changes.changing(conn, dry_run=True) as cursor:
        grid_changes.rename(cursor, grid.get_cell(cursor, town[0], LATER), "试", LATER)
    with transaction(conn) as cursor:
        assert len(grid.list_versions(cursor, town[0])) == 1


def test_of_two_at_once_the_second_is_told(conn, database_url):
    other = connect(database_url)
    try:
        with grid_changes.changing(other), pytest.raises(ConflictError, match="right now"), grid_changes.changing(conn):
            pass
    finally:
        other.close()


def test_an_audit_that_runs_is_waited_for(conn, database_url):
    other = connect(database_url)
    try:
        with (
            runs.one_audit_at_a_time(other),
            pytest.raises(ConflictError, match="audit is running"),
            grid_changes.changing(conn, wait_s=0.1),
        ):
            pass
        with grid_changes.changing(conn, wait_s=0.1):
            pass
    finally:
        other.close()


def test_changes_stand_in_the_log_and_what_follows_by_itself_does_not(conn, town):
    with transaction(conn) as cursor:
        cursor.execute("SELECT set_config('gridmap.actor', 'command line', true)")
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY + dt.timedelta(days=9)])
        grid.place_due(cursor)
    with grid_changes.changing(conn) as cursor:
        day = DAY + dt.timedelta(days=9)
        grid_changes.split(cursor, grid.get_cell(cursor, town[0], day), halves(town[0], conn, day), day)
        cursor.execute(
            "SELECT relation, action, row_key, actor FROM gridmap.audit_log WHERE relation <> 'setting' ORDER BY log_id"
        )
        assert [tuple(row) for row in cursor.fetchall()] == [
            ("grid_cell", "insert", f"{TOWN}000009", "command line"),
            ("grid_cell", "insert", f"{TOWN}000010", "command line"),
            ("grid_cell", "update", town[0], "command line"),
        ]
        assert cell_of(cursor, "north-west") == f"{TOWN}000009"


def test_a_finding_about_a_square_belongs_to_the_cell_that_holds_it(conn, town):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT gridmap.cell_of_finding('grid_cell', 'E460N3841', ST_GeomFromWKB(%s, 4490)) AS one, "
            "gridmap.cell_of_finding('grid_cell', %s, NULL) AS other",
            [multi(box(0.1, 1.1, 0.9, 1.9)), TOWN],
        )
        assert tuple(cursor.fetchone()) == (town[0], TOWN)


def test_readers_may_not_place_anything_again(conn):
    with transaction(conn) as cursor:
        cursor.execute("SET LOCAL ROLE gridmap_city")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT gridmap.place_again()")
        cursor.execute("ROLLBACK TO SAVEPOINT nested")


def test_a_cell_is_found_at_a_position_on_a_day(conn, town):
    with transaction(conn) as cursor:
        place = grid.place_of(cursor, town[0], DAY)
        assert grid.cell_at(cursor, place[0], place[1], DAY) == (town[0], place[2]) == (town[0], "E460N3841")
        assert grid.cell_at(cursor, place[0], place[1], dt.date(2018, 1, 1)) == (TOWN, "E460N3841")
        assert grid.cell_at(cursor, place[0], place[1], dt.date(2010, 1, 1))[0] is None
        with pytest.raises(UserError, match="swapped"):
            grid.cell_at(cursor, place[1], place[0], DAY)
    with snapshot(conn, DAY) as cursor:
        cursor.execute("SELECT cell_code, square_code FROM site WHERE site_id = 'north-west'")
        assert tuple(cursor.fetchone()) == (town[0], "E460N3841")


def test_as_command_line_sets_the_actor(conn):
    ask_for(conn, Access(CITY_ROLE, actor="command line"))
    with transaction(conn) as cursor:
        cursor.execute("SELECT gridmap.actor()")
        assert cursor.fetchone()[0] == "command line"
    ask_for(conn, None)


def test_metres_and_star_are_sound():
    assert metres(star(3)).is_valid
