"""Titles of ledgers: recognised, offered, or left alone with the reason."""

import time

import pytest

from gridmap import layers
from gridmap.domain import import_form
from gridmap.domain.import_titles import header_key, normal, recognise, unit_of
from gridmap.errors import NotFoundError, UserError

WORKS = import_form.load("site", "construction_site")


def names(found):
    return {title: match.column.name for title, match in found.matches.items()}


def test_titles_are_known_by_name_title_and_synonym_in_both_languages():
    found = recognise(
        ["编 号*", "工地名称：", "工程类型", "建筑面积（m²）", "县(市、区)", "Longitude", "lat", "floor"], WORKS
    )
    assert names(found) == {
        "编 号*": "site_id", "工地名称：": "name", "工程类型": "works", "建筑面积（m²）": "floor_area_m2",
        "县(市、区)": "county_name", "Longitude": "lon", "lat": "lat",
    }  # fmt: skip
    assert found.missing == []
    assert found.unread["floor"].zh == "没有对应的字段，不读取"


def test_another_unit_is_converted_or_refused():
    found = recognise(["占地面积（亩）", "建筑面积(km)"], WORKS)
    assert found.matches["占地面积（亩）"].factor == pytest.approx(666.67, abs=0.01)
    assert "unit" in found.unread["建筑面积(km)"].en
    assert [unit_of(title) for title in ("面积（㎡）", "面积(万平方米)", "面积", "面积（单位：公顷）", "名称（全称）")] == [
        "m2", "万平方米", None, "公顷", None,
    ]  # fmt: skip


def test_the_exact_title_wins_over_a_synonym_and_two_synonyms_over_nobody():
    assert names(recognise(["名称", "工地名称"], WORKS))["名称"] == "name"
    feature = recognise(["name", "名称"], WORKS)  # as in a KML whose features have names of their own
    assert names(feature) == {"名称": "name"}
    assert feature.unread["name"].en == "名称 is taken for name"
    found = recognise(["工地名称", "项目名称", "编号"], WORKS)
    assert "name" not in names(found).values()
    assert found.candidates["name"] == ["工地名称", "项目名称"]
    assert [column.name for column in found.missing] == ["name", "works"]


def test_what_is_missing_comes_with_candidates():
    found = recognise(["编号", "工地名", "工程的内容"], WORKS)
    assert found.candidates == {"name": ["工地名"], "works": ["工程的内容"]}


def test_a_word_given_wins_and_a_word_remembered_comes_next():
    header = ["编号", "工地名称", "项目名称", "甲"]
    found = recognise(
        header, WORKS, {"项目名称": "name", "工地名称": None}, remembered={"甲": "works", "编号": "nonsense"}
    )
    assert names(found) == {"项目名称": "name", "甲": "works", "编号": "site_id"}
    assert recognise(header, WORKS, found.as_dict()).as_dict() == found.as_dict()


def test_persons_are_never_read():
    found = recognise(["编号", "联系电话", "负责人（姓名）"], WORKS, never=import_form.never_read())
    assert {"联系电话", "负责人（姓名）"} <= set(found.unread)
    assert "person" in found.unread["联系电话"].en


def test_titles_below_groups_are_known_by_their_last_words():
    header = [
        "编号",
        "基本信息 工地名称",
        "位置 行政区划 县",
        "位置 坐标 经度",
        "位置 坐标 Y",
        "规模 占地面积（亩）",
        "业主 姓名",
    ]
    found = recognise([*header, "owner name"], WORKS, never=import_form.never_read())
    known = names(found)
    assert [known[title] for title in header[:5]] == ["site_id", "name", "county_name", "lon", "lat"]
    assert found.matches["规模 占地面积（亩）"].factor == pytest.approx(2000 / 3)
    assert "person" in found.unread["业主 姓名"].en and "owner name" in found.unread
    # the whole title goes before its end, and two ends are nobody's
    assert names(recognise(["建设单位 名称", "名称"], WORKS)) == {"名称": "name"}
    assert recognise(["甲方 名称", "乙方 名称"], WORKS).candidates["name"] == ["甲方 名称", "乙方 名称"]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"无": "name"}, UserError, "no column 无"),
        ({"编号": "nix"}, NotFoundError, "no column nix"),
        ({"编号": "name", "甲": "name"}, UserError, "cannot both be name"),
    ],
)
def test_a_wrong_word_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        recognise(["编号", "甲"], WORKS, given)


def test_a_header_is_known_again_by_its_titles_in_their_order():
    assert header_key(["编号", "名称（全）"]) == header_key([" 编号", "名称(全)"])
    assert header_key(["名称", "编号"]) != header_key(["编号", "名称"])


# measured values are known by several columns together and have no identifier of their own
@pytest.mark.parametrize("form", [one for one in import_form.list_forms() if not one.same], ids=lambda form: form.label)
def test_what_the_layer_exports_under_a_name_is_read_as_that_and_nothing_else(form):
    layer = layers.load().get(form.layer_id)
    titles = {column.name: column.title.zh for column in layer.columns}
    found = recognise(["feature_id", *titles], form)
    assert found.matches["feature_id"].column.name == form.key
    for title, match in found.matches.items():
        wanted = (match.column.title.zh, *match.column.synonyms)
        assert title == "feature_id" or titles[title] in wanted or title in match.column.synonyms, title
    for column in form.columns:
        exported = next((name for name, zh in titles.items() if zh == column.title.zh), None)
        assert exported is None or found.matches[exported].column == column
    # a map may call the identifier id only
    assert recognise(["id", "name"], form).matches["id"].column.name == form.key


@pytest.mark.parametrize("form", import_form.list_forms(), ids=lambda form: form.label)
def test_no_title_means_two_columns_of_a_form(form):
    taken = {}
    for column in form.columns:
        own = {column.name, column.title.zh, column.title.en, *column.synonyms}
        for title in {normal(title) if title.isascii() else title for title in own}:
            assert taken.setdefault(title, column.name) == column.name, title


@pytest.mark.parametrize("layer_id", ["zone", "grid_cell", "grid_square", "finding", "county", "township"])
def test_what_is_law_or_derived_says_where_to_go(layer_id):
    assert import_form.refusal(layer_id).zh
    with pytest.raises(UserError, match=f"nothing is imported into {layer_id}: "):
        import_form.load(layer_id)


@pytest.mark.parametrize(
    ("layer_id", "kind", "words"),
    [("site", None, "kind by kind"), ("site", "ship", "no kind of site"), ("station", "boiler", "has no kinds")],
)
def test_kinds_are_asked_for_where_there_are_any(layer_id, kind, words):
    with pytest.raises(UserError, match=words):
        import_form.load(layer_id, kind)


@pytest.mark.parametrize("layer_id", ["nix", "../site", ""])
def test_a_layer_that_is_not_there_is_told(layer_id):
    with pytest.raises(NotFoundError, match="the layers are"):
        import_form.load(layer_id)


def test_hundreds_of_titles_take_no_time():
    """Each form is asked whose file it is: with 500 titles that took half a minute of a request."""
    header = tuple(f"标题{number} 列{number * 7}" for number in range(500))
    began = time.monotonic()
    assert not any(recognise(header, form).matches for form in import_form.list_forms())
    assert time.monotonic() - began < 8
