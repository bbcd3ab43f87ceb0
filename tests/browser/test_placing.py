"""Placing in a browser: with the keyboard alone, by clicking, and with what the map and the fields say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from gridmap.db.session import connect, transaction

pytestmark = pytest.mark.browser

PHONE = [(390, 844)]
ADD = """
INSERT INTO gridmap.site (site_id, kind, name, address, county_code, reported_region_code, geom, position_error_m,
    placed_by, source)
SELECT 'browser-place-' || n, 'enterprise', '待放厂' || n, '回郭镇柏峪村', '410181', '410181113', r.seat, 7000, 'township', 'test'
FROM generate_series(1, 2) AS n, gridmap.region AS r WHERE r.code = '410181113' AND r.in_force @> gridmap.today()
"""


@pytest.fixture
def unplaced(city_url: str) -> Iterator[str]:
    """Yield the address of a site that is to be placed, the first of two."""
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute(ADD.replace("r.seat", "coalesce(r.seat, ST_PointOnSurface(r.geom))"))
    yield "/data/placing/site/browser-place-1"
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.import_batch WHERE file_name LIKE '手工定位 待放厂%'")
        cursor.execute("DELETE FROM gridmap.site WHERE site_id LIKE 'browser-place-%'")
    conn.close()


def stand(page: Page, address: str) -> None:
    """Open an address and wait until its map stands and its script runs."""
    page.goto(address)
    expect(page.locator("#placing-map .leaflet-container[role='application']")).to_be_visible()


def test_the_keyboard_alone_finds_places_saves_goes_on_and_takes_back(page: Page, server: str, unplaced: str) -> None:
    stand(page, f"{server}{unplaced}")
    page.locator("#placing-q").focus()
    page.keyboard.type("柏峪")
    page.keyboard.press("Enter")
    expect(page.locator("#placing-state")).to_contain_text("找到")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#placing-places button").first).to_be_focused()
    page.locator("#placing-places button", has_text=re.compile("^柏峪")).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#placing-map .leaflet-container")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#field-x")).to_have_value(re.compile(r"^11[23]\.\d{6}$"))
    first = page.locator("#field-x").input_value()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    step = float(page.locator("#field-x").input_value()) - float(first)
    assert 0 < step < 0.01
    error = float(page.locator("#field-error_m").input_value())
    page.locator("#field-error_m").fill("75")
    page.locator("#placing-map .leaflet-container").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#field-error_m")).to_have_value("75")
    assert error in {m * 10**p for m in (1, 2, 5) for p in range(4)}, "a finger's width at this zoom"
    page.locator("#placing-form button.primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"browser-place-2\?saved=\d+"))
    expect(page.locator(".notice.ok")).to_contain_text("待放厂1")
    page.locator(".placing-undo button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"browser-place-1\?undone"))
    expect(page.locator(".placing-head .lead")).to_contain_text("仅知所在乡镇")


@pytest.mark.parametrize("context", PHONE, ids=["phone"], indirect=True)
def test_a_tap_is_in_the_map_s_system_and_another_system_is_not_mixed_up_with_it(
    page: Page, server: str, unplaced: str
) -> None:
    stand(page, f"{server}{unplaced}")
    page.locator("#placing-map .leaflet-container").click(position={"x": 180, "y": 260})
    expect(page.locator(".placing-mark")).to_be_visible()
    expect(page.locator("#field-crs")).to_have_value("cgcs2000")
    page.locator("#field-crs").select_option("gcj02")
    expect(page.locator("#field-x")).to_have_value("")
    expect(page.locator("#placing-state")).to_contain_text("请重新填写")
    page.locator("#field-x").fill("113.0")
    page.locator("#field-y").fill("34.75")
    page.get_by_role("button", name="看看在哪").click()
    expect(page.locator(".placing-at")).to_contain_text("不在申报的回郭镇")
    expect(page.locator(".placing-mark")).to_be_visible()
    page.locator("[name='confirmed']").check()
    page.locator("#field-x").fill("113.01")
    expect(page.locator("[name='confirmed']")).not_to_be_checked()
