"""How fast a layer goes out, and how much memory it takes, format by format, in one run.

    .venv/bin/python -m tests.benchmarks.exporting [--rows 100000] [--million]

A database of its own gets so many demo sites. Each format is written by a process of its own, whose processor time
("own s", without the database's) and highest resident memory are told, beside the memory of a process that writes a
single row: what is above it is what the rows cost. --million adds a CSV of a million rows and bare COPY beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gridmap import layers
from gridmap.db.session import connect, today, transaction
from gridmap.exports.formats import FORMATS, write
from gridmap.exports.options import Options
from gridmap.store.layers import FeatureFilter
from gridmap.store.outgoing import of_layer
from tests import databases

FILL = """
INSERT INTO gridmap.site (site_id, kind, name, county_code, address, geom, position_error_m, placed_by, is_demo, source)
SELECT
    'bench-' || lpad(n::text, 7, '0'), 'storage_yard', '演示堆场' || n, '410181', '某乡某村' || n || '号',
    ST_SetSRID(ST_MakePoint(112.8 + random() * 0.3, 34.5 + random() * 0.3), 4490), 10, 'test', true, '性能试验'
FROM generate_series(1, %s) AS n
"""


def main() -> None:
    """Fill, write, tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("URL", "FORMAT"), help=argparse.SUPPRESS)
    parser.add_argument("--name", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(*given.one, given.name)))
        return
    with databases.migrated("exporting") as url:
        _fill(url, given.rows)
        _table(url, given.rows, [form for form in FORMATS if form != "html"])
        if given.million:
            _fill(url, 1_000_000)
            _table(url, 1_000_000, ["csv"])
            _copy(url)


def _fill(url: str, rows: int) -> None:
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.site")
        cursor.execute(FILL, [rows])
    conn.autocommit = True
    with conn.cursor() as cursor:
        cursor.execute("ANALYZE gridmap.site")
    conn.close()


def _table(url: str, rows: int, forms: list[str]) -> None:
    print(f"{rows:,} sites\nformat     seconds     rows/s     own s   file MB   peak MB   of one row")
    for form in forms:
        least = _ask(url, form, "演示堆场1")
        found = _ask(url, form, None)
        assert (least["rows"], found["rows"]) == (1, rows), (least, found)
        print(
            f"{form:8} {found['seconds']:9.1f} {rows / found['seconds']:10,.0f} {found['own_s']:9.1f} {found['mb']:9.1f} "
            f"{found['peak_mb']:9.0f} {least['peak_mb']:9.0f}"
        )


def _ask(url: str, form: str, name: str | None) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.exporting",
        "--one",
        url,
        form,
        *(["--name", name] if name else []),
    ]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _one(url: str, form: str, name: str | None) -> dict[str, float]:
    conn = connect(url)
    wanted = FeatureFilter(columns={"name": [name]} if name else {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"site{FORMATS[form].suffix}"
        begun = time.perf_counter()
        told = write(of_layer(conn, layers.load().get("site"), wanted, on=today(conn)), FORMATS[form], path, Options())
        seconds = time.perf_counter() - begun
        size = path.stat().st_size / 1e6
    conn.close()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak, own = usage.ru_maxrss / 1000, usage.ru_utime + usage.ru_stime
    return {"rows": told.rows, "seconds": seconds, "own_s": own, "mb": size, "peak_mb": peak}


def _copy(url: str) -> None:
    """Tell how long PostgreSQL alone takes for the same columns of the table, unsorted and without words."""
    conn = connect(url)
    with tempfile.TemporaryFile() as file, conn.cursor() as cursor:
        begun = time.perf_counter()
        cursor.copy_expert(
            "COPY (SELECT site_id, name, kind, address, county_code, ST_X(geom), ST_Y(geom), position_error_m, placed_by, is_demo, source FROM gridmap.site) TO STDOUT (FORMAT csv, HEADER)",
            file,
        )
        seconds = time.perf_counter() - begun
    conn.close()
    print(f"bare COPY of eleven columns: {seconds:.1f} s, {1_000_000 / seconds:,.0f} rows/s")


if __name__ == "__main__":
    main()
