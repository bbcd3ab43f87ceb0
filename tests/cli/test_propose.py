"""`gridmap zones propose`: a draft by the rules, tried or kept."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.db.session import connect, transaction
from gridmap.store import drafts
from tests import databases
from tests.builders import add_region, add_road, add_village, add_zone, box


@pytest.fixture(scope="module")
def url():
    """Return the URL of a database with a county whose zone leaves one plain village out, and one without findings."""
    with databases.migrated("propose_cli") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [dt.date(2020, 10, 15)])
            add_region(cursor, "410181", "county", box(0, 0, 10, 10), name="试验市")
            add_region(cursor, "410102", "county", box(10, 0, 20, 10), name="试验区")
            add_village(cursor, "410181113201", (5, 5))
            add_zone(cursor, boundary=box(0, 0, 4, 10))
            add_road(cursor, "hexie", (6, -1), (6, 11), name="和谐路")
        conn.close()
        yield url


def run(*words):
    return CliRunner().invoke(cli, ["zones", "propose", *words])


def made(url):
    conn = connect(url)
    with transaction(conn) as cursor:
        found = drafts.list_drafts(cursor)
    conn.close()
    return found


def test_a_trial_tells_all_and_keeps_nothing(url):
    before = len(made(url))
    told = run("410181", "--dry-run").output
    for line in (
        "nothing is kept",
        "COAL-01 1, COAL-02 0, COAL-03 0 (1 breach)",
        "listed as in: 1: 村201",
        "left, by the same rules: 0",
    ):
        assert line in told
    assert len(made(url)) == before


def test_a_proposal_is_kept_as_a_draft_of_the_command_line(url):
    values = json.loads(run("410181", "--smooth", "--json").output)
    assert (values["faces"], values["roads"], round(values["area_added_m2"] / 1e6)) == (1, ["和谐路"], 20)
    assert [(one["village_id"], one["how"]) for one in values["taken"]] == [("410181113201", "boundary")]
    kept = made(url)[0]
    assert (kept.zone_id, kept.author, kept.state) == (values["draft"], "command line", "drafting")
    assert "along 和谐路" in run("410181", "--smooth", "--dry-run").output


def test_a_county_without_findings_and_one_that_there_is_not_are_one_sentence(url):
    before = len(made(url))
    done = run("410102")
    assert (done.exit_code, done.output) == (
        0, "试验区 (410102) has no finding of COAL-01, COAL-02 or COAL-03 on 2020-10-15: no draft is needed\n",
    )  # fmt: skip
    refused = run("410199")
    assert (refused.exit_code, str(refused.exception)) == (1, "there is no county 410199")
    assert len(made(url)) == before
