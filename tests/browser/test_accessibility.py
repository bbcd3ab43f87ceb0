"""Every page for everybody: axe finds nothing, fingers hit every button, nothing scrolls sideways, Tab goes everywhere.

The walk over the application's routes makes a new page without a sample address fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from gridmap import config
from gridmap.auth import sessions
from gridmap.db.session import Connection, transaction
from tests import accounts, draws, imports
from tests.browser.pages import NO_PAGE, PAGES, READERS
from tests.phone import CELL, photo, report, send_report, send_visit, signature, visit

pytestmark = pytest.mark.browser

AXE = config.ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

VIEWS = {"phone-zh": (390, 844, "zh"), "phone-en": (390, 844, "en"), "desk-zh": (1440, 900, "zh")}
"""English at the phone's width, where its longer words are tightest; the desk differs by layout, not by language."""

TARGET_PX = 44

# Links inside a sentence or a cell of a table of data are as tall as their line, which WCAG 2.5.5 allows: a list of
# 64 rules with 44 px lines would be read less well, not better. Whatever stands alone to be pressed is checked.
TOO_SMALL = """(least) => {
  const found = [];
  const visible = (el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && el.getClientRects().length;
  const marks = "button, input:not([type=hidden]), select, textarea, summary, nav a, [role=button], .downloads a, .actions a";
  for (const el of document.querySelectorAll(marks)) {
    if (!visible(el) || el.matches(".crumbs a, .skip")) continue;
    // a tick box is pressed by its label too
    const boxes = [el, ...(el.labels ?? [])].filter(visible).map((one) => one.getBoundingClientRect());
    const wide = Math.max(...boxes.map((box) => box.width)), tall = Math.max(...boxes.map((box) => box.height));
    if (wide < least - 0.5 || tall < least - 0.5) {
      found.push(`${el.tagName.toLowerCase()}.${el.className || el.id} "${el.textContent.trim().slice(0, 20)}" ${Math.round(wide)}x${Math.round(tall)}`);
    }
  }
  return found;
}"""

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > width + 1
    && !el.closest(".scroll, .folium-map, pre")).slice(0, 5).map((el) => `${el.tagName}.${el.className}`);
}"""

WATCH_FOCUS = """() => {
  window.seen = [];
  document.addEventListener("focusin", ({ target }) => {
    const style = getComputedStyle(target);
    const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
    window.seen.push([target, marked]);
  });
  document.body.focus();
}"""
NOT_REACHED = """(most) => {
  const marks = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  // Tab goes to one of a group of choices, arrows to the others
  const group = (el) => [...document.querySelectorAll("input[type=radio]")].filter((one) => one.name === el.name);
  const stops = (el) => el.type !== "radio" || el === (group(el).find((one) => one.checked) ?? group(el)[0]);
  const reachable = [...document.querySelectorAll(marks)].filter((el) => !el.disabled && el.tabIndex >= 0 && stops(el)
    && el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length);
  const name = (el) => `${el.tagName.toLowerCase()}#${el.id}.${el.className} "${el.textContent.trim().slice(0, 20)}"`;
  const reached = new Set(window.seen.map(([el]) => el));
  return {
    missed: reachable.slice(0, most).filter((el) => !reached.has(el)).map(name),
    unmarked: window.seen.filter(([, marked]) => !marked).map(([el]) => name(el)),
    count: reachable.length,
  };
}"""
MOST_TABS = 100
"""So many steps are made on long pages: further down they hold the same rows again."""
MORE_TABS = 15
"""The parts of a date and boxes that scroll are steps too, though no element of their own."""


@pytest.fixture(scope="module")
def tokens(city_url: str, bureau_token: str) -> dict[str, str]:
    """Return the session token of each reader."""
    return {
        "bureau": bureau_token,
        "chief": accounts.enter(city_url, "chief", CELL),
        "planner": accounts.enter(city_url, "planner", CELL[:6]),
        "admin": accounts.enter(city_url, "admin"),
        "auditor": accounts.enter(city_url, "auditor"),
    }


@pytest.fixture(scope="module")
def addresses(app: Flask, city_url: str, tokens: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield an address for each page. The draft made for one of them goes afterwards."""
    from gridmap.db.session import connect
    from gridmap.inspecting import random_draws
    from gridmap.store import drafts

    sent = report()
    answer = send_report(accounts.carry(app.test_client(), tokens["chief"]), sent, (photo(), "a.jpg"))
    assert answer.status_code == 200, answer.text
    looked = visit("demo-dust-0043", signed_how="drawn", answers=[{"item": "cover", "answer": "failed"}])
    client = accounts.carry(app.test_client(), tokens["bureau"])
    visited = send_visit(client, looked, (photo(), "a.jpg"), signed=signature()).json["visit"]
    conn: Connection = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT key FROM gridmap.finding WHERE rule_id = 'COAL-01' ORDER BY feature_id LIMIT 1")
            key = cursor.fetchone()[0]
            cursor.execute("SELECT zone_id FROM gridmap.zone WHERE kind = 'coal_free' ORDER BY zone_id LIMIT 1")
            zone_id = cursor.fetchone()[0]
            cursor.execute("SELECT name FROM gridmap.account WHERE name LIKE 'test-bureau-%' ORDER BY name LIMIT 1")
            account = cursor.fetchone()[0]
            cursor.execute(
                "SELECT zone_id FROM gridmap.zone WHERE county_code = %s AND boundary IS NOT NULL ORDER BY zone_id",
                [CELL[:6]],
            )
            own_zone = cursor.fetchone()[0]
            draft = drafts.create(cursor, own_zone, title="看一看", author="test").zone_id
            draw = draws.fix(cursor, CELL[:6]).draw_id
            random_draws.draw(cursor, draw, "3 1 7", draws.WHO)
        tour, ids = _tour(conn)
        waiting = imports.send(accounts.carry(app.test_client(), tokens["bureau"]), imports.messy(conn))
        batch = imports.note_batch(conn, CELL[:6])
        zones = imports.send_zones(
            accounts.carry(app.test_client(), tokens["planner"]), imports.zones_of(conn, CELL[:6])
        )
    finally:
        conn.close()
    under_way = imports.send(accounts.carry(app.test_client(), tokens["bureau"]), imports.text([["x-1"] * 6]))
    worker = imports.pretend_to_work(city_url, under_way.rsplit("/", 1)[-1])
    yield {
        "web.login": "/login",
        "web.show_map": "/",
        "web.show_table": "/table",
        "web.list_rules": "/rules",
        "web.show_rule": "/rules/COAL-01",
        "web.show_data": "/data",
        "web.show_zone": f"/zones/{zone_id}",
        "web.show_zone_diff": "/zones/diff?from=2018-01-01&to=2020-10-15&kind=coal_free&county=410181",
        "web.show_zone_diff_report": "/zones/diff/report?from=2018-01-01&to=2020-10-15&kind=coal_free&county=410181",
        "web.show_law": "/law",
        "web.show_near": "/near?lon=113.02&lat=34.75&radius_m=5000&rank=urgency&accuracy_m=300",
        "web.list_tours": "/tours",
        "web.new_tour": f"/tours/new?lon=113.02&lat=34.75&site={'&site='.join(ids)}",
        "web.show_tour": f"/tours/{tour}",
        "web.print_tour": f"/tours/{tour}/print",
        "web.show_law_report": "/law/report",
        "web.show_finding": f"/findings/{key}",
        "web.show_site": "/sites/demo-con-0003",
        "web.list_drafts": "/drafts",
        "web.show_draft": f"/drafts/{draft}",
        "web.draw_draft": f"/drafts/{draft}/draw",
        "web.list_draws": "/draws",
        "web.plan_draw": "/draws/new",
        "web.show_draw": f"/draws/{draw}",
        "web.list_conflicts": "/draws/conflicts",
        "web.show_city": "/city",
        "web.show_county": "/counties/410181",
        "web.list_duties": "/duties",
        "web.show_village_list": "/villages/list",
        "web.show_import": "/data/import",
        "web.show_import_columns": f"{waiting}/columns",
        "web.show_import_report": waiting,
        "web.show_repeal": f"/zones/{own_zone}/repeal",
        "web.show_draft_import": "/drafts/import",
        "web.show_draft_import_report": zones,
        "web.show_import_progress": f"{under_way}/progress",
        "web.list_imports": "/data/imports",
        "web.show_import_batch": f"/data/imports/{batch}",
        "web.list_unplaced": "/data/unplaced",
        "web.show_placing": "/data/placing/site/demo-con-0003",
        "web.show_duties": f"/duties/{CELL}",
        "web.show_account": "/account",
        "web.show_password": "/account/password",
        "web.show_second_factor": "/account/second-factor",
        "web.list_accounts": "/accounts",
        "web.show_one_account": f"/accounts/{account}",
        "web.show_log": "/log",
        "web.show_my_cell": "/cell",
        "web.show_cell": f"/cells/{CELL}",
        "web.show_patrols": f"/cells/{CELL}/patrols",
        "web.show_report": f"/reports/{sent['id']}",
        "web.list_visits": "/visits",
        "web.new_visit": "/visits/new?site=demo-dust-0043",
        "web.show_visit": f"/visits/{visited}",
        "error": "/findings/none",
    }
    worker.close()
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.import_job WHERE token = %s", [under_way.rsplit("/", 1)[-1]])
        cursor.execute("DELETE FROM gridmap.tour WHERE tour_id = %s", [tour])
        cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [draft])
        draws.forget(cursor, [draw])
        cursor.execute("DELETE FROM gridmap.inspection WHERE inspection_id = %s", [visited])
        cursor.execute("DELETE FROM gridmap.import_batch WHERE batch_id = %s", [batch])
    conn.close()


def _tour(conn: Connection) -> tuple[int, list[str]]:
    """Make a tour with stops of every state; return its id and the ids of its sites."""
    from gridmap.db.session import today
    from gridmap.domain.tour import Place
    from gridmap.inspecting import tours
    from gridmap.inspecting.tour_changes import Change, change
    from gridmap.store.tours import list_stops

    wanted = tours.Wanted(today(conn), Place(113.02, 34.75), choose=4, radius_m=5000)
    ids = [stop.site_id or "" for stop in tours.plan(conn, conn, wanted).stops]
    about = {ids[0]: tours.About(hours="18:00-20:00")}
    wanted = tours.Wanted(today(conn), Place(113.02, 34.75), sites=tuple(ids), about=about)
    tour = tours.keep(conn, tours.plan(conn, conn, wanted), title="看一看", county_code=CELL[:6], post="test")
    with transaction(conn) as cursor:
        stops = [stop.stop_id for stop in list_stops(cursor, tour) if stop.place]
    change(conn, tour, Change("done", 1, stops[0]))
    change(conn, tour, Change("skip", 2, stops[1], reason="大门锁着"))
    change(conn, tour, Change("lock", 3, stops[2]))
    return tour, ids


@pytest.fixture(scope="module")
def tabs(chromium: Browser, server: str) -> Iterator[dict[str, Page]]:
    """Return one tab for each view, with moving parts at rest."""
    made = {}
    contexts = []
    for view, (width, height, lang) in VIEWS.items():
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=view.startswith("phone"), reduced_motion="reduce"
        )
        context.add_cookies([{"name": "lang", "value": lang, "url": server}])
        contexts.append(context)
        made[view] = context.new_page()
        made[view].set_default_timeout(30_000)
    yield made
    for context in contexts:
        context.close()


def open_page(tab: Page, address: str, lang: str, token: str) -> None:
    """Open an address as somebody and wait until its map, if it has one, stands."""
    home = "/".join(address.split("/")[:3])
    tab.context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": home}])
    tab.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}", wait_until="load")
    assert tab.locator("html").get_attribute("lang") == ("en" if lang == "en" else "zh-CN")
    if tab.locator(".folium-map").count():
        tab.locator(".folium-map.leaflet-container").first.wait_for()


def test_every_page_has_a_sample(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {endpoint for endpoint in routes if not endpoint.startswith("api.")} - set(NO_PAGE)
    assert pages == set(PAGES) - {"error"}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_in_the_way(
    tabs: dict[str, Page], server: str, addresses: dict[str, str], tokens: dict[str, str], name: str, view: str
) -> None:
    tab = tabs[view]
    open_page(tab, server + addresses[name], VIEWS[view][2], tokens[READERS.get(name, "bureau")])
    tab.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = tab.evaluate(
        "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", TAGS
    )
    problems = [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:120]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
    problems += [f"wider than the page: {what}" for what in tab.evaluate(TOO_WIDE)]
    if view.startswith("phone"):
        problems += [f"hard to hit: {what}" for what in tab.evaluate(TOO_SMALL, TARGET_PX)]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_everything_and_shows_where_it_is(
    tabs: dict[str, Page], server: str, addresses: dict[str, str], tokens: dict[str, str], name: str
) -> None:
    tab = tabs["desk-zh"]
    open_page(tab, server + addresses[name], "zh", tokens[READERS.get(name, "bureau")])
    tab.evaluate(WATCH_FOCUS)
    before = tab.evaluate(NOT_REACHED, MOST_TABS)
    for _ in range(min(before["count"], MOST_TABS) + MORE_TABS):
        tab.keyboard.press("Tab")
    found = tab.evaluate(NOT_REACHED, MOST_TABS)
    assert found["missed"] == []
    assert found["unmarked"] == []


def test_axe_is_at_hand() -> None:
    assert Path(AXE).is_file(), "run npm ci: axe-core is one of the development tools"
