"""Ranks, shares and classes."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.ranking import MEASURES, SMALL_SITES, class_of, classes, is_small, rank

CELLS = {
    "a": {"breach": 5, "breach_site": 5, "site": 50, "cell": 1, "duty_role": 4},
    "b": {"breach": 9, "breach_site": 2, "site": 100, "cell": 2, "duty_role": 4},
    "c": {"breach": 9, "breach_site": 3, "site": 3, "cell": 1, "duty_role": 4},
    "d": {"cell": 1, "duty_role": 3},
}


def test_equal_numbers_share_a_rank_and_the_next_is_skipped() -> None:
    assert rank(CELLS, MEASURES["breach"]) == {"a": 3, "b": 1, "c": 1, "d": 4}


def test_a_small_cell_has_no_rank_by_a_share_of_its_sites() -> None:
    assert is_small(CELLS["c"]) and CELLS["c"]["site"] < SMALL_SITES
    assert rank(CELLS, MEASURES["breach_per_100"]) == {"a": 1, "b": 2}


def test_four_roles_are_expected_of_every_cell_and_the_lowest_share_is_the_worst() -> None:
    duty = MEASURES["duty"]
    assert [duty.of_numbers(CELLS[code]) for code in "abcd"] == [100, 50, 100, 75]
    assert rank(CELLS, duty) == {"b": 1, "d": 2, "a": 3, "c": 3}


def test_nothing_is_a_share_of_nothing() -> None:
    assert MEASURES["patrolled"].of_numbers({"cell": 1}) is None
    assert rank({"x": {"cell": 1}}, MEASURES["patrolled"]) == {}


def test_equal_values_are_in_one_class() -> None:
    assert [(c.low, c.high, c.number) for c in classes([0, 0, 0, 1])] == [(0, 0, 3), (1, 1, 1)]
    assert classes([]) == []


@given(st.lists(st.integers(0, 40).map(float), min_size=1, max_size=60))
def test_every_value_is_in_exactly_one_class(values: list[float]) -> None:
    parted = classes(values)
    assert len(parted) <= 5
    assert sum(each.number for each in parted) == len(values)
    assert all(a.high < b.low for a, b in itertools.pairwise(parted))
    for value in values:
        assert sum(each.low <= value <= each.high for each in parted) == 1
        assert parted[class_of(value, parted)].low <= value
