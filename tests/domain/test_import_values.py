"""Values as ledgers write them: read, or told what was expected, with what may be meant."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from gridmap.domain import import_form, import_values

BOILER = import_form.load("site", "boiler")
MACHINE = import_form.load("site", "machine")
WORKS = import_form.load("site", "construction_site")
DAY = MACHINE.column("made_on")
AREA = WORKS.column("floor_area_m2")
COUNT = replace(AREA, type="integer", unit="户")
YES_NO = WORKS.column("is_covered")
KEY = WORKS.column("site_id")
NAME = WORKS.column("name")
FUEL = BOILER.column("fuel")
STAGE = MACHINE.column("emission_stage")
OCTOBER = dt.date(2020, 10, 1)

GOOD = [
    (DAY, "2020-10-01", OCTOBER), (DAY, "2020.10.1", OCTOBER), (DAY, "2020/10/1", OCTOBER), (DAY, "20201001", OCTOBER),
    (DAY, "２０２０年１０月１日", OCTOBER), (DAY, "2020-10-01 08:30:00", OCTOBER), (DAY, "2020-10-01T00:00:00Z", OCTOBER),
    (DAY, "44105", OCTOBER), (DAY, 44105, OCTOBER), (DAY, 44105.5, OCTOBER), (DAY, " ", None), (DAY, None, None),
    (AREA, "１２３４．５", 1234.5), (AREA, "1,234.5", 1234.5), (AREA, "12,345,678", 12345678.0), (AREA, "100㎡", 100.0),
    (AREA, "100 m²", 100.0), (AREA, "1e3", 1000.0), (AREA, 0, 0.0), (AREA, "", None),
    (COUNT, "12", 12), (COUNT, 12.0, 12), (COUNT, "12户", 12),
    (YES_NO, "是", True), (YES_NO, "√", True), (YES_NO, "N", False), (YES_NO, 0, False), (YES_NO, True, True), (YES_NO, "不详", None),
    (KEY, "A-1", "A-1"), (KEY, 410181113201, "410181113201"), (KEY, 410181113201.0, "410181113201"),
    (KEY, "'0123", "0123"), (KEY, "ａ-1", "a-1"), (KEY, "\u200bA-1\ufeff", "A-1"),
    (NAME, "  郑州　某厂 ", "郑州 某厂"), (NAME, 123.0, "123"), (NAME, "=1+1", "=1+1"),
    (FUEL, "天然气", "gas"), (FUEL, "散煤", "raw_coal"), (FUEL, "渣油", "heavy_oil"), (FUEL, "Electricity", "electricity"),
    (STAGE, "国三", 3), (STAGE, "国Ⅲ", 3), (STAGE, "国III阶段", 3), (STAGE, 3.0, 3), (STAGE, "国前", 0),
]  # fmt: skip

BAD = [
    (DAY, "0000-00-00", ""), (DAY, "2020-02-30", "2020-02-29"), (DAY, "2月30日", None), (DAY, "2020年5月", "2020-05-01"),
    (DAY, "1850-01-01", None), (DAY, "2020-13-01", None), (DAY, "昨天", None), (DAY, True, None), (DAY, "9" * 400, None),
    (AREA, "NaN", None), (AREA, float("nan"), None), (AREA, float("inf"), None), (AREA, "1e999", "1"), (AREA, "-5", None),
    (AREA, "1.234,5", None), (AREA, "约100", "100"), (AREA, "1e9", None), (AREA, True, None), (AREA, "12亩", "12"),
    (NAME, "\ud800", None), (FUEL, "长" * 30000, None),
    (COUNT, "12.5", None), (COUNT, 1e15, None), (YES_NO, "也许", None), (YES_NO, 2, None),
    (KEY, "4.10181E+11", None), (KEY, 1.5, None), (KEY, "编号", None), (KEY, "豫A 1号", None), (KEY, "<豫1>", None), (KEY, 4.1e20, None), (KEY, "a" * 101, None),
    (NAME, "甲\x00乙", None), (NAME, "长" * 3000, None), (FUEL, "天燃气", "天然气"), (FUEL, "牛粪", None), (STAGE, "国七", None),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "expected"), GOOD)
def test_what_can_be_read_is_read(column, value, expected):
    found = import_values.reader(column)(value)
    assert found.value == expected
    assert type(found.value) is type(expected)
    assert (found.note is not None) == (column is DAY and str(value).startswith("44105"))


@pytest.mark.parametrize(("column", "value", "suggestion"), BAD)
def test_what_cannot_is_told_in_both_languages(column, value, suggestion):
    with pytest.raises(import_values.Unreadable) as caught:
        import_values.reader(column)(value)
    assert caught.value.expected.zh
    assert caught.value.expected.en
    if suggestion != "1":  # 1e999 may suggest its digits or nothing
        assert caught.value.suggestion == suggestion


def test_numbers_are_counted_in_the_column_s_unit():
    assert import_values.reader(AREA, 2000 / 3)("3").value == 2000.0


def test_long_values_are_shown_short():
    assert len(import_values.shown("长" * 50_000_000)) == import_values.SHOWN


def test_an_identifier_may_be_written_as_offices_number():
    assert [import_values.code_text(said, re.compile(KEY.pattern)) for said in ("豫Ａ－００１号", "巩企0012", "e-1")] == [
        "豫A-001号", "巩企0012", "e-1",
    ]  # fmt: skip


def test_a_code_is_never_guessed_from_lost_digits():
    with pytest.raises(import_values.Unreadable, match="digits are lost"):
        import_values.code_text("4.10181E+11", re.compile("[0-9]{12}"))
    with pytest.raises(import_values.Unreadable, match="12 digits") as caught:
        import_values.code_text("410181113201.0", re.compile("[0-9]{12}"))
    assert caught.value.suggestion == "410181113201", "offered, not taken: a text may mean what it says"


def test_no_reader_is_shown_a_regular_expression():
    patterns = {column.pattern for form in import_form.list_forms() for column in form.columns if column.pattern}
    assert patterns and not [one for one in patterns if one in import_values.code_words(one).zh]


@pytest.mark.parametrize("column", [AREA, KEY, DAY, YES_NO, FUEL], ids=lambda column: column.name)
def test_a_number_of_thousands_of_digits_breaks_nothing(column):
    with pytest.raises(import_values.Unreadable):
        import_values.reader(column)(10**5000)
    assert import_values.shown(10**5000)


@pytest.mark.parametrize(
    ("row", "is_footer"),
    [
        (("合 计", None, 10), True), ((None, "本页小计：10家"), True), (("注：数据截至9月", ), True), (("备注1、见附件",), True),
        (("填表人：", None), True), (("Total", 5), True), ((None, None), False), ((), False), ((5, "合计"), False),
        (("合庄村", "x"), False), (("注塑厂", "x"), False), (("说明书印刷厂",), False), (("总计划管理处" * 5,), False),
    ],
)  # fmt: skip
def test_totals_and_notes_below_a_table_are_known(row, is_footer):
    assert (import_values.footer_of(row) is not None) == is_footer
