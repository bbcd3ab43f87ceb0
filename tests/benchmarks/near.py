"""Measure how fast and how exactly the nearest 50 sites are found, against plain PostGIS and against looking at all.

    python -m tests.benchmarks.near [NUMBER_OF_SITES] [DATABASE_URL]

Makes a scratch database as tests/benchmarks/rights.py does (100,000 sites more than the demo city by default), or uses
one made before, and asks from the same positions, spread as the sites are:

- ours: gridmap.store.nearest, as the city and as an inspector of one county
- geography: ORDER BY geom::geography <-> point, with an index on the geography
- scan: the distance on the spheroid of every site, which is the truth that recall is measured by
- the route /api/near with all that it tells of each site, and the ranking by urgency within 2 km
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import click
from pyproj import Geod

from gridmap.app import create_app
from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, Connection, connect, transaction
from gridmap.inspecting.near import Asked, near
from gridmap.store.nearest import SPHEROID, SiteFilter, list_nearest
from tests import accounts, databases
from tests.benchmarks import rights

COUNTY = "410181"
K = 50
POSITIONS = 200
SCANS = 20
"""So many positions are compared with a scan: each takes seconds at a million sites."""

GEOGRAPHY_INDEX = "CREATE INDEX IF NOT EXISTS bench_geography ON gridmap.site USING gist ((geom::geography))"
GEOGRAPHY = (
    "SELECT s.site_id FROM gridmap.site AS s "
    "ORDER BY s.geom::geography <-> ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography LIMIT %s"
)
WITHIN = (
    "SELECT s.site_id FROM gridmap.site AS s "
    "WHERE ST_DWithin(s.geom::geography, ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography, 10000) "
    "ORDER BY ST_Distance(s.geom::geography, ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography) LIMIT %s"
)
SCAN = (
    "SELECT s.site_id FROM gridmap.site AS s "
    f"ORDER BY ST_DistanceSpheroid(s.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490), '{SPHEROID}'), s.site_id LIMIT %s"
)
Position = tuple[float, float]


def main() -> None:
    """Fill, measure, print a table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        report(sys.argv[2])
        return
    with databases.temporary("near") as url:
        databases.fill_city(url)
        owner = connect(url)
        rights.fill(owner, number)
        owner.close()
        report(url)


def report(url: str) -> None:
    """Measure everything in one database."""
    owner = connect(url)
    with transaction(owner) as cursor:
        cursor.execute(GEOGRAPHY_INDEX)
        cursor.execute("ANALYZE gridmap.site")
        cursor.execute("SELECT count(*) FROM gridmap.site")
        click.echo(f"{cursor.fetchone()[0]} sites, {POSITIONS} positions, the nearest {K}")
    everywhere, county = positions(owner, None), positions(owner, COUNTY)
    city = rights.reader(url, Access(CITY_ROLE))
    area = rights.reader(url, Access(AREA_ROLE, counties=(COUNTY,)))
    truth = {at: ids(owner, SCAN, (*at, K)) for at in everywhere[:SCANS]}
    base = measure("ours, city", everywhere, lambda at: list_nearest(city, at, limit=K))
    measure("ours, inspector", county, lambda at: list_nearest(area, at, limit=K), base)
    measure("ours, within 2 km", everywhere, lambda at: list_nearest(city, at, radius_m=2000, limit=K), base)
    sparse = SiteFilter(severities=("high",), unvisited_days=30)
    measure("ours, with findings, not visited", everywhere, lambda at: list_nearest(city, at, sparse, limit=K), base)
    measure("geography <->", everywhere, lambda at: ids(owner, GEOGRAPHY, (*at, K)), base)
    measure("geography, 10 km, sorted", everywhere[:SCANS], lambda at: ids(owner, WITHIN, (*at, *at, K)), base)
    measure("scan", everywhere[:SCANS], lambda at: ids(owner, SCAN, (*at, K)), base)
    measure("near() by distance", everywhere, lambda at: near(city, Asked(*at)), base)
    measure(
        "near() by urgency, 2 km", everywhere, lambda at: near(city, Asked(*at, radius_m=2000, rank="urgency")), base
    )
    ours = {at: [site.site_id for site in list_nearest(city, at, limit=K)] for at in truth}
    known = {at: ids(owner, GEOGRAPHY, (*at, K)) for at in truth}
    click.echo(f"recall against the scan: ours {recall(ours, truth):.4f}, geography <-> {recall(known, truth):.4f}")
    click.echo(f"farthest from pyproj's geodesic: {worst_error(city, everywhere):.9f} m")
    app = create_app(url)
    for title, role, place, where in (
        ("bureau", "bureau", None, everywhere),
        ("inspector", "inspector", COUNTY, county),
    ):
        client = accounts.carry(app.test_client(), accounts.enter(url, role, place))
        address = "/api/near?lon={}&lat={}&nearest=50"
        measure(f"GET /api/near, {title}", where, lambda at, c=client, a=address: c.get(a.format(*at)), base)
        measure(f"GET /near, {title}", where[:40], lambda at, c=client: c.get("/near?lon={}&lat={}".format(*at)), base)


def positions(conn: Connection, county: str | None) -> list[Position]:
    """Return positions some hundred metres from sites chosen at random, so that they are spread as the sites are."""
    chance = random.Random(2020)
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat FROM gridmap.site AS s "
            "WHERE %s IS NULL OR s.county_code = %s ORDER BY hashtext(s.site_id), s.site_id LIMIT %s",
            [county, county, POSITIONS],
        )
        return [
            (round(row.lon + chance.uniform(-0.005, 0.005), 6), round(row.lat + chance.uniform(-0.005, 0.005), 6))
            for row in cursor.fetchall()
        ]


def ids(conn: Connection, query: str, values: Sequence[object]) -> list[str]:
    """Return the ids that a query finds."""
    with transaction(conn) as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def recall(found: dict[Position, list[str]], truth: dict[Position, list[str]]) -> float:
    """Return the share of the true nearest that was found."""
    return statistics.mean(len(set(found[at]) & set(truth[at])) / len(truth[at]) for at in truth)


def worst_error(conn: Connection, where: Sequence[Position]) -> float:
    """Return the largest difference to pyproj's geodesic, metres."""
    geod = Geod(a=6378137.0, rf=298.257222101)
    return max(
        abs(geod.inv(*at, site.lon, site.lat)[2] - site.distance_m)
        for at in where[:40]
        for site in list_nearest(conn, at, limit=K)
    )


def measure(
    title: str, where: Sequence[Position], ask: Callable[[Position], object], base: float | None = None
) -> float:
    """Print median and 95th percentile, milliseconds, and the ratio of medians to ours; return the median."""
    for at in where[:5]:
        ask(at)
    took = sorted(timed(ask, at) for at in where)
    middle, slow = statistics.median(took), took[min(len(took) - 1, round(0.95 * len(took)))]
    ratio = f"  {middle / base:8.2f} × ours" if base else ""
    click.echo(f"{title:34} p50 {middle:9.2f} ms  p95 {slow:9.2f} ms  n={len(took)}{ratio}")
    return middle


def timed(ask: Callable[[Position], object], at: Position) -> float:
    """Return how many milliseconds a question takes."""
    start = time.perf_counter()
    ask(at)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
