"""Squares of an area against the area itself, asked of shapely: no point may be judged otherwise, not even on a line."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gridmap.domain import grid
from gridmap.domain.square_parts import square_parts
from gridmap.domain.zone_cover import cover

WEST, SOUTH = 460_000, 3_840_000
REACH = 1200.0
careful = settings(max_examples=150, deadline=None)

# corners on a lattice of 500 m: half of them on edges and corners of squares, and with exact middles between them
lattice = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda p: (WEST + 500 * p[0], SOUTH + 500 * p[1]))
anywhere = st.tuples(st.floats(0, 5000), st.floats(0, 5000)).map(lambda p: (WEST + p[0], SOUTH + p[1]))
outline = st.lists(st.one_of(lattice, lattice, anywhere), min_size=3, max_size=12)


def areas_of(geometry):
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    area = shapely.union_all(parts)
    return area if area.geom_type in ("Polygon", "MultiPolygon") and area.is_valid and area.area > 0 else None


def inside_by_cells(cells, x, y):
    cell = cells.get(grid.cell_of(x, y))
    if cell is None or not (cell.is_filled or cell.piece is not None):
        return False
    return cell.is_filled or bool(shapely.intersects(cell.piece, shapely.Point(x, y)))


def inside_by_parts(parts, cells, x, y):
    """As inside_by_cells, but asks a geometry only in parts that the boundary touches."""
    key = grid.cell_of(x, y)
    cell = cells.get(key)
    if cell is None or cell.piece is None:
        return cell is not None and cell.is_filled
    inside, touched = parts[key] = parts.get(key) or square_parts(key, cell.piece)
    bit = math.floor(x / 125) % 8 + 8 * (math.floor(y / 125) % 8)
    assert inside & touched == 0
    return bool(inside >> bit & 1 or (touched >> bit & 1 and shapely.intersects(cell.piece, shapely.Point(x, y))))


def telling_points(area):
    """Vertices, middles and quarters of the boundary's lines, and the lattice all around, off its nodes too."""
    points = [tuple(point) for point in shapely.get_coordinates(area)]
    for ring in shapely.get_parts(shapely.boundary(area)):
        nodes = shapely.get_coordinates(ring)
        for share in (0.25, 0.5, 0.75):
            points += [tuple(point) for point in nodes[:-1] + share * (nodes[1:] - nodes[:-1])]
    steps = range(-1000, 6001, 250)
    points += [(float(WEST + east), float(SOUTH + north)) for east in steps for north in steps]
    points += [(math.nextafter(x, math.inf), math.nextafter(y, -math.inf)) for x, y in points[:40]]
    return points


def agree(area):
    cells = {cell.key: cell for cell in cover(area, REACH)}
    points = telling_points(area)
    truth = shapely.intersects(area, shapely.points(points))
    away = shapely.distance(shapely.boundary(area), shapely.points(points))
    parts = {}
    for (x, y), inside, distance in zip(points, truth, away, strict=True):
        assert inside_by_cells(cells, x, y) == inside, (x, y)
        assert inside_by_parts(parts, cells, x, y) == inside, (x, y)
        cell = cells.get(grid.cell_of(x, y))
        # clearance promises no more than is true, and a square that is not listed is farther than the reach
        assert distance >= (REACH if cell is None else cell.clearance_m)


@careful
@given(outline)
@example([(WEST, SOUTH), (WEST + 1000, SOUTH), (WEST + 1000, SOUTH + 1000), (WEST, SOUTH + 1000)])
@example([(WEST, SOUTH), (WEST + 3000, SOUTH + 1000), (WEST, SOUTH + 2000)])
def test_squares_say_of_every_point_what_the_area_says(corners):
    area = areas_of(shapely.make_valid(shapely.Polygon(corners)))
    assume(area is not None)
    agree(area)


@careful
@given(outline, outline)
def test_holes_and_islands_are_kept(corners, taken):
    area = areas_of(shapely.make_valid(shapely.Polygon(corners)))
    assume(area is not None)
    hole = areas_of(shapely.make_valid(shapely.Polygon(taken)))
    assume(hole is not None)
    rest = areas_of(shapely.difference(area, hole))
    assume(rest is not None)
    agree(rest)


@pytest.mark.parametrize("clockwise", [True, False])
def test_a_ring_round_many_squares_with_islands_in_its_hole(clockwise):
    def disc(radius):
        return shapely.Point(WEST + 2500, SOUTH + 2500).buffer(radius, quad_segs=32)

    area = shapely.union_all([disc(2400).difference(disc(1700)), disc(900).difference(disc(300))])
    area = shapely.orient_polygons(area, exterior_cw=clockwise)
    agree(area)


def test_an_exact_square_fills_nothing_and_touches_its_eight_neighbours():
    """Its boundary runs on the square's own edges: these points belong to it, so they must be asked about."""
    cells = cover(shapely.box(WEST, SOUTH, WEST + 1000, SOUTH + 1000), 0.0)
    assert len(cells) == 9
    assert all(cell.piece is not None and not cell.is_filled and cell.clearance_m == 0 for cell in cells)


def test_filled_squares_are_listed_with_their_distance_and_nothing_beyond_the_reach():
    cells = {cell.key: cell for cell in cover(shapely.box(WEST - 500, SOUTH - 500, WEST + 4500, SOUTH + 4500), 1000.0)}
    middle = cells[grid.cell_of(WEST + 2000, SOUTH + 2000)]
    assert middle.is_filled
    assert middle.clearance_m == 1000.0
    rim = cells[grid.cell_of(WEST, SOUTH)]
    assert rim.is_filled
    assert rim.clearance_m == pytest.approx(499.999)
    outside = cells[grid.cell_of(WEST + 2000, SOUTH - 2000)]
    assert not outside.is_filled
    assert outside.piece is None
    assert outside.clearance_m == pytest.approx(499.999)
    assert grid.cell_of(WEST + 2000, SOUTH - 3000) not in cells


def test_a_line_of_many_vertices_keeps_them_as_they_are():
    around = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 7000 + 400 * np.sin(9 * around)
    area = shapely.Polygon(np.c_[WEST + radius * np.cos(around), SOUTH + radius * np.sin(around)])
    own = {tuple(point) for point in shapely.get_coordinates(area)}
    for cell in cover(area, 0.0):
        if cell.piece is not None:
            box = shapely.box(*grid.bounds(cell.key))
            kept = [tuple(p) for p in shapely.get_coordinates(cell.piece) if shapely.intersects_xy(box, *p)]
            assert set(kept) <= own


@careful
@given(outline, st.integers(-2, 6), st.integers(-2, 6), st.integers(0, 4))
def test_some_squares_are_what_they_are_among_all(corners, east, north, more):
    area = areas_of(shapely.make_valid(shapely.Polygon(corners)))
    assume(area is not None)
    first = grid.cell_of(WEST + 1000 * east, SOUTH + 1000 * north)
    asked = {first + 100_000 * step + other for step in range(more) for other in range(more)}
    whole = {cell.key: cell for cell in cover(area, REACH) if cell.key in asked}
    some = {cell.key: cell for cell in cover(area, REACH, asked)}
    assert some.keys() == whole.keys()
    for key, cell in some.items():
        assert (cell.is_filled, cell.clearance_m) == (whole[key].is_filled, whole[key].clearance_m)
        assert (cell.piece is None) == (whole[key].piece is None)
        assert cell.piece is None or square_parts(key, cell.piece) == square_parts(key, whole[key].piece)
