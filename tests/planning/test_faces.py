"""Faces of roads and outlines: what a boundary can take in, and which of them it does."""

import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.errors import UserError
from gridmap.planning import face_choice, faces
from gridmap.store.network import Line
from tests.builders import add_region, add_road, add_zone, box, degrees


def road(name, *points, error_m=0.0):
    return Line("road", name, name, error_m, shapely.LineString([(x * 1000, y * 1000) for x, y in points]))


def frame(west, south, east, north):
    return Line(
        "county", "410181", "县", 200.0, shapely.box(*(1000 * side for side in (west, south, east, north))).exterior
    )


def widths(network, chosen):
    return sorted(round(network.faces[n].area.area / 1e6) for n in chosen)


# four strips of 2, 2, 2 and 4 km between three roads
STRIPS = faces.build(
    [frame(0, 0, 10, 1), *(road(f"r{x}", (x, -1), (x, 2)) for x in (2, 4, 6)), road("dead_end", (7, -1), (7, 0.5))]
)


def at(x):
    return next(n for n, face in enumerate(STRIPS.faces) if face.area.contains(shapely.Point(x * 1000, 500)))


def test_faces_know_their_roads_their_error_and_what_lies_beside_them():
    assert widths(STRIPS, range(len(STRIPS.faces))) == [2, 2, 2, 4]
    middle = STRIPS.faces[at(3)]
    assert ([line.name for line in middle.roads], middle.error_m) == (["r2", "r4"], 200.0)
    assert STRIPS.beside[at(3)] == {at(1), at(5)}


def test_two_drawings_of_one_line_leave_no_face_between_them():
    network = faces.build([frame(0, 0, 4, 1), road("a", (2, -1), (2, 2)), road("b", (2.005, -1), (2.005, 2))])
    assert widths(network, range(len(network.faces))) == [2, 2]


def test_points_are_held_by_the_face_they_lie_in():
    points = {"v1": shapely.Point(500, 500), "v2": shapely.Point(900, 500), "beyond": shapely.Point(-500, 500)}
    assert face_choice.holding(STRIPS.faces, points) == {at(1): {"v1", "v2"}}


def test_a_bridge_is_built_only_where_it_is_no_larger_than_what_it_joins():
    free = {at(3), at(5), at(8)}
    assert face_choice.bridges(STRIPS, {at(5)}, {at(1)}, free) == {at(3)}
    assert face_choice.bridges(STRIPS, {at(8)}, {at(1)}, free) == {at(3), at(5)}
    assert face_choice.bridges(STRIPS, {at(3)}, {at(1)}, free) == set()
    # 4 km2 would be added for 2
    assert face_choice.bridges(STRIPS, {at(1)}, {at(8)}, {at(1), at(3), at(5)}) == set()


@pytest.fixture
def west(conn):
    with transaction(conn) as cursor:
        add_region(cursor, "410181", "county", box(0, 0, 10, 10))
        add_zone(cursor, boundary=box(0, 0, 4, 10))
        add_road(cursor, "hexie", (6, -1), (6, 11), error_m=50, name="和谐路")
    return conn


def bbox(west, south, east, north):
    return degrees(box(west, south, east, north)).bounds


def test_a_box_is_answered_with_whole_faces_and_the_lines_that_bound_them(west):
    told = faces.as_geojson(faces.in_box(west, bbox(5, 4, 7, 6)))
    assert (told["numberMatched"], told["numberReturned"]) == (2, 2)
    by_area = {round(feature["properties"]["area_km2"]): feature for feature in told["features"]}
    assert sorted(by_area) == [20, 40]
    between = by_area[20]["properties"]
    assert between["roads"] == [{"id": "hexie", "name": "和谐路"}]
    assert [line["kind"] for line in between["boundaries"]] == ["county", "zone"]
    assert between["position_error_m"] == 50


def test_a_box_larger_than_a_county_is_refused(west):
    with pytest.raises(UserError, match="expected at most 4000"):
        faces.in_box(west, (112.7, 34.2, 114.3, 35.0))


def test_a_draft_bounds_no_face(west):
    with transaction(west) as cursor:
        add_zone(cursor, "other", boundary=box(7, 0, 8, 10), publish=False)
    assert faces.in_box(west, bbox(5, 4, 7.5, 6)).matched == 2
