"""The audit: findings open, stay, change, go and come back, and another day moves none of them."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.errors import NotFoundError, UserError
from gridmap.rules import catalogue, engine
from gridmap.store import findings
from gridmap.store.findings import FindingFilter
from tests.builders import add_region, add_village, add_zone, box

TODAY = dt.date(2020, 10, 15)

HEADER = """/*
id         = "{id}"
title      = "平原村未划入禁煤区"
title_en   = "Plain village outside"
severity   = "high"
message    = "{{name}}已覆盖{{covered_pct}}%"
message_en = "{{name}} is covered to {{covered_pct}}%"
judges     = "village"
reads      = ["zone"]
status     = "in_force"
since      = {since}
where      = []
reach_m    = 0
clock      = "none"
material   = ["covered_pct"]
why  = "测试"
fix  = "测试"
trap = "测试"
[[legal]]
document = "测试"
number = ""
item = "1"
[facts]
covered_pct = {{ zh = "已覆盖", en = "covered", unit = "%" }}
households = {{ zh = "户数", en = "households" }}
*/
{sql}
"""

OUTSIDE = """
SELECT v.county_code, v.village_id AS feature_id, v.name, CAST(c.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    v.households, c.near_boundary
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id AND c.kind = 'coal_free'
WHERE c.covered_pct < 95
"""


@pytest.fixture
def rules(tmp_path):
    """Return a function that makes a catalogue of COAL rules from SELECTs by id."""

    def make(since="2019-11-15", **selects):
        for old in tmp_path.glob("coal/*.sql"):
            old.unlink()
        (tmp_path / "coal").mkdir(exist_ok=True)
        for name, sql in selects.items():
            rule_id = name.upper().replace("_", "-")
            text = HEADER.format(id=rule_id, since=since, sql=sql)
            (tmp_path / "coal" / f"{name.lower()}_test.sql").write_text(text, encoding="utf-8")
        return catalogue.load(tmp_path)

    return make


@pytest.fixture
def city_of_two(conn):
    """A county of two villages, one of them in a coal-free zone, standing on 2020-10-15."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_region(cursor, "410182", "county", box(20, 0, 30, 10))
        add_village(cursor, "410181113201", (1, 1))
        add_village(cursor, "410181113202", (5, 5))
        add_zone(cursor, boundary=box(0, 0, 2, 2))
    return conn


def living(conn):
    return [
        (f.feature_id, f.status, f.certainty, f.facts.get("covered_pct"))
        for f in findings.list_findings(conn, FindingFilter())
    ]


def events(conn, feature_id="410181113202"):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT e.event, e.reason FROM gridmap.finding_event AS e JOIN gridmap.finding AS f USING (key) "
            "WHERE f.feature_id = %s ORDER BY e.event_id",
            [feature_id],
        )
        return [tuple(row) for row in cursor.fetchall()]


def outcome(run):
    return [(r.rule_id, r.status, r.opened, r.still_there, r.changed, r.gone, r.reopened) for r in run.rules]


def test_a_second_audit_changes_nothing(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    first = engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute("SELECT f.* FROM gridmap.finding AS f")
        before = cursor.fetchall()
    second = engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute("SELECT f.* FROM gridmap.finding AS f")
        assert cursor.fetchall() == before
    assert outcome(first) == [("COAL-01", "complete", 1, 0, 0, 0, 0)]
    assert outcome(second) == [("COAL-01", "complete", 0, 1, 0, 0, 0)]
    assert living(city_of_two) == [("410181113202", "open", "breach", 0.0)]
    assert events(city_of_two) == [("opened", None)]


def test_another_day_is_a_report_that_moves_no_living_finding(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE, since="2017-01-01")
    engine.audit(city_of_two, catalogue=ours)
    day = dt.date(2019, 6, 1)
    run = engine.audit(city_of_two, as_of=day, catalogue=ours)
    assert (run.kind, run.rules[0].breach) == ("report", 2)
    assert events(city_of_two) == [("opened", None)]
    assert living(city_of_two) == [("410181113202", "open", "breach", 0.0)]
    reported = findings.list_findings(city_of_two, FindingFilter(), as_of=day)
    assert [f.feature_id for f in reported] == ["410181113201", "410181113202"]
    # the same finding keeps its key on every day
    assert findings.list_findings(city_of_two, FindingFilter())[0].key == reported[1].key


def test_a_rule_says_nothing_before_its_day(city_of_two, rules):
    run = engine.audit(city_of_two, as_of=dt.date(2019, 11, 14), catalogue=rules(coal_01=OUTSIDE))
    assert [(r.status, r.breach) for r in run.rules] == [("not_yet", 0)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DELETE FROM gridmap.village WHERE village_id = '410181113202'", "feature_removed"),
        ("UPDATE gridmap.village SET geom = (SELECT w.geom FROM gridmap.village AS w "
         "WHERE w.village_id = '410181113201')", "cured"),
    ],
)  # fmt: skip
def test_a_finding_that_is_gone_says_why_and_comes_back_as_itself(city_of_two, rules, change, reason):
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute(change)
    assert outcome(engine.audit(city_of_two, catalogue=ours)) == [("COAL-01", "complete", 0, 0, 0, 1, 0)]
    assert living(city_of_two) == []
    with transaction(city_of_two) as cursor:
        cursor.execute("DELETE FROM gridmap.village WHERE village_id = '410181113202'")
        add_village(cursor, "410181113202", (5, 5))
    assert outcome(engine.audit(city_of_two, catalogue=ours)) == [("COAL-01", "complete", 0, 0, 0, 0, 1)]
    back = "resurgence" if reason == "cured" else reason
    assert events(city_of_two) == [("opened", None), ("gone", reason), ("reopened", back)]


def test_a_new_zone_cures_and_says_that_the_zone_changed(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        add_zone(cursor, boundary=box(0, 0, 9, 9), begins_on=dt.date(2020, 10, 1))
    engine.audit(city_of_two, catalogue=ours)
    assert events(city_of_two) == [("opened", None), ("gone", "zone_changed")]


def test_a_zone_of_a_kind_that_the_rule_does_not_name_is_no_cause(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        add_zone(cursor, "no_burn_1", box(0, 0, 9, 9), kind="no_burn", begins_on=dt.date(2020, 10, 1))
        cursor.execute("SELECT geom FROM gridmap.village WHERE village_id = '410181113201'")
        (inside,) = cursor.fetchone()
        cursor.execute("UPDATE gridmap.village SET geom = %s WHERE village_id = '410181113202'", [inside])
    engine.audit(city_of_two, catalogue=ours)
    assert events(city_of_two) == [("opened", None), ("gone", "cured")]


def test_a_changed_rule_is_named_as_the_cause(city_of_two, rules):
    engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE))
    engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE.replace("< 95", "< 0")))
    assert events(city_of_two) == [("opened", None), ("gone", "rule_changed")]


def test_a_rule_that_is_no_more_ends_its_findings(city_of_two, rules):
    engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE))
    engine.audit(city_of_two, catalogue=rules(coal_02=OUTSIDE))
    assert ("gone", "rule_retired") in events(city_of_two)


def test_only_material_facts_make_a_change(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute("UPDATE gridmap.village SET households = 12")
    assert outcome(engine.audit(city_of_two, catalogue=ours))[0][4] == 0
    with transaction(city_of_two) as cursor:
        cursor.execute("UPDATE gridmap.village SET position_error_m = 5000")
    assert outcome(engine.audit(city_of_two, catalogue=ours))[0][4] == 1
    assert [row[2] for row in living(city_of_two)] == ["near_boundary"]


def test_what_does_not_matter_is_kept_up_to_date_without_an_event(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute("UPDATE gridmap.village SET households = 12, geom = ST_Translate(geom, 0.001, 0)")
    assert outcome(engine.audit(city_of_two, catalogue=ours)) == [("COAL-01", "complete", 0, 1, 0, 0, 0)]
    row = findings.list_findings(city_of_two, FindingFilter())[0]
    with transaction(city_of_two) as cursor:
        cursor.execute("SELECT ST_X(geom) FROM gridmap.village WHERE village_id = '410181113202'")
        assert row.lon == cursor.fetchone()[0]
    assert row.facts["households"] == 12
    assert events(city_of_two) == [("opened", None)]


def test_a_failing_rule_keeps_its_last_complete_result_and_the_others_go_on(city_of_two, rules):
    engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE, coal_02=OUTSIDE))
    broken = OUTSIDE.replace("0 AS", "1/(v.households - v.households) AS").replace("< 95", "/ 0 < 95")
    run = engine.audit(city_of_two, catalogue=rules(coal_01=broken, coal_02=OUTSIDE.replace("< 95", "< 0")))
    assert [(r.rule_id, r.status) for r in run.rules] == [("COAL-01", "failed"), ("COAL-02", "complete")]
    assert run.status == "incomplete"
    assert "division by zero" in run.rules[0].error
    assert [f.rule_id for f in findings.list_findings(city_of_two, FindingFilter())] == ["COAL-01"]


def test_a_rule_that_takes_too_long_fails_alone(city_of_two, rules, monkeypatch):
    monkeypatch.setenv("GRIDMAP_RULE_TIMEOUT_S", "0.2")
    slow = OUTSIDE.replace("WHERE", "WHERE pg_sleep(5) IS NOT NULL AND")
    run = engine.audit(city_of_two, catalogue=rules(coal_01=slow, coal_02=OUTSIDE))
    assert [r.status for r in run.rules] == ["failed", "complete"]
    assert "statement timeout" in run.rules[0].error


def test_a_rule_cannot_write(city_of_two, rules):
    writing = OUTSIDE.replace("c.covered_pct < 95", "c.covered_pct < 95 AND nextval('gridmap.run_run_id_seq') > 0")
    run = engine.audit(city_of_two, catalogue=rules(coal_01=writing))
    assert run.rules[0].status == "failed"
    assert "read-only transaction" in run.rules[0].error


def test_a_feature_returned_twice_is_refused(city_of_two, rules):
    run = engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE + " UNION ALL " + OUTSIDE))
    assert run.rules[0].status == "failed"
    assert "returns 410181113202 twice" in run.rules[0].error


def test_gone_is_said_only_of_the_counties_judged(city_of_two, rules):
    ours = rules(coal_01=OUTSIDE)
    with transaction(city_of_two) as cursor:
        add_village(cursor, "410182101201", (25, 5))
    engine.audit(city_of_two, catalogue=ours)
    with transaction(city_of_two) as cursor:
        cursor.execute("DELETE FROM gridmap.village WHERE village_id <> '410181113201'")
    engine.audit(city_of_two, counties=["410182"], catalogue=ours)
    assert [row[0] for row in living(city_of_two)] == ["410181113202"]


def test_unknown_rules_and_counties_are_named(city_of_two, rules):
    with pytest.raises(NotFoundError, match="COAL-99"):
        engine.audit(city_of_two, rule_ids=["COAL-99"], catalogue=rules(coal_01=OUTSIDE))
    with pytest.raises(UserError, match="no county 410199; known are 410181, 410182"):
        engine.audit(city_of_two, counties=["410199"], catalogue=rules(coal_01=OUTSIDE))


def test_a_report_is_made_once_and_again_when_the_data_change(city_of_two, rules):
    ours, day = rules(coal_01=OUTSIDE), dt.date(2020, 1, 1)

    def reports():
        with transaction(city_of_two) as cursor:
            cursor.execute("SELECT count(*) FROM gridmap.run WHERE kind = 'report'")
            return cursor.fetchone()[0]

    engine.ensure_report(city_of_two, day, ours)
    engine.ensure_report(city_of_two, day, ours)
    engine.ensure_report(city_of_two, None, ours)
    engine.ensure_report(city_of_two, TODAY, ours)
    assert reports() == 1
    with transaction(city_of_two) as cursor:
        cursor.execute("UPDATE gridmap.village SET households = 5")
    engine.ensure_report(city_of_two, day, ours)
    assert reports() == 2


def test_a_report_by_one_rule_or_county_does_not_stand_for_the_day(city_of_two, rules):
    ours, day = rules(coal_01=OUTSIDE, coal_02=OUTSIDE), dt.date(2020, 1, 1)
    engine.audit(city_of_two, as_of=day, rule_ids=["COAL-01"], catalogue=ours)
    engine.audit(city_of_two, as_of=day, counties=["410182"], catalogue=ours)
    engine.ensure_report(city_of_two, day, ours)
    engine.audit(city_of_two, as_of=day, rule_ids=["COAL-01"], catalogue=ours)
    found = findings.list_findings(city_of_two, FindingFilter(), as_of=day)
    assert [f.rule_id for f in found] == ["COAL-01", "COAL-02"]
    engine.audit(city_of_two, rule_ids=["COAL-01"], catalogue=ours)
    assert not engine.is_current(city_of_two, None, ours)
