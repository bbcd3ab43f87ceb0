"""A file of zones becomes drafts: matched to the law, units found, faults told, all of it or nothing."""

import datetime as dt

import numpy as np
import pytest
import shapely

from gridmap import glossary
from gridmap.coordinates import convert_geometries, get_system
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.domain.zone_file import ZoneFileReport
from gridmap.errors import ConflictError, UserError
from gridmap.planning import zone_file
from gridmap.planning.zone_file import Brought, Saying
from gridmap.store import drafts, zones
from tests import builders
from tests.builders import box
from tests.ingest.ledgers import MemoryFile, rows_of

COUNTY, OTHER, CITY = "410181", "410182", "410100"
HEADER = ["名称", "类别", "类", "文号", "四至", "列入单位"]


@pytest.fixture
def world(conn):
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = %s", [CITY])
        builders.add_region(cursor, CITY, "city", box(0, 0, 20, 10))
        builders.add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY, name="巩义市")
        builders.add_region(cursor, OTHER, "county", box(10, 0, 20, 10), parent=CITY, name="荥阳市")
        builders.add_region(cursor, "410181104", "township", box(5, 5, 10, 10), parent=COUNTY, name="回郭镇")
        builders.add_village(
            cursor, "410181104201", (6, 6), name="北寺村", official_name="北寺村村民委员会", match_name="北寺"
        )
        builders.add_village(
            cursor, "410181104202", (7, 7), name="南罗村", official_name="南罗村村民委员会", match_name="南罗"
        )
        builders.add_zone(cursor, boundary=box(1, 1, 4, 4), name="巩义市禁煤区", begins_on=dt.date(2019, 1, 1))
    return conn


def base_of(conn):
    return rows_of(conn, "SELECT zone_id FROM gridmap.zone WHERE status = 'published'")[0][0]


def row(name="巩义市禁煤区", kind="禁煤区", class_=None, number="巩政〔2020〕9号", wording="东至某路", units=None):
    return [name, kind, class_, number, wording, units]


def bring(rows, shapes=None, *, header=HEADER, crs="EPSG:4490", raw=False, **more):
    geometries = None
    if shapes is not None:
        flat = [None if one is None else one if raw else builders.degrees(one) for one in shapes]
        geometries = [None if one is None else shapely.to_wkb(one) for one in flat]
    file = MemoryFile(header, rows, geometries=geometries, crs=crs if shapes is not None else None)
    return Brought(file, "分区.zip", "ab" * 32, "planner-410181-01", **more)


def told(report, severity="fault"):
    return [(one.row, one.title, one.expected.en, one.suggestion) for one in report.faults if one.severity == severity]


def count(conn):
    return rows_of(conn, "SELECT count(*) FROM gridmap.zone_draft")[0][0]


def test_rows_follow_the_law_or_are_new_and_become_drafts_together(world):
    brought = bring(
        [row(), row("西部禁燃区", "禁燃区", "二类", units="回郭镇、北寺村，410181104000")],
        [box(1, 1, 5, 4), box(6, 1, 8, 3)],
    )
    found = zone_file.check(world, brought, Saying())
    assert found.is_clean and count(world) == 0, told(found)
    first, second = found.zones
    assert (first.base, first.base_version, first.outline) == (base_of(world), 1, "file")
    assert first.added_m2 == pytest.approx(3e6, rel=1e-3) and first.removed_m2 == pytest.approx(0, abs=10)
    assert (second.base, second.kind, second.class_, second.county_code) == (None, "no_burn", "Ⅱ", COUNTY)
    assert [name for _code, name in second.units_in] == ["回郭镇", "北寺村"], (
        "the twelve digits are filled up with zeros"
    )
    made = zone_file.make(world, brought, Saying(), shown=found.fingerprint)
    with transaction(world) as cursor:
        own = [drafts.get_draft(cursor, zone.draft) for zone in made.zones]
        zone = zones.get_zone(world, own[0].zone_id)
    assert [(one.author, one.state, one.county_code) for one in own] == [("planner-410181-01", "drafting", COUNTY)] * 2
    assert "分区.zip" in own[0].purpose and "ab" * 32 in own[0].purpose and "第 2 行" in own[0].purpose
    assert (zone.document_number, zone.boundary_wording, zone.version) == ("巩政〔2020〕9号", "东至某路", 2)
    assert zone.reason is None, "a file is no reason for which a zone may shrink"
    assert own[1].lineage == "no_burn_410181" and own[1].base_zone_id is None


def test_one_faulty_row_keeps_all_out(world):
    brought = bring([row(), row("乙", "禁煤区")], [box(1, 1, 5, 4), shapely.LineString([(1, 1), (2, 2)])])
    found = zone_file.check(world, brought, Saying())
    assert told(found) == [(3, "", "a Polygon or MultiPolygon", None)] and len(found.zones) == 1
    with pytest.raises(UserError, match="1 of 2 rows"):
        zone_file.make(world, brought, Saying())
    assert count(world) == 0


BOW = shapely.Polygon([(1, 1), (3, 3), (3, 1), (1, 3)])


@pytest.mark.parametrize(
    ("shape", "expected", "found"),
    [
        (BOW, "neither crosses nor overlaps", "✕ 113"),
        (shapely.Polygon(), "not empty", "POLYGON EMPTY"),
        (shapely.Point(1, 1), "a Polygon", "Point"),
        (shapely.LineString([(1, 1), (2, 1), (2, 2), (1, 1)]), "a Polygon", "LineString"),
        (shapely.Polygon([(1, 1), (2, 1), (3, 1)]), "no area", "MultiPolygon"),
        (box(12, 1, 14, 3), "a zone of 荥阳市; its name says 巩义市", "巩义市"),
        (box(-500, 1, -499, 3), "within the city", "–"),
    ],
)  # fmt: skip
def test_what_is_no_outline_of_the_county_is_told(world, shape, expected, found):
    report = zone_file.check(world, bring([row()], [shape]), Saying())
    assert not report.is_clean and not report.zones
    [fault] = [one for one in report.faults if one.severity == "fault"]
    assert expected in fault.expected.en and found.lower() in fault.found.lower(), fault


def test_a_bow_tie_is_mended_when_that_is_said(world):
    found = zone_file.check(world, bring([row()], [BOW]), Saying(repair=True))
    assert found.is_clean and found.zones[0].area_m2 == pytest.approx(2e6, rel=1e-3)
    assert any("crossings were mended" in words for _row, _title, words, _hint in told(found, "warning"))


def test_heights_are_left_out_and_a_sliver_is_told(world):
    thin = shapely.union(box(1, 1, 4, 4), box(4, 2, 6, 2.008))
    shape = shapely.force_3d(builders.degrees(thin), 120.0)
    found = zone_file.check(world, bring([row()], [shape], raw=True), Saying())
    assert found.is_clean and [fault.title.en for fault in found.zones[0].faults] == ["sliver of land"]
    assert any("heights" in note.en for note in found.notes)


def test_too_many_vertices_are_told_before_anything_is_computed(world):
    angle = np.linspace(0, 2 * np.pi, 300_001)
    round_ = shapely.Polygon(np.column_stack([3 + np.cos(angle), 3 + np.sin(angle)]))
    found = zone_file.check(world, bring([row()], [round_]), Saying())
    assert told(found)[0][2] == "a polygon of at most 200000 vertices"


def test_a_web_map_s_coordinates_are_blocked_until_somebody_says_so(world):
    shape = convert_geometries(get_system("wgs84"), get_system("gcj02"), builders.degrees(box(1, 1, 4, 4)))
    found = zone_file.check(world, bring([row()], [shape], raw=True, crs=None), Saying())
    assert found.looks_like == "gcj02" and "GCJ-02" in found.blocking[0].zh and not found.is_clean
    told_so = zone_file.check(world, bring([row()], [shape], raw=True, crs=None), Saying(crs="gcj02"))
    assert told_so.is_clean and told_so.zones[0].added_m2 < 5e3, "it lies where it lay"


@pytest.mark.parametrize(("crs", "words"), [("EPSG:3857", "not known"), ("EPSG:4214", "province")])
def test_a_declaration_that_nobody_knows_is_told(world, crs, words):
    with pytest.raises(UserError, match=words):
        zone_file.check(world, bring([row()], [box(1, 1, 4, 4)], crs=crs), Saying())


def test_degrees_declared_as_metres_are_told(world):
    found = zone_file.check(world, bring([row()], [box(1, 1, 4, 4)], crs="EPSG:4547"), Saying())
    assert "within the city" in told(found)[0][2] and not found.zones


def test_a_zone_of_another_county_is_told(world):
    header = [*HEADER, "县（市、区）"]
    found = zone_file.check(world, bring([[*row("甲"), "巩义市"]], [box(12, 1, 14, 3)], header=header), Saying())
    assert told(found)[0][2] == "a polygon in 巩义市; it lies in 荥阳市"


def test_metres_are_read_as_declared(world):
    metres = shapely.box(461000, 3841000, 465000, 3844000)
    found = zone_file.check(world, bring([row()], [metres], raw=True, crs="EPSG:4547"), Saying())
    assert found.is_clean and found.zones[0].area_m2 == pytest.approx(12e6, rel=1e-4)


def test_rows_are_matched_by_number_and_what_disagrees_is_told(world):
    base = base_of(world)
    with transaction(world) as cursor:
        builders.add_zone(cursor, boundary=box(1, 1, 4, 5), name="巩义市禁煤区", begins_on=dt.date(2020, 1, 1))
    header = ["版本编号", *HEADER]
    last = rows_of(world, "SELECT max(zone_id) FROM gridmap.zone")[0][0]
    rows = [
        [base, *row()],
        [last, *row("改名")],
        [last, *row("又一个")],
        [last, *row("禁燃", "禁燃区")],
        [9999, *row("乙")],
    ]
    found = zone_file.check(world, bring(rows, [box(1, 1, 4, 4)] * 5, header=header), Saying())
    wrong = {at: (words, hint) for at, _title, words, hint in told(found)}
    assert wrong[2] == (f"the last published version: 2, key {last}", str(last))
    assert wrong[4][0] == "each zone once; row 3 is of the same zone"
    assert wrong[5][0].startswith("the kind of version 2") and wrong[6][0] == "the key of a published version"
    assert [zone.name for zone in found.zones] == ["改名"] and found.zones[0].base == last


def test_two_rows_of_one_name_and_a_name_that_is_nearly_one(world):
    rows = [row("甲"), row("甲"), row("巩义禁煤区")]
    found = zone_file.check(world, bring(rows, [box(1, 1, 2, 2), box(3, 3, 4, 4), box(5, 1, 6, 2)]), Saying())
    assert [(at, words) for at, _title, words, _hint in told(found)] == [
        (3, "each zone once; row 2 is of the same zone")
    ]
    near = [hint for at, _title, _words, hint in told(found, "warning") if at == 4]
    assert any("巩义市禁煤区" in (hint or "") for hint in near)


def test_units_that_are_none_are_offered_with_candidates(world):
    rows = [row("甲", units="北寺树、410181104999、4.10181E+11、南罗"), row("乙", units="荥阳市")]
    found = zone_file.check(world, bring(rows), Saying())
    wrong = [
        (at, one.found, one.suggestion or "") for one in found.faults if one.severity == "fault" for at in [one.row]
    ]
    assert [(at, name) for at, name, _hint in wrong] == [(2, "北寺树"), (2, "410181104999"), (2, "4.10181E+11")], wrong
    assert "北寺村" in wrong[0][2]


def test_a_table_without_outlines_lists_units_and_keeps_the_boundary(world):
    found = zone_file.check(world, bring([row(units="回郭镇")]), Saying())
    assert found.is_clean and found.zones[0].outline == "kept" and found.crs is None
    assert found.zones[0].area_m2 == pytest.approx(9e6 + 25e6, rel=1e-3)
    nothing = zone_file.check(world, bring([row("丙")]), Saying())
    assert told(nothing)[0][2] in ("a polygon, or units that are listed as in", "a county")


def test_only_those_who_may_draft_there_do(world):
    brought = bring(
        [row("东部", "禁煤区"), row("机械", "禁用区")], [box(12, 1, 14, 3)] * 2, allowed=lambda code: code == COUNTY
    )
    found = zone_file.check(world, brought, Saying())
    assert [words for _at, _title, words, _hint in told(found)] == [
        "a zone of the county you draft for; this is one of 荥阳市",
        "a zone of the county you draft for; this is one of 全市 / the city",
    ]


def test_what_changed_since_it_was_shown_is_not_made(world):
    brought = bring([row()], [box(1, 1, 5, 4)])
    found = zone_file.check(world, brought, Saying())
    assert ZoneFileReport.from_dict(found.as_dict()).fingerprint == found.fingerprint
    with transaction(world) as cursor:
        builders.add_zone(cursor, boundary=box(1, 1, 4, 5), name="巩义市禁煤区", begins_on=dt.date(2020, 1, 1))
    with pytest.raises(ConflictError):
        zone_file.make(world, brought, Saying(), shown=found.fingerprint)
    assert count(world) == 0


def test_a_file_without_names_or_kinds_says_which_title_is_missing(world):
    found = zone_file.check(world, bring([["甲"]], [box(1, 1, 2, 2)], header=["图斑"]), Saying())
    assert "no column name" in found.blocking[0].en
    mapped = zone_file.check(
        world, bring([["甲"]], [box(1, 1, 2, 2)], header=["图斑"]), Saying(mapping={"图斑": "name"})
    )
    assert told(mapped)[0][2].startswith("a kind; where the file has no column of it, choose one")
    kinded = zone_file.check(
        world, bring([["甲"]], [box(1, 1, 2, 2)], header=["图斑"]), Saying(mapping={"图斑": "name"}, kind="coal_free")
    )
    assert kinded.is_clean
    with pytest.raises(UserError, match="no kind of zone"):
        zone_file.check(world, bring([row()], [box(1, 1, 2, 2)]), Saying(kind="x"))


def test_the_kinds_of_the_form_are_those_of_the_law():
    form = import_form.load_drafted("zone")
    assert set(form.column("kind").codes) == set(glossary.terms()["zone_kind"])
