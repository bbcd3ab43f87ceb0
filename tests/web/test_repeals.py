"""A planner proposes that a zone ends; another post reviews and publishes; a wrong repeal is taken back by a new version."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.planning import publication
from gridmap.store import zones
from tests.builders import add_zone, box
from tests.web.test_drafts import COUNTY, OTHER, app, base, enter, law, own, people, step, world_url  # noqa: F401

SAID = {"title": "废止演示区", "document": "关于废止的通告", "number": "郑政通〔2020〕88号", "begins_on": "2020-11-01"}


def propose(client, zone, **more):
    return client.post(f"/zones/{zone}/repeal", data={**SAID, **more})


def test_from_proposal_to_law_and_back(people, base, own, monkeypatch):  # noqa: F811
    monkeypatch.setattr(publication, "follow", lambda *_: "waits")
    planner, reviewer = people["planner"], people["reviewer"]
    assert f"/zones/{base}/repeal" in planner.get(f"/zones/{base}").text
    assert "提议废止" not in reviewer.get(f"/zones/{base}").text
    made = propose(planner, base, reason="并入市级区域")
    assert made.status_code == 303, made.text
    draft = int(made.location.split("?")[0].rsplit("/", 1)[1])
    page = planner.get(f"/drafts/{draft}?done=repeal").text
    assert "废止草案已新建" in page and "自 2020-11-01 起没有这个区域。" in page and "并入市级区域" in page
    assert "在地图上画" not in page and "虚线为要废止的范围。" in page
    assert planner.get(f"/drafts/{draft}/draw").location.endswith(f"/drafts/{draft}")
    assert "（废止）" in planner.get(f"/zones/diff?a={base}&b={draft}").text
    assert step(planner, draft, "submit").status_code == 303
    assert step(planner, draft, "approve").status_code in (403, 409)
    assert step(reviewer, draft, "approve").status_code == 303
    form = reviewer.get(f"/drafts/{draft}").text
    assert "发布废止" in form and 'value="郑政通〔2020〕88号"' in form and 'value="2020-11-01"' in form
    law_of = {name: SAID[name] for name in ("document", "number", "begins_on")}
    assert step(reviewer, draft, "publish", **law_of, signed_on="2020-10-10").status_code == 303
    assert base in {one.zone_id for one in zones.list_zones(own, as_of=dt.date(2020, 10, 31))}
    assert not {base, draft} & {one.zone_id for one in zones.list_zones(own, as_of=dt.date(2020, 11, 1))}
    told = planner.get(f"/zones/{draft}").text
    assert (
        "这一版废止了这个区域" in told
        and "恢复：从废止前的范围新建草案" in told
        and f"/zones/{draft}/repeal" not in told
    )
    back = planner.post("/drafts", data={"base": draft, "title": "恢复", "purpose": ""})
    assert back.status_code == 303, back.text
    # a published repeal stays: the page says which days will have no zone, and offers no earlier one
    told = planner.get(back.location).text
    assert "恢复最早从 2020-11-02 起，2020-11-01 至 2020-11-01 没有这个区域" in told
    assert zones.get_zone(own, int(back.location.split("?")[0].rsplit("/", 1)[1])).has_boundary
    assert propose(planner, base).status_code == 409 and planner.get(f"/zones/{draft}/repeal").status_code == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"document": ""}, "请填写"),
        ({"begins_on": "2020-10-01"}, "早于平台的今天"),
        ({"begins_on": "20201101"}, "应为年-月-日"),
        ({"title": "长" * 201}, "最多 200 个"),
    ],
)
def test_mistakes_stand_beside_what_was_typed(people, base, more, words):  # noqa: F811
    answer = propose(people["planner"], base, **more)
    assert answer.status_code == 400 and words in answer.text and "郑政通〔2020〕88号" in answer.text


def test_a_zone_that_begins_later_ends_later_still(people, own):  # noqa: F811
    with transaction(own) as cursor:
        later = add_zone(cursor, "pages_later", boundary=box(3, 3, 4, 4), begins_on=dt.date(2021, 1, 1))
    assert "应晚于前一版的生效日期 2021-01-01" in propose(people["planner"], later).text


def test_another_county_and_the_city_propose_none_there(people, base, enter):  # noqa: F811
    for client in (enter("planner", OTHER), people["bureau"], people["reviewer"]):
        assert propose(client, base).status_code == 403
