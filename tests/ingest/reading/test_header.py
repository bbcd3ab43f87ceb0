"""Where people find the titles of a table, the header is found."""

from __future__ import annotations

import pytest

from gridmap.domain.incoming import Value
from gridmap.ingest.reading.header import Merge, find, letters

Cells = tuple[Value, ...]
SPARSE = [(1, "甲", 3, *[None] * 7)] * 20

TABLES: list[tuple[str, list[Cells], list[Merge], tuple[str, ...], tuple[int, int]]] = [
    (
        "notes above",
        [("附件1",), ("台账",), ("单位：吨", None, "填报人：某岗", "2020年10月"), ("序号", "名称", "数量", "备注"), (1, "甲", 3), (2, "乙", 4), ("合计", None, 7)],
        [], ("序号", "名称", "数量", "备注"), (4, 4),
    ),
    ("sparse rows", [("台账",), ("单位", "吨"), tuple(f"列{i}" for i in range(10)), *SPARSE], [], tuple(f"列{i}" for i in range(10)), (3, 3)),
    ("years", [("表",), ("村", "2019", 2020), ("东", 1, 2), ("西", 1, 2)], [], ("村", "2019", "2020"), (2, 2)),
    ("one column", [("名称",), ("甲",), ("乙",)], [], ("名称",), (1, 1)),
    ("texts only", [("名称", "地址"), ("甲", "路1号"), ("乙", "路2号")], [], ("名称", "地址"), (1, 1)),
    (
        "three rows",
        [("台账",), ("序号", "位置", None, None, "备注"), (None, "坐标", None, "地址"), (None, "经度", "纬度"), (1, 112, 34, "x")],
        [Merge(1, 0, 1, 4), Merge(2, 0, 4, 0), Merge(2, 1, 2, 3), Merge(2, 4, 4, 4), Merge(3, 1, 3, 2), Merge(3, 3, 4, 3)],
        ("序号", "位置 坐标 经度", "位置 坐标 纬度", "位置 地址", "备注"), (2, 4),
    ),
    (
        "groups without merges",
        [("序号", "名称", "2019", None, "2020"), (None, None, "户数", "煤", "户数", "煤"), (1, "甲", 1, 2, 3, 4)],
        [], ("序号", "名称", "2019 户数", "2019 煤", "2020 户数", "2020 煤"), (1, 2),
    ),
    (
        "a row with separators too many",
        [("名称", "地址", "状态"), ("甲", "路1号", "在用"), tuple("abcdefghi"), ("乙", "路2号", "停用")],
        [], ("名称", "地址", "状态"), (1, 1),
    ),
    (
        "data that leave gaps are no second header",
        [("序号", "名称", "坐标", None, "备注"), (None, None, 112, 34), (1, "甲", 112, 34, "x")],
        [], ("序号", "名称", "坐标", "D列", "备注"), (1, 1),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "merges", "titles", "place"), [table[1:] for table in TABLES], ids=[t[0] for t in TABLES]
)
def test_the_header_is_found(
    rows: list[Cells], merges: list[Merge], titles: tuple[str, ...], place: tuple[int, int]
) -> None:
    found = find(list(enumerate(rows, 1)), merges)
    assert found is not None
    assert (found.titles, (found.first, found.last)) == (titles, place)


def test_there_is_none_without_a_text() -> None:
    assert find([]) is None
    assert find([(1, (1, 2)), (2, (None, "  ")), (3, ("2020-10-15", "３.5"))]) is None


def test_columns_are_called_as_a_spreadsheet_does() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
