"""/api/faces: land between roads and boundaries of the demo city."""

import json

import pytest
import shapely


def test_west_of_a_road_can_be_picked(client):
    answer = client.get("/api/faces?bbox=112.9,34.55,113.0,34.65")
    assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")
    content = answer.get_json(force=True)
    assert content["numberReturned"] == len(content["features"]) > 0
    along = [
        face for face in content["features"] if "hexie_road" in {road["id"] for road in face["properties"]["roads"]}
    ]
    assert along
    for face in content["features"]:
        assert shapely.from_geojson(json.dumps(face["geometry"])).is_valid


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "bbox is missing"),
        ("?bbox=1,2,3", "expected west,south,east,north"),
        ("?bbox=112.7,34.2,114.3,35.0", "expected at most 4000"),
        ("?bbox=112.9,34.5,113,34.6&county=410181", "there is no parameter county here"),
    ],
)
def test_a_box_must_be_given_and_be_no_larger_than_a_county(client, query, said):
    answer = client.get(f"/api/faces{query}")
    assert (answer.status_code, said in answer.get_json(force=True)["detail"]) == (400, True)


def test_a_box_where_nothing_is_has_no_faces(client):
    content = client.get("/api/faces?bbox=0,0,0.1,0.1").get_json(force=True)
    assert (content["features"], content["numberMatched"]) == ([], 0)
