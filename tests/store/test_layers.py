"""What the API's tests on the demo city cannot show: versions of the data, and bins under a microscope."""

import datetime as dt

import mapbox_vector_tile
import pytest

from gridmap import layers
from gridmap.store.tiles import TileCache, TileMaker
from gridmap.store.versions import base_tables, layer_version
from tests import builders


def maker(conn, layer_id, cache=None, as_of=None):
    found = layers.load()
    return TileMaker(conn, cache or TileCache(10_000_000), found.tileset, found.get(layer_id), as_of, "city")


def decode(tile):
    return {name: part["features"] for name, part in mapbox_vector_tile.decode(tile.mvt).items()} if tile.mvt else {}


def test_base_tables_are_found_behind_the_views(conn):
    assert set(base_tables(conn, layers.load().get("village"))) >= {"village", "zone", "zone_unit", "region", "setting"}
    assert set(base_tables(conn, layers.load().get("road"))) == {"road", "setting"}
    assert {"finding", "run_finding", "run"} <= set(base_tables(conn, layers.load().get("finding")))


def test_a_change_of_the_data_makes_a_new_tile(conn):
    cache = TileCache(10_000_000)
    with conn.cursor() as cursor:
        builders.add_village(cursor, "410181113201", (1, 1))
    first = maker(conn, "village", cache).get(0, 0, 0)
    assert maker(conn, "village", cache).get(0, 0, 0) is first
    road = maker(conn, "road", cache).get(0, 0, 0)
    with conn.cursor() as cursor:
        builders.add_village(cursor, "410181113202", (2, 2))
    second = maker(conn, "village", cache).get(0, 0, 0)
    assert second.etag != first.etag
    assert len(decode(second)["village"]) == len(decode(first)["village"]) + 1
    assert maker(conn, "road", cache).get(0, 0, 0).etag == road.etag


def test_the_setting_today_is_part_of_the_version(conn):
    road = layers.load().get("road")
    with conn.cursor() as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
    today = layer_version(conn, road, None)
    assert today[0] == dt.date(2020, 10, 15)
    assert layer_version(conn, road, dt.date(2020, 10, 15)) == today
    assert layer_version(conn, road, dt.date(2019, 10, 15))[0] == dt.date(2019, 10, 15)


SITE = (
    "INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source) "
    "VALUES (%s, 'enterprise', 'x', '410181', ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 3857), 4490), 0, 'x', 'x')"
)
WORLD = 20037508.342789244


@pytest.mark.parametrize("z", [0, 3, 7, 11])
def test_points_on_the_edges_of_tiles_and_bins_are_counted_once(conn, z):
    side = 2 * WORLD / 2**11
    edge_x, edge_y = (int((12600000 + WORLD) / side) + 1) * side - WORLD, WORLD - int((WORLD - 4100000) / side) * side
    places = [
        (edge_x + dx * side / 64, edge_y + dy * side / 64)
        for dx in (-1, -0.5, -1e-9, 0, 1e-9, 0.5, 1)
        for dy in (-1, -0.5, -1e-9, 0, 1e-9, 0.5, 1)
    ]
    with conn.cursor() as cursor:
        cursor.execute("DELETE FROM gridmap.site")
        for number, (x, y) in enumerate(places):
            cursor.execute(SITE, [f"s{number}", x, y])
    scale = 2**z / (2 * WORLD)
    column, row = int((edge_x + WORLD) * scale), int((WORLD - edge_y) * scale)
    total = 0
    make = maker(conn, "site")
    for x in {max(column - 1, 0), column, min(column + 1, 2**z - 1)}:
        for y in {max(row - 1, 0), row, min(row + 1, 2**z - 1)}:
            total += sum(f["properties"]["n"] for f in decode(make.get(z, y, x)).get("site", []))
    assert total == len(places)
