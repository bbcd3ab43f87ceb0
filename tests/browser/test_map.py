"""The first evening: somebody opens the map and finds the villages of 回郭镇 that the notice left out."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gridmap.maps.overview import overview_map
from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser

VILLAGE = "410181113201"
FIRST_VIEW_BYTES = 500_000

PARTS = "window.gridmap.partsOf(JSON.parse(document.getElementById('map-settings').textContent).map)"
# where a village is on the screen, and which color the map has there
PROBE = """(place) => {
  const settings = JSON.parse(document.getElementById("map-settings").textContent);
  const { map, tiles } = window.gridmap.partsOf(settings.map);
  const box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([place.lat, place.lon]);
  const x = box.left + at.x, y = box.top + at.y;
  const found = tiles.pick({ lat: place.lat, lng: place.lon }, 4)
    .filter((hit) => hit.layer.id === "finding").map((hit) => hit.props.rule_id);
  const villages = tiles.pick({ lat: place.lat, lng: place.lon }, 4)
    .filter((hit) => hit.layer.id === "village").map((hit) => hit.props.feature_id);
  const drawn = [];
  for (const canvas of document.querySelectorAll("canvas.leaflet-tile")) {
    const area = canvas.getBoundingClientRect();
    if (x < area.left || x >= area.right || y < area.top || y >= area.bottom || !canvas.width) continue;
    const scale = canvas.width / area.width;
    drawn.push([...canvas.getContext("2d").getImageData((x - area.left) * scale, (y - area.top) * scale, 1, 1).data]);
  }
  return { x, y, found, villages, drawn: drawn[0] ?? null };
}"""
IS_FLAGGED = f"""(place) => {{
  if (document.documentElement.dataset.ready !== "map") return false;
  const {{ found, drawn }} = ({PROBE})(place);
  return found.includes("COAL-01") && drawn && drawn[0] > 140 && drawn[1] < 70 && drawn[2] < 70;
}}"""


@pytest.fixture
def village(page: Page, server: str) -> dict[str, Any]:
    """Return the finding about one village of 回郭镇."""
    answer = page.request.get(f"{server}/api/findings?feature=village:{VILLAGE}&rule=COAL-01")
    found: dict[str, Any] = answer.json()["items"][0]
    return found


def wait_until(page: Page, question: str, arg: Any = None, seconds: float = 20) -> None:
    """Ask the page until it says yes. Playwright's own wait_for_function needs eval, which our policy forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(question, arg):
        assert time.monotonic() < deadline, question
        page.wait_for_timeout(50)


def wait_for_map(page: Page) -> None:
    """Wait until the map's scripts have run."""
    expect(page.locator("html[data-ready='map']")).to_be_attached()


def open_map(page: Page, address: str) -> None:
    """Open the map and wait until its scripts have run."""
    page.goto(address)
    wait_for_map(page)


def test_the_first_evening(page: Page, server: str, village: dict[str, Any], watch: Watch) -> None:
    open_map(page, f"{server}/")
    expect(page.locator(".place-label-hot", has_text="回郭镇")).to_be_visible()
    wait_until(page, IS_FLAGGED, village)
    page.wait_for_load_state("networkidle")
    assert watch.bytes() < FIRST_VIEW_BYTES
    expect(page.locator(".map-credit")).to_contain_text("Vonng/adcode（CC BY 4.0）")
    expect(page.locator(".map-credit span")).to_be_visible()
    # by the headline to 巩义, then to the village itself
    page.locator("a[data-county='410181']").click()
    expect(page).to_have_url(re.compile(r"\?county=410181&rule=COAL-01#"))
    wait_until(page, IS_FLAGGED, village)
    at = page.evaluate(PROBE, village)
    page.mouse.click(at["x"], at["y"])
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text(village["name"])
    expect(panel).to_contain_text(VILLAGE)
    expect(panel).to_contain_text("COAL-01 平原村未划入禁煤区")
    expect(panel).to_contain_text(village["legal"][0]["document"])
    expect(panel).to_contain_text("第11、13、14项")
    expect(panel).to_contain_text("此处有效的法定区域")
    expect(panel).to_contain_text("仅知位于所在乡镇")
    panel.get_by_role("link", name="查看问题详情").click()
    expect(page.locator("h1")).to_have_text(village["name"])
    expect(page.locator(".leaflet-container")).to_be_visible()


def test_filters_change_the_map_the_numbers_and_the_address(page: Page, server: str, village: dict[str, Any]) -> None:
    open_map(page, f"{server}/")
    wait_until(page, IS_FLAGGED, village)
    breaches = page.locator("[data-count='finding/breach']")
    before = int(breaches.inner_text())
    page.locator("#filter-county").select_option("410183")
    expect(breaches).not_to_have_text(str(before))
    expect(page).to_have_url(re.compile("county=410183"))
    wait_until(page, f"(place) => !({PROBE})(place).found.length", village)
    # what the address says comes back, by the back button and by reloading
    page.go_back()
    expect(breaches).to_have_text(str(before))
    page.go_forward()
    page.reload()
    expect(page.locator("#filter-county")).to_have_value("410183")


def test_on_an_earlier_day_the_rule_is_silent(page: Page, server: str, village: dict[str, Any]) -> None:
    open_map(page, f"{server}/")
    wait_until(page, IS_FLAGGED, village)
    page.locator("a[data-day='2019-06-01']").click()
    expect(page.locator("#headline")).to_contain_text("尚无划定义务")
    expect(page.locator("#filter-day")).to_have_value("2019-06-01")
    wait_for_map(page)
    # the village itself is drawn, so its tiles are there, and nothing is found about it
    wait_until(page, f"(place) => ({PROBE})(place).villages.includes({VILLAGE!r})", village)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(PROBE, village)["found"] == []
    page.locator("#filter-day").fill("2020-10-15")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator("#headline")).to_contain_text("个平原村不在任何禁煤区内")
    wait_for_map(page)
    wait_until(page, IS_FLAGGED, village)


def test_layers_can_be_switched(page: Page, server: str, village: dict[str, Any]) -> None:
    open_map(page, f"{server}/")
    wait_until(page, IS_FLAGGED, village)
    page.get_by_role("checkbox", name="问题", exact=True).uncheck()
    wait_until(page, f"(place) => !({PROBE})(place).found.length", village)
    expect(page).to_have_url(re.compile("layers="))
    with page.expect_response(re.compile(r"/collections/station/tiles/")):
        page.get_by_role("checkbox", name="空气质量监测站", exact=True).check()
    page.reload()
    expect(page.get_by_role("checkbox", name="问题", exact=True)).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="空气质量监测站", exact=True)).to_be_checked()


def test_the_grid_appears_when_zoomed_in(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_map(page, f"{server}/?layers=grid_square")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "grid_square/tiles" in url]
    deadline = time.monotonic() + 20
    # Leaflet leaves out a key that is pressed while it still zooms
    while page.evaluate(f"() => {PARTS}.map.getZoom()") < 12.5 and time.monotonic() < deadline:
        page.locator(".leaflet-container").press("+")
        page.wait_for_timeout(50)
    middle = f"{PARTS}.tiles.pick({PARTS}.map.getCenter())"
    wait_until(page, f"() => {middle}.some((hit) => hit.layer.id === 'grid_square')")


def test_the_keyboard_is_enough(page: Page, server: str, village: dict[str, Any]) -> None:
    open_map(page, f"{server}/#13/{village['lat']}/{village['lon']}")
    wait_until(page, IS_FLAGGED, village)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text(village["name"])
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".leaflet-container")).to_be_focused()


def test_a_layer_that_cannot_be_read_is_told(page: Page, server: str, watch: Watch) -> None:
    page.route(re.compile("/collections/village/tiles/"), lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"{server}/")
    expect(page.locator("#map-status")).to_have_text("有的图层没有读到，请刷新页面再试。")
    assert watch.complaints
    watch.expects_complaints = True


def test_english_by_a_switch(page: Page, server: str) -> None:
    open_map(page, f"{server}/?county=410181")
    page.get_by_role("link", name="English").click()
    expect(page.locator("#headline")).to_contain_text("villages of the plain lie in no coal-free zone")
    expect(page.locator("#filter-county")).to_have_value("410181")
    page.locator(".more-pages summary").click()
    page.get_by_role("link", name="Rules", exact=True).click()
    expect(page.locator("h1")).to_have_text("Rules")


def test_a_permalink_opens_what_was_chosen(page: Page, server: str, village: dict[str, Any]) -> None:
    open_map(page, f"{server}/?sel=village:{VILLAGE}")
    expect(page.locator("#panel h2")).to_have_text(village["name"])
    page.locator("#panel").get_by_role("button", name="关闭").click()
    expect(page).not_to_have_url(re.compile("sel="))


@pytest.mark.parametrize("context", [(390, 844)], indirect=True, ids=["phone"])
def test_on_a_phone_nothing_is_cut(page: Page, server: str, village: dict[str, Any]) -> None:
    for path in ("/", "/table", "/rules/COAL-01", f"/findings/{village['key']}", "/data"):
        page.goto(server + path)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    open_map(page, f"{server}/?sel=village:{VILLAGE}")
    expect(page.locator("#panel h2")).to_have_text(village["name"])
    expect(page.locator(".map-credit summary")).to_have_text("数据来源")
    expect(page.locator(".map-credit span")).to_be_hidden()
    # the village stays in sight above the panel
    wait_until(
        page,
        f"(place) => ({PROBE})(place).y < document.getElementById('panel').getBoundingClientRect().top",
        arg=village,
    )


def test_a_saved_map_draws_without_any_server(page: Page, tmp_path: Path, village: dict[str, Any]) -> None:
    name = "<img src=x onerror=alert(1)>"
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [village["lon"], village["lat"]]},
        "properties": {"name": name, "cover_class": "not_covered", "placed_by": "geocode"},
    }
    collection = json.loads(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    path = tmp_path / "map.html"
    overview_map({"village": collection}, legend="禁煤区覆盖").save(str(path))
    page.goto(path.as_uri())
    expect(page.locator(".map-legend")).to_contain_text("未划入禁煤区 1")
    page.locator("path.leaflet-interactive").click()
    expect(page.locator(".feature-popup h3")).to_have_text(name)
