"""A figure that the documents change holds from its day on."""

import datetime as dt

import pytest

from gridmap.domain.rule import parse
from gridmap.errors import DefinitionError
from tests.rules.test_engine import HEADER, OUTSIDE


def rule(param):
    text = HEADER.format(id="COAL-01", since="2017-01-01", sql=OUTSIDE.replace("< 95", "< %(full)s"))
    return parse(text.replace("[facts]", f"[params]\nfull = {param}\n[facts]"), "coal/coal_01_test.sql")


PHASED = (
    '{ type = "number", default = 6, note = "六个", changes = '
    "[{ from = 2019-06-10, value = 8 }, { from = 2020-01-01, value = 9 }] }"
)


@pytest.mark.parametrize(
    ("day", "value"),
    [(None, 6), ("2019-06-09", 6), ("2019-06-10", 8), ("2019-12-31", 8), ("2020-01-01", 9), ("2030-01-01", 9)],
)
def test_a_phase_holds_from_its_day_until_the_next(day, value):
    assert rule(PHASED).parameters(day and dt.date.fromisoformat(day)) == {"full": value}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ("[{ from = 2020-01-01, value = 9 }, { from = 2019-06-10, value = 8 }]", "the earliest first"),
        ("[{ from = 2020-01-01, value = 9 }, { from = 2020-01-01, value = 8 }]", "each day once"),
        ('[{ from = 2020-01-01, value = "9" }]', "a number"),
        ('[{ from = "2020-01-01", value = 9 }]', "a date"),
        ("[{ from = 2020-01-01, value = 9, to = 2021-01-01 }]", "no such key"),
        ("[]", "at least one table"),
    ],
)
def test_phases_that_are_wrong_are_told_by_what_was_expected(changes, complaint):
    with pytest.raises(DefinitionError, match=complaint):
        rule(f'{{ type = "number", default = 6, note = "六个", changes = {changes} }}')
