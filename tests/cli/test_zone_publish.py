"""`gridmap zones publish`: an approved draft becomes law from the command line, once."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.cli.acting import ACTOR
from gridmap.db.session import connect, transaction
from gridmap.store import drafts
from tests import databases
from tests.builders import add_zone, box


@pytest.fixture(scope="module")
def url():
    with databases.migrated("zone_publish") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
        conn.close()
        yield url


def approved(url, lineage, author="planner-01"):
    conn = connect(url)
    with transaction(conn) as cursor:
        base = add_zone(cursor, lineage, boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 1, 1))
        draft = drafts.create(cursor, base, title="向东扩", author=author)
        drafts.take_step(cursor, draft.zone_id, "submit", author)
        drafts.take_step(cursor, draft.zone_id, "approve", "reviewer-01")
    conn.close()
    return draft.zone_id, base


def run(*words):
    return CliRunner().invoke(cli, ["zones", *(str(word) for word in words)])


def publish(draft, signed_on="2020-10-01", begins_on="2020-11-01", number="郑政通〔2020〕99号"):
    return run(
        "publish", draft, "--document", "通告", "--number", number, "--signed-on", signed_on, "--begins-on", begins_on
    )


def ids(day):
    return [row["zone_id"] for row in json.loads(run("list", "--as-of", day, "--json").output)]


def test_a_law_that_begins_later_waits_and_is_published_once(url):
    draft, base = approved(url, "later")
    assert "向东扩" in run("drafts").output
    done = publish(draft)
    assert done.exit_code == 0, done.output
    assert "in force from 2020-11-01" in done.output and "not in force yet" in done.output
    assert base in ids("2020-10-15") and draft not in ids("2020-10-15")
    assert draft in ids("2020-11-01") and base not in ids("2020-11-01")
    again = publish(draft, number="100号")
    assert again.exit_code == 1 and "is published" in str(again.exception)


def test_a_document_of_the_past_may_be_entered(url):
    draft, base = approved(url, "past")
    done = publish(draft, signed_on="2020-01-01", begins_on="2020-02-01")
    assert done.exit_code == 0 and "gridmap audit --due" in done.output
    assert base in ids("2020-01-31") and draft in ids("2020-02-01")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"signed_on": "2020-11-02"}, "after it begins"),
        ({"number": " "}, "must not be empty"),
        ({"begins_on": "2020-13-01"}, "2020-13-01"),
        ({"begins_on": "2018-01-01", "signed_on": "2018-01-01"}, "the version it follows begins"),
    ],
)
def test_what_is_wrong_is_one_sentence(url, changes, expected):
    draft, base = approved(url, f"wrong_{len(expected)}")
    refused = publish(draft, **changes)
    assert refused.exit_code == 1 and expected in f"{refused.output}{refused.exception}"
    assert base in ids("2020-11-02")


def test_only_an_approved_draft_of_another_post_is_published(url):
    own, _base = approved(url, "own", author=ACTOR)
    assert "another post must publish it" in str(publish(own).exception)
    conn = connect(url)
    with transaction(conn) as cursor:
        raw = drafts.create(cursor, _base, title="未提交", author="planner-01").zone_id
    conn.close()
    assert "is drafting" in str(publish(raw).exception)
    assert "there is no draft 999999" in str(publish(999999).exception)
