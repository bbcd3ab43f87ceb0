"""Tiles, decoded."""

import gzip
import math
from concurrent.futures import ThreadPoolExecutor

import mapbox_vector_tile
import pytest

from gridmap import layers
from tests import accounts

TILE = "/api/collections/{}/tiles/WebMercatorQuad/{}/{}/{}"
TILESET = layers.load().tileset
CITY = (112.7, 34.2, 114.3, 35.0)


def tile_at(lon, lat, z):
    """Return row and column of the tile that holds a position."""
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(y), int(x)


def tiles_of(box, z):
    (bottom, left), (top, right) = tile_at(box[0], box[1], z), tile_at(box[2], box[3], z)
    return [(y, x) for y in range(top, bottom + 1) for x in range(left, right + 1)]


def features(client, layer, z, y, x, query=""):
    response = client.get(TILE.format(layer, z, y, x) + query)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.mimetype == "application/vnd.mapbox-vector-tile"
    if not response.data:
        return []
    decoded = mapbox_vector_tile.decode(response.data, default_options={"y_coord_down": True})
    assert list(decoded) == [layer]
    assert decoded[layer]["extent"] == TILESET.extent
    return decoded[layer]["features"]


def village(client, feature_id="410181113201"):
    item = client.get(f"/api/collections/village/items/{feature_id}").get_json(force=True)
    return item["geometry"]["coordinates"]


@pytest.mark.parametrize("z", [8, 10, 12, 14])
def test_a_village_of_huiguo_is_there_and_not_covered(client, z):
    lon, lat = village(client)
    found = features(client, "village", z, *tile_at(lon, lat, z))
    mine = [f for f in found if f["properties"]["feature_id"] == "410181113201"]
    assert len(mine) == 1
    assert mine[0]["properties"]["cover_class"] == "not_covered"
    x, y = mine[0]["geometry"]["coordinates"]
    fraction_x = (lon + 180) / 360 * 2**z % 1
    fraction_y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z % 1
    assert (x, y) == pytest.approx((fraction_x * 4096, fraction_y * 4096), abs=1.5)


def test_another_day_shows_another_map(client):
    y, x = tile_at(*village(client), 9)
    now = {f["properties"]["feature_id"]: f["properties"]["cover_class"] for f in features(client, "village", 9, y, x)}
    then = {
        f["properties"]["feature_id"]: f["properties"]["cover_class"]
        for f in features(client, "village", 9, y, x, "?as_of=2019-06-01")
    }
    assert now.keys() == then.keys()
    assert now != then
    again = client.get(TILE.format("village", 9, y, x)).data
    assert again == client.get(TILE.format("village", 9, y, x) + "?as_of=2020-10-15").data


def test_tiles_show_what_items_say(client):
    y, x = tile_at(113.02, 34.75, 12)
    shown = {f["properties"]["feature_id"]: f["properties"] for f in features(client, "village", 12, y, x)}
    assert shown
    for feature_id, properties in shown.items():
        item = client.get(f"/api/collections/village/items/{feature_id}").get_json(force=True)["properties"]
        for name in properties.keys() - {"feature_id"}:
            assert properties[name] == item[name], name


def test_every_site_is_counted_once_in_the_bins(client):
    total = client.get("/api/collections/site/items?limit=1").get_json(force=True)["numberMatched"]
    kinds = layers.load().get("site").column("kind").codes
    for z in (0, 5, 8, 9, 11):
        found = [f for y, x in tiles_of((111.4, 33.4, 115.6, 36.3), z) for f in features(client, "site", z, y, x)]
        assert sum(f["properties"]["n"] for f in found) == total, z
        side = TILESET.extent // TILESET.bins
        for feature in found:
            by_kind = sum(feature["properties"].get(f"n_{kind}", 0) for kind in kinds)
            assert by_kind == feature["properties"]["n"]
            for place in feature["geometry"]["coordinates"]:
                assert 0 < place < TILESET.extent
                assert place % side == side / 2  # the middle of a bin
        per_tile = [len(features(client, "site", z, y, x)) for y, x in tiles_of(CITY, z)]
        assert max(per_tile) <= TILESET.bins**2


def test_sites_are_features_from_zoom_12(client):
    site = client.get("/api/collections/site/items?limit=1").get_json(force=True)["features"][0]
    y, x = tile_at(*site["geometry"]["coordinates"], 12)
    found = {f["properties"]["feature_id"]: f["properties"] for f in features(client, "site", 12, y, x)}
    assert found[site["id"]]["kind"] == site["properties"]["kind"]
    assert "name" not in found[site["id"]]
    y, x = tile_at(*site["geometry"]["coordinates"], 14)
    close = {f["properties"]["feature_id"]: f["properties"] for f in features(client, "site", 14, y, x)}
    assert close[site["id"]]["name"] == site["properties"]["name"]


@pytest.mark.parametrize("layer", [layer.id for layer in layers.load() if layer.has_tiles])
@pytest.mark.parametrize("z", [8, 11, 13])
def test_geometry_stays_inside_the_tile_and_its_margin(client, layer, z):
    y, x = tile_at(113.65, 34.75, z)
    low, high = -TILESET.buffer - 1, TILESET.extent + TILESET.buffer + 1

    def numbers(part):
        return [n for piece in part for n in numbers(piece)] if isinstance(part, list | tuple) else [part]

    for feature in features(client, layer, z, y, x):
        assert all(low <= number <= high for number in numbers(feature["geometry"]["coordinates"]))


def test_grid_squares_wait_for_zoom_11(client):
    y, x = tile_at(113.02, 34.75, 10)
    assert features(client, "grid_square", 10, y, x) == []
    y, x = tile_at(113.02, 34.75, 11)
    assert len(features(client, "grid_square", 11, y, x)) > 100


def test_sketches_say_so(client):
    found = [f["properties"] for y, x in tiles_of(CITY, 9) for f in features(client, "zone", 9, y, x)]
    assert {zone["is_sketch"] for zone in found} == {True, False}
    assert {zone["kind"] for zone in found} >= {"coal_free", "machinery_restricted"}


def test_findings_follow_the_day(client):
    y, x = tile_at(*village(client), 9)

    def rules(query):
        return {f["properties"]["rule_id"] for f in features(client, "finding", 9, y, x, query)}

    assert "COAL-01" in rules("")
    assert "COAL-01" not in rules("?as_of=2019-06-01")


def test_the_first_view_is_small(client):
    shown = [layer.id for layer in layers.load() if layer.first_view]
    for z in (8, 9, 10):
        total = 0
        for layer in shown:
            for y, x in tiles_of(CITY, z):
                response = client.get(TILE.format(layer, z, y, x), headers={"Accept-Encoding": "gzip"})
                total += len(response.data)
        assert total < 500_000, z


def test_a_known_tile_is_not_sent_again(client):
    address = TILE.format("village", 9, *tile_at(113.02, 34.75, 9))
    first = client.get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    other_day = client.get(address + "?as_of=2019-06-01", headers={"If-None-Match": first.headers["ETag"]})
    assert other_day.status_code == 200
    assert other_day.headers["ETag"] != first.headers["ETag"]


def test_tiles_are_gzipped_for_those_who_take_them(client):
    address = TILE.format("village", 9, *tile_at(113.02, 34.75, 9))
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding, Cookie"
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_tiles_describe_themselves(client):
    found = client.get("/api/collections/village/tiles/WebMercatorQuad").get_json(force=True)
    assert found["vector_layers"][0]["id"] == "village"
    assert "cover_class" in found["vector_layers"][0]["fields"]
    assert found["tiles"] == ["/api/collections/village/tiles/WebMercatorQuad/{z}/{y}/{x}"]
    tilesets = client.get("/api/collections/village/tiles").get_json(force=True)["tilesets"]
    assert len(tilesets) == 1


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/api/collections/village/tiles/WebMercatorQuad/9/600/0", 400, "row and column go from 0 to 511"),
        ("/api/collections/village/tiles/WebMercatorQuad/9/0/512", 400, "row and column go from 0 to 511"),
        ("/api/collections/village/tiles/WebMercatorQuad/19/0/0", 404, "tiles go up to zoom 18"),
        ("/api/collections/village/tiles/WebMercatorQuad/99999999/0/0", 404, "tiles go up to zoom 18"),
        ("/api/collections/village/tiles/WebMercatorQuad/-1/0/0", 404, "there is no /api/"),
        ("/api/collections/village/tiles/WGS84/1/0/0", 404, "there is no /api/"),
        ("/api/collections/place_mention/tiles/WebMercatorQuad/1/0/0", 404, "has no place on the map"),
        ("/api/collections/village/tiles/WebMercatorQuad/9/200/400?as_of=heute", 400, "no day"),
    ],
)
def test_a_tile_that_cannot_be(client, address, status, said):
    response = client.get(address)
    assert response.status_code == status
    assert said in response.get_json(force=True)["detail"]


def test_a_map_that_opens_on_another_day_is_judged_once(app, city, bureau_token):
    addresses = [TILE.format("finding", 9, y, x) + "?as_of=2020-09-09" for y, x in tiles_of(CITY, 9)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda address: accounts.carry(app.test_client(), bureau_token).get(address).status_code, addresses
            )
        )
    assert answers == [200] * len(addresses)
    with city.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.run WHERE as_of = '2020-09-09'")
        assert cursor.fetchone() == (1,)
