"""Objects are placed by hand: what follows from a position follows, what is doubtful is confirmed, all can be undone."""

import math
from dataclasses import replace

import pytest

from gridmap.coordinates import convert, get_system
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.domain.placement import DoubtedError, Placing
from gridmap.errors import ConflictError, ForbiddenError, NotFoundError, UserError
from gridmap.ingest.importing import apply_import, by_hand, undo_import
from gridmap.store import import_batches, import_tables, placements
from gridmap.store.import_batches import Importer
from tests import builders
from tests.ingest.ledgers import GONGYI, factory, lonlat, plan, rows_of, told

REPORTED = ["编号", "企业名称", "行业", "县（市、区）", "乡镇（街道）", "地址", "经度", "纬度"]
STANDS = (
    "SELECT round(ST_X(geom)::numeric, 6)::float AS x, round(ST_Y(geom)::numeric, 6)::float AS y, position_error_m, placed_by, "
    "county_code, region_code FROM gridmap.site WHERE site_id = 'e-1'"
)


@pytest.fixture
def unplaced(land):
    """Return a world with a factory and a village of which only the township is known."""
    apply_import(
        land, plan(land, [("e-1", "干沟厂", "铸造", "巩义市", "回郭镇", "回郭镇干沟村", None, None)], REPORTED)
    )
    with transaction(land) as cursor:
        builders.add_village(
            cursor, "410181113201", (2, 5), error_m=5000, placed_by="township", name="干沟", match_name="干沟",
            source="名录；点位：所在乡镇内示意", note="没有村级点位：点在所在乡镇内均匀排开。",
        )  # fmt: skip
        cursor.execute("SELECT set_config('gridmap.actor', 'clerk-01', true)")
    return land


def at(x, y, crs="cgcs2000", **more):
    pair = [[part] for part in lonlat(x, y)]
    lon, lat = (float(part[0]) for part in convert(get_system("cgcs2000"), get_system(crs), *pair))
    said = {"error_m": 40.0, "basis": "address", **more}
    return Placing(f"{lon:.7f}", f"{lat:.7f}", crs, **said)


def mark(conn, key="e-1", layer="site"):
    with transaction(conn) as cursor:
        form = by_hand.form_of(cursor, layer, key)
        return placements.get(cursor, form, import_tables.targets_of(cursor, form)[0], key).mark


def test_region_and_cell_follow_the_log_has_both_and_undo_gives_it_back(unplaced):
    before = rows_of(unplaced, STANDS)
    found = by_hand.look(unplaced, "site", "e-1", at(1, 1))
    assert rows_of(unplaced, STANDS) == before, "to look changes nothing"
    placed = by_hand.place(unplaced, "site", "e-1", at(1, 1, basis="field", note="门口"), importer=GONGYI)
    assert (placed.found, placed.found.region, placed.found.doubts) == (found, "410181113", ())
    lon, lat = (round(part, 6) for part in lonlat(1, 1))
    assert rows_of(unplaced, STANDS) == [(lon, lat, 40, "hand", "410181", "410181113")]
    log = rows_of(
        unplaced,
        "SELECT actor, action, relation, before ->> 'placed_by' AS was, after ->> 'placed_by' AS now, after ->> 'basis' AS basis "
        "FROM gridmap.audit_log WHERE row_key = 'e-1' ORDER BY log_id",
    )
    assert log == [
        ("clerk-01", "update", "site", "township", "hand", None),
        ("clerk-01", "insert", "placement", None, None, "field"),
    ]
    with transaction(unplaced) as cursor:
        assert [batch.file_name for batch in import_batches.list_batches(cursor)] == ["台账.xlsx"]
        assert placements.list_unplaced(cursor, import_form.load("site", "enterprise")) == []
    undo_import(unplaced, placed.batch_id, importer=GONGYI)
    assert rows_of(unplaced, STANDS) == before
    again = "SELECT after ->> 'placed_by' FROM gridmap.audit_log WHERE relation = 'site' ORDER BY log_id DESC LIMIT 1"
    assert rows_of(unplaced, again) == [("township",)]
    with transaction(unplaced) as cursor:
        assert placements.find_last(cursor, "site", "e-1").undone_by == GONGYI.actor


def test_what_changed_is_noted_for_audits_and_caches(unplaced):
    with transaction(unplaced) as cursor:
        cursor.execute("DELETE FROM gridmap.change")
        cursor.execute("SELECT version FROM gridmap.data_version WHERE relation = 'site'")
        version = cursor.fetchone()[0]
    by_hand.place(unplaced, "site", "e-1", at(1, 1))
    assert len(rows_of(unplaced, "SELECT DISTINCT cell_key FROM gridmap.change WHERE relation = 'site'")) == 2
    assert rows_of(unplaced, "SELECT version FROM gridmap.data_version WHERE relation = 'site'")[0][0] > version


def test_a_village_is_placed_by_a_version_and_says_no_more_that_it_has_no_point(unplaced):
    query = "SELECT placed_by, position_error_m, source, note, lower(in_force)::text AS day FROM gridmap.village ORDER BY 5 NULLS FIRST"
    by_hand.place(unplaced, "village", "410181113201", at(1, 2))
    assert rows_of(unplaced, query) == [
        ("township", 5000, "名录；点位：所在乡镇内示意", "没有村级点位：点在所在乡镇内均匀排开。", None),
        ("hand", 40, "名录；点位：手工定位（按地址对照地图）", None, "2020-10-15"),
    ]
    with transaction(unplaced) as cursor:
        assert placements.next_unplaced(cursor, import_form.load("village"), None, ("", "")) == (None, 0)


def test_a_declared_system_is_converted(unplaced):
    for crs in ("wgs84", "gcj02", "bd09", "EPSG:4547", "EPSG:4526"):
        said = at(1, 1, crs)
        found = by_hand.look(unplaced, "site", "e-1", said)
        assert math.dist((found.lon, found.lat), lonlat(1, 1)) < 2e-5, crs
        pair = replace(said, x=f"{said.x}, {said.y}", y="")
        assert by_hand.look(unplaced, "site", "e-1", pair).region == "410181113", crs


BAD = [
    ({"x": "nan"}, "expected"),
    ({"x": "abc"}, "expected an angle|expected a longitude"),
    ({"x": "", "y": ""}, "no position"),
    ({"y": "", "x": "112.9"}, "expected"),
    ({"x": "34.7", "y": "112.9"}, r"perhaps 112.9, 34.7.*swapped"),
    ({"x": "116.4", "y": "39.9"}, "a position of the city"),
    ({"x": "114.9", "y": "35.9"}, "a county of the city"),
    ({"x": "397000", "y": "3841000"}, "read as CGCS2000 Gauss-Krüger"),
    ({"x": "112.9", "y": "34.7", "crs": "EPSG:4547"}, "read as CGCS2000 degrees"),
    ({"crs": "xian80"}, "each province keeps to itself"),
    ({"error_m": 0.0}, "more than 0"),
    ({"error_m": -5.0}, "more than 0"),
    ({"error_m": math.nan}, "more than 0"),
    ({"error_m": 1e6}, "at most 20,000"),
    ({"basis": "guess"}, "expected one of"),
    ({"basis": "other"}, "say in a note"),
]


def test_bad_input_gets_one_sentence_and_changes_nothing(unplaced):
    before = rows_of(unplaced, STANDS)
    for change, sentence in BAD:
        with pytest.raises(UserError, match=sentence) as refused:
            by_hand.place(unplaced, "site", "e-1", replace(at(1, 1), **change))
        assert refused.value.zh or "crs" in change, change
        assert rows_of(unplaced, STANDS) == before, change
    assert rows_of(unplaced, "SELECT count(*) FROM gridmap.placement") == [(0,)]


def test_outside_its_township_or_county_is_confirmed_or_not_saved(unplaced):
    with pytest.raises(DoubtedError, match=r"巩义市, not in 回郭镇 as reported \(3,000 m") as doubted:
        by_hand.place(unplaced, "site", "e-1", at(7, 1))
    elsewhere = replace(at(7, 2), confirmed=doubted.value.found.place)
    with pytest.raises(DoubtedError):
        by_hand.place(unplaced, "site", "e-1", elsewhere)
    with pytest.raises(DoubtedError, match="not in 巩义市 as reported"):
        by_hand.place(unplaced, "site", "e-1", at(12, 1))
    placed = by_hand.place(unplaced, "site", "e-1", replace(at(7, 1), confirmed=doubted.value.found.place))
    assert rows_of(unplaced, STANDS)[0][3:] == ("hand", "410181", "410181")
    assert rows_of(unplaced, "SELECT confirmed FROM gridmap.placement")[0][0].startswith(
        "该点在巩义市，不在申报的回郭镇"
    )
    with pytest.raises(DoubtedError, match="more than the 40 m of today"):
        by_hand.place(unplaced, "site", "e-1", replace(at(1, 1), error_m=60.0))
    assert placed.batch_id


def test_a_wrong_datum_is_told_where_the_other_one_fits(unplaced):
    inside = at(3.8, 5, "bd09")  # 0.2 km inside its township as what it is, outside read as anything else
    with pytest.raises(DoubtedError) as doubted:
        by_hand.place(unplaced, "site", "e-1", replace(inside, crs="cgcs2000"))
    assert "若按 BD-09" in doubted.value.zh


def test_an_importer_of_a_county_places_within_it(unplaced):
    xingyang = Importer("inspector-410182-01", 8, ("410182",))
    with pytest.raises(ForbiddenError, match="410181"):
        by_hand.place(unplaced, "site", "e-1", at(1, 1), importer=xingyang)
    with pytest.raises(UserError, match="own county"):
        by_hand.place(unplaced, "site", "e-1", replace(at(12, 1), confirmed="*"), importer=GONGYI)
    with pytest.raises(ForbiddenError):
        by_hand.place(unplaced, "village", "410181113201", at(1, 1), importer=xingyang)


def test_of_two_who_place_the_same_object_the_second_is_told(unplaced):
    seen = mark(unplaced)
    by_hand.place(unplaced, "site", "e-1", at(1, 1, mark=seen), importer=GONGYI)
    with pytest.raises(ConflictError, match=GONGYI.actor) as late:
        by_hand.place(unplaced, "site", "e-1", at(2, 2, mark=seen))
    assert f"{GONGYI.actor} 已给它定了位" in late.value.zh
    with pytest.raises(UserError, match="stands there already"):
        by_hand.place(unplaced, "site", "e-1", at(1, 1, mark=mark(unplaced)))


def test_what_is_closed_gone_or_never_was_is_not_placed(unplaced):
    with pytest.raises(NotFoundError):
        by_hand.place(unplaced, "site", "none", at(1, 1))
    with pytest.raises(NotFoundError):
        by_hand.place(unplaced, "station", "1", at(1, 1))
    with pytest.raises(NotFoundError):
        by_hand.place(unplaced, "village", "410181113999", at(1, 1))
    with transaction(unplaced) as cursor:
        cursor.execute("UPDATE gridmap.site SET closed_on = '2020-10-01' WHERE site_id = 'e-1'")
        cursor.execute("UPDATE gridmap.village SET in_force = daterange(NULL, '2020-10-01')")
    with pytest.raises(ConflictError, match="closed on 2020-10-01"):
        by_hand.place(unplaced, "site", "e-1", at(1, 1))
    with pytest.raises(NotFoundError):
        by_hand.place(unplaced, "village", "410181113201", at(1, 1))
    assert rows_of(unplaced, "SELECT closed_on::text FROM gridmap.site") == [("2020-10-01",)], "placing reopens nothing"


def test_a_ledger_without_positions_leaves_it_and_one_with_them_is_followed(unplaced):
    by_hand.place(unplaced, "site", "e-1", at(1, 1))
    stands = rows_of(unplaced, STANDS)
    row = ("e-1", "新名厂", "铸造", "巩义市", "回郭镇", "新地址")
    apply_import(unplaced, plan(unplaced, [row], REPORTED[:6], sha="1" * 64))
    assert rows_of(unplaced, STANDS) == stands
    apply_import(unplaced, plan(unplaced, [(*row, None, None)], REPORTED, sha="2" * 64))
    assert rows_of(unplaced, STANDS) == stands, "empty positions are none"
    said = plan(unplaced, [(*row, 7002, "township")], [*REPORTED[:6], "位置误差", "点位来源"], sha="3" * 64)
    assert told(said) == {"same": 1}, "how good a position is, a row without one does not say"
    moved = plan(unplaced, [(*row, *lonlat(2, 2))], REPORTED, sha="4" * 64)
    assert [fault.expected.en for fault in moved.report.faults] == [
        "an object placed by hand to stay where it is; this file moves it by 1414 m"
    ]
    apply_import(unplaced, moved)
    assert rows_of(unplaced, STANDS)[0][2:4] == (50, "file")


def test_a_later_ledger_stands_in_the_way_of_undoing(unplaced):
    placed = by_hand.place(unplaced, "site", "e-1", at(1, 1))
    apply_import(unplaced, plan(unplaced, [factory(1)], sha="1" * 64))
    with pytest.raises(ConflictError, match="undo that first"):
        undo_import(unplaced, placed.batch_id)
