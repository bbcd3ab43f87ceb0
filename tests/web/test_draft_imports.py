"""/drafts/import: a file of zones is checked, shown, and becomes drafts once; another county's zone never does."""

import io
import json
import re

import pytest
import shapely

from gridmap.coordinates import convert_geometries, get_system
from gridmap.db.session import connect, transaction
from gridmap.web import draft_files
from tests import accounts, builders, databases
from tests.builders import box

COUNTY, OTHER, CITY = "410181", "410182", "410100"


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("draft_imports") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = %s", [CITY])
            builders.add_region(cursor, CITY, "city", box(0, 0, 20, 10))
            builders.add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY, name="巩义市")
            builders.add_region(cursor, OTHER, "county", box(10, 0, 20, 10), parent=CITY, name="荥阳市")
            builders.add_zone(cursor, boundary=box(1, 1, 4, 4), name="巩义市禁煤区")
        conn.close()
        yield url


@pytest.fixture(scope="module")
def planner(world_app, world_url):
    return accounts.carry(world_app.test_client(), accounts.enter(world_url, "planner", COUNTY))


def geojson(*zones):
    features = [
        {"type": "Feature", "properties": dict(more), "geometry": shapely.geometry.mapping(builders.degrees(shape))}
        for shape, more in zones
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def send(client, content, name="分区.geojson", **more):
    data = {"kind": "coal_free", **more, "file": (io.BytesIO(content), name)}
    return client.post("/drafts/import", data=data, content_type="multipart/form-data")


def count(url):
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.zone_draft")
        number = cursor.fetchone()[0]
    conn.close()
    return number


def shown(page):
    return re.search(r'name="shown" value="([0-9a-f]+)"', page)[1]


def test_a_file_becomes_drafts_once(planner, world_app, world_url):
    content = geojson((box(1, 1, 5, 4), {"名称": "巩义市禁煤区"}), (box(6, 1, 8, 3), {"名称": "西部", "编制人": "x"}))
    answer = send(planner, content)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    page = planner.get(address).text
    assert "可以新建草案" in page and "新建 2 份草案" in page and "第 1 版" in page and "filed_land" in page
    assert count(world_url) == 0 and "分区.geojson" in planner.get("/drafts/import").text
    assert "分区.geojson" not in planner.get("/data/import").text
    colleague = accounts.carry(world_app.test_client(), accounts.enter(world_url, "planner", COUNTY))
    assert colleague.get(address).status_code == 404, "another account's file"
    assert planner.post(address, data={"shown": "0" * 32}).status_code == 409 and count(world_url) == 0
    mark = shown(page)
    assert planner.post(address, data={"shown": mark}).headers["Location"] == "/drafts?made=2"
    assert planner.post(address, data={"shown": mark}).status_code == 303 and count(world_url) == 2
    told = planner.get("/drafts?made=2").text
    assert "已从文件新建 2 份草案" in told and "西部（据文件 分区.geojson）" in told
    bureau = accounts.carry(world_app.test_client(), accounts.enter(world_url, "bureau"))
    assert "西部" not in bureau.get("/drafts").text, "a county's draft is its own until it is submitted"


def test_a_web_map_s_coordinates_are_told_in_words_of_the_page(planner):
    own = builders.degrees(box(1, 1, 4, 4))
    moved = convert_geometries(get_system("wgs84"), get_system("gcj02"), own)
    feature = {"type": "Feature", "properties": {"名称": "巩义市禁煤区"}, "geometry": shapely.geometry.mapping(moved)}
    address = send(planner, json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()).headers[
        "Location"
    ]
    page = planner.get(address).text
    assert "GCJ-02 会把它放到的位置" in page and "请选定坐标系后重新检查" in page and "--crs" not in page
    said = {"crs": "gcj02", "kind": "coal_free", "column-0": "name"}
    assert planner.post(f"{address}/check", data=said).status_code == 303
    assert "可以新建草案" in planner.get(address).text


def test_another_county_s_zone_is_refused_in_a_sentence(planner, world_url):
    before = count(world_url)
    address = send(planner, geojson((box(12, 1, 14, 3), {"名称": "东部"}))).headers["Location"]
    page = planner.get(address).text
    assert "还不能新建草案" in page and "您编制的县（市、区）的区域；这是荥阳市的" in page
    assert planner.post(address, data={"shown": "0" * 32}).status_code == 400 and count(world_url) == before


def test_titles_and_kind_are_said_on_the_page(planner):
    address = send(planner, geojson((box(2, 6, 3, 7), {"图斑": "北部"})), kind="").headers["Location"]
    page = planner.get(address).text
    assert "认不出是哪个区域" in page and "--map" not in page
    said = {"kind": "no_burn", "crs": "", "column-0": "name"}
    assert planner.post(f"{address}/check", data=said).status_code == 303
    page = planner.get(address).text
    assert "可以新建草案" in page and "高污染燃料禁燃区" in page
    again = planner.post(f"{address}/check", data={**said, "kind": "x"})
    assert again.status_code == 400 and "请从列表里选择类别。" in again.text
    assert planner.post(address, data={"do": "forget"}).headers["Location"] == "/drafts/import"
    assert planner.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"", "a.geojson", "文件是空的"), (b"PK\x03\x04broken", "a.zip", "文件读不出来"), (b"x", "", "请选择文件")],
)
def test_what_is_no_file_of_zones_is_told_beside_the_form(planner, content, name, words):
    answer = send(planner, content, name)
    assert answer.status_code == 400 and words in answer.text and 'value="coal_free" selected' in answer.text


def test_a_check_that_takes_too_long_ends_in_a_sentence(planner, monkeypatch):
    monkeypatch.setattr(draft_files, "CHECK_S", -1.0)
    answer = send(planner, geojson((box(1, 1, 5, 4), {"名称": "巩义市禁煤区"})))
    assert answer.status_code == 400 and "请用 gridmap drafts import 命令" in answer.text
