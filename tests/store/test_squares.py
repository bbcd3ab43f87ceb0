"""Squares of a box: none is missing, and under row-level security the database searches by them."""

from __future__ import annotations

import random

import pytest
from psycopg2 import sql

from gridmap import layers
from gridmap.db.session import AREA_ROLE, snapshot, transaction
from gridmap.errors import UserError
from gridmap.store import nearest, squares, versions
from gridmap.store.layers import FeatureFilter, condition, list_features, select
from gridmap.store.tiles import TileCache, TileMaker

SITE = layers.load().get("site")
FINDING = layers.load().get("finding")
SITES = 20_000
HERE = (113.5, 34.6)


def test_every_point_of_a_box_lies_in_one_of_its_squares(conn):
    chance = random.Random(4547)
    with transaction(conn) as cursor:
        for _ in range(60):
            west, south = chance.uniform(111.6, 115.0), chance.uniform(33.6, 35.8)
            east, north = west + chance.uniform(0, 0.45), south + chance.uniform(0, 0.35)
            spread = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(20)]
            edge = [(x, y) for x in (west, east, (west + east) / 2) for y in (south, north)]
            cursor.execute(
                "SELECT count(*) FROM unnest(%s, %s) AS p (x, y) CROSS JOIN LATERAL ("
                "SELECT ST_SetSRID(ST_MakePoint(p.x, p.y), 4490) AS geom) AS q "
                "WHERE gridmap.square_of(q.geom) <> ALL(gridmap.squares_of(ST_MakeEnvelope(%s, %s, %s, %s, 4490)))",
                [[x for x, _ in spread + edge], [y for _, y in spread + edge], west, south, east, north],
            )
            assert cursor.fetchone()[0] == 0


def test_a_box_of_half_the_city_carries_no_squares_and_one_elsewhere_none_at_all():
    assert squares.within_box(SITE, (113.0, 34.3, 114.0, 35.0)) == sql.SQL("true")
    assert squares.within_box(layers.load().get("road"), (113.5, 34.5, 113.6, 34.6)) == sql.SQL("true")
    assert "ARRAY[]" in repr(squares.within_box(SITE, (0, 0, 1, 1)))
    assert "IS NULL" in repr(squares.within_box(FINDING, (113.5, 34.5, 113.6, 34.6)))


def test_a_layer_of_things_kept_to_the_area_tells_their_squares(conn):
    """Else its tiles would be searched row by row; a cell's outline is map, only its posts are kept."""
    by_area = {layer.id for layer in layers.load() if layer.has_tiles and versions.rights(conn, layer, "x") == "x"}
    assert by_area - {"grid_cell"} == {layer.id for layer in layers.load() if layer.by_square}


def test_what_is_the_same_for_all_is_found_by_the_policies(conn):
    same = {layer.id for layer in layers.load() if versions.rights(conn, layer, "x") == "all"}
    assert {"county", "township", "zone", "road", "village", "grid_square"} <= same
    assert same.isdisjoint({"site", "finding", "hotspot", "road_damage", "case_file"})


@pytest.fixture
def reader(conn):
    """Many sites in two counties; the connection asks on behalf of a reader of one of them."""
    with transaction(conn) as cursor:
        cursor.execute("ALTER TABLE gridmap.site DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source) "
            "SELECT 's' || i, 'machine', 'x', (ARRAY['410181', '410182'])[1 + i %% 2], ST_SetSRID(ST_MakePoint("
            "112.8 + (i * 0.618034 - floor(i * 0.618034)) * 1.2, 34.3 + i * 0.7 / %s), 4490), 0, 'x', 'x' "
            "FROM generate_series(1, %s) AS i",
            [SITES, SITES],
        )
        cursor.execute("ANALYZE gridmap.site")
        cursor.execute("SELECT set_config('gridmap.area_counties', '410181', true)")
        cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")
    return conn


def plan(conn, query, values=(), box=(113.5, 34.6, 113.52, 34.62)):
    with snapshot(conn) as cursor:
        squares.prefer(cursor, SITE, box)
        cursor.execute(sql.SQL("EXPLAIN (COSTS OFF) ") + query, values)
        return "\n".join(record[0] for record in cursor.fetchall())


def is_by_square(text):
    by_key = "Index Scan using site_cell_key_idx on site" in text and "Index Cond: (cell_key = ANY" in text
    return by_key and "Seq Scan on site" not in text and "Bitmap" not in text


@pytest.mark.parametrize(("z", "y", "x"), [(11, 815, 1669), (12, 1630, 3339), (14, 6520, 13357), (16, 26081, 53430)])
def test_a_tile_is_searched_by_its_squares(reader, z, y, x):
    maker = TileMaker(reader, TileCache(0), layers.load().tileset, SITE, None, "x")
    text = plan(reader, *maker.query(z, y, x))
    assert is_by_square(text), text


def test_only_a_reader_of_an_area_is_told_how_to_search(conn, reader):
    def bitmaps(box):
        with snapshot(conn) as cursor:
            squares.prefer(cursor, SITE, box)
            cursor.execute("SHOW enable_bitmapscan")
            found = cursor.fetchone()[0]
            cursor.execute("SET LOCAL enable_bitmapscan = on")
            return found

    small, large = (113.5, 34.6, 113.52, 34.62), (113.0, 34.3, 114.0, 35.0)
    assert (bitmaps(small), bitmaps(large), bitmaps(None)) == ("off", "on", "on")
    with transaction(conn) as cursor:
        cursor.execute("RESET ROLE")
    assert bitmaps(small) == "on"


def test_a_box_is_searched_by_its_squares(reader):
    box = (HERE[0], HERE[1], HERE[0] + 0.02, HERE[1] + 0.02)
    where, values = condition(SITE, FeatureFilter(bbox=box))
    text = plan(reader, sql.SQL("SELECT count(*) FROM {} WHERE {}").format(select(SITE), where), values)
    assert is_by_square(text), text
    found = {feature.id for feature in list_features(reader, SITE, FeatureFilter(bbox=box))}
    with transaction(reader) as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT site_id FROM gridmap.site WHERE county_code = '410181' "
            "AND ST_Intersects(geom_3857, ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857))",
            box,
        )
        assert found == {record[0] for record in cursor.fetchall()} != set()


def test_the_nearest_are_searched_by_the_squares_of_their_radius(reader):
    text = plan(reader, *nearest.query(HERE, nearest.EVERY, radius_m=1500.0, most=5, is_area=True))
    assert is_by_square(text), text
    found = [(site.site_id, site.distance_m) for site in nearest.list_nearest(reader, HERE, radius_m=1500, limit=5)]
    with transaction(reader) as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT site_id FROM gridmap.site WHERE county_code = '410181' ORDER BY ST_Distance("
            "geom_m, ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4490), 4547)), site_id LIMIT 5",
            HERE,
        )
        assert [site_id for site_id, _ in found] == [record[0] for record in cursor.fetchall()]
    assert [metres for _, metres in found] == sorted(metres for _, metres in found)


@pytest.mark.parametrize("radius_m", [0, -1, 10_001])
def test_a_radius_has_limits(conn, radius_m):
    with pytest.raises(UserError, match="radius"):
        nearest.list_nearest(conn, HERE, radius_m=radius_m, limit=5)
