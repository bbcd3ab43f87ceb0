"""Names matched to the list: one alone is taken and how is told, several or nearly one are offered, never chosen."""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import config
from gridmap.domain.name_match import NameIndex, Unit, regions_named
from gridmap.domain.names import village_name
from gridmap.errors import UserError

DAY = dt.date(2020, 10, 15)


@cache
def read() -> tuple[list[Unit], dict[str, str]]:
    path = config.resource("layers") / "village" / "data" / "villages_2023.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    parents = {row["area_code"]: row["area_name"] for row in rows} | {
        row["street_code"]: row["street_name"] for row in rows
    }
    return [Unit(row["code"], village_name(row["name"]).name, row["name"]) for row in rows], parents


@cache
def the_list() -> NameIndex:
    units, parents = read()
    return NameIndex(units, parents, DAY)


def code_of(name: str) -> str:
    return next(code for code, known in read()[1].items() if known == name and code.startswith("41018"))


@pytest.mark.parametrize(
    ("name", "how", "code"),
    [
        ("北官庄村", "exact", "410181005203"), ("北官庄村民委员会", "exact", "410181005203"), ("北官庄", "unique", "410181005203"),
        ("北官庄 村", "exact", "410181005203"), ("北官莊村", "unique", "410181005203"), ("北官庄居委会", "unique", "410181005203"),
        ("巩义市紫荆路街道北官庄村", "exact", "410181005203"), ("紫荆路街道北官庄", "unique", "410181005203"),
        ("\u200b北官庄村", "exact", "410181005203"),
    ],
)  # fmt: skip
def test_one_alone_is_taken(name: str, how: str, code: str) -> None:
    found = the_list().match(name, county_code="410181")
    assert (found.how, found.unit.code) == (how, code) and found.zh and found.en


def test_several_of_one_name_are_offered_and_none_is_chosen() -> None:
    found = the_list().match("王庄村", county_code="410122")
    assert found.how == "candidates" and found.unit is None and "有 2 个" in found.zh
    assert {one.code for one in found.candidates} == {"410122104217", "410122571209"}
    assert the_list().match("王庄村", township_code="410122104").unit.code == "410122104217"
    assert len(the_list().match("王庄").candidates) > 10


def test_a_slip_of_the_pen_is_offered_with_the_reason() -> None:
    found = the_list().match("东风村", county_code="410181", township_code=code_of("北山口镇"))
    first = found.candidates[0]
    assert (found.how, first.name, first.zh) == ("candidates", "东门村", "差 1 个字：风→门")
    assert "可能是 东门村（巩义市北山口镇）" in found.zh and "characters differ" not in first.en
    swapped = the_list().match("油头坊村", county_code="410122").candidates[0]
    assert (swapped.name, swapped.zh) == ("油坊头村", "字序不同")


def test_the_same_name_in_another_township_is_offered_first() -> None:
    found = the_list().match("高沟村", township_code=code_of("刘寨镇"))
    assert found.unit is None and found.candidates[0].zh == "同名，在新密市城关镇"


def test_characters_written_for_one_another_are_one() -> None:
    found = the_list().match("小赵寨社区")
    assert found.how == "unique" and found.unit.name == "小赵砦社区" and "异体字" in found.zh


@pytest.mark.parametrize("name", ["x" * 10_000, None, "", "　", 3.5, float("nan"), b"x"])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(UserError, match="field 村名: expected the name of a village"):
        the_list().match(name, field="村名")


def test_names_of_another_day_are_known() -> None:
    old = [
        Unit("410181110203", "东风村", "东风村民委员会", None, dt.date(2019, 1, 1)),
        Unit("410181110203", "东门村", "东门村民委员会", dt.date(2019, 1, 1), None),
        Unit("410181110204", "西门村", "西门村民委员会", None, dt.date(2019, 1, 1)),
    ]
    index = NameIndex(old, {"410181": "巩义市", "410181110": "北山口镇"}, DAY)
    renamed = index.match("东风村", county_code="410181")
    assert (renamed.how, renamed.unit.name) == ("former", "东门村")
    assert "至 2018-12-31" in renamed.zh and "until 2018-12-31; on 2020-10-15 it is called 东门村" in renamed.en
    ended = index.match("西门村")
    assert ended.unit is None and "已不在名录中" in ended.zh
    before = NameIndex(old, {}, dt.date(2018, 6, 1))
    assert before.match("东风村").how == "exact" and before.match("东门村").how == "former"


def test_counties_and_townships_by_name() -> None:
    names = read()[1]
    assert regions_named("巩义", names) == ("410181",)
    assert regions_named("紫荆路街道办事处", names, within="410181") == ("410181005",)
    assert regions_named("城关镇", names) == ("410183100",) and len(regions_named("城关", names)) > 1
    assert regions_named("无此镇", names) == ()


@given(st.text(max_size=120), st.sampled_from([None, "410181", "999999"]), st.sampled_from([None, "410181110", ""]))
def test_whatever_is_asked_an_answer_or_a_sentence_comes(name: str, county: str | None, township: str | None) -> None:
    try:
        found = the_list().match(name, county_code=county, township_code=township)
    except UserError:
        return
    assert (found.unit is not None) == (found.how in ("exact", "unique", "former"))
    assert len(found.candidates) <= 5 or "须选定" in found.zh


@given(st.sampled_from(range(3306)))
def test_every_name_of_the_list_finds_itself_in_its_township(number: int) -> None:
    unit = read()[0][number]
    found = the_list().match(unit.official_name, township_code=unit.code[:9])
    assert found.how == "exact" and found.unit == unit
