"""Measured values as ledgers write them."""

import datetime as dt

import pytest

from gridmap.domain import import_form, import_titles, measured
from gridmap.domain.import_values import Unreadable

FORM = import_form.load("observation")
MEASURES = {measure.name: measure for measure in FORM.measures}
DAY = dt.date(2020, 10, 15)


@pytest.mark.parametrize(
    ("name", "kept", "said", "times"),
    [
        ("so2", "ug/m3", "mg/m³", 1000),
        ("so2", "mg/m3", "μg/m³", 0.001),
        ("so2", "mg/m3", "毫克/立方米", 1),
        ("dust", "mg/m3", "mg·m-3", 1),
        ("dustfall", "t/km2", "t/(km²·30d)", 1),
        ("dustfall", "t/km2", "吨/平方公里·月", 1),
        ("dustfall", "t/km2", "g/m2·30d", 1),
        ("dust_load", "g/m2", "克/平方米", 1),
        ("hours_over_limit", "h", "分钟", 1 / 60),
        ("pressure", "hPa", "kPa", 10),
    ],
)
def test_units_are_known_however_they_are_written(name, kept, said, times):
    assert measured.factor(said, kept, MEASURES[name]) == pytest.approx(times)


@pytest.mark.parametrize(
    ("name", "said"), [("so2", "ppb"), ("dustfall", "t/km2·a"), ("dustfall", "mg/m3"), ("co", "%")]
)
def test_units_that_do_not_convert_are_told_with_those_that_do(name, said):
    with pytest.raises(Unreadable) as told:
        measured.factor(said, MEASURES[name].unit, MEASURES[name])
    assert measured.pretty(MEASURES[name].unit) in told.value.expected.zh


def test_every_unit_of_the_form_is_known():
    for measure in FORM.measures:
        for unit in (measure.unit, *measure.units.values()):
            assert measured.is_unit(unit), measure.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-10", (dt.date(2020, 10, 1), 0, "month")),
        (202010, (dt.date(2020, 10, 1), 0, "month")),
        ("2020年", (dt.date(2020, 1, 1), 0, "year")),
        ("2020-10-15 24:00", (DAY, 24, "hour")),
        ("2020-10-16 00:00", (DAY, 24, "hour")),
        ("2020年10月15日13时", (DAY, 13, "hour")),
        ("44119.5416667", (DAY, 13, "hour")),
        ("2020/10/15", (DAY, 0, "day")),
        ("", None),
    ],
)
def test_moments_are_read(text, expected):
    found = measured.read_moment(text)
    assert (found and (found.day, found.hour, found.grain)) == expected


@pytest.mark.parametrize(
    "text", ["0000-00-00", "2020-02-30", "2020-13", "2020-10-15 24:01", "2020-10-15 25:00", "10月"]
)
def test_what_is_no_moment_is_told(text):
    with pytest.raises(Unreadable):
        measured.read_moment(text)


@pytest.mark.parametrize(
    ("title", "name", "period", "unit"),
    [
        ("SO₂日均值（μg/m³）", "so2", "day", "μg/m3"),
        ("O3(8h)", "o3_8h", None, None),
        ("O3日最大8小时平均浓度", "o3_8h", None, None),
        ("可吸入颗粒物(PM10)", "pm10", None, None),
        ("降尘量(t/km2·30d)", "dustfall", None, "t/km2·30d"),
        ("传输有效率（%）", "valid_transmission_pct", None, "%"),
        ("首要污染物", None, None, None),
    ],
)
def test_titles_of_columns_are_parameters(title, name, period, unit):
    matches = import_titles.recognise([title], FORM).matches
    assert [match.column.name for match in matches.values()] == ([name] if name else [])
    assert (import_titles.period_in(title), measured.unit_in(title)) == (period, unit)
