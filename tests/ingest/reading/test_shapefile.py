"""Shapefiles in a zip: whole or without some of their parts, in every encoding and with every kind of shape."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from gridmap.ingest.reading import ReadingError, open_incoming, shp
from tests.ingest.reading.made import (
    dbf,
    frame_of,
    point,
    put,
    rows_of,
    said,
    shape_of,
    wkt_of,
    zipped,
)
from tests.ingest.reading.made import shp as shp_of


def shapefile(folder: Path, frame: gpd.GeoDataFrame, name: str, encoding: str = "UTF-8") -> dict[str, bytes]:
    frame.to_file(folder / f"{name}.shp", encoding=encoding)
    return {path.name: path.read_bytes() for path in folder.glob(f"{name}.*")}


def test_shapefiles_of_a_zip_are_sheets_in_whatever_folder(tmp_path: Path) -> None:
    points = shapefile(tmp_path, frame_of([Point(112, 34), None]), "销售点", "GB18030")
    areas = shapefile(tmp_path, frame_of([box(0, 0, 3, 3)], 4547), "b")
    members = {f"文件夹/{name}": content for name, content in {**points, **areas}.items()} | {"__MACOSX/._b.shp": b"x"}
    del members["文件夹/销售点.cpg"], members["文件夹/b.shx"], members["文件夹/b.prj"]
    opened = open_incoming(put(tmp_path, "a.zip", zipped(members)))
    sheets = {sheet.name: sheet for sheet in opened.sheets}
    assert {name: (sheet.header, sheet.crs) for name, sheet in sheets.items()} == {
        "销售点": (("名称", "n"), "EPSG:4490"),
        "b": (("名称", "n"), None),
    }
    first, second = opened.rows(sheets["销售点"])
    assert (first.values, wkt_of(first)) == (("甲", 0), "POINT (112 34)")
    assert (second.number, second.values, second.geometry) == (2, ("乙", 1), None)
    told = said(opened.told)
    assert "“b”缺少 .shx、.prj" in told
    assert "“销售点”的编码为 GB18030（" in told
    opened.close()


def test_polygons_keep_their_holes_and_islands(tmp_path: Path) -> None:
    ring = [[(1, 1), (2, 1), (2, 2), (1, 2)], [(4, 4), (8, 4), (8, 8), (4, 8)]]
    whole = MultiPolygon([Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], ring), box(5, 5, 7, 7)])
    members = shapefile(tmp_path, frame_of([whole, box(0, 0, 1, 1)], 4547), "a")
    rows = rows_of(put(tmp_path, "a.zip", zipped(members)))
    assert shape_of(rows[0]).equals(whole)
    assert [part.interiors.__len__() for part in shape_of(rows[0]).geoms] == [2, 0]


@pytest.mark.parametrize(
    ("kind", "wkt"),
    [
        ("Point Z", "POINT Z (1 2 3)"),
        ("LineString Z", "LINESTRING Z (0 0 1, 1 1 2)"),
        ("Polygon Z", "POLYGON Z ((0 0 1, 1 1 1, 1 0 1, 0 0 1))"),
        ("MultiPoint", "MULTIPOINT ((1 2), (3 4))"),
        ("MultiLineString", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"),
    ],
)
def test_shapes_that_gdal_writes_come_back(tmp_path: Path, kind: str, wkt: str) -> None:
    geometry = np.array([shapely.to_wkb(shapely.from_wkt(wkt), flavor="iso")], dtype=object)
    pyogrio.raw.write(
        str(tmp_path / "a.shp"), geometry, [np.array([1])], ["a"], geometry_type=kind, crs="EPSG:4490", driver="ESRI Shapefile"
    )  # fmt: skip
    members = {path.name: path.read_bytes() for path in tmp_path.glob("a.*")}
    (row,) = rows_of(put(tmp_path, "z.zip", zipped(members)))
    assert wkt_of(row) == wkt


def test_measures_are_kept(tmp_path: Path) -> None:
    records = [
        struct.pack("<i3d", 21, 1, 2, 7),
        struct.pack("<i4d", 11, 1, 2, 3, 7),
        struct.pack("<i3d", 21, 1, 2, -1e39),
    ]
    rows = rows_of(put(tmp_path, "a.zip", zipped({"a.shp": shp_of(21, records)})))
    assert [wkt_of(row) for row in rows] == ["POINT M (1 2 7)", "POINT ZM (1 2 3 7)", "POINT (1 2)"]


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (struct.pack("<i", 31) + b"\0" * 40, "MultiPatch"),
        (struct.pack("<i", 99), "type of shape 99"),
        (struct.pack("<idd", 1, float("nan"), 2), "not finite"),
        (struct.pack("<i", 1), "cut off"),
        (struct.pack("<i4dii", 5, 0, 0, 1, 1, -1, 5), "cut off"),
        (struct.pack("<i4dii", 5, 0, 0, 1, 1, 0, 2_000_000_000), "vertices"),
        (struct.pack("<i4diii", 3, 0, 0, 1, 1, 1, 2, 99) + b"\0" * 32, "cut off"),
        (struct.pack("<i4diii", 3, 0, 0, 1, 1, 1, 1, 0) + b"\0" * 16, "one vertex"),
        (struct.pack("<i4diii8d", 5, 0, 0, 1, 1, 1, 4, 0, 0, 0, 1, 0, 1, 1, 0, 1), "not closed"),
    ],
)
def test_a_bad_shape_is_told_and_its_neighbours_are_read(tmp_path: Path, record: bytes, fault: str) -> None:
    path = put(tmp_path, "a.zip", zipped({"a.shp": shp_of(1, [point(1, 2), record, point(3, 4)])}))
    first, bad, last = rows_of(path)
    assert first.fault is last.fault is None
    assert bad.fault
    assert fault in bad.fault


def test_attributes_of_every_kind(tmp_path: Path) -> None:
    fields = [("名称", "C", 6), ("量", "N", 8), ("码", "N", 12), ("日", "D", 8), ("是", "L", 1), ("记", "M", 10)]
    good = "甲乙".encode() + b"    3.50" + b"410181113201" + b"20201015" + b"T" + b" " * 10
    # a name cut by the width of its field, figures that are none, a day that does not exist, an empty flag
    odd = "丙丁".encode()[:6] + b"     abc" + b"************" + b"20200230" + b"?" + b" " * 10
    members = {"a.shp": shp_of(1, [point(1, 2)] * 3), "a.dbf": dbf(fields, [good, odd])}
    opened = open_incoming(put(tmp_path, "a.zip", zipped(members)))
    first, second, third = opened.rows(opened.sheets[0])
    assert first.values == ("甲乙", 3.5, 410181113201, "2020-10-15", True, None)
    assert second.values == ("丙丁", None, None, "2020-02-30", None, None)
    assert second.fault == "量: expected a number, found 'abc'"
    assert third.fault == "there is a shape without a record of attributes"
    assert "备注类字段不读取：记" in said(opened.told)


@pytest.mark.parametrize(
    ("encoding", "cpg", "ldid", "told"),
    [
        ("utf-8", None, 0, "UTF-8（未注明"),
        ("gb18030", None, 0, "GB18030（未注明"),
        ("gb18030", None, 0x4D, "GB18030（.dbf 注明"),
        ("gb18030", b"936", 0, "GB18030（.cpg 注明"),
        ("utf-8", b"UTF-8", 0x4D, "UTF-8（.cpg 注明"),
        ("gb18030", b"UTF-8", 0, "GB18030（.cpg 写的是 UTF-8，内容却不是"),
    ],
)
def test_the_encoding_of_attributes(tmp_path: Path, encoding: str, cpg: bytes | None, ldid: int, told: str) -> None:
    # 9 bytes hold three characters and a half of GB18030, or three of UTF-8
    record = "东门村委会".encode(encoding)[:9].ljust(9)
    members: dict[str, bytes | str] = {
        "a.shp": shp_of(1, [point(1, 2)]),
        "a.dbf": dbf([("名称", "C", 9)], [record], encoding=encoding, ldid=ldid),
    }
    if cpg is not None:
        members["a.cpg"] = cpg
    opened = open_incoming(put(tmp_path, "a.zip", zipped(members)))
    assert opened.sheets[0].header == ("名称",)
    assert [row.values for row in opened.rows(opened.sheets[0])] == [
        ("东门村委" if encoding == "gb18030" else "东门村",)
    ]
    assert told in said(opened.told)


def test_names_that_are_cut_amid_a_character_say_nothing_of_the_encoding(tmp_path: Path) -> None:
    # as QGIS 3.22 wrote it: ten bytes of 对象编号 and of 启用日期
    members: dict[str, bytes | str] = {
        "a.shp": shp_of(1, [point(1, 2)]),
        "a.cpg": b"UTF-8",
        "a.dbf": dbf([("对象编号", "C", 3), ("名称", "C", 3), ("启用日期", "C", 3)], ["1  甲2  ".encode()]),
    }
    opened = open_incoming(put(tmp_path, "a.zip", zipped(members)))
    assert opened.sheets[0].header == ("对象编", "名称", "启用日")
    assert "UTF-8（.cpg 注明" in said(opened.told)


def test_cut_parts_of_a_shapefile(tmp_path: Path) -> None:
    content = shp_of(1, [point(1, 2), point(3, 4)])
    rows = rows_of(put(tmp_path, "a.zip", zipped({"a.shp": content[:-6]})))
    assert [bool(row.fault) for row in rows] == [False, True]
    with pytest.raises(ReadingError, match="holds no shapes"):
        rows_of(put(tmp_path, "b.zip", zipped({"a.shp": content[:50]})))
    with pytest.raises(ReadingError, match="is cut off"):
        open_incoming(put(tmp_path, "c.zip", zipped({"a.shp": content, "a.dbf": b"\x03"})))


def test_rings_on_one_another_by_the_thousand_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    triangles = [(0, 0, n, n, n + 1, 0, 0, 0) if n % 2 else (0, 0, n + 1, 0, n, n, 0, 0) for n in range(200)]
    record = struct.pack("<i4dii200i", 5, 0, 0, 1, 1, 200, 800, *range(0, 800, 4))
    record += b"".join(struct.pack("<8d", *triangle) for triangle in triangles)
    path = put(tmp_path, "a.zip", zipped({"a.shp": shp_of(5, [record])}))
    assert [row.fault for row in rows_of(path)] == [None]
    monkeypatch.setattr(shp, "MOST_PAIRS", 1_000)
    assert [row.fault for row in rows_of(path)] == ["the polygon has too many rings that lie on one another"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31]))
def test_no_shape_is_too_strange(noise: bytes, kind: int) -> None:
    record = shp._record(struct.pack("<i", kind) + noise, 1000)
    assert record.geometry is None or shapely.from_wkb(record.geometry) is not None


def test_zip_members_are_read_from_where_they_lie(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.shp", shp_of(1, [point(1, 2)]))
    assert [wkt_of(row) for row in rows_of(tmp_path / "a.zip")] == ["POINT (1 2)"]
