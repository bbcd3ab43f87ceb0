"""/api/drafts/<id>/topology and /repair: faults with places, mended and not saved."""

import shapely

from gridmap.db.session import connect
from gridmap.planning import draft_check
from tests.api.test_drafts import COUNTY, OTHER, address, app, enter, geojson, planner, world_url  # noqa: F401
from tests.builders import box

# boxes on the long straight edges of the county leave metres between them, since an edge that is straight in degrees is
# not in kilometres: such gaps are no part of these tests
NOTCHED = box(0, 0, 3, 3).difference(box(2, 1, 3, 1.01))


def test_faults_of_what_is_drawn_are_told_and_mended_without_saving(planner, address):  # noqa: F811
    drawn = geojson(NOTCHED)
    faults = planner.post(f"{address}/topology", json={"boundary": drawn}).json["faults"]
    assert [(f["kind"], f["repairs"], round(f["width_m"])) for f in faults if f["kind"] != "gap"] == [
        ("notch", ["add"], 10)
    ]
    done = planner.post(f"{address}/repair", json={"boundary": drawn, "fault": faults[0]["id"]}).json
    assert abs(done["added_m2"] - 10_000) < 200 and done["removed_m2"] == 0
    assert shapely.geometry.shape(done["boundary"]).is_valid
    left = planner.post(f"{address}/topology", json={"boundary": done["boundary"]}).json["faults"]
    assert "notch" not in [f["kind"] for f in left]
    assert planner.get(address).json["revision"] == 1


def test_what_crosses_itself_is_checked_not_refused(planner, address):  # noqa: F811
    drawn = geojson(box(0, 0, 3, 3))
    ring = drawn["coordinates"][0] if drawn["type"] == "Polygon" else drawn["coordinates"][0][0]
    ring[1], ring[2] = ring[2], ring[1]
    told = planner.post(f"{address}/topology", json={"boundary": drawn}).json["faults"]
    assert told[0]["kind"] == "invalid"
    done = planner.post(f"{address}/repair", json={"boundary": drawn, "kind": "all"}).json
    assert shapely.geometry.shape(done["boundary"]).is_valid


def test_land_given_up_is_told_of_the_draft_as_it_is_drawn(planner, address):  # noqa: F811
    faults = planner.post(f"{address}/topology", json={"boundary": geojson(box(0, 0, 1, 2))}).json["faults"]
    assert [(f["kind"], round(f["area_m2"] / 1e6)) for f in faults] == [("lost", 2)]


def test_a_repair_is_asked_for_by_one_fault_or_kind(planner, address):  # noqa: F811
    for body in ({}, {"fault": "a", "kind": "all"}, {"kind": "beauty"}, {"fault": 1}):
        assert planner.post(f"{address}/repair", json=body).status_code == 400
    answer = planner.post(f"{address}/repair", json={"fault": "notch-0000000000"})
    assert (answer.status_code, "there is none" in answer.json["detail"]) == (400, True)


def test_another_county_sees_no_draft_to_check_or_mend(enter, address):  # noqa: F811
    other = enter("planner", OTHER)
    assert other.post(f"{address}/topology", json={}).status_code == 404
    assert other.post(f"{address}/repair", json={"kind": "all"}).status_code == 404


def test_a_place_is_told_by_distance_and_direction():
    assert draft_check.in_words("回郭镇", "Huiguo", 850, -850) == ("回郭镇东南1.2 km", "1.2 km south-east of Huiguo")
    assert draft_check.in_words("回郭镇", "Huiguo", -50, 10) == ("回郭镇附近", "near Huiguo")


def test_a_draft_is_mended_and_saved_as_its_next_revision(planner, address, world_url):  # noqa: F811
    saved = planner.put(address, json={"revision": 1, "boundary": geojson(NOTCHED), "units_in": [], "units_out": []})
    assert saved.status_code == 200
    conn = connect(world_url)
    zone_id = int(address.rsplit("/", 1)[1])
    told = draft_check.mend_draft(conn, zone_id, "notch", actor="planner-01", keep=False)
    assert (len(told.mended), planner.get(address).json["revision"]) == (1, 2)
    draft_check.mend_draft(conn, zone_id, "notch", actor="planner-01", keep=True)
    assert planner.get(address).json["revision"] == 3
    assert "notch" not in [own.fault.kind for own in draft_check.check(conn, zone_id)]
    conn.close()
