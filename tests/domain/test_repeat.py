"""What counts as repeated: thresholds, reasons in their order, the numbers beside them."""

import datetime as dt

import pytest

from gridmap.domain.repeat import HANDED_RULE, LEAST_HANDED, NEVER, RETURN_RULE, WINDOW_DAYS, Repeat
from gridmap.rules import catalogue
from gridmap.rules.present import repeat_in_words, repeat_of


@pytest.mark.parametrize(
    ("repeat", "reasons"),
    [
        (NEVER, ()),
        (Repeat(handed=2, handed_ever=9), ()),
        (Repeat(handed=3, handed_ever=3), ("handed",)),
        (Repeat(resurged=1), ("resurged",)),
        (Repeat(returned=1), ("resurged",)),
        (Repeat(failed=1), ()),
        (Repeat(failed=2), ("failed",)),
        (Repeat(handed=8, resurged=1, returned=1, failed=3), ("handed", "resurged", "failed")),
    ],
)
def test_reasons(repeat, reasons):
    assert repeat.reasons == reasons and repeat.stands_out == bool(reasons)


def test_the_rule_and_the_definition_are_one():
    rules = catalogue.load()
    params = {param.name: param.default for param in rules.get(HANDED_RULE).params}
    assert (params["least_times"], params["window_days"]) == (LEAST_HANDED, WINDOW_DAYS)
    assert "死灰复燃" in rules.get(RETURN_RULE).title


def test_words_tell_how_often():
    repeat = Repeat(handed=4, handed_ever=6, handed_on=dt.date(2020, 9, 1), returned=1)
    assert repeat_in_words(repeat) == ["反复交办 4 次", "死灰复燃 1 次"]
    assert repeat_in_words(repeat, "en") == ["handed over again and again, 4 times", "back after it was cured, once"]
    told = repeat_of(repeat)
    assert told["handed_over_ever"] == 6 and told["reasons"] == ["handed", "resurged"]
    assert (repeat.again, repeat.last_on("handed"), repeat.last_on("failed")) == (3, dt.date(2020, 9, 1), None)
