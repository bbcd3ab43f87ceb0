"""Days as people type them."""

import datetime as dt

import pytest

from gridmap.domain.days import parse_day
from gridmap.errors import UserError


def test_a_day_is_read():
    assert parse_day("2020-02-29") == dt.date(2020, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2020-13-01",
        "2019-02-29",
        "15.10.2020",
        "20201015",
        "2020-1-5",
        "２０２０-10-15",
        "2020-10-15 ",
        "NaN",
    ],
)
def test_what_is_no_day_is_refused_with_an_example(text):
    with pytest.raises(UserError, match="no day; expected YYYY-MM-DD"):
        parse_day(text)


@pytest.mark.parametrize("text", ["1999-12-31", "0001-01-01", "9999-12-31"])
def test_days_no_document_can_mean_are_refused(text):
    with pytest.raises(UserError, match="outside the days"):
        parse_day(text)
