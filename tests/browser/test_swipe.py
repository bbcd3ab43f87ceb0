"""/zones/diff in a browser: the divider by keys, mouse and finger; layers on and off; the map without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from gridmap.auth import sessions
from tests.browser.test_accessibility import AXE, TAGS, TARGET_PX, TOO_SMALL, TOO_WIDE

pytestmark = pytest.mark.browser

SIZES = [(1440, 900), (390, 844)]
DAYS = "/zones/diff?from=2018-01-01&to=2020-10-15&kind=coal_free&county=410181"

CLIPS = """() => ["left", "right"].map((side) => {
  const clip = document.querySelector(`.leaflet-swipe-${side}-pane`).style.clipPath;
  const xs = [...clip.matchAll(/(-?[\\d.]+)px -?[\\d.]+px/g)].map((one) => Number(one[1]));
  return [Math.min(...xs), Math.max(...xs)];
})"""


def stand(page: Page, address: str) -> None:
    """Open an address and wait until its divider stands."""
    page.goto(address)
    expect(page.locator("#swipe-divider")).to_be_visible()


def shares(page: Page) -> tuple[float, float]:
    """Return which part of the map's width, in percent, the left and the right version have."""
    (west, cut), (same_cut, east) = page.evaluate(CLIPS)
    assert cut == pytest.approx(same_cut, abs=0.1)
    return 100 * (cut - west) / (east - west), 100 * (east - same_cut) / (east - west)


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_the_divider_moves_by_keys_and_says_where_it_stands(page: Page, server: str) -> None:
    stand(page, f"{server}{DAYS}")
    divider = page.get_by_role("slider")
    divider.focus()
    for key, value in (
        ("ArrowRight", 52), ("ArrowLeft", 50), ("PageUp", 60), ("PageDown", 50), ("ArrowUp", 52), ("ArrowDown", 50),
        ("End", 100), ("ArrowRight", 100), ("Home", 0), ("ArrowLeft", 0), ("PageUp", 10),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(value))
        assert shares(page) == (pytest.approx(value, abs=0.5), pytest.approx(100 - value, abs=0.5))
    expect(divider).to_have_attribute("aria-valuetext", re.compile("10"))


@pytest.mark.parametrize("context", SIZES, ids=["desk", "phone"], indirect=True)
def test_the_divider_is_dragged_and_stays_where_the_map_moves(page: Page, server: str) -> None:
    stand(page, f"{server}{DAYS}")
    page.locator("#swipe").scroll_into_view_if_needed()
    box = page.locator("#swipe").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, middle, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.9, middle)
    value = page.get_by_role("slider").get_attribute("aria-valuenow")
    assert value and abs(int(value) - 25) <= 1
    page.locator("#swipe .leaflet-control-zoom-in").click()
    page.wait_for_timeout(700)
    assert shares(page) == (pytest.approx(25, abs=1), pytest.approx(75, abs=1))


@pytest.mark.parametrize("context", SIZES[:1], ids=["desk"], indirect=True)
def test_what_is_added_is_drawn_right_only_and_can_be_switched_off(page: Page, server: str) -> None:
    stand(page, f"{server}{DAYS}")
    drawn = page.locator(".leaflet-swipe-right-pane path")
    assert drawn.count() >= 1
    assert {path.get_attribute("fill") for path in drawn.all()} == {"url(#hatch-added)"}
    assert page.locator(".leaflet-swipe-left-pane path").count() == 0
    marks = page.locator(".leaflet-swipe-marks-pane path").count()
    assert marks > 0
    page.locator("#swipe-layers input[value=added]").uncheck()
    expect(drawn).to_have_count(0)
    page.locator("#swipe-layers input[value=villages]").uncheck()
    expect(page.locator(".leaflet-swipe-marks-pane path")).to_have_count(0)


def test_without_scripts_both_are_drawn_over_one_another_with_hatches(
    chromium: Browser, server: str, bureau_token: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies([{"name": sessions.COOKIE, "value": bureau_token, "url": server}])
    page = context.new_page()
    page.goto(f"{server}{DAYS}")
    expect(page.locator("#swipe")).to_be_hidden()
    expect(page.locator(".diff-sheet svg")).to_be_visible()
    assert page.locator(".diff-sheet path[fill='url(#sheet-added)']").count() >= 1
    context.close()


@pytest.mark.parametrize("context", SIZES, ids=["desk", "phone"], indirect=True)
@pytest.mark.parametrize("path", [DAYS, "/zones/diff?zone=36", DAYS.replace("diff?", "diff/report?")])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_stands_in_the_way(page: Page, server: str, path: str, lang: str) -> None:
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
def test_the_report_on_paper_is_a4_with_nothing_to_press(page: Page, server: str) -> None:
    page.goto(f"{server}{DAYS.replace('diff?', 'diff/report?')}")
    page.emulate_media(media="print")
    for hidden in (".top", ".crumbs"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".law-sheet")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper))
    assert sizes and all(abs(float(wide) - 595) < 2 and abs(float(tall) - 842) < 2 for wide, tall in sizes)
