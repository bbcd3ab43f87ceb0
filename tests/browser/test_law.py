"""/law in a browser: a tap or Enter on the map chooses the place, kinds go on and off, nothing is in the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_accessibility import AXE, TAGS, TARGET_PX, TOO_SMALL, TOO_WIDE

pytestmark = pytest.mark.browser

SIZES = [(1440, 900), (390, 844)]


def stand(page: Page, address: str) -> None:
    """Open an address and wait until its map stands and its script runs."""
    page.goto(address)
    expect(page.locator(".law-map .folium-map.leaflet-container[role='application']")).to_be_visible()


@pytest.mark.parametrize("context", SIZES, ids=["desk", "phone"], indirect=True)
def test_a_tap_on_the_map_asks_for_that_place_on_that_day(page: Page, server: str) -> None:
    stand(page, f"{server}/law?as_of=2020-05-31&q=")
    page.locator(".law-map .folium-map").click()
    page.wait_for_url(re.compile(r"lon=113\.\d{6}&lat=34\.\d{6}"))
    expect(page.locator("h1")).to_contain_text("2020-05-31")
    expect(page.locator(".law-kinds tbody th")).to_have_count(11)
    # the mark of a place is in no place's way
    stand(page, page.url)
    before = page.url
    page.locator(".law-map .folium-map").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.locator(".law-kinds tbody th")).to_have_count(11)


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_enter_asks_for_the_middle_of_the_map(page: Page, server: str) -> None:
    stand(page, f"{server}/law?lon=113.02&lat=34.75")
    page.locator(".law-map .folium-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"lon=113\.0[2-9]\d+&lat=34\.7\d+"))
    assert "lon=113.02&" not in page.url
    expect(page.locator(".law-kinds tbody th")).to_have_count(11)


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_a_kind_that_is_switched_off_is_not_drawn(page: Page, server: str) -> None:
    stand(page, f"{server}/law")
    name = page.evaluate("JSON.parse(document.getElementById('law-settings').textContent).map")
    accepts = """([name, kind]) => { const { tiles } = window.gridmap.partsOf(name);
      return tiles.accepts(tiles.layers.find((layer) => layer.id === 'zone'), { kind }); }"""
    assert page.evaluate(accepts, [name, "coal_free"])
    page.locator("#law-legend input[data-value='coal_free']").uncheck()
    assert not page.evaluate(accepts, [name, "coal_free"])
    assert page.evaluate(accepts, [name, "no_burn"])


@pytest.mark.parametrize("context", SIZES, ids=["desk", "phone"], indirect=True)
@pytest.mark.parametrize(
    "path", ["/law?lon=113.02&lat=34.75", "/law?q=西村", "/law?lon=34.75&lat=113.02", "/law/report?county=410181"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_stands_in_the_way_where_there_is_something_to_tell(
    page: Page, server: str, watch: Watch, path: str, lang: str
) -> None:
    watch.expects_complaints = "lat=113" in path  # the browser tells of each answer that is not 200
    page.goto(f"{server}{path}&lang={lang}")
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate("(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", TAGS)
    problems = [f"{rule['id']}: {node['html'][:150]}" for rule in result["violations"] for node in rule["nodes"]]
    problems += [f"wider than the page: {what}" for what in page.evaluate(TOO_WIDE)]
    size = page.viewport_size
    if size and size["width"] < 760:
        problems += [f"hard to hit: {what}" for what in page.evaluate(TOO_SMALL, TARGET_PX)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_the_popup_of_the_map_leads_to_all_law_there(page: Page, server: str) -> None:
    page.goto(f"{server}/?sel=village:410181113201")
    link = page.locator("#panel a", has_text="这里当日的全部要求")
    link.click()
    page.wait_for_url("**/law?village=410181113201*")
    expect(page.locator(".law-place")).to_contain_text("410181113201")


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_on_paper_there_is_the_report_and_nothing_to_press(page: Page, server: str) -> None:
    page.goto(f"{server}/law/report?county=410181")
    page.emulate_media(media="print")
    for hidden in (".top", ".law-report .filter-row", ".crumbs"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".law-sheet").first).to_be_visible()
    expect(page.locator(".banner")).to_contain_text("演示数据")
