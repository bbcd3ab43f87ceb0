"""/draws: from the list that is fixed to the certificate, once; what was typed is never lost, what was drawn never changed."""

import datetime as dt
import io
import json
import re
import subprocess
import sys
import threading
import uuid

import openpyxl
import pytest
from click.testing import CliRunner

from gridmap.app import create_app
from gridmap.cli import cli
from gridmap.db.session import connect, transaction
from gridmap.domain import draw_record, random_draw
from tests import accounts, databases
from tests.builders import add_region, add_site, box

TODAY = dt.date(2020, 10, 15)
COUNTY, OTHER = "410181", "410182"


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("random_draws") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
            add_region(cursor, "410100", "city")
            add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent="410100", name="巩义市")
            add_region(cursor, OTHER, "county", box(10, 0, 20, 10), parent="410100", name="荥阳市")
            for n in range(10):
                add_site(cursor, f"site-{n}", (n, 1), kind="machine" if n % 2 else "enterprise")
            add_site(cursor, "elsewhere", (12, 1), county=OTHER)
        conn.close()
        yield url


@pytest.fixture(scope="module")
def app(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture(scope="module")
def enter(app, world_url):
    return lambda role, place=None: accounts.carry(app.test_client(), accounts.enter(world_url, role, place))


@pytest.fixture(scope="module")
def people(enter):
    """The bureau, three inspectors of one county and one of another."""
    return {
        "bureau": enter("bureau"),
        "inspectors": [enter("inspector", COUNTY) for _ in range(3)],
        "other": enter("inspector", OTHER),
    }


def fields(**more):
    return {
        "title": "双随机", "day": "2020-10-15", "county": COUNTY, "strata": "kind,county", "unit": "percent",
        "amount": "50", "team": "2", "off_hours_pct": "20", "seed_kind": "machine",
        "request_key": str(uuid.uuid4()), **more,
    }  # fmt: skip


def fix(people, **more):
    answer = people["bureau"].post("/draws/new", data=fields(**more))
    assert answer.status_code == 303, re.findall(r'class="wrong-text"[^>]*>([^<]*)', answer.text)
    return int(answer.location.split("?")[0].rsplit("/", 1)[1])


def test_from_the_list_to_the_certificate(people):
    bureau = people["bureau"]
    draw = fix(people, bar_last="1")
    page = bureau.get(f"/draws/{draw}").text
    listed = bureau.get(f"/draws/{draw}/record.txt")
    assert random_draw.sha256(listed.text) in page
    assert "名单已固定，待抽取" in page
    assert bureau.post(f"/draws/{draw}/seed").status_code == 303
    record = bureau.get(f"/draws/{draw}/record.json").json
    _given, result = draw_record.verify(record, random_draw.sha256(listed.text))
    assert len(result.drawn) == 6
    page = bureau.get(f"/draws/{draw}").text
    for told in (record["seed"], record["record_sha256"], *(one.site for one in result.drawn)):
        assert told in page
    told = bureau.get(f"/api/draws/{draw}").json
    assert told["record"] == record
    assert [one["site_id"] for one in told["drawn"]] == [one.site for one in result.drawn]
    book = openpyxl.load_workbook(io.BytesIO(bureau.get(f"/draws/{draw}/record.xlsx").data))
    assert [sheet.max_row for sheet in book] == [13, 7, 3, 11, 4, 1]


def test_the_verifier_runs_by_itself(people, tmp_path):
    draw = fix(people, kind_machine="1")
    people["bureau"].post(f"/draws/{draw}/seed")
    files = {}
    for address in ("/draws/verify-draw.pyz", f"/draws/{draw}/record.json"):
        answer = people["inspectors"][0].get(address)
        files[address] = tmp_path / answer.headers["Content-Disposition"].split('"')[1]
        files[address].write_bytes(answer.data)
    record = json.loads(answer.text)
    command = [sys.executable, "-I", "-S", *map(str, files.values())]
    told = subprocess.run([*command, record["list_sha256"]], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert told.returncode == 0, told.stderr
    assert "true: 3 of 5 sites drawn, 0 left out" in told.stdout
    files[address].write_text(json.dumps({**record, "seed": "2"}), "utf-8")
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert "the seed draws something else" in told.stderr


def test_the_command_line_draws_too(people, world_url, monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", world_url)

    def run(*words):
        told = CliRunner().invoke(cli, ["draw", *words], catch_exceptions=False)
        assert told.exit_code == 0, told.output
        return told.output

    made = json.loads(
        run(
            "new",
            "--title",
            "命令行",
            "--county",
            COUNTY,
            "--kind",
            "machine:2",
            "--not-last",
            "--leave-out-unmatched",
            "--json",
        )
    )
    draw = str(made["draw_id"])
    assert "sites drawn" not in run("seed", draw)
    path = tmp_path / "record.json"
    path.write_text(run("show", draw, "--json"), "utf-8")
    assert "true: the list" in run("verify", str(path), "--commitment", made["list_sha256"])
    run("annul", draw, "--reason", "试")
    assert "annulled               试" in run("show", draw)
    assert json.loads(run("list", "--county", COUNTY, "--json"))[0]["state"] == "annulled"


def test_an_inspector_sees_what_he_was_drawn_for_and_may_change_nothing(people):
    draw = fix(people, amount="100")
    people["bureau"].post(f"/draws/{draw}/seed")
    told = people["bureau"].get(f"/api/draws/{draw}").json["drawn"]
    mine = people["inspectors"][0]
    lines = re.findall(r"<tr>.*?</tr>", mine.get("/draws").text.split("历次抽取")[0], re.DOTALL)
    drawn = {line.split('"/sites/')[1].split('"')[0] for line in lines if f'href="/draws/{draw}"' in line}
    assert drawn == {one["site_id"] for one in told if _me(mine) in one["inspectors"]}
    assert drawn
    assert "生成种子" not in mine.get(f"/draws/{draw}").text
    for address in ("/draws/new", f"/draws/{draw}/seed", f"/draws/{draw}/annul", "/draws/conflicts"):
        assert mine.post(address, data=fields()).status_code == 403
    assert people["other"].get(f"/draws/{draw}").status_code == 404
    assert people["other"].get(f"/api/draws/{draw}").status_code == 404


def test_of_a_draw_about_other_counties_too_a_county_sees_its_own_sites(people):
    draw = fix(people, county="", team="1", amount="100")
    people["bureau"].post(f"/draws/{draw}/seed")
    mine = people["inspectors"][0]
    page = mine.get(f"/draws/{draw}").text
    assert "完整记录请向市局索取" in page
    assert "site-3" in page and "elsewhere" not in page
    assert mine.get(f"/draws/{draw}/record.json").status_code == 404
    book = openpyxl.load_workbook(io.BytesIO(mine.get(f"/draws/{draw}/record.xlsx").data))
    assert [sheet.max_row for sheet in book] == [13, 11]
    told = mine.get(f"/api/draws/{draw}").json
    assert told["record"] is None
    assert len(told["drawn"]) == 10


def _me(client):
    return re.search(r'title="我的账号：([^"]+)"', client.get("/draws").text)[1]


def test_what_is_sent_twice_is_made_once(people):
    key = str(uuid.uuid4())
    sent = [people["bureau"].post("/draws/new", data=fields(request_key=key)).location for _ in range(2)]
    assert sent[0].split("?")[0] == sent[1].split("?")[0]
    assert sent[1].endswith("done=twice")
    assert "没有再建一份" in people["bureau"].get(sent[1]).text


def test_two_people_draw_at_once_and_one_of_them_is_told(people, enter):
    draw = fix(people)
    clients = [people["bureau"], enter("bureau")]
    answers = []
    threads = [
        threading.Thread(target=lambda each=each: answers.append(each.post(f"/draws/{draw}/seed"))) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = next(answer.text for answer in answers if answer.status_code == 409)
    assert "没有再抽一次" in told
    assert people["bureau"].get(f"/draws/{draw}/record.json").json["record_sha256"] in told


def test_a_public_seed_is_typed_and_a_wrong_one_given_back(people):
    draw = fix(people, seed_kind="public", seed_source="2020-10-16 福彩3D")
    for seed in ("", "   ", "1\t2", "9" * 201):
        answer = people["bureau"].post(f"/draws/{draw}/seed", data={"seed": seed})
        assert answer.status_code == 400
        assert "没有抽取" in answer.text
    assert people["bureau"].post(f"/draws/{draw}/seed", data={"seed": "3 1 7' "}).status_code == 303
    assert "3 1 7&#39;" in people["bureau"].get(f"/draws/{draw}").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "请填写"),
        ({"day": "2020-10-14"}, "过去的日期不能补抽"),
        ({"day": "2020-13-01"}, "应为年-月-日"),
        ({"county": "999999"}, "请选择名单中的"),
        ({"amount": "0"}, "大于 0"),
        ({"amount": "101"}, "不超过 100"),
        ({"amount": "nan"}, "最多两位小数"),
        ({"amount": "1e1"}, "最多两位小数"),
        ({"unit": "number", "amount": "1.5"}, "从 1 起的整数"),
        ({"unit": "x"}, "请选择一项"),
        ({"off_hours_pct": "101"}, "0 至 100"),
        ({"team": "0"}, "1 至 10"),
        ({"unvisited_days": "-3"}, "1 至 36500"),
        ({"amount_machine": "5"}, "请同时勾选这个种类"),
        ({"kind_machine": "1", "amount_machine": "0"}, "大于 0"),
        ({"seed_kind": "public"}, "哪个公开号码"),
    ],
)
def test_a_mistake_is_told_beside_what_was_typed(people, wrong, told):
    answer = people["bureau"].post("/draws/new", data=fields(**{"title": "第三周", **wrong}))
    assert answer.status_code == 400
    assert told in "".join(re.findall(r'class="wrong-text"[^>]*>([^<]*)', answer.text))
    assert 'value="50"' in answer.text or "amount" in wrong


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind_quarry": "1"}, "没有可抽取的名单"),
        ({"team": "4"}, "巩义市有 3 个"),
        ({"county": "", "team": "2"}, "荥阳市有 1 个"),
        ({"kind_machine": "1", "amount_machine": "5", "strata": "county"}, "就要按种类分层"),
        ({"replaces": "999"}, "只有已作废的抽取才能重抽"),
    ],
)
def test_what_can_not_be_drawn_from_is_told(people, wrong, told):
    answer = people["bureau"].post("/draws/new", data=fields(**wrong))
    assert answer.status_code == 409
    assert told in "".join(re.findall(r'class="wrong-text"[^>]*>([^<]*)', answer.text))


def test_an_old_form_is_given_back(people):
    bureau = people["bureau"]
    header = {"X-CSRF-Token": "old"}
    draw = fix(people)
    for address, data in (
        ("/draws/new", fields(title="留着")),
        (f"/draws/{draw}/seed", {}),
        (f"/draws/{draw}/annul", {"reason": "留着"}),
        ("/draws/conflicts", {"reason": "留着"}),
    ):
        answer = bureau.post(address, data=data, headers=header)
        assert answer.status_code == 403
        assert "页面已过期" in answer.text
        assert "留着" in answer.text or not data
    assert bureau.get(f"/api/draws/{draw}").json["state"] == "fixed"


def test_a_mistaken_draw_is_annulled_and_drawn_again(people):
    bureau = people["bureau"]
    draw = fix(people, kind_machine="1", amount_machine="20", unvisited_days="30")
    bureau.post(f"/draws/{draw}/seed")
    assert bureau.post(f"/draws/{draw}/annul", data={"reason": " "}).status_code == 400
    assert bureau.post(f"/draws/{draw}/annul", data={"reason": "种类选错"}).status_code == 303
    assert bureau.post(f"/draws/{draw}/annul", data={"reason": "再来"}).status_code == 409
    form = bureau.get(f"/draws/new?replaces={draw}").text
    assert 'name="amount_machine"' in form
    assert re.search(r'name="kind_machine" value="1" checked', form)
    assert re.search(r'name="unvisited_days"[^>]*value="30"', form)
    anew = fix(people, replaces=str(draw))
    assert f"由第 {anew} 号代替" in bureau.get(f"/draws/{draw}").text
    assert "种类选错" in bureau.get(f"/draws/{draw}").text
    listed = bureau.get("/draws").text
    assert listed.index(f'href="/draws/{anew}"') < listed.index(f'href="/draws/{draw}"')


def test_conflicts_are_declared_ended_and_kept_in_draws(people):
    bureau = people["bureau"]
    wrong = bureau.post("/draws/conflicts", data={"post": "没有这个岗", "subject": "none", "last_day": "x"})
    assert wrong.status_code == 400
    assert len(re.findall(r'class="wrong-text"', wrong.text)) == 5
    data = {"post": f"inspector-{COUNTY}", "subject": "site-0", "reason": "亲属任职", "begins_on": "2020-10-01"}
    assert bureau.post("/draws/conflicts", data={**data, "last_day": "2020-09-01"}).status_code == 400
    assert bureau.post("/draws/conflicts", data=data).status_code == 303
    assert bureau.post("/draws/conflicts", data=data).status_code == 409
    # all three inspectors have this post in the test: nobody is left for the site
    refused = bureau.post("/draws/new", data=fields())
    assert refused.status_code == 409
    assert "site-0" in refused.text
    draw = fix(people, drop_unmatched="1", amount="100")
    bureau.post(f"/draws/{draw}/seed")
    page = bureau.get(f"/draws/{draw}").text
    assert "无须回避的检查人员不足" in page
    assert "亲属任职" in page
    key = re.search(r"/draws/conflicts/(\d+)/end", bureau.get("/draws/conflicts").text)[1]
    assert bureau.post(f"/draws/conflicts/{key}/end").status_code == 303
    assert bureau.post(f"/draws/conflicts/{key}/end").status_code == 404
    assert fix(people, day="2020-10-16")


def test_a_site_that_closed_since_is_told_of(people, world_url):
    draw = fix(people, amount="100", day="2020-10-16")
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.site SET closed_on = '2020-10-15' WHERE site_id = 'site-9'")
    people["bureau"].post(f"/draws/{draw}/seed")
    page = people["bureau"].get(f"/draws/{draw}").text
    assert "名单固定后已关闭或不在册" in page
    assert "可抽的不够" in page
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.site SET closed_on = NULL")
    conn.close()


@pytest.mark.parametrize("address", ["/draws/0", "/draws/x", "/draws/99999999999999999999", "/api/draws/x"])
def test_what_is_not_there_is_not_found(people, address):
    assert people["bureau"].get(address).status_code == 404


def test_a_file_of_another_form_is_not_found(people):
    assert people["bureau"].get(f"/draws/{fix(people, drop_unmatched=1)}/record.exe").status_code == 404


def test_every_change_is_in_the_log(people, world_url):
    draw = fix(people, drop_unmatched=1)
    people["bureau"].post(f"/draws/{draw}/seed")
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT action, after FROM gridmap.audit_log WHERE relation = 'random_draw' AND row_key = %s ORDER BY log_id",
            [str(draw)],
        )
        found = cursor.fetchall()
    conn.close()
    assert [row.action for row in found] == ["insert", "update"]
    assert json.dumps(found[1].after).find("record_sha256") > 0
