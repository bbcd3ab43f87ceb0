"""/api/near: what is near, whole, for machines; every mistake a sentence."""

import pytest
from pyproj import Geod

from gridmap.domain.urgency import FACTORS
from tests import accounts
from tests.api.test_bad_input import check

PLACE = "/api/near?lon=113.02&lat=34.75"
GEOD = Geod(a=6378137.0, rf=298.257222101)


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json(force=True)


def test_what_is_told_is_what_the_description_says(client):
    document = client.get("/api/openapi.json?lang=en").get_json(force=True)["paths"]["/api/near"]["get"]
    schema = document["responses"]["200"]["content"]["application/json"]["schema"]
    found = get(client, PLACE)
    assert set(found) == set(schema["properties"])
    assert set(found["items"][0]) == set(schema["properties"]["items"]["items"]["properties"])
    asked = {parameter["name"] for parameter in document["parameters"]}
    assert asked >= {"lon", "lat", "radius_m", "nearest", "rank", "unvisited_days", *(f"weight_{n}" for n in FACTORS)}


def test_the_nearest_come_first_in_metres_of_the_geodesic(client):
    found = get(client, f"{PLACE}&nearest=5")
    metres = [item["distance_m"] for item in found["items"]]
    assert len(metres) == found["numberReturned"] == 5 and metres == sorted(metres)
    assert [item["rank"] for item in found["items"]] == [1, 2, 3, 4, 5]
    assert found["hasMore"]
    for item in found["items"]:
        assert abs(GEOD.inv(113.02, 34.75, item["lon"], item["lat"])[2] - item["distance_m"]) < 1


def test_urgency_ranks_by_the_product_of_what_it_tells(client):
    found = get(client, f"{PLACE}&rank=urgency&nearest=100")
    scores = [item["urgency"] for item in found["items"]]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
    for item in found["items"]:
        product = 1.0
        for name in FACTORS:
            product *= item["why"][name]
        assert product == pytest.approx(item["urgency"], rel=0.01)
    everything = get(client, f"{PLACE}&nearest=100")
    assert {item["site_id"] for item in everything["items"]} == {item["site_id"] for item in found["items"]}


def test_without_weights_only_distance_is_left(client):
    weights = "".join(f"&weight_{name}=0" for name in FACTORS)
    found = get(client, f"{PLACE}&rank=urgency{weights}")
    metres = [item["distance_m"] for item in found["items"]]
    assert metres == sorted(metres) and {item["urgency"] for item in found["items"]} == {1.0}
    assert found["weights"] == dict.fromkeys(FACTORS, 0.0)


def test_a_position_off_by_three_kilometres_is_answered_and_warned_of(client):
    found = get(client, f"{PLACE}&accuracy_m=3000&lang=en")
    assert found["is_vague"] and "3000 m" in found["notes"][0]
    assert not get(client, f"{PLACE}&accuracy_m=30")["is_vague"]


def test_nothing_near_is_an_empty_list_that_says_so(client):
    found = get(client, "/api/near?lon=111.6&lat=33.6&lang=en")
    assert found["items"] == [] and "no site" in found["notes"][0] and not found["hasMore"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "lon is missing"),
        ("lon=113.02", "lat is missing"),
        ("lon=34.75&lat=113.02", "look swapped"),
        ("lon=116.4&lat=39.9", "outside the city's data"),
        ("lon=nan&lat=34.75", "lon is 'nan'; expected a number"),
        ("lon=1e999&lat=34.75", "lon is '1e999'; expected a number"),
        ("lon=113&lat=34.75&accuracy_m=20000", "accuracy_m is '20000'; expected a number from 0 to 10000"),
        ("lon=113&lat=34.75&radius_m=0", "radius_m is '0'; expected a number from 1"),
        ("lon=113&lat=34.75&radius_m=1e6", "to 10000"),
        ("lon=113&lat=34.75&nearest=501", "from 1 to 500"),
        ("lon=113&lat=34.75&rank=beauty", "expected distance or urgency"),
        ("lon=113&lat=34.75&weight_visit=11", "weight_visit is '11'; expected a number from 0 to 10"),
        ("lon=113&lat=34.75&weight_visit=nan", "expected a number"),
        ("lon=113&lat=34.75&unvisited_days=0", "from 1 to 36500"),
        ("lon=113&lat=34.75&kind=castle", "kind is 'castle'"),
        ("lon=113&lat=34.75&status=gone", "status is 'gone'"),
        ("lon=113&lat=34.75&as_of=2020-01-01", "there is no parameter as_of here"),
    ],
)
def test_a_mistake_is_a_sentence(client, query, said):
    check(client.get(f"/api/near?{query}"), 400, said)


def test_an_unknown_rule_is_not_found(client):
    check(client.get(f"{PLACE}&rule=COAL-99"), 404, "COAL-99")


def test_an_inspector_is_told_of_his_county_alone(app, city_url):
    # a place near the border of two counties, where both have sites
    inspector = accounts.carry(app.test_client(), accounts.enter(city_url, "inspector", "410181"))
    bureau = accounts.carry(app.test_client(), accounts.enter(city_url, "bureau"))
    place = "/api/near?lon=113.2&lat=34.72&nearest=500"
    mine, every = get(inspector, place)["items"], get(bureau, place)["items"]
    assert {item["county_code"] for item in mine} == {"410181"} < {item["county_code"] for item in every}
    assert [item["site_id"] for item in mine] == [i["site_id"] for i in every if i["county_code"] == "410181"]


def test_every_parameter_that_is_described_is_accepted(client):
    document = client.get("/api/openapi.json?lang=en").get_json(force=True)["paths"]["/api/near"]["get"]
    for parameter in document["parameters"]:
        schema = parameter["schema"].get("items", parameter["schema"])
        value = schema.get("enum", [None])[0] or schema.get("default", schema.get("minimum", 1))
        if parameter["name"] not in ("lon", "lat"):
            get(client, f"{PLACE}&{parameter['name']}={value}")
