"""The main job on the real city: what the inspectors of 2020 found by driving, the rules find from the map."""

import datetime as dt
import re

import pytest

from gridmap.db.session import snapshot
from gridmap.engines import postgis
from gridmap.rules import catalogue

DAY = dt.date(2020, 10, 15)
RULES = catalogue.load()
SPEAKS_ON = {
    "DUST-02": dt.date(2017, 12, 3),
    "DUST-04": DAY,
    "DUST-07": dt.date(2021, 1, 1),
    "INDU-08": dt.date(2017, 12, 3),
    "INDU-13": dt.date(2017, 12, 3),
}
"""Rules of one winter, of the month before or due later are silent in November 2020: the day on which they are heard."""


def found(city, rule_id, day=DAY, counties=None):
    with snapshot(city, day, counties=counties) as cursor:
        return postgis.evaluate(cursor, RULES.get(rule_id), as_of=day)


def test_the_plain_villages_of_huiguo_that_the_notice_left_out(city):
    rows = [row for row in found(city, "COAL-01") if row.certainty == "breach" and row.county_code == "410181"]
    assert rows
    assert all(row.feature_id.startswith("410181113") for row in rows)
    assert all(row.facts["overdue"] and row.facts["covered_pct"] == 0 for row in rows)
    assert all("14" in row.facts["terrain_declared_by"] for row in rows)


def test_terrain_that_nobody_knows_is_reported_and_not_judged(city):
    rows = found(city, "COAL-01")
    assert {row.certainty for row in rows if row.facts["terrain"] == "unknown"} == {"report"}
    assert all(row.facts["terrain"] == "plain" for row in rows if row.certainty == "breach")


def test_the_programme_villages_that_the_inspectors_named(city):
    assert {(row.feature_id, row.name, row.certainty) for row in found(city, "COAL-03")} == {
        ("410181110201", "老井沟村", "breach"),
        ("410181110216", "白窑村", "breach"),
        ("410181112205", "蔡庄村", "breach"),
        ("410181112216", "羽林庄村", "breach"),
    }


MENTIONS = [
    ("东风村", "东门村（北山口镇）"),
    ("高沟村", "高沟村（城关镇）"),
    ("油头坊村", "油坊头村（万滩镇）"),
]


@pytest.mark.parametrize(("name", "candidate"), MENTIONS)
def test_names_that_the_village_list_does_not_know_come_with_candidates(city, name, candidate):
    rows = [row for row in found(city, "COAL-11") if row.name == name]
    assert len(rows) == 1
    assert candidate in rows[0].facts["candidates"]


def test_the_coal_rules_are_silent_in_gongyi_before_the_notice(city):
    for rule_id in ("COAL-01", "COAL-02", "COAL-03"):
        rows = found(city, rule_id, dt.date(2019, 6, 1))
        assert [row for row in rows if row.county_code == "410181"] == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_judging_one_county_gives_that_countys_part_of_the_whole(city, rule):
    day = SPEAKS_ON.get(rule.id, dt.date(2020, 11, 15))
    whole = found(city, rule.id, day)
    for county in ("410181", "410102"):
        part = found(city, rule.id, day, [county])
        assert part == [row for row in whole if row.county_code == county]


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_fact_that_a_message_names_is_known_in_the_demo_city(city, rule):
    rows = found(city, rule.id, SPEAKS_ON.get(rule.id, dt.date(2020, 11, 15)))
    assert rows
    for row in rows[:200]:
        _, message = catalogue.render(rule, {**row.facts, "name": row.name, "part": row.part})
        assert "{" not in message


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_no_code_is_shown_where_a_word_belongs(city, rule):
    for row in found(city, rule.id, SPEAKS_ON.get(rule.id, dt.date(2020, 11, 15)))[:200]:
        told = [*catalogue.describe_facts(rule, row.facts), catalogue.describe_part(rule, row.part, row.facts)]
        values = [piece for pair in told if pair for piece in re.split("[、；， ]", pair[1])]
        assert [value for value in values if re.fullmatch("[a-z]{3,}(_[a-z]+)*", value)] == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_nothing_is_judged_before_it_was_there(city, rule):
    day = dt.date(2018, 1, 15)
    for row in found(city, rule.id, day):
        for name in ("set_up_on", "approved_on", "started_on", "made_on", "opened_on", "inspected_on"):
            assert (row.facts.get(name) or "") <= day.isoformat(), (row.feature_id, name)
