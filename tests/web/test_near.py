"""/near for a reader without scripts: typed positions and names, what holds here, reasons, weights in the address."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import accounts
from tests.web.test_pages import Page

PLACE = "lon=113.02&lat=34.75&radius_m=5000"


def numbers(html: str) -> list[str]:
    """Return the names of the list in their order."""
    return re.findall(r"<h3><a [^>]*>(.*?)</a></h3>", html)


def test_typed_coordinates_tell_sites_and_the_law(client: FlaskClient) -> None:
    html = client.get(f"/near?{PLACE}").text
    assert len(numbers(html)) > 3
    assert "此处今天的要求" in html and "巩义市禁煤区" in html and 'href="/law?lon=113.020000' in html
    assert "没有到访记录" in html and "×" in html and "geo:" in html


def test_form_and_answer_in_english(client: FlaskClient) -> None:
    page = Page(client.get(f"/near?{PLACE}&lang=en").text)  # links to map apps are no hosts, but look like such
    form = next(attributes for tag, attributes in page.tags if tag == "form" and attributes.get("id") == "near-form")
    assert (form["method"], form["action"]) == ("get", "/near")
    names = {a.get("name") for tag, a in page.tags if tag in ("input", "select")}
    assert names >= {"q", "lon", "lat", "radius_m", "nearest", "rank", "kind", "rule", "severity", "status"}
    assert "Nearest first" in page.text and "What holds here today" in page.text


def test_weights_of_the_address_rank_and_stay_in_the_form(client: FlaskClient) -> None:
    ranked = client.get(f"/near?{PLACE}&rank=urgency").text
    flat = client.get(
        f"/near?{PLACE}&rank=urgency"
        + "".join(f"&weight_{name}=0" for name in ("findings", "severity", "deadline", "visit", "repeat"))
    ).text
    assert numbers(flat) == numbers(client.get(f"/near?{PLACE}").text) != numbers(ranked)
    assert re.search(r'name="weight_visit"[^>]*value="0"', flat)
    assert re.search(r'name="weight_visit"[^>]*value="1"', ranked)


def test_a_name_leads_to_a_place_or_to_a_choice(client: FlaskClient) -> None:
    html = client.get("/near?q=演示车辆-0037").text
    assert numbers(html)[0] == "演示车辆-0037"
    choice = client.get("/near?q=演示车辆-003").text
    assert "名称或地址相符的地方" in choice and "演示车辆-0038" in choice
    nobody = client.get("/near?q=没有这个地方")
    assert nobody.status_code == 400 and "没有您可见的对象" in nobody.text


def test_a_vague_position_is_warned_of(client: FlaskClient) -> None:
    assert "超过 100 米" in client.get(f"/near?{PLACE}&accuracy_m=3000").text
    assert "超过 100 米" not in client.get(f"/near?{PLACE}&accuracy_m=40").text


def test_nothing_near_offers_more(client: FlaskClient) -> None:
    html = client.get("/near?lon=111.6&lat=33.6&radius_m=500").text
    assert "500 m 内没有您可见且符合条件的对象" in html and "扩大到 10 公里" in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("lon=34.75&lat=113.02", "像是填反了"),
        ("lon=nan&lat=34.75", "不是数"),
        ("lon=1e999&lat=34.75", "不是数"),
        ("lon=113.02", "没有填纬度"),
        ("lon=116.4&lat=39.9", "不在本市数据范围内"),
        (f"{PLACE}&accuracy_m=30000", "定位误差“30000”应为 0 至 10000 的数"),
        ("lon=113&lat=34.75&radius_m=0", "半径“0”应为"),
        (f"{PLACE}&weight_visit=99", "权重“99”应为 0 至 10 的数"),
        (f"{PLACE}&kind=castle", "castle"),
        (f"{PLACE}&unvisited_days=-1", "天数“-1”应为"),
    ],
)
def test_a_mistake_is_told_beside_the_form(client: FlaskClient, query: str, said: str) -> None:
    answer = client.get(f"/near?{query}")
    assert answer.status_code == 400
    assert said in answer.text and 'id="near-form"' in answer.text


def test_an_inspector_finds_no_name_of_another_county(app: Flask, city_url: str) -> None:
    other = accounts.carry(app.test_client(), accounts.enter(city_url, "inspector", "410182"))
    assert other.get("/near?q=演示车辆-0037").status_code == 400
    assert "演示车辆-0037" not in other.get(f"/near?{PLACE}").text
    assert 'href="/near"' in other.get("/rules").text
