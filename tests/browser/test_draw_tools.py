"""The tools of the drawing page: cut, join, lock, land between roads, squares, lasso."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect
from shapely.geometry import mapping

from gridmap.db.session import transaction
from gridmap.store import drafts
from tests.browser.desks import NOW, key_of, pick, state, wkb_of

pytestmark = pytest.mark.browser

FROM_CROSSHAIR = """([lon, lat]) => {
    const { map } = window.gridmap.draw, at = map.latLngToContainerPoint([lat, lon]);
    const cross = document.querySelector(".draw-crosshair").style;
    return [at.x - parseFloat(cross.left), at.y - parseFloat(cross.top)];
}"""
SHARED = """async () => {
    const { twinsOf } = await import("gridmap/draw_pieces"), { shape } = window.gridmap.draw.history.now;
    return shape[0][0].flatMap((_point, vertex) => twinsOf(shape, { part: 0, ring: 0, vertex }).map((twin) => ({ vertex, twin })));
}"""


def cut(tab: Page, *, by_keyboard: bool = False) -> list[Any]:
    """Cut the first part in two across its middle and return all parts."""
    west, south, east, north = shapely.from_wkb(wkb_of(tab.evaluate(NOW))).geoms[0].bounds
    middle = (west + east) / 2
    line = [[middle, south - 0.01], [middle, north + 0.01]]
    if by_keyboard:
        tab.locator("#draw-cut").focus()
        tab.keyboard.press("Enter")
        expect(tab.locator(".draw-crosshair")).to_be_visible()
        for place in line:
            walk(tab, place)
            tab.keyboard.press(" ")
        tab.keyboard.press("Enter")
    else:
        if not tab.locator("#draw-vertices[open]").count():
            tab.locator("#draw-vertices > summary").click()
        tab.get_by_label("按坐标加一圈、切开或改边").fill("\n".join(f"{lon} {lat}" for lon, lat in line))
        tab.get_by_role("button", name="沿这条线切开").click()
    expect(tab.locator("#draw-say")).to_contain_text("已切开")
    pieces: list[Any] = tab.evaluate(NOW)["boundary"]["coordinates"]
    return pieces


def save(tab: Page) -> None:
    """Save without waiting until the page does it by itself."""
    tab.get_by_role("button", name="保存", exact=True).click()
    state(tab, "saved")


def walk(tab: Page, place: Sequence[float]) -> None:
    """Take the crosshair to a place by arrow keys, to some pixels."""
    dx, dy = tab.evaluate(FROM_CROSSHAIR, list(place))
    for way, far in (("Right" if dx > 0 else "Left", abs(dx)), ("Down" if dy > 0 else "Up", abs(dy))):
        for _ in range(round(far) // 40):
            tab.keyboard.press(f"Shift+Arrow{way}")
        for _ in range(round(far) % 40 // 4):
            tab.keyboard.press(f"Arrow{way}")


def test_a_cut_is_saved_as_one_piece_of_land_and_its_pieces_are_there_again(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    pieces = cut(tab)
    assert len(pieces) > len(first["boundary"]["coordinates"])
    own = {tuple(vertex) for part in first["boundary"]["coordinates"] for ring in part for vertex in ring}
    assert own <= {tuple(vertex) for part in pieces for ring in part for vertex in ring}
    expect(tab.locator("#draw-touching")).to_contain_text("作为法规是一块地")
    state(tab, "saved")  # by itself
    assert {key_of(part) for part in mine.stored()["boundary"]["coordinates"]} == {
        key_of(part) for part in first["boundary"]["coordinates"]
    }
    tab.reload()
    expect(tab.locator("html[data-ready=draw]")).to_be_attached()
    assert tab.evaluate(NOW)["boundary"]["coordinates"] == pieces
    # a vertex that pieces share moves in both
    (shared,) = tab.evaluate(SHARED)[:1]
    tab.evaluate("(at) => window.gridmap.draw.editor.select(at)", {"part": 0, "ring": 0, "vertex": shared["vertex"]})
    pick(tab, shared["vertex"] + 1)
    tab.keyboard.press("ArrowLeft")
    now = tab.evaluate(NOW)["boundary"]["coordinates"]
    twin = shared["twin"]
    assert (
        now[0][0][shared["vertex"]] == now[twin["part"]][twin["ring"]][twin["vertex"]] != pieces[0][0][shared["vertex"]]
    )
    save(tab)
    assert len(mine.stored()["boundary"]["coordinates"]) == len(first["boundary"]["coordinates"])
    tab.locator("#draw-parts > summary").click()
    expect(tab.locator(".draw-part-list li")).to_have_count(len(pieces))
    for box in tab.locator(".draw-part-list input").all():
        box.check()
    tab.get_by_role("button", name="合并选中的块").click()
    expect(tab.locator(".draw-part-list li")).to_have_count(len(first["boundary"]["coordinates"]))
    expect(tab.locator("#draw-touching")).to_be_empty()
    # and its outline follows a line
    whole = shapely.from_wkb(wkb_of(tab.evaluate(NOW))).geoms[0]
    (lon, lat), (to_lon, to_lat) = max(
        zip(whole.exterior.coords[:-1], whole.exterior.coords[1:], strict=True), key=lambda edge: math.dist(*edge)
    )
    out = whole.bounds[2] + 0.01
    tab.get_by_label("按坐标加一圈").fill(f"{lon} {lat}\n{out} {lat}\n{out} {to_lat}\n{to_lon} {to_lat}")
    tab.get_by_role("button", name="沿这条线改边").click()
    expect(tab.locator("#draw-say")).to_contain_text("已改沿所画的线")
    assert shapely.from_wkb(wkb_of(tab.evaluate(NOW))).geoms[0].area > whole.area


def test_a_piece_cut_by_keyboard_becomes_a_zone_of_its_own_and_can_be_put_back(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    pieces = cut(tab, by_keyboard=True)
    save(tab)
    tab.locator("#draw-parts > summary").click()
    tab.get_by_role("button", name="另立草案 1").click()
    tab.get_by_label("新区域的名称").fill("西村镇西部禁煤区")
    tab.get_by_role("button", name="另立", exact=True).click()
    expect(tab.locator("#draw-say")).to_contain_text("已是另一个区域的草案")
    with transaction(mine.conn) as cursor:
        made = drafts.get_draft(cursor, int(str(tab.locator("#draw-say a").get_attribute("href")).rsplit("/", 1)[1]))
        content = drafts.get_content(cursor, made.zone_id)
    try:
        assert (made.name, made.version, made.base_zone_id) == ("西村镇西部禁煤区", 1, None)
        assert key_of(mapping(shapely.from_wkb(content.boundary_wkb))["coordinates"][0]) == key_of(pieces[0])
        assert tab.evaluate(NOW)["boundary"]["coordinates"] == pieces[1:]
        save(tab)
        lost = tab.locator("#draw-impact [data-part=villages-lost] .impact-names")
        expect(lost).to_contain_text("村")  # which, without opening the list
        for _ in range(2):
            tab.keyboard.press("Control+z")
        assert tab.evaluate(NOW) == first
    finally:
        with transaction(mine.conn) as cursor:
            cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [made.zone_id])


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
    cut_off = again.get_by_role("button", name="删除 1")
    expect(cut_off).to_be_disabled()
    again.get_by_role("button", name="锁定 1").click()
    expect(again.locator("#draw-say")).to_contain_text("已解锁")
    expect(cut_off).to_be_enabled()


def test_a_locked_piece_stays_locked_where_its_cut_is_not_known_and_is_unlocked_there(desk) -> None:
    mine = desk()
    tab = mine.open()
    cut(tab)
    tab.locator("#draw-parts > summary").click()
    tab.get_by_role("button", name="锁定 1").click()
    expect(tab.locator("#draw-say")).to_contain_text("已锁定")
    tab.keyboard.press("Control+z")  # would take the piece away
    expect(tab.locator("#draw-say")).to_contain_text("已锁定，请先")
    save(tab)
    tab.evaluate("localStorage.clear()")  # another computer
    tab.reload()
    expect(tab.locator("html[data-ready=draw]")).to_be_attached()
    tab.locator("#draw-parts > summary").click()
    stray = tab.locator(".draw-part-list li", has_text="不是整块")
    stray.get_by_role("button").click()
    expect(tab.locator("#draw-say")).to_contain_text("已解锁")
    expect(stray).to_have_count(0)


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
    # the same corner by corner with the keyboard
    tab.locator("#draw-lasso").focus()
    tab.keyboard.press("Enter")
    for keys in (("Up", 3, "Left", 4), ("Right", 8), ("Down", 6), ("Left", 8)):
        for way, times in zip(keys[::2], keys[1::2], strict=True):
            for _ in range(int(times)):
                tab.keyboard.press(f"Shift+Arrow{way}")
        tab.keyboard.press(" ")
    expect(tab.locator("#draw-say")).to_contain_text("第 4 点")
    tab.keyboard.press("Backspace")
    tab.keyboard.press(" ")
    tab.keyboard.press("Enter")
    expect(tab.locator("#draw-say")).to_contain_text("已设为“列出”")
    assert len(tab.evaluate(NOW)["units_out"]) > len(first["units_out"])


def test_villages_are_chosen_many_at_once_from_a_list(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    tab.locator("#draw-units > summary").click()
    find, found = tab.get_by_label("查找乡镇和村"), tab.locator("#draw-units [data-found]")
    find.fill("回郭镇")
    tab.get_by_label("只看").select_option("12")
    expect(found).to_contain_text(re.compile(r"找到 \d\d 个"))  # the villages of the township
    find.fill("410181113201-410181113203, 410181113205")
    expect(found).to_contain_text("找到 4 个")
    tab.get_by_role("button", name="全部列入").click()
    assert sorted(set(tab.evaluate(NOW)["units_in"]) - set(first["units_in"])) == [
        "410181113201", "410181113202", "410181113203", "410181113205"
    ]  # fmt: skip
    tab.keyboard.press("Control+z")
    assert tab.evaluate(NOW) == first
