"""Keys and facts of findings."""

import datetime as dt
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain import finding

text = st.text(alphabet=st.characters(blacklist_characters="\x1f", blacklist_categories=["Cs"]), max_size=20)


def test_key_is_stable_for_ever():
    assert finding.key("COAL-01", "410181113201", "") == finding.key("COAL-01", "410181113201", "")
    # a literal: a change of the recipe would orphan every finding ever kept
    assert finding.key("COAL-01", "410181113201", "") == "85c10db5afe21f686878f6b65cdcd74a"


@given(text, text, text, text)
def test_keys_differ_when_feature_or_part_differ(feature, part, other_feature, other_part):
    same = (feature, part) == (other_feature, other_part)
    assert (finding.key("R", feature, part) == finding.key("R", other_feature, other_part)) == same


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True),
        (None, None),
        (decimal.Decimal("94.99"), 94.99),
        (1 / 3, 0.333),
        (float("nan"), None),
        (float("inf"), None),
        (dt.date(2020, 10, 1), "2020-10-01"),
        (["a", 0.12345], ["a", 0.123]),
    ],
)
def test_facts_are_fit_for_json(value, kept):
    assert finding.fact(value) == kept


def test_only_material_facts_decide_whether_a_finding_changed():
    facts, later = {"covered_pct": 10, "note": "a"}, {"covered_pct": 10, "note": "b"}
    assert finding.material(["covered_pct"], "breach", facts) == finding.material(["covered_pct"], "breach", later)
    assert finding.material([], "breach", facts) != finding.material([], "breach", later)
    assert finding.material(["covered_pct"], "breach", facts) != finding.material(["covered_pct"], "report", facts)
