"""What a rule may do wrong while it is judged: it fails alone, in one sentence, and keeps its last complete result."""

import threading

import pytest

from gridmap.db.session import connect, transaction
from gridmap.rules import catalogue, engine
from gridmap.store import findings, runs
from gridmap.store.findings import FindingFilter
from gridmap.store.trends import list_trends
from tests.builders import add_village
from tests.rules.test_engine import OUTSIDE, city_of_two, rules  # noqa: F401 (fixtures)
from tests.rules.test_interrupted import world  # noqa: F401 (fixture)

BOWTIE = "ST_GeomFromText('POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))', 4547)"
HALF = "ST_GeomFromText('POLYGON((5 -5, 15 -5, 15 15, 5 15, 5 -5))', 4547)"
MISTAKES = {
    "unknown column": (("v.households,", "v.housholds AS households,"), 'column v.housholds does not exist'),
    "unknown relation": (("FROM village AS v", "FROM vilage AS v"), 'relation "vilage" does not exist'),
    # the other village has households, so that its row alone would do
    "division by zero in one row": (("v.households,", "100 / v.households AS households,"), "division by zero"),
    "a geometry that breaks GEOS": (
        ("v.households,", f"ST_Area(ST_Intersection({BOWTIE}, {HALF})) AS households,"), "TopologyException",
    ),
    "geometries of two reference systems": (
        ("v.households,", "ST_Distance(v.geom, v.geom_m) AS households,"), "mixed SRID",
    ),
    "a parameter of the wrong type": (("< 95", "< 'ninety-five'"), "invalid input syntax"),
    "a number out of range": (("v.households,", "CAST(3000000000 AS INT) AS households,"), "out of range"),
    "a feature without an identifier": (("v.village_id AS feature_id", "CAST(NULL AS TEXT) AS feature_id"), "feature_id of"),
    "a county that is none": (("v.county_code,", "'41' AS county_code,"), "'41'; expected 6 digits"),
    "no county": (("v.county_code,", "CAST(NULL AS TEXT) AS county_code,"), "is None; expected a text"),
    "a feature twice": (("FROM village AS v", "FROM (VALUES (1), (2)) AS t (n) CROSS JOIN village AS v"), "twice"),
    "a geometry that is none": (("v.households,", "v.households, 'here' AS geom,"), "is no geometry in EPSG:4490"),
    "a geometry in metres": (("v.households,", "v.households, v.geom_m AS geom,"), "is no geometry in EPSG:4490"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_rule_that_goes_wrong_fails_alone_and_says_why(city_of_two, rules, case):  # noqa: F811
    (old, new), said = MISTAKES[case]
    with transaction(city_of_two) as cursor:
        cursor.execute("UPDATE gridmap.village SET households = 7")
        add_village(cursor, "410181113203", (6, 6), households=0)
    engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE, coal_02=OUTSIDE))
    before = findings.list_findings(city_of_two, FindingFilter(rules=("COAL-01",)))
    assert len(before) == 2
    assert old in OUTSIDE
    run = engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE.replace(old, new), coal_02=OUTSIDE))
    assert [(r.rule_id, r.status) for r in run.rules] == [("COAL-01", "failed"), ("COAL-02", "complete")]
    assert run.status == "incomplete"
    assert said in run.rules[0].error
    assert "\n" not in run.rules[0].error
    assert findings.list_findings(city_of_two, FindingFilter(rules=("COAL-01",))) == before
    assert list_trends(city_of_two)["COAL-01"].failure.error == run.rules[0].error
    mended = engine.audit(city_of_two, catalogue=rules(coal_01=OUTSIDE, coal_02=OUTSIDE))
    assert [(r.status, r.still_there) for r in mended.rules] == [("complete", 2), ("complete", 2)]


def test_a_rule_edited_during_a_run_is_judged_as_it_was_read(city_of_two, rules, tmp_path, monkeypatch):  # noqa: F811
    ours = rules(coal_01=OUTSIDE, coal_02=OUTSIDE)
    judge = engine.judge

    def edit_then_judge(conn, run, rule, area=None):
        rules(coal_01=OUTSIDE.replace("< 95", "< 0"), coal_02=OUTSIDE.replace("< 95", "< 0"))
        judge(conn, run, rule, area)

    monkeypatch.setattr(engine, "judge", edit_then_judge)
    run = engine.audit(city_of_two, catalogue=ours)
    assert [(r.rule_id, r.breach) for r in run.rules] == [("COAL-01", 1), ("COAL-02", 1)]
    monkeypatch.undo()
    # the run says which texts it judged by, so that the edited ones are due
    edited = catalogue.load(tmp_path)
    assert engine.is_current(city_of_two, None, ours)
    assert not engine.is_current(city_of_two, None, edited)
    engine.audit(city_of_two, catalogue=edited)
    assert findings.list_findings(city_of_two, FindingFilter()) == []


def test_of_two_audits_at_once_the_second_waits(world, rules):  # noqa: F811
    url, conn = world
    ours = rules(coal_01=OUTSIDE)
    other = connect(url)
    second = []
    try:
        with runs.one_audit_at_a_time(other):
            waiting = threading.Thread(target=lambda: second.append(engine.audit(conn, catalogue=ours)))
            waiting.start()
            waiting.join(1)
            assert second == []
            with transaction(other) as cursor:
                cursor.execute("SELECT count(*) FROM gridmap.run")
                assert cursor.fetchone()[0] == 0
        waiting.join(30)
        assert [run.status for run in second] == ["complete"]
    finally:
        other.close()
