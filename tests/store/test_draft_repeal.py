"""A zone ends without a successor: proposed, reviewed, published; and a wrong repeal is followed by a new version."""

import datetime as dt

import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.domain.draft import Content, Publication
from gridmap.errors import ConflictError, UserError
from gridmap.planning.diff import diff, diff_days
from gridmap.planning.impact import impact
from gridmap.rules import catalogue
from gridmap.rules.catalogue import Catalogue
from gridmap.store import draft_law, draft_repeal, drafts, zone_edits, zones
from gridmap.store.draft_repeal import Repeal
from tests.builders import add_region, add_site, add_village, add_zone, box, degrees

TODAY, ENDS = dt.date(2020, 10, 15), dt.date(2020, 11, 1)
LAW = Publication("关于废止禁煤区的通告", "巩政〔2020〕12号", TODAY, ENDS)
RULES = Catalogue(tuple(catalogue.load().get(one) for one in ("COAL-01", "COAL-08")), (), "repeal")


@pytest.fixture
def world(conn):
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s, city_code = '410100'", [TODAY])
        add_region(cursor, "410181", "county", box(0, 0, 10, 10), name="巩义市")
        add_village(cursor, "410181113201", (1, 1), households=100)
        add_site(cursor, "within", (1.5, 1.5))
        base = add_zone(cursor, boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 11, 15))
    return conn, base


def propose(conn, base, **more):
    with transaction(conn) as cursor:
        wanted = Repeal("通告", "巩政〔2020〕12号", ENDS, **more)
        return draft_repeal.create(cursor, base, wanted, title="废止", author="planner-01").zone_id


def publish(conn, draft, law=LAW):
    with transaction(conn) as cursor:
        drafts.take_step(cursor, draft, "submit", "planner-01")
        drafts.take_step(cursor, draft, "approve", "reviewer-01")
        return draft_law.publish(cursor, draft, law, actor="reviewer-01")


def ids(conn, day):
    return [zone.zone_id for zone in zones.list_zones(conn, as_of=day)]


def test_from_its_day_on_there_is_no_such_zone(world):
    conn, base = world
    draft = propose(conn, base)
    assert ids(conn, ENDS) == [base], "a draft is no law"
    publish(conn, draft)
    assert ids(conn, ENDS - dt.timedelta(days=1)) == [base] and ids(conn, ENDS) == []
    told = zones.get_zone(conn, draft)
    assert (told.is_repeal, told.status, told.version, told.document_number) == (
        True,
        "published",
        2,
        "巩政〔2020〕12号",
    )
    assert zones.get_zone(conn, base).ends_on == ENDS
    assert zones.zones_of_village(conn, "410181113201", as_of=ENDS) == []


def test_its_impact_is_what_falls_out_and_the_rules_judge_it(world):
    conn, base = world
    found = impact(conn, propose(conn, base), RULES)
    assert found.law == base and found.land.lost_m2 == pytest.approx(4e6, rel=1e-4) and found.land.draft_m2 == 0
    assert [village.id for village in found.villages_lost] == ["410181113201"]
    assert [site.id for site in found.sites_lost] == ["within"]
    appear = {rule.rule_id: sorted(change.feature_kind for change in rule.appear) for rule in found.findings}
    assert appear == {"COAL-01": ["village"], "COAL-08": ["gap", "village"]}
    assert {change.certainty for rule in found.findings for change in rule.appear} == {"breach"}
    again = impact(conn, found.draft, RULES)
    assert again.findings == found.findings, "asked again it is the same"


def test_a_reason_makes_what_is_given_up_a_report(world):
    conn, base = world
    found = impact(conn, propose(conn, base, reason="并入市级禁煤区"), RULES)
    [shrunk] = [rule for rule in found.findings if rule.rule_id == "COAL-08"]
    assert {change.certainty for change in shrunk.appear} == {"report"}


def test_it_stands_beside_its_base_and_between_two_days(world):
    conn, base = world
    draft = propose(conn, base)
    found = diff(conn, base, draft)
    assert found.land.removed_m2 == pytest.approx(4e6, rel=1e-4) and found.land.added is None and found.differs
    assert [one.id for one in found.villages_that("removed")] == ["410181113201"]
    publish(conn, draft)
    days = diff_days(conn, "coal_free", None, TODAY, ENDS)
    assert [(change.before.zone_id, change.after) for change in days.zones] == [(base, None)]
    assert [one.id for one in days.sites_that("removed")] == ["within"]


def test_a_wrong_repeal_is_followed_by_what_the_zone_was(world):
    conn, base = world
    draft = propose(conn, base)
    publish(conn, draft)
    with transaction(conn) as cursor:
        back = drafts.create(cursor, draft, title="恢复", author="planner-01").zone_id
        assert drafts.get_content(cursor, back) == drafts.get_content(cursor, base)
    publish(conn, back, Publication("恢复通告", "巩政〔2020〕13号", TODAY, dt.date(2020, 11, 5)))
    assert ids(conn, dt.date(2020, 11, 4)) == [] and ids(conn, dt.date(2020, 11, 5)) == [back]
    assert zones.get_zone(conn, back).version == 3


def test_what_repeals_nothing_is_refused(world):
    conn, base = world
    draft = propose(conn, base)
    with transaction(conn) as cursor:
        made = drafts.get_draft(cursor, draft)
        drawn = Content(shapely.to_wkb(shapely.MultiPolygon([degrees(box(0, 0, 1, 1))])))
        with pytest.raises(UserError, match="draws nothing"):
            drafts.save(cursor, draft, made.revision, drawn, actor="planner-01")
        with pytest.raises(UserError, match="draws nothing"):
            drafts.copy(cursor, draft, drawn, title="x", author="planner-01")
        for wrong, words in (
            (Repeal(" ", None, ENDS), "needs the document"),
            (Repeal("通告", None, dt.date(2019, 11, 15)), "expected a day after 2019-11-15"),
        ):
            with pytest.raises(UserError, match=words):
                draft_repeal.create(cursor, base, wrong, title="x", author="planner-01")
        with pytest.raises(UserError, match="is a draft"):
            draft_repeal.create(cursor, draft, Repeal("通告", None, ENDS), title="x", author="planner-01")
    publish(conn, draft)
    with transaction(conn) as cursor:
        with pytest.raises(UserError, match="a repeal itself"):
            draft_repeal.create(cursor, draft, Repeal("通告", None, ENDS), title="x", author="planner-01")
        with pytest.raises(ConflictError, match="version 2 follows"):
            draft_repeal.create(cursor, base, Repeal("通告", None, ENDS), title="x", author="planner-01")


def test_a_draft_on_what_was_repealed_meanwhile_is_stale(world):
    conn, base = world
    with transaction(conn) as cursor:
        other = drafts.create(cursor, base, title="向东扩", author="planner-02").zone_id
    publish(conn, propose(conn, base))
    with transaction(conn) as cursor:
        assert drafts.get_draft(cursor, other).is_stale


def test_the_repeal_of_what_is_no_law_today_takes_nothing_from_it(world):
    conn, _base = world
    with transaction(conn) as cursor:
        later = add_zone(cursor, "later", boundary=box(5, 5, 6, 6), begins_on=dt.date(2021, 1, 1))
        wanted = Repeal("通告", None, dt.date(2021, 6, 1))
        draft = draft_repeal.create(cursor, later, wanted, title="废止", author="planner-01").zone_id
        edit = zone_edits.if_law(cursor, draft)
        assert not edit.sites and not edit.villages
    found = impact(conn, draft, RULES)
    assert found.law is None and found.land.law_m2 == 0 and not found.villages_lost and not found.sites_lost
