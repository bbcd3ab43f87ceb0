"""A map in one file, opened from the disk with the network cut."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser


def test_a_saved_map_needs_no_network(page: Page, server: str, watch: Watch, tmp_path: Path) -> None:
    answer = page.context.request.get(f"{server}/table/export?layer=zone&f=html&county=410181&kind=coal_free")
    assert answer.ok
    path = tmp_path / "图.html"
    path.write_bytes(answer.body())
    page.context.set_offline(True)
    page.goto(path.as_uri())
    assert page.title() == "法定区域 2020-10-15"
    legend = page.locator(".map-legend")
    expect(legend).to_contain_text("禁煤区")
    expect(legend).to_contain_text("巩义市 410181")
    expect(legend).to_contain_text("2020-10-15")
    # 2e7d32, 15 % on the ground's f4f6f5
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    green = sum(
        number
        for number, (red, green, blue) in image.getcolors(1 << 24) or ()
        if (abs(red - 214), abs(green - 228), abs(blue - 216)) < (6, 6, 6)
    )
    assert green > 20_000
    page.locator("path.leaflet-interactive[fill-opacity='0.15']").first.dispatch_event("click")
    popup = page.locator(".feature-popup")
    expect(popup.locator("h3")).to_contain_text("禁煤区")
    expect(popup).to_contain_text("是否示意是位置误差2000 m")
    assert {request.url.split(":")[0] for request in watch.finished} <= {"file", "data", "http"}
    assert all(request.url.startswith(("file:", "data:")) for request in watch.finished)
