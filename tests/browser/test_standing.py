"""The map of cells: colours as its legend says, numbers written on it, and one tap leads down."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def rgb(color: str) -> str:
    """Return #rrggbb as a computed style writes it."""
    return "rgb({}, {}, {})".format(*(int(color[place : place + 2], 16) for place in (1, 3, 5)))


@pytest.mark.parametrize("context", [(1440, 900), (390, 844)], ids=["desk", "phone"], indirect=True)
def test_the_map_says_what_the_table_says_and_a_tap_leads_down(page: Page, server: str) -> None:
    page.goto(f"{server}/city")
    expect(page.locator(".folium-map[data-ready='choropleth']")).to_be_visible()
    fills = page.locator(".cells-map path").evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")
    legend = page.locator(".classes .swatch:not(.none)").evaluate_all("(all) => all.map((one) => one.style.background)")
    assert len(fills) == page.locator(".ranking tbody tr").count() == 14
    assert {rgb(fill) for fill in fills} == set(legend)
    values = page.locator(".ranking td.chosen").all_inner_texts()
    labels = page.locator(".place-label-value").all_inner_texts()
    assert len(labels) >= 8
    assert {re.search(r"\d+$", label)[0] for label in labels} <= set(values)
    at = page.evaluate(
        """() => { const map = document.querySelector('.cells-map .folium-map');
        const box = map.getBoundingClientRect();
        const label = [...map.querySelectorAll('.place-label-value > span')].find((one) => one.textContent.startsWith('巩义市'));
        const of = label.getBoundingClientRect();
        return { x: of.left + of.width / 2 - box.left, y: of.top + of.height / 2 - box.top }; }"""
    )
    page.locator(".cells-map .folium-map").click(position=at)
    page.wait_for_url("**/counties/410181")
    expect(page.locator("h1")).to_have_text("巩义市")
    page.locator(".crumbs a").click()
    page.wait_for_url("**/city")
