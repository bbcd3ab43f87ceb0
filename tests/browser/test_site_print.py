"""The page of a site on paper: one sheet of A4, of a plain site and of one with more history than any has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from gridmap.auth import sessions
from gridmap.db.session import connect, transaction

pytestmark = pytest.mark.browser

HEAVY = "test-heavy"
FILL = (
    "INSERT INTO gridmap.site (site_id, kind, name, credit_code, address, county_code, geom, position_error_m, placed_by, "
    "is_demo, source, note) SELECT %(site)s, 'enterprise', '演示' || repeat('长名', 15), '91410100MA44XTRXX2', "
    "repeat('某某路', 15), county_code, geom, 150, 'generated', true, 'test', repeat('说明文字，', 60) "
    "FROM gridmap.site WHERE site_id = 'demo-con-0003'",
    "INSERT INTO gridmap.enterprise (site_id, industry) VALUES (%(site)s, '耐火材料')",
    "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, part, name, certainty, severity, "
    "status, facts, geom, opened_on, last_seen_on, first_run_id, last_run_id) "
    "SELECT md5('heavy' || n), f.rule_id, f.county_code, 'site', %(site)s, n::text, f.name, f.certainty, f.severity, "
    "'open', f.facts, f.geom, f.opened_on, f.last_seen_on, f.first_run_id, f.last_run_id "
    "FROM generate_series(1, 1000) AS n CROSS JOIN (SELECT * FROM gridmap.finding WHERE rule_id = 'DUST-03' LIMIT 1) AS f",
    "INSERT INTO gridmap.finding_event (key, event, reason, on_day) SELECT md5('heavy' || n), e.event, e.reason, "
    "gridmap.today() - e.ago FROM generate_series(1, 40) AS n CROSS JOIN (VALUES ('opened', NULL, 90), "
    "('gone', 'cured', 60), ('reopened', 'resurgence', 30)) AS e (event, reason, ago)",
    "UPDATE gridmap.finding SET resurgence_count = 1 WHERE key = ANY(ARRAY(SELECT md5('heavy' || n) "
    "FROM generate_series(1, 40) AS n))",
    "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post, is_producing, note) "
    "SELECT 'heavy-' || n, %(site)s, gridmap.today() - n, '检查岗', true, repeat('围挡破损。', 40) FROM generate_series(1, 60) AS n",
    "INSERT INTO gridmap.inspection_measure (inspection_id, measure, is_met) SELECT 'heavy-' || n, m.name, false "
    "FROM generate_series(1, 60) AS n CROSS JOIN unnest(ARRAY['fence', 'cover', 'vehicle_wash']) AS m (name)",
    "INSERT INTO gridmap.case_file (case_id, county_code, site_id, source, title, filed_on, due_on) "
    "SELECT 'heavy-' || n, '410105', %(site)s, 'hand_over', repeat('督办件标题', 8), gridmap.today() - 90, gridmap.today() - n "
    "FROM generate_series(1, 20) AS n",
    "INSERT INTO gridmap.case_handover (case_id, handed_on, from_office, to_office) SELECT 'heavy-' || n, "
    "gridmap.today() - v, '市控尘办（领导小组办公室）', '县（市、区）城市管理执法局' "
    "FROM generate_series(1, 20) AS n CROSS JOIN generate_series(1, 3) AS v",
    "INSERT INTO gridmap.permit (permit_id, site_id, kind, issuer, document, in_force) SELECT 'heavy-' || n, %(site)s, "
    "'load_filing', 'city_government', repeat('复函', 12), daterange(gridmap.today() - 400 - n, NULL) "
    "FROM generate_series(1, 12) AS n",
)
EMPTY = (
    "DELETE FROM gridmap.case_file WHERE case_id LIKE 'heavy-%%'",
    "DELETE FROM gridmap.finding_event WHERE key = ANY(ARRAY(SELECT key FROM gridmap.finding WHERE feature_id = %(site)s))",
    "DELETE FROM gridmap.finding WHERE feature_id = %(site)s",
    "DELETE FROM gridmap.site WHERE site_id = %(site)s",
)


@pytest.fixture
def heavy(city_url: str) -> Iterator[str]:
    """Yield a site with a thousand findings and sixty failed inspections; it goes afterwards."""
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            for step in FILL:
                cursor.execute(step, {"site": HEAVY})
        yield HEAVY
    finally:
        with transaction(conn) as cursor:
            for step in EMPTY:
                cursor.execute(step, {"site": HEAVY})
        conn.close()


def test_a_site_fits_one_sheet(chromium: Browser, server: str, bureau_token: str, heavy: str) -> None:
    context = chromium.new_context()
    context.add_cookies([{"name": sessions.COOKIE, "value": bureau_token, "url": server}])
    page = context.new_page()
    for site, lang in (("demo-con-0003", "zh"), (heavy, "zh"), (heavy, "en")):
        page.goto(f"{server}/sites/{site}?lang={lang}", wait_until="load")
        page.locator(".folium-map.leaflet-container").wait_for()
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, (site, lang)
    page.emulate_media(media="print")
    assert "and 995 more" in page.locator(".site-open").inner_text()
    context.close()
