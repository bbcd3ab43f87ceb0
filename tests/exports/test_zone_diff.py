"""Versions side by side as files: codes as text, no formulas, land and villages with what becomes of them."""

import io
import json

import openpyxl
import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.exports import zone_diff as exports
from gridmap.planning.diff import diff
from tests.builders import add_site, add_village, add_zone, box

COUNTIES = {"410181": "巩义市"}


@pytest.fixture
def found(conn):
    with transaction(conn) as cursor:
        a = add_zone(cursor, boundary=box(0, 0, 4, 4), document="=cmd|'/c calc'!A1", document_number="巩政〔2019〕1号")
        b = add_zone(cursor, boundary=box(2, 0, 6, 4), begins_on="2020-10-01")
        add_village(cursor, "410181113201", (1, 1), households=100)
        add_village(cursor, "410181113202", (5, 1), name="=HYPERLINK(1)")
        add_site(cursor, "000123", (5, 2), name="+86")
    return diff(conn, a, b)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_has_summary_villages_and_sites(found, lang):
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(found, COUNTIES, lang)))
    assert book.sheetnames == (["summary", "villages", "sites"] if lang == "en" else ["概要", "村庄", "监管对象"])
    summary = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=2)}
    word = {"zh": "划入 m²", "en": "added m²"}[lang]
    assert summary[word] == pytest.approx(8e6, abs=2)
    assert summary[{"zh": "划出户数（已知）", "en": "removed households (known)"}[lang]] == 100
    assert summary[{"zh": "划入户数不明的村庄数", "en": "added villages of unknown households"}[lang]] == 1
    villages = book.worksheets[1]
    assert [(row[1].value, row[1].data_type, row[1].number_format) for row in villages.iter_rows(min_row=2)] == [
        ("410181113201", "s", "@"),
        ("410181113202", "s", "@"),
    ]
    assert [cell.value for cell in villages[2]][3:8] == ["410181", "巩义市", 100, 100, 0]
    sites = book.worksheets[2]
    assert sites.max_column == villages.max_column - 1
    assert (sites["B2"].value, sites["B2"].data_type) == ("000123", "s")


def test_no_text_of_the_data_becomes_a_formula(found):
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(found, COUNTIES)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    assert {"'=HYPERLINK(1)", "'+86", "'=cmd|'/c calc'!A1"} <= set(texts)


def test_geojson_holds_land_by_change_and_villages(found):
    collection = json.loads(exports.encode(found, "geojson", COUNTIES))
    assert "crs" not in collection
    land = {f["properties"]["change"]: f for f in collection["features"] if f["properties"]["feature_kind"] == "land"}
    assert set(land) == {"added", "removed", "kept"}
    for feature in land.values():
        outline = shapely.geometry.shape(feature["geometry"])
        assert outline.is_valid and feature["properties"]["area_m2"] == pytest.approx(8e6, abs=2)
        assert 112 < outline.centroid.x < 115
    villages = [f["properties"] for f in collection["features"] if f["properties"]["feature_kind"] == "village"]
    assert [(one["village_id"], one["change"]) for one in villages] == [
        ("410181113201", "removed"),
        ("410181113202", "added"),
    ]
    sites = [f["properties"] for f in collection["features"] if f["properties"]["feature_kind"] == "site"]
    assert [(one["site_id"], one["change"], one["name"]) for one in sites] == [("000123", "added", "+86")]
