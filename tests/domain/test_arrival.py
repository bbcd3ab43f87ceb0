"""What a phone sends late and with a clock of its own is put right, or refused with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gridmap.domain.arrival import CLOCK_SLACK, OLDEST, ArrivalError, settle_time, stand

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_what_was_written_offline_keeps_its_time() -> None:
    assert settle_time(NOW - 5 * HOUR, NOW, NOW) == (NOW - 5 * HOUR, 0.0)


@pytest.mark.parametrize("ahead", [-30 * HOUR, -HOUR, 3 * HOUR, 400 * HOUR])
def test_a_wrong_clock_is_put_right(ahead: dt.timedelta) -> None:
    """The phone's clock is wrong for both times by the same."""
    made, skew = settle_time(NOW - HOUR + ahead, NOW + ahead, NOW)
    assert made == NOW - HOUR
    assert skew == ahead.total_seconds()


def test_a_day_in_the_future_is_refused() -> None:
    with pytest.raises(ArrivalError) as caught:
        settle_time(NOW + dt.timedelta(days=1), NOW, NOW)
    assert caught.value.code == "future"


def test_what_is_too_old_is_refused() -> None:
    with pytest.raises(ArrivalError) as caught:
        settle_time(NOW - OLDEST - HOUR, NOW, NOW)
    assert caught.value.code == "old"


@given(st.timedeltas(dt.timedelta(0), OLDEST), st.timedeltas(dt.timedelta(days=-999), dt.timedelta(days=999)))
def test_nothing_is_ever_made_after_it_came(age: dt.timedelta, ahead: dt.timedelta) -> None:
    assume(age + abs(ahead) < OLDEST or abs(ahead) > 2 * CLOCK_SLACK)  # a clock hardly off may make it a little older
    made, _ = settle_time(NOW - age + ahead, NOW + ahead, NOW)
    assert made <= NOW


@pytest.mark.parametrize(
    ("distance", "boundary", "accuracy", "expected"),
    [
        (0.0, 800.0, 20.0, "inside"),
        (0.0, 800.0, 3000.0, "near_boundary"),
        (15.0, 15.0, 20.0, "near_boundary"),
        (20.0, 20.0, 20.0, "outside"),
        (0.0, 0.0, 0.0, "inside"),
        (900.0, 900.0, 20.0, "outside"),
        (None, None, 20.0, "no_cell"),
    ],
)
def test_how_a_place_stands_to_a_cell(
    distance: float | None, boundary: float | None, accuracy: float, expected: str
) -> None:
    assert stand(distance, boundary, accuracy) == expected
