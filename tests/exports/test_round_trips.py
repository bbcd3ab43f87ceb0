"""Out and in again by plain readers: values and geometries are the very same, whatever a text holds."""

import csv
import datetime as dt
import io
import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pyogrio
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridmap.domain.spreadsheet import harmless, original
from gridmap.exports.formats import FORMATS, write
from gridmap.exports.lines import csv_pieces
from gridmap.exports.options import Options
from gridmap.exports.shapefile import short_names
from tests.exports.selections import CODES, COLUMNS, selection

DAYS = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31))
# what PostgreSQL can hold: no NUL, no lone surrogate
LETTERS = st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",))
SIGNS = st.sampled_from(
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "＋",
        "－",
        "＠",
        "'=1",
        "''=",
        "'",
        " =1",
        "\t=1",
        "\u3000＝",
        "_x0041_",
        "1e5",
        "007",
    ]
)
TEXTS = st.none() | SIGNS | st.text(LETTERS, min_size=1, max_size=12)
LON, LAT = st.floats(111.5, 115.5), st.floats(33.5, 36.2)
POINTS = st.none() | st.builds(shapely.Point, LON, LAT)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.none() | st.integers(-(2**53), 2**53)


def boxes():
    return st.builds(
        lambda x, y, w, h, hole: shapely.MultiPolygon(
            [shapely.Polygon(shapely.box(x, y, x + w, y + h).exterior, [shapely.box(x + w / 4, y + h / 4, x + w / 2, y + h / 2).exterior] if hole else [])]
        ),
        LON, LAT, st.floats(1e-6, 1), st.floats(1e-6, 1), st.booleans(),
    )  # fmt: skip


def rows(places):
    values = st.tuples(
        places, TEXTS, st.sampled_from([None, *CODES]), WHOLE, NUMBERS, st.none() | st.booleans(), st.none() | DAYS
    )
    return st.lists(values, max_size=5).map(
        lambda found: [
            (f"{410181000 + n}", None if v[0] is None else shapely.to_wkb(v[0]), *v[1:]) for n, v in enumerate(found)
        ]
    )


def written(form, given_rows, geometry="Point", **options):
    """Return the bytes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"村庄{FORMATS[form].suffix}"
        write(selection(given_rows, geometry), FORMATS[form], path, Options(**options))
        return path.read_bytes()


def same_place(one, other):
    """Return whether two geometries hold the very same doubles; which way a ring turns says nothing."""
    if one is None or other is None:
        return one is other
    return shapely.normalize(one).equals_exact(shapely.normalize(other), 0)


def place(row):
    return None if row[1] is None else shapely.from_wkb(row[1])


@given(st.text(LETTERS) | SIGNS)
@example("''=")
@example("'\u200b＝1")
def test_what_is_made_harmless_can_be_had_back(text):
    assert original(harmless(text)) == text
    kept = harmless(text).lstrip(" \t\r\n\x0b\x0c\xa0\u3000\ufeff\u200b")
    assert not kept or kept[0] not in "=+-@＝＋－＠"
    assert harmless(-1.5) == -1.5


@settings(max_examples=40)
@given(rows(POINTS), st.booleans())
def test_csv(given_rows, codes):
    text = written("csv", given_rows, codes=codes).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == ["编号", "名称", "燃料", "户数", "覆盖比例（%）", "是否演示", "清点日期", "经度", "纬度"]
    words = {text.zh: code for code, text in CODES.items()} | {code: code for code in CODES}
    yes = {"是": True, "否": False, "True": True, "False": False, "": None}
    for line, row in zip(lines[1:], given_rows, strict=True):
        name, fuel, households, pct, demo, day = (original(value) for value in line[1:7])
        found = (
            name or None, words.get(fuel), int(households) if households else None, float(pct) if pct else None,
            yes[demo], dt.date.fromisoformat(day) if day else None,
        )  # fmt: skip
        assert (line[0], *found) == (row[0], *row[2:])
        at = shapely.Point(float(line[7]), float(line[8])) if line[7] else None
        assert same_place(at, place(row))


@settings(max_examples=30)
@given(rows(boxes() | st.none()))
def test_csv_of_areas(given_rows):
    lines = list(csv.reader(io.StringIO(written("csv", given_rows, "MultiPolygon").decode("utf-8-sig"), newline="")))
    for line, row in zip(lines[1:], given_rows, strict=True):
        at = shapely.from_wkt(line[-1]) if line[-1] else None
        assert at == place(row)


@settings(max_examples=30)
@given(rows(POINTS))
def test_xlsx(given_rows):
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", given_rows, codes=True))).worksheets[0]
    for cells, row in zip(sheet.iter_rows(min_row=2), given_rows, strict=True):
        found = [original(cell.value) for cell in cells]
        assert cells[0].data_type == "s" and found[0] == row[0]
        # what XML cannot hold is left out and told; Excel itself undoes its own escape
        name = "".join(
            letter
            for letter in row[2] or ""
            if letter in "\t\n\r" or (ord(letter) >= 32 and ord(letter) not in (0xFFFE, 0xFFFF))
        )
        assert (found[1] or "").replace("_x005F_x", "_x") in (name, original(harmless(name))) or not name.isprintable()
        assert all(cell.data_type != "f" for cell in cells)
        assert found[2] == row[3]
        assert found[3] == row[4] and found[4] == row[5] and found[5] == row[6]
        day = row[7]
        assert found[6] == (
            None
            if day is None
            else dt.datetime.combine(day, dt.time())
            if day >= dt.date(1900, 3, 1)
            else day.isoformat()
        )
        at = shapely.Point(found[7], found[8]) if found[7] is not None else None
        assert same_place(at, place(row))


@settings(max_examples=30)
@given(rows(boxes() | st.none()))
def test_geojson(given_rows):
    content = json.loads(written("geojson", given_rows, "MultiPolygon"))
    assert "crs" not in content
    for feature, row in zip(content["features"], given_rows, strict=True):
        values = list(feature["properties"].values())
        assert (feature["id"], *values[:5]) == (row[0], *row[2:7])
        assert values[5] == (row[7].isoformat() if row[7] else None)
        at = shapely.from_geojson(json.dumps(feature["geometry"])) if feature["geometry"] else None
        assert same_place(at, place(row))
        for part in at.geoms if at else ():
            assert part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors)


def check_arrow(table, wkb, given_rows):
    found = list(
        zip(
            *(table.column(name).to_pylist() for name in ("feature_id", *(column.name for column in COLUMNS))),
            strict=True,
        )
    )
    assert found == [(row[0], *row[2:]) for row in given_rows]
    for one, row in zip(wkb, given_rows, strict=True):
        assert (None if one is None else shapely.from_wkb(one)) == place(row)


@settings(max_examples=12)
@given(rows(boxes() | st.none()))
def test_geopackage(given_rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "村.gpkg"
        write(selection(given_rows, "MultiPolygon"), FORMATS["gpkg"], path, Options())
        meta, table = pyogrio.read_arrow(path, layer="village", datetime_as_string=False)
        assert meta["crs"] == "EPSG:4490"
        check_arrow(table, table.column(meta["geometry_name"]).to_pylist(), given_rows)
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("SELECT count(*) FROM layer_styles").fetchone() == (1,)
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@settings(max_examples=12)
@given(rows(POINTS))
def test_geoparquet(given_rows):
    content = written("parquet", given_rows)
    table = pq.read_table(io.BytesIO(content))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["version"] == "1.1.0" and geo["columns"]["geom"]["crs"]["id"] == {"authority": "EPSG", "code": 4490}
    assert geo["columns"]["geom"]["geometry_types"] == (["Point"] if any(row[1] for row in given_rows) else [])
    check_arrow(table, table.column("geom").to_pylist(), given_rows)


# what a Shapefile can hold: short texts without blanks at their end, 15 decimals, whole numbers of 18 digits
PLAIN = st.none() | st.text(st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd")), min_size=1, max_size=20)


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(boxes(), PLAIN, st.none() | st.integers(-(10**15), 10**15).map(lambda n: n / 1000), st.none() | DAYS),
        max_size=4,
    )
)
def test_shapefile(made):
    given_rows = [
        (str(n), shapely.to_wkb(at), name, None, n, number, None, day) for n, (at, name, number, day) in enumerate(made)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "村.zip"
        write(selection(given_rows, "MultiPolygon"), FORMATS["shp"], path, Options())
        with zipfile.ZipFile(path) as file:
            assert file.read("village.cpg") == b"UTF-8"
            assert {"fields.csv", "README.txt", "village.dbf", "village.prj", "village.shx"} <= set(file.namelist())
        _meta, table = pyogrio.read_arrow(f"/vsizip/{path}/village.shp")
    names = short_names(["feature_id", *(column.name for column in COLUMNS)])
    for name, position in (("name", 2), ("households", 4), ("covered_pct", 5), ("counted_on", 7)):
        assert table.column(names[name]).to_pylist() == [row[position] for row in given_rows]
    for one, row in zip(table.column("wkb_geometry").to_pylist(), given_rows, strict=True):
        found = shapely.from_wkb(one)
        found = found if found.geom_type == "MultiPolygon" else shapely.MultiPolygon([found])
        assert same_place(found, place(row))


def test_a_csv_without_the_mark_and_in_english():
    pieces = b"".join(csv_pieces(selection([("1", None, "-", "coal", 1, 1.0, True, None)]), Options("en", bom=False)))
    assert pieces.startswith(b"identifier,name,fuel,") and b"\r\n1,'-,loose coal,1,1.0,yes,,,\r\n" in pieces
