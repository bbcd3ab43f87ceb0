"""An audit that is killed, and two audits at once."""

import signal
import subprocess
import sys
import time

import pytest

from gridmap.db.session import connect, transaction
from gridmap.errors import ConflictError
from gridmap.rules import engine
from gridmap.store import runs
from tests import databases
from tests.builders import add_region, add_village, box
from tests.rules.test_engine import OUTSIDE, TODAY, rules  # noqa: F401 (fixture)

AUDIT = """
import sys
from pathlib import Path
from gridmap.db.migrate import migrate
from gridmap.db.session import connect
from gridmap.rules import catalogue, engine
engine.audit(connect(sys.argv[1]), catalogue=catalogue.load(Path(sys.argv[2])))
"""


@pytest.fixture
def world():
    """A database of its own with one village in no zone, which other processes may see."""
    with databases.migrated("interrupted") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
            add_region(cursor, "410181", "county", box(0, 0, 10, 10))
            add_village(cursor, "410181113202", (5, 5))
        yield url, conn
        conn.close()


def ask(conn, sql):
    with transaction(conn) as cursor:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]


def test_a_killed_audit_leaves_whole_rules_and_never_passes_for_a_whole_run(world, rules, tmp_path):  # noqa: F811
    url, conn = world
    slow = OUTSIDE.replace("WHERE", "WHERE pg_sleep(120) IS NOT NULL AND")
    rules(coal_01=OUTSIDE, coal_02=slow, coal_03=OUTSIDE)
    process = subprocess.Popen([sys.executable, "-c", AUDIT, url, str(tmp_path)])
    try:
        deadline = time.monotonic() + 30
        while not ask(conn, "SELECT 1 FROM gridmap.run_rule"):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert ask(conn, "SELECT status FROM gridmap.run") == [("running",)]
    assert ask(conn, "SELECT rule_id FROM gridmap.finding") == [("COAL-01",)]
    assert runs.latest(conn, "living") is None

    # the server notices that the client is gone only when the slow statement ends: end it as an operator would
    ask(conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' "
              "AND pid <> pg_backend_pid() AND datname = current_database()")  # fmt: skip
    engine.audit(conn, catalogue=rules(coal_01=OUTSIDE, coal_02=OUTSIDE, coal_03=OUTSIDE))
    assert ask(conn, "SELECT status FROM gridmap.run ORDER BY run_id") == [("interrupted",), ("complete",)]
    assert ask(conn, "SELECT rule_id, event FROM gridmap.finding JOIN gridmap.finding_event USING (key) ORDER BY 1") == [
        ("COAL-01", "opened"), ("COAL-02", "opened"), ("COAL-03", "opened"),
    ]  # fmt: skip


def test_a_second_audit_at_the_same_time_says_so(world, rules):  # noqa: F811
    url, conn = world
    other = connect(url)
    try:
        with (
            runs.one_audit_at_a_time(other),
            pytest.raises(ConflictError, match="another audit is running"),
            runs.one_audit_at_a_time(conn, wait_s=0.2),
        ):
            pass
        run = engine.audit(conn, catalogue=rules(coal_01=OUTSIDE))
        assert run.status == "complete"
    finally:
        other.close()


def test_an_acceptance_during_an_audit_is_not_lost(world, rules):  # noqa: F811
    """The rule that meets a finding changed since its snapshot judges once more instead of writing over it."""
    url, conn = world
    ours = rules(coal_01=OUTSIDE)
    engine.audit(conn, catalogue=ours)
    other = connect(url)
    tries = []

    def accept_meanwhile(*args, **keywords):
        verdict = judge(*args, **keywords)
        if not tries:
            with transaction(other) as cursor:
                cursor.execute(
                    "UPDATE gridmap.finding SET status = 'accepted', accepted_reason = 'r', accepted_document = 'd', "
                    "accepted_by = 'p', accepted_on = '2020-10-15', accepted_until = '2020-12-31', "
                    "accepted_material = 'other facts'"
                )
        tries.append(1)
        return verdict

    judge = engine._evaluate
    engine._evaluate = accept_meanwhile
    try:
        run = engine.audit(conn, catalogue=ours)
    finally:
        engine._evaluate = judge
        other.close()
    assert (len(tries), run.rules[0].reopened) == (2, 1)
    assert ask(conn, "SELECT event, reason FROM gridmap.finding_event ORDER BY event_id")[-1] == (
        "reopened", "material_changed",
    )  # fmt: skip
