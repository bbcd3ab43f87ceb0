"""GeoJSON, KML, Shapefile and GeoPackage: geometries given on as they are, and what is wrong with them told."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from gridmap.domain.incoming import IncomingRow, ReadingLimits
from gridmap.ingest.reading import ReadingError, open_incoming, shp, wkb
from tests.ingest.reading.made import POINT, collection, dbf, feature, header_of, point, put, rows_of, said, zipped
from tests.ingest.reading.made import shp as shp_of


def shape_of(row: IncomingRow) -> Any:
    return shapely.from_wkb(row.geometry)


def wkt_of(row: IncomingRow) -> str | None:
    return shapely.to_wkt(shape_of(row), trim=True) if row.geometry else None


# GeoJSON


def test_a_collection_has_the_properties_of_all_its_features(tmp_path: Path) -> None:
    text = collection(
        '{"type":"Feature","id":7,"properties":{"名称":"甲","n":1},"geometry":' + POINT + "}",
        feature("null", '{"n":2.5,"more":{"a":[1]},"yes":true}'),
        more='"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},',
    )
    opened = open_incoming(put(tmp_path, "点.geojson", text))
    (sheet,) = opened.sheets
    assert (sheet.name, sheet.header, sheet.crs) == ("点", ("id", "名称", "n", "more", "yes"), "EPSG:4490")
    first, second = opened.rows(sheet)
    assert (first.number, first.values, wkt_of(first)) == (1, (7, "甲", 1, None, None), "POINT (112.98 34.75)")
    assert (second.values, second.geometry) == ((None, None, 2.5, '{"a": [1]}', True), None)
    assert "EPSG:4490" in said(opened.told)


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("null", "EPSG:4326"),
        ('{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}', "EPSG:4326"),
        ('{"type":"name","properties":{"name":"EPSG:4547"}}', "EPSG:4547"),
        ('{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG:6.9:2438"}}', "EPSG:2438"),
        ('{"type":"name","properties":{"name":"郑州坐标系"}}', None),
        ("7", None),
    ],
)
def test_the_old_crs_member(tmp_path: Path, crs: str, expected: str | None) -> None:
    text = collection(feature(POINT), more=f'"crs":{crs},')
    assert open_incoming(put(tmp_path, "a.geojson", text)).sheets[0].crs == expected


@pytest.mark.parametrize("text", [feature(POINT, '{"a":1}'), POINT])
def test_single_features_and_bare_geometries(tmp_path: Path, text: str) -> None:
    (row,) = rows_of(put(tmp_path, "a.json", text))
    assert wkt_of(row) == "POINT (112.98 34.75)"


@pytest.mark.parametrize(
    ("geometry", "properties", "fault"),
    [
        (POINT, '{"a":{"b":[1,NaN]}}', "properties.a.b[1] is NaN"),
        (POINT, '{"a":1e999}', "properties.a is 1e999"),
        ('{"type":"Point","coordinates":[112,-Infinity]}', "{}", "geometry.coordinates[1] is -Infinity"),
        (POINT, '{"a":1,"a":2}', "the member 'a' stands twice"),
        ('{"type":"Point","coordinates":["112",34]}', "{}", "not made of numbers"),
        ('{"type":"Point","coordinates":[true,34]}', "{}", "not made of numbers"),
        ('{"type":"Point","coordinates":[112]}', "{}", "no longitude and latitude"),
        ('{"type":"LineString","coordinates":[[1,2]]}', "{}", "a line has one vertex"),
        ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}', "{}", "a ring is not closed"),
        ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}', "{}", "a ring has 3 vertices"),
        ('{"type":"Polygon","coordinates":[[0,0],[1,0],[0,0]]}', "{}", "no longitude and latitude"),
        ('{"type":"CircularString","coordinates":[[0,0],[1,1],[2,0]]}', "{}", "unknown"),
        ('{"type":"Point"}', "{}", "no coordinates"),
        ("[]", "{}", "no object with a type"),
        (POINT, '{"a":"\\u0000"}', "NUL"),
        (POINT, '{"a":"\\ud800"}', "half a character"),
        (f'{{"type":"Point","coordinates":[1{"0" * 400},2]}}', "{}", "not finite"),
    ],
)
def test_a_bad_feature_is_told_and_its_neighbours_are_read(
    tmp_path: Path, geometry: str, properties: str, fault: str
) -> None:
    text = collection(feature(POINT), feature(geometry, properties), feature(POINT))
    first, bad, last = rows_of(put(tmp_path, "a.geojson", text))
    assert first.fault is last.fault is None
    assert bad.fault
    assert fault in bad.fault
    assert bad.fault.zh


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (collection(feature(POINT))[:-5], "cut off"),
        ('{"type":"FeatureCollection","features":[', "cut off"),
        ("{", "cut off"),
        ('{"type":"FeatureCollection","features":[}', "at character 41: no JSON, found '}'"),
        (collection(feature(POINT)) + "{}", "something behind"),
        ('{"type":"FeatureCollection","features":[],"features":[]}', "twice"),
        ('{"type":"Topology"}', "no GeoJSON"),
        ('{"features":[{"attributes":{}}]}', "Esri JSON"),
        ('{"type":"Feature","properties":{"a":NaN}}', "properties.a is NaN"),
        ("[" * 100_000, "GeoJSON"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a":1' + "0" * 5000 + "}", "too many digits"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ReadingError, match=sentence) as caught:
        open_incoming(put(tmp_path, "a.geojson", text))
    assert caught.value.zh


def test_a_feature_longer_than_a_piece_of_the_file_is_read(tmp_path: Path) -> None:
    ring = [[i / 1000, (i % 7) / 10] for i in range(25_000)]
    geometry = f'{{"type":"LineString","coordinates":{ring}}}'
    text = collection(feature(geometry, '{"n":1}'), feature(POINT, '{"n":2}'))
    assert len(text) > 300_000
    first, second = rows_of(put(tmp_path, "a.geojson", text))
    assert shapely.get_num_coordinates(shape_of(first)) == 25_000
    assert second.values == (2,)
    (bad, _) = rows_of(put(tmp_path, "a.geojson", text), limits=ReadingLimits(vertices_per_geometry=100))
    assert bad.fault == "the geometry has more than 100 vertices"


def test_heights_are_kept_empties_given_on_and_mixtures_told(tmp_path: Path) -> None:
    geometries = [
        '{"type":"Point","coordinates":[1,2,3]}',
        '{"type":"MultiPolygon","coordinates":[]}',
        '{"type":"Point","coordinates":[]}',
        '{"type":"GeometryCollection","geometries":[' + POINT + "]}",
        '{"type":"LineString","coordinates":[[0,0,1],[1,1]]}',
    ]
    opened = open_incoming(put(tmp_path, "a.geojson", collection(*map(feature, geometries))))
    assert [wkt_of(row) for row in opened.rows(opened.sheets[0])] == [
        "POINT Z (1 2 3)",
        "MULTIPOLYGON EMPTY",
        "POINT EMPTY",
        "GEOMETRYCOLLECTION (POINT (112.98 34.75))",
        "LINESTRING (0 0, 1 1)",
    ]
    assert "几何类型混杂" in said(opened.told)


# KML

KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>全市</name>{}</Document></kml>'
PLACEMARKS = """
<Style id="s"><IconStyle><Icon><href>http://example.org/x.png</href></Icon></IconStyle></Style>
<Folder><name>销售点</name><Folder><name>甲镇</name>
<Placemark><name>一</name><description><![CDATA[<b>说明</b>]]></description>
<ExtendedData><Data name="吨"><displayName>用量</displayName><value>3</value></Data>
<SchemaData><SimpleData name="编码">0410</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 112.98,34.75,10 </coordinates></Point></Placemark></Folder></Folder>
<Placemark><Polygon><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs>
<outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><LineString><coordinates>0,0 1,一</coordinates></LineString></Placemark>
<Placemark><Model/></Placemark>
<Placemark><Point><coordinates>NaN,1</coordinates></Point></Placemark>
"""


@pytest.mark.parametrize("is_zip", [False, True])
def test_placemarks_with_their_data_and_folders(tmp_path: Path, is_zip: bool) -> None:
    text = KML.format(PLACEMARKS)
    path = put(
        tmp_path, "a.kmz" if is_zip else "a.kml", zipped({"doc.kml": text, "files/x.png": b"x"}) if is_zip else text
    )
    opened = open_incoming(path)
    (sheet,) = opened.sheets
    assert sheet.header == ("name", "description", "folder", "吨", "编码")
    assert sheet.crs == "EPSG:4326"
    rows = list(opened.rows(sheet))
    assert rows[0].values == ("一", "<b>说明</b>", "全市/销售点/甲镇", "3", "0410")
    assert [wkt_of(row) for row in rows[:3]] == [
        "POINT Z (112.98 34.75 10)",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
        "MULTIPOINT ((1 2), (3 4))",
    ]
    assert [bool(row.fault) for row in rows] == [False, False, False, True, True, True]
    assert rows[3].fault == "the position '1,一' is not made of numbers"
    opened.close()


def test_kml_in_gbk_without_entities_and_whole(tmp_path: Path) -> None:
    text = KML.format("<Placemark><name>甲</name></Placemark>")
    assert rows_of(put(tmp_path, "a.kml", text.replace("UTF-8", "GBK"), "gbk"))[0].values[0] == "甲"
    evil = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(ReadingError, match="entities"):
        open_incoming(put(tmp_path, "a.kml", text.replace("<kml", evil + "<kml").replace("甲", "&x;")))
    with pytest.raises(ReadingError, match="cut off"):
        open_incoming(put(tmp_path, "a.kml", text[:-20]))
    with pytest.raises(ReadingError, match="deeper than 200"):
        open_incoming(put(tmp_path, "a.kml", KML.format("<Folder>" * 300)))


# Shapefile


def shapefile(folder: Path, frame: gpd.GeoDataFrame, name: str, encoding: str = "UTF-8") -> dict[str, bytes]:
    frame.to_file(folder / f"{name}.shp", encoding=encoding)
    return {path.name: path.read_bytes() for path in folder.glob(f"{name}.*")}


def frame_of(geometries: list[Any], crs: int = 4490) -> gpd.GeoDataFrame:
    names = ["甲", "乙", "丙", "丁"][: len(geometries)]
    numbers = list(range(len(geometries)))
    return gpd.GeoDataFrame({"名称": names, "n": numbers}, geometry=geometries, crs=crs)


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


def test_cut_parts_of_a_shapefile(tmp_path: Path) -> None:
    content = shp_of(1, [point(1, 2), point(3, 4)])
    rows = rows_of(put(tmp_path, "a.zip", zipped({"a.shp": content[:-6]})))
    assert [bool(row.fault) for row in rows] == [False, True]
    with pytest.raises(ReadingError, match="holds no shapes"):
        rows_of(put(tmp_path, "b.zip", zipped({"a.shp": content[:50]})))
    with pytest.raises(ReadingError, match="is cut off"):
        open_incoming(put(tmp_path, "c.zip", zipped({"a.shp": content, "a.dbf": b"\x03"})))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31]))
def test_no_shape_is_too_strange(noise: bytes, kind: int) -> None:
    record = shp._record(struct.pack("<i", kind) + noise, 1000)
    assert record.geometry is None or shapely.from_wkb(record.geometry) is not None


# GeoPackage


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


coordinate = st.floats(-180, 180, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8, unique=True))
def test_written_geometries_are_those_that_shapely_writes(positions: list[tuple[float, float]]) -> None:
    for geometry in (shapely.MultiPoint(positions), Point(positions[0]), Polygon([*positions, (181, 0), (181, 1)])):
        given_on, _ = wkb.from_geojson(_plain(geometry), 1000)
        assert given_on == shapely.to_wkb(geometry, byte_order=1)


def _plain(geometry: Any) -> Any:
    return json.loads(shapely.to_geojson(geometry))


def test_names_of_columns_may_be_strange(tmp_path: Path) -> None:
    text = collection(feature(POINT, '{"":1," a ":2,"a":3}'))
    assert header_of(put(tmp_path, "a.geojson", text)) == ("?", "a", "a (2)")


def test_zip_members_are_read_from_where_they_lie(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.shp", shp_of(1, [point(1, 2)]))
    assert [wkt_of(row) for row in rows_of(tmp_path / "a.zip")] == ["POINT (1 2)"]
