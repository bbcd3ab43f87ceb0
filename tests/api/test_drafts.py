"""/api/drafts: saved on the revision it was drawn on; a second save loses nothing, whatever is sent."""

import json

import pytest
import shapely

from gridmap.app import create_app
from gridmap.coordinates import to_gcj02
from gridmap.db.session import connect, transaction
from gridmap.store import drafts
from tests import accounts, databases
from tests.builders import add_region, add_village, add_zone, box, degrees

COUNTY, OTHER, CITY = "410181", "410182", "410100"
VILLAGE = "410181113201"


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("draft_api") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            add_region(cursor, CITY, "city")
            add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY)
            add_village(cursor, VILLAGE, (1, 1))
            add_zone(cursor, boundary=box(0, 0, 2, 2))
        conn.close()
        yield url


@pytest.fixture(scope="module")
def app(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture
def enter(app, world_url):
    return lambda role, place=None: accounts.carry(app.test_client(), accounts.enter(world_url, role, place))


@pytest.fixture
def planner(enter):
    return enter("planner", COUNTY)


@pytest.fixture
def address(world_url):
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT zone_id FROM gridmap.zone WHERE status = 'published'")
        made = drafts.create(cursor, cursor.fetchone()[0], title="向东扩", author="planner-01")
    conn.close()
    return f"/api/drafts/{made.zone_id}"


def geojson(area):
    return json.loads(shapely.to_geojson(degrees(area)))


def content(area=None, units_in=(), units_out=(), **more):
    boundary = None if area is None else geojson(area)
    return {"boundary": boundary, "units_in": list(units_in), "units_out": list(units_out), **more}


def test_what_is_saved_comes_back_to_the_last_digit(planner, address):
    before = planner.get(address).get_json(force=True)
    assert (before["revision"], before["state"], before["boundary"]["type"]) == (1, "drafting", "MultiPolygon")
    sent = content(box(0, 0, 3, 2), [VILLAGE], revision=1)
    saved = planner.put(address, json=sent)
    assert (saved.status_code, saved.get_json(force=True)["revision"]) == (200, 2)
    after = planner.get(address).get_json(force=True)
    assert after["boundary"]["coordinates"] == [sent["boundary"]["coordinates"]]
    assert (after["units_in"], after["units_out"], after["revision"]) == ([VILLAGE], [], 2)
    # what is returned can be sent as it is
    assert planner.put(address, json=after).get_json(force=True)["revision"] == 3


def test_the_second_save_is_refused_and_kept_as_a_copy(enter, planner, address):
    second = enter("planner", COUNTY)
    assert planner.put(address, json=content(box(0, 0, 3, 2), revision=1)).status_code == 200
    mine = content(box(0, 0, 2, 5), revision=1)
    refused = second.put(address, json=mine)
    told = refused.get_json(force=True)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert (told["theirs"], told["mine"], told["status"]) == (2, 1, 409)
    theirs = planner.get(address).get_json(force=True)
    assert theirs["boundary"]["coordinates"] == [geojson(box(0, 0, 3, 2))["coordinates"]]
    copied = second.post(f"{address}/copy", json={**mine, "title": "向北扩"})
    assert copied.status_code == 201
    kept = second.get(copied.headers["Location"]).get_json(force=True)
    assert kept["boundary"]["coordinates"] == [mine["boundary"]["coordinates"]]
    assert (kept["id"], kept["title"], kept["revision"]) == (copied.get_json(force=True)["id"], "向北扩", 1)
    assert kept["base_zone_id"] == theirs["base_zone_id"]
    named = second.post(f"{address}/copy", json=mine)
    assert named.get_json(force=True)["title"] == "向东扩（副本）"


def test_a_submitted_draft_is_not_saved_over(planner, address):
    assert planner.post(address.removeprefix("/api") + "/submit").status_code == 303
    refused = planner.put(address, json=content(box(0, 0, 3, 2), revision=1))
    assert (refused.status_code, refused.get_json(force=True)["reason"]) == (409, "state")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", "no JSON"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe{}", "no JSON"),
        ({}, "revision"),
        ({"revision": True}, "revision"),
        ({"revision": 1}, "boundary: missing"),
        (content(box(0, 0, 1, 1), revision="1"), "revision"),
        (content(revision=1), "neither a boundary nor a unit"),
        (content(box(0, 0, 1, 1), revision=1) | {"units_in": "410181"}, "units_in"),
        (content(box(0, 0, 1, 1), revision=1) | {"units_in": [410181]}, "units_in"),
        (content(box(0, 0, 1, 1), ["410181\x00"], revision=1), "no code of"),
        (content(box(0, 0, 1, 1), [VILLAGE], [VILLAGE], revision=1), "stands on the list"),
        (content(box(0, 0, 1, 1), ["410181999999"], revision=1), "410181999999"),
        ({"revision": 1, "boundary": {"type": "Point"}, "units_in": [], "units_out": []}, "Polygon"),
        (
            b'{"revision": 1, "units_in": [], "units_out": [], "boundary": {"type": "Polygon", "coordinates": '
            b"[[[NaN, 34], [113, 34], [113, 35], [NaN, 34]]]}}",
            "part 1, ring 1",
        ),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(planner, address, sent, expected):
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    refused = planner.put(address, data=body, content_type="application/json")
    assert refused.status_code == 400, refused.text
    assert expected in refused.get_json(force=True)["detail"]
    assert planner.get(address).get_json(force=True)["revision"] == 1


def test_a_body_that_is_too_large_is_refused_unread(planner, address, monkeypatch):
    monkeypatch.setattr("gridmap.api.drafts.MOST_BYTES", 1000)
    refused = planner.put(address, json=content(box(0, 0, 1, 1), revision=1, more="x" * 1000))
    assert refused.status_code == 413 and "too large" in refused.get_json(force=True)["detail"]


def test_units_sent_twice_are_listed_once(planner, address):
    assert planner.put(address, json=content(None, [VILLAGE, VILLAGE], revision=1)).status_code == 200
    assert planner.get(address).get_json(force=True)["units_in"] == [VILLAGE]


def test_a_boundary_in_gcj02_is_saved_with_a_warning(planner, address):
    moved = shapely.transform(
        degrees(box(0, 0, 2, 2)), lambda found: [to_gcj02(lon, lat) for lon, lat in found.tolist()]
    )
    sent = content(revision=1) | {"boundary": json.loads(shapely.to_geojson(moved))}
    assert "GCJ-02" in planner.put(address, json=sent).get_json(force=True)["warnings"][0]
    # what was saved before may be anything: the law is known too
    planner.put(address, json=content(box(5, 5, 6, 6), revision=2))
    told = planner.put(address, json={**sent, "revision": 3}).get_json(force=True)
    assert "互联网地图" in told["warnings_zh"][0]
    assert planner.put(address, json={**sent, "revision": 4}).get_json(force=True)["warnings"] == []


def test_titles_of_copies_are_checked(planner, address):
    for title in ("", " ", "x" * 201, 7, None, "a\x00b"):
        assert planner.post(f"{address}/copy", json=content(box(0, 0, 1, 1), title=title)).status_code == 400


def test_who_may_not_see_it_learns_nothing_and_who_may_not_change_it_is_refused(enter, planner, address):
    sent = content(box(0, 0, 1, 1), revision=1)
    stranger, reviewer, bureau = enter("planner", OTHER), enter("reviewer", COUNTY), enter("bureau")
    for client in (stranger, bureau):
        assert client.get(address).status_code == client.put(address, json=sent).status_code == 404
    assert reviewer.get(address).status_code == 200
    assert reviewer.put(address, json=sent).status_code == 403
    planner.post(address.removeprefix("/api") + "/submit")
    assert bureau.get(address).status_code == 200
    assert bureau.post(f"{address}/copy", json=sent).status_code == 403  # it would not see the copy
    del planner.environ_base[next(name for name in planner.environ_base if "CSRF" in name)]
    assert planner.put(address, json=sent).status_code == 403
    for wrong in ("/api/drafts/x", "/api/drafts/%00", "/api/drafts/99999999999999999999"):
        assert reviewer.get(wrong).status_code == 404
