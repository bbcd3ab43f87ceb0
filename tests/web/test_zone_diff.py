"""/zones/diff, its report and its files: numbers, mistakes beside their fields, and drafts only for who may read them."""

import datetime as dt
import io
import re

import geopandas
import openpyxl
import pytest
import shapely

from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from gridmap.domain.draft import Content
from gridmap.store import drafts
from tests import accounts, databases
from tests.builders import add_region, add_site, add_village, add_zone, box, degrees

COUNTY, OTHER, CITY = "410181", "410182", "410100"
SECRET = "东扩草案文件"
"""What only readers of the draft may find."""


@pytest.fixture(scope="module")
def world():
    """Yield URL and ids: two versions (a, b), a draft of the second, a zone of the kind, one of another, lists only."""
    with databases.migrated("diff_pages") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [dt.date(2020, 10, 15)])
            add_region(cursor, CITY, "city")
            add_region(cursor, COUNTY, "county", box(-5, -5, 20, 20), parent=CITY, name="巩义市")
            add_region(cursor, OTHER, "county", box(20, -5, 30, 20), parent=CITY, name="荥阳市")
            add_village(cursor, "410181113201", (0.5, 0.5), households=100)
            add_village(cursor, "410181113202", (5, 1), households=50)
            add_village(cursor, "410181113203", (5.5, 1))
            add_village(cursor, "410181113204", (9, 1), households=9)
            add_site(cursor, "came", (5, 2))
            add_site(cursor, "foreign", (5, 3), county=OTHER)
            a = add_zone(cursor, boundary=box(0, 0, 4, 4), document_number="巩政〔2019〕1号")
            b = add_zone(cursor, boundary=box(2, 0, 6, 4), begins_on="2020-10-01", document_number="巩政〔2020〕2号")
            ids = {"a": a, "b": b}
            ids["other"] = add_zone(cursor, "coal_free_other", boundary=box(12, 12, 13, 13))
            ids["kind"] = add_zone(cursor, "no_burn_1", boundary=box(0, 0, 9, 9), kind="no_burn")
            ids["list_a"] = add_zone(cursor, "coal_free_list", units_in=("410181113204",))
            ids["list_b"] = add_zone(cursor, "coal_free_list", begins_on="2020-10-01", units_in=("410181113203",))
            own = drafts.create(cursor, b, title="东扩", author="planner-01")
            content = Content(shapely.to_wkb(shapely.MultiPolygon([degrees(box(2, 0, 10, 4))])))
            drafts.save(cursor, own.zone_id, 1, content, actor="planner-01")
            cursor.execute("UPDATE gridmap.zone SET document = %s WHERE zone_id = %s", [SECRET, own.zone_id])
            ids["draft"] = own.zone_id
        conn.close()
        yield url, ids


@pytest.fixture(scope="module")
def ask(world):
    """Return a function that asks for an address as a role; {a}, {b} … are ids of the world."""
    url, ids = world
    application = create_app(url)
    application.config["TESTING"] = True
    tokens = {}

    def asked(address, role="bureau", place=None):
        key = (role, place)
        if key not in tokens:
            tokens[key] = accounts.enter(url, role, place)
        return accounts.carry(application.test_client(), tokens[key]).get(address.format(**ids))

    yield asked
    application.extensions["gridmap_pools"].close()


def glance(html):
    """Return the numbers at the top, by change and what."""
    found = {}
    for change, row in re.findall(r'<tr data-change="(\w+)">(.*?)</tr>', html, re.S):
        for what, value in re.findall(r'data-what="(\w+)">([^<]*)<', row):
            found[change, what] = value
    return found


PAIR = "a={a}&b={b}"
DAYS = "from=2020-01-01&to=2020-10-15&kind=coal_free"


def test_the_numbers_at_a_glance(ask):
    answer = ask(f"/zones/diff?{PAIR}")
    assert answer.status_code == 200
    numbers = glance(answer.text)
    assert {change: numbers[change, "km2"] for change in ("added", "removed", "kept")} == {
        "added": "8.00", "removed": "8.00", "kept": "8.00",
    }  # fmt: skip
    # 203 is held by the list of another zone on both sides
    assert (numbers["added", "villages"], numbers["added", "households"], numbers["added", "sites"]) == ("1", "50", "2")
    assert (numbers["removed", "villages"], numbers["removed", "households"]) == ("1", "100")
    assert "/?sel=village%3A410181113202" in answer.text and "/?sel=site%3Acame" in answer.text


def test_sites_are_those_of_the_readers_area(ask):
    own = ask(f"/zones/diff?{PAIR}", "inspector", COUNTY)
    assert glance(own.text)["added", "sites"] == "1"
    assert "演示came" in own.text and "foreign" not in own.text
    elsewhere = ask(f"/zones/diff.geojson?{PAIR}", "inspector", OTHER)
    assert "foreign" in elsewhere.text and "came" not in elsewhere.text


@pytest.mark.parametrize("query", [PAIR, DAYS, "a={b}&b={draft}"])
def test_files_say_what_the_page_says(ask, query):
    reader = ("planner", COUNTY)
    numbers = glance(ask(f"/zones/diff?{query}", *reader).text)
    answer = ask(f"/zones/diff.xlsx?{query}", *reader)
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    summary = {row[0].value: row[1].value for row in book["概要"].iter_rows(min_row=2)}
    frame = geopandas.read_file(io.BytesIO(ask(f"/zones/diff.geojson?{query}", *reader).data))
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    metres = frame.to_crs(4547)
    for change, word in (("added", "划入"), ("removed", "划出"), ("kept", "保留")):
        told = float(numbers[change, "km2"])
        land = metres[(metres.feature_kind == "land") & (metres.change == change)]
        assert land.geometry.area.sum() / 1e6 == pytest.approx(told, abs=0.006)
        assert land.area_m2.sum() / 1e6 == pytest.approx(told, abs=0.006)
        assert summary[f"{word} m²"] / 1e6 == pytest.approx(told, abs=0.006)
        if change == "kept":
            continue
        for kind, title in (("village", "村庄数"), ("site", "监管对象数（本人可见范围）")):
            count = int(numbers[change, f"{kind}s"])
            assert ((frame.feature_kind == kind) & (frame.change == change)).sum() == count
            assert summary[f"{word}{title}"] == count
        assert summary[f"{word}户数（已知）"] == int(numbers[change, "households"])


def test_rings_run_as_rfc_7946_wants_them(ask):
    frame = geopandas.read_file(io.BytesIO(ask(f"/zones/diff.geojson?{PAIR}").data))
    for land in frame[frame.feature_kind == "land"].geometry:
        for polygon in getattr(land, "geoms", [land]):
            assert polygon.exterior.is_ccw
    assert '"crs"' not in ask(f"/zones/diff.geojson?{PAIR}").text


def test_two_days_tell_the_zones_that_changed(ask):
    answer = ask(f"/zones/diff?{DAYS}")
    assert answer.status_code == 200
    assert "2 个区域变了，1 个没有变" in answer.text
    assert glance(answer.text)["added", "km2"] == "8.00"
    elsewhere = ask(f"/zones/diff?{DAYS}&county={OTHER}")
    # its zones did not change, but another county's reach into it
    assert "0 个区域变了" in elsewhere.text and glance(elsewhere.text)["added", "sites"] == "1"
    unchanged = ask("/zones/diff?from=2020-01-01&to=2020-10-15&kind=no_burn")
    assert "0 个区域变了，1 个没有变" in unchanged.text and "没有不同" in unchanged.text


@pytest.mark.parametrize("path", ["/zones/diff", "/zones/diff/report"])
def test_a_draft_is_told_only_to_who_may_read_it(ask, path):
    address = f"{path}?a={{b}}&b={{draft}}"
    shown = ask(address, "planner", COUNTY)
    assert shown.status_code == 200 and SECRET in shown.text and "草案，未发布" in shown.text
    for role, place in (
        ("bureau", None), ("auditor", None), ("inspector", COUNTY), ("planner", OTHER), ("inspector", OTHER),
    ):  # fmt: skip
        hidden, nowhere = ask(address, role, place), ask(f"{path}?a={{b}}&b=987654", role, place)
        assert (hidden.status_code, nowhere.status_code) == (404, 404), (role, place)
        assert SECRET not in hidden.text


@pytest.mark.parametrize("query", ["zone={b}", PAIR, "a={a}&b={other}", DAYS, "from=2020-01-01&to=2050-01-01&kind=coal_free"])  # fmt: skip
@pytest.mark.parametrize("reader", [("bureau", None), ("inspector", COUNTY), ("planner", OTHER)], ids=str)
def test_no_list_of_versions_and_no_day_tells_of_a_draft(ask, world, query, reader):
    text = ask(f"/zones/diff?{query}", *reader).text
    assert SECRET not in text and "（草案）" not in text
    assert f'value="{world[1]["draft"]}"' not in text


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("a={a}&b={other}", "b", "是两个区域，不是同一区域的两个版本"),
        ("a={a}&b={kind}", "b", "是两类区域（禁煤区、高污染燃料禁燃区）"),
        ("a={a}", "b", "请选一个版本"),
        ("a=x&b={b}", "a", "版本编号“x”应为整数"),
        ("from=2020-10-15&to=2020-01-01&kind=coal_free", "to", "早于前一天"),
        ("from=2020-13-01&to=2020-01-01&kind=coal_free", "from", "不是有效日期"),
        ("to=2020-01-01&kind=coal_free", "from", "请填日期"),
        ("from=2020-01-01&to=2020-01-02&kind=coal", "kind", "没有“coal”这一类区域"),
    ],
)
def test_a_mistake_is_told_beside_its_field(ask, query, field, sentence):
    answer = ask(f"/zones/diff?{query}")
    assert answer.status_code == 400
    told = re.search(rf'id="wrong-{field}">([^<]*)<', answer.text)
    assert told and sentence in told[1]
    assert re.search(rf'name="{field}"[^>]*aria-describedby="wrong-{field}"', answer.text)
    assert "data-change" not in answer.text
    for path in ("/zones/diff/report", "/zones/diff.xlsx", "/zones/diff.geojson"):
        refused = ask(f"{path}?{query}")
        assert refused.status_code == 400
        assert "wrong" not in refused.text


def test_mistakes_are_told_in_the_readers_language(ask):
    assert "two zones, not two versions of one" in ask("/zones/diff?a={a}&b={other}&lang=en").text
    assert "There is no kind of zone called" in ask("/zones/diff?from=2020-01-01&to=2020-01-02&kind=x&lang=en").text


@pytest.mark.parametrize("path", ["/zones/diff", "/zones/diff/report"])
@pytest.mark.parametrize("query", ["a={a}&b={a}", "from=2020-01-01&to=2020-01-01&kind=coal_free"])
def test_what_is_the_same_is_said_to_be(ask, path, query):
    answer = ask(f"{path}?{query}")
    assert answer.status_code == 200 and "没有不同" in answer.text
    assert "没有不同" not in ask(f"{path}?{PAIR}").text


def test_versions_without_a_boundary_compare_their_lists(ask):
    answer = ask("/zones/diff?a={list_a}&b={list_b}")
    assert answer.status_code == 200
    assert "仅列名、没有界线的版本在图上没有面积" in answer.text
    assert "没有不同" not in answer.text
    lists = dict(re.findall(r"<dt>(\S+) <span.*?</dt><dd>([^<]*)</dd>", answer.text))
    assert set(lists) == {"新列入", "不再列入"}
    assert "村203" in lists["新列入"] and "村204" in lists["不再列入"]
    assert glance(answer.text)["kept", "km2"] == "0.00"


def test_choosing_a_zone_offers_its_versions(ask, world):
    text = ask("/zones/diff?zone={b}").text
    chosen = re.findall(r'<option value="(\d+)" selected>第', text)
    assert chosen == [str(world[1]["a"]), str(world[1]["b"])]
    assert "只有一个版本" in ask("/zones/diff?zone={other}").text


def test_the_report_names_map_scale_documents_sources_and_day(ask):
    text = ask(f"/zones/diff/report?{PAIR}").text
    for told in (
        "巩政〔2019〕1号",
        "巩政〔2020〕2号",
        "制表日期 2020-10-15",
        "EPSG:4547",
        "law-scale",
        "law-north",
        "图例",
        "test",
    ):
        assert told in text, told
    assert 'fill="url(#sheet-added)"' in text and 'fill="url(#sheet-removed)"' in text
    assert glance(text) == glance(ask(f"/zones/diff?{PAIR}").text)


def test_zone_and_draft_lead_here(ask, world):
    ids = world[1]
    pair = f"a={ids['a']}&amp;b={ids['b']}"
    assert pair in ask("/zones/{b}").text
    own = ask("/drafts/{draft}", "planner", COUNTY).text
    assert f"a={ids['b']}&amp;b={ids['draft']}" in own and "与依据的版本对比" in own
    assert "b=" + str(ids["draft"]) not in ask("/zones/{b}").text


def test_without_a_question_there_is_the_form_alone(ask):
    answer = ask("/zones/diff")
    assert answer.status_code == 200 and "data-change" not in answer.text
    assert answer.text.count("<form") >= 3
