"""Measure site tiles with 100,000 sites: bytes and milliseconds by zoom, and how many empty queries a tile costs.

    python -m tests.benchmarks.tiles_100k [NUMBER_OF_SITES]

Makes a scratch database on the server of GRIDMAP_DATABASE_URL (or the private cluster) and drops it afterwards. Sites
are seeded: half spread over the city, half crowded around its centre. Cold means without the cache of ready tiles.
"""

from __future__ import annotations

import gzip
import math
import statistics
import sys
import time
from collections.abc import Callable

import click

from gridmap import layers
from gridmap.db.session import Connection, connect, snapshot, transaction
from gridmap.store.tiles import TileCache, TileMaker
from tests import databases

CITY = (112.7, 34.2, 114.3, 35.0)
TILES_A_ZOOM = 40
SITES = """
INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, is_demo, source)
SELECT
    'bench-' || i, (ARRAY['enterprise', 'machine', 'coal_outlet', 'construction_site'])[1 + i %% 4],
    '演示对象' || i, '4101' || (ARRAY['02', '03', '05', '22', '81', '85'])[1 + i %% 6],
    ST_SetSRID(CASE i %% 2
        WHEN 0 THEN ST_MakePoint(112.75 + random() * 1.5, 34.25 + random() * 0.7)
        ELSE ST_MakePoint(113.65 + (random() + random() + random() - 1.5) * 0.25,
                          34.75 + (random() + random() + random() - 1.5) * 0.15)
    END, 4490),
    20, 'demo', true, 'benchmark'
FROM generate_series(1, %s) AS i
ORDER BY i
"""


def main() -> None:
    """Fill, measure, print a table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with databases.temporary("bench") as url:
        databases.fill_city(url)
        conn = connect(url)
        try:
            with transaction(conn) as cursor:
                cursor.execute("SELECT setseed(0.5)")
                cursor.execute(SITES, [number])
                cursor.execute("ANALYZE gridmap.site")
            empty = report_empty(conn)
            click.echo(
                "layer     zoom  tiles   bytes p50     max   gzip p50     max   ms p50    p95   x empty   cached ms"
            )
            for layer_id in ("site", "village"):
                for z in range(8, 15):
                    report(conn, layer_id, z, empty)
        finally:
            conn.close()


def report_empty(conn: Connection) -> float:
    """Return the milliseconds of a transaction on a day that asks nothing."""

    def ask() -> None:
        with snapshot(conn) as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    took = [timed(ask) for _ in range(200)]
    click.echo(f"empty query in a snapshot: p50 {statistics.median(took):.2f} ms, p95 {percentile(took):.2f} ms")
    return statistics.median(took)


def report(conn: Connection, layer_id: str, z: int, empty: float) -> None:
    """Measure tiles of a zoom from the centre outwards and print a line."""
    found = layers.load()
    maker = TileMaker(conn, TileCache(0), found.tileset, found.get(layer_id), None, "city")
    maker.get(0, 0, 0)
    cached = TileMaker(conn, TileCache(100_000_000), found.tileset, found.get(layer_id), None, "city")
    sizes, packed, took, again = [], [], [], []
    for y, x in tiles_of(z):
        took.append(timed(lambda y=y, x=x: maker.get(z, y, x)))
        tile = cached.get(z, y, x)
        again.append(timed(lambda y=y, x=x: cached.get(z, y, x)))
        sizes.append(len(tile.mvt))
        packed.append(len(gzip.compress(tile.mvt, 6)))
    middle = statistics.median
    click.echo(
        f"{layer_id:9} {z:4} {len(took):6} {middle(sizes):11.0f} {max(sizes):7} {middle(packed):10.0f} {max(packed):7} "
        f"{middle(took):8.1f} {percentile(took):6.1f} {middle(took) / empty:9.1f} {middle(again):11.2f}"
    )


def tiles_of(z: int) -> list[tuple[int, int]]:
    """Return up to TILES_A_ZOOM tiles (row, column) of the city, those nearest to its centre first."""

    def at(lon: float, lat: float) -> tuple[float, float]:
        y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
        return y, (lon + 180) / 360 * 2**z

    (south, west), (north, east), centre = at(*CITY[:2]), at(*CITY[2:]), at(113.65, 34.75)
    every = [(y, x) for y in range(int(north), int(south) + 1) for x in range(int(west), int(east) + 1)]
    every.sort(key=lambda tile: math.dist((tile[0] + 0.5, tile[1] + 0.5), centre))
    return every[:TILES_A_ZOOM]


def timed(action: Callable[[], object]) -> float:
    """Return how many milliseconds an action takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def percentile(values: list[float], share: float = 0.95) -> float:
    """Return a percentile of a list."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


if __name__ == "__main__":
    main()
