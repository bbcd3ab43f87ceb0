"""The tools of the drawing page: cut, join, lock, land between roads, squares, lasso."""

from __future__ import annotations

import json
import re

import pytest
import shapely
from playwright.sync_api import expect

from tests.browser.desks import NOW, pick, state, wkb_of

pytestmark = pytest.mark.browser


def test_a_part_is_cut_by_typed_positions_and_its_pieces_joined_again(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    west, south, east, north = shapely.from_wkb(wkb_of(first)).geoms[0].bounds
    pick(tab, 1)
    middle = (west + east) / 2
    tab.get_by_label("按坐标加一圈或切开").fill(f"{middle} {south - 0.01}\n{middle} {north + 0.01}")
    tab.get_by_role("button", name="沿这条线切开").click()
    expect(tab.locator("#draw-say")).to_contain_text("已切开")
    pieces = tab.evaluate(NOW)["boundary"]["coordinates"]
    assert len(pieces) > len(first["boundary"]["coordinates"])
    own = {tuple(vertex) for part in first["boundary"]["coordinates"] for ring in part for vertex in ring}
    assert own <= {tuple(vertex) for part in pieces for ring in part for vertex in ring}
    state(tab, "refused")  # until one of them goes, moves, or both are joined again
    expect(tab.locator("#draw-saved")).to_contain_text("边相接")
    tab.locator("#draw-parts > summary").click()
    expect(tab.locator(".draw-part-list li")).to_have_count(len(pieces))
    for box in tab.locator(".draw-part-list input").all():
        box.check()
    tab.get_by_role("button", name="合并选中的块").click()
    expect(tab.locator(".draw-part-list li")).to_have_count(len(first["boundary"]["coordinates"]))
    now = tab.evaluate(NOW)
    assert shapely.from_wkb(wkb_of(now)).symmetric_difference(shapely.from_wkb(wkb_of(first))).area < 1e-12
    for _ in range(2):
        tab.keyboard.press("Control+z")
    assert tab.evaluate(NOW) == first


def test_a_locked_part_moves_neither_by_keyboard_nor_on_the_server(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    tab.locator("#draw-parts > summary").click()
    tab.get_by_role("button", name="锁定 1").click()
    expect(tab.get_by_role("button", name="锁定 1")).to_have_attribute("aria-pressed", "true")
    pick(tab, 1)
    tab.keyboard.press("Shift+ArrowLeft")
    expect(tab.locator("#draw-say")).to_contain_text("已锁定")
    assert tab.evaluate(NOW) == first
    again = mine.open()  # it is the draft that is locked, not the page
    again.locator("#draw-parts > summary").click()
    again.get_by_role("button", name="锁定 1").click()
    expect(again.locator("#draw-say")).to_contain_text("已解锁")


def test_land_between_roads_is_taken_in_and_left_out_with_stored_vertices(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    tab.evaluate("() => { window.gridmap.draw.map.setView([34.6, 112.95], 12, { animate: false }); }")
    tab.locator("#draw-faces > summary").click()
    button = tab.locator(".draw-face-list").get_by_role("button", name="划入").first
    expect(button).to_be_visible()
    name = button.get_attribute("data-piece")
    button.click()
    expect(tab.locator("#draw-say")).to_contain_text("已划入 1 个地块")
    grown = shapely.from_wkb(wkb_of(tab.evaluate(NOW)))
    assert grown.area > shapely.from_wkb(wkb_of(first)).area
    stored = {
        tuple(p) for _k, _n, line in json.loads(tab.locator("#draw-settings").text_content())["lines"] for p in line
    }
    new = {tuple(p) for p in shapely.get_coordinates(grown).tolist()} - {
        tuple(p) for p in shapely.get_coordinates(shapely.from_wkb(wkb_of(first))).tolist()
    }
    assert new & stored
    tab.locator(f"[data-piece='{name}']").click()
    expect(tab.locator("#draw-say")).to_contain_text("已划出")
    back = shapely.from_wkb(wkb_of(tab.evaluate(NOW)))
    assert back.symmetric_difference(shapely.from_wkb(wkb_of(first))).area < 1e-9


def test_a_square_is_taken_in_by_a_click_on_the_map_whatever_else_is_shown(desk) -> None:
    tab = desk().open()
    tab.evaluate("() => { window.gridmap.draw.map.setView([34.75, 112.98], 15, { animate: false }); }")
    tab.locator("#draw-units > summary").click()
    tab.locator("#draw-units [name=pick]").check()
    tab.locator("#draw-faces > summary").click()
    tab.locator("#draw-faces select").select_option("square")
    expect(tab.locator(".draw-face-list li").first).to_contain_text(re.compile(r"E\d+N\d+"))
    before = tab.evaluate(NOW)["boundary"]["coordinates"]
    box = tab.locator(".draw-map").bounding_box()
    assert box
    tab.mouse.click(box["x"] + box["width"] / 2 + 15, box["y"] + box["height"] / 2 + 15)
    expect(tab.locator("#draw-say")).to_contain_text("已划入 1 个地块（E")
    after = tab.evaluate(NOW)["boundary"]["coordinates"]
    assert len(after) == len(before) + 1
    assert len(after[-1][0]) >= 5
    tab.evaluate("() => { window.gridmap.draw.map.setZoom(13, { animate: false }); }")
    # its corners are there to be snapped to, as stored
    corner = after[-1][0][0]
    found = tab.evaluate("([lon, lat]) => window.gridmap.draw.snaps.nearest([lon + 1e-5, lat], [1e5, 1e5], 12)", corner)
    assert (found["point"], found["on"]) == (corner, "vertex")


def test_villages_are_chosen_with_a_lasso(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    tab.locator("#draw-lasso-box > summary").click()
    tab.get_by_label("归为").select_option("out")
    tab.get_by_role("button", name="在地图上圈").click()
    box = tab.locator(".draw-map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x - 150, y - 120)
    tab.mouse.down()
    for to_x, to_y in ((150, -120), (150, 120), (-150, 120), (-150, -110)):
        tab.mouse.move(x + to_x, y + to_y, steps=6)
    tab.mouse.up()
    expect(tab.locator("#draw-say")).to_contain_text("已设为“列出”")
    listed = tab.evaluate(NOW)["units_out"]
    assert len(listed) > len(first["units_out"])
    tab.keyboard.press("Control+z")
    assert tab.evaluate(NOW) == first
