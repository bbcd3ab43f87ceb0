"""/api/drafts/ID/impact tells what a draft would change, saved or as it is being drawn, to those who may see it."""

import pytest

from gridmap.db.session import connect, transaction
from tests.api.test_drafts import COUNTY, VILLAGE, address, app, content, enter, planner, world_url  # noqa: F401
from tests.builders import add_site, box


@pytest.fixture
def asked(address):  # noqa: F811
    return f"{address}/impact"


def test_a_draft_that_was_not_touched_changes_nothing(planner, asked):  # noqa: F811
    told = planner.post(asked, json={}).get_json(force=True)
    assert (told["area_m2"]["gained"], told["area_m2"]["lost"], told["findings"]) == (0, 0, [])
    assert told["villages"] == {"gained": [], "lost": []}
    assert told["area_m2"]["draft"] == told["area_m2"]["base"] == pytest.approx(4e6, rel=1e-3)


def test_what_is_drawn_is_judged_and_not_saved(planner, address, asked):  # noqa: F811
    before = planner.get(address).get_json(force=True)
    told = planner.post(asked, json=content(box(5, 5, 6, 6))).get_json(force=True)
    assert [village["id"] for village in told["villages"]["lost"]] == [VILLAGE]
    assert told["area_m2"]["lost"] == pytest.approx(4e6, rel=1e-3)
    assert told["area_m2"]["gained"] == pytest.approx(1e6, rel=1e-3)
    assert told["households"] == {"gained": 0, "lost": 0, "villages_unknown": 1}
    assert planner.get(address).get_json(force=True) == before


def test_the_reviewer_sees_what_is_saved_and_draws_nothing(enter, planner, address, asked):  # noqa: F811
    reviewer = enter("reviewer", COUNTY)
    assert planner.put(address, json=content(box(5, 5, 6, 6), revision=1)).status_code == 200
    told = reviewer.post(asked, json={})
    assert [village["id"] for village in told.get_json(force=True)["villages"]["lost"]] == [VILLAGE]
    assert reviewer.post(asked, json=content(box(0, 0, 2, 2))).status_code == 403


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"boundary": None}, "units_in: missing"),
        ({"boundary": {"type": "Polygon", "coordinates": [[[113, 34.7], [113.1, 34.8], [113.1, 34.7], [113, 34.8], [113, 34.7]]]}, "units_in": [], "units_out": []}, "boundary"),
        ({"boundary": None, "units_in": [], "units_out": []}, "boundary"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(planner, asked, sent, expected):  # noqa: F811
    refused = planner.post(asked, json=sent)
    assert refused.status_code == 400
    assert expected in refused.get_json(force=True)["detail"]


def test_sites_of_other_counties_are_not_told(world_url, enter, asked, planner):  # noqa: F811
    """Land is everybody's; who has a boiler on it is not."""
    conn = connect(world_url)
    with transaction(conn) as cursor:
        add_site(cursor, "a", (3, 1), county=COUNTY)
        add_site(cursor, "b", (3, 1.5), county="410182")
    conn.close()
    told = planner.post(asked, json=content(box(0, 0, 4, 2))).get_json(force=True)
    assert {site["county_code"] for site in told["sites"]["gained"]} == {COUNTY}
