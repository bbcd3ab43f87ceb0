"""A planner's desk for tests of the drawing page: a browser on a draft of the demo city, by the real API."""

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
        # what it would change comes last, and moves whatever stands below it: a click before might miss
        expect(tab.locator("#draw-impact")).to_have_attribute("aria-busy", "false", timeout=20_000)
        return tab

    def pass_or_cut(self, route: Route) -> None:
        """Let a request to the API through, unless there is no network."""
        request = route.request
        if not self.network:
            route.abort()
            return
        self.asked.append(
            (f"{request.method} {request.url.partition('?')[0].rsplit('/', 1)[-1]}", request.post_data_json)
        )
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
    """Return what is drawn, without its revision."""
    return {name: value for name, value in stored.items() if name != "revision"}


@pytest.fixture
def drawn_draft(city_url: str) -> Iterator[tuple[Connection, int]]:
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
def drawing_planner(city_url: str) -> str:
    return accounts.enter(city_url, "planner", COUNTY)


@pytest.fixture
def desk(
    chromium: Browser, server: str, drawn_draft: tuple[Connection, int], drawing_planner: str
) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []
    conn, zone_id = drawn_draft

    def got(**options: Any) -> Desk:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "zh-CN", **options})
        context.add_cookies([{"name": sessions.COOKIE, "value": drawing_planner, "url": server}])
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


def pick(tab: Page, vertex: int) -> None:
    """Choose a vertex by its number in the table."""
    if not tab.locator("#draw-vertices[open]").count():
        tab.locator("#draw-vertices > summary").click()
    tab.get_by_role("button", name=f"顶点 {vertex}", exact=True).click()


def wkb_of(content: dict[str, Any]) -> bytes:
    """Return a content's boundary as WKB."""
    return bytes(shapely.to_wkb(shapely.geometry.shape(content["boundary"])))


def key_of(part: Any) -> bytes:
    """Return what tells a part from others."""
    return bytes(shapely.to_wkb(shapely.normalize(shapely.Polygon(part[0], part[1:]))))


def state(tab: Page, state: str) -> None:
    """Wait until the page says that it is saved, or why not."""
    expect(tab.locator("#draw-saved")).to_have_attribute("data-state", state)
