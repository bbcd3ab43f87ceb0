"""Judging again only where something changed gives exactly what judging everything gives."""

import datetime as dt
import random
from urllib.parse import urlsplit

import pytest

from gridmap.db.session import connect, transaction
from gridmap.rules import catalogue, engine, incremental
from gridmap.rules.incremental import Area
from gridmap.store import changes
from gridmap.store.changes import Changes
from tests import databases
from tests.builders import add_zone, box
from tests.rules.random_city import edit, grow

RULES = catalogue.load()


def moved(run):
    return {
        rule.rule_id: (rule.opened, rule.changed, rule.gone, rule.reopened)
        for rule in run.rules
        if rule.opened or rule.changed or rule.gone or rule.reopened
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_edits_a_whole_audit_finds_nothing_more_to_move(seed):
    dice = random.Random(seed)
    with databases.migrated("incremental") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            grow(cursor, dice)
        engine.audit(conn, catalogue=RULES)
        something = 0
        for step in range(8):
            with transaction(conn) as cursor:
                done = [edit(cursor, dice, step * 3 + part) for part in range(dice.randint(1, 3))]
            again = incremental.rejudge(conn, RULES)
            something += bool(again and moved(again))
            found = living(conn)
            whole = engine.audit(conn, catalogue=RULES)
            assert [rule.rule_id for rule in whole.rules if rule.status == "failed"] == []
            assert moved(whole) == {}, f"seed {seed}, step {step}: {done}"
            assert found == living(conn), f"seed {seed}, step {step}: {done}"
            if again is not None:
                assert totals(again) == totals(whole), f"seed {seed}, step {step}: {done}"
        assert something > 3
        conn.close()


def living(conn):
    """Return what is known of each living finding, what does not matter included."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT key, rule_id, feature_id, part, name, certainty, status, facts, ST_AsText(geom, 9) AS place "
            "FROM gridmap.finding WHERE status <> 'gone' ORDER BY key"
        )
        return [row._asdict() for row in cursor.fetchall()]


def totals(run):
    return {rule.rule_id: (rule.breach, rule.near_boundary, rule.report) for rule in run.rules}


@pytest.fixture(scope="module")
def audited():
    """The name of a database with a small audited world, to be copied."""
    with databases.migrated("audited") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            grow(cursor, random.Random(5))
        engine.audit(conn, catalogue=RULES)
        conn.close()
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def standing(audited):
    """A small audited world in a database of its own."""
    with databases.temporary("standing", audited) as url:
        conn = connect(url)
        yield conn
        conn.close()


def test_nothing_changed_is_nothing_to_judge(standing):
    assert incremental.rejudge(standing, RULES) is None


def test_a_draft_is_no_law_and_makes_no_rule_judge(standing):
    with transaction(standing) as cursor:
        draft = add_zone(cursor, "coal_free_0", box(0, 0, 3, 3), begins_on=dt.date(2018, 1, 1), publish=False)
    run = incremental.rejudge(standing, RULES)
    assert run is not None and {rule.duration_ms for rule in run.rules} == {0.0} and moved(run) == {}
    assert incremental.rejudge(standing, RULES) is None
    with transaction(standing) as cursor:
        cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [draft])
    run = incremental.rejudge(standing, RULES)
    assert run is not None and {rule.duration_ms for rule in run.rules} == {0.0}


def test_after_a_repeal_and_after_it_was_taken_back_nothing_more_is_to_move(standing):
    kind, lineage, day = "coal_free", "coal_free_0", dt.date(2020, 10, 10)
    with transaction(standing) as cursor:
        add_zone(cursor, lineage, kind=kind, begins_on=day, is_repeal=True)
    assert moved(incremental.rejudge(standing, RULES)), "something hung on the zone"
    found = living(standing)
    assert moved(engine.audit(standing, catalogue=RULES)) == {} and found == living(standing)
    with transaction(standing) as cursor:  # another zone takes in some of what was given up
        add_zone(cursor, "coal_free_beside", box(2, 2, 6, 6), kind=kind, begins_on=day)
    incremental.rejudge(standing, RULES)
    found = living(standing)
    assert moved(engine.audit(standing, catalogue=RULES)) == {} and found == living(standing)
    with transaction(standing) as cursor:
        add_zone(cursor, lineage, box(2, 2, 9, 7), kind=kind, begins_on=dt.date(2020, 10, 12))
    incremental.rejudge(standing, RULES)
    found = living(standing)
    assert moved(engine.audit(standing, catalogue=RULES)) == {} and found == living(standing)


def test_a_zone_makes_only_rules_judge_that_name_its_kind(standing):
    with transaction(standing) as cursor:
        add_zone(cursor, "fourth_ring_0", box(0, 0, 9, 9), kind="fourth_ring", begins_on=dt.date(2018, 1, 1))
    run = incremental.rejudge(standing, RULES)
    assert run is not None
    assert {rule.rule_id for rule in run.rules if rule.duration_ms} <= {"MARK-01", "VEHI-01"}
    assert moved(engine.audit(standing, catalogue=RULES)) == {}


def test_a_version_that_begins_later_changes_nothing_today(standing):
    with transaction(standing) as cursor:
        add_zone(cursor, "no_burn_0", box(0, 0, 9, 9), kind="no_burn", begins_on=dt.date(2021, 1, 1))
    run = incremental.rejudge(standing, RULES)
    assert run is not None and {rule.duration_ms for rule in run.rules} == {0.0}


def test_a_new_zone_far_away_is_asked_for_where_its_being_there_matters(standing):
    """BOIL-05 asks whether a county has any gas coverage at all."""
    with transaction(standing) as cursor:
        add_zone(cursor, "gas_new", box(0, 0, 1, 1), kind="gas_coverage", begins_on=dt.date(2018, 1, 1))
        cursor.execute("SELECT max(run_id) FROM gridmap.run")
        found = changes.since(cursor, cursor.fetchone()[0])
        assert [edit.is_new for edit in found.zones] == [True]
        assert incremental.area_of(RULES.get("BOIL-05"), found) is None
        assert incremental.area_of(RULES.get("BOIL-02"), found) == incremental.NOWHERE


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
