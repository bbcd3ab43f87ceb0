"""/api/zones/at: the law at a place, whole, for machines."""

import pytest

from tests import accounts

PLACE = "/api/zones/at?lon=113.02&lat=34.75"


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json(force=True)


def schema(client):
    document = client.get("/api/openapi.json?lang=en").get_json(force=True)
    return document["paths"]["/api/zones/at"]["get"]


def test_what_is_told_is_told_whole(client):
    found = get(client, PLACE)
    assert (found["lon"], found["lat"], found["on"]) == (113.02, 34.75, "2020-10-15")
    assert found["place"]["county"] == {"code": "410181", "name": "巩义市"}
    assert found["place"]["township"] == {"code": "410181110", "name": "北山口镇"}
    assert found["place"]["square"] == "E410N3847"
    assert found["place"]["cell"].startswith("410181110")
    zone = next(zone for zone in found["zones"] if zone["kind"] == "coal_free")
    assert (zone["begins_on"], zone["ends_on"], zone["last_day"]) == ("2019-11-14", None, None)
    assert zone["document"] and zone["issuer"] and zone["exemptions"]
    assert (zone["decided_by"], zone["decided_by_unit"]) == ("units", {"code": "410181110", "name": "北山口镇"})
    near = next(zone for zone in found["zones"] if zone["kind"] == "no_burn")
    assert (near["inside"], near["near_boundary"], near["decided_by"]) == (False, True, None)
    assert 0 < near["distance_to_boundary_m"] < near["position_error_m"]
    assert found["exceptions"] == []


def test_every_kind_is_told_with_its_side_and_title(client):
    kinds = {kind["kind"]: kind for kind in get(client, f"{PLACE}&lang=en")["kinds"]}
    assert len(kinds) == 11
    assert (kinds["coal_free"]["side"], kinds["coal_free"]["title"]) == ("inside", "coal-free zone")
    assert (kinds["no_burn"]["side"], kinds["third_ring"]["side"]) == ("near_boundary", "outside")
    assert kinds["third_ring"]["zone_ids"] == []
    assert get(client, f"{PLACE}&lang=en")["place"]["county"]["name"] == "Gongyi City"


@pytest.mark.parametrize(
    ("on", "place"),
    [("2019-11-13", "later"), ("2019-11-14", "zones"), ("2020-05-31", "zones"), ("2020-06-01", "earlier")],
)
def test_a_version_is_told_as_later_now_or_earlier_by_its_days(client, city, on, place):
    with city.cursor() as cursor:
        cursor.execute(
            "SELECT u.unit_code FROM gridmap.zone_unit AS u INNER JOIN gridmap.zone AS z USING (zone_id) "
            "WHERE z.lineage = 'coal_free_demo_410185' AND length(u.unit_code) = 12 GROUP BY u.unit_code "
            "HAVING max(z.version) = 1 ORDER BY u.unit_code LIMIT 1"
        )
        village = cursor.fetchone()[0]
    found = get(client, f"/api/zones/at?village={village}&on={on}")
    told = {
        name: [
            (zone["version"], zone["last_day"]) for zone in found[name] if zone["lineage"] == "coal_free_demo_410185"
        ]
        for name in ("earlier", "zones", "later")
    }
    assert told == {"earlier": [], "zones": [], "later": [], place: [(1, "2020-05-31")]}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("lon=113.02&lat=34.75&on=1999-12-31", "on: 1999-12-31 is outside the days that can be judged"),
        ("lon=113.02&lat=34.75&on=2100-01-01", "outside the days that can be judged, 2000-01-01 to 2099-12-31"),
        ("lon=34.75&lat=113.02", "longitude and latitude look swapped"),
        ("lon=100&lat=34.75", "expected longitude 111.5 to 115.5 and latitude 33.5 to 36.2"),
        ("lon=113.02&lat=34.75&error_m=-1", "error_m is '-1'; expected a whole number from 0 to 20000"),
        ("village=老井沟", "expected a code of twelve digits"),
        ("lon=113.02&lat=34.75&colour=red", "there is no parameter colour"),
    ],
)
def test_mistakes_are_problem_reports(client, query, said):
    response = client.get(f"/api/zones/at?{query}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = response.get_json(force=True)
    assert problem["type"] == "urn:gridmap:problem:bad-request"
    assert said in problem["detail"]


def test_the_error_of_a_position_widens_the_doubt(client):
    sure, doubtful = (get(client, f"{PLACE}&error_m={error}") for error in (0, 15000))
    assert len(doubtful["zones"]) > len(sure["zones"])
    assert {kind["side"] for kind in doubtful["kinds"] if kind["kind"] == "coal_free"} == {"near_boundary"}
    assert doubtful["place"]["error_m"] == 15000


def test_who_has_the_answer_already_is_not_sent_it_again(client):
    first = client.get(PLACE)
    again = client.get(PLACE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{PLACE}&on=2019-01-01", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]


def test_whoever_sees_no_findings_is_told_of_no_exceptions(app, city_url):
    admin = accounts.carry(app.test_client(), accounts.enter(city_url, "admin"))
    found = get(admin, PLACE)
    assert found["exceptions"] is None
    assert len(found["kinds"]) == 11


def test_the_answer_is_what_openapi_describes(client):
    described = schema(client)["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    found = get(client, PLACE)
    assert set(described) - set(found) == {"village"}
    assert set(found) - set(described) == set()
    here = described["zones"]["items"]["properties"]
    assert set(here) - set(found["zones"][0]) == set()
    assert set(described["place"]["properties"]) == set(found["place"])
    assert set(described["kinds"]["items"]["properties"]) == set(found["kinds"][0])
    names = {parameter["name"] for parameter in schema(client)["parameters"]}
    assert names == {"lon", "lat", "village", "error_m", "on", "as_of", "lang"}
