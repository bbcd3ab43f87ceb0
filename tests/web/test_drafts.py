"""/drafts: a draft from its making to its publication, step by step and by role; nothing that was typed is lost."""

import datetime as dt
import threading

import pytest

from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from gridmap.planning import publication
from gridmap.rules import aftermath, catalogue, engine
from gridmap.rules.catalogue import Catalogue
from gridmap.store import drafts, zones
from tests import accounts, databases
from tests.builders import add_region, add_village, add_zone, box

TODAY = dt.date(2020, 10, 15)
COUNTY, OTHER, CITY = "410181", "410182", "410100"
RULES = Catalogue((catalogue.load().get("COAL-01"),), (), "drafts")


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("draft_pages") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
            add_region(cursor, CITY, "city")
            add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY, name="巩义市")
            add_region(cursor, OTHER, "county", box(10, 0, 20, 10), parent=CITY, name="荥阳市")
            add_village(cursor, "410181113201", (1, 1), name="演示村")
        conn.close()
        yield url


@pytest.fixture(scope="module")
def app(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture
def own(world_url):
    conn = connect(world_url)
    yield conn
    conn.close()


@pytest.fixture
def enter(app, world_url):
    return lambda role, place=None: accounts.carry(app.test_client(), accounts.enter(world_url, role, place))


@pytest.fixture
def people(enter):
    return {"planner": enter("planner", COUNTY), "reviewer": enter("reviewer", COUNTY), "bureau": enter("bureau")}


@pytest.fixture
def base(own, request):
    """A zone in force of its own for each test."""
    count = base.count = getattr(base, "count", 0) + 1
    with transaction(own) as cursor:
        return add_zone(cursor, f"pages_{count}", boundary=box(0, 0, 2, 2), begins_on=dt.date(2019, 1, 1))


@pytest.fixture
def draft(people, base):
    return create(people["planner"], base)


def create(client, base, title="向东扩"):
    answer = client.post("/drafts", data={"base": base, "title": title, "purpose": "覆盖东部平原村"})
    assert answer.status_code == 303, answer.text
    return int(answer.location.split("?")[0].rsplit("/", 1)[1])


def step(client, draft, name, **fields):
    return client.post(f"/drafts/{draft}/{name}", data=fields)


LAW = {
    "document": "关于调整禁煤区的通告", "number": "郑政通〔2020〕99号", "signed_on": "2020-10-10", "begins_on": "2020-11-01",
}  # fmt: skip


def law(**changes):
    return {**LAW, **changes}


def approve(people, draft):
    assert step(people["planner"], draft, "submit").status_code == 303
    assert step(people["reviewer"], draft, "approve").status_code == 303


def state(own, draft):
    with transaction(own) as cursor:
        return drafts.get_draft(cursor, draft).state


def in_force(own, base, day=None):
    lineage = zones.get_zone(own, base).lineage
    return [row.zone_id for row in zones.list_zones(own, as_of=day) if row.lineage == lineage]


def published(own, base):
    return [z.zone_id for z in zones.list_versions(own, zones.get_zone(own, base).lineage) if z.status == "published"]


def test_from_its_making_to_law_by_two_posts(people, own, base):
    planner, reviewer = people["planner"], people["reviewer"]
    draft = create(planner, base)
    text = planner.get(f"/drafts/{draft}").text
    assert "向东扩" in text and "编制中" in text and "提交审核" in text and f"/zones/{base}" in text
    assert "向东扩" in planner.get("/drafts?kind=coal_free&state=drafting&county=410181").text
    assert step(planner, draft, "describe", title="向东扩到和谐路", purpose="").status_code == 303
    assert step(planner, draft, "submit").status_code == 303
    assert "等待审核 1 份" in reviewer.get("/drafts").text and "等待审核" not in planner.get("/drafts").text
    assert all(words in reviewer.get(f"/drafts/{draft}").text for words in ("审核中", "向东扩到和谐路"))
    assert step(reviewer, draft, "comment", comment="这里请沿道路", lon="113.02", lat="34.7").status_code == 303
    page = planner.get(f"/drafts/{draft}?lang=en").text
    assert "113.020000, 34.700000" in page and "Red dots" in page and "这里请沿道路" in page and "under review" in page
    assert step(reviewer, draft, "return", reason="东界不清").status_code == 303
    assert "东界不清" in planner.get(f"/drafts/{draft}").text
    approve(people, draft)
    assert step(reviewer, draft, "publish", **law()).status_code == 303
    assert published(own, base) == [base, draft]
    page = planner.get(f"/drafts/{draft}?lang=zh").text
    assert "已发布" in page and "郑政通〔2020〕99号" in page and "办理</h2>" not in page


def test_who_may_not_gets_no_form_and_is_refused(people, enter, own, draft):
    stranger, auditor, inspector = enter("planner", OTHER), enter("auditor"), enter("inspector", COUNTY)
    assert stranger.get(f"/drafts/{draft}").status_code == people["bureau"].get(f"/drafts/{draft}").status_code == 404
    assert inspector.get("/drafts").status_code == inspector.get(f"/drafts/{draft}").status_code == 403
    for client, name in (
        (people["reviewer"], "submit"), (people["reviewer"], "withdraw"), (people["reviewer"], "describe"),
        (people["planner"], "approve"), (people["planner"], "return"), (people["planner"], "publish"),
    ):  # fmt: skip
        assert f'action="/drafts/{draft}/{name}"' not in client.get(f"/drafts/{draft}").text
        assert step(client, draft, name).status_code == 403
    assert step(stranger, draft, "submit").status_code == 404
    step(people["planner"], draft, "submit")
    for name in ("withdraw", "submit", "describe", "rebase"):  # a county's draft is the county's to change
        assert step(people["bureau"], draft, name).status_code == 403
    assert step(auditor, draft, "approve").status_code == 403
    assert step(stranger, draft, "withdraw").status_code == 404
    assert state(own, draft) == "submitted"
    assert step(people["bureau"], draft, "approve").status_code == 303


def test_only_a_countys_planner_drafts_for_it_and_the_city_for_itself(people, enter, own, base):
    with transaction(own) as cursor:
        citys = add_zone(cursor, "citys", boundary=box(0, 0, 9, 9), kind="machinery_restricted", county_code=CITY)
    fields = {"base": base, "title": "试"}
    assert people["bureau"].post("/drafts", data=fields).status_code == 403
    assert enter("planner", OTHER).post("/drafts", data=fields).status_code == 403
    assert people["reviewer"].post("/drafts", data=fields).status_code == 403
    assert people["planner"].post("/drafts", data={**fields, "base": citys}).status_code == 403
    assert f'value="{citys}"' not in people["planner"].get("/drafts").text
    made = create(people["bureau"], citys)
    assert people["bureau"].get(f"/drafts/{made}").status_code == 200
    assert people["planner"].get(f"/drafts/{made}").status_code == 404
    assert "从这一版新建草案" in people["planner"].get(f"/zones/{base}").text
    assert "从这一版新建草案" not in people["planner"].get(f"/zones/{citys}").text


def test_nobody_reviews_or_publishes_his_own(app, world_url, enter, people, own):
    with transaction(own) as cursor:
        citys = add_zone(cursor, "citys_own", boundary=box(0, 0, 9, 9), county_code=CITY)
    bureau = people["bureau"]
    draft = create(bureau, citys)
    step(bureau, draft, "submit")
    assert "须由另一个岗位审核和发布" in bureau.get(f"/drafts/{draft}").text
    for name, fields in (("approve", {}), ("return", {"reason": "退"})):
        refused = step(bureau, draft, name, **fields)
        assert refused.status_code == 409 and "由您编制或提交" in refused.text
    assert step(enter("bureau"), draft, "approve").status_code == 303
    refused = step(bureau, draft, "publish", **law())
    assert refused.status_code == 409 and "由您编制或提交" in refused.text and "郑政通〔2020〕99号" in refused.text
    assert published(own, citys) == [citys]


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("publish", law(signed_on="2020-11-02"), "还没有签发"),
        ("publish", law(signed_on="2020-10-15", begins_on="2020-10-14"), "早于平台的今天"),
        ("publish", law(begins_on="明天"), "应为年-月-日"),
        ("publish", law(document=""), "请填写"),
        ("publish", law(number="号" * 101), "最多 100 个"),
        ("publish", law(number="号\x00"), "无效字符"),
        ("return", {"reason": " "}, "请填写"),
        ("comment", {"comment": "此处", "lon": "113.02"}, "要一起填写"),
        ("comment", {"comment": "此处", "lon": "34.7", "lat": "113.02"}, "填反了"),
        ("comment", {"comment": "此处", "lon": "nan", "lat": "34.7"}, "不在本市范围内"),
        ("comment", {"comment": "此处", "lon": "东", "lat": "34.7"}, "以度为单位的数字"),
    ],
)
def test_what_is_wrong_stands_beside_what_was_typed(people, own, draft, name, fields, sentence):
    approve(people, draft)
    answer = step(people["reviewer"], draft, name, **fields)
    assert answer.status_code == 400
    assert sentence in answer.text
    for typed in fields.values():
        assert typed.strip().replace("\x00", "")[:20] in answer.text
    assert state(own, draft) == "approved"


def test_a_draft_without_title_or_base_is_not_made(people, base):
    for fields, status in (({"base": base}, 400), ({"title": "试"}, 400), ({"base": "x", "title": "试"}, 400)):
        answer = people["planner"].post("/drafts", data={"purpose": "写了很久的目的", **fields})
        assert answer.status_code == status and "写了很久的目的" in answer.text
    assert people["planner"].post("/drafts", data={"base": "987654", "title": "试"}).status_code == 404


def test_an_expired_page_gives_back_what_was_typed(people, own, draft):
    planner = people["planner"]
    del planner.environ_base[next(name for name in planner.environ_base if "CSRF" in name)]
    answer = step(planner, draft, "describe", title="想了很久的标题", purpose="")
    assert answer.status_code == 403 and "想了很久的标题" in answer.text and "页面已过期" in answer.text
    answer = planner.post("/drafts", data={"base": "1", "title": "另一个标题"})
    assert answer.status_code == 403 and "另一个标题" in answer.text
    assert step(planner, draft, "submit").status_code == 403
    assert state(own, draft) == "drafting"


def test_a_double_click_publishes_once(people, own, base, draft):
    approve(people, draft)
    first, second = (step(people["reviewer"], draft, "publish", **law()) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "已发布" in second.text and "郑政通〔2020〕99号" in second.text
    assert published(own, base) == [base, draft]


def test_two_publishers_at_once_make_one_law(app, enter, people, own, base, draft):
    approve(people, draft)
    clients, start, answers = [enter("reviewer", COUNTY), enter("bureau")], threading.Barrier(2), []

    def publish(client):
        start.wait(10)
        answers.append(step(client, draft, "publish", **law()).status_code)

    threads = [threading.Thread(target=publish, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [303, 409]
    assert published(own, base) == [base, draft]


@pytest.mark.parametrize(
    "days", [("2020-11-01", "2020-11-01"), ("2020-11-01", "2020-12-01"), ("2020-12-01", "2020-11-01")]
)
def test_two_drafts_of_one_zone_published_at_once_make_one_law(enter, people, own, base, days):
    """Neither sees the other's when it asks whether its base still stands: the database keeps them apart."""
    both = [create(people["planner"], base, title) for title in ("向东", "向西")]
    for draft in both:
        approve(people, draft)
    start, answers = threading.Barrier(2), []

    def publish(client, draft, day, number):
        start.wait(10)
        answers.append(step(client, draft, "publish", **law(begins_on=day, number=number)))

    threads = [
        threading.Thread(target=publish, args=[enter("bureau"), draft, day, f"{draft}号"])
        for draft, day in zip(both, days, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(published(own, base)) == 2
    assert any("取代" in answer.text or "另一版" in answer.text for answer in answers)


def test_a_stale_draft_is_put_on_the_new_law_and_keeps_what_it_draws(people, own, base, draft):
    other = create(people["planner"], base, "向北扩")
    approve(people, draft)
    step(people["reviewer"], draft, "publish", **law())
    planner = people["planner"]
    page = planner.get(f"/drafts/{other}").text
    assert (
        "已被新版取代" in page
        and f'action="/drafts/{other}/rebase"' in page
        and f'"/drafts/{other}/submit"' not in page
    )
    refused = step(planner, other, "submit")
    assert refused.status_code == 409 and "换到现行版本上" in refused.text
    again = planner.post("/drafts", data={"base": base, "title": "再扩"})
    assert again.status_code == 409 and "第 2 版接替" in again.text
    with transaction(own) as cursor:
        drawn = drafts.get_content(cursor, other)
    assert step(planner, other, "rebase").status_code == 303
    with transaction(own) as cursor:
        own_now = drafts.get_draft(cursor, other)
        assert drafts.get_content(cursor, other) == drawn
    assert (own_now.base_zone_id, own_now.is_stale) == (draft, False)
    assert step(planner, other, "rebase").status_code == 409
    approve(people, other)
    used = step(people["reviewer"], other, "publish", **law(begins_on="2020-12-01"))
    assert used.status_code == 409 and "已有一版用这个文号发布" in used.text and "关于调整禁煤区的通告" in used.text
    early = step(people["reviewer"], other, "publish", **law(number="100号", begins_on="2020-11-01"))
    assert early.status_code == 409 and "应晚于前一版的生效日期 2020-11-01" in early.text
    assert published(own, base) == [base, draft]


def test_whoever_dies_while_publishing_leaves_it_approved_and_no_law(people, own, base, draft, monkeypatch):
    """The server's process dies after the last statement and before the commit: its connection is cut."""
    approve(people, draft)
    note = drafts.note

    def die(cursor, *told, **more):
        note(cursor, *told, **more)
        cursor.connection.close()

    monkeypatch.setattr("gridmap.store.draft_law.note", die)
    assert step(people["reviewer"], draft, "publish", **law()).status_code == 500
    assert (state(own, draft), published(own, base)) == ("approved", [base])
    monkeypatch.undo()
    assert step(people["reviewer"], draft, "publish", **law()).status_code == 303


def test_a_law_that_begins_later_waits(people, own, base, draft):
    approve(people, draft)
    answer = step(people["reviewer"], draft, "publish", **law())
    assert "done=waits" in answer.location
    assert "到生效那天起判定" in people["reviewer"].get(answer.location).text
    assert in_force(own, base) == in_force(own, base, dt.date(2020, 10, 31)) == [base]
    assert in_force(own, base, dt.date(2020, 11, 1)) == [draft]


def test_what_is_in_force_today_is_judged_at_once(people, own, base, draft, monkeypatch):
    from gridmap.rules import catalogue as catalogues

    monkeypatch.setattr(catalogues, "load", lambda: RULES)
    engine.audit(own, catalogue=RULES)
    approve(people, draft)
    answer = step(people["reviewer"], draft, "publish", **law(begins_on=str(TODAY)))
    assert answer.status_code == 303 and "done=judged" in answer.location
    assert engine.is_current(own, None, RULES)
    assert in_force(own, base) == [draft]


def test_an_audit_that_runs_or_fails_does_not_undo_a_publication(people, own, world_url, base, monkeypatch):
    from gridmap.rules import catalogue as catalogues
    from gridmap.rules import incremental
    from gridmap.store import runs

    monkeypatch.setattr(catalogues, "load", lambda: RULES)
    monkeypatch.setattr(aftermath, "WAIT_S", 0.1)
    engine.audit(own, catalogue=RULES)
    busy, failing = (create(people["planner"], base, title) for title in ("忙", "坏"))
    approve(people, busy)
    other = connect(world_url)
    with runs.one_audit_at_a_time(other):
        answer = step(people["reviewer"], busy, "publish", **law(begins_on=str(TODAY)))
    other.close()
    assert "done=busy" in answer.location and state(own, busy) == "published"
    assert "另一次判定正在进行" in people["reviewer"].get(answer.location).text

    def fail(*_args, **_more):
        raise catalogues.DefinitionError("broken")

    monkeypatch.setattr(incremental, "rejudge", fail)
    assert step(people["planner"], failing, "rebase").status_code == 303
    assert publication.follow(own, TODAY, catalogue=RULES) == "failed"


def test_without_an_audit_of_today_none_is_begun_in_a_request(own, monkeypatch):
    never = Catalogue(RULES.rules, (), "never")
    assert publication.follow(own, TODAY, catalogue=never) == "due"


def test_lists_and_pages_say_what_is_wrong_with_an_address(people):
    planner = people["planner"]
    for wrong in ("/drafts?kind=x", "/drafts?state=x", "/drafts?base=%00", "/drafts?county=999999"):
        assert planner.get(wrong).status_code == 400
    for missing in ("/drafts/999999", "/drafts/x", "/drafts/%00", "/drafts/1"):
        assert planner.get(missing).status_code == 404
    assert planner.get("/drafts/5/submit").status_code == 303
    empty = planner.get("/drafts?kind=gas_coverage").text
    assert "没有符合条件的草案" in empty and "清除筛选" in empty
    assert "There is no draft" in planner.get("/drafts/999999?lang=en").text


def test_a_base_that_ends_is_kept_in_the_form(people, base):
    assert f'value="{base}" selected' in people["planner"].get(f"/drafts?base={base}").text


def test_a_withdrawn_draft_goes_no_further(people, own, draft):
    assert step(people["planner"], draft, "withdraw").status_code == 303
    refused = step(people["planner"], draft, "describe", title="再想想", purpose="")
    assert refused.status_code == 409 and "再想想" in refused.text and "已撤回" in refused.text
    assert state(own, draft) == "withdrawn"
