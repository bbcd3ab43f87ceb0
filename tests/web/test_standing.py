"""/city and /counties/<code>: the same numbers in table, map and file, in one's own area only."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from gridmap.db.session import Connection, connect, transaction
from gridmap.exports import standing as export
from gridmap.store.cell_numbers import CellRow
from gridmap.web.pages.standing import cell_page
from tests import accounts

GONGYI, XINGYANG = "410181", "410182"


def enter(app: Flask, url: str, role: str, place: str | None = None) -> FlaskClient:
    return accounts.carry(app.test_client(), accounts.enter(url, role, place))


def ranking(html: str) -> list[tuple[str, str, str]]:
    """Return (cell, rank, chosen value) of each line of the table."""
    rows = re.findall(
        r'<tr data-cell="([^"]+)"><td class="n rank">([^<]+)</td>.*?<td class="n chosen">([^<]+)</td>', html, re.S
    )
    return [(code, rank, value) for code, rank, value in rows]


def drawn(html: str) -> dict[str, str]:
    """Return cell → label of the map."""
    options = json.loads(re.search(r'\["choropleth", "[^"]+", (\{.*?\})\]\);', html, re.S)[1])
    return {cell["code"]: cell["label"] for cell in options["cells"]}


@pytest.mark.parametrize("path", ["/city", f"/counties/{GONGYI}"])
@pytest.mark.parametrize("measure", ["breach", "breach_per_100", "visited", "duty"])
def test_table_map_and_file_say_the_same(client: FlaskClient, path: str, measure: str) -> None:
    html = client.get(f"{path}?measure={measure}").text
    rows = ranking(html)
    assert len(rows) > 10
    labels = drawn(html)
    assert set(labels) == {code for code, _rank, _value in rows}
    assert all(labels[code] == (value if rank != "—" else "—") for code, rank, value in rows)
    file = client.get(f"{path}/ranking.csv?measure={measure}")
    lines = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [(line[1], line[0] or "—") for line in lines[1:]] == [(code, rank) for code, rank, _value in rows]


def test_the_worst_comes_first_and_the_order_turns_without_scripts(client: FlaskClient) -> None:
    rows = ranking(client.get("/city").text)
    values = [int(value) for _code, _rank, value in rows]
    assert values == sorted(values, reverse=True)
    best = ranking(client.get("/city?order=best").text)
    assert [value for *_, value in best] == [value for *_, value in rows][::-1]
    assert {code: rank for code, rank, _ in best} == {code: rank for code, rank, _ in rows}
    low = [float(v.rstrip("%")) for _c, rank, v in ranking(client.get("/city?measure=patrolled").text) if rank != "—"]
    assert low == sorted(low)


def test_a_county_role_compares_numbers_and_opens_its_own_county(app: Flask, city_url: str) -> None:
    mine = enter(app, city_url, "inspector", GONGYI)
    html = mine.get("/city").text
    assert len(ranking(html)) == 14
    assert f'href="/counties/{GONGYI}"' in html and f"/counties/{XINGYANG}" not in html
    assert mine.get("/county").location == f"/counties/{GONGYI}"
    assert mine.get(f"/counties/{GONGYI}").status_code == 200
    for path in (f"/counties/{XINGYANG}", f"/counties/{XINGYANG}/ranking.csv", "/counties/999999"):
        assert mine.get(path).status_code == 403
    assert "本县" in html and ">全市</a>" not in html.split("</header>")[0]


def test_a_cell_role_sees_no_county_but_its_own(app: Flask, city_url: str) -> None:
    patroller = enter(app, city_url, "patroller", "410181113")
    assert patroller.get("/city").status_code == 200
    assert patroller.get(f"/counties/{GONGYI}").status_code == 403
    chief = enter(app, city_url, "chief", GONGYI)
    assert chief.get(f"/counties/{GONGYI}").status_code == 200
    admin = enter(app, city_url, "admin")
    assert admin.get("/city").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/counties/999999", 404),
        ("/counties/410181113", 404),
        ("/counties/1%00", 404),
        ("/city/ranking.pdf", 404),
        ("/city?measure=beauty", 400),
        ("/city?order=sideways", 400),
    ],
)
def test_bad_addresses_get_one_sentence(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_before_the_first_audit_the_page_says_so(client: FlaskClient) -> None:
    html = client.get("/city?as_of=2019-12-31").text
    assert "还没有统计数字" in html
    assert "There are no numbers yet" in client.get("/city?as_of=2019-12-31&lang=en").text


@pytest.fixture
def last_week(city_url: str) -> None:
    """Write numbers of a week ago, as if 中原区 had had none of its breaches and 巩义市 twice as many; then take them away."""
    conn = connect(city_url)
    day = dt.date(2020, 10, 8)
    try:
        with transaction(conn) as cursor:
            cursor.execute(
                "INSERT INTO gridmap.cell_statistic SELECT %s, cell_code, measure, "
                "CASE WHEN measure = 'breach' AND cell_code = '410102' THEN 0 "
                "WHEN measure = 'breach' AND cell_code = '410181' THEN 2 * value ELSE value END "
                "FROM gridmap.cell_statistic WHERE day = '2020-10-15'",
                [day],
            )
        yield
        with transaction(conn) as cursor:
            cursor.execute("DELETE FROM gridmap.cell_statistic WHERE day = %s", [day])
    finally:
        conn.close()


def test_last_week_is_set_beside_today(client: FlaskClient, last_week: None) -> None:
    html = client.get("/city?lang=en").text
    assert "Compared with 2020-10-08" in html
    line = re.search(r'<tr data-cell="410102">.*?</tr>', html, re.S)[0]
    number = re.search(r'chosen">(\d+)<', line)[1]
    assert f"+{number}" in line and "worse by 12" in line
    assert 'class="trend"' in html
    earlier = client.get("/city?as_of=2020-10-10&lang=zh").text
    assert "2020-10-08 的数字" in earlier


def test_a_name_that_looks_like_a_formula_or_a_tag_stays_text(city: Connection) -> None:
    line = export.Line(1, "410181113", '=HYPERLINK("http://x")', {"cell": 1, "site": 3})
    text = export.file([line], "csv", "zh").decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    sheet = load_workbook(io.BytesIO(export.file([line], "xlsx", "en"))).active
    assert sheet["C2"].value.startswith("'=") and sheet["B2"].data_type == "s"
    assert sheet["D2"].value == "yes"


def test_a_cell_leads_to_its_own_page_where_there_is_one() -> None:
    cell = CellRow("410181113", "回郭镇", None, "township", GONGYI)
    bare = Flask("bare")
    with bare.test_request_context():
        assert cell_page(cell) is None
    bare.add_url_rule("/cells/<code>", "show_cell", lambda code: code)
    bare.add_url_rule("/cells/<code>/patrols", "list_patrols", lambda code: code)
    with bare.test_request_context():
        assert cell_page(cell) == "/cells/410181113"


def test_the_menu_names_the_page(client: FlaskClient) -> None:
    menu = unescape(client.get("/").text).split("</header>")[0]
    assert 'href="/city">全市</a>' in menu
