"""Proposals: the rules find nothing any more, and would find something again were one village left out."""

import dataclasses
import datetime as dt

import pytest

from gridmap.db.session import snapshot, today, transaction
from gridmap.engines import postgis
from gridmap.errors import NotFoundError
from gridmap.planning import proposals
from gridmap.rules import catalogue
from gridmap.store import drafts, zones
from tests.builders import add_region, add_road, add_village, add_zone, box

COUNTY = "410181"
BEFORE_LAND, AFTER = dt.date(2020, 10, 15), dt.date(2020, 11, 15)
RULES = catalogue.load()


def village(number):
    return f"4101811132{number:02d}"


def stand_on(cursor, day):
    cursor.execute("UPDATE gridmap.setting SET today = %s", [day])


def found(conn, draft=None):
    day = today(conn)
    with snapshot(conn, day, draft=draft, counties=[COUNTY]) as cursor:
        return {
            (rule_id, row.feature_id, row.part)
            for rule_id in proposals.RULES
            for row in postgis.evaluate(cursor, RULES.get(rule_id), as_of=day)
        }


def propose(conn, **how):
    return proposals.propose(conn, COUNTY, author="planner-01", catalogue=RULES, **how)


def content(conn, draft):
    with transaction(conn) as cursor:
        return drafts.get_content(cursor, draft)


def drawn_with(conn, draft, **changes):
    """Return what the rules find were the draft drawn otherwise, and put it back."""
    old = content(conn, draft)
    with transaction(conn) as cursor:
        drafts.write_content(cursor, draft, dataclasses.replace(old, **changes))
        told = found(conn, draft)
        drafts.write_content(cursor, draft, old)
    return told


def assert_none_can_be_left_out(conn, proposal):
    drawn = content(conn, proposal.draft)
    for code in (one.village_id for one in proposal.of("list")):
        fewer = tuple(unit for unit in drawn.units_in if unit != code)
        assert drawn_with(conn, proposal.draft, units_in=fewer) - found(conn, proposal.draft), code
    for code in (one.village_id for one in proposal.of("unlist")):
        assert drawn_with(conn, proposal.draft, units_out=(*drawn.units_out, code)) - found(conn, proposal.draft), code


@pytest.fixture
def county(conn):
    """A zone of 4 by 10 km: a village within, one named as out, two beside, one in remote mountains."""
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), name="试验市")
        add_village(cursor, village(1), (1, 1))
        add_village(cursor, village(2), (2, 5))
        add_village(cursor, village(3), (5, 2))
        add_village(cursor, village(4), (5, 8), programme="planned")
        add_village(cursor, village(5), (9, 5), terrain="remote_mountain")
        add_zone(cursor, boundary=box(0, 0, 4, 10), units_out=(village(2),), unit_notes={village(2): "漏列"})
    return conn


def test_villages_are_listed_exclusions_taken_back_and_none_is_too_many(county):
    proposal = propose(county)
    assert [one.village_id for one in proposal.of("list")] == [village(3), village(4)]
    assert [one.village_id for one in proposal.of("unlist")] == [village(2)]
    assert (proposal.remaining, found(county, proposal.draft)) == ((), set())
    drawn = content(county, proposal.draft)
    assert (drawn.units_in, drawn.units_out) == ((village(3), village(4)), ())
    assert_none_can_be_left_out(county, proposal)


def test_each_village_says_what_its_taking_in_cures_and_the_draft_tells_the_numbers(county):
    proposal = propose(county)
    assert content(county, proposal.draft).unit_notes == {
        village(3): "消除 COAL-01 平原村未划入禁煤区",
        village(4): "消除 COAL-01 平原村未划入禁煤区；COAL-03 “双替代”村庄未划入应划的区域",
    }
    with transaction(county) as cursor:
        draft = drafts.get_draft(cursor, proposal.draft)
    assert (draft.author, draft.state, draft.revision, draft.is_stale) == ("planner-01", "drafting", 1, False)
    for told in ("COAL-01 3 条", "COAL-03 1 条", "列入 2 个村", "删去 1 个村：村202", "余 0 条"):
        assert told in draft.purpose


def test_the_law_is_not_touched_and_a_trial_keeps_no_draft(county):
    before = found(county)
    with transaction(county) as cursor:
        tried = propose(county, dry_run=True)
        assert (tried.draft, len(tried.taken), drafts.list_drafts(cursor)) == (None, 3, [])
        propose(county)
        assert len(drafts.list_drafts(cursor)) == 1
    assert found(county) == before


def test_an_excluded_village_beyond_the_boundary_is_listed_as_in(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (6, 5))
        add_zone(cursor, boundary=box(0, 0, 4, 10), units_out=(village(1),))
    proposal = propose(conn)
    assert [(one.village_id, one.how) for one in proposal.taken] == [(village(1), "list")]
    assert content(conn, proposal.draft).units_out == ()
    assert found(conn, proposal.draft) == set()


def test_villages_of_an_excluded_township_are_listed_one_by_one(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (1, 5))
        add_village(cursor, village(2), (2, 5), terrain="remote_mountain")
        add_zone(cursor, boundary=box(0, 0, 4, 10), units_out=("410181113",))
    proposal = propose(conn)
    drawn = content(conn, proposal.draft)
    assert (drawn.units_in, drawn.units_out) == ((village(1),), ("410181113",))
    assert found(conn, proposal.draft) == set()


def test_a_village_within_the_territory_of_another_needs_no_name(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (6, 5), territory=box(5, 4, 8, 7))
        add_village(cursor, village(2), (7, 6))
        add_village(cursor, village(3), (8.5, 6), territory=box(8, 4, 9, 7))
        add_zone(cursor, boundary=box(0, 0, 4, 10))
    proposal = propose(conn)
    assert [one.village_id for one in proposal.of("list")] == [village(1), village(3)]
    assert round(proposal.area_added_m2 / 1e6, 2) == 12
    assert found(conn, proposal.draft) == set()
    assert_none_can_be_left_out(conn, proposal)


def test_a_county_without_a_zone_gets_a_draft_of_its_first(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), name="试验市")
        add_village(cursor, village(1), (6, 5))
        add_zone(cursor, "coal_free_410181", boundary=box(0, 0, 1, 1), ends_on=dt.date(2020, 1, 1))
    proposal = propose(conn)
    zone = zones.get_zone(conn, proposal.draft)
    assert (proposal.base, zone.name, zone.lineage, zone.units_in) == (
        None, "试验市禁煤区", "coal_free_410181_2", [village(1)],
    )  # fmt: skip
    assert found(conn, proposal.draft) == set()


def test_a_version_published_but_not_yet_in_force_is_what_the_draft_continues(county):
    with transaction(county) as cursor:
        later = add_zone(cursor, boundary=box(0, 0, 6, 10), begins_on=dt.date(2020, 12, 1))
    proposal = propose(county)
    assert (proposal.base, proposal.of("list")) == (later, ())
    with transaction(county) as cursor:
        assert not drafts.get_draft(cursor, proposal.draft).is_stale


def test_what_asks_for_a_no_burn_zone_is_left_and_said(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (1, 5), programme="finished", wholly_substituted=True)
        add_zone(cursor, boundary=box(0, 0, 4, 10))
    proposal = propose(conn)
    assert (proposal.draft, proposal.taken) == (None, ())
    assert [(one.rule_id, one.why) for one in proposal.remaining] == [("COAL-03", "no_burn")]


def test_without_a_finding_there_is_no_draft_and_without_a_county_no_answer(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410102", "county", box(0, 0, 10, 10))
        assert proposals.propose(conn, "410102", author="planner-01", catalogue=RULES).draft is None
        assert drafts.list_drafts(cursor) == []
    with pytest.raises(NotFoundError, match="no county 410199"):
        proposals.propose(conn, "410199", author="planner-01", catalogue=RULES)


def test_land_is_cured_by_territories_or_faces_and_else_named(county):
    with transaction(county) as cursor:
        stand_on(cursor, AFTER)
        add_road(cursor, "hexie", (6, -1), (6, 11), name="和谐路")
    by_name = propose(county)
    assert [(one.rule_id, one.feature_kind, one.why) for one in by_name.remaining] == [("COAL-02", "gap", "land")]
    smooth = propose(county, smooth=True)
    assert (smooth.remaining, found(county, smooth.draft)) == ((), set())
    assert (smooth.faces, smooth.roads, round(smooth.area_added_m2 / 1e6)) == (2, ("和谐路",), 60)


def test_a_village_that_counts_as_covered_is_listed_for_the_land_it_has_left_out(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, AFTER)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (5, 5), territory=box(0, 0, 10, 10))
        add_zone(cursor, boundary=box(0, 0, 9.8, 10))
    proposal = propose(conn)
    assert [one.reason for one in proposal.of("list")] == ["消除 COAL-02：本村界线内有未划入的土地"]
    assert proposal.remaining == ()
    assert_none_can_be_left_out(conn, proposal)


def test_a_smooth_boundary_follows_the_road_and_names_who_is_too_near_to_it(county):
    with transaction(county) as cursor:
        add_road(cursor, "hexie", (6, -1), (6, 11), error_m=50, name="和谐路")
        add_road(cursor, "far", (8, -1), (8, 11), error_m=900)
        add_village(cursor, village(6), (5.7, 5), error_m=400)
    proposal = propose(county, smooth=True)
    assert [one.village_id for one in proposal.of("boundary")] == [village(3), village(4)]
    assert [one.village_id for one in proposal.of("list")] == [village(6)]
    assert [one.village_id for one in proposal.of("unlist")] == [village(2)]
    assert (proposal.roads, proposal.faces, round(proposal.area_added_m2 / 1e6, 1)) == (("和谐路",), 1, 20.0)
    assert (proposal.remaining, found(county, proposal.draft)) == ((), set())
    zone = zones.get_zone(county, proposal.draft)
    assert (zone.position_error_m, zone.is_sketch, round(zone.area_m2 / 1e6, 1)) == (50, True, 60.0)
    assert_none_can_be_left_out(county, proposal)


def test_where_no_face_cures_anything_all_go_by_name(county):
    with transaction(county) as cursor:
        add_road(cursor, "rough", (6, -1), (6, 11), error_m=5000)
    proposal = propose(county, smooth=True)
    assert (proposal.faces, proposal.of("boundary")) == (0, ())
    assert [one.village_id for one in proposal.of("list")] == [village(3), village(4)]
    assert zones.get_zone(county, proposal.draft).position_error_m == 0
    assert found(county, proposal.draft) == set()


def test_a_first_zone_may_be_drawn_along_roads(conn):
    with transaction(conn) as cursor:
        stand_on(cursor, BEFORE_LAND)
        add_region(cursor, COUNTY, "county", box(0, 0, 10, 10))
        add_village(cursor, village(1), (3, 5), territory=box(2, 4, 4, 6))
        add_road(cursor, "hexie", (6, -1), (6, 11))
    proposal = propose(conn, smooth=True)
    assert (proposal.faces, proposal.of("list"), len(proposal.of("boundary"))) == (1, (), 1)
    assert content(conn, proposal.draft).units_in == ()
    assert found(conn, proposal.draft) == set()
