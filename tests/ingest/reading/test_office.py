"""Workbooks as an office saved them, by office/make.py in LibreOffice: XLSX, XLS and ODS say the same."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gridmap.domain.incoming import ReadingLimits, Value
from gridmap.ingest.reading import ReadingError, old_workbook, open_incoming
from tests.ingest.reading.made import put, said

OFFICE = Path(__file__).with_name("office")
HEADER = (
    "对象编号", "名称", "行政区划代码", "燃料", "回收效率", "年用量（吨）", "建成日期", "关停", "备注", "合计", "错误",
)  # fmt: skip
EXPECTED: list[tuple[int, tuple[Value, ...]]] = [
    (
        4,
        ("001", "第1加油站", "410181113201", "汽油", "95.6%", 1200.5, "2016-02-29", True, "第一行\n第二行", 2401, None),
    ),
    (5, ("002", "第2加油站", "410181113202", "汽油", "100%", 30, "1999-12-31", False, "=1+1", 60, None)),
    (6, ("003", "第3加油站", "010181113203", "柴油", "7%", 0, "2020-10-15", True, None, 0, None)),
]
CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    "<table:table>{}</table:table></office:spreadsheet></office:body></office:document-content>"
)
CELL = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'


def ods(tmp_path: Path, table: str) -> Path:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", CONTENT.format(table))
    return path


@pytest.mark.parametrize(
    "name", [f"{book}.{kind}" for book in ("ledger", "ledger_1904") for kind in ("xlsx", "xls", "ods")]
)
def test_a_ledger_is_read_as_it_was_typed(name: str) -> None:
    opened = open_incoming(OFFICE / name)
    assert opened.format == name.rpartition(".")[2]
    first, second = opened.sheets
    assert (first.name, first.header, first.header_row, first.hidden) == ("加油站台账", HEADER, 3, False)
    assert (second.name, second.header, second.hidden) == ("旧表", ("编号", "名称"), True)
    rows = list(opened.rows(first))
    # ODS keeps the number beside what is shown of it, the others the number and its format
    found = [(row.number, tuple(str(v) if p == 2 else v for p, v in enumerate(row.values))) for row in rows]
    assert found == EXPECTED
    assert [row.fault.zh if row.fault else None for row in rows] == ["K列是错误值 #DIV/0!", None, None]
    assert [row.values for row in opened.rows(second)] == [("9", "旧站")]
    assert "隐藏的表" in said(opened.told) and "纵向合并" in said(opened.told)
    opened.close()


def test_the_chinese_csv_of_an_office_is_read() -> None:
    opened = open_incoming(OFFICE / "ledger.gbk.csv")
    assert opened.sheets[0].header == HEADER
    assert [row.values[:5] for row in opened.rows(opened.sheets[0])][2] == (
        "003",
        "第3加油站",
        "10181113203",
        "柴油",
        "7%",
    )


def test_an_old_workbook_of_wps_is_read_under_its_name(tmp_path: Path) -> None:
    content = (OFFICE / "ledger.xls").read_bytes()
    opened = open_incoming(put(tmp_path, "upload", content), name="台账.et")
    assert len(list(opened.rows(opened.sheets[0]))) == 3
    assert "文件名以" not in said(opened.told)
    opened.close()


@pytest.mark.parametrize(
    ("name", "zh"), [("locked.xls", "打开密码"), ("locked.ods", "打开密码"), ("ledger.dif", "DIF")]
)
def test_what_cannot_be_read_says_why(name: str, zh: str) -> None:
    with pytest.raises(ReadingError) as caught:
        open_incoming(OFFICE / name)
    assert zh in caught.value.zh


@pytest.mark.parametrize("name", ["ledger.xls", "ledger.ods"])
def test_a_cut_file_is_refused(tmp_path: Path, name: str) -> None:
    content = (OFFICE / name).read_bytes()
    with pytest.raises(ReadingError):
        open_incoming(put(tmp_path, name, content[: len(content) // 2]))


def test_a_damaged_record_harms_nobody(tmp_path: Path) -> None:
    content = bytearray((OFFICE / "ledger.xls").read_bytes())
    for place in range(1500, len(content), 37):
        content[place] ^= 0x5A
    with pytest.raises(ReadingError) as caught:
        open_incoming(put(tmp_path, "a.xls", bytes(content)))
    assert "另存为" in caught.value.zh


@pytest.mark.parametrize(
    "table",
    [
        # a million rows of fifteen thousand cells from a hundred bytes, and a cell of a hundred million columns
        '<table:table-row table:number-rows-repeated="1000000">' + CELL.format(' table:number-columns-repeated="15000"', "甲"),
        "<table:table-row>" + CELL.format(' table:number-columns-repeated="100000000"', "甲"),
    ],
)  # fmt: skip
def test_repeated_cells_are_counted(tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ods(tmp_path, table + "</table:table-row>")
    with pytest.raises(ReadingError) as caught:
        open_incoming(path, limits=ReadingLimits(bytes_unpacked=2_000_000))
    assert "内容太多" in caught.value.zh


def test_memory_and_time_are_the_systems_to_keep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # one paragraph of 200 MB, packed a thousand times smaller
    monkeypatch.setattr(old_workbook, "MEMORY", 150_000_000)
    path = ods(tmp_path, "<table:table-row>" + CELL.format("", "甲" * 60_000_000) + "</table:table-row>")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ReadingError) as caught:
        open_incoming(path)
    assert "内容太多" in caught.value.zh


def test_rows_that_end_a_sheet_empty_are_no_rows(tmp_path: Path) -> None:
    row = "<table:table-row{}>{}</table:table-row>"
    empty = row.format(
        ' table:number-rows-repeated="1048000"', '<table:table-cell table:number-columns-repeated="16384"/>'
    )
    rows = [row.format("", CELL.format("", a) + CELL.format("", b)) for a, b in (("编号", "名称"), ("1", "甲"))]
    opened = open_incoming(ods(tmp_path, "".join([*rows, empty])))
    assert [(found.number, found.values) for found in opened.rows(opened.sheets[0])] == [(2, ("1", "甲"))]
    opened.close()
