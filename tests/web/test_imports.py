"""/data/import: a ledger is checked, shown, imported once, and taken back; nobody brings another county's."""

import io
import re
import threading

import openpyxl
import pytest

from gridmap.db.session import connect, transaction
from gridmap.domain.definition import Text
from gridmap.web import import_files, import_words
from tests import builders, databases, imports
from tests.imports import post, send, text
from tests.ingest.ledgers import lonlat


def row(number, x=1, y=1, county="巩义市", name="厂"):
    return [f"e-{number}", f"{name}{number}", "铸造", county, *(lonlat(x, y) if x else ("", ""))]


IN_MERCATOR = (
    b'{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[{"type":"Feature",'
    b'"properties":{"site_id":"m-1","name":"m"},"geometry":{"type":"Point","coordinates":[112.9,34.7]}}]}'
)


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("imports_page") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = '410100'")
            builders.add_region(cursor, "410100", "city", builders.box(0, 0, 20, 10))
            for code, west, name in (("410181", 0, "巩义市"), ("410182", 10, "荥阳市")):
                box = builders.box(west, 0, west + 10, 10)
                builders.add_region(cursor, code, "county", box, parent="410100", name=name, error_m=20)
        conn.close()
        yield url


def shown(client, address):
    return re.search(r'name="shown" value="([0-9a-f]+)"', client.get(address).text)[1]


def ask(url, query):
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(query)
        found = [tuple(each) for each in cursor.fetchall()]
    conn.close()
    return found


def test_a_ledger_is_imported_once_listed_and_taken_back(bureau, inspector, world_url):
    address = send(bureau, text([row(1), row(2, 12, county="荥阳市"), row(3, None)], title="台账"))
    page = bureau.get(address).text
    assert "可以导入" in page and "其中 1 个新对象没有坐标" in page and "<b>3</b> 新增" in page
    assert inspector.get(address).status_code == 404, "another account's file"
    mark = shown(bureau, address)
    assert bureau.post(address, data={"shown": "0" * 32}).status_code == 409
    answers = []
    clicks = [threading.Thread(target=lambda: answers.append(bureau.post(address, data={"shown": mark}))) for _ in "12"]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    [batch] = {re.search(r"/data/imports/([0-9]+)", answer.headers["Location"])[1] for answer in answers}
    assert ask(world_url, "SELECT count(*) FROM gridmap.import_batch") == [(1,)]
    assert bureau.get(address).status_code == 303, "what was imported leads to its batch"
    assert "台账.csv" in bureau.get("/data/imports").text and "厂3" in bureau.get("/data/unplaced").text
    told = bureau.get(f"/data/imports/{batch}?done=yes").text
    assert "已全部导入" in told and "待定位的对象" in told
    assert inspector.post(f"/data/imports/{batch}").status_code == 404, "it tells of another county too"
    assert bureau.post(f"/data/imports/{batch}").status_code == 303
    again = bureau.post(f"/data/imports/{batch}")
    assert again.status_code == 409 and "这一批已由 test-bureau" in again.text
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(0,)]


def test_what_an_office_numbered_in_chinese_is_found_everywhere_by_that_number(bureau):
    sent = send(bureau, text([["豫Ａ-７７号", "七七厂", "铸造", "巩义市", *lonlat(3, 3)]]))
    done = bureau.post(sent, data={"shown": shown(bureau, sent)})
    assert "七七厂" in bureau.get("/sites/豫A-77号").text
    assert bureau.get("/api/collections/site/items/豫A-77号").json["properties"]["name"] == "七七厂"
    assert "豫A-77号".encode() in bureau.get("/api/collections/site/export?f=csv").data
    assert bureau.post(done.headers["Location"].partition("?")[0]).status_code == 303


def test_what_changed_since_it_was_shown_is_shown_anew(bureau, world_url):
    first = send(bureau, text([row(10)]))
    second = send(bureau, text([row(10, name="另"), row(11)]))
    mark = shown(bureau, second)
    assert bureau.post(first, data={"shown": shown(bureau, first)}).status_code == 303
    late = bureau.post(second, data={"shown": mark})
    assert late.status_code == 409 and "检查以后数据有变化" in late.text
    assert "<del>厂10</del> → <ins>另10</ins>" in late.text and "<b>1</b> 有改动" in late.text
    expired = bureau.post(second, data={"shown": shown(bureau, second)}, headers={"X-CSRF-Token": "x"})
    assert expired.status_code == 403 and "页面已过期" in expired.text
    assert bureau.post(second, data={"shown": shown(bureau, second), "do": "forget"}).status_code == 303
    assert bureau.get(second).status_code == 404


def test_an_inspector_brings_his_own_county_only_and_learns_nothing_of_another(bureau, inspector, world_url):
    there = send(bureau, text([row(20, 12, county="荥阳市", name="邻")]))
    bureau.post(there, data={"shown": shown(bureau, there)})
    answer = send(inspector, text([row(20, 12, county="荥阳市"), row(21, 12, county="荥阳市"), row(22)]))
    page = inspector.get(answer).text
    assert "2 行有错误" in page and "本县（市、区）的对象" in page and "邻20" not in page
    assert "<b>0</b> 有改动" in page and 'value="apply"' not in page
    mine = send(inspector, text([row(22)]))
    assert inspector.post(mine, data={"shown": shown(inspector, mine)}).status_code == 303


def test_titles_that_are_not_recognised_are_asked_about_and_remembered(bureau):
    header = ("号", "单位", "行业门类", "县（市、区）", "经度", "纬度")
    answer = send(bureau, text([row(30)], header))
    assert answer.endswith("/columns")
    asked = bureau.get(answer).text
    assert "e-30" in asked and "还没有一列对应" in asked and "推测，请核对" in asked
    twice = bureau.post(answer, data={"column-0": "name", "column-1": "name"})
    assert twice.status_code == 400 and "已对应这个字段" in twice.text and "还没有一列对应" in twice.text
    names = ("site_id", "name", "industry", "county_name", "lon", "lat")
    checked = bureau.post(answer, data={f"column-{place}": name for place, name in enumerate(names)})
    assert checked.status_code == 303
    bureau.post(checked.headers["Location"], data={"shown": shown(bureau, checked.headers["Location"])})
    assert not send(bureau, text([row(31)], header)).endswith("/columns")


def test_problems_are_told_by_row_filtered_and_given_back_in_a_copy(bureau):
    rows = [
        row(40 + number) if number % 10 else [f"e-{40 + number}", "厂", "铸造", "巩义市", "x", "34.7"]
        for number in range(60)
    ]
    address = send(bureau, text(rows))
    page = bureau.get(address).text
    assert "6 行有错误" in page and "还不能导入" in page
    filtered = bureau.get(f"{address}?problem=fault:经度&state=new&changes=9").text
    assert filtered.count('<tr class="fault">') == 6 and "第 2 页，共 2 页" in filtered
    assert "<script>alert" not in bureau.get(f"{address}?problem=<script>alert(1)</script>").text
    sheet = openpyxl.load_workbook(io.BytesIO(bureau.get(f"{address}/copy.xlsx").data)).active
    assert sheet.max_row == 61 and "经度" in str(sheet.cell(2, 2).value)


@pytest.mark.parametrize(
    ("content", "name", "more", "told"),
    [
        (b"", "a.csv", {}, "0 字节"), (b"", "", {}, "请选择文件"), (b"PK\3\4" + b"x" * 90, "a.xlsx", {}, "文件读不出来"),
        (b"a", "a.csv", {"what": ""}, "请选择文件里是什么"), (b"a", "a.csv", {"what": "zone"}, "请选择文件里是什么"),
        (b"a", "a.csv", {"day": "2020-02-30"}, "应为年-月-日"), (b"a", "a.csv", {"crs": "EPSG:1"}, "请从列表里选择"),
        (b"a", "a.csv", {"what": "station", "replace": "yes"}, "不能整体替换"),
        (IN_MERCATOR, "a.json", {}, "不读坐标系“EPSG:3857”"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_beside_its_field(bureau, content, name, more, told):
    answer = post(bureau, content, name, **more)
    assert answer.status_code == 400 and told in answer.text and "aria-invalid" in answer.text
    assert "--crs" not in answer.text and "is not known" not in answer.text


def test_a_wrong_declaration_yields_to_what_is_said_and_degrees_read_as_metres_are_told(bureau):
    assert "文件声明的坐标系是 EPSG:3857" in bureau.get(send(bureau, IN_MERCATOR, "a.json", crs="cgcs2000")).text
    wrong = bureau.get(send(bureau, IN_MERCATOR.replace(b"3857", b"4547"), "a.json")).text
    assert "像是经纬度，请换坐标系" in wrong and "按CGCS2000 高斯投影" in wrong


def test_a_sheet_that_is_hidden_is_shown_when_asked_for(bureau):
    book, content = openpyxl.Workbook(), io.BytesIO()
    for values in [imports.HEADER, row(95)]:
        book.active.append(values)
    book.active.sheet_state = "hidden"
    book.create_sheet("空表")
    book.save(content)
    columns = send(bureau, content.getvalue(), "台账.xlsx")
    assert "看隐藏的工作表“Sheet”" in bureau.get(columns).text
    assert bureau.post(columns, data={"do": "sheet", "sheet": "Sheet"}).status_code == 303
    assert "e-95" in bureau.get(columns).text


def test_more_than_a_page_takes_names_the_command(bureau, monkeypatch):
    monkeypatch.setattr(import_files, "MOST_BYTES", 1000)
    answer = post(bureau, b"x" * 1001)
    assert answer.status_code == 400 and "gridmap layers import" in answer.text
    expired = bureau.post("/data/import", data={"what": "site/boiler"}, headers={"X-CSRF-Token": "x"})
    assert expired.status_code == 403 and '<option value="site/boiler" selected>' in expired.text


def test_a_workbook_called_csv_and_a_file_of_another_layer_are_understood(bureau):
    book, content = openpyxl.Workbook(), io.BytesIO()
    for values in [imports.HEADER, row(90)]:
        book.active.append(values)
    book.save(content)
    assert "可以导入" in bureau.get(send(bureau, content.getvalue(), "台账.csv")).text
    other = send(bureau, text([["s-1", "一站", "113.1", "34.7"]], ("站点编号", "站点名称", "经度", "纬度")))
    assert "选对种类再上传" in bureau.get(other).text


def test_files_of_a_day_ago_and_more_than_five_are_gone(bureau, world_url, monkeypatch):
    addresses = [send(bureau, text([row(70 + number)])) for number in range(7)]
    assert sum(bureau.get(address).status_code == 200 for address in addresses) == 5
    [oldest] = [folder for folder in import_files.root().glob("*/*") if folder.name in addresses[2]]
    with import_files.WaitingFile(oldest, None).alone():
        send(bureau, text([row(78)]))
    assert bureau.get(addresses[2]).status_code == 200, "what somebody works on gives way to none"
    monkeypatch.setattr(import_files, "KEPT_S", -10)
    import_files.clean()
    assert bureau.get(addresses[-1]).status_code == 404


def test_measured_values_come_in_as_other_ledgers_do(bureau, inspector, world_url):
    """A column a parameter; what names no subject is asked about; whose values they are is asked of an inspector."""
    rows = [["巩义市", "2020-08", "8.5", "<0.5"], ["荥阳市", "2020年8月", "—", "9"]]
    header = ["县区名", "月份", "降尘量(t/km2·30d)", "PM10月均值"]
    answer = post(bureau, text(rows, header=header), what="observation")
    columns = bureau.get(answer.headers["Location"])
    assert "监测对象名称" in columns.text, "asked for"
    address = send(bureau, text(rows, header=["区县", *header[1:]]), what="observation")
    page = bureau.get(address).text
    assert "可以导入" in page and "<b>3</b> 新增" in page and "“PM10月均值”没有写单位，按 µg/m³ 读取" in page
    theirs = inspector.get(send(inspector, text(rows, header=["区县", *header[1:]]), what="observation")).text
    assert "还不能导入" in theirs and "本县（市、区）的对象" in theirs
    bureau.post(address, data={"shown": shown(bureau, address)})
    assert ask(world_url, "SELECT subject_id, parameter, value, is_below_limit FROM gridmap.observation ORDER BY 1, 2") == [
        ("410181", "dustfall", 8.5, False), ("410181", "pm10", 0.5, True), ("410182", "pm10", 9.0, False),
    ]  # fmt: skip


def test_a_page_tells_of_no_options_of_commands(world_app):
    told = [
        Text("没有“编号”列（用 --map 标题=site_id 指定）", "no column site_id: say --map TITLE=site_id"),
        Text("有2列都像“名称”，请用 --map 指定", "2 columns could be name: say with --map which is"),
        Text("像 GCJ-02：请用 --crs 指定坐标系（--crs gcj02）", "look like GCJ-02: say --crs (--crs gcj02)"),
        Text(
            "像：请用 --map 对调（--map 经度（度）=lat --map y=lon）",
            "like x: exchange them with --map (--map x(1)=lat)",
        ),
        Text("二维几何（加 --repair 去掉高程）", "a geometry without heights (--repair leaves them out)"),
        Text("没有更晚的版本", "no version that begins after 2020-10-15: give a later day with --on"),
    ]
    for lang in ("zh", "en"):
        with world_app.test_request_context(f"/?lang={lang}"):
            assert not [text for text in told if "--" in import_words.plain(text)]
