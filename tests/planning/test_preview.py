"""What is drawn and not saved is judged as if it were, and leaves nothing behind."""

import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.domain.draft import Content
from gridmap.errors import UserError
from gridmap.planning import preview
from gridmap.planning.impact import impact
from gridmap.store import drafts
from tests.builders import add_region, add_village, add_zone, box, degrees

VILLAGE = "410181113201"
CROSSED = shapely.MultiPolygon([shapely.Polygon([(113, 34.7), (113.1, 34.8), (113.1, 34.7), (113, 34.8)])])


@pytest.fixture
def cursor(conn):
    with transaction(conn) as cursor:
        yield cursor


@pytest.fixture
def draft(cursor):
    add_region(cursor, "410100", "city")
    add_region(cursor, "410181", "county", box(0, 0, 10, 10), parent="410100")
    add_village(cursor, VILLAGE, (2.5, 1))
    base = add_zone(cursor, boundary=box(0, 0, 2, 2))
    return drafts.create(cursor, base, title="向东扩", author="planner-01").zone_id


def drawn(area):
    return Content(shapely.to_wkb(shapely.MultiPolygon([degrees(area)])), (), (), {})


def test_it_is_the_impact_of_the_same_content_saved(conn, cursor, draft):
    content = drawn(box(0, 0, 3, 2))
    before = drafts.get_content(cursor, draft)
    tried = preview.impact_of(conn, draft, content)
    assert [village.id for village in tried.villages_gained] == [VILLAGE]
    assert drafts.get_content(cursor, draft) == before
    assert impact(conn, draft).villages_gained == ()
    saved = drafts.save(cursor, draft, 1, content, actor="planner-01")
    again = impact(conn, draft)
    assert (tried.land, tried.villages_gained, tried.findings) == (again.land, again.villages_gained, again.findings)
    assert (tried.revision, again.revision) == (1, saved.revision)


def test_what_cannot_be_saved_cannot_be_judged(conn, cursor, draft):
    before = drafts.get_content(cursor, draft)
    with pytest.raises(UserError, match="do not cross themselves"):
        preview.impact_of(conn, draft, Content(shapely.to_wkb(CROSSED), (), (), {}))
    assert drafts.get_content(cursor, draft) == before


def test_what_the_law_has_outside_the_county_already_is_no_doing_of_the_draft(conn, cursor, draft):
    base = add_zone(cursor, "beyond", boundary=box(-1, 4, 2, 6))
    add_zone(cursor, "other", boundary=box(1, 5, 2, 8))
    beyond = drafts.create(cursor, base, title="向北扩", author="planner-01").zone_id
    same = impact(conn, beyond).land
    assert (same.outside_m2, same.overlap_m2) == pytest.approx((0, 0), abs=1)
    more = preview.impact_of(conn, beyond, drawn(box(-1, 4, 2, 7))).land
    assert more.gained_m2 == pytest.approx(3e6, rel=1e-3)
    assert (more.outside_m2, more.overlap_m2) == pytest.approx((1e6, 1e6), rel=1e-3)
