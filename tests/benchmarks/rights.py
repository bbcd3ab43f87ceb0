"""Measure what row-level security costs: the same questions asked by the city and by readers of an area.

    python -m tests.benchmarks.rights [NUMBER_OF_SITES]

Makes a scratch database on the server of GRIDMAP_DATABASE_URL (or the private cluster), fills it with the demo city and
1,000,000 seeded sites more, a tenth of them with a finding, and drops it afterwards. Half the sites are spread over the
responsibility cells by area, half evenly over the cells; they
are stored cell by cell, as imports of counties would store them, and their ids say nothing of their place. All readers ask the same tiles around one township, in turn.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable

import click

from gridmap import layers
from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, Connection, ask_for, connect, snapshot, transaction
from gridmap.layers import Layer
from gridmap.store.layers import FeatureFilter, count_features, list_features
from gridmap.store.legend import count_by_style
from gridmap.store.nearest import list_nearest
from gridmap.store.tiles import TileCache, TileMaker
from tests import databases

COUNTY = "410181"
TILES = 9
TIMES = 5
TRIGGER_ROWS = 5000

POINTS = """
CREATE TABLE bench_point AS
WITH cell AS (
    SELECT c.cell_code, left(coalesce(c.county_code, c.cell_code), 6) AS county_code, c.geom,
        ST_Area(c.geom) / sum(ST_Area(c.geom)) OVER () AS share, 1.0 / count(*) OVER () AS part
    FROM gridmap.grid_cell AS c WHERE c.kind = 'responsibility' AND c.level = 'township'
)
SELECT row_number() OVER (ORDER BY hashint4(p.path[1]), cell.cell_code) AS i, cell.cell_code, cell.county_code, p.geom
FROM cell
CROSS JOIN LATERAL ST_Dump(ST_GeneratePoints(cell.geom, ceil(%(n)s * (cell.share + cell.part) / 2)::integer, 7)) AS p
"""
SITES = """
INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, is_demo, source, cell_code)
SELECT 'bench-' || i, (ARRAY['enterprise', 'machine', 'coal_outlet', 'construction_site'])[1 + i %% 4],
    '演示对象' || i, county_code, geom, 20, 'demo', true, 'benchmark', cell_code
FROM bench_point WHERE i > %(low)s AND i <= %(high)s ORDER BY cell_code
"""
MACHINES = """
INSERT INTO gridmap.machine (site_id, machine_type, emission_stage)
SELECT s.site_id, '挖掘机', 3 FROM gridmap.site AS s WHERE s.site_id LIKE 'bench-%%' AND s.kind = 'machine'
"""
FINDINGS = """
INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, name, certainty, severity, status,
    facts, geom, opened_on, last_seen_on, first_run_id, last_run_id, cell_code)
SELECT md5(s.site_id), f.rule_id, s.county_code, 'site', s.site_id, s.name, 'breach', 'high', 'open', f.facts, s.geom,
    f.opened_on, f.last_seen_on, f.first_run_id, f.last_run_id, s.cell_code
FROM gridmap.site AS s
CROSS JOIN (SELECT * FROM gridmap.finding WHERE feature_kind = 'site' ORDER BY key LIMIT 1) AS f
WHERE s.site_id LIKE 'bench-%%0'
"""
FILLED = ("site", "machine", "finding")


def main() -> None:
    """Fill, measure, print tables."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with databases.temporary("bench") as url:
        databases.fill_city(url)
        owner = connect(url)
        fill(owner, number)
        centre, accesses = readers(owner)
        owner.close()
        conns = {name: reader(url, access) for name, access in accesses.items()}
        report(conns, centre)
        for conn in conns.values():
            conn.close()


def fill(conn: Connection, number: int) -> None:
    """Add the sites, say what the trigger that places a row costs, and gather statistics."""
    with transaction(conn) as cursor:
        cursor.execute(POINTS, {"n": number})
        with_trigger = timed(lambda: cursor.execute(SITES, {"low": 0, "high": TRIGGER_ROWS}))
        for table in FILLED:
            cursor.execute(f"ALTER TABLE gridmap.{table} DISABLE TRIGGER USER")  # names of this file
        without = timed(lambda: cursor.execute(SITES, {"low": TRIGGER_ROWS, "high": 2 * TRIGGER_ROWS}))
        cursor.execute(SITES, {"low": 2 * TRIGGER_ROWS, "high": 10 * number})
        cursor.execute(MACHINES)
        cursor.execute(FINDINGS)
    cost = (with_trigger - without) / TRIGGER_ROWS * 1000
    click.echo(f"triggers of a site: {cost:.0f} µs a row; without {without / TRIGGER_ROWS * 1000:.0f} µs a row")
    conn.autocommit = True
    with conn.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    conn.autocommit = False


def readers(conn: Connection) -> tuple[tuple[float, float], dict[str, Access]]:
    """Return the middle of a township and who asks; all of them may see it."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.cell_code, ST_X(p.at) AS lon, ST_Y(p.at) AS lat, gridmap.cells_below(ARRAY[c.cell_code]) AS cells "
            "FROM gridmap.grid_cell AS c CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS at) AS p "
            "WHERE c.level = 'township' AND c.kind = 'responsibility' AND left(c.cell_code, 6) = %s "
            "ORDER BY ST_Area(c.geom) DESC LIMIT 1",
            [COUNTY],
        )
        town = cursor.fetchone()
        cursor.execute("SELECT array_agg(DISTINCT county_code ORDER BY county_code) FROM bench_point")
        counties = cursor.fetchone()[0]
    # counties of the list that are not ours cost as much as ours
    twelve = tuple(([COUNTY] + [code for code in counties if code != COUNTY])[:12])
    return (town.lon, town.lat), {
        "city": Access(CITY_ROLE),
        "1 county": Access(AREA_ROLE, counties=(COUNTY,)),
        "12 counties": Access(AREA_ROLE, counties=twelve),
        "1 township": Access(AREA_ROLE, cells=tuple(town.cells)),
    }


def reader(url: str, access: Access) -> Connection:
    """Return a connection that asks on a reader's behalf."""
    conn = connect(url, access.role)
    ask_for(conn, access)
    return conn


def report(conns: dict[str, Connection], centre: tuple[float, float]) -> None:
    """Ask every question on everybody's behalf in turn; print medians and their ratio to the city's."""
    known = layers.load()
    site, finding = known.get("site"), known.get("finding")
    names = list(conns)
    click.echo(f"{'milliseconds p50':24}" + "".join(f"{name:>12}" for name in names) + "   ratio to the city's")
    for layer in (site, finding):
        for z in range(8, 15):
            measure(f"tile {layer.id} z{z}", conns, [tile(layer, z, y, x) for y, x in tiles_of(z, centre)] * rounds(z))
    everything = FeatureFilter()
    reach = 0.02
    box = FeatureFilter(bbox=(centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach))
    for layer in (site, finding):
        measure(f"list {layer.id} 100", conns, [lambda c, x=layer: list_features(c, x, everything, limit=100)] * TIMES)
        measure(
            f"list {layer.id} in a box", conns, [lambda c, x=layer: list_features(c, x, box, limit=100)] * (TIMES * 4)
        )
        measure(f"count {layer.id}", conns, [lambda c, x=layer: count_features(c, x, everything)] * TIMES)
        measure(f"count {layer.id} in a box", conns, [lambda c, x=layer: count_features(c, x, box)] * (TIMES * 4))
        measure(f"legend {layer.id}", conns, [lambda c, x=layer: count_by_style(c, x)] * TIMES)
    for radius_m in (1000.0, 5000.0):
        ask = [lambda c, r=radius_m: list_nearest(c, centre, radius_m=r, limit=50)] * (TIMES * 4)
        measure(f"nearest 50, {radius_m / 1000:.0f} km", conns, ask)
    measure("empty", conns, [empty] * 100)


def tile(layer: Layer, z: int, y: int, x: int) -> Callable[[Connection], object]:
    """Return the question of one tile, nothing kept."""
    tileset = layers.load().tileset

    def ask(conn: Connection) -> object:
        maker = TileMaker(conn, TileCache(0), tileset, layer, None, "benchmark")
        return maker.get(z, y, x)

    return ask


def empty(conn: Connection) -> object:
    """Ask nothing on a day."""
    with snapshot(conn) as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()


def measure(title: str, conns: dict[str, Connection], questions: list[Callable[[Connection], object]]) -> None:
    """Print the median of each reader over all questions, and the ratios."""
    took: dict[str, list[float]] = {name: [] for name in conns}
    for question in set(questions):
        for conn in conns.values():
            question(conn)
    for question in questions:
        for name, conn in conns.items():
            took[name].append(timed(lambda q=question, c=conn: q(c)))
    middle = {name: statistics.median(values) for name, values in took.items()}
    base = middle["city"]
    line = "".join(f"{value:12.2f}" for value in middle.values())
    click.echo(f"{title:24}{line}   " + "  ".join(f"{value / base:.2f}" for value in list(middle.values())[1:]))


def tiles_of(z: int, centre: tuple[float, float]) -> list[tuple[int, int]]:
    """Return tiles (row, column) around a position, nearest first: nine, or the one at low zooms."""
    lon, lat = centre
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    x = (lon + 180) / 360 * 2**z
    around = [(int(y) + dy, int(x) + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    around.sort(key=lambda tile: math.dist((tile[0] + 0.5, tile[1] + 0.5), (y, x)))
    return around[:TILES] if z >= 12 else around[:1]


def rounds(z: int) -> int:
    """Return how often the tiles of a zoom are asked for: one of the whole city takes seconds."""
    return 3 if z < 10 else 9 if z < 12 else 5


def timed(action: Callable[[], object]) -> float:
    """Return how many milliseconds an action takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
