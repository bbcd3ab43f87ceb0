"""A newer list held against the one in force: what is sure by the names, what is a guess, what nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.incoming import Sentence, TitledRow
from gridmap.domain.village_list import KINDS, Listed, read_list, reconcile
from gridmap.errors import UserError

TOWN, OTHER = "410181113", "410181114"


def listed(*pairs):
    return [Listed(code, name) for code, name in pairs]


OLD = listed(
    (f"{TOWN}201", "东风村民委员会"), (f"{TOWN}202", "马庄村民委员会"), (f"{TOWN}203", "李庄村民委员会"),
    (f"{TOWN}204", "老井沟村民委员会"), (f"{TOWN}205", "柏峪村民委员会"), (f"{TOWN}206", "北官庄村民委员会"),
    (f"{TOWN}207", "赵家岭村民委员会"), (f"{TOWN}208", "石板坡村民委员会"), (f"{OTHER}201", "王庄村民委员会"),
)  # fmt: skip


def read(*rows):
    return read_list(rows[0], [TitledRow(number, values) for number, values in enumerate(rows, 2)])


def kinds(found):
    return {
        kind: [(tuple(b.code for b in c.before), tuple(a.code for a in c.after), c.sure) for c in found.of(kind)]
        for kind in KINDS
    }


def test_the_same_list_has_no_change() -> None:
    found = reconcile(OLD, list(reversed(OLD)))
    assert found.same == len(OLD) and not found.changes and not found.ended and found.partial is None


def test_each_kind_is_told_with_how_sure_it_is() -> None:
    new = listed(
        (f"{TOWN}201", "东门村民委员会"),  # renamed
        (f"{TOWN}210", "马李庄村民委员会"),  # merged of two, by the names
        (f"{TOWN}211", "老井沟东村民委员会"), (f"{TOWN}212", "老井沟西村民委员会"),  # split
        (f"{TOWN}005", "柏峪社区居民委员会"),  # a village become a community takes another code
        (f"{OTHER}202", "北官庄村民委员会"),  # moved
        (f"{TOWN}213", "赵家嶺村民委员会"),  # recoded, in another character
        (f"{OTHER}201", "王庄村民委员会"), (f"{OTHER}203", "幸福里社区居民委员会"),
    )  # fmt: skip
    found = reconcile(OLD, new)
    assert found.same == 1
    assert kinds(found) == {
        "renamed": [((f"{TOWN}201",), (f"{TOWN}201",), True)],
        "recoded": [((f"{TOWN}205",), (f"{TOWN}005",), True), ((f"{TOWN}207",), (f"{TOWN}213",), True)],
        "moved": [((f"{TOWN}206",), (f"{OTHER}202",), True)],
        "merged": [((f"{TOWN}202", f"{TOWN}203"), (f"{TOWN}210",), False)],
        "split": [((f"{TOWN}204",), (f"{TOWN}211", f"{TOWN}212"), False)],
        "new": [((), (f"{OTHER}203",), True)],
        "gone": [((f"{TOWN}208",), (), True)],
    }
    assert found.ended == [f"{TOWN}{n}" for n in range(202, 209)]
    told = {change.kind: change for change in found.changes}
    assert told["merged"].zh == f"马庄村（{TOWN}202）、李庄村（{TOWN}203）可能并为马李庄村（{TOWN}210）"
    assert "may have been split" in told["split"].en and "不说其地归谁" in told["gone"].zh


def test_a_code_given_to_quite_another_name_is_doubted() -> None:
    found = reconcile(OLD[:1], listed((f"{TOWN}201", "西门村民委员会")))
    assert not found.changes[0].sure and "代码可能另给了别的村" in found.changes[0].zh
    full = reconcile(OLD[:1], listed((f"{TOWN}201", "东风村村民委员会"))).changes[0]
    assert full.sure and "全称" in full.zh


def test_names_that_several_have_pair_nobody() -> None:
    old = listed(
        (f"{TOWN}201", "王庄村民委员会"), (f"{OTHER}201", "王庄村民委员会"), ("410182101201", "王庄村民委员会")
    )
    new = listed(
        (f"{TOWN}301", "王庄社区居民委员会"),
        ("410181115301", "王庄村民委员会"),
        ("410181116301", "王庄村民委员会"),
        ("410182101201", "王庄村民委员会"),
    )
    found = reconcile(old, new)
    assert kinds(found)["recoded"] == [((f"{TOWN}201",), (f"{TOWN}301",), True)]
    assert [change.kind for change in found.changes] == ["recoded", "new", "new", "gone"]


def test_only_counties_of_the_new_list_are_compared_and_a_part_is_seen() -> None:
    old = [*OLD, Listed("410182101201", "别县村民委员会")]
    found = reconcile(old, OLD)
    assert found.counties == ("410181",) and found.same == len(OLD) and not found.changes
    assert reconcile(old, OLD[:5]).partial == "410181"
    with pytest.raises(UserError, match="no village"):
        reconcile(old, [])


def test_a_list_is_read_by_its_headings_with_the_faults_of_each_line() -> None:
    rows = [
        {"统计用区划代码": "410181113000", "名称": "回郭镇"},
        {"统计用区划代码": "４１０１８１１１３２０１", "名称": " 东风村民委员会 "},
        {"统计用区划代码": "4.10181E+11", "名称": "马庄村民委员会"},
        {"统计用区划代码": "410181113201", "名称": "李庄村民委员会"},
        {"统计用区划代码": "410181113203", "名称": "x" * 10_000},
        {"统计用区划代码": None, "名称": None},
    ]
    found = read(*rows)
    assert found.villages == listed(("410181113201", "东风村民委员会")) and found.above == 1
    assert [(fault.row, fault.field) for fault in found.faults] == [
        (4, "统计用区划代码"), (5, "统计用区划代码"), (6, "名称"), (7, "统计用区划代码"),
    ]  # fmt: skip
    assert "12 位只剩 6 位" in found.faults[0].zh and "row 3" in found.faults[1].en
    above = read({"code": "410181113201", "name": "东风村", "street_code": "410181114"})
    assert "lies under 410181113, but the row names 410181114" in above.faults[0].en
    for bad in ({"name": "x"}, {"code": "1"}, {}):
        with pytest.raises(UserError, match="the list has no column"):
            read(bad)
    with pytest.raises(UserError, match="no line"):
        read_list(["code", "name"], [])


def test_codes_that_are_numbers_and_rows_that_cannot_be_read() -> None:
    rows = [
        TitledRow(2, {"code": 410181113201, "name": "东风村民委员会"}),
        TitledRow(3, {"code": 410181113202.0, "name": "马庄村民委员会"}),
        TitledRow(4, {"code": None, "name": None}, Sentence("有1格，表头有2列", "1 fields, the header has 2")),
        TitledRow(5, {"code": float("nan"), "name": True}),
    ]
    found = read_list(["code", "name"], rows)
    assert [one.code for one in found.villages] == [f"{TOWN}201", f"{TOWN}202"]
    assert [(fault.row, fault.en[:8]) for fault in found.faults] == [(4, "1 fields"), (5, "field co")]


CODES = st.builds("{}{:03d}".format, st.sampled_from([TOWN, OTHER, "410182101"]), st.integers(1, 9))
NAMES = st.text("东西马李庄沟村新", min_size=1, max_size=4).map(lambda stem: stem + "村民委员会")
LISTS = st.dictionaries(CODES, NAMES, min_size=1, max_size=15).map(lambda pairs: listed(*pairs.items()))


@given(LISTS, LISTS)
def test_every_village_is_told_of_exactly_once(old, new) -> None:
    found = reconcile(old, new)
    befores = [one.code for change in found.changes for one in change.before]
    afters = [one.code for change in found.changes for one in change.after]
    assert len(befores) == len(set(befores)) == found.old - found.same
    assert len(afters) == len(set(afters)) == found.new - found.same
    assert set(found.ended) == {one.code for one in old if one.code[:6] in found.counties} - {one.code for one in new}
