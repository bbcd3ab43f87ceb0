"""Cutting, joining, taking in and leaving out: stored vertices stay as they are, and pieces share theirs."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from gridmap.errors import UserError
from gridmap.planning import shape_edit
from gridmap.planning.shape_edit import cut, join, leave_out, reshape, take_in

SQUARE = box(113.0, 34.0, 113.2, 34.2)
BESIDE = box(113.2, 34.0, 113.4, 34.2)
APART = box(113.6, 34.0, 113.7, 34.1)


def vertices(geometry):
    return {tuple(position) for position in shapely.get_coordinates(geometry).tolist()}


def test_a_line_cuts_a_part_in_two_that_share_their_edge():
    found = cut(MultiPolygon([SQUARE, APART]), [(113.05, 33.9), (113.07, 34.1), (113.06, 34.3)])
    assert len(found.geoms) == 3
    assert found.geoms[2] == APART
    west, east = list(found.geoms)[:2]
    assert vertices(west) & vertices(east) == vertices(west.intersection(east))
    assert (113.07, 34.1) in vertices(west) & vertices(east)
    assert vertices(SQUARE) <= vertices(west) | vertices(east)
    assert west.area + east.area == pytest.approx(SQUARE.area, rel=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.floats(-3e-8, 3e-8))
@settings(max_examples=60, deadline=None)
def test_ends_that_lie_on_an_edge_to_the_eye_cut_too(low, high, beside):
    skew = Polygon([(113.0, 34.0), (113.21, 34.013), (113.19, 34.207), (113.01, 34.19)])
    start = skew.exterior.interpolate(low * 0.2)
    end = shapely.LineString([(113.19, 34.207), (113.01, 34.19)]).interpolate(high, normalized=True)
    found = cut(MultiPolygon([skew]), [(start.x + beside, start.y), (end.x, end.y + beside)])
    assert len(found.geoms) == 2
    assert vertices(skew) <= vertices(found)
    again = join(found, [0, 1])
    assert again.geoms[0].symmetric_difference(skew).area < 1e-7 * skew.area
    assert vertices(skew) <= vertices(again)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([(113.05, 34.05), (113.07, 34.1)], "cuts no part"),
        ([(113.05, 34.05), (113.07, 34.3)], "cuts no part"),
        ([(110.0, 34.05), (110.0, 34.3)], "cuts no part"),
        ([(113.05, 34.05), (113.05, 34.05)], "all the same"),
        ([(113.1, 33.9), (113.1, 34.3), (113.0, 34.1), (113.3, 34.1)], "cuts no part"),
    ],
)
def test_a_line_that_cuts_nothing_is_told(line, said):
    with pytest.raises(UserError, match=said):
        cut(MultiPolygon([SQUARE]), line)


def test_an_outline_follows_a_line_out_and_in_and_no_other_part_changes():
    out = [(113.2, 34.05), (113.25, 34.05), (113.25, 34.15), (113.2, 34.15)]
    grown = reshape(MultiPolygon([SQUARE, APART]), out)
    assert grown.geoms[0].area == pytest.approx(SQUARE.area + 0.05 * 0.1, rel=1e-9)
    assert set(out) <= vertices(grown.geoms[0])
    assert grown.geoms[1] == APART
    into = [(113.21, 34.05), (113.15, 34.05), (113.15, 34.15), (113.21, 34.15)]  # begins and ends beyond the edge
    less = reshape(MultiPolygon([SQUARE]), into).geoms[0]
    assert less.area == pytest.approx(SQUARE.area - 0.05 * 0.1, rel=1e-9)
    assert vertices(SQUARE) <= vertices(less)
    both = reshape(MultiPolygon([SQUARE]), [(113.2, 34.02), (113.25, 34.06), (113.15, 34.14), (113.2, 34.18)]).geoms[0]
    assert both.area == pytest.approx(SQUARE.area, rel=1e-9)  # as much came in as fell out
    beside = reshape(MultiPolygon([SQUARE, BESIDE]), out)
    assert beside.geoms[0].intersection(beside.geoms[1]).area == 0
    for line in ([(113.05, 34.05), (113.15, 34.15)], [(113.2, 34.05), (113.3, 34.05)]):
        with pytest.raises(UserError, match="changes no part"):
            reshape(MultiPolygon([SQUARE]), line)


def test_holes_stay_with_the_piece_they_lie_in():
    holed = Polygon(SQUARE.exterior, [box(113.02, 34.02, 113.04, 34.04).exterior])
    found = cut(MultiPolygon([holed]), [(113.1, 33.9), (113.1, 34.3)])
    assert sorted(len(piece.interiors) for piece in found.geoms) == [0, 1]


def test_parts_edge_to_edge_are_joined_and_others_stay():
    found = join(MultiPolygon([APART, SQUARE, BESIDE]), [1, 2])
    assert found.geoms[0] == APART
    assert found.geoms[1].equals(box(113.0, 34.0, 113.4, 34.2))
    assert vertices(found.geoms[1]) == vertices(SQUARE) | vertices(BESIDE)
    with pytest.raises(UserError, match="edge to edge"):
        join(MultiPolygon([SQUARE, APART]), [0, 1])
    with pytest.raises(UserError, match="edge to edge"):
        join(MultiPolygon([SQUARE, box(113.2, 34.2, 113.3, 34.3)]), [0, 1])  # a corner
    for wrong in ([0], [0, 0], [0, 5], [-1, 0]):
        with pytest.raises(UserError, match="numbers of two parts"):
            join(MultiPolygon([SQUARE, APART]), wrong)


def test_a_centimetre_between_two_drawings_of_a_line_leaves_no_thread():
    near = box(113.2 + 1e-7, 34.0 - 5e-8, 113.4, 34.2)
    found = take_in(MultiPolygon([SQUARE]), [near])
    assert len(found.geoms) == 1
    assert not found.geoms[0].interiors
    assert vertices(SQUARE) <= vertices(found)
    # one runs along the middle of the other's edge
    short = box(113.2 + 1e-7, 34.05, 113.3, 34.1)
    found = take_in(MultiPolygon([SQUARE, APART]), [short])
    assert len(found.geoms) == 2
    assert APART in list(found.geoms)
    assert vertices(SQUARE) <= vertices(found)


def test_land_goes_in_and_out_again():
    grown = take_in(MultiPolygon([SQUARE, APART]), [BESIDE])
    back = leave_out(grown, [BESIDE])
    assert back is not None
    assert back.symmetric_difference(MultiPolygon([SQUARE, APART])).area == 0
    assert APART in list(back.geoms)
    assert vertices(back) == vertices(SQUARE) | vertices(APART)
    assert leave_out(MultiPolygon([SQUARE]), [box(112.9, 33.9, 113.3, 34.3)]) is None
    hole = leave_out(MultiPolygon([SQUARE]), [box(113.05, 34.05, 113.1, 34.1)])
    assert hole is not None
    assert len(hole.geoms[0].interiors) == 1
    assert take_in(None, [SQUARE]) == MultiPolygon([SQUARE])
    filled = take_in(hole, [box(113.05, 34.05, 113.1, 34.1)])
    assert filled.equals(MultiPolygon([SQUARE]))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12, unique=True))
@settings(max_examples=60, deadline=None)
def test_squares_taken_in_one_by_one_make_what_they_make_together(places):
    squares = [box(113 + x * 0.011, 34 + y * 0.009, 113 + (x + 1) * 0.011, 34 + (y + 1) * 0.009) for x, y in places]
    together = take_in(None, squares)
    one_by_one = None
    for square in squares:
        one_by_one = take_in(one_by_one, [square])
    assert one_by_one is not None
    assert one_by_one.symmetric_difference(together).area == pytest.approx(0, abs=1e-15)
    assert vertices(together) <= {place for square in squares for place in vertices(square)}
    left = one_by_one
    for square in squares[:-1]:
        left = leave_out(left, [square])
        assert left is not None
    assert leave_out(left, squares[-1:]) is None


@pytest.mark.parametrize(
    "line", [None, [], [[113, 34]], [[113, 34], [113]], [[113, 34], ["x", 1]], [[1, 2], [float("inf"), 1]]]
)
def test_a_line_is_read_with_care(line):
    with pytest.raises(UserError, match="line"):
        shape_edit.read_line(line)
