"""Logging in and the own account in a real browser: by keyboard, on a phone and on a desk, in both languages."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from gridmap import config
from gridmap.auth import second_factor, sessions
from gridmap.db.session import connect, transaction
from gridmap.store import account_book
from tests.accounts import enter_by_password
from tests.browser.conftest import Watch

AXE = config.ROOT / "node_modules/axe-core/axe.min.js"

SIZES = [(390, 844), (1440, 900)]
OWN_PAGES = ("/account", "/account/password", "/account/second-factor")
ADMIN_PAGES = ("/accounts", "/log")


@pytest.fixture
def visitor(context: BrowserContext, page: Page) -> Page:
    """Return a tab of somebody who is not logged in."""
    context.clear_cookies(name=sessions.COOKIE)
    return page


def log_in(page: Page, home: str, name: str, password: str, lang: str = "zh") -> None:
    """Log in by keyboard alone: the first field has the focus."""
    page.goto(f"{home}/login?lang={lang}")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def is_whole(page: Page, where: str) -> None:
    """Nothing is cut at the side, and whatever is pressed is 44 pixels high."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, where
    small = page.evaluate(
        """[...document.querySelectorAll('main button, main input:not([type=hidden], .visually-hidden), main select, header button, header a')]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert small == [], where


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("context", SIZES, ids=["phone", "desk"], indirect=True)
def test_a_wrong_password_leads_back_to_its_field_and_the_right_one_in(
    visitor: Page, watch: Watch, city_url: str, lang: str
) -> None:
    watch.expects_complaints = True  # the browser notes a 401 on its console
    name, password = enter_by_password(city_url, "auditor")
    log_in(visitor, watch.home, name, "wrong", lang)
    sentence = "User name or password is wrong." if lang == "en" else "用户名或密码不对。"
    expect(visitor.get_by_role("alert")).to_have_text(sentence)
    expect(visitor.locator("#password")).to_be_focused()
    is_whole(visitor, "login")
    visitor.evaluate(AXE.read_text("utf-8"))
    assert visitor.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))") == []
    visitor.keyboard.type(password)
    visitor.keyboard.press("Enter")
    visitor.wait_for_url(f"{watch.home}/")
    for path in (*OWN_PAGES, *ADMIN_PAGES):
        visitor.goto(f"{watch.home}{path}")
        is_whole(visitor, path)


def test_a_code_is_asked_for_in_a_second_step(visitor: Page, watch: Watch, city_url: str) -> None:
    name, password = enter_by_password(city_url, "auditor")
    secret = second_factor.make_secret()
    conn = connect(city_url)
    with transaction(conn) as cursor:
        account_book.set_second_factor(cursor, account_book.get_listed(cursor, name).account_id, secret)
    conn.close()
    log_in(visitor, watch.home, name, password)
    expect(visitor.locator("#code")).to_be_focused()
    is_whole(visitor, "code")
    visitor.keyboard.type(pyotp.TOTP(secret).now())
    visitor.keyboard.press("Enter")
    visitor.wait_for_url(f"{watch.home}/")
    visitor.get_by_role("button", name="退出").click()
    visitor.wait_for_url(f"{watch.home}/login")


def test_the_qr_code_is_drawn_under_the_policy(visitor: Page, watch: Watch, city_url: str) -> None:
    name, password = enter_by_password(city_url, "auditor")
    log_in(visitor, watch.home, name, password)
    visitor.wait_for_url(f"{watch.home}/")
    visitor.goto(f"{watch.home}/account/second-factor")
    box = visitor.locator(".qr svg").bounding_box()
    assert box is not None and box["width"] > 150 and abs(box["width"] - box["height"]) < 1
