"""The page of a cell on a phone: written without a network, kept, sent once, seen by nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from gridmap.auth import sessions
from gridmap.db.session import Connection, connect, transaction
from tests import accounts
from tests.browser.kept import is_kept, until, wait_until_kept
from tests.phone import CELL, INSIDE, photo

pytestmark = pytest.mark.browser
ENTRIES = "#outbox-list li"


@dataclass
class Phone:
    """A browser the size of a phone, logged in, standing in the cell."""

    context: BrowserContext
    home: str
    complaints: list[str]

    def open(self, path: str = "/cell", *, ready: bool = True) -> Page:
        """Return a tab with a page."""
        tab = self.context.new_page()
        tab.set_default_timeout(20_000)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.goto(self.home + path)
        if ready:
            expect(tab.locator("html[data-ready=cell]")).to_be_attached()
        return tab

    def has_kept_the_shell(self, tab: Page, path: str = "/cell") -> None:
        """Wait until the worker has the page."""
        wait_until_kept(tab, self.home + path)


@pytest.fixture
def own(city_url: str) -> Iterator[Connection]:
    conn = connect(city_url)
    yield conn
    conn.close()


@pytest.fixture
def phone(chromium: Browser, server: str, city_url: str) -> Iterator[Callable[..., Phone]]:
    """Return how to get a phone. What it sends is taken out of the demo city again."""
    made: list[Phone] = []

    def got(role: str = "chief", place: str | None = CELL, token: str | None = None, **options: object) -> Phone:
        settings = {
            "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "zh-CN",
            "geolocation": {"longitude": INSIDE[0], "latitude": INSIDE[1], "accuracy": 12},
            "permissions": ["geolocation"], **options,
        }  # fmt: skip
        context = chromium.new_context(**settings)
        token = token or accounts.enter(city_url, role, place)
        context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": server}])
        made.append(Phone(context, server, []))
        return made[-1]

    yield got
    for each in made:
        each.context.close()
        assert each.complaints == []
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.report")
        cursor.execute("DELETE FROM gridmap.patrol_round WHERE NOT is_demo")
    conn.close()


def _reports(own: Connection, words: str) -> int:
    with transaction(own) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.report WHERE words = %s", [words])
        return int(cursor.fetchone()[0])


def _fill(tab: Page, words: str, *pictures: bytes) -> None:
    tab.get_by_role("button", name="上报问题").click()
    tab.get_by_label("看到了什么").fill(words)
    expect(tab.locator("#report-place")).to_contain_text("已定位")
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": content} for n, content in enumerate(pictures)]
    if files:
        tab.get_by_label("照片（最多 4 张）").set_input_files(files)
        expect(tab.locator("#report-previews li")).to_have_count(len(files))


def _save(tab: Page) -> None:
    tab.get_by_role("button", name="保存并发送").click()


def test_a_report_written_offline_is_kept_and_sent_once(phone, own: Connection) -> None:
    mine = phone()
    tab = mine.open()
    mine.context.set_offline(True)
    _fill(tab, "离线写的一条", photo(size=(1600, 1200)))
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_contain_text("离线写的一条")
    expect(tab.locator("#outbox-state")).to_contain_text("现在没有网络")
    assert _reports(own, "离线写的一条") == 0
    mine.context.set_offline(False)
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_contain_text("已收到")
    assert _reports(own, "离线写的一条") == 1
    with transaction(own) as cursor:
        cursor.execute(
            "SELECT count(*) FROM gridmap.report_photo JOIN gridmap.report USING (report_id) WHERE words = %s",
            ["离线写的一条"],
        )
        assert cursor.fetchone()[0] == 1
    tab.reload()
    expect(tab.get_by_role("link", name="离线写的一条")).to_be_visible()
    assert _reports(own, "离线写的一条") == 1


def test_an_answer_that_is_lost_does_no_harm(phone, own: Connection) -> None:
    """The server has the report, the phone does not know: it sends again and learns that it was there."""
    mine = phone()
    tab = mine.open()
    lost: list[int] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    tab.route("**/cell/reports", lose)
    _fill(tab, "应答丢失的一条", photo())
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_be_visible()
    until(tab, lambda: bool(lost))
    assert lost == [200]
    assert _reports(own, "应答丢失的一条") == 1
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_be_visible(timeout=30_000)
    assert _reports(own, "应答丢失的一条") == 1


def test_a_page_closed_before_sending_loses_nothing(phone, own: Connection) -> None:
    mine = phone()
    tab = mine.open()
    tab.route("**/cell/reports", lambda route: route.abort())
    _fill(tab, "关掉页面的一条", photo())
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_be_visible()
    tab.close()
    expect(mine.open().locator(f"{ENTRIES}[data-state=sent]")).to_be_visible()
    assert _reports(own, "关掉页面的一条") == 1


def test_two_tabs_send_each_entry_once(phone, own: Connection) -> None:
    mine = phone()
    tabs = [mine.open(), mine.open()]
    mine.context.set_offline(True)
    for number, tab in enumerate(tabs):
        tab.bring_to_front()
        _fill(tab, f"两个标签页-{number}")
        _save(tab)
        expect(tab.locator(f"{ENTRIES}[data-state=waiting]").first).to_be_visible()
    posts: list[str] = []
    mine.context.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    mine.context.set_offline(False)
    for number, tab in enumerate(tabs):
        expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_have_count(0)
        tab.wait_for_timeout(300)
        assert _reports(own, f"两个标签页-{number}") == 1
    assert len(posts) == 2


def test_the_cell_can_be_read_without_a_network_and_not_after_logout(phone) -> None:
    mine = phone()
    tab = mine.open()
    mine.has_kept_the_shell(tab)
    mine.context.set_offline(True)
    tab.reload()
    expect(tab.locator("html[data-ready=cell]")).to_be_attached()
    expect(tab.locator("h1")).to_contain_text("回郭镇")
    expect(tab.locator("path.cell-square").first).to_be_attached()
    expect(tab.locator("#outbox-stale")).to_contain_text("上次打开时的内容")
    _fill(tab, "重新打开后写的")
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_be_visible()
    mine.context.set_offline(False)
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_be_visible()
    tab.get_by_role("button", name="退出").click()
    tab.wait_for_url("**/login*")
    until(tab, lambda: not is_kept(tab, f"{mine.home}/cell"))
    mine.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        tab.goto(f"{mine.home}/cell")


def test_entries_wait_for_their_own_account(phone, own: Connection, city_url: str, server: str) -> None:
    mine = phone()
    tab = mine.open()
    tab.route("**/cell/reports", lambda route: route.abort())
    _fill(tab, "换账号前写的")
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=waiting]")).to_be_visible()
    token = next(c["value"] for c in mine.context.cookies() if c["name"] == sessions.COOKIE)
    other = accounts.enter(city_url, "officer", f"{CELL}000001")
    mine.context.clear_cookies()
    tab.unroute("**/cell/reports")
    tab.evaluate("window.dispatchEvent(new Event('online'))")
    expect(tab.locator("#outbox-state")).to_contain_text("登录已结束")
    mine.context.add_cookies([{"name": sessions.COOKIE, "value": other, "url": server}])
    tab.evaluate("window.dispatchEvent(new Event('online'))")
    expect(tab.locator("#outbox-state")).to_contain_text("另一个账号")
    theirs = mine.open()
    expect(theirs.locator("h1")).to_contain_text(f"{CELL}000001")
    expect(theirs.locator(ENTRIES)).to_have_count(0)
    theirs.close()
    assert _reports(own, "换账号前写的") == 0
    mine.context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": server}])
    expect(mine.open().locator(f"{ENTRIES}[data-state=sent]")).to_be_visible()
    assert _reports(own, "换账号前写的") == 1


def test_outside_the_cell_is_asked_about(phone, own: Connection) -> None:
    mine = phone(geolocation={"longitude": 113.10, "latitude": 34.75, "accuracy": 10})
    tab = mine.open()
    _fill(tab, "界外的一条")
    _save(tab)
    entry = tab.locator(f"{ENTRIES}[data-state=confirm]")
    expect(entry).to_contain_text("在本网格外")
    assert _reports(own, "界外的一条") == 0
    entry.get_by_role("button", name="确认，仍要上报").click()
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_contain_text("已转给")
    assert _reports(own, "界外的一条") == 1


def test_a_place_is_chosen_on_the_map_where_the_phone_has_none(phone, own: Connection) -> None:
    mine = phone(permissions=[])
    tab = mine.open()
    tab.get_by_role("button", name="上报问题").click()
    tab.get_by_label("看到了什么").fill("图上点的")
    expect(tab.locator("#report-place")).to_contain_text("图上点选")
    _save(tab)
    expect(tab.locator("#report-wrong")).to_contain_text("还没有位置")
    tab.locator(".cell-map").scroll_into_view_if_needed()
    box = tab.locator(".cell-map").bounding_box()
    tab.mouse.click(box["x"] + box["width"] * 0.47, box["y"] + box["height"] * 0.62)
    expect(tab.locator("#report-place")).to_contain_text("已在图上选定")
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_be_visible()
    assert _reports(own, "图上点的") == 1


def test_a_file_that_is_no_photo_is_refused_at_once(phone) -> None:
    tab = phone().open()
    _fill(tab, "带附件")
    tab.get_by_label("照片（最多 4 张）").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"PK\x03\x04" + b"0" * 200}]
    )
    expect(tab.locator("#report-wrong")).to_contain_text("不是照片")
    expect(tab.locator("#report-previews li")).to_have_count(0)


def test_a_large_photo_is_made_smaller_on_the_phone_and_keeps_its_time(phone, own: Connection) -> None:
    from tests.ingest.test_photos import noted, picture, saved

    large = picture((4000, 3000))
    large.putdata([((x * 7919) % 256, (x * 104729) % 256, (x * 31) % 256) for x in range(12_000_000)])
    content = saved(large, exif=noted(orientation=6), quality=92)
    assert len(content) > 3_000_000
    mine = phone()
    tab = mine.open()
    _fill(tab, "大照片", content)
    posts = []
    tab.on("request", lambda r: posts.append(r) if r.url.endswith("/cell/reports") else None)
    _save(tab)
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_be_visible(timeout=60_000)
    with transaction(own) as cursor:
        cursor.execute("SELECT width, height, taken_at FROM gridmap.report_photo")
        width, height, taken_at = cursor.fetchone()
    assert (width, height) == (1536, 2048)  # turned upright once, not twice
    assert taken_at.isoformat() == "2020-10-15T08:30:00+08:00"


def test_squares_are_chosen_by_hand_or_by_keyboard(phone, own: Connection) -> None:
    mine = phone()
    tab = mine.open()
    tab.get_by_role("button", name="登记巡查").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#round-title")).to_be_focused()
    tab.get_by_text("按编号选择方格").focus()
    tab.keyboard.press("Enter")
    boxes = tab.locator("[name=square]")
    codes = [boxes.nth(n).get_attribute("value") for n in (10, 11)]
    boxes.nth(10).focus()
    tab.keyboard.press("Space")
    expect(tab.locator("#round-state")).to_contain_text("已选 1 个方格")
    tab.locator(f"[name=square][value={codes[1]}]").check()
    expect(tab.locator("path.cell-square.chosen")).to_have_count(2)
    tab.get_by_role("button", name="登记", exact=True).click()
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_contain_text("巡查 2 个方格")
    with transaction(own) as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT s.cell_code ORDER BY s.cell_code) FROM gridmap.patrol AS p "
            "JOIN gridmap.patrol_round AS r ON r.round_id = p.round_id AND NOT r.is_demo "
            "JOIN gridmap.grid_cell AS s ON s.cell_key = p.cell_key"
        )
        assert cursor.fetchone()[0] == sorted(codes)


def test_a_track_is_recorded_while_the_page_is_open(phone, own: Connection) -> None:
    mine = phone()
    tab = mine.open()
    tab.get_by_role("button", name="登记巡查").click()
    tab.get_by_role("button", name="开始记录轨迹").click()
    expect(tab.locator("#round-state")).to_contain_text("轨迹 1 个点")
    tab.reload()  # the page was closed on the way: the track is still there
    expect(tab.locator("html[data-ready=cell]")).to_be_attached()
    tab.get_by_role("button", name="登记巡查").click()
    expect(tab.locator("#round-state")).to_contain_text("轨迹 1 个点")
    tab.get_by_role("button", name="登记", exact=True).click()
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_contain_text("巡查 1 个方格")


def test_one_tap_at_a_site(phone) -> None:
    mine = phone()
    tab = mine.open()
    tab.get_by_role("button", name="已巡查：演示企业-0115").click()
    expect(tab.locator(f"{ENTRIES}[data-state=sent]")).to_contain_text("演示企业-0115")
    tab.get_by_role("button", name="上报：演示企业-0115").click()
    expect(tab.get_by_label("点位（可不选）")).to_have_value("demo-ent-0115")
    expect(tab.locator("#report-place")).to_contain_text("使用点位的位置")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_targets_are_large_and_nothing_sticks_out(phone, lang: str, size: tuple[int, int]) -> None:
    mine = phone(viewport={"width": size[0], "height": size[1]}, is_mobile=size[0] < 500)
    tab = mine.open(f"/cell?lang={lang}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    tab.locator("#open-report").click()
    tab.locator(".ways summary").first.click()
    small = tab.evaluate(
        "[...document.querySelectorAll('main button, main a, main summary, main select, main input, main textarea')]"
        ".filter((e) => e.checkVisibility() && !e.closest('.leaflet-container'))"
        ".map((e) => [(e.closest('label') ?? e).getBoundingClientRect(), e.outerHTML.slice(0, 80)])"
        ".filter(([box]) => box.height < 43.5 || box.width < 43.5).map(([box, html]) => `${box.width}x${box.height} ${html}`)"
    )
    assert small == []


def test_nothing_is_asked_of_other_hosts(phone) -> None:
    mine = phone()
    asked: list[str] = []
    mine.context.on("request", lambda request: asked.append(request.url))
    tab = mine.open()
    mine.has_kept_the_shell(tab)
    assert json.loads(tab.locator("#cell-settings").text_content())["cell"] == CELL
    assert [url for url in asked if not url.startswith((mine.home, "data:", "blob:"))] == []
