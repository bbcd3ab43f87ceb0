"""Tours in a browser: from ticked sites to a line with numbers, a skip by keyboard, and a start taken from the map."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from gridmap.db.session import connect, transaction

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _no_tour_stays(city_url: str) -> Iterator[None]:
    yield
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.tour")
    conn.close()


def test_ticked_sites_become_numbers_on_a_line_and_one_is_skipped_by_keyboard(page: Page, server: str) -> None:
    page.goto(f"{server}/near?lon=113.02&lat=34.75&radius_m=5000")
    for number in (1, 2, 3):
        page.locator(f"#near-{number} input[name=site]").check()
    page.locator("#near-tour button").click()
    expect(page.locator(".tour-mark.planned")).to_have_count(3)
    page.locator("#tour-form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/tours/\d+\?done=created"))
    expect(page.locator(".near-map .folium-map[role='application']")).to_be_visible()
    expect(page.locator(".tour-mark.planned")).to_have_text(["3", "2", "1"])
    expect(page.locator(".near-map path.leaflet-interactive")).to_have_count(1)
    page.locator(".tour-mark", has_text=re.compile("^2$")).click()
    expect(page.locator(".tour-stops tr", has_text=re.compile(r"^\s*2\b")).locator("a").first).to_be_focused()
    page.locator("details summary", has_text="跳过").first.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("大门锁着")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"done=skip"))
    expect(page.locator(".tour-out")).to_contain_text("大门锁着")
    expect(page.locator(".tour-mark.skipped")).to_have_count(1)
    page.locator(".tour-reorder button").click()
    page.wait_for_url(re.compile(r"done=reorder"))


@pytest.mark.parametrize("context", [(390, 844)], ids=["phone"], indirect=True)
def test_a_phone_starts_where_it_is_or_where_the_map_is_pressed(page: Page, server: str) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 34.7466, "longitude": 112.9799, "accuracy": 20})
    page.goto(f"{server}/tours/new")
    page.locator("#tour-locate").click()
    expect(page.locator("#field-lon")).to_have_value("112.979900")
    page.locator(".near-map .folium-map").click(position={"x": 100, "y": 200})
    expect(page.locator("#field-lon")).not_to_have_value("112.979900")
    page.locator("#field-choose").fill("4")
    page.locator("#tour-form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/tours/\d+\?done=created"))
    expect(page.locator(".tour-number.planned").first).to_be_visible()
