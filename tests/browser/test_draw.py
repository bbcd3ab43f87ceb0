"""The drawing page: keyboard and fingers, back to the first step, typed coordinates, and nothing is lost offline."""

from __future__ import annotations

import json

import pytest
import shapely
from playwright.sync_api import expect

from gridmap.ingest import shapes
from tests.browser.desks import AT_VERTEX, NOW, pick, state

pytestmark = pytest.mark.browser


def test_a_vertex_is_moved_by_keyboard_saved_and_taken_back_to_the_first_step(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    pick(tab, 2)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Shift+ArrowUp")
    moved = tab.evaluate(NOW)
    (lon, lat), (lon_0, lat_0) = (state["boundary"]["coordinates"][0][0][1] for state in (moved, first))
    assert lon - lon_0 == pytest.approx(10 / 91_600, rel=0.01)
    assert lat - lat_0 == pytest.approx(100 / 111_320, rel=0.01)
    tab.keyboard.press("Insert")
    tab.keyboard.press("PageDown")
    tab.keyboard.press("Delete")
    expect(tab.get_by_role("button", name="顶点 3", exact=True)).to_be_focused()
    tab.get_by_role("button", name="保存", exact=True).click()
    state(tab, "saved")
    assert mine.stored() == {"revision": 2, **tab.evaluate(NOW)}
    assert mine.stored()["units_out"] == first["units_out"]
    for _ in range(5):
        tab.keyboard.press("Control+z")
    expect(tab.get_by_role("button", name="撤销", exact=True)).to_be_disabled()
    assert tab.evaluate(NOW) == first
    tab.keyboard.press("Control+Shift+Z")
    assert tab.evaluate(NOW) == moved
    state(tab, "saved")  # by itself
    assert mine.stored() == {"revision": 3, **moved}


def test_what_could_not_be_sent_is_there_when_the_page_is_opened_again(desk) -> None:
    mine = desk()
    tab = mine.open()
    mine.network = False
    pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    state(tab, "offline")
    tab.close()
    mine.network = True
    again = mine.open()
    assert again.evaluate(NOW) == drawn_by_me
    state(again, "saved")
    assert mine.stored() == {"revision": 2, **drawn_by_me}


def test_coordinates_are_typed(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    pick(tab, 1)
    tab.get_by_label("顶点 1 的经度").fill("34.7")
    tab.keyboard.press("Enter")
    expect(tab.locator("#draw-vertices [data-wrong]")).to_contain_text("不在本市范围内")
    tab.get_by_label("顶点 1 的经度").fill("34.7, 112.9")
    tab.keyboard.press("Enter")
    expect(tab.locator("#draw-vertices [data-wrong]")).to_contain_text("填反")
    assert tab.evaluate(NOW) == first
    tab.get_by_label("顶点 1 的经度").fill("112.9123456789")
    tab.keyboard.press("Enter")
    ring = tab.evaluate(NOW)["boundary"]["coordinates"][0][0]
    assert ring[0] == [112.9123456789, first["boundary"]["coordinates"][0][0][0][1]]
    assert ring[-1] == ring[0]
    typed = tab.get_by_label("按坐标加一圈、切开或改边")
    typed.fill("113.0 34.6\n113.1 34.6\n11x 34.7")
    tab.get_by_role("button", name="加为一块").click()
    expect(tab.locator("#draw-say")).to_contain_text("第 3 行")
    typed.fill("113.0 34.6\n113.1，34.6\n113.1 34.7\n113.0 34.7")
    tab.get_by_role("button", name="加为一块").click()
    typed.fill("113.04 34.64\n113.06 34.64\n113.05 34.66")
    tab.get_by_role("button", name="加为洞").click()
    parts = tab.evaluate(NOW)["boundary"]["coordinates"]
    assert [len(rings) for rings in parts] == [1, 2]
    assert parts[1][1] == [[113.04, 34.64], [113.06, 34.64], [113.05, 34.66], [113.04, 34.64]]
    tab.get_by_role("button", name="删除这一圈").click()
    assert [len(rings) for rings in tab.evaluate(NOW)["boundary"]["coordinates"]] == [1, 1]


def test_a_vertex_dragged_near_a_stored_one_takes_it_to_the_last_digit(desk) -> None:
    tab = desk().open()
    settings = json.loads(tab.locator("#draw-settings").text_content())
    own = {tuple(point) for point in settings["content"]["boundary"]["coordinates"][0][0]}
    tab.evaluate(
        "() => { const { editor } = window.gridmap.draw, [lon, lat] = editor.shape[0][0][0];"
        " editor.map.setView([lat, lon], 13, { animate: false }); }"
    )
    lon, lat = settings["content"]["boundary"]["coordinates"][0][0][0]
    stored = [
        tuple(p) for kind, _name, line in settings["lines"] if kind in ("township", "county") for p in line
        if abs(p[0] - lon) < 0.03 and abs(p[1] - lat) < 0.02 and tuple(p) not in own
    ]  # fmt: skip
    assert stored
    target = min(stored, key=lambda p: (p[0] - lon) ** 2 + (p[1] - lat) ** 2)
    x, y = tab.evaluate(AT_VERTEX, [0, 0, 0])
    to_x, to_y = tab.evaluate(
        "([lon, lat]) => { const { map } = window.gridmap.draw.editor, at = map.latLngToContainerPoint([lat, lon]),"
        " box = map.getContainer().getBoundingClientRect(); return [box.x + at.x, box.y + at.y]; }",
        list(target),
    )
    center = tab.evaluate("window.gridmap.draw.editor.map.getCenter().lat")
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=3)
    tab.mouse.move(to_x + 3, to_y - 3, steps=3)
    tab.mouse.up()
    assert tuple(tab.evaluate(NOW)["boundary"]["coordinates"][0][0][0]) == target
    assert tab.evaluate("window.gridmap.draw.editor.map.getCenter().lat") == center  # the map stood still


def test_units_and_what_would_change(desk) -> None:
    mine = desk(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = mine.open()
    tab.locator("#draw-units > summary").click()
    tab.get_by_label("查找乡镇和村").fill("回郭镇")
    tab.get_by_label("回郭镇", exact=True).select_option("in")
    expect(tab.locator("#draw-units [data-tally]")).to_contain_text("列入 1 个")
    assert tab.evaluate(NOW)["units_in"] == ["410181113"]
    panel = tab.locator("#draw-impact")
    gained = panel.locator("[data-part=villages-gained]")
    expect(gained.locator("summary")).to_contain_text("划入的村")
    assert [body["units_in"] for what, body in mine.asked if what == "POST impact"][-1] == ["410181113"]
    gained.locator("summary").click()
    gained.get_by_role("button").first.click()
    tab.wait_for_function("window.gridmap.draw.editor.map.getZoom() >= 14")  # the map flies there
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_shapes_are_changed_without_changing_what_they_were(desk) -> None:
    tab = desk().open()
    found = tab.evaluate("""async () => {
        const s = await import("gridmap/draw_shape"), { SnapIndex } = await import("gridmap/draw_snap");
        const { History } = await import("gridmap/draw_history"), { choose } = await import("gridmap/draw_handles");
        const square = [[0, 0], [4, 0], [4, 4], [0, 4]], shape = s.addPart([], square), at = { part: 0, ring: 0, vertex: 0 };
        const hole = s.addHole(shape, [[1, 1], [2, 1], [1, 2]]);
        const bow = s.moveVertex(shape, { ...at, vertex: 1 }, [2, 6]);
        const history = new History(0);
        history.push(1, "a", 0); history.push(2, "a", 10); history.push(3, "a", 5000);
        const many = Array.from({ length: 5000 }, (_, i) => [Math.cos(i / 5000 * 2 * Math.PI), Math.sin(i / 5000 * 2 * Math.PI)]);
        const shown = choose([[many]], [-2, -2, 2, 2], ([x, y]) => ({ x: x * 300, y: y * 300 }));
        const snaps = new SnapIndex([["road", "路", [[113, 34], [113.1234567890123, 34.05]]]]);
        return {
            bow: s.crossesAt(bow, { ...at, vertex: 1 }), plain: s.crossesAt(shape, at), same: shape[0][0] === square && square.length === 4,
            hole: hole[0].length, outside: s.addHole(shape, [[5, 5], [6, 5], [5, 6]]), three: s.deleteVertex([[[[0, 0], [1, 0], [0, 1]]]], at),
            round: s.toGeojson(s.fromGeojson(s.toGeojson(hole))), nothing: s.toGeojson(s.removeRing(hole, at)),
            steps: [history.undo(), history.undo(), history.undo(), history.redo()],
            handles: shown.handles.length, total: shown.total,
            vertex: snaps.nearest([113.1235, 34.05], [1e4, 1e4], 12), edge: snaps.nearest([113.06, 34.0243], [1e4, 1e4], 12).on,
            far: snaps.nearest([113.5, 34.5], [1e4, 1e4], 12),
            middle: s.middleAfter([[[[112.9, 34.6], [112.95, 34.6], [112.95, 34.7]]]], at),
            tilted: (await import("gridmap/draw_edge")).onEdge([112.8, 34.3], [113.1, 34.7], 0.3),
        };
    }""")
    assert (found["bow"], found["plain"], found["same"]) == (True, False, True)
    assert (found["hole"], found["outside"], found["three"], found["nothing"]) == (2, None, None, None)
    assert found["round"]["coordinates"][0][1] == [[1, 1], [2, 1], [1, 2], [1, 1]]
    assert found["steps"] == [2, 0, 0, 2]
    assert 100 < found["handles"] <= 400
    assert found["total"] == 5000
    assert found["vertex"] == {"point": [113.1234567890123, 34.05], "on": "vertex", "kind": "road", "name": "路"}
    assert (found["edge"], found["far"]) == ("edge", None)
    # on the edge as areas are measured: what is straight in degrees would move 650 m² to the other side
    for ends, place in (
        ([[112.9, 34.6], [112.95, 34.6]], found["middle"]),
        ([[112.8, 34.3], [113.1, 34.7]], found["tilted"]),
    ):
        assert shapes.to_metres(shapely.Polygon([ends[0], place, ends[1]])).area < 0.05
