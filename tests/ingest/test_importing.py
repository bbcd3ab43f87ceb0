"""Ledgers come in: every row judged first, what changed told, all of it or nothing."""

import datetime as dt

import pytest
import shapely

from gridmap.coordinates import to_gcj02
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.errors import UserError
from gridmap.ingest.importing import apply_import, undo_import
from gridmap.store import placements
from gridmap.store.import_batches import Importer
from tests import builders
from tests.ingest.ledgers import GONGYI, HEADER, MemoryFile, factory, faults, lonlat, plan, rows_of, told


def unplaced(conn):
    with transaction(conn) as cursor:
        return placements.list_unplaced(cursor, import_form.load("site", "enterprise"))


def test_new_objects_come_in_with_their_details_place_and_record(land):
    planned = plan(land, [factory(1), factory(2, 12, 2, county="荥阳", note="备")])
    assert told(planned) == {"new": 2}
    assert rows_of(land, "SELECT count(*) FROM gridmap.site") == [(0,)]
    batch_id = apply_import(land, planned)
    assert rows_of(
        land,
        "SELECT s.site_id, s.kind, s.county_code, s.region_code, s.reported_region_code, s.position_error_m, s.source, "
        "e.industry, lower(e.in_force), s.note FROM gridmap.site AS s JOIN gridmap.enterprise AS e USING (site_id) ORDER BY 1",
    ) == [
        (
            "e-1",
            "enterprise",
            "410181",
            "410181113",
            "410181",
            50,
            "导入：台账.xlsx",
            "铸造",
            dt.date(2020, 10, 15),
            None,
        ),
        ("e-2", "enterprise", "410182", "410182", "410182", 50, "导入：台账.xlsx", "铸造", dt.date(2020, 10, 15), "备"),
    ]
    assert rows_of(
        land,
        "SELECT l.actor, l.action, l.row_key, l.after ->> 'sha256' FROM gridmap.audit_log AS l WHERE l.action = 'import'",
    ) == [("command line", "import", str(batch_id), "0" * 64)]
    assert rows_of(land, "SELECT DISTINCT relation FROM gridmap.change WHERE cell_key IS NOT NULL ORDER BY 1") == [
        ("enterprise",), ("site",),
    ]  # fmt: skip


def test_the_same_file_twice_brings_nothing_new(land):
    rows = [factory(1), factory(2, 2, 2)]
    assert apply_import(land, plan(land, rows)) is not None
    again = plan(land, rows)
    assert told(again) == {"same": 2}
    assert any("same file was imported" in note.en for note in again.report.notes)
    assert apply_import(land, again) is None
    assert rows_of(land, "SELECT count(*) FROM gridmap.import_batch") == [(1,)]


def test_what_changed_is_told_by_field_and_by_metres_and_history_stays(land):
    apply_import(land, plan(land, [factory(1), factory(2), factory(3)]))
    later = plan(land, [factory(1, 1.5), factory(2, name="新厂", industry="化工"), factory(3)], on=dt.date(2021, 1, 1))
    assert told(later) == {"moved": 1, "changed": 1, "same": 1}
    moved, changed = later.report.changes
    assert (moved.key, round(moved.moved_m)) == ("e-1", 500)
    assert [(field.column, field.before, field.after) for field in changed.fields] == [
        ("name", "厂2", "新厂2"), ("industry", "铸造", "化工"),
    ] or {field.column for field in changed.fields} == {"name", "industry"}  # fmt: skip
    apply_import(land, later)
    assert rows_of(
        land,
        "SELECT industry, lower(in_force), upper(in_force) FROM gridmap.enterprise WHERE site_id = 'e-2' ORDER BY 2",
    ) == [
        ("铸造", dt.date(2020, 10, 15), dt.date(2021, 1, 1)),
        ("化工", dt.date(2021, 1, 1), None),
    ]
    # the same day once more amends the version of that day, and an earlier day is refused
    amended = plan(land, [factory(2, name="新厂", industry="印刷")], on=dt.date(2021, 1, 1))
    apply_import(land, amended)
    assert rows_of(land, "SELECT count(*) FROM gridmap.enterprise WHERE site_id = 'e-2'") == [(2,)]
    early = plan(land, [factory(2, name="新厂", industry="医药")], on=dt.date(2020, 12, 1))
    assert "--on" in faults(early)[0][2]


def test_a_column_that_the_file_lacks_stays_and_an_empty_cell_empties(land):
    apply_import(land, plan(land, [factory(1, note="备")]))
    apply_import(land, plan(land, [("e-1", "厂1")], ["编号", "名称"], sha="1" * 64))
    assert rows_of(land, "SELECT note, round(ST_X(geom)::numeric, 4) > 113 FROM gridmap.site") == [("备", True)]
    changed = plan(land, [factory(1)])
    assert told(changed) == {"changed": 1}
    assert changed.report.changes[0].fields[0].after is None


BAD_ROWS = [
    ("a key twice", [factory(1), factory(1, 2)], (3, "编号", "each once; row 2 has it too", None)),
    ("no key", [(None, *factory(1)[1:])], (2, "编号", "a value of site_id: it is needed", None)),
    ("nothing where a value is needed", [factory(1, industry=None)], (2, "行业", "a value of industry: it is needed", None)),
    ("an unknown county", [factory(1, county="巩仪市")], (2, "县（市、区）", "a county of the list", "巩义市")),
    ("swapped axes", [("e-1", "厂", "铸造", None, *reversed(lonlat(1, 1)), None)], None),
    ("another city", [("e-1", "厂", "铸造", None, 121.4, 31.2, None)], None),
    ("no number", [("e-1", "厂", "铸造", None, "NaN", 34.7, None)], None),
    ("half a position", [("e-1", "厂", "铸造", None, 113.5, None, None)], (2, "纬度", "both a longitude and a latitude", None)),
    ("outside all counties", [("e-1", "厂", "铸造", None, *lonlat(30, 5), None)], (2, "", "a position in a county of the city", None)),
    ("no place at all", [factory(1, None, county=None)], (2, "", "a position, or a county or township of the list", None)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rows", "expected"), BAD_ROWS, ids=[what for what, *_ in BAD_ROWS])
def test_a_bad_row_keeps_the_whole_file_out(land, what, rows, expected):
    planned = plan(land, [factory(9), *rows] if expected is None else rows)
    found = faults(planned)
    assert found[0] == expected if expected else found[0][0] == 3
    if what == "swapped axes":
        assert "swapped" in found[0][3]
    with pytest.raises(UserError, match="nothing was imported"):
        apply_import(land, planned)
    assert rows_of(land, "SELECT count(*) FROM gridmap.site") == [(0,)]


def test_a_reported_region_wins_over_the_county_beside_it_and_is_told(land):
    row = (*factory(1), "410182")
    planned = plan(land, [row], [*HEADER, "申报区域代码"])
    assert told(planned) == {"new": 1, "warnings": 2}  # where it lies is another county too
    apply_import(land, planned)
    assert rows_of(land, "SELECT county_code, reported_region_code FROM gridmap.site") == [("410181", "410182")]
    assert told(plan(land, [row], [*HEADER, "区划代码"]))["refused"] == 1


def test_new_objects_that_may_be_known_by_another_identifier_are_warned_of(land):
    apply_import(land, plan(land, [factory(1), factory(2), factory(3), factory(4, name="甲")]))
    apply_import(land, plan(land, [(*factory(5)[:1], "厂3", *factory(5)[2:])]))
    again = [("E-1", *factory(1)[1:]), ("n-2", *factory(2)[1:]), ("n-3", *factory(3)[1:]), factory(4, name="甲")]
    planned = plan(land, [*again, ("n-5", "甲4", *factory(4)[2:])])
    assert told(planned) == {"new": 4, "same": 1, "warnings": 2} and planned.report.is_clean
    assert [(row, words[:40], which) for row, _, words, which in faults(planned)] == [
        (2, "a new object; an identifier that differs", "e-1"), (3, "a new object; one of this name is known ", "e-2"),
    ]  # fmt: skip
    other = plan(land, again, importer=Importer("inspector-410182-01", 8, ("410182",)))
    assert not [fault for fault in other.report.faults if fault.severity == "warning"]


def test_a_total_below_the_table_is_told_once_and_no_object(land):
    total = ("合计", None, None, None, None, None, "1 家")
    assert faults(plan(land, [factory(1), total])) == [
        (3, "", "an object of the ledger; this row looks like a total or a note: delete it from the file", None)
    ]


def test_codes_that_lost_digits_say_how_many_are_left(land):
    [(row, title, expected, _)] = faults(plan(land, [(*factory(1), "4.10181E+11")], [*HEADER, "区划代码"]))
    assert (row, title) == (2, "区划代码") and "6 of 12 digits are left" in expected


def test_a_finer_region_that_is_known_stays_where_the_file_has_no_column_for_it(land):
    header = [*HEADER, "乡镇"]
    apply_import(land, plan(land, [(*factory(1), "回郭镇"), (*factory(2, 12, 2, county="荥阳市"), None)], header))
    assert told(plan(land, [factory(1), factory(2, 12, 2, county="荥阳市")])) == {"same": 2}
    elsewhere = plan(land, [factory(1, county="荥阳市")]).report.changes[0]
    assert [(f.column, f.before, f.after) for f in elsewhere.fields] == [
        ("reported_region_code", "410181113", "410182")
    ]
    emptied = plan(land, [(*factory(1), None)], header).report.changes[0]
    assert [(f.before, f.after) for f in emptied.fields] == [("410181113", "410181")]


def test_every_fault_of_a_row_is_told_and_counted_beyond_those_shown(land):
    planned = plan(land, [("编号", None, None, "无此县", "x", "y", None)] * 3)
    assert told(planned)["refused"] == 3
    assert {fault.title for fault in planned.report.faults if fault.row == 2} == {
        "编号",
        "企业名称",
        "行业",
        "县（市、区）",
        "经度",
    }


def test_codes_are_held_against_the_list_and_the_names_beside_them(land):
    header = ["编号", "名称", "行业", "区划代码", "县（市、区）"]
    planned = plan(
        land,
        [("e-1", "甲", "铸造", "410181113", "巩义市"), ("e-2", "乙", "铸造", "410181113", "荥阳市"), ("e-3", "丙", "铸造", "410181999", None),
         ("e-4", "丁", "铸造", "4.10181E+11", None), ("e-5", "戊", "铸造", 410181113000.0, None)],
        header,
    )  # fmt: skip
    assert [fault.row for fault in planned.report.faults] == [3, 4, 5]
    assert "lies under 410181" in planned.report.faults[0].expected.en
    assert "not on the list" in planned.report.faults[1].expected.en


def test_without_a_position_an_object_stands_in_its_region_and_is_told(land):
    header = ["编号", "名称", "行业", "乡镇", "地址"]
    planned = plan(land, [("e-1", "甲", "铸造", "回郭镇", "某路1号")], header)
    assert told(planned) == {"new": 1, "unplaced": 1}
    assert planned.report.changes[0].is_placed is False
    apply_import(land, planned)
    ((placed_by, error_m, county, inside),) = rows_of(
        land,
        "SELECT s.placed_by, s.position_error_m, s.county_code, ST_Covers(r.geom_m, s.geom_m) FROM gridmap.site AS s "
        "JOIN gridmap.region AS r ON r.code = s.region_code",
    )
    assert (placed_by, county, inside) == ("township", "410181", True)
    assert 5000 < error_m < 6000  # half the diagonal of 4 km by 10 km
    ((key, name, address, county, metres),) = (
        (row.key, row.name, row.address, row.county_code, row.position_error_m) for row in unplaced(land)
    )
    assert (key, name, address, county, metres) == ("e-1", "甲", "某路1号", "410181", error_m)
    # a position that comes later takes its place; until then the same file changes nothing
    assert told(plan(land, [("e-1", "甲", "铸造", "回郭镇", "某路1号")], header)) == {"same": 1}
    assert told(plan(land, [factory(1, name="甲")[:6]], HEADER[:6]))["moved"] == 1


def test_positions_in_gcj02_are_read_as_such_when_it_is_said(land):
    shifted = to_gcj02(*lonlat(1, 1))
    apply_import(land, plan(land, [factory(1)]))
    row = ("e-1", "厂1", "铸造", "巩义市", *shifted, None)
    assert told(plan(land, [row], crs="gcj02")) == {"same": 1}
    wrong = plan(land, [row], crs="wgs84")
    assert 400 < wrong.report.changes[0].moved_m < 800
    assert told(plan(land, [(*row, "高德")], [*HEADER, "坐标系"])) == {"same": 1}


def test_a_file_that_looks_mislabelled_is_kept_out_until_somebody_says(land):
    rows = [
        (f"e-{at}", "厂", "铸造", "巩义市" if x < 10 else "荥阳市", *to_gcj02(*lonlat(x, y)), None)
        for at, (x, y) in enumerate((x / 100, 1 + (x % 80) / 10) for x in range(920, 1080))
    ]  # fmt: skip
    planned = plan(land, rows)
    assert "gcj02" in planned.report.blocking[0].en
    with pytest.raises(UserError, match="look like GCJ-02"):
        apply_import(land, planned)
    assert plan(land, rows, crs="gcj02").report.blocking == []
    astray = [fault for fault in planned.report.faults if "as reported; it lies in" in fault.expected.en]
    assert astray
    assert any("GCJ-02" in (fault.suggestion or "") for fault in astray)


def test_another_kind_s_identifier_and_foreign_rules_are_told(land):
    apply_import(land, plan(land, [factory(1)]))
    header = ["编号", "名称", "机械类型", "经度", "纬度"]
    planned = plan(
        land, [("e-1", "机", "叉车", *lonlat(1, 1)), ("m-1", "机", "叉车", *lonlat(1, 1))], header, kind="machine"
    )
    assert {fault[2] for fault in faults(planned)} == {"an identifier of kind machine; this one is a enterprise"}
    rules = plan(
        land, [("m-1", "机", "叉车", None, *lonlat(1, 1))], [*header[:3], "排放阶段", *header[3:]], kind="machine"
    )
    assert faults(rules) == [(2, "", "an emission stage or the day it was made", None)]


def test_villages_change_by_versions_and_keep_their_place(land):
    with transaction(land) as cursor:
        builders.add_village(cursor, "410181113201", (1, 1), name="老井沟村")
        cursor.execute("UPDATE gridmap.village SET official_name = '老井沟村民委员会'")
    header = ["村代码", "村名", "户数", "双替代", "双替代依据"]
    rows = [("410181113201", "老井沟村", 120, "列入双替代", "通知第3条"), ("410181113202", "新村", None, None, None)]
    planned = plan(land, rows, header, layer="village", kind=None)
    assert told(planned) == {"new": 1, "changed": 1, "unplaced": 1}
    batch_id = apply_import(land, planned)
    assert rows_of(
        land, "SELECT official_name, village_id, households, programme, placed_by, lower(in_force), upper(in_force) FROM gridmap.village ORDER BY 2, 6 NULLS FIRST"
    ) == [
        ("老井沟村民委员会", "410181113201", None, "none", "survey", None, dt.date(2020, 10, 15)),
        ("老井沟村民委员会", "410181113201", 120, "planned", "survey", dt.date(2020, 10, 15), None),
        ("新村", "410181113202", None, "none", "township", dt.date(2020, 10, 15), None),
    ]  # fmt: skip
    wrong = plan(
        land,
        [("410199999201", "某村", 1, None, None), ("410181113201", "老井沟村", 1, "列入双替代", None)],
        header,
        layer="village",
        kind=None,
    )
    assert [fault.row for fault in wrong.report.faults] == [2, 3]
    undo_import(land, batch_id)
    assert rows_of(land, "SELECT village_id, households, lower(in_force), upper(in_force) FROM gridmap.village") == [
        ("410181113201", None, None, None),
    ]  # fmt: skip


def test_lines_points_and_what_is_neither(land):
    line = shapely.to_wkb(builders.degrees(shapely.LineString([(1, 1), (5, 1)])))
    header = ["道路标识", "名称", "等级", "道路级别", "所处区位"]
    row = ("r_1", "某路", "主干路", "主干道", "郊区")
    roads = MemoryFile(header, [row], geometries=[line])
    apply_import(land, plan(land, [], layer="road", kind=None, file=roads))
    assert rows_of(
        land, "SELECT r.county_code, s.rank FROM gridmap.road AS r JOIN gridmap.road_setting AS s USING (road_id)"
    ) == [("410181", "main")]
    assert told(plan(land, [], layer="road", kind=None, file=roads)) == {"same": 1}
    with pytest.raises(UserError, match="cannot be replaced"):
        plan(land, [], layer="road", kind=None, file=roads, replace=True)
    shapes = {
        "a Point (--repair takes one from it)": shapely.Polygon([(113.5, 34.7), (113.6, 34.7), (113.6, 34.8)]),
        "a geometry that is not empty": shapely.Point(),
        "a geometry without heights (--repair leaves them out)": shapely.Point(113.58, 34.7, 120),
    }
    header = ["编号", "名称", "行业"]
    file = MemoryFile(header, [(f"e-{at}", "厂", "铸造") for at in range(4)],
                      geometries=[*(shapely.to_wkb(shape) for shape in shapes.values()), b"nonsense"])  # fmt: skip
    assert [fault.expected.en for fault in plan(land, [], file=file).report.faults] == [
        *shapes,
        "a geometry that can be read",
    ]
    flat = MemoryFile(header, [("e-1", "厂", "铸造")], geometries=[shapely.to_wkb(shapely.Point(*lonlat(1, 1), 0))])
    assert told(plan(land, [], file=flat)) == {"new": 1}


def test_what_says_no_county_is_told_before_the_database_refuses_it(land):
    header = ["编号", "文件", "条目", "村名", "日期"]
    planned = plan(land, [("t-1", "文", "1", "老井沟", "2020-01-01")], header, layer="place_mention", kind=None)
    assert faults(planned) == [(2, "", "a county of the list", None)]


def test_a_rectification_list_comes_in_is_closed_out_and_taken_back(land):
    header = ["任务编号", "整改任务", "责任县区", "整改时限", "销号日期"]
    rows = [
        ("zg-1", "拆除两台锅炉", "巩义市", "2020-09-30", None),
        ("zg-2", "覆盖料堆", "410182", "2020-12-31", "2020-08-01"),
    ]
    first = plan(land, rows, header, layer="case_file", kind=None)
    assert faults(first) == [(3, "责任县区", "a county of the list", None)], "a code is no name"
    header[2], rows[1] = "县（市、区）", ("zg-2", "覆盖料堆", "荥阳市", "2020-12-31", "2020-08-01")
    first = plan(land, rows, header, layer="case_file", kind=None)
    assert told(first) == {"new": 2} and "新对象按整改方案登记" in first.report.notes[0].zh
    apply_import(land, first)
    query = "SELECT case_id, county_code, source, filed_on::text, due_on::text, closed_on::text, is_tracked FROM gridmap.case_file ORDER BY 1"
    filed = [
        ("zg-1", "410181", "rectification", "2020-10-15", "2020-09-30", None, True),
        ("zg-2", "410182", "rectification", "2020-08-01", "2020-12-31", "2020-08-01", True),
    ]
    assert rows_of(land, query) == filed, "filed by the day of its close-out, else from the day of the import on"
    whole = plan(land, [("zg-3", "制定办法", "市本级", None, None)], header, layer="case_file", kind=None)
    [change] = whole.report.changes
    assert (change.county_code, change.name) == ("410100", "制定办法")
    rows[0] = ("zg-1", "拆除两台锅炉", "巩义市", "2020-09-30", "2020-10-15")
    later = plan(land, rows, header, layer="case_file", kind=None, on=dt.date(2020, 10, 20))
    assert told(later) == {"changed": 1, "same": 1}, "a newer list does not file again what is filed"
    batch_id = apply_import(land, later)
    assert rows_of(land, query)[0][3:6] == ("2020-10-15", "2020-09-30", "2020-10-15")
    undo_import(land, batch_id)
    assert rows_of(land, query) == filed
    early = plan(land, [("zg-1", "2020-01-01")], ["任务编号", "销号日期"], layer="case_file", kind=None)
    assert [fault.expected.zh for fault in early.report.faults] == ["销号日期不早于立件日期"]
    theirs = plan(land, rows, header, layer="case_file", kind=None, importer=GONGYI)
    assert [fault.row for fault in theirs.report.faults] == [3]
    with pytest.raises(UserError, match="cannot be replaced"):
        plan(land, rows, header, layer="case_file", kind=None, replace=True)


def test_mentions_of_documents_have_no_place(land):
    header = ["编号", "文件", "条目", "村名", "县（市、区）", "乡镇", "日期"]
    planned = plan(
        land,
        [("t-1-1", "通知", "1", "老井沟村", "巩义市", "回郭镇", "2019-11-14")],
        header,
        layer="place_mention",
        kind=None,
    )
    apply_import(land, planned)
    assert rows_of(land, "SELECT match_name, county_code, township_code, township_name FROM gridmap.place_mention") == [
        ("老井沟", "410181", "410181113", "回郭镇"),
    ]  # fmt: skip
    gone = plan(
        land,
        [("t-1-2", "通知", "1", "别村", "巩义市", None, "2019-11-14")],
        header,
        layer="place_mention",
        kind=None,
        replace=True,
    )
    batch_id = apply_import(land, gone)
    assert rows_of(land, "SELECT mention_id FROM gridmap.place_mention") == [("t-1-2",)]
    undo_import(land, batch_id)
    assert rows_of(land, "SELECT mention_id FROM gridmap.place_mention") == [("t-1-1",)]


def test_empty_files_and_sheets_that_could_all_be_meant_are_told(land):
    assert "no row" in plan(land, []).report.blocking[0].en
    file = MemoryFile(HEADER, [])
    file.sheets = (file.sheets[0], *MemoryFile(HEADER, [], name="二").sheets)
    with pytest.raises(UserError, match="several sheets could be meant"):
        plan(land, [], file=file)
    with pytest.raises(UserError, match="no sheet 三"):
        plan(land, [], file=file, sheet="三")
