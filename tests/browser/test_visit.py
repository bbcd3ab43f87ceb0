"""A visit written on a phone without a network: kept over a reload, signed, sent once, told of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from gridmap.auth import sessions
from gridmap.db.session import Connection, connect, transaction
from tests import accounts
from tests.browser.kept import wait_until_kept
from tests.phone import photo

pytestmark = pytest.mark.browser
SITE = "demo-con-0067"


@pytest.fixture
def own(city_url: str) -> Iterator[Connection]:
    """Return a connection to the demo city; the visits of this test are taken out of it again."""
    conn = connect(city_url)
    yield conn
    conn.rollback()
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.inspection WHERE site_id = %s AND entry_key IS NOT NULL", [SITE])
    conn.close()


@pytest.fixture
def tab(chromium: Browser, server: str, city_url: str) -> Iterator[Page]:
    """Return a phone's tab of an inspector who stands at the site."""
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT ST_X(geom), ST_Y(geom), county_code FROM gridmap.site WHERE site_id = %s", [SITE])
        lon, lat, county = cursor.fetchone()
    conn.close()
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN",
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 9}, permissions=["geolocation"],
    )  # fmt: skip
    context.add_cookies(
        [{"name": sessions.COOKIE, "value": accounts.enter(city_url, "inspector", county), "url": server}]
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def test_a_visit_written_offline_is_sent_once(tab: Page, server: str, own: Connection) -> None:
    address = f"{server}/visits/new?site={SITE}"
    tab.goto(address)
    expect(tab.locator("html[data-ready=visit]")).to_be_attached()
    expect(tab.locator("#visit-place")).to_contain_text("距登记点位 0 m")
    wait_until_kept(tab, address)
    tab.context.set_offline(True)
    tab.locator("[data-item=fence] .choice-ok").click()
    tab.locator("[data-item=cover] .choice-failed").click()
    tab.locator("[data-item=pm10_reading] input[type=number]").fill("80")
    tab.get_by_label("备注（可不填）").fill("离线填写")
    tab.locator("#visit-photos").set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
    expect(tab.locator("#visit-previews li")).to_have_count(1)
    expect(tab.locator("#visit-kept")).to_contain_text("已存在本机")
    tab.wait_for_timeout(1000)  # what is written is kept a moment after the last letter
    tab.reload()
    expect(tab.locator("html[data-ready=visit]")).to_be_attached()
    expect(tab.locator("[data-item=cover] input[value=failed]")).to_be_checked()
    expect(tab.get_by_label("备注（可不填）")).to_have_value("离线填写")
    expect(tab.locator("#visit-previews li")).to_have_count(1)
    send = tab.get_by_role("button", name="保存并发送")
    send.click()
    expect(tab.locator("#visit-wrong-sign")).to_contain_text("请手写签名")
    expect(tab.locator("#visit-typed")).to_be_focused()
    tab.keyboard.press("Space")  # signed by keyboard
    send.press("Enter")
    expect(tab.locator("#outbox-list li[data-state=waiting]")).to_be_visible()
    tab.context.set_offline(False)
    expect(tab.locator("#outbox-list li[data-state=sent]")).to_contain_text("已收到：有不合格项")
    with transaction(own) as cursor:
        cursor.execute("SELECT count(*), min(signed_how) FROM gridmap.inspection WHERE note = '离线填写'")
        assert tuple(cursor.fetchone()) == (1, "typed")
    tab.locator("#visit-done a", has_text="查看检查记录").click()
    expect(tab.locator(".visit-outcome")).to_contain_text("有不合格项")
    expect(tab.locator(".visit-stop")).to_contain_text("停工")


def test_a_finger_signs_and_wrong_times_are_told(tab: Page, server: str, own: Connection) -> None:
    tab.goto(f"{server}/visits/new?site={SITE}")
    expect(tab.locator("html[data-ready=visit]")).to_be_attached()
    tab.locator("[data-item=fence] .choice-ok").click()
    pad = tab.locator("#visit-signature")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 30, box["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 180, box["y"] + 60, steps=4)
    tab.mouse.up()
    tab.locator("#visit-ended").fill("2020-01-01T08:00")
    send = tab.get_by_role("button", name="保存并发送")
    send.click()
    expect(tab.locator("#visit-wrong-times")).to_contain_text("结束时间早于开始时间")
    tab.locator("#visit-ended").fill("")
    send.click()
    expect(tab.locator("#outbox-list li[data-state=sent]")).to_contain_text("没有异议，当场办结")
    with transaction(own) as cursor:
        cursor.execute(
            "SELECT i.signed_how, g.width FROM gridmap.inspection AS i "
            "JOIN gridmap.inspection_signature AS g USING (inspection_id) WHERE i.site_id = %s",
            [SITE],
        )
        assert tuple(cursor.fetchone()) == ("drawn", 600)
