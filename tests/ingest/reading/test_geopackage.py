"""GeoPackages: layers and tables, geometries that cannot be given on, and databases that would run something."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, box

from gridmap.ingest.reading import ReadingError, open_incoming, wkb
from tests.ingest.reading.made import (
    frame_of,
    put,
    rows_of,
    said,
    shape_of,
    wkt_of,
)


def geopackage(folder: Path) -> Path:
    path = folder / "a.gpkg"
    frame_of([Point(112, 34), None]).to_file(path, layer="点")
    frame_of([box(0, 0, 3, 3), MultiPolygon()], 4547).to_file(path, layer="面")
    table = pd.DataFrame({"a": [1, 2], "t": [pd.Timestamp("2020-01-01 08:00"), None], "b": [True, False]})
    pyogrio.write_dataframe(table, path, layer="表")
    return path


def test_layers_and_tables_of_a_geopackage(tmp_path: Path) -> None:
    opened = open_incoming(geopackage(tmp_path))
    points, areas, table = opened.sheets
    assert [(s.name, s.header, s.crs, s.has_geometry) for s in opened.sheets] == [
        ("点", ("fid", "名称", "n"), "EPSG:4490", True),
        ("面", ("fid", "名称", "n"), "EPSG:4547", True),
        ("表", ("fid", "a", "t", "b"), None, False),
    ]
    assert [(row.values, wkt_of(row)) for row in opened.rows(points)] == [
        ((1, "甲", 0), "POINT (112 34)"),
        ((2, "乙", 1), None),
    ]
    assert [shape_of(row).geom_type for row in opened.rows(areas)] == ["MultiPolygon", "MultiPolygon"]
    assert [row.values for row in opened.rows(table)] == [(1, 1, "2020-01-01 08:00:00", True), (2, 2, None, False)]


def blob(geometry: bytes, flags: int = 1) -> bytes:
    return b"GP\0" + bytes([flags]) + struct.pack("<i", 4490) + geometry


def with_rows(path: Path, rows: list[tuple[bytes | None, Any]]) -> Path:
    connection = sqlite3.connect(path)
    connection.create_function("ST_IsEmpty", 1, lambda _: 0)
    for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        connection.create_function(name, 1, lambda _: 0)
    with connection:
        connection.execute('DELETE FROM "点"')
        connection.executemany('INSERT INTO "点" (geom, "名称") VALUES (?, ?)', rows)
    connection.close()
    return path


LINE = struct.pack("<BIIdddd", 1, 2, 2, 0, 0, 1, 1)
SQUARE = shapely.to_wkb(box(0, 0, 1, 1))


@pytest.mark.parametrize(
    ("geometry", "wkt", "fault"),
    [
        (blob(struct.pack("<BI3d", 1, 1001, 1, 2, 3)), "POINT Z (1 2 3)", ""),
        (blob(struct.pack(">BI3d", 0, 2001, 1, 2, 3)), "POINT M (1 2 3)", ""),
        (blob(struct.pack("<BI2d", 1, 1, float("nan"), float("nan"))), "POINT EMPTY", ""),
        (blob(struct.pack("<BII", 1, 12, 1) + SQUARE), "MULTIPOLYGON (((1 0, 1 1, 0 1, 0 0, 1 0)))", ""),
        (blob(struct.pack("<BII", 1, 11, 1) + LINE), "MULTILINESTRING ((0 0, 1 1))", ""),
        (blob(LINE), "LINESTRING (0 0, 1 1)", ""),
        (blob(struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)), None, "a CircularString"),
        (blob(struct.pack("<BII", 1, 10, 0)), None, "a CurvePolygon"),
        (blob(struct.pack("<BII", 1, 12, 1) + struct.pack("<BII", 1, 10, 0)), None, "a CurvePolygon"),
        (blob(struct.pack("<BII", 1, 16, 0)), None, "a TIN"),
        (blob(struct.pack("<BI2d", 1, 1, float("inf"), 2)), None, "not finite"),
        (blob(struct.pack("<BII", 1, 2, 4_000_000_000)), None, "vertices"),
        (blob(struct.pack("<BII", 1, 2, 2)), None, "cut off"),
        (blob(LINE + b"x"), None, "bytes behind"),
        (blob(struct.pack("<BII", 1, 4, 1) + LINE), None, "of another type"),
        (blob(struct.pack("<BI", 1, 99)), None, "unknown"),
        (b"nothing", None, "not as a GeoPackage writes it"),
        (blob(LINE, 0b1011), None, ""),
        (blob((struct.pack("<BII", 1, 7, 1)) * 50), None, "too deep"),
    ],
)
def test_geometries_of_a_geopackage(tmp_path: Path, geometry: bytes, wkt: str | None, fault: str) -> None:
    path = with_rows(geopackage(tmp_path), [(geometry, "甲"), (blob(LINE), "乙")])
    bad, good = rows_of(path)
    assert (bad.values[1], wkt_of(bad)) == ("甲", wkt)
    assert fault in (bad.fault or "")
    assert (bad.fault is None) == (wkt is not None)
    assert wkt_of(good) == "LINESTRING (0 0, 1 1)"


def test_values_of_a_geopackage_that_are_none(tmp_path: Path) -> None:
    path = with_rows(geopackage(tmp_path), [(None, b"\0\1"), (None, "a\0b"), (None, "x" * 40_000)])
    connection = sqlite3.connect(path)
    with connection:
        connection.execute('UPDATE "表" SET a = 9e999')
        connection.execute("UPDATE gpkg_contents SET table_name = 'gone' WHERE table_name = '面'")
    connection.close()
    rows = rows_of(path)
    assert [row.values[1] for row in rows] == [None, "ab", "x" * 32_767]
    assert all(row.fault for row in rows)
    assert [row.fault for row in rows_of(path, 1)] == ["a is no finite number"] * 2


def test_views_triggers_and_computed_columns_do_nothing(tmp_path: Path) -> None:
    path = geopackage(tmp_path)
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE VIEW v AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r;"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'attributes', 'v');"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('gone\" --', 'attributes', 'w');"
        "CREATE TABLE c (a INTEGER, b TEXT GENERATED ALWAYS AS (hex(zeroblob(a))) VIRTUAL);"
        "INSERT INTO c (a) VALUES (1000000);"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('c', 'attributes', 'c');"
        "CREATE VIRTUAL TABLE f USING fts5(a);"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('f', 'attributes', 'f');"
    )
    connection.close()
    before = path.read_bytes()
    opened = open_incoming(path)
    sheets = {sheet.name: sheet for sheet in opened.sheets}
    assert set(sheets) == {"点", "面", "表", "c"}
    assert [row.values for row in opened.rows(sheets["c"])] == [(1_000_000,)]
    for part in ("“v”是视图", "“f”是视图", "“c”的计算列不读取：b"):
        assert part in said(opened.told)
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.gpkg"]


def test_contents_that_are_a_view_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE VIEW gpkg_contents AS SELECT 'sqlite_master' AS table_name, 'attributes' AS data_type, 0 AS srs_id"
    )
    connection.close()
    with pytest.raises(ReadingError, match="no GeoPackage"):
        open_incoming(path)


def test_a_cut_geopackage_says_so(tmp_path: Path) -> None:
    content = geopackage(tmp_path).read_bytes()
    for length in (20, 5000, len(content) // 2):
        path = put(tmp_path, "cut.gpkg", content[:length])
        with pytest.raises(ReadingError, match=r"damaged or cut off|no GeoPackage"):
            [rows_of(path, sheet) for sheet in range(3)]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 1),
    st.integers(0, 20),
    st.sampled_from([0, 1000, 2000, 3000, 1 << 31, 1 << 29]),
    st.binary(max_size=60),
)
def test_no_well_known_binary_is_too_strange(order: int, kind: int, more: int, noise: bytes) -> None:
    content = struct.pack("<BI" if order else ">BI", order, kind + more) + noise
    try:
        given_on, _ = wkb.checked(content, 1000)
    except wkb.GeometryFault:
        pass  # told, which is all that is asked
    else:
        assert shapely.from_wkb(given_on) is not None
