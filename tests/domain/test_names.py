"""Village names: known ones, and what holds for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.names import match_name, village_name

STEMS = st.text("东西南北大小刘王李张沟岭峪寨屯河庄新老井", min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("official", "name", "match", "is_community"),
    [
        ("老井沟村民委员会", "老井沟村", "老井沟", False),
        ("刘村村民委员会", "刘村", "刘村", False),
        ("油坊头村委会", "油坊头村", "油坊头", False),
        ("高沟村委会", "高沟村", "高沟", False),
        ("清东村民委员会", "清东村", "清东", False),
        ("北峡窝村村民委员会", "北峡窝村", "北峡窝", False),
        ("许村村委会", "许村", "许村", False),
        ("柴村", "柴村", "柴村", False),
        ("岗李村", "岗李村", "岗李", False),
        ("金源社区村民委员会", "金源社区", "金源", False),
        ("碧沙岗社区居委会", "碧沙岗社区", "碧沙岗", True),
        ("体育社区居民居委会", "体育社区", "体育", True),
        ("亚星社区居民管理委员会", "亚星社区", "亚星", True),
        ("贾寨社区管理委员会", "贾寨社区", "贾寨", True),
        ("福华南街社区委员会", "福华南街社区", "福华南街", True),
        ("光合花园社区", "光合花园社区", "光合花园", True),
        ("王庄居委会", "王庄居委会", "王庄", True),
    ],
)
def test_names_of_the_list(official: str, name: str, match: str, is_community: bool) -> None:
    found = village_name(official)
    assert (found.name, found.match_name, found.is_community) == (name, match, is_community)


def test_names_in_documents_match_names_of_the_list() -> None:
    assert match_name("东风村") == "东风"
    assert match_name("高沟村") == village_name("高沟村委会").match_name
    assert match_name("刘村") == village_name("刘村村民委员会").match_name


@given(STEMS)
def test_all_spellings_of_a_village_are_one_name(stem: str) -> None:
    spellings = [stem + "村" + body for body in ("", "村民委员会", "村委会")]
    spellings += [stem + body for body in ("村民委员会", "村委会")]
    assert len({village_name(spelling) for spelling in spellings}) == 1
    assert village_name(spellings[0]).match_name == match_name(stem + "村")


@given(STEMS)
def test_all_spellings_of_a_community_are_one_name(stem: str) -> None:
    bodies = ("", "居委会", "居民委员会", "居民居委会", "居民管理委员会", "管理委员会", "委员会")
    assert len({village_name(stem + "社区" + body) for body in bodies}) == 1


@given(st.text(min_size=1, max_size=12))
def test_any_text_gives_a_name(text: str) -> None:
    found = village_name(text)
    assert found.name
    assert found.match_name
    assert len(found.match_name) <= len(found.name)
    assert found.name.startswith(found.match_name)
