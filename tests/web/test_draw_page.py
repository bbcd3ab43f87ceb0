"""The drawing page: who may draw, what it is given, and edges to the last digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient

from gridmap.db.session import connect, transaction
from gridmap.store import draft_ground, drafts
from tests import accounts

COUNTY = "410181"


@pytest.fixture(scope="module")
def draft(city_url: str) -> Iterator[int]:
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT zone_id FROM gridmap.zone WHERE county_code = %s AND kind = 'coal_free' AND boundary IS NOT NULL",
            [COUNTY],
        )
        made = drafts.create(cursor, cursor.fetchone()[0], title="<script>草案", author="test").zone_id
    yield made
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = %s", [made])
    conn.close()


@pytest.fixture
def planner(app, city_url: str) -> FlaskClient:
    return accounts.carry(app.test_client(), accounts.enter(city_url, "planner", COUNTY))


def _settings(text: str) -> dict[str, Any]:
    found = re.search(r'id="draw-settings"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_gives_the_draft_to_the_last_digit(planner, city, draft: int) -> None:
    answer = planner.get(f"/drafts/{draft}/draw")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "<script>草案" not in answer.text
    given = _settings(answer.text)
    assert (given["revision"], given["editable"]) == (1, True)
    with transaction(city) as cursor:
        stored = drafts.get_content(cursor, draft)
    boundary = shapely.from_wkb(stored.boundary_wkb)
    drawn = shapely.geometry.shape(given["content"]["boundary"])
    assert shapely.get_coordinates(drawn).tolist() == shapely.get_coordinates(boundary).tolist()
    assert given["content"]["units_out"] == list(stored.units_out)
    names = {code: name for code, name, _lon, _lat in given["units"]}
    assert names["410181113"] == "回郭镇"
    assert set(stored.units_out) <= set(names)  # those of other counties by name too


def test_a_submitted_draft_can_only_be_looked_at(planner, city_url: str, draft: int) -> None:
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            drafts.take_step(cursor, draft, "submit", "test")
        answer = planner.get(f"/drafts/{draft}/draw")
        assert "只能查看" in answer.text
        assert _settings(answer.text)["editable"] is False
        assert 'id="draw-typed"' not in answer.text
    finally:
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.zone_draft SET state = 'drafting' WHERE zone_id = %s", [draft])
        conn.close()


@pytest.mark.parametrize("name", ["987654", "x", "1" * 30, "-1", "１", "1"])
def test_what_is_no_draft_is_not_there(planner, name: str) -> None:
    answer = planner.get(f"/drafts/{name}/draw")
    assert answer.status_code == 404
    assert "没有编号为" in answer.text


def test_edges_are_stretches_of_stored_lines(city) -> None:
    box = (112.90, 34.60, 112.98, 34.68)
    lines = draft_ground.list_edges(city, box)
    assert {kind for kind, _name, _line in lines} >= {"zone", "county", "township", "cell"}
    with transaction(city) as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(ST_Collect(g.geom)) FROM (SELECT geom FROM gridmap.zone UNION ALL "
            "SELECT geom FROM gridmap.region UNION ALL SELECT geom FROM gridmap.road UNION ALL "
            "SELECT geom FROM gridmap.grid_cell UNION ALL SELECT territory FROM gridmap.village) AS g"
        )
        stored = {tuple(p) for p in shapely.get_coordinates(shapely.from_wkb(bytes(cursor.fetchone()[0]))).tolist()}
    assert all(len(line) >= 2 and set(line) <= stored for _kind, _name, line in lines)
    wide = draft_ground.list_edges(city, (112.5, 34.2, 114.3, 35.1))
    assert sum(len(line) for *_of, line in lines) < sum(len(line) for *_of, line in wide) / 3
