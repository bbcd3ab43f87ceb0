"""A draft's page tells whoever decides what is wrong with its boundary."""

import pytest
import shapely

from gridmap.db.session import transaction
from gridmap.domain.draft import Content
from gridmap.store import drafts
from gridmap.web import draft_faults
from tests.builders import add_region, add_zone, box, degrees


@pytest.fixture
def draft(conn):
    """A draft that leaves its county by 5 km² and has a tiny hole."""
    with transaction(conn) as cursor:
        add_region(cursor, "410100", "city")
        add_region(cursor, "410181", "county", box(0, 0, 10, 10), parent="410100", name="巩义市")
        made = drafts.create(cursor, add_zone(cursor, boundary=box(0, 0, 4, 4)), title="东扩", author="planner-01")
        drawn = degrees(box(5, 1, 11, 6).difference(box(7, 3, 7.01, 3.01)))
        drafts.save(cursor, made.zone_id, 1, Content(shapely.to_wkb(shapely.MultiPolygon([drawn]))), actor="planner-01")
        return drafts.get_draft(cursor, made.zone_id)


@pytest.mark.parametrize(
    ("lang", "titles"), [("zh", ["超出本县（市、区）", "小洞"]), ("en", ["land outside", "tiny hole"])]
)
def test_faults_stand_in_the_readers_language_the_widest_land_first(app, conn, draft, lang, titles):
    with app.test_request_context(f"/?lang={lang}"):
        found = draft_faults.list_faults(conn, draft)
    there = [line.title for line in found.lines]
    assert found.count == len(there) and [t for t in there if any(t.startswith(title) for title in titles)]
    outside = next(line for line in found.lines if line.title.startswith(titles[0]))
    hole = next(line for line in found.lines if line.title.startswith(titles[1]))
    assert outside.area_m2 == pytest.approx(5e6, rel=1e-3) and not outside.in_doubt
    assert hole.area_m2 == pytest.approx(100, rel=1e-2)
    assert there.index(outside.title) < there.index(hole.title)


def test_no_more_than_fit_are_told_one_by_one(app, conn, draft, monkeypatch):
    monkeypatch.setattr(draft_faults, "SHOWN", 1)
    with app.test_request_context("/"):
        found = draft_faults.list_faults(conn, draft)
    assert len(found.lines) == 1 < found.count
