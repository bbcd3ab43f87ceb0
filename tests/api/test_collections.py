"""Collections and their items."""

import gzip
import itertools
import json

import pytest

from gridmap import layers

IDS = [layer.id for layer in layers.load()]


def get(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json(force=True)


def test_the_landing_page_leads_everywhere(client):
    landing = get(client, "/api")
    assert landing["today"] == "2020-10-15"
    for link in landing["links"]:
        assert client.get(link["href"]).status_code == 200, link
    assert get(client, "/health")["status"] == "ok"


def test_collections_follow_the_definitions(client):
    found = get(client, "/api/collections")["collections"]
    assert [collection["id"] for collection in found] == IDS
    english = get(client, "/api/collections?lang=en")["collections"]
    assert {c["id"]: c["title"] for c in english}["zone"] == "Zones"
    assert {c["id"]: c["title"] for c in found}["zone"] == "法定区域"


@pytest.mark.parametrize("layer_id", IDS)
def test_a_collection_describes_itself(client, layer_id):
    found = get(client, f"/api/collections/{layer_id}")
    layer = layers.load().get(layer_id)
    assert [column["name"] for column in found["columns"]] == [column.name for column in layer.columns]
    assert found["style"]["legend"]
    if layer.geometry != "none":
        west, south, east, north = found["extent"]["spatial"]["bbox"][0]
        assert 111.5 < west < east < 115.5
        assert 33.5 < south < north < 36.2
    for link in found["links"]:
        assert client.get(link["href"]).status_code == 200, link


def test_items_are_geojson(client):
    page = get(client, "/api/collections/village/items?limit=2")
    assert page["type"] == "FeatureCollection"
    assert page["numberMatched"] == 3328
    assert page["numberReturned"] == 2
    feature = page["features"][0]
    assert feature["geometry"]["type"] == "Point"
    assert "crs" not in feature["geometry"]
    assert list(feature["properties"]) == [column.name for column in layers.load().get("village").columns]
    counties = get(client, "/api/collections/county/items")["features"]
    outline = next(county for county in counties if county["geometry"])["geometry"]
    assert signed_area(outline["coordinates"][0][0]) > 0  # counter-clockwise


def signed_area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(ring))


def test_pages_are_complete_and_hold_nothing_twice(client):
    ids = []
    address = "/api/collections/village/items?limit=1000&county=410181,410185&lang=en"
    total = get(client, address)["numberMatched"]
    address = address.replace("1000", "137")
    while address:
        page = get(client, address)
        assert page["numberMatched"] == total
        ids += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        if address:
            assert "lang=en" in address
            assert "county=410181" in address
    assert len(ids) == len(set(ids)) == total
    assert ids == sorted(ids)


def test_next_and_prev_stop_at_the_ends(client):
    def rels(address):
        return {link["rel"] for link in get(client, address)["links"]}

    assert rels("/api/collections/station/items?limit=1000") == {"self"}
    assert rels("/api/collections/station/items?limit=2") == {"self", "next"}
    assert rels("/api/collections/station/items?limit=2&offset=2") == {"self", "next", "prev"}
    total = get(client, "/api/collections/station/items")["numberMatched"]
    assert rels(f"/api/collections/station/items?limit=2&offset={total - 1}") == {"self", "prev"}
    beyond = get(client, f"/api/collections/station/items?offset={total + 5}")
    assert (beyond["numberMatched"], beyond["features"]) == (total, [])


def test_filters_narrow(client):
    every = get(client, "/api/collections/village/items?limit=1")["numberMatched"]
    left_out = get(client, "/api/collections/village/items?cover_class=not_covered&county=410181&limit=1000")
    assert 0 < left_out["numberMatched"] < every
    assert {f["properties"]["cover_class"] for f in left_out["features"]} == {"not_covered"}
    assert {f["properties"]["county_code"] for f in left_out["features"]} == {"410181"}
    two = get(client, "/api/collections/village/items?cover_class=covered,not_covered&limit=1")["numberMatched"]
    assert left_out["numberMatched"] < two <= every
    community = get(client, "/api/collections/village/items?is_community=true&limit=1")["numberMatched"]
    assert (
        community + get(client, "/api/collections/village/items?is_community=false&limit=1")["numberMatched"] == every
    )
    named = get(client, "/api/collections/village/items?township_code=410181113&limit=1000")["features"]
    assert all(feature["id"].startswith("410181113") for feature in named)


def test_ranges_narrow(client):
    early = get(client, "/api/collections/zone/items?begins_on=..2018-12-31&limit=1000")["features"]
    late = get(client, "/api/collections/zone/items?begins_on=2019-01-01..&limit=1000")["features"]
    assert early
    assert late
    assert all(feature["properties"]["begins_on"] <= "2018-12-31" for feature in early)
    assert len(early) + len(late) == get(client, "/api/collections/zone/items?limit=1")["numberMatched"]
    half = get(client, "/api/collections/village/items?covered_pct=0..50&limit=1000")["features"]
    assert all(0 <= feature["properties"]["covered_pct"] <= 50 for feature in half)


def test_a_box_holds_what_lies_in_it(client):
    page = get(client, "/api/collections/village/items?bbox=113.0,34.6,113.1,34.8&limit=1000")
    assert page["numberMatched"] > 0
    for feature in page["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert 113.0 <= lon <= 113.1
        assert 34.6 <= lat <= 34.8
    assert get(client, "/api/collections/village/items?bbox=0,0,1,1")["numberMatched"] == 0


def test_one_item_as_of_a_day(client):
    village = get(client, "/api/collections/village/items/410181113201")
    assert village["properties"]["cover_class"] == "not_covered"
    assert village["properties"]["township_name"] == "回郭镇"
    before = get(client, "/api/collections/village/items/410181113201?as_of=2019-06-01")
    assert before["id"] == village["id"]
    zones = get(client, "/api/collections/zone/items?kind=coal_free&county=410181&limit=1000")["features"]
    assert zones
    then = get(client, "/api/collections/zone/items?kind=coal_free&county=410181&as_of=2017-01-01")["features"]
    assert then == []


def test_json_is_gzipped_for_those_who_take_it(client):
    address = "/api/collections/village/items?limit=50"
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding, Cookie"
    assert len(packed.data) < len(plain.data) / 3
    assert json.loads(gzip.decompress(packed.data)) == json.loads(plain.data)


def test_the_legend_counts_what_the_map_shows(client):
    legend = get(client, "/api/legend")
    assert sum(legend["village"].values()) == 3328
    assert sum(legend["site"].values()) == get(client, "/api/collections/site/items?limit=1")["numberMatched"]
    for value, number in legend["village"].items():
        page = get(client, f"/api/collections/village/items?cover_class={value}&limit=1")
        assert page["numberMatched"] == number, value
    assert legend["finding"]["total"] == get(client, "/api/findings?limit=1")["numberMatched"]
    county = get(client, "/api/legend?county=410181&rule=COAL-01")
    assert sum(county["village"].values()) < 3328
    assert set(county["finding"]["by_rule"]) == {"COAL-01"}
    assert get(client, "/api/legend?as_of=2019-06-01")["village"] != legend["village"]


def test_the_law_at_a_place(client):
    village = get(client, "/api/collections/village/items?county=410184&limit=1")["features"][0]
    lon, lat = village["geometry"]["coordinates"]
    found = get(client, f"/api/zones/at?lon={lon}&lat={lat}")
    assert found["on"] == "2020-10-15"
    assert "coal_free" in {zone["kind"] for zone in found["zones"]}
    assert {zone["kind_title"] for zone in found["zones"]} >= {"禁煤区"}
    assert get(client, f"/api/zones/at?lon={lon}&lat={lat}&on=2001-01-01")["zones"] == []


def test_a_village_is_asked_for_by_its_code_and_by_name_first(client):
    outside = get(client, "/api/zones/at?village=410181113201")
    assert [zone for zone in outside["zones"] if zone["kind"] == "coal_free"] == []
    inside = get(client, "/api/zones/at?village=410122104212")["zones"]
    assert [(z["lineage"], z["inside"], z["by_name"]) for z in inside if z["kind"] == "coal_free"] == [
        ("coal_free_410122", True, True)
    ]
    assert client.get("/api/zones/at?village=410181113299").status_code == 404
