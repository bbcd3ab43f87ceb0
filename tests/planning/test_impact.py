"""The impact of a draft is the difference of judging everything without and with it."""

import datetime as dt
import random

import pytest
import shapely

from gridmap.db.session import connect, snapshot, today, transaction
from gridmap.domain import finding
from gridmap.domain.draft import Content
from gridmap.engines import postgis
from gridmap.planning import impact as planning
from gridmap.rules import catalogue
from gridmap.store import draft_repeal, drafts, zones
from gridmap.store.draft_repeal import Repeal
from tests import databases
from tests.builders import add_site, add_village, add_zone, box, degrees
from tests.rules.random_city import grow

RULES = catalogue.load()


def drawn(*areas, **units):
    return Content(shapely.to_wkb(shapely.MultiPolygon([degrees(area) for area in areas])), **units)


def judged(conn, draft=None):
    found = {}
    with snapshot(conn, today(conn), draft=draft) as cursor:
        for rule in RULES.rules:
            if rule.status == "in_force":
                for row in postgis.evaluate(cursor, rule, as_of=today(conn)):
                    key = (rule.id, row.feature_kind, row.feature_id, row.part)
                    found[key] = finding.material(rule.material, row.certainty, row.facts)
    return found


def told(impact):
    return {
        name: {
            (rule.rule_id, change.feature_kind, change.feature_id, change.part)
            for rule in impact.findings
            for change in getattr(rule, name)
        }
        for name in ("appear", "go", "change")
    }


@pytest.fixture(scope="module")
def world():
    with databases.migrated("impact") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            grow(cursor, random.Random(7))
        yield conn, judged(conn)
        conn.close()


@pytest.mark.parametrize(
    ("lineage", "content"),
    [
        ("coal_free_0", drawn(box(0, 1, 5, 8))),
        ("coal_free_0", drawn(box(0, 1, 7, 8).union(box(7, 3, 15, 6)))),
        ("no_burn_0", drawn(box(2, 1, 8, 8), units_in=("410102100",), units_out=("410181101",))),
        ("machinery_restricted_0", drawn(box(3, 0, 18, 9))),
        ("heating_coverage_0", drawn(box(0, 0, 3, 3), box(12, 2, 18, 9))),
        ("built_up_0", drawn(box(9, 2, 14, 8))),
    ],
)
def test_impact_is_the_difference_of_judging_everything(world, lineage, content):
    conn, before = world
    with transaction(conn) as cursor:
        base = next(zone.zone_id for zone in zones.list_zones(conn) if zone.lineage == lineage)
        draft = drafts.create(cursor, base, title="重画", author="planner-01")
        drafts.save(cursor, draft.zone_id, 1, content, actor="planner-01")
    after = judged(conn, draft.zone_id)
    impact = planning.impact(conn, draft.zone_id, RULES)
    assert told(impact) == {
        "appear": after.keys() - before.keys(),
        "go": before.keys() - after.keys(),
        "change": {key for key in before.keys() & after.keys() if before[key] != after[key]},
    }
    old, new = (zones.get_zone(conn, zone_id).area_m2 for zone_id in (base, draft.zone_id))
    assert impact.land.gained_m2 - impact.land.lost_m2 == pytest.approx(new - old, abs=1)
    assert (impact.law, impact.revision) == (base, 2)


@pytest.mark.parametrize("lineage", ["coal_free_0", "no_burn_0", "gas_coverage_0", "built_up_0", "by_name"])
def test_the_impact_of_a_repeal_is_the_difference_too(world, lineage):
    conn, before = world
    with transaction(conn) as cursor:
        base = next((zone for zone in zones.list_zones(conn) if zone.lineage == lineage), None)
        if base is None:
            pytest.skip(f"the world has no {lineage}")
        wanted = Repeal("通告", None, today(conn) + dt.timedelta(days=30))
        draft = draft_repeal.create(cursor, base.zone_id, wanted, title="废止", author="planner-01")
    after = judged(conn, draft.zone_id)
    assert told(planning.impact(conn, draft.zone_id, RULES)) == {
        "appear": after.keys() - before.keys(),
        "go": before.keys() - after.keys(),
        "change": {key for key in before.keys() & after.keys() if before[key] != after[key]},
    }


@pytest.fixture
def plain(conn):
    """A zone of two villages, one village and two sites beside it."""
    with transaction(conn) as cursor:
        base = add_zone(cursor, boundary=box(0, 0, 4, 4))
        add_village(cursor, "410181113201", (1, 1), households=100)
        add_village(cursor, "410181113202", (3, 1), households=50)
        add_village(cursor, "410181113203", (6, 1), households=30)
        add_site(cursor, "within", (3.5, 2), county="410181")
        add_site(cursor, "beside", (5.5, 2), county="410102")
        draft = drafts.create(cursor, base, title="东移", author="planner-01")
        drafts.save(cursor, draft.zone_id, 1, drawn(box(2, 0, 7, 4)), actor="planner-01")
    return draft


def test_villages_households_and_sites_that_change_side_are_told_by_name(conn, plain):
    found = planning.impact(conn, plain.zone_id, RULES)
    assert [village.id for village in found.villages_gained] == ["410181113203"]
    assert [village.id for village in found.villages_lost] == ["410181113201"]
    assert (found.households_gained, found.households_lost) == (30, 100)
    assert ([site.id for site in found.sites_gained], found.sites_lost) == (["beside"], ())
    assert round(found.land.gained_m2 / 1e6, 2) == 12
    assert round(found.land.lost_m2 / 1e6, 2) == 8
    assert found.land.overlap_m2 == 0


def test_a_reader_of_a_county_is_told_of_his_own_sites_only(conn, plain):
    found = planning.only_counties(planning.impact(conn, plain.zone_id, RULES), ["410181"])
    assert found.sites_gained == ()
    assert [village.id for village in found.villages_gained] == ["410181113203"]


def test_nothing_is_written_by_asking(conn, plain):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT key FROM gridmap.finding UNION ALL SELECT run_id::text FROM gridmap.run) AS r"
        )
        before = cursor.fetchone()
        planning.impact(conn, plain.zone_id, RULES)
        cursor.execute(
            "SELECT count(*) FROM (SELECT key FROM gridmap.finding UNION ALL SELECT run_id::text FROM gridmap.run) AS r"
        )
        assert cursor.fetchone() == before


def test_a_draft_that_draws_what_is_law_changes_nothing(conn):
    with transaction(conn) as cursor:
        base = add_zone(cursor, boundary=box(0, 0, 4, 4), begins_on=dt.date(2019, 1, 1))
        add_village(cursor, "410181113201", (1, 1))
        draft = drafts.create(cursor, base, title="不变", author="planner-01")
    found = planning.impact(conn, draft.zone_id, RULES)
    assert (found.villages_gained, found.villages_lost, found.sites_gained, found.sites_lost) == ((), (), (), ())
    assert (round(found.land.gained_m2), round(found.land.lost_m2)) == (0, 0)
    assert [rule for rule in found.findings if rule.appear] == []
