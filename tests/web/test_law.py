"""/law and /law/report: what is in force on a day, for a reader without scripts."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.db.session import Connection
from gridmap.store.zones import list_zones
from tests import accounts
from tests.web.test_pages import Page, get

PLACE = "lon=113.02&lat=34.75"
DEMO_ZONE = "演示禁煤区"


def rows(html: str) -> dict[str, str]:
    """Return the text of the line of each kind of the table at the top, by its kind."""
    table = html[html.index("law-kinds") :].split("</table>")[0]
    found = {}
    for line in re.findall(r"<tr class=\"side.*?</tr>", table, re.S):
        head = re.search(r"<th[^>]*>(.*?)</th>", line, re.S)
        if head:
            found[head[1]] = Page(line).text
    return found


def listed_only_at_first(conn: Connection) -> tuple[str, str]:
    """Return id and name of a village that the first version of a demo zone lists, and the second does not."""
    with conn.cursor() as cursor:
        cursor.execute(
            "SELECT v.village_id, v.name FROM gridmap.zone_unit AS u INNER JOIN gridmap.zone AS z USING (zone_id) "
            "INNER JOIN gridmap.village AS v ON v.village_id = u.unit_code "
            "WHERE z.lineage = 'coal_free_demo_410185' GROUP BY v.village_id, v.name "
            "HAVING max(z.version) = 1 ORDER BY v.village_id LIMIT 1"
        )
        village: tuple[str, str] = cursor.fetchone()
        return village


def test_typed_coordinates_tell_every_kind_without_scripts(client: FlaskClient) -> None:
    page = get(client, f"/law?{PLACE}")
    form = next(attributes for tag, attributes in page.tags if tag == "form" and attributes.get("id") == "law-form")
    assert (form["method"], form["action"]) == ("get", "/law")
    assert {a["name"] for tag, a in page.tags if tag == "input" and a.get("name")} >= {"as_of", "q", "lon", "lat"}
    told = rows(client.get(f"/law?{PLACE}").text)
    assert len(told) == 11
    assert "在内" in told["禁煤区"] and "名单列入：北山口镇" in told["禁煤区"]
    assert "2019-11-14 起" in told["禁煤区"] and "煤矿、火电厂" in told["禁煤区"]
    assert "近边界，内外待核" in told["高污染燃料禁燃区"] and "郑政文〔2017〕178号" in told["高污染燃料禁燃区"]
    assert "不在" in told["三环内"]


@pytest.mark.parametrize(
    ("day", "state", "inside"),
    [("2019-11-13", "尚未生效", False), ("2019-11-14", "有效", True), ("2020-05-31", "有效", True), ("2020-06-01", "已失效", False)],
)  # fmt: skip
def test_a_village_by_name_on_the_days_around_a_change(
    client: FlaskClient, city: Connection, day: str, state: str, inside: bool
) -> None:
    code, _name = listed_only_at_first(city)
    html = client.get(f"/law?q={code}&as_of={day}").text
    assert (DEMO_ZONE in rows(html)["禁煤区"]) == inside
    days = html[html.index("law-days") :].split("</table>")[0]
    line = next(line for line in days.split("<tr")[1:] if DEMO_ZONE in line)
    line = Page(f"<tr{line}").text
    assert state in line
    assert "2019-11-14" in line and "2020-05-31" in line and "2020-06-01" not in line


def test_one_village_of_a_name_is_told_at_once_and_several_are_to_choose_from(
    client: FlaskClient, city: Connection
) -> None:
    assert "回郭镇" in rows_of_place(client.get("/law?q=410181113201").text)
    page = get(client, "/law?q=西村")
    links = [a["href"] for tag, a in page.tags if tag == "a" and (a.get("href") or "").startswith("/law?village=")]
    assert "/law?village=410181111201" in links
    assert [a["href"] for tag, a in page.tags if tag == "a" and "county=410181" in (a.get("href") or "")] == []
    county = get(client, "/law?q=巩义市")
    assert "/law/report?county=410181" in [a.get("href") for tag, a in county.tags if tag == "a"]


def rows_of_place(html: str) -> str:
    return Page(html[html.index("law-place") - 10 :].split("</p>")[0]).text


@pytest.mark.parametrize(
    ("query", "lang", "said"),
    [
        ("lon=34.75&lat=113.02", "zh", "像是填反了"),
        ("lon=34.75&lat=113.02", "en", "look swapped"),
        ("lon=100&lat=34.75", "zh", "不在本市数据范围内"),
        ("lon=113.02", "zh", "没有填纬度"),
        ("lon=nan&lat=34.75", "zh", "不是数"),
        ("lon=<b>&lat=34.75", "zh", "&lt;b&gt;"),
        ("q=没有这个村", "zh", "没有叫“没有这个村”的"),
        ("village=410181113299", "zh", "没有编号为“410181113299”的村"),
    ],
)
def test_a_mistake_is_told_beside_the_form(client: FlaskClient, query: str, lang: str, said: str) -> None:
    answer = client.get(f"/law?{query}&lang={lang}")
    assert answer.status_code == 400
    wrong = re.search(r'role="alert">(.*?)</p>', answer.text, re.S)
    assert wrong and said in wrong[1]
    assert 'id="law-form"' in answer.text


@pytest.mark.parametrize("path", ["/law", "/law/report"])
def test_on_is_another_name_of_the_day_and_two_days_are_refused(client: FlaskClient, path: str) -> None:
    assert "2020-05-31" in Page(client.get(f"{path}?on=2020-05-31").text).text
    assert client.get(f"{path}?on=2020-05-31&as_of=2020-06-01").status_code == 400
    assert client.get(f"{path}?on=2020-13-01").status_code == 400


def test_the_map_shows_the_zones_of_the_day(client: FlaskClient) -> None:
    html = client.get(f"/law?{PLACE}&as_of=2020-05-31").text
    assert "/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}?as_of=2020-05-31" in html


def test_whoever_sees_no_findings_sees_no_exceptions(app: Flask, city_url: str) -> None:
    admin = accounts.carry(app.test_client(), accounts.enter(city_url, "admin"))
    assert "您的岗位不看例外" in admin.get(f"/law?{PLACE}").text
    assert "当日的例外" not in admin.get("/law/report").text


@pytest.mark.parametrize(("path", "county"), [("/law/report", None), ("/law/report?county=410181", "410181")])
def test_the_report_lists_what_is_in_force_with_map_scale_and_sources(
    client: FlaskClient, city: Connection, path: str, county: str | None
) -> None:
    html = client.get(path).text
    page = get(client, path)
    for zone in list_zones(city, county=county):
        assert zone.name in html
        assert zone.document in html
    assert re.search(r"<svg class=\"law-sheet\".*?(\d+) km</text>", html, re.S)
    assert "coal_free" not in page.text
    assert "依据的文件" in page.text and "EPSG:4547" in page.text
    # numbers on the map of a kind are those of its table
    for part in re.findall(r'<section class="law-kind.*?</section>', html, re.S):
        written = set(re.findall(r'<text class="law-number"[^>]*>(\d+)</text>', part))
        listed = set(re.findall(r'<tr><td class="n">(\d+)</td>', part))
        assert written <= listed
    css = client.get(re.search(r'href="(/static/css/law[^"]*)"', html)[1]).text  # type: ignore[index]
    assert "@media print" in css


def test_the_report_names_the_kinds_that_were_not_there(client: FlaskClient) -> None:
    html = client.get("/law/report?county=410181").text
    none = html[html.index('id="law-none"') :].split("</section>")[0]
    assert "三环内" in none and "禁煤区" not in none


def test_the_file_says_what_the_report_says(client: FlaskClient) -> None:
    answer = client.get("/law/report.xlsx?county=410185&as_of=2020-05-31")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="law-410185-2020-05-31.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    names = {row[2].value for row in book["法定区域"].iter_rows(min_row=2)}
    html = client.get("/law/report?county=410185&as_of=2020-05-31").text
    listed = set(re.findall(r'<th scope="row"><a href="/zones/[^"]+">([^<]+)</a>', html))
    assert names == listed
    assert DEMO_ZONE in names


def test_the_zone_page_leads_to_the_law_of_its_county(client: FlaskClient, city: Connection) -> None:
    zone = next(zone for zone in list_zones(city) if zone.county_code == "410181")
    links = [a.get("href") for tag, a in get(client, f"/zones/{zone.zone_id}").tags if tag == "a"]
    assert "/law/report?county=410181" in links
    assert "/law" in links
