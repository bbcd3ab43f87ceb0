"""Measure how fast ledgers come in, and in how much memory, against bare COPY and geopandas.to_postgis.

    python -m tests.benchmarks.importing [ROWS]...

Makes a scratch database with the demo city and a CSV of so many sites (100,000 by default), then, each in a process of
its own so that peak memory is its own:

- copy: COPY of the ready columns into a table without key, index, check or trigger: what the disk allows
- copy to site: COPY of the same rows into gridmap.site, with its checks, indexes, generated columns and triggers
- to_postgis: pandas.read_csv, geopandas.points_from_xy and GeoDataFrame.to_postgis into a new table
- ours, dry run: read, judge and compare; ours, import: the same and write site, enterprise and the images for undo
- ours, again: the same file once more, which finds nothing new
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gridmap.db.session import connect, transaction
from gridmap.domain.incoming import ReadingLimits
from gridmap.ingest.importing import ImportOptions, apply_import, plan_import
from gridmap.ingest.importing.plan import sha256_of
from gridmap.ingest.reading import open_incoming
from tests import databases

HEADER = ("编号", "企业名称", "行业", "县（市、区）", "地址", "统一社会信用代码", "成立日期", "经度", "纬度")
SEED = 32
INDUSTRIES = ("机械加工", "家具制造", "包装印刷", "塑料制品", "食品加工", "建材制品")


def main() -> None:
    """Make files and a database, run every step in its own process, print a table."""
    sizes = [int(text) for text in sys.argv[1:]] or [100_000]
    with databases.temporary("importing") as url, TemporaryDirectory() as folder:
        databases.fill_city(url)
        for rows in sizes:
            path = Path(folder) / f"sites_{rows}.csv"
            make_file(url, path, rows)
            click.echo(f"{rows:,} rows, {path.stat().st_size / 1e6:.1f} MB")
            for step in STEPS:
                done = subprocess.run(
                    [sys.executable, "-m", "tests.benchmarks.importing", "--step", step, url, str(path)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                click.echo(f"  {step:14s} {done.stdout.strip()}")


def make_file(url: str, path: Path, rows: int) -> None:
    """Write a CSV of sites near those of the demo city, so that every one lies in a county."""
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT public.ST_X(s.geom), public.ST_Y(s.geom) AS y, r.name FROM gridmap.site AS s "
            "INNER JOIN gridmap.region AS r ON r.code = s.county_code AND r.level = 'county' WHERE s.is_demo"
        )
        places = cursor.fetchall()
    conn.close()
    dice = random.Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            lon, lat, county = dice.choice(places)
            writer.writerow([
                f"bench-{rows}-{number}", f"演示企业{number}", dice.choice(INDUSTRIES), county, f"演示路{number % 1000}号",
                "", f"20{dice.randrange(10, 20)}-0{dice.randrange(1, 10)}-{dice.randrange(10, 29)}",
                round(lon + dice.uniform(-2e-3, 2e-3), 7), round(lat + dice.uniform(-2e-3, 2e-3), 7),
            ])  # fmt: skip


def copy_plain(url: str, path: Path) -> None:
    """COPY into a table that has nothing but columns."""
    conn = connect(url)
    with transaction(conn) as cursor, path.open(encoding="utf-8") as file:
        cursor.execute(
            "CREATE TABLE bench_copy (id text, name text, industry text, county text, address text, credit text, "
            "set_up_on date, lon double precision, lat double precision)"
        )
        cursor.copy_expert("COPY bench_copy FROM STDIN (FORMAT csv, HEADER)", file)
        cursor.execute("DROP TABLE bench_copy")


def copy_to_site(url: str, path: Path) -> None:
    """COPY into gridmap.site, and take it back."""
    conn = connect(url)
    with transaction(conn) as cursor, path.open(encoding="utf-8") as file:
        cursor.execute(
            "CREATE TEMP TABLE bench_copy (id text, name text, industry text, county text, address text, credit text, "
            "set_up_on date, lon double precision, lat double precision) ON COMMIT DROP"
        )
        cursor.copy_expert("COPY bench_copy FROM STDIN (FORMAT csv, HEADER)", file)
        cursor.execute(
            "INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source) "
            "SELECT id, 'enterprise', name, '410181', ST_SetSRID(ST_MakePoint(lon, lat), 4490), 50, 'file', 'bench' "
            "FROM bench_copy"
        )
        conn.rollback()
        cursor.execute("SELECT 1")


def to_postgis(url: str, path: Path) -> None:
    """Read with pandas and write with geopandas."""
    import geopandas
    import pandas
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: connect(url))
    frame = pandas.read_csv(path)
    points = geopandas.points_from_xy(frame["经度"], frame["纬度"], crs=4490)
    geopandas.GeoDataFrame(frame, geometry=points).to_postgis(
        "bench_geopandas", engine, if_exists="replace", chunksize=10_000
    )
    with engine.begin() as conn:
        conn.execute(sqlalchemy.text("DROP TABLE bench_geopandas"))


def ours(url: str, path: Path, *, write: bool) -> None:
    """Plan, and write when asked to."""
    conn = connect(url)
    incoming = open_incoming(path, name=path.name, limits=ReadingLimits())
    began = time.perf_counter()
    plan = plan_import(
        conn, "site", incoming, file_name=path.name, sha256=sha256_of(path),
        options=ImportOptions(kind="enterprise", crs="wgs84"),
    )  # fmt: skip
    if not plan.report.is_clean:
        raise SystemExit(f"{plan.report.counts} {plan.report.blocking[:3]} {plan.report.faults[:3]}")
    planned = time.perf_counter() - began
    if write:
        batch_id = apply_import(conn, plan)
        click.echo(f"(planned in {planned:.1f} s, batch {batch_id}) ", nl=False)
    conn.close()


STEPS: dict[str, Callable[[str, Path], None]] = {
    "copy": copy_plain,
    "copy to site": copy_to_site,
    "to_postgis": to_postgis,
    "ours, dry run": lambda url, path: ours(url, path, write=False),
    "ours, import": lambda url, path: ours(url, path, write=True),
    "ours, again": lambda url, path: ours(url, path, write=True),
}


def run_step(step: str, url: str, path: Path) -> None:
    """Run one step and tell its time and peak memory."""
    rows = int(path.stem.rpartition("_")[2])
    base = peak_mb()
    began = time.perf_counter()
    STEPS[step](url, path)
    seconds = time.perf_counter() - began
    click.echo(f"{seconds:7.1f} s {rows / seconds:10,.0f} rows/s, peak {peak_mb():.0f} MB ({base:.0f} MB before)")


def peak_mb() -> float:
    """Return the most memory this process has held, MB; the figure of getrusage is its parent's too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


if __name__ == "__main__":
    if "--step" in sys.argv:
        run_step(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main()
