"""Spreads and far corners."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.ingest import shapes

DISC = shapely.Point(500_000, 3_800_000).buffer(4000)
L_SHAPE = shapely.Polygon([(0, 0), (9000, 0), (9000, 1500), (1500, 1500), (1500, 7000), (0, 7000)])


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=400), st.sampled_from([L_SHAPE, DISC]))
def test_a_spread_lies_inside_and_apart_and_is_the_same_again(count: int, area: shapely.Geometry) -> None:
    points = shapes.spread(area, count)
    assert points.shape == (count, 2)
    assert shapely.contains_xy(area, points[:, 0], points[:, 1]).all()
    assert len(np.unique(points.round(3), axis=0)) == count
    assert (points == shapes.spread(area, count)).all()


def test_the_farthest_point_is_a_far_corner() -> None:
    points = np.array([[0.0, 0.0], [9000.0, 0.0]])
    assert shapes.farthest_m(points, L_SHAPE).tolist() == [np.hypot(9000, 1500), np.hypot(9000, 7000)]


@given(st.floats(112, 115), st.floats(34, 36))
def test_projection_round_trips_within_a_millimetre(lon: float, lat: float) -> None:
    back = shapes.to_degrees(shapes.to_metres(shapely.Point(lon, lat)))
    assert abs(back.x - lon) < 1e-8
    assert abs(back.y - lat) < 1e-8
