"""Measured values come in: a value a row or a column a parameter, units converted, subjects looked up, nothing twice."""

import datetime as dt

import pytest
import shapely
from psycopg2 import sql

from gridmap import layers
from gridmap.db.session import today, transaction
from gridmap.domain.incoming import ReadingLimits
from gridmap.exports import formats
from gridmap.exports.options import Options
from gridmap.ingest.importing import apply_import, undo_import
from gridmap.ingest.reading import open_incoming
from gridmap.store.layers import FeatureFilter
from gridmap.store.outgoing import of_layer
from tests import builders
from tests.ingest.ledgers import GONGYI, faults, plan, rows_of, told

LONG = ["站点编码", "监测指标", "监测值", "单位", "监测日期", "统计周期"]
STORED = (
    "SELECT subject_kind, subject_id, parameter, value, unit, observed_on, period, hour, measuring_point, is_below_limit "
    "FROM gridmap.observation ORDER BY subject_id, parameter, observed_on, hour, measuring_point"
)
DAY = dt.date(2020, 10, 14)


@pytest.fixture
def measured(land):
    """Return the connection to a world with a station, a site in each county and a road."""
    with transaction(land) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.station (station_code, name, is_control_point, geom, county_code, position_error_m, source) "
            "VALUES ('1316A', '巩义站', false, ST_GeomFromWKB(%s, 4490), '410181', 50, 'test')",
            [shapely.to_wkb(builders.degrees(shapely.Point(1, 1)))],
        )
        builders.add_site(cursor, "e-1", (2, 2), kind="boiler", name="一厂")
        builders.add_site(cursor, "e-2", (12, 2), kind="boiler", name="二厂", county="410182")
        builders.add_road(cursor, "r1", (0, 0), (1, 1), name="中原路")
    return land


def bring(conn, header, rows, **options):
    return plan(conn, rows, header, layer="observation", kind=None, **options)


def notes(planned):
    return [note.en for note in planned.report.notes]


def test_a_value_a_row_comes_in_converted_and_only_once(measured):
    rows = [
        ("1316A", "二氧化硫", 0.012, "mg/m³", "2020-10-14", "日均值"),
        ("1316A", "PM2.5", "35", "μg/m3", "2020-10-14", "day"),
        ("e-1", "SO2", "35000", "微克/立方米", "2020-10-14", "日均值"),
        ("410181", "降尘量", 8.5, "吨/平方公里·30天", "2020-09", None),
        ("r1", "积尘负荷", 12, "g/m2", "2020-10-14", None),
    ]
    planned = bring(measured, LONG, rows)
    assert (told(planned), faults(planned)) == ({"new": 5}, [])
    batch = apply_import(measured, planned)
    assert rows_of(measured, STORED) == [
        ("station", "1316A", "pm25", 35.0, "ug/m3", DAY, "day", 0, "", False),
        ("station", "1316A", "so2", 12.0, "ug/m3", DAY, "day", 0, "", False),
        ("county", "410181", "dustfall", 8.5, "t/km2", dt.date(2020, 9, 1), "month", 0, "", False),
        ("site", "e-1", "so2", 35.0, "mg/m3", DAY, "day", 0, "", False),
        ("road", "r1", "dust_load", 12.0, "g/m2", DAY, "instant", 0, "", False),
    ]
    assert told(bring(measured, LONG, rows)) == {"same": 5}
    later = bring(measured, LONG, [(*rows[0][:2], 0.02, *rows[0][3:]), *rows[1:]])
    assert told(later) == {"changed": 1, "same": 4}
    [change] = later.report.changes
    assert (change.key, change.name, change.county_code) == (
        "station/1316A/so2/2020-10-14/day", "巩义站 二氧化硫", "410181",
    )  # fmt: skip
    assert [(field.column, field.before, field.after) for field in change.fields] == [("value", "12", "20")]
    undo_import(measured, batch)
    assert rows_of(measured, STORED) == []


def test_a_column_a_parameter_is_a_row_a_value(measured):
    header = ["站点名称", "日期", "SO2(μg/m³)", "PM2.5", "CO（mg/m3）", "降尘量", "备注"]
    planned = bring(measured, header, [
        ("巩义站", "2020-10-13", 12, "—", 0.9, None, None), ("巩义站", "2020-10-14", "<3", 40, "0.5L", "/", "x"),
    ])  # fmt: skip
    assert (told(planned), faults(planned)) == ({"new": 5}, [])
    assert "3 empty or missing values are not imported" in notes(planned)
    assert "PM2.5 says no unit: read as µg/m³" in notes(planned)
    assert set(planned.report.unread) == {"备注"}
    apply_import(measured, planned)
    assert [(row[2], row[3], row[5].day, row[9]) for row in rows_of(measured, STORED)] == [
        ("co", 0.9, 13, False), ("co", 0.5, 14, True), ("pm25", 40.0, 14, False), ("so2", 12.0, 13, False),
        ("so2", 3.0, 14, True),
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["{}时", "{:02}:00", "小时浓度 {}点", "H{:02}", "{}"])
def test_a_column_an_hour_is_a_value_an_hour(measured, title):
    header = ["站点", "日期", "要素", *(title.format(hour) for hour in range(24)), "日均"]
    values = [*range(1, 24), "—", 12]
    planned = bring(
        measured, header, [("巩义站", "2020-10-14", "PM2.5", *values), ("巩义站", "2020-10-14", "SO2", *[None] * 25)]
    )
    assert (told(planned), faults(planned), set(planned.report.unread)) == ({"new": 23}, [], {"日均"})
    assert notes(planned)[0].startswith("24 columns from ")
    apply_import(measured, planned)
    stored = rows_of(measured, STORED)
    assert [(row[3], row[5].day, row[6], row[7]) for row in stored[:3]] == [
        (1.0, 13, "hour", 24), (2.0, 14, "hour", 1), (3.0, 14, "hour", 2),
    ]  # fmt: skip
    assert len(stored) == 23 and "1 rows is read as 24:00" in notes(planned)[-1]
    wrong = bring(measured, header, [("巩义站", "2020-10-14", "PM2.5", *["x" if at == 5 else 3 for at in range(25)])])
    assert [(fault.row, fault.title) for fault in wrong.report.faults] == [(2, title.format(5))]
    lacks = bring(measured, [*header[:2], *header[3:]], [("巩义站", "2020-10-14", *values)])
    assert "no column parameter" in lacks.report.blocking[0].en


def test_titles_tell_of_what_values_are_means(measured):
    header = ["站点编码", "日期", "SO2日均值（μg/m³）", "PM10小时浓度", "PM2.5月均浓度(μg/m3)"]
    planned = bring(
        measured,
        [*header, "时刻"],
        [("1316A", "2020-10-14", 3, 4, None, 7), ("1316A", "2020-09-30", None, None, 5, None)],
    )
    assert (told(planned), faults(planned)) == ({"new": 3}, [])
    apply_import(measured, planned)
    assert [row[2:8] for row in rows_of(measured, STORED)] == [
        ("pm10", 4.0, "ug/m3", DAY, "hour", 7), ("pm25", 5.0, "ug/m3", dt.date(2020, 9, 1), "month", 0),
        ("so2", 3.0, "ug/m3", DAY, "day", 0),
    ]  # fmt: skip


def test_hours_are_told_by_their_end_and_midnight_belongs_to_the_day_before(measured):
    header = ["站点编码", "时间", "SO2"]
    rows = [("1316A", f"2020-10-14 {hour:02d}:00", hour) for hour in (1, 13, 23)]
    planned = bring(measured, header, [*rows, ("1316A", "2020-10-15 00:00:00", 0), ("1316A", "2020-10-13 24:00", 5)])
    assert (told(planned), faults(planned)) == ({"new": 5}, [])
    assert any("0:00 of 1 rows" in note for note in notes(planned))
    apply_import(measured, planned)
    assert [(row[5].day, row[7], row[6]) for row in rows_of(measured, STORED)] == [
        (13, 24, "hour"), (14, 1, "hour"), (14, 13, "hour"), (14, 23, "hour"), (14, 24, "hour"),
    ]  # fmt: skip
    # the same moment, written the other way
    assert told(bring(measured, header, [("1316A", "2020-10-14 24:00", 0)])) == {"same": 1}
    apart = bring(measured, [*header, "时刻"], [("1316A", "2020-10-14", 13, "13:00"), ("1316A", "2020-10-14", 2, 25)])
    assert faults(apart) == [(3, "时刻", "a whole hour from 0 to 24, such as 13 or 13:00", None)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), "a number from 0 to 1,000,000,000 µg/m³"),
        (float("inf"), "a number from 0 to 1,000,000,000 µg/m³"),
        ("1e999", "a number from 0 to 1,000,000,000 µg/m³"),
        ("-999", "a number from 0 to 1,000,000,000 µg/m³"),
        ("未检出", "a number; below the limit of detection say the limit, such as <0.01 (µg/m³)"),
    ],
)
def test_what_is_no_value_is_told(measured, value, expected):
    planned = bring(measured, LONG, [("1316A", "SO2", value, "ug/m3", "2020-10-14", "day")])
    assert faults(planned) == [(2, "监测值", expected, None)]
    assert not planned.report.is_clean


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        ("0000-00-00", "day", "a day that there was; leave it empty when unknown"),
        ("2020-02-30", "day", "a day that the calendar has"),
        ("2020-10-16", "day", "a day not after 2020-10-15"),
        ("2020-09", "day", "a day, such as 2020-10-15"),
        ("2020-10-14 13:30", "hour", "a whole hour, such as 2020-10-15 13:00"),
        (None, "day", "a day: it is needed"),
    ],
)
def test_what_is_no_day_is_told(measured, day, period, expected):
    planned = bring(measured, LONG, [("1316A", "SO2", 3, "ug/m3", day, period)])
    assert [fault[1:3] for fault in faults(planned)] == [("监测日期", expected)]


def test_unknown_parameters_units_and_subjects_are_told_with_what_may_be_meant(measured):
    planned = bring(measured, ["监测点位", *LONG[1:]], [
        ("巩义站", "硫化物", 3, "ug/m3", DAY.isoformat(), "day"), ("巩义站", "SO2", 3, "ppb", DAY.isoformat(), "day"),
        ("巩意站", "SO2", 3, "ug/m3", DAY.isoformat(), "day"), (None, "SO2", 3, "ug/m3", DAY.isoformat(), "day"),
    ])  # fmt: skip
    found = faults(planned)
    assert [(row, title) for row, title, *_ in found] == [
        (2, "监测指标"),
        (3, "监测值"),
        (4, "监测点位"),
        (5, "监测点位"),
    ]
    assert found[0][2].startswith("one of sulphur dioxide")
    assert found[1][2].startswith("a unit of sulphur dioxide: µg/m³, mg/m³")
    assert found[2][2:] == ("a site, station, road or county that the platform has", "巩义站")
    assert found[3][2] == "an identifier or a name of what was measured"


def test_a_title_with_a_foreign_unit_is_never_read_as_the_house_s(measured):
    planned = bring(measured, ["站点编码", "日期", "SO2（ppb）"], [("1316A", "2020-10-14", 3)])
    assert [fault[1] for fault in faults(planned)] == ["SO2（ppb）"]


def test_a_value_twice_in_a_file_is_told_and_points_tell_them_apart(measured):
    header = ["区县", "月份", "降尘量"]
    planned = bring(measured, header, [("巩义市", "2020-08", 7), ("巩义市", "2020年8月", 9)])
    assert faults(planned)[0][0] == 3
    assert faults(planned)[0][2].endswith("once; row 2 has it too")
    long = bring(measured, [*header, "测点"], [("巩义市", "2020-08", 7, "点" * 61)])
    assert faults(long) == [(2, "测点", "a name of at most 60 characters", None)]
    apart = bring(measured, [*header, "测点"], [("巩义市", "2020-08", 7, "东"), ("巩义市", "2020年8月", 9, "西")])
    assert (told(apart), faults(apart)) == ({"new": 2}, [])
    apply_import(measured, apart)
    assert [(row[0], row[3], row[8]) for row in rows_of(measured, STORED)] == [
        ("county", 7.0, "东"), ("county", 9.0, "西"),
    ]  # fmt: skip


def test_values_of_another_county_are_none_of_a_county_s(measured):
    rows = [("e-1", "SO2", 3, "mg/m3", "2020-10-14", "day"), ("e-2", "SO2", 3, "mg/m3", "2020-10-14", "day")]
    planned = bring(measured, LONG, rows, importer=GONGYI)
    assert faults(planned) == [(3, "", "an object of your own county (410181)", None)]
    named = bring(measured, ["企业名称", *LONG[1:]], [("二厂", *rows[0][1:])], importer=GONGYI)
    assert [fault[2] for fault in faults(named)] == ["a site, station, road or county that the platform has"]


def test_a_file_without_day_or_value_is_told_what_lacks(measured):
    planned = bring(measured, ["站点编码", "备注"], [("1316A", "x")])
    assert [one.en.partition(" (")[0] for one in planned.report.blocking] == [
        "no column observed_on", "no column parameter", "no column value",
    ]  # fmt: skip


def test_months_get_partitions_and_what_was_there_moves_in(measured):
    with transaction(measured) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.observation (subject_kind, subject_id, parameter, value, unit, observed_on, period, source) "
            "VALUES ('station', '1316A', 'co', 1, 'mg/m3', '2020-10-02', 'day', 'x')"
        )
    apply_import(
        measured, bring(measured, LONG, [("1316A", "SO2", 3, "ug/m3", d, "day") for d in ("2020-10-14", "2020-09-30")])
    )
    assert rows_of(measured, "SELECT tableoid::regclass::text, count(*) FROM gridmap.observation GROUP BY 1 ORDER BY 1") == [
        ("observation_202009", 1), ("observation_202010", 2),
    ]  # fmt: skip
    assert rows_of(measured, "SELECT count(*) FROM gridmap.observation_default") == [(0,)]
    with transaction(measured) as cursor:
        for part in ("observation_202009", "observation_202010"):
            cursor.execute(
                sql.SQL(
                    "SELECT obj_description({p}::regclass), count(*) FROM pg_policy WHERE polrelid = {p}::regclass"
                ).format(p=sql.Literal(f"gridmap.{part}"))
            )
            comment, policies = cursor.fetchone()
            assert comment and policies == 2


def test_rules_that_read_values_are_judged_again(measured):
    with transaction(measured) as cursor:
        cursor.execute("DELETE FROM gridmap.change")
    apply_import(measured, bring(measured, LONG, [("1316A", "SO2", 3, "ug/m3", "2020-10-14", "day")]))
    assert rows_of(measured, "SELECT DISTINCT relation, cell_key FROM gridmap.change") == [("observation", None)]


@pytest.mark.parametrize(
    ("layer_id", "suffix", "lang", "least"),
    [
        ("observation", "csv", "zh", 600), ("observation", "csv", "en", 600), ("observation", "xlsx", "zh", 600),
        ("observation", "geojson", "en", 600), ("place_mention", "csv", "zh", 9), ("place_mention", "xlsx", "en", 9),
        ("case_file", "csv", "zh", 130),
    ],
)  # fmt: skip
def test_what_goes_out_comes_in_again_as_the_same(city, tmp_path, layer_id, suffix, lang, least):
    path = tmp_path / f"out.{suffix}"
    out = of_layer(city, layers.load().get(layer_id), FeatureFilter(), on=today(city))
    number = formats.write(out, formats.format_of(path), path, Options(lang)).rows
    incoming = open_incoming(path, name=path.name, limits=ReadingLimits())
    try:
        planned = plan(city, [], [], layer=layer_id, kind=None, file=incoming)
    finally:
        incoming.close()
    assert (told(planned), number >= least) == ({"same": number}, True)
