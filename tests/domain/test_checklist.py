"""Checklists: the files say what they must, answers are taken or refused by item, the ladder climbs by the calendar."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from gridmap import glossary
from gridmap.domain import checklist
from gridmap.domain.checklist import AnswerError
from gridmap.domain.stop_work import later, propose
from gridmap.rules import catalogue

LISTS = checklist.load()
RULES = {rule.id: rule for rule in catalogue.load().rules}
WORKS = LISTS["construction_site"]


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_names_rules_that_are_in_force_and_parts_of_theirs(kind: str) -> None:
    assert kind == checklist.ANY or kind in glossary.terms()["site_kind"]
    for item in LISTS[kind].items:
        assert item.id in glossary.terms()["checklist_item"]
        assert item.source[-1].isalnum() or item.source.endswith(("）", ")", "一")), item.id
        if item.rule is not None:
            assert item.rule in RULES, item.id
            assert item.part is None or f"'{item.part}'" in RULES[item.rule].sql, item.id
        if item.is_judged:  # told to a rule that reads visits
            assert "inspection" in RULES[item.rule or ""].reads, item.id


def test_two_cuts_and_three_clears_are_asked_of_what_must_close() -> None:
    items = {item.id for item in LISTS["enterprise"].asked({"polluter_class": "close"}, ())}
    assert {"power_cut", "water_cut", "materials_cleared", "products_cleared", "equipment_cleared"} <= items
    others = {item.id for item in LISTS["enterprise"].asked({"polluter_class": None}, ())}
    assert "power_cut" not in others
    assert "stopped_as_asked" in others


def test_only_measures_that_bind_the_site_are_asked() -> None:
    asked = [item.measure for item in WORKS.asked({}, ["fence", "wet_demolition"]) if item.measure]
    assert asked == ["fence", "wet_demolition"]


def test_a_kind_without_a_list_has_the_general_one() -> None:
    assert checklist.for_kind("power_plant").kind == checklist.ANY


def test_answers_come_in_the_order_of_the_list() -> None:
    given = [{"item": "pm10_reading", "value": 88}, {"item": "fence", "answer": "failed"}]
    answers = checklist.read_answers(WORKS, given)
    assert [(one.item.id, one.verdict, one.value) for one in answers] == [
        ("fence", "failed", None),
        ("pm10_reading", "measured", 88.0),
    ]
    assert checklist.outcome(answers) == "objections"
    assert checklist.outcome(answers[1:]) == "nothing_to_object"
    assert checklist.outcome(checklist.read_answers(WORKS, [])) == "nothing_seen"


def test_a_number_below_its_limit_fails() -> None:
    least = [
        checklist.read_answers(LISTS["gas_station"], [{"item": "vapour_recovery", "value": value}])[0].verdict
        for value in (84.9, 85)
    ]
    assert least == ["failed", "ok"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("fence", "no_list"),
        ([{"answer": "ok"}], "no_list"),
        ([{"item": "no_such_item", "answer": "ok"}], "unknown_item"),
        ([{"item": "fence", "answer": "ok"}, {"item": "fence", "answer": "failed"}], "twice"),
        ([{"item": "fence", "answer": "perhaps"}], "wrong_type"),
        ([{"item": "fence", "answer": 1}], "wrong_type"),
        ([{"item": "fence", "value": 3}], "wrong_type"),
        ([{"item": "pm10_reading", "answer": "ok"}], "wrong_type"),
        ([{"item": "pm10_reading", "value": math.nan}], "wrong_number"),
        ([{"item": "pm10_reading", "value": math.inf}], "wrong_number"),
        ([{"item": "pm10_reading", "value": "12"}], "wrong_number"),
        ([{"item": "pm10_reading", "value": True}], "wrong_number"),
        ([{"item": "pm10_reading", "value": -1}], "wrong_number"),
        ([{}] * 101, "no_list"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(given: object, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        checklist.read_answers(WORKS, given)
    assert refused.value.code == code


DAY = dt.date(2020, 10, 15)


@pytest.mark.parametrize(
    ("before", "step", "ends_on"),
    [
        ([], "one_week", dt.date(2020, 10, 22)),
        ([DAY, DAY], "one_week", dt.date(2020, 10, 22)),  # that day alone, however often
        ([dt.date(2018, 1, 2)], "one_month", dt.date(2020, 11, 15)),
        ([dt.date(2018, 1, 2), dt.date(2019, 1, 2)], "three_months", dt.date(2021, 1, 15)),
        ([dt.date(2018, 1, n) for n in range(1, 9)], "three_months", dt.date(2021, 1, 15)),
        ([dt.date(2020, 10, 16)], "one_week", dt.date(2020, 10, 22)),  # found later than this visit
    ],
)
def test_the_ladder(before: list[dt.date], step: str, ends_on: dt.date) -> None:
    found = propose(before, DAY)
    assert (found.step, found.begins_on, found.ends_on) == (step, DAY, ends_on)


def test_a_month_ends_where_the_shorter_one_does() -> None:
    assert later(dt.date(2020, 1, 31), 1) == dt.date(2020, 2, 29)
    assert later(dt.date(2020, 11, 30), 3) == dt.date(2021, 2, 28)
