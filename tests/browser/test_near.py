"""/near in a browser: one tap takes the phone's position, a click or Enter another; numbers lead from map to list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser

PHONE = [(390, 844)]
HERE = {"latitude": 34.7466, "longitude": 112.9799}


def stand(page: Page, address: str) -> None:
    """Open an address and wait until its map stands and its script runs."""
    page.goto(address)
    expect(page.locator(".near-map .folium-map.leaflet-container[role='application']")).to_be_visible()


@pytest.mark.parametrize("context", PHONE, ids=["phone"], indirect=True)
@pytest.mark.parametrize(("accuracy", "is_vague"), [(35, False), (3000, True)])
def test_one_tap_tells_sites_law_and_how_far_off_the_phone_may_be(
    page: Page, server: str, accuracy: int, is_vague: bool
) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({**HERE, "accuracy": accuracy})
    stand(page, f"{server}/near")
    page.locator("#near-locate").click()
    page.wait_for_url(re.compile(rf"accuracy_m={accuracy}\b.*lon=112\.979900&lat=34\.746600"))
    assert "kind=" not in page.url  # what was not asked is not in the address
    expect(page.locator(".near-law")).to_contain_text("巩义市禁煤区")
    expect(page.locator(".near-rows > li").first).to_be_visible()
    expect(page.locator(".near-list [role='alert']")).to_have_count(int(is_vague))


@pytest.mark.parametrize("context", PHONE, ids=["phone"], indirect=True)
def test_who_denies_the_position_is_told_what_else_there_is(page: Page, server: str) -> None:
    stand(page, f"{server}/near")
    # a browser that nobody answers waits for ever; this is what it says to a no
    page.evaluate("() => { navigator.geolocation.getCurrentPosition = (_, failed) => failed({ code: 1 }); }")
    page.locator("#near-locate").click()
    expect(page.locator("#near-state")).to_contain_text("在图上点一处")
    expect(page.locator("#near-locate")).to_be_enabled()


def test_a_click_and_enter_ask_for_that_place_without_the_error_of_the_one_before(page: Page, server: str) -> None:
    stand(page, f"{server}/near?lon=113.02&lat=34.75&accuracy_m=300&radius_m=1000&rank=urgency")
    page.locator(".near-map .folium-map").click(position={"x": 60, "y": 300})
    page.wait_for_url(re.compile(r"lon=11[23]\.\d{6}&lat=34\.\d{6}"))
    assert "accuracy_m" not in page.url and "rank=urgency" in page.url
    before = page.url
    expect(page.locator(".near-map .folium-map[role='application']")).to_be_visible()
    page.locator(".near-map .folium-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


def test_a_number_on_the_map_leads_to_its_row(page: Page, server: str) -> None:
    stand(page, f"{server}/near?lon=113.02&lat=34.75&radius_m=5000")
    rows = page.locator(".near-rows > li").count()
    expect(page.locator(".near-mark")).to_have_count(rows)
    page.locator(".near-mark", has_text=re.compile("^2$")).click()
    expect(page.locator("#near-2 h3 a")).to_be_focused()


@pytest.mark.parametrize("context", [(1280, 900), *PHONE], ids=["desk", "phone"], indirect=True)
def test_a_mistake_is_seen_without_looking_for_it(page: Page, server: str, watch: Watch) -> None:
    watch.expects_complaints = True  # the browser's own, of an answer of 400
    page.goto(f"{server}/near?lon=34.75&lat=113.02")
    expect(page.locator(".near-wrong")).to_contain_text("像是填反了")
    expect(page.locator(".near-wrong")).to_be_in_viewport()
