"""Measure how fast brought files are read, and that memory does not grow with their rows.

    python -m tests.benchmarks.reading [FORMAT ROWS]…

Without arguments: CSV with 100,000 and 1,000,000 rows, XLSX, GeoPackage, GeoJSON and Shapefile with 100,000. Each file
is made first, then read once in a process of its own, so that its peak of resident memory is its own: what opening and
reading it added to what the process held with everything imported. The rows are a ledger of ten columns.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from openpyxl import Workbook

from gridmap.ingest.reading import open_incoming

CASES = (("csv", 1_000), ("csv", 100_000), ("csv", 1_000_000), ("xlsx", 1_000), ("xlsx", 100_000), ("geopackage", 100_000),
         ("geojson", 100_000), ("shapefile", 100_000))  # fmt: skip
HEADER = ("序号", "名称", "编码", "乡镇", "地址", "负责岗位", "用煤量（吨）", "日期", "经度", "纬度")
SUFFIX = {"csv": "csv", "xlsx": "xlsx", "geopackage": "gpkg", "geojson": "geojson", "shapefile": "zip"}


def main() -> None:
    """Make, read, print a table."""
    if len(sys.argv) == 3 and sys.argv[1] == "read":
        print(json.dumps(read(Path(sys.argv[2]))))
        return
    asked = list(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True)) or list(CASES)
    print("| format | rows | file, MB | opening, s | reading, s | rows/s | memory added, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in asked:
            path = Path(folder) / f"a.{SUFFIX[kind]}"
            make(kind, number, path)
            command = [sys.executable, "-m", "tests.benchmarks.reading", "read", str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            assert found["rows"] == number
            size, whole = path.stat().st_size / 1e6, found["opening_s"] + found["reading_s"]
            print(
                f"| {kind} | {number:,} | {size:.1f} | {found['opening_s']:.2f} | {found['reading_s']:.2f} "
                f"| {number / whole:,.0f} | {found['added_mb']:.1f} |",
                flush=True,
            )
            path.unlink()


def read(path: Path) -> dict[str, float]:
    """Return rows, seconds and the memory that reading a file adds."""
    from pyproj import CRS

    CRS.from_epsg(4490)
    before = _peak_mb()
    start = time.perf_counter()
    opened = open_incoming(path)
    ready = time.perf_counter()
    rows = sum(row.fault is None for row in opened.rows(opened.sheets[0]))
    end = time.perf_counter()
    opened.close()
    return {"rows": rows, "opening_s": ready - start, "reading_s": end - ready, "added_mb": _peak_mb() - before}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rows_of(number: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the ledger."""
    for i in range(number):
        code = f"410181{i % 1_000_000:06}"
        town, place = f"第{i % 97}镇", f"某路{i}号院内东侧"
        yield (
            i,
            f"散煤销售点{i}",
            code,
            town,
            place,
            f"网格员-{i}",
            i % 50 + 0.5,
            "2020-10-15",
            112.5 + i % 1000 / 1e3,
            34.7,
        )


def make(kind: str, number: int, path: Path) -> None:
    """Write a file of so many rows."""
    if kind == "csv":
        with path.open("w", encoding="gb18030") as file:
            file.write(",".join(HEADER) + "\n")
            file.writelines(",".join(map(str, row)) + "\n" for row in rows_of(number))
    elif kind == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("台账")
        sheet.append(["台账"])
        sheet.append(HEADER)
        for row in rows_of(number):
            sheet.append(row)
        book.save(path)
    elif kind == "geojson":
        with path.open("w") as file:
            file.write('{"type":"FeatureCollection","features":[\n')
            for i, row in enumerate(rows_of(number)):
                point = {"type": "Point", "coordinates": row[8:]}
                feature = {"type": "Feature", "properties": dict(zip(HEADER, row, strict=True)), "geometry": point}
                file.write((",\n" if i else "") + json.dumps(feature, ensure_ascii=False))
            file.write("]}")
    else:
        _make_with_gdal(kind, number, path)


def _make_with_gdal(kind: str, number: int, path: Path) -> None:
    columns = list(zip(*rows_of(number), strict=True))
    data = [np.array(column, dtype=object if isinstance(column[0], str) else None) for column in columns]
    points = shapely.to_wkb(shapely.points(np.array(columns[8], float), np.array(columns[9], float)))
    options = {"geometry_type": "Point", "crs": "EPSG:4490"}
    if kind == "geopackage":
        pyogrio.raw.write(str(path), points, data, list(HEADER), driver="GPKG", **options)
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.shp"
        fields = [f"c{i}" for i in range(len(HEADER))]
        pyogrio.raw.write(str(target), points, data, fields, driver="ESRI Shapefile", encoding="UTF-8", **options)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in Path(folder).iterdir():
                archive.write(part, part.name)


if __name__ == "__main__":
    main()
