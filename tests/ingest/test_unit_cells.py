"""Outlines of unit cells: land cut by squares leaves nothing and doubles nothing; files are held against the land."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import UserError
from gridmap.ingest import shapes, unit_cells
from tests.builders import ORIGIN_M, degrees

shared = settings(max_examples=40, deadline=None)


def metres(geometry):
    return shapely.transform(geometry, lambda xy: xy * 1000 + np.array(ORIGIN_M))


def outlines(cells):
    return [shapes.to_metres(shapely.from_wkb(cell.outline_wkb)) for cell in cells]


def star(seed):
    """Return a ragged outline of a township, about 10 km across, at times with a hole."""
    dice = np.random.default_rng(seed)
    angles = np.sort(dice.uniform(0, 2 * np.pi, dice.integers(5, 40)))
    radii = dice.uniform(1.5, 6, angles.size)
    land = shapely.make_valid(shapely.Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])))
    parts = [part for part in shapely.get_parts(land) if part.geom_type == "Polygon"]
    land = max(parts, key=lambda part: part.area)
    if seed % 3 == 0:
        land = shapely.difference(land, shapely.Point(0.3, 0.2).buffer(0.7))
    return max(shapely.get_parts(land), key=lambda part: part.area)


@shared
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_the_pieces_fill_the_land_and_lie_on_one_another_nowhere(seed, size_km):
    land = metres(star(seed))
    pieces = outlines(unit_cells.by_squares(land, size_km))
    whole = shapely.union_all(pieces)
    assert sum(piece.area for piece in pieces) == pytest.approx(whole.area, abs=0.01)
    # the outline is cut to the millimetre
    assert shapely.symmetric_difference(whole, land).area < 0.001 * land.length
    tree = shapely.STRtree(pieces)
    pairs = [(one, other) for one, other in tree.query(pieces, predicate="intersects").T.tolist() if one < other]
    assert all(shapely.intersection(pieces[one], pieces[other]).area < 0.001 for one, other in pairs)
    if len(pieces) > 1:
        assert min(piece.area for piece in pieces) >= 0.25 * (size_km * 1000) ** 2 - 1


def test_a_box_of_squares_gives_these_squares_in_reading_order():
    cells = unit_cells.by_squares(metres(shapely.box(0, 0, 3, 2)), 1)
    corners = [tuple(np.round((np.array(piece.bounds[:2]) - ORIGIN_M) / 1000, 6)) for piece in outlines(cells)]
    assert corners == [(0, 1), (1, 1), (2, 1), (0, 0), (1, 0), (2, 0)]
    assert [round(cell.area_m2) for cell in cells] == [1_000_000] * 6


def test_a_leftover_goes_to_the_neighbour_with_the_longest_edge():
    # a strip 200 m wide along two squares, of which it shares more with the northern one
    land = shapely.union_all([shapely.box(0, 0, 1, 2), shapely.box(1, 0.6, 1.2, 2)])
    areas = sorted(round(cell.area_m2) for cell in unit_cells.by_squares(metres(land), 1))
    assert areas == [1_080_000, 1_200_000]


def test_a_small_island_goes_to_the_nearest_cell():
    land = shapely.union_all([shapely.box(0, 0, 2, 1), shapely.box(2.1, 0.4, 2.2, 0.5)])
    found = outlines(unit_cells.by_squares(metres(land), 1))
    assert [len(shapely.get_parts(piece)) for piece in found] == [1, 2]


def test_land_too_large_for_the_squares_is_refused():
    with pytest.raises(UserError, match="too large"):
        unit_cells.by_squares(metres(shapely.box(0, 0, 200, 150)), 1)


LAND = shapely.box(0, 0, 4, 4)


def write(path, geometries, **more):
    features = [
        {"type": "Feature", "properties": {"name": f"格{n}"}, "geometry": shapely.geometry.mapping(geom)}
        for n, geom in enumerate(geometries, 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return path


def test_outlines_of_a_file_are_numbered_like_a_page(tmp_path):
    halves = [shapely.box(2, 0, 4, 4), shapely.box(0, 0, 2, 4)]
    cells = unit_cells.from_file(write(tmp_path / "c.geojson", map(degrees, halves)), metres(LAND), 5.0)
    assert [(cell.name, cell.position_error_m) for cell in cells] == [("格2", 5.0), ("格1", 5.0)]


def shift(geometry, east, north):
    return shapely.transform(geometry, lambda xy: xy + np.array([east, north]))


WRONG = {
    "outside": ([degrees(shapely.box(2, 0, 5, 4))], "lie outside the cell above, the largest piece at 113.6"),
    "overlapping": (
        [degrees(shapely.box(0, 0, 2.5, 4)), degrees(shapely.box(2, 0, 4, 4))],
        "1 and 2: they overlap in 2000",
    ),
    "swapped": ([shapely.transform(degrees(shapely.box(0, 0, 2, 4)), lambda xy: xy[:, ::-1])], "are swapped"),
    "metres": ([metres(shapely.box(0, 0, 2, 4))], "these are metres"),
    "another city": ([shapely.box(121, 31, 121.1, 31.1)], "outside the city"),
    "bow tie": ([degrees(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))], "Self-intersection"),
    "a point": ([degrees(shapely.Point(1, 1))], "found Point"),
    # what GCJ-02 does to a place here: some 530 m east and 130 m south
    "another datum": (
        [degrees(shift(shapely.box(0, 0, 4, 2), 0.53, -0.13)), degrees(shift(shapely.box(0, 2, 4, 4), 0.53, -0.13))],
        "GCJ-02",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_outlines_get_a_sentence(tmp_path, case):
    geometries, reason = WRONG[case]
    with pytest.raises(UserError, match=reason):
        unit_cells.from_file(write(tmp_path / "c.geojson", geometries), metres(LAND), 5.0)


def test_too_many_vertices_and_bytes_are_refused(tmp_path, monkeypatch):
    circle = degrees(shapely.Point(2, 2).buffer(1, quad_segs=2000))
    path = write(tmp_path / "c.geojson", [circle])
    monkeypatch.setattr(unit_cells, "MOST_VERTICES", 5000)
    with pytest.raises(UserError, match="more than 5000 vertices"):
        unit_cells.from_file(path, metres(LAND), 5.0)
    monkeypatch.setattr(unit_cells, "MOST_BYTES", 1000)
    with pytest.raises(UserError, match="larger than"):
        unit_cells.from_file(path, metres(LAND), 5.0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not readable as GeoJSON"),
        ("[" * 100_000, "not readable as GeoJSON"),
        ('{"type": "Feature"}', "FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "at least one feature"),
        ('{"type": "FeatureCollection", "features": [1]}', "at least one feature"),
        ('{"type": "FeatureCollection", "features": [{"geometry": null}]}', "cannot be read|found"),
        ('{"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": [[["a"]]]}}]}', "cannot be read"),
        ('{"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": [[[NaN, 1]]]}}]}', "NaN"),
        ('{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:2383"}}, "features": [{}]}', "EPSG:2383"),
        ("\udcff", "not readable as GeoJSON"),
    ],
)  # fmt: skip
def test_what_is_no_collection_gets_a_sentence(tmp_path, content, reason):
    path = tmp_path / "c.geojson"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match=reason):
        unit_cells.from_file(path, metres(LAND), 5.0)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        unit_cells.from_file(tmp_path / "none.geojson", metres(LAND), 5.0)
