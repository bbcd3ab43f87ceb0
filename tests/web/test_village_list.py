"""/villages/list: a list is compared, and put in force only when its comparison was shown before."""

import io
import re

import geopandas as gpd
import openpyxl
import pytest

from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from tests import accounts, databases
from tests.builders import add_region, add_village, box

TOWN = "410181113"
OLD = [(f"{TOWN}201", "东风村"), (f"{TOWN}202", "柏峪村"), (f"{TOWN}203", "石板坡村"), (f"{TOWN}204", "马庄村")]
NEW = f"代码,名称\n{TOWN}201,东门村民委员会\n{TOWN}002,柏峪社区居民委员会\n{TOWN}203,石板坡村民委员会\n"


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("village_list") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = '410100'")
            add_region(cursor, "410100", "city", box(0, 0, 10, 4))
            add_region(cursor, "410181", "county", box(0, 0, 10, 4), parent="410100", name="巩义市")
            add_region(cursor, TOWN, "township", box(0, 0, 4, 4), parent="410181", name="回郭镇")
            for number, (code, name) in enumerate(OLD):
                add_village(
                    cursor, code, (number, 1), name=name, official_name=f"{name}民委员会", match_name=name[:-1],
                    programme="planned" if number == 3 else "none",
                )  # fmt: skip
        conn.close()
        yield url


@pytest.fixture(scope="module")
def client(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield accounts.carry(application.test_client(), accounts.enter(world_url, "bureau"))
    application.extensions["gridmap_pools"].close()


def send(client, content, **more):
    data = {
        "list": (io.BytesIO(content if isinstance(content, bytes) else content.encode("gb18030")), "新名录.csv"),
        **more,
    }
    return client.post("/villages/list", data={"day": "2020-10-15", **data}, content_type="multipart/form-data")


def test_a_list_is_compared_and_nothing_changes_until_the_same_file_comes_again(client, world_url):
    shown = send(client, NEW)
    assert shown.status_code == 200, shown.text
    assert "东风村（410181113201）改名为东门村" in shown.text and "双替代计划：计划内" in shown.text
    assert "改代码 1" in shown.text and "名录中已无 1" in shown.text
    digest = re.search(r'name="compared" value="([0-9a-f]{64}@[0-9-]{10})"', shown.text)[1]
    other = send(client, NEW.replace("东门", "西门"), do="apply", compared=digest)
    assert other.status_code == 409 and "文件或日期与刚才对账的不同" in other.text
    another_day = send(client, NEW, do="apply", compared=digest, day="2020-12-01")
    assert another_day.status_code == 409 and "文件或日期与刚才对账的不同" in another_day.text
    no_report = send(client, NEW, do="apply")
    assert no_report.status_code == 409
    part = send(client, NEW.splitlines()[0] + "\n" + NEW.splitlines()[3])
    assert "巩义市 缺的村太多" in part.text
    part_digest = re.search(r'name="compared" value="([0-9a-f]{64}@[0-9-]{10})"', part.text)[1]
    refused = send(client, NEW.splitlines()[0] + "\n" + NEW.splitlines()[3], do="apply", compared=part_digest)
    assert refused.status_code == 409 and "名录像是只有一部分" in refused.text
    done = send(client, NEW, do="apply", compared=digest)
    assert done.status_code == 200 and "名录自 2020-10-15 起生效：改名 1，换代码而沿用资料 1" in done.text
    again = send(client, NEW, do="apply", compared=digest)
    assert again.status_code == 409 and "两份名录相同" in again.text
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT actor, after FROM gridmap.audit_log WHERE action = 'reconcile'")
        [(actor, after)] = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM gridmap.audit_log WHERE relation = 'village' AND actor = %s", [actor])
        assert cursor.fetchone()[0] == 6
    conn.close()
    assert actor.startswith("test-bureau-") and after["sha256"] == digest[:64] and after["source"] == "名录 新名录.csv"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "0 字节"), ("a,b\n1,2\n", "名录没有代码列"), ("代码,名称\n", "没有一行"), (b"PK\3\4", "已损坏或不完整"),
        ("代码,名称\n4.10181E+11,东风村\n", "12 位只剩 6 位"), (f"代码,名称\n{TOWN}201," + "村" * 10_000, "10000 个字符"),
        ("代码,名称,乡\n410181113201,东风村\n", "有2格，表头有3列"), ("代码,名称\n410181,巩义市\n", "新名录里没有村"), (b"\xff\xff\xff", "既不是 UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_given_back_with_the_reason(client, content, told):
    answer = send(client, content)
    assert answer.status_code == 400 and told in answer.text
    assert "Traceback" not in answer.text and "对账结果" not in answer.text


def test_a_workbook_or_a_geopackage_is_compared_as_a_csv_is(client, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["回郭镇村（社区）名录"])
    book.active.append(["代码", "名称"])
    book.active.append([410181113201, "东门村民委员会"])
    book.active.append([410181113203, "石板坡村民委员会"])
    book.create_sheet("说明").append(["来源", "民政局"])
    sent = io.BytesIO()
    book.save(sent)
    shown = send(client, sent.getvalue())
    assert shown.status_code == 200 and "名录中已无" in shown.text, shown.text
    book.create_sheet("另一份").append(["代码", "名称"])
    sent = io.BytesIO()
    book.save(sent)
    assert "有2个表都像要读取的（Sheet、另一份）" in send(client, sent.getvalue()).text
    path = tmp_path / "list.gpkg"
    gpd.GeoDataFrame(
        {"code": [f"{TOWN}201", f"{TOWN}203"], "name": ["东门村", "石板坡村"]},
        geometry=gpd.points_from_xy([112.9, 113], [34.7, 34.7]), crs=4490,
    ).to_file(path, driver="GPKG")  # fmt: skip
    assert "名录中已无" in send(client, path.read_bytes()).text
    none = client.post("/villages/list", data={"day": "2020-10-15"}, content_type="multipart/form-data")
    assert none.status_code == 400 and "请选择文件" in none.text


def test_a_wrong_day_and_an_expired_page_are_told(client):
    for day in ("", "2020-02-30", "0000-00-00", "x" * 100):
        assert "应为年-月-日" in send(client, NEW, day=day).text
    expired = client.post("/villages/list", data={}, headers={"X-CSRF-Token": "x"})
    assert expired.status_code == 403 and "页面已过期" in expired.text


def test_it_reads_in_english(client):
    told = client.post(
        "/villages/list?lang=en", data={"day": "2020-10-15", "list": (io.BytesIO(b"code,name\n4.1E+11,x\n"), "l.csv")}
    ).text
    assert "2 of 12 digits are left" in told and "Rows that cannot be read" in told


def test_the_page_on_the_data_leads_to_it(client):
    assert '/villages/list"' in client.get("/data").text
