"""Zones as decrees write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.zone import ZoneDraft, named_side
from gridmap.errors import UserError

VILLAGE = "410181113201"


def draft(**changes):
    values = {
        "lineage": "coal_free_410181",
        "kind": "coal_free",
        "name": "禁煤区",
        "county_code": "410181",
        "issuer": "市政府",
        "document": "通告",
        "begins_on": dt.date(2019, 11, 14),
        "units_in": ("410181",),
    }
    return ZoneDraft(**{**values, **changes})


@pytest.mark.parametrize(
    ("units", "side"),
    [
        ({}, None),
        ({"410182": "in"}, None),
        ({"410181": "in"}, "in"),
        ({"410181": "in", "410181113": "out"}, "out"),
        ({"410181": "in", "410181113": "out", VILLAGE: "in"}, "in"),
        ({"410181": "out", "410181113": "in"}, "in"),
        ({"410181": "in", "410181112": "out"}, "in"),
    ],
)
def test_most_specific_unit_on_the_chain_decides(units, side):
    assert named_side(VILLAGE, units) == side


def test_a_unit_on_both_lists_is_refused_by_name():
    with pytest.raises(UserError, match="410181113 stands on the list of units in and of units out"):
        draft(units_in=("410181", "410181113"), units_out=("410181113",))


@pytest.mark.parametrize("code", ["", "4101", "41018111", "410181113.0", "４１０１８１", "4101811132011"])
def test_a_unit_that_is_no_code_is_refused(code):
    with pytest.raises(UserError, match="no code of 6, 9 or 12 digits"):
        draft(units_in=(code,))


def test_a_zone_that_ends_before_it_begins_is_refused():
    with pytest.raises(UserError, match="not after it begins"):
        draft(ends_on=dt.date(2019, 11, 14))


def test_a_zone_of_nothing_is_refused():
    with pytest.raises(UserError, match="neither a boundary nor a unit"):
        draft(units_in=(), units_out=("410181113",))


@given(st.dictionaries(st.sampled_from(["410181", "410181113", VILLAGE, "410182"]), st.sampled_from(["in", "out"])))
def test_an_unrelated_unit_never_changes_a_verdict(units):
    related = {code: side for code, side in units.items() if VILLAGE.startswith(code)}
    assert named_side(VILLAGE, units) == named_side(VILLAGE, related)
