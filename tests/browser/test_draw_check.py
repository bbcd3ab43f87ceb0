"""The drawing page's check: faults with their places, and a repair that is shown before it is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desks import NOW

pytestmark = pytest.mark.browser


def test_a_spike_is_listed_with_its_place_and_its_repair_is_one_step_back(desk) -> None:
    own = desk()
    tab = own.open()
    before = tab.evaluate(NOW)["boundary"]
    spiked = """() => {
        const { editor } = window.gridmap.draw, shape = structuredClone(editor.shape), ring = shape[0][0];
        const [a, b] = ring, at = (t, away) => [a[0] + (b[0] - a[0]) * t - (b[1] - a[1]) * away, a[1] + (b[1] - a[1]) * t + (b[0] - a[0]) * away];
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]) * 100000;
        ring.splice(1, 0, at(0.5, 0), at(0.5 + 2 / length, 300 / length), at(0.5 + 4 / length, 0));
        editor.change(shape, { at: null });
    }"""
    tab.evaluate(spiked)
    drawn = tab.evaluate(NOW)["boundary"]
    tab.locator("#draw-check > summary").click()
    spike = tab.locator("#draw-check li[data-fault=spike]")
    expect(spike).to_have_count(1)
    expect(spike).to_contain_text("km")
    spike.get_by_role("button", name="修复").click()
    expect(tab.locator("#draw-check [data-offer]")).to_be_visible()
    assert tab.evaluate(NOW)["boundary"] == drawn  # shown, not kept
    tab.locator("#draw-check [data-keep]").click()
    assert tab.evaluate(NOW)["boundary"] not in (drawn, before)
    tab.locator("#draw-undo").click()
    assert tab.evaluate(NOW)["boundary"] == drawn
    assert own.complaints == []
