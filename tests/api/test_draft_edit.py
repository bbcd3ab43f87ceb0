"""/api/drafts/ID/merge, edit, locked and /api/pieces: nothing is saved by looking, nothing locked is changed."""

import json

import pytest
import shapely

from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from gridmap.domain.draft import Content
from gridmap.store import drafts
from tests import accounts, databases
from tests.builders import add_region, add_village, add_zone, box, degrees, multi

COUNTY, CITY, TOWN = "410181", "410100", "410181113"
VILLAGE = "410181113201"
ONE, TWO = box(0, 0, 2, 2), box(3, 0, 5, 2)


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("draft_edit_api") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            add_region(cursor, CITY, "city")
            add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY)
            add_region(cursor, TOWN, "township", box(0, 0, 5, 5), parent=COUNTY)
            add_village(cursor, VILLAGE, (1, 1), territory=box(0.5, 0.5, 1.5, 1.5))
            add_zone(cursor, boundary=shapely.MultiPolygon([ONE, TWO]))
        conn.close()
        yield url


@pytest.fixture(scope="module")
def app(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture
def planner(app, world_url):
    return accounts.carry(app.test_client(), accounts.enter(world_url, "planner", COUNTY))


@pytest.fixture
def conn(world_url):
    made = connect(world_url)
    yield made
    made.close()


@pytest.fixture
def draft(conn):
    with transaction(conn) as cursor:
        cursor.execute("SELECT zone_id FROM gridmap.zone WHERE status = 'published'")
        return drafts.create(cursor, cursor.fetchone()[0], title="向东扩", author="planner-01").zone_id


def geojson(*areas):
    return json.loads(shapely.to_geojson(degrees(shapely.MultiPolygon(areas))))


def content(*areas, units_in=(), units_out=(), **more):
    return {"boundary": geojson(*areas), "units_in": list(units_in), "units_out": list(units_out), **more}


def keys(boundary):
    parts = shapely.from_geojson(json.dumps(boundary)).geoms
    return {shapely.normalize(part).wkb for part in parts}


def save(conn, draft, *areas, units_in=()):
    with transaction(conn) as cursor:
        revision = drafts.get_draft(cursor, draft).revision
        drafts.save(cursor, draft, revision, Content(multi(shapely.MultiPolygon(areas)), units_in), actor="planner-02")


def test_both_sides_are_put_together_and_nothing_is_saved(planner, conn, draft):
    mine, theirs = box(0, 0, 1, 2), box(3, 0, 6, 2)
    save(conn, draft, ONE, theirs, units_in=(VILLAGE,))
    sent = content(mine, TWO, base=content(ONE, TWO))
    answer = planner.post(f"/api/drafts/{draft}/merge", json=sent)
    assert answer.status_code == 200
    found = answer.get_json(force=True)
    assert keys(found["boundary"]) == keys(geojson(mine, theirs))
    assert (found["units_in"], found["conflicts"], found["revision"]) == ([VILLAGE], [], 2)
    assert (found["from_mine"], found["from_theirs"]) == (1, 2)
    stands = planner.get(f"/api/drafts/{draft}").get_json(force=True)
    assert keys(stands["boundary"]) == keys(geojson(ONE, theirs)) == keys(found["theirs"]["boundary"])
    assert stands["revision"] == 2
    # as it is, it can be saved
    assert planner.put(f"/api/drafts/{draft}", json=found).get_json(force=True)["revision"] == 3


def test_choices_count_for_the_revision_they_were_made_on(planner, conn, draft):
    save(conn, draft, box(0, 0, 1.5, 2), TWO)
    sent = content(box(0, 0, 1, 2), TWO, base=content(ONE, TWO))
    address = f"/api/drafts/{draft}/merge"
    first = planner.post(address, json=sent).get_json(force=True)
    (conflict,) = first["conflicts"]
    assert degrees(ONE).contains(shapely.Point(conflict["lon"], conflict["lat"]))
    chosen = {"choices": {conflict["id"]: "mine"}}
    settled = planner.post(address, json={**sent, **chosen, "revision": first["revision"]}).get_json(force=True)
    assert (settled["conflicts"], keys(settled["boundary"])) == ([], keys(sent["boundary"]))
    stale = planner.post(address, json={**sent, **chosen, "revision": 1}).get_json(force=True)
    assert stale["conflicts"] == first["conflicts"]


@pytest.mark.parametrize(
    ("path", "method", "body", "said"),
    [
        ("merge", "POST", content(ONE), "base: missing"),
        ("merge", "POST", {"base": content(ONE), "boundary": None}, "units_in: missing"),
        ("merge", "POST", content(ONE, base=content(ONE), revision=1, choices={"x": "hers"}), "choices: expected"),
        ("edit", "POST", {"step": "melt", "boundary": None}, "expected one of cut, reshape"),
        ("edit", "POST", {"step": ["cut"], "boundary": None}, "expected one of cut, reshape"),
        ("edit", "POST", {"step": "cut", "boundary": None, "line": [[113, 34], [113, 35]]}, "there is none"),
        ("edit", "POST", {"step": "cut", "boundary": geojson(ONE), "line": 7}, "line: expected"),
        ("edit", "POST", {"step": "join", "boundary": geojson(ONE), "parts": [True]}, "parts: expected"),
        ("edit", "POST", {"step": "take_in", "boundary": None, "lands": []}, "lands: expected"),
        ("edit", "POST", {"step": "take_in", "boundary": None, "lands": [None]}, "lands: expected"),
        ("locked", "PUT", {}, "locked: missing"),
    ],
)
def test_what_is_wrong_is_told(planner, draft, path, method, body, said):
    answer = planner.open(f"/api/drafts/{draft}/{path}", method=method, json=body)
    assert (answer.status_code, said in answer.get_json(force=True)["detail"]) == (400, True), answer.text


def test_a_part_is_cut_joined_and_grown(planner, draft):
    address, whole = f"/api/drafts/{draft}/edit", geojson(ONE, TWO)
    west, south, east, north = degrees(ONE).bounds
    line = [[(west + east) / 2, south - 0.01], [(west + east) / 2, north + 0.01]]
    cut = planner.post(address, json={"step": "cut", "boundary": whole, "line": line}).get_json(force=True)["boundary"]
    assert len(cut["coordinates"]) == 3
    joined = planner.post(address, json={"step": "join", "boundary": cut, "parts": [0, 1]}).get_json(force=True)
    assert len(joined["boundary"]["coordinates"]) == 2
    sent = {"step": "take_in", "boundary": whole, "lands": [geojson(box(2, 0, 3, 2))]}
    grown = planner.post(address, json=sent).get_json(force=True)["boundary"]
    assert len(grown["coordinates"]) == 1
    sent = {"step": "leave_out", "boundary": grown, "lands": [geojson(box(-1, -1, 9, 9))]}
    assert planner.post(address, json=sent).get_json(force=True) == {"boundary": None}
    assert planner.get(f"/api/drafts/{draft}").get_json(force=True)["revision"] == 1


def test_locked_land_is_kept_and_only_land_left_as_it_is_can_be_locked(planner, draft):
    address = f"/api/drafts/{draft}"
    locked = planner.put(f"{address}/locked", json={"locked": geojson(ONE)})
    assert locked.status_code == 200
    assert keys(planner.get(address).get_json(force=True)["locked"]) == keys(geojson(ONE))
    refused = planner.put(address, json=content(box(0, 0, 1, 2), TWO, revision=1))
    assert (refused.status_code, "locked land" in refused.get_json(force=True)["detail"]) == (400, True)
    assert planner.put(address, json=content(ONE, box(3, 0, 4, 2), revision=1)).status_code == 200
    other = planner.put(f"{address}/locked", json={"locked": geojson(ONE, TWO)})
    assert (other.status_code, "as in the law" in other.get_json(force=True)["detail"]) == (400, True)
    assert keys(planner.get(address).get_json(force=True)["locked"]) == keys(geojson(ONE))  # that of before
    assert planner.put(f"{address}/locked", json={"locked": None}).get_json(force=True) == {"locked": None}
    assert planner.get(address).get_json(force=True)["locked"] is None


def test_a_submitted_draft_says_its_state(planner, conn, draft):
    with transaction(conn) as cursor:
        drafts.take_step(cursor, draft, "submit", "planner-02")
    answer = planner.put(f"/api/drafts/{draft}", json=content(ONE, revision=1))
    told = answer.get_json(force=True)
    assert (answer.status_code, told["reason"], told["state"]) == (409, "state", "submitted")
    assert planner.put(f"/api/drafts/{draft}/locked", json={"locked": None}).status_code == 409


def test_pieces_are_given_as_they_are_stored(planner):
    west, south, east, north = degrees(box(0.2, 0.2, 0.4, 0.4)).bounds
    address = f"/api/pieces?bbox={west},{south},{east},{north}"
    (town,) = planner.get(f"{address}&kind=township").get_json(force=True)["features"]
    assert (town["id"], town["geometry"]["type"]) == (TOWN, "MultiPolygon")
    assert keys(town["geometry"]) == keys(geojson(box(0, 0, 5, 5)))
    assert planner.get(f"{address}&kind=village").get_json(force=True)["numberMatched"] == 0  # beside its territory
    wide = planner.get(f"/api/pieces?bbox={west},{south},{east + 0.02},{north + 0.02}&kind=village")
    assert [piece["id"] for piece in wide.get_json(force=True)["features"]] == [VILLAGE]
    for wrong in (address + "&kind=sea", "/api/pieces?kind=square", address + "&x=1"):
        assert planner.get(wrong).status_code == 400


def cut_one(planner, draft):
    """Return the draft's boundary with its first part in two pieces."""
    west, south, east, north = degrees(ONE).bounds
    line = [[(west + east) / 2, south - 0.01], [(west + east) / 2, north + 0.01]]
    sent = {"step": "cut", "boundary": geojson(ONE, TWO), "line": line}
    return planner.post(f"/api/drafts/{draft}/edit", json=sent).get_json(force=True)["boundary"]


def test_pieces_that_share_an_edge_are_saved_as_one_piece_of_land(planner, draft):
    address, pieces = f"/api/drafts/{draft}", cut_one(planner, draft)
    sent = {"boundary": pieces, "units_in": [], "units_out": []}
    saved = planner.put(address, json={**sent, "revision": 1}).get_json(force=True)
    assert (saved["revision"], saved["parts"], len(pieces["coordinates"])) == (2, 2, 3)
    stands = shapely.from_geojson(json.dumps(planner.get(address).get_json(force=True)["boundary"]))
    assert stands.symmetric_difference(degrees(shapely.MultiPolygon([ONE, TWO]))).area < 1e-15
    assert planner.post(f"{address}/impact", json=sent).status_code == 200
    found = planner.post(f"{address}/topology", json={"boundary": pieces}).get_json(force=True)["faults"]
    assert "invalid" not in [fault["kind"] for fault in found]


def test_pieces_stay_apart_when_another_planners_work_is_merged_or_a_fault_elsewhere_mended(planner, conn, draft):
    address, pieces = f"/api/drafts/{draft}", cut_one(planner, draft)
    base = {"boundary": pieces, "units_in": [], "units_out": []}  # as this page saved it: the server has the union
    assert planner.put(address, json={**base, "revision": 1}).status_code == 200
    stands = shapely.from_geojson(json.dumps(planner.get(address).get_json(force=True)["boundary"]))
    theirs = shapely.MultiPolygon([stands.geoms[0], degrees(box(3, 0, 6, 2))])
    with transaction(conn) as cursor:
        drafts.save(cursor, draft, 2, Content(shapely.to_wkb(theirs)), actor="planner-02")
    sent = {"boundary": pieces, "units_in": [VILLAGE], "units_out": [], "base": base}
    found = planner.post(f"{address}/merge", json=sent).get_json(force=True)
    assert (found["conflicts"], found["units_in"]) == ([], [VILLAGE])
    assert keys(found["boundary"]) == {
        *sorted(keys(pieces) - {shapely.normalize(degrees(TWO)).wkb}),
        shapely.normalize(degrees(box(3, 0, 6, 2))).wkb,
    }
    tiny = geojson(box(8, 8, 8.02, 8.02))["coordinates"]
    with_tiny = {"type": "MultiPolygon", "coordinates": [*pieces["coordinates"], *tiny]}
    mended = planner.post(f"{address}/repair", json={"boundary": with_tiny, "kind": "tiny_part"}).get_json(force=True)
    assert keys(mended["boundary"]) == keys(pieces)


def test_a_piece_becomes_a_draft_of_a_zone_of_its_own(planner, draft):
    address, pieces = f"/api/drafts/{draft}", cut_one(planner, draft)
    one = {"type": "MultiPolygon", "coordinates": pieces["coordinates"][:1]}
    sent = {"boundary": one, "units_in": [], "units_out": [VILLAGE], "title": "西半"}
    made = planner.post(f"{address}/copy", json={**sent, "zone_name": "西半禁煤区"})
    told, own = made.get_json(force=True), planner.get(address).get_json(force=True)
    assert (made.status_code, told["name"], told["version"], told["base_zone_id"]) == (201, "西半禁煤区", 1, None)
    assert told["lineage"] != own["lineage"]
    assert (told["kind"], told["county_code"]) == (own["kind"], own["county_code"])
    drawn = planner.get(f"/api/drafts/{told['id']}").get_json(force=True)
    assert (keys(drawn["boundary"]), drawn["units_out"]) == (keys(one), [VILLAGE])
    assert planner.post(f"/api/drafts/{told['id']}/impact", json={}).status_code == 200
    for wrong in ("", " ", "x" * 201, 7):
        assert planner.post(f"{address}/copy", json={**sent, "zone_name": wrong}).status_code == 400
