"""Division codes as files bring them: made as long as their level, refused where digits were lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.region_codes import disagreement, read_code, unknown
from gridmap.errors import UserError

NAMES = {"410181": "巩义市", "410182": "荥阳市", "410181113": "回郭镇", "410181113201": "干沟村"}


@pytest.mark.parametrize(
    ("value", "code", "level"),
    [
        ("410181113201", "410181113201", "village"), ("４１０１８１１１３２０１", "410181113201", "village"),
        (" 410 181 113 201 ", "410181113201", "village"), ("'410181113201", "410181113201", "village"),
        ("410181113201.0", "410181113201", "village"), (410181113201.0, "410181113201", "village"),
        (410181113201, "410181113201", "village"), ("4.10181113201E+11", "410181113201", "village"),
        ("４．１０１８１１１３２０１Ｅ＋１１", "410181113201", "village"), ("\ufeff410181113201", "410181113201", "village"),
        ("410181113", "410181113", "township"), ("410181113000", "410181113", "township"),
        ("410181", "410181", "county"), ("410181000", "410181", "county"), ("410181000000", "410181", "county"),
        (410181.0, "410181", "county"), ("410100", "410100", "city"), ("410100000000", "410100", "city"),
    ],
)  # fmt: skip
def test_nothing_lost_is_read_as_the_house_keeps_it(value: object, code: str, level: str) -> None:
    found = read_code(value)
    assert (found.code, found.level) == (code, level)
    assert bool(found.notes) == (str(value) != code)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("4.10181E+11", "of which 6 of 12 digits are left; in the spreadsheet make the column text"),
        ("４．１０１８１Ｅ＋１１", "6 of 12 digits"), ("4.1018111320E+11", "11 of 12 digits"), ("4E+11", "1 of 12"),
        ("1E+99", "found '1E+99'"), ("4.1018111320112E+11", "found"), (float("nan"), "found nan"), (1e999, "found inf"),
        (10**400, "more than 60 digits"), (410181113201.5, "found 410181113201.5"), (-410181, "found -410181"),
        (True, "found True"), (None, "found nothing"), ("", "found nothing"), ("　", "found nothing"),
        ("1" * 10_000, "10000 characters"), ("41018111320", "11 digits, '41018111320'; a digit may have been lost"),
        ("10181113201", "11 digits"), ("4101811132010", "13 digits"), ("010181113201", "no province begins with 01"),
        ("410000", "a province"), ("410081", "a county of no city"), ("410100113", "a township of no county"),
        ("410181000201", "a village (201) of no township"), ("٤١٠١٨١", "found"), ("abc", "found 'abc'"),
    ],
)  # fmt: skip
def test_what_lost_digits_or_has_no_place_is_refused(value: object, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_code(value, field="行政区划代码")
    sentence = str(caught.value)
    assert caught.value.zh.startswith("“行政区划代码”应为6、9 或 12 位")
    assert sentence.startswith("field 行政区划代码: ") and told in sentence and len(sentence) < 250


def test_the_level_asked_for_is_held_to() -> None:
    assert read_code("410181113", level="township").county_code == "410181"
    with pytest.raises(UserError, match="expected the code of a village, found 410181113"):
        read_code("410181113", level="village")
    with pytest.raises(UserError, match="may have turned its last digits to zeros"):
        read_code(410181000000, level="village")


def test_a_parent_that_disagrees_is_told_with_names() -> None:
    assert disagreement("410181113201", "410181113") is None
    assert disagreement("410181113201", "410100") is None
    told = disagreement("410182113201", "410181", NAMES)
    assert told.zh == "代码 410182113201 的上级是 410182（荥阳市），而所填的是 410181（巩义市）"
    assert "lies under 410182 (荥阳市), but the row names 410181 (巩义市)" in told.en
    assert "410199" in disagreement("410181113201", "410199").en


def test_a_code_of_no_list_is_told_with_what_is_above() -> None:
    assert unknown(read_code("410181113201"), NAMES) is None
    assert "其上级 410181113（回郭镇）是有的" in unknown(read_code("410181113999"), NAMES).zh
    assert unknown(read_code("420181"), NAMES).zh == "名录中没有代码 420181"


@given(
    st.one_of(
        st.text(max_size=80), st.text("0123456789.eE+-０１４ ", max_size=20), st.floats(), st.integers(), st.none()
    )
)
def test_whatever_comes_a_code_or_a_sentence(value: object) -> None:
    try:
        found = read_code(value)
    except UserError:
        return
    assert len(found.code) in (6, 9, 12) and found.code.isascii() and found.code.isdigit()
    assert read_code(found.code).code == found.code
