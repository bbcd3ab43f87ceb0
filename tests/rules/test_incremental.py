"""Judging again only where something changed gives exactly what judging everything gives."""

import datetime as dt
import random

import pytest

from gridmap.db.migrate import migrate
from gridmap.db.session import connect, transaction
from gridmap.rules import catalogue, engine, incremental
from gridmap.rules.incremental import Area
from gridmap.store import changes
from gridmap.store.changes import Changes
from tests import databases
from tests.builders import add_region, add_site, add_village, add_zone, box

TODAY = dt.date(2020, 11, 15)
RULES = catalogue.load()
KINDS = ("coal_free", "machinery_restricted", "enclosed_area", "no_burn")


def grow(cursor, dice):
    """Build a world of two counties on 20 by 10 kilometres."""
    cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
    for number, code in enumerate(("410181", "410102")):
        west = number * 10
        add_region(cursor, code, "county", box(west, 0, west + 10, 10))
        for part in range(2):
            add_region(cursor, f"{code}10{part}", "township", box(west, part * 5, west + 10, part * 5 + 5), parent=code)
    for number in range(24):
        county = ("410181", "410102")[number % 2]
        village_id = f"{county}10{number // 2 % 2}2{number:02}"
        place = (dice.uniform(0, 10) + 10 * (number % 2), dice.uniform(0, 10))
        add_village(
            cursor, village_id, place, error_m=dice.choice([0, 50, 3000]), terrain=dice.choice(["plain", "hill", ""]) or None
        )  # fmt: skip
    for number in range(40):
        add_machine(cursor, f"m{number}", dice)
    for number, kind in enumerate(KINDS):
        add_zone(
            cursor, f"{kind}_0", box(number, 1, number + 7, 8), kind=kind, begins_on=dt.date(2017, 1, 1),
            county_code="410181", position_error_m=dice.choice([0, 300]),
        )  # fmt: skip
    add_zone(cursor, "by_name", units_in=("410181100",), units_out=("410181100202",), begins_on=dt.date(2017, 1, 1))


def add_machine(cursor, site_id, dice):
    add_site(
        cursor, site_id, (dice.uniform(0, 20), dice.uniform(0, 10)), error_m=dice.choice([0, 20, 400, 2500]),
        county=dice.choice(["410181", "410102"]), reported_region_code=dice.choice(["410181", "410102", None]),
    )  # fmt: skip
    cursor.execute(
        "INSERT INTO gridmap.machine (site_id, machine_type, emission_stage) VALUES (%s, '挖掘机', %s)",
        [site_id, dice.randint(0, 3)],
    )


def edit(cursor, dice, step):
    """Make one random change, and return what was done."""
    cursor.execute("SELECT site_id FROM gridmap.site ORDER BY random()")
    sites = sorted(row[0] for row in cursor.fetchall())
    cursor.execute("SELECT village_id FROM gridmap.village")
    villages = sorted(row[0] for row in cursor.fetchall())
    site, village = dice.choice(sites), dice.choice(villages)
    what = dice.choice(["add", "move", "delete", "stage", "village", "terrain", "zone", "units", "region"])
    if what == "add":
        add_machine(cursor, f"n{step}", dice)
    elif what == "move":
        cursor.execute(
            "UPDATE gridmap.site SET geom = (SELECT s.geom FROM gridmap.site AS s WHERE s.site_id = %s) "
            "WHERE site_id = %s", [dice.choice(sites), site],
        )  # fmt: skip
    elif what == "delete":
        cursor.execute("DELETE FROM gridmap.site WHERE site_id = %s", [site])
    elif what == "stage":
        cursor.execute("UPDATE gridmap.machine SET emission_stage = %s WHERE site_id = %s", [dice.randint(0, 3), site])
    elif what == "village":
        cursor.execute(
            "UPDATE gridmap.village SET geom = (SELECT s.geom FROM gridmap.site AS s WHERE s.site_id = %s) "
            "WHERE village_id = %s", [site, village],
        )  # fmt: skip
    elif what == "terrain":
        cursor.execute(
            "UPDATE gridmap.village SET terrain_declared = %s, terrain_declared_by = 'test' WHERE village_id = %s",
            [dice.choice(["plain", "hill", "remote_mountain"]), village],
        )
    elif what in ("zone", "units"):
        publish(cursor, dice, step, what)
    else:
        cursor.execute("UPDATE gridmap.region SET position_error_m = %s WHERE code = '410181'", [dice.choice([0, 500])])
    return what


def publish(cursor, dice, step, what):
    """Let a zone follow itself, by line or by list."""
    begins = dt.date(2017, 2, 1) + dt.timedelta(days=step)
    if what == "units":
        units = dice.sample(["410181100", "410181101", "410102100", "410102101"], 2)
        add_zone(cursor, "by_name", units_in=(units[0],), units_out=(units[1],), begins_on=begins)
        return
    kind, west, south = dice.choice(KINDS), dice.uniform(0, 12), dice.uniform(0, 5)
    shape = box(west, south, west + dice.uniform(1, 6), south + dice.uniform(1, 4))
    add_zone(cursor, f"{kind}_0", shape, kind=kind, begins_on=begins, county_code="410181")


def moved(run):
    return {
        rule.rule_id: (rule.opened, rule.changed, rule.gone, rule.reopened)
        for rule in run.rules
        if rule.opened or rule.changed or rule.gone or rule.reopened
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_edits_a_whole_audit_finds_nothing_more_to_move(seed):
    dice = random.Random(seed)
    with databases.temporary("incremental") as url:
        migrate(url)
        conn = connect(url)
        with transaction(conn) as cursor:
            grow(cursor, dice)
        engine.audit(conn, catalogue=RULES)
        something = 0
        for step in range(10):
            with transaction(conn) as cursor:
                done = [edit(cursor, dice, step * 3 + part) for part in range(dice.randint(1, 3))]
            again = incremental.rejudge(conn, RULES)
            something += bool(again and moved(again))
            whole = engine.audit(conn, catalogue=RULES)
            assert [rule.rule_id for rule in whole.rules if rule.status == "failed"] == []
            assert moved(whole) == {}, f"seed {seed}, step {step}: {done}"
            if again is not None:
                assert totals(again) == totals(whole), f"seed {seed}, step {step}: {done}"
        assert something > 3
        conn.close()


def totals(run):
    return {rule.rule_id: (rule.breach, rule.near_boundary, rule.report) for rule in run.rules}


@pytest.fixture
def standing():
    """A small audited world in a database of its own."""
    with databases.temporary("standing") as url:
        migrate(url)
        conn = connect(url)
        with transaction(conn) as cursor:
            grow(cursor, random.Random(5))
        engine.audit(conn, catalogue=RULES)
        yield conn
        conn.close()


def test_nothing_changed_is_nothing_to_judge(standing):
    assert incremental.rejudge(standing, RULES) is None


def test_a_machine_is_judged_where_it_was_and_where_it_is(standing):
    with transaction(standing) as cursor:
        cursor.execute("SELECT array_agg(DISTINCT cell_key) FROM gridmap.site WHERE site_id IN ('m1', 'm2')")
        cells = set(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE gridmap.site SET geom = (SELECT s.geom FROM gridmap.site AS s WHERE s.site_id = 'm2') "
            "WHERE site_id = 'm1'"
        )
    with transaction(standing) as cursor:
        cursor.execute("SELECT max(run_id) FROM gridmap.run")
        found = changes.since(cursor, cursor.fetchone()[0])
    assert found.cells == {"site": cells}
    assert incremental.area_of(RULES.get("NRMM-01"), found) == Area(frozenset(cells), frozenset(cells))
    assert incremental.area_of(RULES.get("COAL-01"), found) == Area(frozenset(), frozenset())


def test_a_change_without_a_place_is_judged_everywhere():
    assert incremental.area_of(RULES.get("GRID-05"), Changes(whole={"region"})) is None


def test_a_table_emptied_at_a_stroke_is_not_missed_beside_another_change(standing):
    with transaction(standing) as cursor:
        cursor.execute("TRUNCATE gridmap.machine")
        cursor.execute(
            "UPDATE gridmap.village SET position_error_m = position_error_m + 1 "
            "WHERE village_id = (SELECT min(village_id) FROM gridmap.village)"
        )
    again = incremental.rejudge(standing, RULES)
    assert again is not None and moved(again)["NRMM-01"][2] > 0
    assert moved(engine.audit(standing, catalogue=RULES)) == {}


def test_another_day_is_a_whole_audit(standing):
    with transaction(standing) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-11-16'")
    run = incremental.rejudge(standing, RULES)
    assert run is not None and run.as_of == dt.date(2020, 11, 16)
    assert incremental.rejudge(standing, RULES) is None
