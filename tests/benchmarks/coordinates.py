"""Measure how many positions a second are converted, how exactly they come back, and how long a guess takes.

    python -m tests.benchmarks.coordinates [NUMBER_OF_POSITIONS]

Positions of the city by chance, 100,000 unless told. Beside ours stands pyproj for Gauss-Krüger, which is what we call,
and a plain loop over single positions, which is what a page calls for one.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj
import shapely

from gridmap.coordinates import convert, convert_geometries, from_gcj02, get_system
from gridmap.coordinates.guess import doubts, guess, read_reported
from tests.coordinates.test_guess import ground, inside

RUNS = 5
GEOD = pyproj.Geod(ellps="WGS84")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median seconds of a few runs, and what the last one returned."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def main() -> None:
    """Measure and print a table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(112.7, 114.2, number), rng.uniform(34.3, 35.0, number)
    wgs84 = get_system("wgs84")
    print(f"{number} positions, median of {RUNS} runs")
    print(f"{'system':<12}{'to it /s':>14}{'back /s':>14}{'round trip off by at most, m':>32}")
    for name in ("gcj02", "bd09", "EPSG:4547", "EPSG:4526"):
        system = get_system(name)
        there_s, there = timed(lambda system=system: convert(wgs84, system, lon, lat))
        back_s, back = timed(lambda system=system, there=there: convert(system, wgs84, *there))
        off_m = float(np.max(GEOD.inv(lon, lat, *back)[2]))
        print(f"{name:<12}{number / there_s:>14,.0f}{number / back_s:>14,.0f}{off_m:>32.2e}")
    transformer = pyproj.Transformer.from_crs(4490, 4547, always_xy=True)
    seconds, _ = timed(lambda: transformer.transform(lon, lat))
    print(f"pyproj alone to EPSG:4547: {number / seconds:,.0f} /s")
    singles = list(zip(lon[:2000].tolist(), lat[:2000].tolist(), strict=True))
    seconds, _ = timed(lambda: [from_gcj02(*one) for one in singles])
    print(f"gcj02, one by one: {len(singles) / seconds:,.0f} /s")
    shapes = shapely.buffer(shapely.points(lon[:10_000], lat[:10_000]), 0.001)
    seconds, _ = timed(lambda: convert_geometries(get_system("gcj02"), wgs84, shapes))
    print(f"gcj02, polygons: {int(shapely.get_num_coordinates(shapes).sum()) / seconds:,.0f} vertices /s")
    place, codes = inside(2_000)
    times = -(-number // len(place))
    many, counties = np.tile(place, (times, 1))[:number], (codes * times)[:number]
    reported = read_reported(*convert(wgs84, get_system("gcj02"), many[:, 0], many[:, 1]), counties)
    seconds, found = timed(lambda: guess(reported, ground()))
    print(f"guess of {number} rows: {seconds:.2f} s, {found.verdict} {found.best.key if found.best else ''}")
    seconds, told = timed(lambda: doubts(reported, ground(), wgs84))
    print(f"rows in doubt of {number}: {seconds:.2f} s, {len(told)}")


if __name__ == "__main__":
    main()
