"""Findings and rules over HTTP."""

import csv
import io

import openpyxl
import pytest

from gridmap.rules import catalogue as catalogues

HUIGUO = "410181113"


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json(force=True)


def test_the_villages_that_the_notice_left_out(client):
    found = get(client, "/api/findings?rule=COAL-01&county=410181&certainty=breach&limit=1000")
    assert found["numberMatched"] == found["numberReturned"] == len(found["items"])
    villages = [item["feature_id"] for item in found["items"]]
    assert any(code.startswith(HUIGUO) for code in villages)
    item = next(item for item in found["items"] if item["feature_id"].startswith(HUIGUO))
    assert item["title"]
    assert item["name"] in item["message"]
    assert item["legal"][0]["document"]
    assert 112 < item["lon"] < 115
    assert item["county_name"] == "巩义市"


def test_the_programme_villages_of_gongyi(client):
    found = get(client, "/api/findings?rule=COAL-03&county=410181&limit=1000")["items"]
    assert {"410181110201", "410181110216", "410181112205", "410181112216"} <= {item["feature_id"] for item in found}


def test_before_the_notice_nothing_is_said(client):
    for rule in ("COAL-01", "COAL-03"):
        assert get(client, f"/api/findings?rule={rule}&county=410181&as_of=2019-06-01")["numberMatched"] == 0


def test_filters_and_pages(client):
    total = get(client, "/api/findings?limit=1")["numberMatched"]
    keys, address = [], "/api/findings?limit=50"
    while address:
        page = get(client, address)
        keys += [item["key"] for item in page["items"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(keys) == len(set(keys)) == total
    parts = [get(client, f"/api/findings?certainty={c}&limit=1")["numberMatched"] for c in CERTAINTIES]
    assert sum(parts) == total
    one = get(client, "/api/findings?feature=village:410181110201&limit=1000")["items"]
    assert one
    assert {item["feature_id"] for item in one} == {"410181110201"}
    named = get(client, "/api/findings?q=老井沟")["items"]
    assert named
    assert all("老井沟" in item["name"] for item in named)


CERTAINTIES = ("breach", "near_boundary", "report")


def test_one_finding_with_its_history(client):
    key = get(client, "/api/findings?limit=1")["items"][0]["key"]
    found = get(client, f"/api/findings/{key}")
    assert found["events"][0]["event"] == "opened"
    assert found["facts_described"]
    assert found["geometry"]["type"]
    english = get(client, f"/api/findings/{key}?lang=en")
    assert english["title"] != found["title"]


def test_csv_opens_in_a_spreadsheet(client):
    response = client.get("/api/findings?rule=COAL-01&f=csv")
    assert response.data.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="findings-2020-10-15.csv"'
    rows = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert len(rows) - 1 == get(client, "/api/findings?rule=COAL-01&limit=1")["numberMatched"]
    assert "对象编号" in rows[0]
    assert all(len(row[rows[0].index("对象编号")]) == 12 for row in rows[1:])


def test_xlsx_keeps_codes_as_text(client):
    response = client.get("/api/findings?rule=COAL-01&f=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(response.data)).active
    header = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    cell = sheet.cell(2, header.index("对象编号") + 1)
    assert isinstance(cell.value, str)
    assert cell.data_type == "s"
    assert isinstance(sheet.cell(2, header.index("经度") + 1).value, float)
    assert sheet.column_dimensions["D"].width > 30
    assert sheet.max_row - 1 == get(client, "/api/findings?rule=COAL-01&limit=1")["numberMatched"]


def test_geojson_has_the_place(client):
    response = client.get("/api/findings?rule=COAL-03&f=geojson")
    assert response.mimetype == "application/geo+json"
    content = response.get_json(force=True)
    assert content["type"] == "FeatureCollection"
    assert content["features"][0]["geometry"]["type"] == "Point"
    assert content["features"][0]["properties"]["rule_id"] == "COAL-03"


def test_rules_are_listed_and_shown(client):
    listed = get(client, "/api/rules")["rules"]
    assert [rule["id"] for rule in listed] == [rule.id for rule in catalogues.load().rules]
    for rule in listed:
        shown = get(client, f"/api/rules/{rule['id']}")
        assert shown["why"]
        assert shown["legal"]
        assert "SELECT" in shown["sql"]
    assert get(client, "/api/rules/COAL-01?lang=en")["title"] != get(client, "/api/rules/COAL-01")["title"]


@pytest.mark.parametrize("day", ["2019-06-01", "2020-06-01"])
def test_asking_for_another_day_moves_no_living_finding(client, day):
    before = get(client, "/api/findings?limit=1000")["items"]
    get(client, f"/api/findings?as_of={day}")
    assert get(client, "/api/findings?limit=1000")["items"] == before
