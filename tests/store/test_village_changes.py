"""A newer list of villages in force from a day on: with history, with what is known, all or nothing, and undone again."""

from __future__ import annotations

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.domain.village_list import Listed, reconcile
from gridmap.errors import ConflictError
from gridmap.store import grid_changes, known_places, village_changes, village_lists
from tests.builders import add_region, add_site, add_village, add_zone, box
from tests.store.test_grid_changes import add_cell, add_duty

TODAY = dt.date(2020, 10, 15)
NEXT = dt.date(2020, 12, 1)
TOWN, OTHER = "410181113", "410181114"


@pytest.fixture
def world(conn):
    """Two towns with five villages; one is in the programme, one known no better than by its town."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s, city_code = '410100'", [TODAY])
        cursor.execute("UPDATE gridmap.cell_placement SET placed_on = %s", [TODAY])
        add_region(cursor, "410100", "city", box(0, 0, 10, 4))
        add_region(cursor, "410181", "county", box(0, 0, 10, 4), parent="410100", name="巩义市")
        add_region(cursor, TOWN, "township", box(0, 0, 4, 4), parent="410181", error_m=100, name="回郭镇")
        add_region(cursor, OTHER, "township", box(4, 0, 8, 4), parent="410181", error_m=100, name="西村镇")
        add_village(cursor, f"{TOWN}201", (1, 1), name="东风村", official_name="东风村民委员会", match_name="东风")
        add_village(
            cursor, f"{TOWN}202", (2, 2), name="柏峪村", official_name="柏峪村民委员会", match_name="柏峪",
            programme="finished", on_task_list=True, households=100, source="旧名录；点位：实测",
        )  # fmt: skip
        add_village(
            cursor, f"{TOWN}203", (3, 3), name="北官庄村", official_name="北官庄村民委员会", match_name="北官庄",
            placed_by="township", error_m=4000,
        )  # fmt: skip
        add_village(
            cursor, f"{TOWN}204", (3, 1), name="石板坡村", official_name="石板坡村民委员会", match_name="石板坡"
        )
        add_village(cursor, f"{OTHER}201", (5, 1), name="王庄村", official_name="王庄村民委员会", match_name="王庄")
        cursor.execute("DELETE FROM gridmap.change")
    return conn


NEW = [
    Listed(f"{TOWN}201", "东门村民委员会"),
    Listed(f"{TOWN}002", "柏峪社区居民委员会"),
    Listed(f"{OTHER}203", "北官庄村民委员会"),
    Listed(f"{OTHER}201", "王庄村民委员会"),
    Listed(f"{OTHER}005", "幸福里社区居民委员会"),
]


def change(conn, new, day=TODAY, dry_run=False):
    with grid_changes.changing(conn, dry_run=dry_run) as cursor:
        found = reconcile(village_lists.list_listed(cursor, day), new)
        return village_changes.apply(cursor, found, day, TODAY, source="市名录2020")


def rows(conn, statement, *values):
    with transaction(conn) as cursor:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]


def state(conn, day):
    return rows(
        conn,
        "SELECT village_id, name, official_name, match_name, is_community, programme, on_task_list, households, terrain, "
        "placed_by FROM gridmap.village WHERE in_force @> %s::date ORDER BY 1", day,
    )  # fmt: skip


def test_a_list_comes_into_force_with_history_and_with_what_is_known(world):
    before = state(world, TODAY)
    done = change(world, NEW)
    assert (done.ended, done.renamed, done.carried, done.came_back, done.begun, done.unplaced) == (3, 1, 2, 0, 1, 1)
    assert state(world, TODAY - dt.timedelta(days=1)) == before
    now = {row[0]: row[1:] for row in state(world, TODAY)}
    assert list(now) == sorted(one.code for one in NEW)
    assert now[f"{TOWN}201"][:3] == ("东门村", "东门村民委员会", "东门")
    # a village become a community is the same place with the same programme
    assert now[f"{TOWN}002"] == (
        "柏峪社区",
        "柏峪社区居民委员会",
        "柏峪",
        True,
        "finished",
        True,
        100,
        "plain",
        "survey",
    )
    places = {
        code: (source, error, inside)
        for code, source, error, inside in rows(
            world, "SELECT v.village_id, v.source, v.position_error_m, ST_Covers(r.geom, v.geom) FROM gridmap.village AS v "
            "INNER JOIN gridmap.region AS r ON r.code = v.township_code WHERE v.in_force @> %s::date", TODAY,
        )
    }  # fmt: skip
    assert places[f"{TOWN}002"][0] == "市名录2020；点位：实测"
    # known by its town only: it lies somewhere in its new one now, and so does the one nobody knew
    for code in (f"{OTHER}203", f"{OTHER}005"):
        assert places[code][0] == "市名录2020；点位：所在区划内示意" and places[code][2] and places[code][1] > 2800
    assert rows(world, "SELECT DISTINCT relation FROM gridmap.change") == [("village",)]


def test_everything_stands_in_the_log(world):
    with transaction(world) as cursor:
        cursor.execute("SELECT set_config('gridmap.actor', 'command line', true)")
    change(world, NEW)
    log = rows(world, "SELECT action, count(*) FROM gridmap.audit_log WHERE relation = 'village' GROUP BY 1 ORDER BY 1")
    assert log == [("insert", 4), ("update", 4)]


def test_a_later_list_undoes_it(world):
    before, old = state(world, TODAY), []
    with transaction(world) as cursor:
        old = village_lists.list_listed(cursor, TODAY)
    change(world, NEW)
    done = change(world, old, NEXT)
    assert done.came_back == 1 and done.begun == 0 and done.carried == 2  # 石板坡村 comes back as it was
    assert state(world, NEXT) == before
    assert len(rows(world, "SELECT FROM gridmap.village")) == 5 + 4 + 4
    with pytest.raises(ConflictError, match="choose a later day"):
        change(world, NEW[:-1], TODAY)


def test_a_dry_run_changes_nothing(world):
    before = state(world, TODAY)
    assert change(world, NEW, dry_run=True).ended == 3
    assert state(world, TODAY) == before and not rows(world, "SELECT FROM gridmap.audit_log")


def test_a_zone_that_names_a_village_holds_the_list_back_until_it_names_what_follows(world):
    with transaction(world) as cursor:
        add_zone(cursor, units_in=[f"{TOWN}202", f"{TOWN}204"])
    before = state(world, TODAY)
    with pytest.raises(ConflictError, match=f"names {TOWN}202 in, but not {TOWN}002, which follows it"):
        change(world, NEW)
    assert state(world, TODAY) == before
    with transaction(world) as cursor:
        hangs = village_lists.what_hangs(cursor, [f"{TOWN}202", f"{TOWN}203"], TODAY)
        assert hangs[f"{TOWN}202"].zones == ["coal_free_410181 in"] and hangs[f"{TOWN}202"].programme == "finished"
        assert hangs[f"{TOWN}203"].is_nothing and not hangs[f"{TOWN}202"].is_nothing
        add_zone(cursor, units_in=[f"{TOWN}202", f"{TOWN}204", f"{TOWN}002"], begins_on=TODAY)
    assert change(world, NEW).carried == 2


def test_cells_towns_and_parts_of_a_list_are_reasons_against_it(world):
    with transaction(world) as cursor:
        add_cell(cursor, f"{TOWN}204", box(2, 0, 4, 2), level="village", parent=TOWN)
        add_duty(cursor, f"{TOWN}204", "[2020-01-01,)", post="网格长-甲")
        assert village_lists.what_hangs(cursor, [f"{TOWN}204"], TODAY)[f"{TOWN}204"].duties == ["chief 网格长-甲"]
    with pytest.raises(ConflictError, match=f"cell {TOWN}204 stands on a village that ends"):
        change(world, NEW)
    with pytest.raises(ConflictError, match="410181999 is no county or township"):
        change(world, [*NEW, Listed("410181999201", "无镇村民委员会")])
    with pytest.raises(ConflictError, match="only a part of one"):
        change(world, NEW[3:4])
    with transaction(world) as cursor:
        same = village_lists.list_listed(cursor, TODAY)
    with pytest.raises(ConflictError, match="nothing to put in force"):
        change(world, same)


def test_sites_and_cells_follow_their_village(world):
    with transaction(world) as cursor:
        add_site(cursor, "a", (2, 2), region_code=f"{TOWN}202", reported_region_code=f"{TOWN}202")
        add_site(cursor, "b", (3, 1), region_code=f"{TOWN}204")
        add_cell(cursor, f"{TOWN}201", box(0, 0, 2, 2), level="village", parent=TOWN)
        cursor.execute("UPDATE gridmap.grid_cell SET name = '东风村'")
    with pytest.raises(ConflictError, match="site a lies in a village that ends"):
        change(world, NEW, NEXT)
    done = change(world, NEW)
    assert (done.sites, done.cells) == (2, (f"{TOWN}201",))
    assert rows(world, "SELECT site_id, region_code, reported_region_code FROM gridmap.site ORDER BY 1") == [
        ("a", f"{TOWN}002", f"{TOWN}202"), ("b", TOWN, None),
    ]  # fmt: skip
    assert rows(world, "SELECT name FROM gridmap.grid_cell WHERE in_force @> %s::date", TODAY) == [("东门村",)]


def test_names_of_before_are_known_after(world):
    change(world, NEW)
    with transaction(world) as cursor:
        index = known_places.get_names(cursor, TODAY)
        ground = known_places.get_ground(cursor, TODAY)
    assert index.match("东风村", county_code="410181").how == "former"
    assert index.match("巩义市回郭镇柏峪").unit.code == f"{TOWN}002"
    assert set(ground.counties) == {"410181"} and f"{OTHER}203" not in ground.places and f"{TOWN}201" in ground.places
