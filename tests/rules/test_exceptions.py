"""A finding accepted as an exception stays so only for its time and its facts, and never comes back silently."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.domain.finding import Acceptance
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.rules import engine
from gridmap.store import exceptions, findings
from gridmap.store.findings import FindingFilter
from tests.builders import add_village
from tests.rules.test_engine import OUTSIDE, TODAY, city_of_two, events, living, rules  # noqa: F401 (fixtures)

UNTIL = dt.date(2020, 12, 31)


@pytest.fixture
def accepted(city_of_two, rules):  # noqa: F811
    """The city of two with its only finding accepted until the end of 2020, and the rules."""
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    row = findings.list_findings(city_of_two, FindingFilter())[0]
    exceptions.accept(city_of_two, row.key, ours.get("COAL-01"), Acceptance("搬迁在即", "政府纪要", "网格长-01", UNTIL))
    return city_of_two, ours, row.key


def change(conn, sql):
    with transaction(conn) as cursor:
        cursor.execute(sql)


def statuses(conn):
    return [row[1] for row in living(conn)]


def test_an_exception_stays_through_an_audit(accepted):
    conn, ours, _ = accepted
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == ["accepted"]
    assert [event for event, _ in events(conn)] == ["opened", "accepted"]
    assert [row.status for row in exceptions.list_exceptions(conn, counties=["410181"])] == ["accepted"]
    assert exceptions.list_exceptions(conn, counties=["410182"]) == []


@pytest.mark.parametrize(("day", "status"), [("2020-12-31", "accepted"), ("2021-01-01", "open")])
def test_an_exception_ends_after_its_last_day(accepted, day, status):
    conn, ours, _ = accepted
    change(conn, f"UPDATE gridmap.setting SET today = '{day}'")
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == [status]
    assert (("reopened", "expired") in events(conn)) == (status == "open")
    assert bool(exceptions.list_exceptions(conn)) == (status == "accepted")


def test_an_exception_lapses_when_the_facts_that_matter_change(accepted):
    conn, ours, _ = accepted
    change(conn, "UPDATE gridmap.village SET households = 12")
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == ["accepted"]
    change(conn, "UPDATE gridmap.village SET position_error_m = 5000")
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == ["open"]
    assert events(conn)[-1] == ("reopened", "material_changed")
    assert exceptions.list_exceptions(conn) == []


def gone_and_back(conn, ours, **village):
    change(conn, "DELETE FROM gridmap.village WHERE village_id = '410181113202'")
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == []
    with transaction(conn) as cursor:
        add_village(cursor, "410181113202", (5, 5), **village)
    engine.audit(conn, catalogue=ours)


def test_an_exception_that_still_holds_resumes_and_says_so(accepted):
    conn, ours, _ = accepted
    gone_and_back(conn, ours)
    assert statuses(conn) == ["accepted"]
    assert events(conn)[-2:] == [("gone", "feature_removed"), ("reopened", "exception_resumed")]


def test_an_exception_does_not_resume_with_other_facts(accepted):
    conn, ours, _ = accepted
    gone_and_back(conn, ours, error_m=5000)
    assert statuses(conn) == ["open"]
    assert exceptions.list_exceptions(conn) == []


def test_only_a_finding_cured_before_is_a_resurgence(city_of_two, rules):  # noqa: F811
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    gone_and_back(city_of_two, ours)

    def counts():
        with transaction(city_of_two) as cursor:
            cursor.execute("SELECT reopened_count, resurgence_count FROM gridmap.finding")
            return tuple(cursor.fetchone())

    assert counts() == (1, 0)
    change(city_of_two, "UPDATE gridmap.village SET geom = (SELECT w.geom FROM gridmap.village AS w "
           "WHERE w.village_id = '410181113201')")  # fmt: skip
    engine.audit(city_of_two, catalogue=ours)
    change(city_of_two, "DELETE FROM gridmap.village WHERE village_id = '410181113202'")
    with transaction(city_of_two) as cursor:
        add_village(cursor, "410181113202", (5, 5))
    engine.audit(city_of_two, catalogue=ours)
    assert counts() == (2, 1)


def test_a_revoked_exception_is_open_again(accepted):
    conn, ours, key = accepted
    exceptions.revoke(conn, key, "纪要撤销")
    assert statuses(conn) == ["open"]
    assert events(conn)[-1] == ("revoked", "纪要撤销")
    with pytest.raises(ConflictError, match="no exception to revoke"):
        exceptions.revoke(conn, key, "")
    engine.audit(conn, catalogue=ours)
    assert statuses(conn) == ["open"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"reason": " "}, "needs a reason"),
        ({"document": ""}, "needs a document"),
        ({"post": "\t"}, "needs a post"),
        ({"reason": "x" * 501}, "501 characters"),
        ({"until": TODAY - dt.timedelta(days=1)}, "end before today"),
    ],
)
def test_an_exception_that_is_not_whole_is_refused(city_of_two, rules, changes, complaint):  # noqa: F811
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    key = findings.list_findings(city_of_two, FindingFilter())[0].key
    whole = {"reason": "r", "document": "d", "post": "p", "until": UNTIL}
    with pytest.raises(UserError, match=complaint):
        exceptions.accept(city_of_two, key, ours.get("COAL-01"), Acceptance(**{**whole, **changes}))
    assert statuses(city_of_two) == ["open"]


def test_what_is_not_open_cannot_be_accepted(accepted):
    conn, ours, key = accepted
    again = Acceptance("r", "d", "p", UNTIL)
    with pytest.raises(ConflictError, match="is accepted; only an open finding"):
        exceptions.accept(conn, key, ours.get("COAL-01"), again)
    with pytest.raises(NotFoundError):
        exceptions.accept(conn, "0" * 32, ours.get("COAL-01"), again)
