"""Urgency: a product whose factors are told, that grows with each fact and breaks ties the same way always."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.urgency import (
    FACTORS,
    FULL_DEADLINE_DAYS,
    HEAVIEST,
    Candidate,
    Facts,
    Weights,
    levels,
    rank_by_urgency,
    urgency,
)

WEIGHTS = st.builds(Weights, **{name: st.floats(0, HEAVIEST) for name in FACTORS})
SEVERITY = st.sampled_from([None, "low", "medium", "high"])
FACTS = st.builds(
    Facts,
    breaches=st.integers(0, 20),
    unsure=st.integers(0, 20),
    worst=SEVERITY,
    worst_unsure=SEVERITY,
    days_left=st.none() | st.integers(-400, 400),
    days_since_visit=st.none() | st.integers(0, 4000),
    reopened=st.integers(0, 10),
)


def score(weights=None, **facts):
    return urgency(Facts(**facts), weights or Weights()).score


def test_a_site_without_anything_that_was_just_visited_scores_one():
    found = urgency(Facts(days_since_visit=0), Weights())
    assert found.score == 1.0
    assert [factor.level for factor in found.factors] == [0, 0, 0, 0, 0]


def test_each_factor_is_worth_what_its_docstring_says():
    told = urgency(Facts(2, 1, "medium", "low", FULL_DEADLINE_DAYS // 2, 90, 1), Weights())
    assert {factor.name: round(factor.times, 6) for factor in told.factors} == {
        "findings": 2.0,  # 2.5 of 5
        "severity": 2.0,
        "deadline": 2.0,
        "visit": 1.5,
        "repeat": 1.333333,
    }


def test_what_is_to_be_verified_counts_half_in_number_and_severity():
    assert score(unsure=2, worst_unsure="high", days_since_visit=0) == score(
        breaches=1, worst="medium", days_since_visit=0
    )
    assert score(breaches=1, worst="low", worst_unsure="low", days_since_visit=0) == score(
        breaches=1, worst="low", days_since_visit=0
    )


@given(FACTS, WEIGHTS)
def test_the_score_is_the_product_of_what_is_told(facts, weights):
    told = urgency(facts, weights)
    assert [factor.name for factor in told.factors] == list(FACTORS)
    assert told.score == math.prod(factor.times for factor in told.factors)
    assert all(0 <= factor.level <= 1 and 1 <= factor.times <= 1 + HEAVIEST for factor in told.factors)


@given(FACTS, WEIGHTS, st.sampled_from(FACTORS))
def test_a_weight_of_nothing_leaves_its_factor_out(facts, weights, name):
    told = urgency(facts, Weights(**{**vars(weights), name: 0.0}))
    assert next(factor.times for factor in told.factors if factor.name == name) == 1


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"breaches": 1}, {"breaches": 2}),
        ({"unsure": 1}, {"breaches": 1}),
        ({"worst": "low"}, {"worst": "medium"}),
        ({"worst": "medium"}, {"worst": "high"}),
        ({}, {"days_left": 29}),
        ({"days_left": 5}, {"days_left": 1}),
        ({"days_since_visit": 10}, {"days_since_visit": 11}),
        ({"days_since_visit": 100}, {}),
        ({"reopened": 0}, {"reopened": 1}),
    ],
)
def test_worse_facts_score_higher(better, worse):
    assert score(**better) < score(**worse)


def test_overdue_is_overdue_and_a_far_deadline_is_none():
    assert score(days_left=-1) == score(days_left=-300) == score(days_left=0)
    assert score(days_left=FULL_DEADLINE_DAYS) == score() == score(days_since_visit=180)


@given(st.lists(st.tuples(FACTS, st.floats(0, 100)), max_size=12), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_in_which_sites_come(made, weights, chance: random.Random):
    sites = [Candidate(f"s{number:02}", metres, facts) for number, (facts, metres) in enumerate(made)]
    shuffled = list(sites)
    chance.shuffle(shuffled)
    first, second = rank_by_urgency(sites, weights), rank_by_urgency(shuffled, weights)
    assert first == second
    scores = [round(one.score, 6) for _, one in first]
    assert scores == sorted(scores, reverse=True)


def test_of_equals_the_nearer_goes_first_then_the_id():
    sites = [Candidate(name, metres, Facts()) for name, metres in (("b", 5.0), ("c", 1.0), ("a", 5.0))]
    assert [site.site_id for site, _ in rank_by_urgency(sites, Weights())] == ["c", "a", "b"]


@pytest.mark.parametrize("weight", [-0.1, HEAVIEST + 1, math.nan, math.inf])
def test_a_weight_has_limits(weight):
    with pytest.raises(ValueError, match="weight of visit"):
        Weights(visit=weight)


def test_hand_overs_and_failed_inspections_weigh_like_what_came_back():
    assert levels(Facts(reopened=1, again=1))["repeat"] == levels(Facts(reopened=2))["repeat"] == pytest.approx(2 / 3)
    assert levels(Facts(again=9))["repeat"] == 1.0
