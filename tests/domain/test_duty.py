"""Rows of a roster: what spreadsheets do to codes and days is told, names are not taken."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain import duty
from gridmap.domain.duty import Formula
from gridmap.errors import UserError

GOOD = {"cell_code": "410181113", "role": "网格长", "post": "网格长-410181113-02", "begins_on": "2020-10-15"}


def read(**changes):
    return duty.read_row(7, {**GOOD, **changes})


def test_a_whole_row():
    row, faults = read(ends_on="2021年3月31日", account="chief-01", is_full_time="是")
    assert faults == []
    assert (row.row, row.cell_code, row.role, row.account, row.is_full_time) == (
        7,
        "410181113",
        "chief",
        "chief-01",
        True,
    )
    # the roster gives the last day, the duty ends on the day after it
    assert (row.begins_on, row.ends_on) == (dt.date(2020, 10, 15), dt.date(2021, 4, 1))


@pytest.mark.parametrize(
    "code",
    [410181113, 410181113.0, "410181113", " ４１０１８１１１３ ", "'410181113", 410181113000001, "410181113000001"],
)
def test_codes_as_spreadsheets_hold_them(code):
    row, faults = read(cell_code=code)
    assert faults == [] and row.cell_code.startswith("410181113")


LOST = ["4.10181E+11", "4.10181113000001E+14", "4.1E11", "410181113.0"]
WRONG = {
    **{f"number {text}": ({"cell_code": text}, "cell_code", "digits are lost") for text in LOST},
    "a name for a code": ({"cell_code": "回郭镇"}, "cell_code", "6, 9, 12 or 15"),
    "seven digits": ({"cell_code": "4101811"}, "cell_code", "6, 9, 12 or 15"),
    "no code": ({"cell_code": None}, "cell_code", "6, 9, 12 or 15"),
    "a formula": ({"cell_code": Formula("=A1&B1")}, "cell_code", "not evaluated"),
    "another role": ({"role": "组长"}, "role", "网格长 (chief)"),
    "a person": ({"post": "张三"}, "post", "never a person's name"),
    "a person of four": ({"post": "欧阳小明"}, "post", "never a person's name"),
    "no post": ({"post": " "}, "post", "at most 100"),
    "a long post": ({"post": "岗" * 101}, "post", "at most 100"),
    "no first day": ({"begins_on": ""}, "begins_on", "first day"),
    "no such day": ({"begins_on": "2020-02-30"}, "begins_on", "a day that there is"),
    "a serial number": ({"begins_on": 44119}, "begins_on", "a day, such as"),
    "another century": ({"begins_on": "1066-10-14"}, "begins_on", "a day from"),
    "ends before it begins": ({"ends_on": "2020-10-14"}, "ends_on", "not before the first one"),
    "half-time": ({"is_full_time": "半"}, "is_full_time", "是 or 否"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_names_row_field_and_what_was_expected(case):
    changes, field, expected = WRONG[case]
    row, faults = read(**changes)
    assert row is None
    assert [(fault.row, fault.field) for fault in faults] == [(7, field)]
    assert expected in faults[0].expected


@pytest.mark.parametrize(
    "text",
    [
        "2020-10-15",
        "2020/10/15",
        "2020.10.15",
        "2020年10月15日",
        "20201015",
        "2020-10-15 00:00:00",
        dt.date(2020, 10, 15),
        dt.datetime(2020, 10, 15, 8),
        20201015,
    ],
)
def test_days_as_people_write_them(text):
    row, faults = read(begins_on=text)
    assert faults == [] and row.begins_on == dt.date(2020, 10, 15)


@pytest.mark.parametrize("role", ["chief", "网格长", " Chief "])
def test_roles_in_either_language(role):
    assert duty.role_of(role) == "chief"


@pytest.mark.parametrize("post", ["网格长-410181113-02", "镇长", "综合岗", "网格员2", "patroller-3", "第三网格巡查员"])
def test_posts_are_taken(post):
    assert duty.check_post(post) == post


def test_headings_in_either_language_and_columns_that_are_not_read():
    places, notes = duty.recognise(["Cell_Code", " 角色", "岗位", "姓名", "起", "备注", ""])
    assert places == {"cell_code": 0, "role": 1, "post": 2, "begins_on": 4}
    assert "姓名" in notes[0] and "no persons" in notes[0] and "备注" in notes[1]
    with pytest.raises(UserError, match="起 \\(begins_on\\)"):
        duty.recognise(["网格代码", "角色", "岗位"])
    with pytest.raises(UserError, match="two columns 岗位"):
        duty.recognise(["网格代码", "角色", "岗位", "post", "起"])


VALUES = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.builds(Formula, st.text(max_size=9)),
)


@given(st.dictionaries(st.sampled_from(sorted(duty.COLUMNS)), VALUES))
def test_whatever_stands_there_a_row_or_a_fault_comes_of_it(values):
    row, faults = duty.read_row(2, values)
    assert (row is None) == bool(faults)
