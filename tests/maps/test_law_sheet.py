"""Maps of the law for paper."""

import pytest

from gridmap.maps.law_sheet import legend, sheet
from gridmap.store.law_report import Frame, Outline

FRAME = Frame(
    100_000,
    60_000,
    (
        Outline("410181", "甲市", "county", False, "M 0 0 l 1 1 z", 10, 20),
        Outline("7", "禁煤区甲", "coal_free", True, "M 1 1 l 1 1 z", 30, 40),
        Outline("8", "三环", "third_ring", False, "M 2 2 l 1 1 z", 50, 60),
    ),
)


def test_colours_are_those_of_the_zone_layer():
    (key,) = legend("zh", {"coal_free"})
    assert (key.label, key.color, key.filled) == ("禁煤区", "#2e7d32", True)
    assert [(key.value, key.filled) for key in legend("en", {"third_ring"})] == [("third_ring", False)]


def test_only_the_kinds_of_the_legend_are_drawn_each_with_its_number():
    drawn = sheet(FRAME, legend("zh", {"coal_free"}), {"7": 3, "8": 4}, own="410181")
    assert [(area.title, area.is_sketch, area.color) for area in drawn.areas] == [("禁煤区甲", True, "#2e7d32")]
    assert [(label.text, label.css) for label in drawn.labels] == [("3", "number")]
    assert [county.is_own for county in drawn.counties] == [True]
    assert [label.text for label in sheet(FRAME, [], {}, names=True).labels] == ["甲市"]


@pytest.mark.parametrize(("width", "metres"), [(100_000, 20_000), (45_000, 10_000), (900, 200)])
def test_the_scale_bar_is_round_and_at_most_a_quarter_of_the_map(width, metres):
    assert sheet(Frame(width, 1000, ()), [], {}).scale_m == pytest.approx(metres)
