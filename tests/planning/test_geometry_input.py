"""Boundaries as clients send them: what is wrong is told by part, ring and vertex."""

import math
import re

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.coordinates import to_gcj02
from gridmap.errors import UserError
from gridmap.planning.geometry_input import MAX_VERTICES, looks_shifted, read_boundary

SQUARE = [[113.0, 34.0], [113.1, 34.0], [113.1, 34.1], [113.0, 34.1], [113.0, 34.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def parts(*rings):
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def feature(*rings):
    return {"type": "Feature", "properties": {}, "geometry": polygon(*rings)}


def at_first(position):
    return polygon([position, *SQUARE[1:-1], position])


def ring(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([], "no GeoJSON"),
        ({"type": "Point", "coordinates": [113, 34]}, "type is 'Point'"),
        (polygon(), "no rings"),
        ({"type": "MultiPolygon", "coordinates": []}, "no coordinates"),
        (polygon(SQUARE[:3]), "part 1, ring 1 has 3 positions"),
        (polygon(SQUARE[:4]), "ring 1 is not closed"),
        (at_first([math.nan, 34]), "vertex 1 is not finite"),
        (at_first([1e999, 34]), "vertex 1 is not finite"),
        (at_first([10**400, 34]), "vertex 1 is not finite"),
        (at_first(["113", 34]), "not made of numbers"),
        (at_first([True, 34]), "not made of numbers"),
        (at_first([34.0, 113.0]), "look swapped"),
        (at_first([122.5, 30.0]), "outside the city's data"),
        (at_first([460000, 3840000]), "look like metres"),
        (at_first([38460000, 3840000]), "look like metres"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]), "has no area"),
        (polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]), "crosses itself.*113.05.*34.05"),
        (polygon(SQUARE, ring(113.2, 34.2, 113.3, 34.3)), "hole lies outside"),
        (polygon(SQUARE, ring(113.01, 34.01, 113.09, 34.09), ring(113.02, 34.02, 113.03, 34.03)), "another hole"),
        (parts(SQUARE, ring(113.05, 34.05, 113.15, 34.15)), "two parts overlap"),
        (parts(SQUARE, SQUARE), "two parts overlap|two rings are the same"),
        (parts(SQUARE, ring(113.02, 34.02, 113.03, 34.03)), "a part lies inside another part|two parts overlap"),
        (polygon(SQUARE, SQUARE), "two rings are the same|touches or crosses|cut a part in two|crosses itself"),
        ({"type": "FeatureCollection", "features": [feature(SQUARE), feature(SQUARE)]}, "of one feature"),
        ({"type": "FeatureCollection", "features": []}, "of one feature"),
        (polygon([[0, 0]] * (MAX_VERTICES + 1)), "at most"),
    ],
)
def test_what_is_wrong_is_told(sent, said):
    with pytest.raises(UserError, match=said):
        read_boundary(sent)


def test_what_a_planner_may_draw_wrong_is_told_in_chinese_too():
    bow_tie = polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]])
    far = polygon([(0, 0), (1, 0), (1, 1), (0, 0)])
    for sent, said in ((bow_tie, "边界自相交.*113.05.*34.05"), (far, "不在本市范围内")):
        with pytest.raises(UserError) as refused:
            read_boundary(sent)
        assert re.search(said, refused.value.zh)


def test_a_third_coordinate_is_dropped_and_a_feature_is_opened():
    sent = {"type": "Feature", "geometry": polygon([[*position, 99.0] for position in SQUARE])}
    read = shapely.from_wkb(read_boundary(sent))
    assert (read.geom_type, read.has_z) == ("MultiPolygon", False)
    assert read.equals(shapely.Polygon(SQUARE))
    assert read_boundary({"type": "FeatureCollection", "features": [sent]}) == read_boundary(sent)
    assert read_boundary(None) is None


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), st.lists, max_leaves=12))
def test_any_coordinates_are_read_or_refused_with_a_sentence(coordinates):
    with pytest.raises(UserError, match=r"^boundary: "):
        read_boundary({"type": "MultiPolygon", "coordinates": coordinates})


def test_an_outline_in_gcj02_is_noticed_and_a_redrawn_one_is_not():
    base = read_boundary(polygon(SQUARE))
    shifted = read_boundary(polygon([list(to_gcj02(*position)) for position in SQUARE]))
    redrawn = read_boundary(polygon(ring(113.0, 34.0, 113.11, 34.1)))
    assert looks_shifted(base, shifted)
    assert not looks_shifted(base, redrawn)
    assert not looks_shifted(base, base)
