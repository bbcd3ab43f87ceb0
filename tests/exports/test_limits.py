"""What a format cannot hold is told, what cannot be written leaves nothing, and a style is what QGIS reads."""

import csv
import datetime as dt
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from xml.etree import ElementTree as ET

import openpyxl
import pyogrio
import pytest
import shapely

from gridmap import layers
from gridmap.domain.definition import Text
from gridmap.errors import UserError
from gridmap.exports import workbook
from gridmap.exports.formats import FORMATS, format_of, write
from gridmap.exports.options import Options
from gridmap.exports.shapefile import short_names
from gridmap.maps import standalone
from tests.exports.selections import selection

AT = shapely.to_wkb(shapely.Point(113.1, 34.7))
LINE = shapely.to_wkb(shapely.LineString([(113, 34), (113.1, 34.1)]))
AREA = shapely.to_wkb(shapely.box(113, 34, 113.1, 34.1))


def row(number=1, at=AT, name="甲", fuel="coal", households=3, pct=1.5, demo=True, day=dt.date(2020, 1, 2)):
    return (str(number), at, name, fuel, households, pct, demo, day)


def save(tmp_path, form, rows, geometry="Point", **more):
    path = tmp_path / f"out{FORMATS[form].suffix}"
    told = write(selection(rows, geometry), FORMATS[form], path, Options(**more), replace=True)
    return path, told.sentences("zh")


def test_excel_limits_are_told_in_the_file(tmp_path):
    path, told = save(
        tmp_path, "xlsx", [row(name="长" * 40_000), row(2, name="a\x01b", day=dt.date(1899, 12, 31), households=2**60)]
    )
    assert len(told) == 4 and "32767" in told[0]
    book = openpyxl.load_workbook(path)
    sheet, about = book.worksheets
    assert len(sheet["B2"].value) == 32_767 and sheet["B3"].value == "ab" and sheet["G3"].value == "1899-12-31"
    assert sheet["D3"].value == str(2**60)
    text = "\n".join(str(value) for line in about.iter_rows(values_only=True) for value in line if value)
    assert "32767" in text and "2020-10-15" in text and "coal=散煤" in text and "某来源" in text
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:I3" and sheet["G2"].number_format == "yyyy-mm-dd"


def test_an_area_too_long_for_a_cell_is_left_out_whole(tmp_path):
    circle = shapely.to_wkb(shapely.MultiPolygon([shapely.Point(113, 34).buffer(0.1, quad_segs=500)]))
    path, told = save(tmp_path, "xlsx", [row(at=circle)], "MultiPolygon")
    assert openpyxl.load_workbook(path).worksheets[0]["H2"].value is None and "GeoPackage" in told[0]


def test_a_sheet_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    with pytest.raises(UserError, match="take csv, gpkg or parquet"):
        save(tmp_path, "xlsx", [row(n) for n in range(3)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "html"])
@pytest.mark.parametrize("geometry", ["Point", "none", "Geometry"])
def test_nothing_is_a_file_too(tmp_path, form, geometry):
    path, told = save(tmp_path, form, [], geometry)
    assert told == [] and path.stat().st_size > 0
    if form == "geojson":
        assert json.loads(path.read_text())["features"] == []
    if form == "gpkg":
        assert next(name for name, _ in pyogrio.list_layers(path).tolist()) == "village"


def test_kinds_of_geometry_stand_apart(tmp_path):
    rows = [row(1), row(2, LINE), row(3, AREA), row(4, None)]
    path, told = save(tmp_path, "gpkg", rows, "Geometry")
    found = dict(pyogrio.list_layers(path).tolist())
    assert (
        found["village_point"] == "Point"
        and found["village_linestring"] == "LineString"
        and found["village_none"] is None
    )
    assert "village_polygon" in told[0]
    zipped, _ = save(tmp_path, "shp", rows, "Geometry")
    with zipfile.ZipFile(zipped) as file:
        assert {"village_point.shp", "village_linestring.shp", "village_polygon.shp", "village_none.dbf"} <= set(
            file.namelist()
        )
    both = shapely.to_wkb(shapely.GeometryCollection([shapely.Point(1, 1)]))
    with pytest.raises(UserError, match="collections of geometries"):
        save(tmp_path, "shp", [row(1, both)], "Geometry")


def test_a_shapefile_tells_its_names_and_what_was_cut(tmp_path):
    path, told = save(tmp_path, "shp", [row(name="汉" * 100)])
    assert "254" in told[0]
    with zipfile.ZipFile(path) as file:
        fields = list(csv.reader(io.StringIO(file.read("fields.csv").decode("utf-8-sig"))))
        assert "254" in file.read("README.txt").decode("utf-8-sig")
    assert [line[0] for line in fields[1:]] == [
        "feature_id",
        "name",
        "fuel",
        "households",
        "covered_pc",
        "is_demo",
        "counted_on",
    ]
    _meta, table = pyogrio.read_arrow(f"/vsizip/{path}/village.shp")
    assert table.column("name").to_pylist() == ["汉" * 84]
    for layer in layers.load():
        names = short_names(["feature_id", *(column.name for column in layer.columns)])
        assert len(set(names.values())) == len(names) and max(map(len, names.values())) <= 10


def test_titles_are_unique_in_every_layer():
    for layer in layers.load():
        for lang in ("zh", "en"):
            header = Options(lang).header(layer.columns, layer.feature_id.get(lang))
            assert len(set(header)) == len(header), (layer.id, lang)


@pytest.mark.parametrize("kind", ["Point", "MultiLineString", "MultiPolygon"])
def test_the_style_is_what_qgis_writes(tmp_path, kind):
    """QGIS 3.22 was seen to draw these; here only the grammar is held."""
    path, _ = save(tmp_path, "gpkg", [row(at=None)], kind)
    with closing(sqlite3.connect(path)) as file:
        qml, sld, default = file.execute("SELECT styleQML, styleSLD, useAsDefault FROM layer_styles").fetchone()
        assert file.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone() == (
            "attributes",
        )
        assert file.execute("SELECT title FROM gpkg_data_columns WHERE column_name = 'fuel'").fetchone() == ("燃料",)
    assert default == 1
    root = ET.fromstring(qml)
    renderer = root.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "fuel")
    categories = [(each.get("value"), each.get("label"), each.get("render")) for each in renderer.iter("category")]
    assert categories == [("coal", "散煤", "true"), ("gas", "天然气", "false"), ("", "其他", "true")]
    symbols = {symbol.get("name") for symbol in renderer.find("symbols")}
    assert symbols == {each.get("symbol") for each in renderer.iter("category")}
    classes = {layer.get("class") for layer in renderer.iter("layer")}
    assert classes == {{"Point": "SimpleMarker", "MultiLineString": "SimpleLine", "MultiPolygon": "SimpleFill"}[kind]}
    assert "183,28,28," in qml
    assert {alias.get("name") for alias in root.iter("alias")} >= {"名称", "编号"}
    assert ET.fromstring(sld).tag.endswith("StyledLayerDescriptor")


def test_names_of_counties_are_written_and_tables_have_titles(tmp_path):
    """QGIS 3.22 was seen to write the names, and to show the titles of a table without places."""
    roots = []
    for layer, kind in (("county", "MultiPolygon"), ("village", "none")):
        path = tmp_path / f"{layer}.gpkg"
        write(selection([row(at=None)], kind, layer_id=layer), FORMATS["gpkg"], path, Options())
        with closing(sqlite3.connect(path)) as file:
            roots.append(ET.fromstring(file.execute("SELECT styleQML FROM layer_styles").fetchone()[0]))
    county, table = roots
    assert county.get("labelsEnabled") == "1" and county.find("labeling/settings/text-style").get("fieldName") == "name"
    assert table.find("renderer-v2") is None and table.find("labeling") is None
    assert {alias.get("name") for alias in table.iter("alias")} >= {"名称", "编号"}


def test_what_was_asked_for_by_name_is_switched_on(tmp_path):
    path = tmp_path / "gas.gpkg"
    write(selection([row(fuel="gas")]), FORMATS["gpkg"], path, Options(), shown=["gas"])
    with closing(sqlite3.connect(path)) as file:
        root = ET.fromstring(file.execute("SELECT styleQML FROM layer_styles").fetchone()[0])
    assert {each.get("value"): each.get("render") for each in root.iter("category")} == {
        "coal": "false",
        "gas": "true",
        "": "true",
    }


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path, _ = save(tmp_path, "csv", [row()])
    before = path.read_bytes()

    def breaking():
        yield [row()]
        raise UserError("the database went away")

    for form in ("csv", "xlsx", "gpkg", "shp", "parquet"):
        out = selection([])
        object.__setattr__(out, "batches", breaking())
        with pytest.raises(UserError, match="went away"):
            write(out, FORMATS[form], path, Options(), replace=True)
    assert path.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(UserError, match="--force"):
        write(selection([row()]), FORMATS["csv"], path, Options())
    with pytest.raises(UserError, match="no folder"):
        write(selection([row()]), FORMATS["csv"], tmp_path / "nowhere" / "a.csv", Options())
    with pytest.raises(UserError, match="is a folder"):
        write(selection([row()]), FORMATS["csv"], tmp_path, Options())


@pytest.mark.parametrize(
    ("form", "geometry", "crs", "said"),
    [
        ("geojson", "Point", "4547", "WGS 84 degrees only"),
        ("geojson", "Point", "gcj02", "WGS 84 degrees only"),
        ("gpkg", "Point", "gcj02", "cannot say"),
        ("shp", "Point", "gcj02", "cannot say"),
        ("parquet", "Point", "gcj02", "cannot say"),
        ("csv", "MultiPolygon", "gcj02", "lines and areas"),
        ("html", "Point", "4547", "drawn from degrees"),
    ],
)
def test_a_system_that_a_format_cannot_say_is_refused(tmp_path, form, geometry, crs, said):
    with pytest.raises(UserError, match=said):
        save(tmp_path, form, [row()], geometry, crs=crs)
    assert list(tmp_path.iterdir()) == []


def test_systems():
    assert [Options(crs=name).srid for name in (None, "WGS84", "gcj02", "EPSG:4547", "4490")] == [
        4490,
        4326,
        4326,
        4547,
        4490,
    ]
    for wrong in ("", "0", "99999", "3857", "４５４７", "gcj-02", "-1"):
        if wrong:
            with pytest.raises(UserError, match="coordinate system"):
                _ = Options(crs=wrong).srid


def test_positions_of_map_apps_are_named_so(tmp_path):
    path, _ = save(tmp_path, "csv", [row(), row(2, None)], crs="gcj02")
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert lines[0][-2:] == ["经度（GCJ-02）", "纬度（GCJ-02）"] and lines[2][-2:] == ["", ""]
    assert 0.004 < float(lines[1][-2]) - 113.1 < 0.008


def test_endings(tmp_path):
    names = {
        "a.CSV": "csv",
        "a.json": "geojson",
        "a.zip": "shp",
        "a.geoparquet": "parquet",
        "a.htm": "html",
        "村.gpkg": "gpkg",
    }
    for name, form in names.items():
        assert format_of(tmp_path / name).id == form
    for name in ("a", "a.shp", "a.doc"):
        with pytest.raises(UserError, match="by its ending"):
            format_of(tmp_path / name)
    with pytest.raises(UserError, match="expected one of csv"):
        format_of(tmp_path / "a.csv", "doc")


def test_a_map_in_one_file_tells_what_it_shows_and_has_an_end(tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    asked = [(Text("县（市、区）", "county"), Text("甲县 <b>", "A"))]
    columns = layers.load().get("village").columns
    values = [None] * len(columns)
    rows = [("1", AT, "</script><img src=x>", *values[1:]), ("2", None, "无", *values[1:])]
    assert standalone.write(selection(rows, columns=columns, asked=asked), path) == 2
    html = path.read_text("utf-8")
    assert '<html lang="zh-CN">' in html and "<title>村庄 2020-10-15</title>" in html
    assert "1 个，另有 1 个没有位置" in html and "甲县 \\u003cb>" in html and "某来源" in html
    assert "<img src=x>" not in html and "default-src 'none'" in html
    monkeypatch.setattr(standalone, "MOST_FEATURES", 1)
    with pytest.raises(UserError, match="narrow it down"):
        standalone.write(selection(rows[:1] * 2, columns=columns), path)
    with pytest.raises(UserError, match="has no places"):
        standalone.write(selection([], "none"), path)
