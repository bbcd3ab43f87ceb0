"""Outside of the boxes two outlines are the same: asked of shapely, whatever was moved, added, cut or taken away."""

import math

import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity

from gridmap.domain.outline_change import changed_boxes

careful = settings(max_examples=150, deadline=None)
metres = st.floats(-400, 400, allow_nan=False).map(lambda x: round(x, 2))


def circle(x, y, radius, corners=24):
    turns = [2 * math.pi * number / corners for number in range(corners)]
    return shapely.Polygon([(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns])


def moved(polygon, number, east, north):
    ring = list(polygon.exterior.coords)[:-1]
    number %= len(ring)
    ring[number] = (ring[number][0] + east, ring[number][1] + north)
    return shapely.Polygon(ring, polygon.interiors)


def outside(boxes):
    return shapely.difference(
        shapely.box(-99_999, -99_999, 99_999, 99_999), shapely.union_all([shapely.box(*b) for b in boxes])
    )


@careful
@given(st.lists(st.tuples(st.integers(0, 23), metres, metres), max_size=4), st.booleans(), metres, st.booleans())
def test_nothing_differs_outside_of_the_boxes(moves, has_island, island_y, begins_elsewhere):
    before = after = circle(0, 0, 1000)
    for number, east, north in moves:
        after = moved(after, number, east, north)
    assume(after.is_valid)
    if begins_elsewhere:
        ring = list(after.exterior.coords)[:-1]
        after = shapely.Polygon(ring[7:] + ring[:7])
    if has_island:
        after = shapely.MultiPolygon([after, circle(3000, island_y, 200)])
    boxes = changed_boxes(before, after)
    rest = outside(boxes)
    assert shapely.symmetric_difference(before, after).intersection(rest).area <= 1e-6
    lines = [shapely.intersection(area.boundary, shapely.buffer(rest, -0.001)) for area in (before, after)]
    assert shapely.hausdorff_distance(*lines) <= 1e-6 or all(line.is_empty for line in lines)


def test_one_vertex_that_moved_is_one_small_box():
    before = circle(0, 0, 1000, 5000)
    (box,) = changed_boxes(before, moved(before, 3, 10, 0))
    assert box[2] - box[0] < 20 and box[3] - box[1] < 5


def test_places_far_apart_are_boxes_of_their_own():
    before = circle(0, 0, 1000)
    assert len(changed_boxes(before, moved(moved(before, 0, 50, 0), 12, -50, 0))) == 2


def test_a_vertex_more_is_told_where_it_is():
    ring = list(circle(0, 0, 1000).exterior.coords)[:-1]
    (box,) = changed_boxes(circle(0, 0, 1000), shapely.Polygon([*ring[:5], (900, 900), *ring[5:]]))
    assert shapely.box(*box).covers(shapely.Point(900, 900)) and box[0] > 0


def test_the_same_area_has_no_box_however_it_is_written():
    area = shapely.MultiPolygon([circle(0, 0, 1000), circle(5000, 0, 100)])
    turned = shapely.MultiPolygon([shapely.reverse(part) for part in reversed(area.geoms)])
    assert changed_boxes(area, area) == [] and changed_boxes(area, turned) == []


def test_an_area_that_came_or_went_is_boxed_whole():
    area = circle(0, 0, 1000)
    assert changed_boxes(None, area) == changed_boxes(area, None) == [area.bounds]
    assert changed_boxes(None, None) == changed_boxes(None, shapely.MultiPolygon()) == []


def test_a_hole_is_boxed_without_the_outline_about_it():
    hole = [(-10, -10), (10, -10), (10, 10), (-10, 10)]
    area = circle(0, 0, 1000)
    assert changed_boxes(area, shapely.Polygon(area.exterior, [hole])) == [(-10, -10, 10, 10)]


def test_what_differs_in_many_places_is_one_box():
    before = shapely.MultiPolygon([circle(east * 300, 0, 50) for east in range(60)])
    assert len(changed_boxes(before, affinity.translate(before, 0, 0.5))) == 1
