"""/tours: from the ticked sites of /near to a tour, what is told of mistakes, and what becomes of it on its day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.coordinates import to_gcj02
from gridmap.db.session import connect, transaction
from tests import accounts

HERE = {"lon": "113.02", "lat": "34.75"}
FORM = {
    "title": "上午一组",
    "day": "2020-10-15",
    **HERE,
    "begins": "09:00",
    "ends": "17:30",
    "speed": "30",
    "order": "best",
}


@pytest.fixture(scope="module")
def sites(city_url: str) -> list[tuple[str, str]]:
    """The four open sites of 410181 nearest to HERE."""
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute(
                "SELECT s.site_id, s.name FROM gridmap.site AS s WHERE s.county_code = '410181' AND s.closed_on IS NULL "
                "AND s.opened_on IS NULL ORDER BY s.geom <-> ST_SetSRID(ST_MakePoint(113.02, 34.75), 4490), s.site_id LIMIT 4"
            )
            return [tuple(row) for row in cursor.fetchall()]
    finally:
        conn.close()


@pytest.fixture(scope="module")
def token(city_url: str) -> str:
    return accounts.enter(city_url, "inspector", "410181")


@pytest.fixture
def inspector(app: Flask, token: str, city_url: str) -> Iterator[FlaskClient]:
    """An inspector of 410181; the tours of the test go afterwards."""
    yield accounts.carry(app.test_client(), token)
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.tour")
    conn.close()


def create(client: FlaskClient, ids: list[str], **more: str):
    return client.post("/tours", data={**FORM, "mode": "sites", "site": ids, **more})


def saved(client: FlaskClient, sites, **more: str) -> str:
    answer = create(client, [site for site, _name in sites], **more)
    assert answer.status_code == 303, re.findall(r'role="alert">(.*?)</p>', answer.text)
    return answer.location.split("?")[0]


def stop_of(page: str, name: str) -> str:
    """Return the number of a stop on the page of a tour."""
    row = next(part for part in re.split(r'<tr id="stop-|<li id="stop-', page)[1:] if name in part)
    return row.split('"')[0]


def step(client: FlaskClient, tour: str, name: str, stop: str = "", **more: str):
    version = re.search(r'name="version" value="(\d+)"', client.get(tour).text)
    assert version
    return client.post(f"{tour}/{name}", data={"stop": stop, "version": version[1], **more})


def test_ticked_sites_become_a_tour_that_page_paper_gpx_and_api_tell_alike(inspector: FlaskClient, sites) -> None:
    near = inspector.get("/near?lon=113.02&lat=34.75&radius_m=10000&nearest=500").text
    assert 'action="/tours/new"' in near and f'name="site" value="{sites[0][0]}" form="near-tour"' in near
    ids = [site for site, _name in sites]
    form = inspector.get("/tours/new", query_string={**HERE, "site": ids}).text
    assert all(name in form for _site, name in sites) and 'value="113.02"' in form
    tour = saved(inspector, sites)
    page = inspector.get(f"{tour}?done=created").text
    assert "行程已生成" in page and "直线距离 × 1.3" in page and "上午一组" in inspector.get("/tours").text
    told = inspector.get(f"/api{tour}").get_json(force=True)
    assert [stop["place"] for stop in told["stops"]] == [1, 2, 3, 4]
    assert (told["ways_from"], told["detour_factor"], told["begins"]) == ("crow_fly", 1.3, "09:00")
    for stop in told["stops"]:
        assert stop["name"] in page and stop["arrives"] in page
        lon, lat = to_gcj02(stop["lon"], stop["lat"])
        assert f"https://uri.amap.com/navigation?to={lon:.6f}"[:-2] in page and f"{lat:.6f}"[:-2] in page
    paper = inspector.get(f"{tour}/print").text
    assert all(stop["name"] in paper for stop in told["stops"]) and "直线距离 × 1.3" in paper
    file = inspector.get(f"{tour}/gpx")
    assert file.mimetype == "application/gpx+xml" and ".gpx" in file.headers["Content-Disposition"]
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    points = ElementTree.fromstring(file.text).findall(".//g:rtept", space)
    assert len(points) == 6
    assert float(points[1].attrib["lon"]) == pytest.approx(told["stops"][0]["lon"], abs=1e-6)
    listed = inspector.get("/api/tours?day=2020-10-15").get_json(force=True)
    assert [(item["title"], item["stops"]) for item in listed["items"]] == [("上午一组", 4)]


def test_the_tool_chooses_by_urgency(inspector: FlaskClient) -> None:
    answer = inspector.post("/tours", data={**FORM, "mode": "choose", "choose": "5", "radius_m": "10000"})
    assert answer.status_code == 303
    assert len(inspector.get(f"/api{answer.location.split('?')[0]}").get_json(force=True)["stops"]) == 5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lon": "", "lat": ""}, "请给出出发位置"),
        ({"lon": "116.4", "lat": "39.9"}, "不在本市数据范围内"),
        ({"lon": "34.75", "lat": "113.02"}, "像是填反了"),
        ({"lon": "nan"}, "不是数"),
        ({"end_lon": "113"}, "没有填纬度"),
        ({"site": []}, "至少要有一个对象"),
        ({"site": [f"x-{n}" for n in range(1000)]}, "一天最多 60 个对象"),
        ({"add": " ".join(f"x-{n}" for n in range(1000))}, "一天最多 60 个对象"),
        ({"site": ["no-such-site"]}, "没有您可见的对象 no-such-site"),
        ({"add": "no\x00such"}, "没有您可见的对象 nosuch"),
        ({"hours": "17:00-09:00"}, "先开后关"),
        ({"hours": "19:00-20:00"}, "都不开门"),
        ({"ends": "08:00"}, "收工时间应晚于出发时间"),
        ({"ends": "9 Uhr"}, "应像 13:30"),
        ({"ends": "09:05"}, "一个也安排不进"),
        ({"speed": "NaN"}, "车速应为"),
        ({"service:market": "-5"}, "检查时长“-5”"),
        ({"service:market": "900"}, "检查时长“900”"),
        ({"day": "2020-10-14"}, "今天至一年以内"),
        ({"day": "yesterday"}, "不是有效日期"),
        ({"title": ""}, "请填名称"),
        ({"mode": "choose", "choose": "NaN"}, "应为 1 至 60 的整数"),
        ({"mode": "choose", "choose": "1000", "radius_m": "500"}, "一天最多 60 个对象"),
        ({"mode": "choose", "choose": "5", "radius_m": "1e9"}, "应为 1 至 10000 米的数"),
    ],
)
def test_a_mistake_is_told_with_what_was_typed(inspector: FlaskClient, sites, changed, said: str) -> None:
    sent = {**FORM, "mode": "sites", "site": [site for site, _name in sites], **changed}
    answer = inspector.post("/tours", data=sent)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'value="{sent["title"]}"' in answer.text and 'id="tour-form"' in answer.text


def test_hours_that_are_impossible_for_one_site_name_it(inspector: FlaskClient, sites) -> None:
    site, name = sites[1]
    answer = create(inspector, [s for s, _n in sites], **{f"hours:{site}": "25:00-26:00"})
    assert answer.status_code == 400 and name in answer.text and "25:00-26:00" in answer.text


def test_an_inspector_s_tour_takes_no_site_of_another_county(app: Flask, city_url: str, inspector, sites) -> None:
    other = accounts.carry(app.test_client(), accounts.enter(city_url, "inspector", "410182"))
    answer = create(other, [site for site, _name in sites])
    assert answer.status_code == 400 and "没有您可见的对象" in answer.text and sites[0][1] not in answer.text
    tour = saved(inspector, sites)
    for address in (tour, f"{tour}/print", f"{tour}/gpx", f"/api{tour}"):
        assert other.get(address).status_code == 404
    assert other.post(f"{tour}/delete", data={"version": "1"}).status_code == 404
    auditor = accounts.carry(app.test_client(), accounts.enter(city_url, "auditor"))
    assert auditor.get(tour).status_code == 200 and "formaction" not in auditor.get(tour).text
    assert auditor.post(f"{tour}/delete", data={"version": "1"}).status_code == 403


def test_a_site_of_the_city_s_tour_is_refused_and_the_tour_is_named(client: FlaskClient, inspector, sites) -> None:
    saved(client, sites[:1], title="市局抽查")
    answer = create(inspector, [site for site, _name in sites])
    assert answer.status_code == 409
    assert f"{sites[0][1]} 已在行程“市局抽查”（bureau-01）上" in answer.text
    assert inspector.get("/api/tours").get_json(force=True)["items"] == []


def test_a_day_of_a_tour(inspector: FlaskClient, sites) -> None:
    about = {f"place:{site}": str(4 - n) for n, (site, _name) in enumerate(sites)}
    tour = saved(inspector, sites, order="given", **about)
    names = [stop["name"] for stop in inspector.get(f"/api{tour}").get_json(force=True)["stops"]]
    assert names == [name for _site, name in reversed(sites)]
    page = inspector.get(tour).text
    assert "手工次序" in page
    first, second = (stop_of(page, name) for name in names[:2])
    assert step(inspector, tour, "up", second).status_code == 303
    assert step(inspector, tour, "done", second).status_code == 303
    refused = step(inspector, tour, "skip", first, reason=" ")
    assert refused.status_code == 400 and "请写明跳过的理由" in refused.text
    assert step(inspector, tour, "skip", first, reason="大门锁着").status_code == 303
    stale = inspector.post(f"{tour}/lock", data={"stop": first, "version": "1"})
    assert stale.status_code == 409 and "别人刚改过这条行程" in stale.text
    bad = step(inspector, tour, "reorder", at="noon", **{"from": first})
    assert bad.status_code == 400 and "应像 13:30" in bad.text
    assert step(inspector, tour, "reorder", at="13:30", **{"from": first}).status_code == 303
    told = inspector.get(f"/api{tour}").get_json(force=True)
    assert [stop["state"] for stop in told["stops"]] == ["done", "planned", "planned"]
    assert told["stops"][1]["arrives"] > "13:30"
    assert [(stop["state"], stop["reason"]) for stop in told["not_visited"]] == [("skipped", "大门锁着")]
    assert "大门锁着" in inspector.get(tour).text
    assert "须留作记录" in step(inspector, tour, "delete").text


def test_every_change_is_in_the_log(app: Flask, city_url: str, inspector: FlaskClient, sites) -> None:
    tour = saved(inspector, sites, title="记日志的行程")
    assert step(inspector, tour, "delete").status_code == 303
    auditor = accounts.carry(app.test_client(), accounts.enter(city_url, "auditor"))
    page = auditor.get("/log").text
    assert "记日志的行程" in page and "行程的站" in page


@pytest.mark.parametrize("address", ["/tours/x", "/tours/999999999999999999999", "/tours/7654321", "/api/tours/-1"])
def test_a_tour_that_is_not_there(inspector: FlaskClient, address: str) -> None:
    assert inspector.get(address).status_code == 404
