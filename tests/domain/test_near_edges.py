"""The lines kept with a square against the whole boundary: no point of the square may find the boundary elsewhere."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain import grid
from gridmap.domain.near_edges import near_edges

WEST, SOUTH = 460_000, 3_840_000
KEYS = [grid.key_of(460 + east, 3840 + north) for east in range(-2, 6) for north in range(-2, 6)]
careful = settings(max_examples=60, deadline=None)

lattice = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda p: (WEST + 500.0 * p[0], SOUTH + 500.0 * p[1]))
anywhere = st.tuples(st.floats(0, 4000), st.floats(0, 4000)).map(lambda p: (WEST + p[0], SOUTH + p[1]))
line = st.lists(st.one_of(lattice, anywhere), min_size=2, max_size=12, unique=True).map(shapely.LineString)


@careful
@given(
    st.lists(line, min_size=1, max_size=4),
    st.sampled_from([0.0, 100.0, 120.0, 900.0, 2600.0]),
    st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=4),
)
def test_every_point_of_a_square_finds_the_boundary_among_the_lines_kept(lines, reach, places):
    whole = shapely.MultiLineString(lines)
    for key, kept in zip(KEYS, near_edges(lines, KEYS, reach), strict=True):
        west, south, east, north = grid.bounds(key)
        corners = [(west, south), (west, north), (east, south), (east, north)]
        points = shapely.points([*corners, *((west + x, south + y) for x, y in places)])
        for point, away in zip(points, shapely.distance(whole, points), strict=True):
            if away <= reach:
                assert shapely.distance(kept, point) == away
            elif not kept.is_empty:
                assert shapely.distance(kept, point) >= away


def test_lines_are_whole_keep_their_direction_and_far_ones_are_left_out():
    key = grid.key_of(460, 3840)
    steps = [(WEST + 100.0 * step, SOUTH + 500.0) for step in range(40, -20, -1)]
    (kept,) = near_edges([shapely.LineString(steps)], [key], 120.0)
    assert len(kept.geoms) == 1
    (nodes,) = (shapely.get_coordinates(part) for part in kept.geoms)
    assert [tuple(node) for node in nodes] == [step for step in steps if -200 <= step[0] - WEST <= 1200]
    (none,) = near_edges([shapely.LineString(steps)], [grid.key_of(480, 3840)], 120.0)
    assert none.is_empty


def test_no_lines_and_no_squares_are_no_error():
    assert near_edges([], [grid.key_of(460, 3840)], 100.0)[0].is_empty
    assert near_edges([shapely.LineString([(0, 0), (1, 1)])], [], 100.0) == []
    assert np.all(shapely.is_empty(near_edges([], KEYS, 0.0)))
