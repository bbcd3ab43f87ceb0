"""The drawing page: keyboard and fingers, back to the first step, typed coordinates, and nobody's work is lost."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from shapely.geometry import mapping

from gridmap.auth import sessions
from gridmap.db.session import Connection, connect, transaction
from gridmap.store import drafts
from tests import accounts

pytestmark = pytest.mark.browser

COUNTY = "410181"
BASE = "巩义市禁煤区（西村镇和谐路以西）"
NOW = "window.gridmap.draw.saver.content()"
AT_VERTEX = """([part, ring, vertex]) => {
    const { editor } = window.gridmap.draw, [lon, lat] = editor.shape[part][ring][vertex];
    const at = editor.map.latLngToContainerPoint([lat, lon]), box = editor.map.getContainer().getBoundingClientRect();
    return [box.x + at.x, box.y + at.y];
}"""


@dataclass
class Desk:
    """A planner's browser on a draft, and what the city has of that draft."""

    context: BrowserContext
    address: str
    conn: Connection
    draft: int
    complaints: list[str] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    network: bool = True

    def open(self) -> Page:
        """Return the page, ready."""
        tab = self.context.new_page()
        tab.set_default_timeout(20_000)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda m: self.complaints.append(m.text) if "policy" in m.text else None)
        tab.goto(self.address)
        expect(tab.locator("html[data-ready=draw]")).to_be_attached()
        return tab

    def pass_or_cut(self, route: Route) -> None:
        """Let a request to the API through, unless there is no network."""
        request = route.request
        if not self.network:
            route.abort()
            return
        self.asked.append((f"{request.method} {request.url.rsplit('/', 1)[-1]}", request.post_data_json))
        route.continue_()

    def stored(self) -> dict[str, Any]:
        """Return what is saved, as the page would send it, with its revision."""
        with transaction(self.conn) as cursor:
            content = drafts.get_content(cursor, self.draft)
            revision = drafts.get_draft(cursor, self.draft).revision
        boundary = content.boundary_wkb
        return {
            "revision": revision,
            "boundary": None if boundary is None else json.loads(json.dumps(mapping(shapely.from_wkb(boundary)))),
            "units_in": list(content.units_in),
            "units_out": list(content.units_out),
        }

    def save_theirs(self, **changes: Any) -> dict[str, Any]:
        """Have another planner save, on what is saved; return that."""
        with transaction(self.conn) as cursor:
            content = dataclasses.replace(drafts.get_content(cursor, self.draft), **changes)
            revision = drafts.get_draft(cursor, self.draft).revision
            drafts.save(cursor, self.draft, revision, content, actor="planner-02")
        return self.stored()


def drawn(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name != "revision"}


@pytest.fixture
def draft(city_url: str) -> Iterator[tuple[Connection, int]]:
    """Return a draft of the county's zone along a road."""
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT zone_id FROM gridmap.zone WHERE name = %s AND status = 'published'", [BASE])
            made = drafts.create(cursor, cursor.fetchone()[0], title="向东扩", author="test")
        yield conn, made.zone_id
        with transaction(conn) as cursor:
            cursor.execute("DELETE FROM gridmap.zone WHERE status = 'draft' AND lineage = %s", [made.lineage])
    finally:
        conn.close()


@pytest.fixture(scope="module")
def planner(city_url: str) -> str:
    return accounts.enter(city_url, "planner", COUNTY)


@pytest.fixture
def desk(chromium: Browser, server: str, draft: tuple[Connection, int], planner: str) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []
    conn, zone_id = draft

    def got(**options: Any) -> Desk:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "zh-CN", **options})
        context.add_cookies([{"name": sessions.COOKIE, "value": planner, "url": server}])
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.blockedURI}`));"
        )
        made.append(Desk(context, f"{server}/drafts/{zone_id}/draw", conn, zone_id))
        context.route("**/api/drafts/**", made[-1].pass_or_cut)
        return made[-1]

    yield got
    for each in made:
        each.context.close()
        assert each.complaints == []


def _pick(tab: Page, vertex: int) -> None:
    if not tab.locator("#draw-vertices[open]").count():
        tab.locator("#draw-vertices > summary").click()
    tab.get_by_role("button", name=f"顶点 {vertex}", exact=True).click()


def _wkb(content: dict[str, Any]) -> bytes:
    return bytes(shapely.to_wkb(shapely.geometry.shape(content["boundary"])))


def _key(part: Any) -> bytes:
    return bytes(shapely.to_wkb(shapely.normalize(shapely.Polygon(part[0], part[1:]))))


def _state(tab: Page, state: str) -> None:
    expect(tab.locator("#draw-saved")).to_have_attribute("data-state", state)


def test_a_vertex_is_moved_by_keyboard_saved_and_taken_back_to_the_first_step(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    _pick(tab, 2)
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
    _state(tab, "saved")
    assert mine.stored() == {"revision": 2, **tab.evaluate(NOW)}
    assert mine.stored()["units_out"] == first["units_out"]
    for _ in range(5):
        tab.keyboard.press("Control+z")
    expect(tab.get_by_role("button", name="撤销", exact=True)).to_be_disabled()
    assert tab.evaluate(NOW) == first
    tab.keyboard.press("Control+Shift+Z")
    assert tab.evaluate(NOW) == moved
    _state(tab, "saved")  # by itself
    assert mine.stored() == {"revision": 3, **moved}


def test_the_second_save_asks_and_nobodys_work_is_lost(desk) -> None:
    mine = desk()
    tab = mine.open()
    theirs = mine.save_theirs(units_out=())
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    dialog = tab.locator("#draw-whose")
    expect(dialog).to_be_visible()  # the page saves by itself
    expect(dialog).to_contain_text("从第 1 版画起的，现在已是第 2 版")
    mine.network = False
    tab.get_by_role("button", name="换成对方的一版").click()
    expect(tab.locator("#draw-whose-wrong")).to_contain_text("您画的还在")
    tab.get_by_role("button", name="先继续画").click()
    assert tab.evaluate(NOW) == drawn_by_me
    mine.network = True
    tab.get_by_role("button", name="保存", exact=True).click()
    tab.get_by_role("button", name="换成对方的一版").click()
    expect(dialog).to_be_hidden()
    assert tab.evaluate(NOW) == drawn(theirs)
    _state(tab, "saved")
    # back to mine, before they saved: nothing goes over theirs by itself, and Save asks again
    tab.keyboard.press("Control+z")
    assert tab.evaluate(NOW) == drawn_by_me
    _state(tab, "conflict")
    expect(tab.locator("#draw-say")).to_contain_text("不会自动覆盖")
    tab.wait_for_timeout(3000)
    assert mine.stored() == theirs
    tab.get_by_role("button", name="保存", exact=True).click()
    expect(dialog).to_be_visible()
    tab.get_by_role("button", name="先继续画").click()
    tab.keyboard.press("Control+Shift+Z")
    assert tab.evaluate(NOW) == drawn(theirs)
    _state(tab, "saved")
    assert drawn(mine.stored()) == drawn(theirs)


def test_both_are_merged_where_their_parts_do_not_touch_and_seen_before_they_are_saved(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    islet = shapely.box(113.0, 34.85, 113.01, 34.86)
    with_islet = shapely.MultiPolygon([*shapely.from_wkb(_wkb(first)).geoms, islet])
    theirs = mine.save_theirs(boundary_wkb=shapely.to_wkb(with_islet), units_out=())
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    tab.get_by_role("button", name="合并双方不相接的修改").click()
    expect(tab.locator("#draw-whose")).to_be_hidden()
    _state(tab, "held")
    both = tab.evaluate(NOW)
    assert both["units_out"] == []
    assert len(both["boundary"]["coordinates"]) == len(first["boundary"]["coordinates"]) + 1
    assert mine.stored() == theirs  # looked at first
    tab.get_by_role("button", name="保存", exact=True).click()
    _state(tab, "saved")
    assert mine.stored() == {"revision": 3, **both}


def test_what_both_changed_is_asked_about_place_by_place(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    coordinates = json.loads(json.dumps(first["boundary"]["coordinates"]))
    for ring in coordinates[0]:
        for vertex in ring:
            vertex[0] += 1e-6
    moved = mine.save_theirs(boundary_wkb=_wkb({"boundary": {"type": "MultiPolygon", "coordinates": coordinates}}))
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    merge = tab.locator("#draw-merge")
    merge.click()
    choices = tab.locator("#draw-conflicts li")
    expect(choices).to_have_count(1)
    expect(choices).to_contain_text("经度")
    expect(merge).to_be_disabled()
    choices.get_by_label("用我画的").check()
    merge.click()
    expect(tab.locator("#draw-whose")).to_be_hidden()
    now = tab.evaluate(NOW)
    assert {_key(part) for part in now["boundary"]["coordinates"]} == {
        _key(part) for part in drawn_by_me["boundary"]["coordinates"]
    }
    assert mine.stored() == moved


def test_a_draft_that_was_submitted_meanwhile_says_so(desk) -> None:
    mine = desk()
    tab = mine.open()
    with transaction(mine.conn) as cursor:
        drafts.take_step(cursor, mine.draft, "submit", "planner-02")
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    dialog = tab.locator("#draw-whose")
    expect(dialog).to_contain_text("审核中")
    expect(dialog.get_by_role("button", name="换成对方的一版")).to_be_hidden()
    expect(dialog.get_by_role("button", name="合并")).to_be_hidden()
    tab.get_by_role("button", name="先继续画").click()
    _state(tab, "stopped")
    with transaction(mine.conn) as cursor:
        drafts.take_step(cursor, mine.draft, "return", "reviewer-01", text="东界请沿道路")
    tab.get_by_role("button", name="保存", exact=True).click()
    _state(tab, "saved")
    assert mine.stored() == {"revision": 2, **tab.evaluate(NOW)}


def test_mine_is_kept_as_a_copy(desk) -> None:
    mine = desk()
    tab = mine.open()
    theirs = mine.save_theirs(units_out=())
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    with tab.expect_navigation():
        tab.get_by_role("button", name="把我画的存为另一份草案").click()
    expect(tab.locator("h1")).to_contain_text("向东扩（副本）")
    expect(tab.locator("html[data-ready=draw]")).to_be_attached()
    assert tab.evaluate(NOW) == drawn_by_me
    assert tab.url != mine.address
    assert mine.stored() == theirs


def test_a_part_is_cut_by_typed_positions_and_its_pieces_joined_again(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    west, south, east, north = shapely.from_wkb(_wkb(first)).geoms[0].bounds
    _pick(tab, 1)
    middle = (west + east) / 2
    tab.get_by_label("按坐标加一圈或切开").fill(f"{middle} {south - 0.01}\n{middle} {north + 0.01}")
    tab.get_by_role("button", name="沿这条线切开").click()
    expect(tab.locator("#draw-say")).to_contain_text("已切开")
    pieces = tab.evaluate(NOW)["boundary"]["coordinates"]
    assert len(pieces) > len(first["boundary"]["coordinates"])
    own = {tuple(vertex) for part in first["boundary"]["coordinates"] for ring in part for vertex in ring}
    assert own <= {tuple(vertex) for part in pieces for ring in part for vertex in ring}
    _state(tab, "refused")  # until one of them goes, moves, or both are joined again
    expect(tab.locator("#draw-saved")).to_contain_text("边相接")
    tab.locator("#draw-parts > summary").click()
    for box in tab.locator(".draw-part-list input").all():
        box.check()
    tab.get_by_role("button", name="合并选中的块").click()
    expect(tab.locator(".draw-part-list li")).to_have_count(len(first["boundary"]["coordinates"]))
    now = tab.evaluate(NOW)
    assert shapely.from_wkb(_wkb(now)).symmetric_difference(shapely.from_wkb(_wkb(first))).area < 1e-12
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
    _pick(tab, 1)
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
    grown = shapely.from_wkb(_wkb(tab.evaluate(NOW)))
    assert grown.area > shapely.from_wkb(_wkb(first)).area
    stored = {
        tuple(p) for _k, _n, line in json.loads(tab.locator("#draw-settings").text_content())["lines"] for p in line
    }
    new = {tuple(p) for p in shapely.get_coordinates(grown).tolist()} - {
        tuple(p) for p in shapely.get_coordinates(shapely.from_wkb(_wkb(first))).tolist()
    }
    assert new & stored
    tab.locator(f"[data-piece='{name}']").click()
    expect(tab.locator("#draw-say")).to_contain_text("已划出")
    back = shapely.from_wkb(_wkb(tab.evaluate(NOW)))
    assert back.symmetric_difference(shapely.from_wkb(_wkb(first))).area < 1e-9


def test_a_square_is_taken_in_by_a_click_on_the_map_whatever_else_is_shown(desk) -> None:
    tab = desk().open()
    tab.evaluate("() => { window.gridmap.draw.map.setView([34.75, 112.98], 15, { animate: false }); }")
    tab.locator("#draw-units > summary").click()
    tab.locator("#draw-units [name=pick]").check()
    tab.locator("#draw-faces > summary").click()
    tab.locator("#draw-faces select").select_option("square")
    expect(tab.locator(".draw-face-list li").first).to_be_visible()
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


def test_what_could_not_be_sent_is_there_when_the_page_is_opened_again(desk) -> None:
    mine = desk()
    tab = mine.open()
    mine.network = False
    _pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    _state(tab, "offline")
    tab.close()
    mine.network = True
    again = mine.open()
    assert again.evaluate(NOW) == drawn_by_me
    _state(again, "saved")
    assert mine.stored() == {"revision": 2, **drawn_by_me}


def test_coordinates_are_typed(desk) -> None:
    tab = desk().open()
    first = tab.evaluate(NOW)
    _pick(tab, 1)
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
    typed = tab.get_by_label("按坐标加一圈或切开")
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
    assert tab.evaluate("window.gridmap.draw.editor.map.getZoom()") >= 14
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
