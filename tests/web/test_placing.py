"""/data/placing: a clerk goes through what has no position, is told what is doubtful or late, and takes it back."""

import re

import pytest

from gridmap.db.session import connect, transaction
from tests import builders, databases
from tests.ingest.ledgers import lonlat

SITE = """
INSERT INTO gridmap.site (site_id, kind, name, address, county_code, reported_region_code, geom, position_error_m,
    placed_by, source)
SELECT v.id, 'enterprise', v.name, '回郭镇干沟村', v.county, v.reported, ST_SetSRID(ST_MakePoint(%s, %s), 4490), 9000,
    'township', 'test'
FROM (VALUES ('p-1', '干沟厂', '410181', '410181113'), ('p-2', '柏峪厂', '410181', '410181'),
    ('q-1', '邻县厂', '410182', '410182')) AS v (id, name, county, reported)
"""


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("placing_page") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = '410100'")
            builders.add_region(cursor, "410100", "city", builders.box(0, 0, 20, 10))
            for code, west, name in (("410181", 0, "巩义市"), ("410182", 10, "荥阳市")):
                box = builders.box(west, 0, west + 10, 10)
                builders.add_region(cursor, code, "county", box, parent="410100", name=name, error_m=20)
            box = builders.box(0, 0, 4, 10)
            builders.add_region(cursor, "410181113", "township", box, parent="410181", name="回郭镇")
            builders.add_village(cursor, "410181113201", (1, 2), name="干沟村", match_name="干沟")
            cursor.execute(
                "INSERT INTO gridmap.place_mention (mention_id, document, item, name, match_name, county_code, "
                "township_code, mentioned_on) VALUES ('m-1', '文', '1', '干沟', '干沟', '410181', '410181113', '2019-11-15')"
            )
        conn.close()
        yield url


@pytest.fixture(autouse=True)
def sites(world_url):
    """Put the same three unplaced sites there for each test."""
    change(world_url, "DELETE FROM gridmap.site")
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute(SITE, lonlat(2, 5))
    conn.close()


def change(url, statement):
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(statement)
        found = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
    conn.close()
    return found


def give(client, key="p-1", km=1, **more):
    address = f"/data/placing/site/{key}"
    lon, lat = lonlat(km, 1)
    mark = more.pop("mark", None) or mark_of(client.get(address).text)
    data = {
        "x": f"{lon:.6f}", "y": f"{lat:.6f}", "crs": "cgcs2000", "error_m": "40", "basis": "address", "mark": mark,
        "do": "next", **more,
    }  # fmt: skip
    return client.post(address, data=data)


def mark_of(text):
    return re.search(r'name="mark" value="([0-9a-f-]+)"', text)[1]


def stands(url, key="p-1"):
    return change(
        url, f"SELECT placed_by, position_error_m, county_code, region_code FROM gridmap.site WHERE site_id = '{key}'"
    )[0]


def test_the_list_leads_to_the_first_with_what_helps_to_find_it(inspector):
    listed = inspector.get("/data/unplaced").text
    assert "/data/placing/site/p-1" in listed and "q-1" not in listed
    assert "企业台账 (2)" in listed, "counted of the reader's own county, and opened at what waits"
    assert "还有待定位的" in inspector.get("/data/unplaced?what=site/boiler").text
    page = inspector.get("/data/placing/site/p-1").text
    assert "回郭镇干沟村" in page and "仅知所在乡镇" in page and "还有 2 个待定位" in page
    assert re.findall(r'data-kind="(\w+)">([^<]+)<', page) == [
        ("township", "回郭镇"), ("village", "干沟村"), ("place_mention", "干沟"),
    ]  # fmt: skip
    found = inspector.get("/api/places?q=干沟").get_json()["items"]
    assert [place["kind"] for place in found] == ["site", "village", "place_mention"] or {
        place["kind"] for place in found
    } == {"site", "village", "place_mention"}
    assert inspector.get("/data/placing/site/p-1?q=干沟").status_code == 200
    assert "/data/placing/site/p-1" in inspector.get("/sites/p-1").text, "a site's own page leads here"


def test_saving_goes_on_to_the_next_and_can_be_taken_back(inspector, world_url):
    before = stands(world_url)
    answer = give(inspector)
    assert answer.status_code == 303 and "/data/placing/site/p-2?saved=" in answer.headers["Location"]
    assert stands(world_url) == ("hand", 40, "410181", "410181113")
    page = inspector.get(answer.headers["Location"]).text
    assert "已保存：“干沟厂”" in page and "下次审查按新位置判" in page and "还有 1 个待定位" in page
    batch = re.search(r'name="batch" value="(\d+)"', page)[1]
    assert "手工定位" not in inspector.get("/data/imports").text, "a finger on the map is no file"
    last = give(inspector, "p-2")
    assert last.headers["Location"].startswith("/data/unplaced?") and "列表里的最后一个" in inspector.get(
        last.headers["Location"]
    ).text  # fmt: skip
    assert inspector.post("/data/placing/site/p-1/undo", data={"batch": "1" * 9}).status_code == 409
    undone = inspector.post("/data/placing/site/p-1/undo", data={"batch": batch})
    assert undone.status_code == 303 and stands(world_url) == before
    assert "已撤销" in inspector.get(undone.headers["Location"]).text
    assert "没有撤销" in inspector.post("/data/placing/site/p-1/undo", data={"batch": batch}).text


def test_what_is_wrong_or_doubtful_is_told_and_what_was_typed_given_back(inspector, world_url):
    for more, sentence in (
        ({"error_m": "0"}, "大于 0"), ({"error_m": "nan"}, "大于 0"), ({"x": ""}, "还没有位置"), ({"x": "NaN"}, "应为"),
        ({"x": "34.7", "y": "112.9"}, "两列对调"), ({"x": "116.4", "y": "39.9"}, "市域范围内"),
        ({"crs": "xian80"}, "请从列表里选择"), ({"basis": "other"}, "写明依据"), ({"basis": "x"}, "请选择定位依据"),
    ):  # fmt: skip
        answer = give(inspector, **more)
        assert answer.status_code == 400 and sentence in answer.text, more
        assert f'value="{more.get("error_m", "40")}"' in answer.text, more
    doubted = give(inspector, km=7)
    assert doubted.status_code == 409 and "不在申报的回郭镇" in doubted.text
    place = re.search(r'name="confirmed" value="([0-9.,]+)"', doubted.text)[1]
    assert give(inspector, km=8, confirmed=place).status_code == 409, "a confirmation is of one position"
    looked = give(inspector, km=7, do="look")
    assert looked.status_code == 200 and "还没有保存" in looked.text
    assert stands(world_url)[0] == "township"
    assert give(inspector, km=7, confirmed=place).status_code == 303
    assert stands(world_url) == ("hand", 40, "410181", "410181")


def test_the_second_of_two_clerks_is_told_who_was_first(inspector, bureau, world_url):
    seen = mark_of(bureau.get("/data/placing/site/p-1").text)
    assert give(inspector).status_code == 303
    late = give(bureau, km=2, mark=seen, do="save")
    assert late.status_code == 409 and re.search(r"test-inspector-\S+ 已给它定了位", late.text)
    assert mark_of(late.text) != seen, "having seen it, he may place it again"
    assert give(bureau, km=2, mark=mark_of(late.text), do="save").status_code == 303
    assert [row[0].startswith("test-") for row in change(world_url, "SELECT actor FROM gridmap.audit_log "
        "WHERE row_key = 'p-1' AND action = 'update' ORDER BY log_id DESC LIMIT 2")] == [True, True]  # fmt: skip


def test_what_is_another_county_s_closed_or_gone_is_not_placed(inspector, bureau, world_url):
    assert inspector.get("/data/placing/site/q-1").status_code == 404
    assert inspector.get("/data/placing/village/410182113201").status_code == 404
    assert give(inspector, "p-1", km=12, confirmed="*").status_code == 400, "beyond his county"
    seen = mark_of(inspector.get("/data/placing/site/p-1").text)
    change(world_url, "UPDATE gridmap.site SET county_code = '410182' WHERE site_id = 'p-1'")
    assert give(inspector, mark=seen).status_code == 404, "gone from his area meanwhile"
    change(world_url, "UPDATE gridmap.site SET closed_on = '2020-10-01' WHERE site_id = 'p-2'")
    closed = inspector.get("/data/placing/site/p-2")
    assert closed.status_code == 409 and "关闭" in closed.text
    change(world_url, "DELETE FROM gridmap.site WHERE site_id = 'p-2'")
    assert give(inspector, "p-2", mark=seen).status_code == 404
    assert bureau.get("/data/placing/zone/1").status_code in (400, 404)
    assert bureau.get("/data/placing/station/1").status_code == 404
