"""Two planners at once: what happened is said, and nobody's work is lost."""

from __future__ import annotations

import json

import pytest
import shapely
from playwright.sync_api import expect

from gridmap.db.session import transaction
from gridmap.store import drafts
from tests.browser.desks import NOW, drawn, key_of, pick, state, wkb_of

pytestmark = pytest.mark.browser


def test_the_second_save_asks_and_nobodys_work_is_lost(desk) -> None:
    mine = desk()
    tab = mine.open()
    theirs = mine.save_theirs(units_out=())
    pick(tab, 1)
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
    state(tab, "saved")
    # back to mine, before they saved: nothing goes over theirs by itself, and Save asks again
    tab.keyboard.press("Control+z")
    assert tab.evaluate(NOW) == drawn_by_me
    state(tab, "conflict")
    expect(tab.locator("#draw-say")).to_contain_text("不会自动覆盖")
    tab.wait_for_timeout(3000)
    assert mine.stored() == theirs
    tab.get_by_role("button", name="保存", exact=True).click()
    expect(dialog).to_be_visible()
    tab.get_by_role("button", name="先继续画").click()
    tab.keyboard.press("Control+Shift+Z")
    assert tab.evaluate(NOW) == drawn(theirs)
    state(tab, "saved")
    assert drawn(mine.stored()) == drawn(theirs)


def test_both_are_merged_where_their_parts_do_not_touch_and_seen_before_they_are_saved(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    islet = shapely.box(113.0, 34.85, 113.01, 34.86)
    with_islet = shapely.MultiPolygon([*shapely.from_wkb(wkb_of(first)).geoms, islet])
    theirs = mine.save_theirs(boundary_wkb=shapely.to_wkb(with_islet), units_out=())
    pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    tab.get_by_role("button", name="合并双方不相接的修改").click()
    expect(tab.locator("#draw-whose")).to_be_hidden()
    state(tab, "held")
    both = tab.evaluate(NOW)
    assert both["units_out"] == []
    assert len(both["boundary"]["coordinates"]) == len(first["boundary"]["coordinates"]) + 1
    assert mine.stored() == theirs  # looked at first
    tab.get_by_role("button", name="保存", exact=True).click()
    state(tab, "saved")
    assert mine.stored() == {"revision": 3, **both}


def test_what_both_changed_is_asked_about_place_by_place(desk) -> None:
    mine = desk()
    tab = mine.open()
    first = tab.evaluate(NOW)
    coordinates = json.loads(json.dumps(first["boundary"]["coordinates"]))
    for ring in coordinates[0]:
        for vertex in ring:
            vertex[0] += 1e-6
    moved = mine.save_theirs(boundary_wkb=wkb_of({"boundary": {"type": "MultiPolygon", "coordinates": coordinates}}))
    pick(tab, 1)
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
    assert {key_of(part) for part in now["boundary"]["coordinates"]} == {
        key_of(part) for part in drawn_by_me["boundary"]["coordinates"]
    }
    assert mine.stored() == moved


def test_a_draft_that_was_submitted_meanwhile_says_so(desk) -> None:
    mine = desk()
    tab = mine.open()
    with transaction(mine.conn) as cursor:
        drafts.take_step(cursor, mine.draft, "submit", "planner-02")
    pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    dialog = tab.locator("#draw-whose")
    expect(dialog).to_contain_text("审核中")
    expect(dialog.get_by_role("button", name="换成对方的一版")).to_be_hidden()
    expect(dialog.get_by_role("button", name="合并")).to_be_hidden()
    tab.get_by_role("button", name="先继续画").click()
    state(tab, "stopped")
    with transaction(mine.conn) as cursor:
        drafts.take_step(cursor, mine.draft, "return", "reviewer-01", text="东界请沿道路")
    tab.get_by_role("button", name="保存", exact=True).click()
    state(tab, "saved")
    assert mine.stored() == {"revision": 2, **tab.evaluate(NOW)}


def test_mine_is_kept_as_a_copy(desk) -> None:
    mine = desk()
    tab = mine.open()
    theirs = mine.save_theirs(units_out=())
    pick(tab, 1)
    tab.keyboard.press("ArrowLeft")
    drawn_by_me = tab.evaluate(NOW)
    with tab.expect_navigation():
        tab.get_by_role("button", name="把我画的存为另一份草案").click()
    expect(tab.locator("h1")).to_contain_text("向东扩（副本）")
    expect(tab.locator("html[data-ready=draw]")).to_be_attached()
    assert tab.evaluate(NOW) == drawn_by_me
    assert tab.url != mine.address
    assert mine.stored() == theirs
