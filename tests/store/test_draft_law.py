"""Publication is all or nothing, and once, whoever presses the button and whatever dies meanwhile."""

import dataclasses
import datetime as dt
import threading

import pytest

from gridmap.db.session import connect, transaction
from gridmap.domain.draft import Publication
from gridmap.store import draft_law, drafts, zones
from tests import databases
from tests.builders import add_zone, box

LAW = Publication("关于调整禁煤区的通告", "郑政通〔2020〕99号", dt.date(2020, 10, 1), dt.date(2020, 11, 1))
AUTHOR, REVIEWERS = "planner-01", ("reviewer-01", "reviewer-02")


@pytest.fixture(scope="module")
def url():
    with databases.migrated("draft_law") as url:
        yield url


@pytest.fixture
def approved(url, request):
    """The address of a database with an approved draft of a zone of its own, and the draft."""
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [dt.date(2020, 10, 15)])
        base = add_zone(
            cursor, f"zone_{len(request.node.name)}_{request.node.name[5:16].lower()}", boundary=box(0, 0, 2, 2)
        )
        draft = drafts.create(cursor, base, title="向东扩", author=AUTHOR)
        drafts.take_step(cursor, draft.zone_id, "submit", AUTHOR)
        draft = drafts.take_step(cursor, draft.zone_id, "approve", REVIEWERS[0])
    conn.close()
    return url, draft


def state_of(url, draft):
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            law = [z.zone_id for z in zones.list_versions(conn, draft.lineage) if z.status == "published"]
            return drafts.get_draft(cursor, draft.zone_id).state, law
    finally:
        conn.close()


def test_two_who_publish_at_once_make_one_law(approved):
    url, draft = approved
    start, outcomes = threading.Barrier(2), []

    def publish(actor):
        conn = connect(url)
        try:
            start.wait(10)
            with transaction(conn) as cursor:
                draft_law.publish(cursor, draft.zone_id, LAW, actor=actor)
            outcomes.append("published")
        except drafts.StepRefused as refused:
            outcomes.append(refused.reason)
        finally:
            conn.close()

    threads = [threading.Thread(target=publish, args=[actor]) for actor in REVIEWERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["published", "state"]
    assert state_of(url, draft) == ("published", [draft.base_zone_id, draft.zone_id])


def test_whoever_dies_while_publishing_leaves_no_law(approved):
    url, draft = approved
    conn = connect(url)
    cursor = conn.cursor()
    cursor.execute("SELECT 1")
    with transaction(conn) as inner:
        draft_law.publish(inner, draft.zone_id, LAW, actor=REVIEWERS[0])
        inner.execute("SELECT pg_backend_pid()")
        backend = inner.fetchone()[0]
    other = connect(url)
    with transaction(other) as killing:
        killing.execute("SELECT pg_terminate_backend(%s)", [backend])
    other.close()
    assert state_of(url, draft) == ("approved", [draft.base_zone_id])
    conn.close()


def test_two_who_save_at_once_lose_nothing(url):
    conn, other = connect(url), connect(url)
    with transaction(conn) as cursor:
        base = add_zone(cursor, "zone_saved_twice", boundary=box(0, 0, 2, 2))
        draft = drafts.create(cursor, base, title="两人同改", author=AUTHOR)
    with transaction(conn) as cursor:
        content = drafts.get_content(cursor, draft.zone_id)
        drafts.save(cursor, draft.zone_id, 1, content, actor=AUTHOR)
    with pytest.raises(drafts.StaleRevisionError), transaction(other) as cursor:
        drafts.save(cursor, draft.zone_id, 1, content, actor="planner-02")
    with transaction(other) as cursor:
        kept = drafts.copy(cursor, draft.zone_id, content, title="两人同改（副本）", author="planner-02")
    assert (kept.revision, kept.base_zone_id, kept.version) == (1, base, 3)
    conn.close()
    other.close()


def test_a_law_that_begins_later_waits(approved):
    url, draft = approved
    conn = connect(url)
    with transaction(conn) as cursor:
        draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWERS[1])
    eve, first = LAW.begins_on - dt.timedelta(days=1), LAW.begins_on
    in_force = [
        next(z.zone_id for z in zones.list_zones(conn, as_of=day) if z.lineage == draft.lineage)
        for day in (None, eve, first)
    ]
    conn.close()
    assert in_force == [draft.base_zone_id, draft.base_zone_id, draft.zone_id]


def test_two_drafts_of_one_version_published_at_once_make_one_law(approved):
    """The second asked whether its base still stands before the first was committed; it would follow it unread."""
    url, draft = approved
    conn, outcomes = connect(url), []
    with transaction(conn) as cursor:
        other = drafts.create(cursor, draft.base_zone_id, title="向西扩", author=AUTHOR)
        drafts.take_step(cursor, other.zone_id, "submit", AUTHOR)
        drafts.take_step(cursor, other.zone_id, "approve", REVIEWERS[0])
    later = Publication(LAW.document, "郑政通〔2020〕100号", LAW.signed_on, dt.date(2020, 12, 1))

    def publish():
        second = connect(url)
        try:
            with transaction(second) as cursor:
                draft_law.publish(cursor, other.zone_id, later, actor=REVIEWERS[1])
            outcomes.append("published")
        except drafts.StepRefused as refused:
            outcomes.append(refused.reason)
        finally:
            second.close()

    thread = threading.Thread(target=publish)
    with transaction(conn) as cursor:
        draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWERS[0])
        thread.start()
        thread.join(1)
        assert outcomes == []  # it waits for the first
    thread.join(30)
    conn.close()
    assert outcomes == ["stale_base"]
    assert state_of(url, draft) == ("published", [draft.base_zone_id, draft.zone_id])


def test_a_wrong_version_is_superseded_by_a_later_one_and_stays_as_it_was(approved):
    url, draft = approved
    conn = connect(url)
    mended = Publication("关于更正禁煤区通告的通告", "郑政通〔2020〕101号", LAW.begins_on, dt.date(2020, 11, 2))
    with transaction(conn) as cursor:
        draft_law.publish(cursor, draft.zone_id, LAW, actor=REVIEWERS[0])
    wrong = zones.get_zone(conn, draft.zone_id)
    with transaction(conn) as cursor:
        better = drafts.create(cursor, draft.zone_id, title="更正", author=AUTHOR)
        drafts.take_step(cursor, better.zone_id, "submit", AUTHOR)
        drafts.take_step(cursor, better.zone_id, "approve", REVIEWERS[0])
    for begins_on in (LAW.begins_on - dt.timedelta(days=1), LAW.begins_on):
        early = dataclasses.replace(mended, begins_on=begins_on)
        with pytest.raises(drafts.StepRefused) as refused, transaction(conn) as cursor:
            draft_law.publish(cursor, better.zone_id, early, actor=REVIEWERS[0])
        assert refused.value.reason == "too_late"
    with transaction(conn) as cursor:
        draft_law.publish(cursor, better.zone_id, mended, actor=REVIEWERS[0])
    after = zones.get_zone(conn, draft.zone_id)
    conn.close()
    assert after == dataclasses.replace(wrong, ends_on=mended.begins_on)
    assert after.last_day == LAW.begins_on
