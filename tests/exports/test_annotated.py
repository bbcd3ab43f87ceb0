"""The copy with problems: it says them beside the row, and can be mended and brought again."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl

from gridmap.domain.incoming import IncomingRow, IncomingSheet, Sentence
from gridmap.exports.annotated import Problem, write_annotated
from gridmap.ingest.reading import open_incoming

SHEET = IncomingSheet("销售点/旧", ("名称", "编码", "经度", "问题"), 4)
ROWS = (
    IncomingRow(5, ("甲", "041018111320", 112.98, None)),
    IncomingRow(6, ("=1+1", 123456789012345678, True, "-\x07"), fault=Sentence("有3格，表头有4列", "3 fields")),
    IncomingRow(9, ("丙", 410181113201, None, "x" * 40_000)),
)
PROBLEMS = {
    5: [
        Problem("在县外", "经度", is_error=False),
        Problem("没有这个代码", "编码"),
        Problem("近似", "编码", is_error=False),
    ],
    9: [Problem("重复", None, is_error=False), Problem("不明", "别的列")],
}
RED, YELLOW, NONE = "00F8CBAD", "00FFF2CC", "00000000"


def written(**options: object) -> bytes:
    target = io.BytesIO()
    write_annotated(target, SHEET, ROWS, PROBLEMS, **options)  # type: ignore[arg-type]
    return target.getvalue()


def test_problems_stand_beside_their_rows() -> None:
    page = openpyxl.load_workbook(io.BytesIO(written())).active
    assert (page.title, page.freeze_panes) == ("销售点 旧", "C2")
    assert [cell.value for cell in page[1]] == ["原行号", "问题*", "名称", "编码", "经度", "问题"]
    assert [page[f"A{row}"].value for row in (2, 3, 4)] == [5, 6, 9]
    assert [page[f"B{row}"].value for row in (2, 3, 4)] == [
        "经度：在县外；编码：没有这个代码；编码：近似",
        "有3格，表头有4列",
        "重复；别的列：不明",
    ]
    colours = [[page.cell(row, place).fill.start_color.rgb for place in range(2, 6)] for row in (2, 3, 4)]
    assert colours == [[RED, NONE, RED, YELLOW], [RED, NONE, NONE, NONE], [RED, NONE, NONE, NONE]]


def test_values_stay_what_they_were() -> None:
    page = openpyxl.load_workbook(io.BytesIO(written())).active
    assert (page["C3"].value, page["C3"].data_type, page["C3"].quotePrefix) == ("=1+1", "s", True)
    assert (page["D2"].value, page["D2"].number_format) == ("041018111320", "@")
    assert page["D3"].value == "123456789012345678"
    assert (page["E3"].value, page["F3"].value) == (True, "-")
    assert len(page["F4"].value) == 32_767


def test_only_rows_with_problems_in_english(tmp_path: Path) -> None:
    target = io.BytesIO()
    sheet = IncomingSheet("a", ("name",), 1)
    rows = (IncomingRow(number, (f"n{number}",)) for number in range(2, 50))
    assert write_annotated(target, sheet, rows, {7: [Problem("unknown", "name")]}, lang="en", only_bad=True) == 1
    page = openpyxl.load_workbook(target).active
    assert [[cell.value for cell in row] for row in page.rows] == [
        ["Row in the file", "Problems", "name"],
        [7, "name: unknown", "n7"],
    ]


def test_the_copy_can_be_brought_again(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(written())
    opened = open_incoming(tmp_path / "a.xlsx")
    (sheet,) = opened.sheets
    assert sheet.header[2:] == SHEET.header
    rows = list(opened.rows(sheet))
    assert [row.values[2] for row in rows] == ["甲", "=1+1", "丙"]
    assert [row.values[3] for row in rows] == ["041018111320", "123456789012345678", 410181113201]
