"""Drafts in the database: saved by revision, taken by two posts to publication, once."""

import dataclasses
import datetime as dt

import psycopg2
import pytest
import shapely

from gridmap.db.session import CITY_ROLE, transaction
from gridmap.domain.draft import Content, Publication
from gridmap.errors import UserError
from gridmap.store import draft_law, drafts, zones
from tests.builders import add_zone, box, degrees

AUTHOR, REVIEWER = "planner-01", "reviewer-01"
LAW = Publication("关于调整禁煤区的通告", "郑政通〔2020〕99号", dt.date(2020, 10, 1), dt.date(2020, 11, 1))


def content(*areas):
    return Content(shapely.to_wkb(shapely.MultiPolygon([degrees(area) for area in areas])))


@pytest.fixture
def cursor(conn):
    with transaction(conn) as cursor:
        yield cursor


@pytest.fixture
def draft(cursor):
    base = add_zone(cursor, boundary=box(0, 0, 2, 2))
    return drafts.create(cursor, base, title="向东扩", purpose="覆盖东部平原村", author=AUTHOR)


def approved(cursor, draft):
    drafts.take_step(cursor, draft.zone_id, "submit", AUTHOR)
    return drafts.take_step(cursor, draft.zone_id, "approve", REVIEWER)


def test_a_draft_draws_what_its_base_draws_and_is_no_law(cursor, draft):
    base, own = zones.get_zone(cursor.connection, draft.base_zone_id), zones.get_zone(cursor.connection, draft.zone_id)
    assert (own.lineage, own.version, own.status, own.area_m2) == (base.lineage, 2, "draft", base.area_m2)
    assert drafts.get_content(cursor, draft.zone_id) == drafts.get_content(cursor, draft.base_zone_id)
    assert [event.event for event in drafts.list_events(cursor, draft.zone_id)] == ["created"]


def test_a_save_on_an_older_revision_is_refused_and_changes_nothing(cursor, draft):
    theirs = drafts.save(cursor, draft.zone_id, 1, content(box(0, 0, 3, 2)), actor=AUTHOR)
    assert theirs.revision == 2
    with pytest.raises(drafts.StaleRevisionError) as refused:
        drafts.save(cursor, draft.zone_id, 1, content(box(0, 0, 9, 2)), actor="planner-02")
    assert (refused.value.mine, refused.value.theirs) == (1, 2)
    assert round(zones.get_zone(cursor.connection, draft.zone_id).area_m2 / 1e6, 3) == 6


def test_refused_work_is_kept_as_a_copy(cursor, draft):
    copied = drafts.copy(cursor, draft.zone_id, content(box(0, 0, 9, 2)), title="向东扩（副本）", author="planner-02")
    assert (copied.author, copied.base_zone_id, copied.state) == ("planner-02", draft.base_zone_id, "drafting")
    assert round(zones.get_zone(cursor.connection, copied.zone_id).area_m2 / 1e6, 3) == 18
    assert round(zones.get_zone(cursor.connection, draft.zone_id).area_m2 / 1e6, 3) == 4


def test_locked_land_keeps_its_side(cursor, draft):
    drafts.lock_land(cursor, draft.zone_id, content(box(1, 0, 2, 2)).boundary_wkb, actor=AUTHOR)
    drafts.save(cursor, draft.zone_id, 1, content(box(0.5, 0, 2, 2)), actor=AUTHOR)
    with pytest.raises(UserError, match="locked land"), transaction(cursor.connection) as inner:
        drafts.save(inner, draft.zone_id, 2, content(box(0, 0, 1.5, 2)), actor=AUTHOR)


def test_an_outline_that_crosses_itself_is_refused_and_the_draft_stays(cursor, draft):
    bow_tie = shapely.MultiPolygon([degrees(shapely.Polygon([(0, 0), (2000, 2000), (2000, 0), (0, 2000)]))])
    with pytest.raises(UserError, match="not valid"):
        drafts.write_content(cursor, draft.zone_id, Content(shapely.to_wkb(bow_tie)))
    assert round(zones.get_zone(cursor.connection, draft.zone_id).area_m2 / 1e6, 3) == 4


def test_a_unit_that_there_is_none_of_is_refused(cursor, draft):
    with pytest.raises(UserError, match="with code 410181999"):
        drafts.write_content(cursor, draft.zone_id, Content(units_in=("410181999",)))


def test_nobody_reviews_or_publishes_his_own_draft(cursor, draft):
    drafts.take_step(cursor, draft.zone_id, "submit", AUTHOR)
    for step in ("approve", "return"):
        with pytest.raises(drafts.StepRefused) as refused:
            drafts.take_step(cursor, draft.zone_id, step, AUTHOR)
        assert refused.value.reason == "same_post"
    drafts.take_step(cursor, draft.zone_id, "approve", REVIEWER)
    with pytest.raises(drafts.StepRefused) as refused:
        draft_law.publish(cursor, draft.zone_id, LAW, actor=AUTHOR)
    assert refused.value.reason == "same_post"


def test_a_submitted_draft_is_not_drawn_on_until_it_is_returned(cursor, draft):
    drafts.take_step(cursor, draft.zone_id, "submit", AUTHOR)
    with pytest.raises(drafts.StepRefused):
        drafts.save(cursor, draft.zone_id, 1, content(box(0, 0, 3, 2)), actor=AUTHOR)
    drafts.take_step(cursor, draft.zone_id, "return", REVIEWER, text="东界请沿道路", place=(113.6, 34.7))
    assert drafts.save(cursor, draft.zone_id, 1, content(box(0, 0, 3, 2)), actor=AUTHOR).revision == 2
    told = drafts.list_events(cursor, draft.zone_id)[-1]
    assert (told.event, told.text, told.lon, told.lat) == ("returned", "东界请沿道路", 113.6, 34.7)


def test_published_it_follows_its_base_the_day_it_begins_and_only_once(cursor, draft):
    approved(cursor, draft)
    assert draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWER).state == "published"
    law, base = zones.get_zone(cursor.connection, draft.zone_id), zones.get_zone(cursor.connection, draft.base_zone_id)
    assert (law.status, law.document_number, law.begins_on) == ("published", LAW.document_number, LAW.begins_on)
    assert base.ends_on == LAW.begins_on
    with pytest.raises(drafts.StepRefused) as refused:
        draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWER)
    assert refused.value.reason == "state"
    with pytest.raises(psycopg2.errors.ObjectInUse), transaction(cursor.connection) as inner:
        drafts.write_content(inner, draft.zone_id, content(box(0, 0, 1, 1)))


def test_a_draft_on_a_superseded_base_is_put_on_the_new_law_before_it_goes_on(cursor, draft):
    other = drafts.create(cursor, draft.base_zone_id, title="向北扩", author="planner-02")
    approved(cursor, draft)
    draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWER)
    assert drafts.get_draft(cursor, other.zone_id).is_stale
    with pytest.raises(drafts.StepRefused) as refused:
        drafts.take_step(cursor, other.zone_id, "submit", "planner-02")
    assert refused.value.reason == "stale_base"
    rebased = draft_law.rebase(cursor, other.zone_id, content(box(0, 0, 2, 3)), actor="planner-02")
    assert (rebased.base_zone_id, rebased.is_stale) == (draft.zone_id, False)
    drafts.take_step(cursor, other.zone_id, "submit", "planner-02")
    drafts.take_step(cursor, other.zone_id, "approve", REVIEWER)
    with pytest.raises(drafts.StepRefused) as refused:
        draft_law.publish(cursor, other.zone_id, LAW, actor=REVIEWER)
    assert refused.value.reason == "number_used"
    other_signs = dataclasses.replace(LAW, document_number="郑政通 [２０２０] 99号")
    with pytest.raises(drafts.StepRefused, match="99号"):
        draft_law.publish(cursor, other.zone_id, other_signs, actor=REVIEWER)
    later = Publication(LAW.document, "郑政通〔2020〕100号", LAW.signed_on, LAW.begins_on)
    with pytest.raises(drafts.StepRefused) as refused:
        draft_law.publish(cursor, other.zone_id, later, actor=REVIEWER)
    assert refused.value.reason == "too_late"


def test_the_city_sees_a_countys_draft_from_its_submission_on(cursor, draft):
    def seen():
        with transaction(cursor.connection) as inner:
            inner.execute(f"SET LOCAL ROLE {CITY_ROLE}")
            inner.execute("SELECT count(*) FROM gridmap.zone WHERE zone_id = %s", [draft.zone_id])
            outlines = inner.fetchone()[0]
            found = drafts.find_draft(inner, draft.zone_id) is not None
            inner.execute("RESET ROLE")
            return found, outlines

    assert seen() == (False, 0)
    drafts.take_step(cursor, draft.zone_id, "submit", AUTHOR)
    assert seen() == (True, 1)
