"""The page of a cell: what its people need at a glance, for them and not for their neighbours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gridmap.coordinates import to_gcj02
from gridmap.db.session import Connection, transaction
from tests import accounts
from tests.phone import CELL

Enter = Callable[..., FlaskClient]
NEIGHBOUR, ELSEWHERE = "410181112", "410183102"


def _settings(page: str) -> dict:
    return json.loads(re.search(r'id="cell-settings"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def _value(conn: Connection, query: str, *values: object):
    with transaction(conn) as cursor:
        cursor.execute(query, list(values))
        return cursor.fetchone()[0]


def test_a_chief_sees_the_numbers_of_his_cell(enter: Enter, own: Connection) -> None:
    page = enter("chief", CELL).get("/cell").text
    mine = "FROM gridmap.finding WHERE status = 'open' AND cell_code = ANY(gridmap.cells_below(ARRAY[%s]))"
    breaches = _value(own, f"SELECT count(*) {mine} AND certainty = 'breach'", CELL)
    assert breaches > 0
    assert re.search(rf"<b>{breaches}</b>\s*违规", page)
    shown = _settings(page)
    assert len(shown["findings"]) == _value(own, f"SELECT count(*) {mine}", CELL)
    due = [square["code"] for square in shown["squares"] if square["due"]]
    assert re.search(rf"<b>{len(due)}</b>\s*格待巡查", page)
    assert 0 < len(due) < len(shown["squares"])
    assert {"网格长-410181113-01", "网格员-410181113-01", "网格长-410181-01"} <= set(
        re.findall(r"网格[长员]-[\d-]+", page)
    )
    assert "空缺" in page  # the demo leaves its patroller out
    assert "2020-10-23" in page  # the deadline of its case


def test_findings_stand_worst_first(enter: Enter) -> None:
    rank = {"breach": 0, "near_boundary": 1, "report": 2}
    severity = {"high": 0, "medium": 1, "low": 2}
    found = _settings(enter("chief", CELL).get("/cell").text)["findings"]
    order = [(rank[row["certainty"]], severity[row["severity"]]) for row in found]
    assert order == sorted(order)


def test_a_square_belongs_where_a_hectare_of_it_lies(enter: Enter, own: Connection) -> None:
    shown = {square["code"] for square in _settings(enter("chief", CELL).get("/cell").text)["squares"]}
    with transaction(own) as cursor:
        cursor.execute(
            "SELECT s.cell_code, ST_Area(ST_Intersection(s.geom_m, c.geom_m)) FROM gridmap.grid_cell AS c "
            "JOIN gridmap.grid_cell AS s ON s.kind = 'square' AND ST_Intersects(s.geom_m, c.geom_m) "
            "WHERE c.cell_code = %s",
            [CELL],
        )
        areas = dict(cursor.fetchall())
    assert shown == {code for code, area in areas.items() if area >= 10_000}
    assert any(area < 10_000 for area in areas.values())


def test_sites_can_be_navigated_to(enter: Enter, own: Connection) -> None:
    page = enter("chief", CELL).get("/cell").text
    with transaction(own) as cursor:
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM gridmap.site WHERE cell_code LIKE %s LIMIT 1", [f"{CELL}%"])
        lon, lat = cursor.fetchone()
    there_lon, there_lat = to_gcj02(lon, lat)
    assert f"geo:{lat:.6f},{lon:.6f}" in page
    assert f"lat={there_lat:.6f}&amp;lon={there_lon:.6f}&amp;dev=0" in page
    assert not re.search(r'(href|src)="https?://', page)


@pytest.mark.parametrize(
    ("role", "place", "code", "status"),
    [
        ("chief", CELL, CELL, 200),
        ("chief", CELL, f"{CELL}000001", 200),
        ("officer", f"{CELL}000001", f"{CELL}000001", 200),
        ("officer", f"{CELL}000001", f"{CELL}000002", 403),
        ("officer", f"{CELL}000001", CELL, 403),
        ("chief", CELL, "410181", 403),
        ("chief", CELL, NEIGHBOUR, 403),
        ("chief", CELL, ELSEWHERE, 403),
        ("chief", CELL, "999999999", 404),
        ("inspector", "410181", CELL, 200),
        ("inspector", "410181", ELSEWHERE, 403),
        ("bureau", None, ELSEWHERE, 200),
        ("auditor", None, CELL, 200),
        ("admin", None, CELL, 403),
    ],
)
def test_whose_cell_it_is(enter: Enter, role: str, place: str | None, code: str, status: int) -> None:
    client = enter(role, place)
    assert client.get(f"/cells/{code}").status_code == status
    assert client.get(f"/cells/{code}/patrols").status_code == status


def test_nobody_sees_it_without_a_login(own_app) -> None:
    for path in ("/cell", f"/cells/{CELL}", "/cell/session", "/start", f"/cells/{CELL}/patrols"):
        answer = own_app.test_client().get(path)
        assert answer.status_code == 303 and "/login" in answer.headers["Location"]


def test_the_page_is_kept_by_nobody_else(enter: Enter) -> None:
    answer = enter("chief", CELL).get("/cell")
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["Gridmap-Account"].startswith("test-chief-")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("role", "place"), [("planner", "410181"), ("bureau", None), ("admin", None)])
def test_who_has_no_duty_is_told_what_there_is(enter: Enter, role: str, place: str | None, lang: str) -> None:
    answer = enter(role, place).get(f"/cell?lang={lang}")
    assert answer.status_code == 200
    assert ("没有网格里的岗位" if lang == "zh" else "has no duty in a cell") in answer.text
    assert (f"/cells/{CELL}" in answer.text) is (role != "admin")
    assert (f"/cells/{ELSEWHERE}" in answer.text) is (role == "bureau")


def test_a_duty_in_a_cell_that_is_no_more(enter: Enter) -> None:
    answer = enter("chief", "410181999")
    assert "410181999" in answer.get("/cell").text
    assert "今天已不存在" in answer.get("/cell").text


def test_several_duties_have_a_switch(own_app, own_url: str, own: Connection) -> None:
    token = accounts.enter(own_url, "officer", f"{CELL}000001")
    with transaction(own) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.duty (cell_code, role, post, in_force, account_id) "
            "SELECT %s, 'patroller', post, in_force, account_id FROM gridmap.duty "
            "WHERE account_id = (SELECT max(account_id) FROM gridmap.account)",
            [f"{CELL}000002"],
        )
    client = accounts.carry(own_app.test_client(), token)
    page = client.get("/cell").text
    assert f'href="/cells/{CELL}000001" aria-current="page"' in page
    assert f'href="/cells/{CELL}000002"' in page
    assert client.get(f"/cells/{CELL}000002").status_code == 200


def test_an_empty_cell_says_so(enter: Enter, own: Connection) -> None:
    with transaction(own) as cursor:
        cursor.execute(
            "SELECT cell_code FROM gridmap.grid_cell AS c WHERE kind = 'responsibility' AND level = 'township' "
            "AND NOT EXISTS (SELECT FROM gridmap.site WHERE cell_code = c.cell_code) "
            "AND NOT EXISTS (SELECT FROM gridmap.finding WHERE cell_code = c.cell_code) ORDER BY 1 LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        pytest.skip("every cell of the demo has sites or findings")
    page = enter("chief", row[0]).get("/cell").text
    assert "没有未解决的问题" in page
    assert "没有登记在册的点位" in page
    assert "没有在办的督办件" in page


def test_who_logs_in_is_led_to_his_work(enter: Enter) -> None:
    assert enter("chief", CELL).get("/start").headers["Location"] == "/cell"
    assert enter("bureau").get("/start").headers["Location"] == "/"
    assert ">我的网格</a>" in enter("chief", CELL).get("/rules").text
    assert ">我的网格</a>" not in enter("bureau").get("/rules").text


def test_the_week_is_told_only_when_there_was_one(enter: Enter, own: Connection) -> None:
    client = enter("chief", CELL)
    assert "不满一周" in client.get("/cell").text
    with transaction(own) as cursor:
        cursor.execute("UPDATE gridmap.run SET as_of = as_of - 8 WHERE kind = 'living'")
        cursor.execute(
            "UPDATE gridmap.finding_event SET on_day = on_day - 8 WHERE key IN (SELECT key FROM gridmap.finding "
            "WHERE cell_code = ANY(gridmap.cells_below(ARRAY[%s])) ORDER BY key LIMIT 20)",
            [CELL],
        )
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/cell").text)
    total = _value(
        own,
        "SELECT count(*) FROM gridmap.finding WHERE status <> 'gone' "
        "AND cell_code = ANY(gridmap.cells_below(ARRAY[%s]))",
        CELL,
    )
    assert re.search(rf"新出现\s+{total - 20}\s+已消失\s+0\s+现在\s+{total}\s+一周前\s+20\b", page)


def test_the_calendar_shows_days_and_gaps(enter: Enter) -> None:
    client = enter("chief", CELL)
    page = client.get(f"/cells/{CELL}/patrols").text
    assert re.search(r'class="done"><time datetime="2020-10-14">14</time> <b>9</b>', page)
    assert re.search(r'class="gap"><time datetime="2020-10-15">', page)
    assert re.search(r'class="future"><time datetime="2020-10-16">', page)
    assert re.search(r'<tr class="none"><th scope="row">E\d+N\d+</th>', page)
    assert "month=2020-09" in page and "month=2020-11" not in page
    assert client.get(f"/cells/{CELL}/patrols?month=2020-09").status_code == 200
    empty = client.get(f"/cells/{CELL}/patrols?month=1999-01")
    assert "这个月没有巡查记录" in empty.text
    for wrong in ("2020-13", "2020", "9999-01", "abc", "2020-1"):
        assert client.get(f"/cells/{CELL}/patrols?month={wrong}").status_code == 400
