"""Measure how fast sites are judged against zones, beside the same join without geometry and beside other engines.

    python -m tests.benchmarks.judge_points [NUMBER_OF_SITES ...] [--zones 200] [--repeat 3] [--keep NAME]

Without numbers: 100,000 and then 1,000,000 sites, so that growth shows. Sites and zones are made with a seed in a
scratch database on the server of GRIDMAP_DATABASE_URL (or the private cluster), dropped afterwards. Every engine gets
the coordinates that the database holds, in metres. Each method runs as often as --repeat says (the slowest once), in turns, and
its best time counts; reading the input is not counted, producing the pairs is. All answers are compared, pair by pair.

DuckDB and SedonaDB take part when they are installed: pip install 'gridmap[bench]'.
"""

from __future__ import annotations

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
import geopandas
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gridmap.db.migrate import migrate
from gridmap.db.session import Connection, connect, snapshot, transaction
from gridmap.domain.zone import ZoneDraft
from gridmap.store import zones
from tests import databases
from tests.benchmarks import rivals

DAY = dt.date(2020, 10, 15)
KINDS = ("coal_free", "no_burn", "machinery_restricted", "built_up", "heating_coverage", "gas_coverage")
# metres of EPSG:4547: about the city
WEST, SOUTH, EAST, NORTH = 400_000, 3_800_000, 520_000, 3_880_000

SITES = """
INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, is_demo, source)
SELECT
    'bench-' || i, 'machine', '演示机械' || i, '4101' || (ARRAY['02', '03', '05', '22', '81', '85'])[1 + i %% 6],
    ST_Transform(ST_SetSRID(
        ST_MakePoint(%(west)s + random() * (%(east)s - %(west)s), %(south)s + random() * (%(north)s - %(south)s)), 4547
    ), 4490),
    20, 'demo', true, 'benchmark'
FROM generate_series(%(first)s, %(last)s) AS i
ORDER BY i
"""

BY_SQUARES = """
SELECT 'BENCH-01'::text AS rule_id, v.county_code, v.site_id, v.zone_id, v.zone_name, v.kind
FROM site_in_zone AS v WHERE v.inside
"""
WITH_NEARNESS = """
SELECT 'BENCH-01'::text AS rule_id, v.county_code, v.site_id, v.zone_id, v.zone_name, v.kind, v.inside,
    v.near_boundary, v.distance_to_boundary_m
FROM site_in_zone AS v
"""
# the same relations, the same columns written: what no index of geometry can beat
FLOOR = """
SELECT 'BENCH-01'::text AS rule_id, s.county_code, s.site_id, z.zone_id, z.name AS zone_name, z.kind
FROM snapshot.site AS s
INNER JOIN gridmap.zone_cell AS c ON c.cell_key = s.cell_key
INNER JOIN snapshot.zone AS z ON z.zone_id = c.zone_id
WHERE c.is_filled OR c.piece_m IS NOT NULL
"""
PLAIN = """
SELECT 'BENCH-01'::text AS rule_id, s.county_code, s.site_id, z.zone_id, z.name AS zone_name, z.kind
FROM snapshot.site AS s
INNER JOIN snapshot.zone AS z ON ST_Intersects(z.geom_m, s.geom_m)
"""


@dataclass
class Method:
    """One way to judge: run() makes the pairs and answer() tells them, sorted, as site number and zone_id."""

    name: str
    run: Callable[[], Any]
    answer: Callable[[Any], np.ndarray[Any, Any]] | None = None
    turns: int | None = None
    seconds: list[float] = field(default_factory=list)
    equal: str = ""

    @property
    def best(self) -> float:
        return min(self.seconds)


@click.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--zones", "zone_count", default=200)
@click.option("--repeat", default=3)
@click.option("--only", multiple=True, help="Part of a method's name; may be given several times.")
@click.option("--keep", help="Keep the scratch database under this name, or use the one that is there.")
def main(numbers: tuple[int, ...], zone_count: int, repeat: int, only: tuple[str, ...], keep: str | None) -> None:
    """Fill, measure, compare, print tables."""
    if keep:
        url = databases.with_database(databases.server_url(), keep)
        with databases.admin() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [keep])
            there = cursor.fetchone() is not None
        if not there:
            databases.create(keep)
        measure(url, numbers or (100_000, 1_000_000), zone_count, repeat, only)
        return
    with databases.temporary("judge") as url:
        measure(url, numbers or (100_000, 1_000_000), zone_count, repeat, only)


def measure(url: str, numbers: tuple[int, ...], zone_count: int, repeat: int, only: tuple[str, ...]) -> None:
    """Judge growing numbers of sites and print a table for each, then how the times grew."""
    migrate(url)
    conn = connect(url)
    try:
        fill_zones(conn, zone_count)
        tables = []
        for number in sorted(numbers):
            fill_sites(conn, number)
            tables.append((number, judge(conn, number, repeat, only)))
        if len(tables) > 1:
            (few, small), (many, large) = tables[0], tables[-1]
            click.echo(f"\ngrowth from {few:,} to {many:,} sites ({many / few:.0f} times as many)")
            before = {method.name: method.best for method in small}
            for method in large:
                click.echo(f"  {method.name:52} {method.best / before[method.name]:6.1f} times the time")
    finally:
        conn.close()


def fill_zones(conn: Connection, count: int) -> None:
    """Publish zones of 500 to 5,000 vertices, wavy discs of 2 to 12 km, and say what saving them took."""
    made = np.random.default_rng(20201015)
    to_degrees = Transformer.from_crs(4547, 4490, always_xy=True)
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.zone")
        if cursor.fetchone()[0]:
            return
        took = []
        for number in range(count):
            vertices = int(made.integers(500, 5001))
            around = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
            radius = made.uniform(2000, 12_000) * (
                1 + 0.15 * np.sin(made.integers(2, 7) * around + made.uniform(0, 6))
                + 0.05 * np.sin(made.integers(20, 60) * around) + made.normal(0, 0.002, vertices)
            )  # fmt: skip
            x = made.uniform(WEST + 5000, EAST - 5000) + radius * np.cos(around)
            y = made.uniform(SOUTH + 5000, NORTH - 5000) + radius * np.sin(around)
            outline = shapely.Polygon(np.c_[to_degrees.transform(x, y)])
            draft = ZoneDraft(
                lineage=f"bench_{number}", kind=KINDS[number % len(KINDS)], name=f"演示区域{number}",
                county_code="410100", issuer="演示", document="演示", begins_on=dt.date(2019, 1, 1), source="benchmark",
                position_error_m=20.0, boundary_wkb=shapely.to_wkb(shapely.MultiPolygon([outline])),
            )  # fmt: skip
            start = time.perf_counter()
            zones.publish(cursor, zones.insert_draft(cursor, draft))
            took.append(time.perf_counter() - start)
        cursor.execute(
            "SELECT (SELECT sum(ST_NPoints(geom_m)) FROM gridmap.zone) AS vertices, count(*) AS cells, "
            "count(*) FILTER (WHERE is_filled) AS filled, count(piece_m) AS pieces, avg(ST_NPoints(piece_m)) AS each "
            "FROM gridmap.zone_cell"
        )
        row = cursor.fetchone()
        click.echo(
            f"{count} zones, {row.vertices:,} vertices, saved and published in {sum(took):.1f} s "
            f"(median {statistics.median(took) * 1000:.0f} ms); {row.cells:,} squares: {row.filled:,} filled, "
            f"{row.pieces:,} with a piece of {row.each:.0f} vertices on average"
        )


def fill_sites(conn: Connection, number: int) -> None:
    """Bring the sites up to a number, as a load leaves them: with statistics, and pages known to be visible."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.site")
        there = cursor.fetchone()[0]
        if there >= number:
            return
        cursor.execute("SELECT setseed(0.5)")
        box = {"west": WEST, "south": SOUTH, "east": EAST, "north": NORTH}
        start = time.perf_counter()
        cursor.execute(SITES, {**box, "first": there + 1, "last": number})
    conn.autocommit = True
    try:
        with conn.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE gridmap.site, gridmap.zone, gridmap.zone_cell, gridmap.zone_edge")
            cursor.execute("CHECKPOINT")
    finally:
        conn.autocommit = False
    click.echo(f"{number - there:,} sites loaded in {time.perf_counter() - start:.0f} s")


def judge(conn: Connection, number: int, repeat: int, only: tuple[str, ...]) -> list[Method]:
    """Run all methods in turns, compare their answers with the plain join's and print the table."""
    points, areas = read_input(conn)
    methods = [
        Method("PostGIS: floor, join without geometry, written", written(conn, FLOOR)),
        Method("PostGIS: site_in_zone by squares, written", written(conn, BY_SQUARES), pairs_written(conn)),
        Method("PostGIS: site_in_zone with nearness, written", written(conn, WITH_NEARNESS), pairs_written(conn), 1),
        Method("PostGIS: plain ST_Intersects join, written", written(conn, PLAIN), pairs_written(conn), 1),
        # pairs only, nothing written: what the engines below do
        Method("PostGIS: floor, pairs summed", summed(conn, FLOOR)),
        Method("PostGIS: site_in_zone by squares, pairs summed", summed(conn, BY_SQUARES)),
        Method("geopandas sjoin, sites within zones", lambda: sjoin_within(points, areas), pairs_of_frame),
        Method("geopandas sjoin, zones intersect sites", lambda: sjoin_reverse(points, areas), pairs_of_reverse),
        *(Method(*rival) for rival in rivals.available(points, areas, pieces_of(conn))),
    ]
    if only:  # ours stays: the ratios are to it
        methods = [method for method in methods if "PostGIS: floor" in method.name or "by squares" in method.name
                   or any(part in method.name for part in only)]  # fmt: skip
    expected: np.ndarray[Any, Any] | None = None
    for turn in range(repeat):
        # those that take a minute have one turn; the first of all is the one the others are compared with
        for method in sorted(methods, key=lambda one: one.name != "PostGIS: plain ST_Intersects join, written"):
            if method.turns is not None and turn >= method.turns:
                continue
            gc.collect()
            start = time.perf_counter()
            result = method.run()
            method.seconds.append(time.perf_counter() - start)
            if turn == 0 and method.answer is not None:
                answer = method.answer(result)
                expected = answer if expected is None else expected
                method.equal = differences(answer, expected)
            del result
    report(methods, number, 0 if expected is None else len(expected))
    return methods


def read_input(conn: Connection) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """Return sites and zones as the database holds them, EPSG:4547."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT substr(site_id, 7)::int, ST_X(geom_m), ST_Y(geom_m) FROM gridmap.site ORDER BY 1")
        rows = np.array(cursor.fetchall(), dtype=float)
        cursor.execute("SELECT zone_id, ST_AsBinary(geom_m) FROM gridmap.zone ORDER BY 1")
        outlines = cursor.fetchall()
    points = geopandas.GeoDataFrame({"site": rows[:, 0].astype(int)}, geometry=shapely.points(rows[:, 1:]), crs=4547)
    areas = geopandas.GeoDataFrame(
        {"zone": [zone_id for zone_id, _ in outlines]},
        geometry=shapely.from_wkb([bytes(wkb) for _, wkb in outlines]), crs=4547,
    )  # fmt: skip
    return points, areas


def pieces_of(conn: Connection) -> geopandas.GeoDataFrame:
    """Return the zones cut into pieces of 64 vertices, which helps engines that index boxes only."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT zone_id, ST_AsBinary(ST_Subdivide(geom_m, 64)) FROM gridmap.zone ORDER BY 1")
        rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return geopandas.GeoDataFrame({"zone": [zone_id for zone_id, _ in rows]}, geometry=shapes, crs=4547)


def written(conn: Connection, query: str) -> Callable[[], None]:
    """Return a function that writes a query's rows into a table, as findings are written."""

    def run() -> None:
        with transaction(conn) as cursor:
            cursor.execute("DROP TABLE IF EXISTS gridmap.bench_finding")
        with transaction(conn) as cursor:
            # the settings of a snapshot, without its being read-only
            cursor.execute(
                "SELECT set_config('gridmap.as_of', %s, true), set_config('search_path', 'snapshot,public', true)",
                [DAY.isoformat()],
            )
            cursor.execute("CREATE UNLOGGED TABLE gridmap.bench_finding WITH (autovacuum_enabled = off) AS " + query)

    return run


def summed(conn: Connection, query: str) -> Callable[[], None]:
    """Return a function that makes a query's pairs and adds them up, writing nothing."""

    def run() -> None:
        with snapshot(conn, DAY) as cursor:
            cursor.execute(
                f"SELECT count(*) AS pairs, sum(q.zone_id) AS z, sum(length(q.site_id)) AS s FROM ({query}) AS q"
            )
            cursor.fetchone()

    return run


def pairs_written(conn: Connection) -> Callable[[None], np.ndarray[Any, Any]]:
    """Return a function that reads the pairs inside that were written last."""

    def answer(_: None) -> np.ndarray[Any, Any]:
        with snapshot(conn, DAY) as cursor:
            cursor.execute("SELECT * FROM gridmap.bench_finding LIMIT 0")
            inside = "WHERE inside" if "inside" in [column.name for column in cursor.description] else ""
            cursor.execute(
                f"SELECT array_agg(substr(site_id, 7)::int) AS s, array_agg(zone_id) AS z FROM gridmap.bench_finding {inside}"
            )
            return sorted_pairs(*cursor.fetchone())

    return answer


def sjoin_within(points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    # a frame keeps its index: a new one each time, so that building it counts as it does for everybody else
    return geopandas.sjoin(points.copy(deep=True), areas, predicate="within")


def sjoin_reverse(points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    return geopandas.sjoin(areas, points.copy(deep=True), predicate="intersects")


def pairs_of_frame(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    return sorted_pairs(frame["site"], frame["zone"])


pairs_of_reverse = pairs_of_frame


def sorted_pairs(sites: Any, zone_ids: Any) -> np.ndarray[Any, Any]:
    """Return pairs as sorted numbers, one number a pair."""
    return np.sort(np.asarray(sites, dtype=np.int64) * 100_000 + np.asarray(zone_ids, dtype=np.int64))


def differences(answer: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> str:
    """Say whether two answers are equal, or by how many pairs they differ."""
    return "equal" if np.array_equal(answer, expected) else f"{len(np.setxor1d(answer, expected))} differ"


def report(methods: list[Method], number: int, pairs: int) -> None:
    """Print best times and ratios to judging by squares."""
    floor, ours = methods[0].best, methods[1].best
    pairs_only = next(method.best for method in methods if method.name.endswith("by squares, pairs summed"))
    click.echo(f"\n{number:,} sites, {pairs:,} pairs inside")
    click.echo(f"{'method':52} {'best s':>8} {'all s':>22}  x ours  x ours, summed  x floor  pairs")
    for method in methods:
        every = " ".join(f"{seconds:.2f}" for seconds in method.seconds)
        click.echo(
            f"{method.name:52} {method.best:8.2f} {every:>22}  {method.best / ours:6.2f} {method.best / pairs_only:15.2f}"
            f" {method.best / floor:8.2f}"
            f"  {method.equal}"
        )


if __name__ == "__main__":
    main()
