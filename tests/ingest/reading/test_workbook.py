"""XLSX as Excel, WPS and LibreOffice write it, with what people do to tables."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gridmap.domain.incoming import ReadingLimits, Value
from gridmap.ingest.reading import ReadingError, open_incoming, shared_strings
from gridmap.ingest.reading.cells import Converter, RawCell, Style
from tests.ingest.reading.made import header_of, inline, put, rows_of, said, xlsx


def saved(book: Workbook, folder: Path, name: str = "a.xlsx") -> Path:
    book.save(folder / name)
    return folder / name


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger as offices keep it: a merged title, a row of units, a header of two rows, merged towns, a hidden row."""
    book = Workbook()
    sheet = book.active
    sheet.title = "销售点"
    sheet["A1"] = "××县散煤销售点台账"
    sheet.merge_cells("A1:F1")
    sheet["A2"], sheet["E2"] = "填报单位：甲局", "2020年10月"
    for letter, title in zip("ABCDF", ["乡镇", "名称", "编码", "坐标", "日期"], strict=True):
        sheet[f"{letter}3"] = title
    sheet["D4"], sheet["E4"] = "经度", "纬度"
    for merged in ("A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4"):
        sheet.merge_cells(merged)
    sheet.append(["甲镇", "一", "041018111320", 112.98, 34.75, dt.date(2020, 10, 15)])
    sheet.append([None, "二", 410181113201, 112, 34.75, dt.datetime(2020, 10, 15, 8, 30)])
    sheet.append(["乙镇", "三", 123456789012345678, "=D5+1", 34.75, "2月30日", "旁注"])
    sheet.merge_cells("A5:A6")
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["E"].hidden = True
    aside = book.create_sheet("旧表")
    aside.sheet_state = "hidden"
    aside.append(["名称", "在用"])
    aside.append(["四", True])
    book.create_sheet("空")
    return saved(book, tmp_path)


def test_a_ledger_is_read_as_its_owner_sees_it(ledger: Path) -> None:
    opened = open_incoming(ledger)
    sheet, aside = opened.sheets
    assert sheet.header == ("乡镇", "名称", "编码", "坐标 经度", "坐标 纬度", "日期")
    assert (sheet.name, sheet.header_row, sheet.hidden, aside.hidden) == ("销售点", 4, False, True)
    rows = list(opened.rows(sheet))
    assert [(row.number, row.values) for row in rows] == [
        (5, ("甲镇", "一", "041018111320", 112.98, 34.75, "2020-10-15")),
        (6, ("甲镇", "二", 410181113201, 112, 34.75, "2020-10-15 08:30:00")),
        (7, ("乙镇", "三", 123456789012345696, None, 34.75, "2月30日")),
    ]
    assert rows[0].fault is rows[1].fault is None
    assert rows[2].fault
    for part in ("18位数字", "D列是公式，文件里没有它的结果", "G列有内容，表头只到F列"):
        assert part in rows[2].fault.zh
    assert [row.values for row in opened.rows(aside)] == [("四", True)]
    told = said(opened.told)
    for part in ("2行标题", "第3至4行", "1个隐藏行、1处隐藏列", "纵向合并", "“旧表”是隐藏的表"):
        assert part in told
    opened.close()


def test_what_is_called_csv_and_is_a_workbook_is_told(ledger: Path) -> None:
    opened = open_incoming(ledger, name="台账.csv")
    assert opened.format == "xlsx"
    assert "文件名以 .csv 结尾，内容却是Excel 工作簿" in said(opened.told)


NUMBERS = (
    ('<c><v>4.10181113201E+11</v></c>', 410181113201),
    ('<c><v>112.98000000000002</v></c>', 112.98000000000002),
    ('<c><v>-3.0</v></c>', -3),
    ('<c t="str"><f>A1</f><v>公式</v></c>', "公式"),
    ('<c><f>1+1</f><v>2</v></c>', 2),
    ('<c t="b"><v>1</v></c>', True),
    ('<c t="s"><v>1</v></c>', "富文本"),
    ('<c t="s"><v>2</v></c>', "换\n行"),
    ('<c t="inlineStr"><is><r><t>内</t></r><r><t>联</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>', "内联"),
    ('<c t="d"><v>2020-10-15T00:00:00</v></c>', "2020-10-15"),
    ('<c s="1"><v>44119</v></c>', "2020-10-15"),
    ('<c s="2"><v>44119.354166666664</v></c>', "2020-10-15 08:30:00"),
    ('<c s="3"><v>1.5</v></c>', "36:00:00"),
    ('<c s="4"><v>410</v></c>', "000410"),
    ('<c s="5"><v>44119</v></c>', "2020-10-15"),
    ('<c s="1"><v>0.5</v></c>', "12:00:00"),
    ('<c s="1"><v>60</v></c>', "1900-02-29"),
    ('<c s="1"><v>1</v></c>', "1900-01-01"),
    ('<c s="6"><v>0.95</v></c>', "95%"),
)  # fmt: skip
STYLES = (
    '<numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; hh:mm"/>'
    '<numFmt numFmtId="171" formatCode="[h]:mm:ss"/><numFmt numFmtId="172" formatCode="000000"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/><xf numFmtId="57"/><xf numFmtId="9"/></cellXfs>'
)
SHARED = (
    "<si><t>没用到</t></si><si><r><t>富</t></r><r><rPr/><t>文本</t></r><rPh sb='0' eb='1'><t>fu</t></rPh></si>"
    "<si><t>换_x000a_行</t></si>"
)


@pytest.mark.parametrize(("cell", "value"), NUMBERS)
def test_cells_as_programs_write_them(tmp_path: Path, cell: str, value: Value) -> None:
    sheet = inline(["甲", "乙"]).replace(
        "</sheetData>", f"<row r='5'><c t='inlineStr'><is><t>-</t></is></c>{cell}</row></sheetData>"
    )
    (row,) = rows_of(put(tmp_path, "a.xlsx", xlsx(sheet, shared=SHARED, styles=STYLES)))
    assert (row.number, row.values, row.fault) == (5, ("-", value), None)
    assert type(row.values[1]) is type(value)


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<c t="e"><v>#N/A</v></c>', "holds the error #N/A"),
        ('<c t="e"><f>1/0</f><v>#REF!</v></c>', "holds the error #REF!"),
        ("<c><f>A1</f></c>", "a formula whose result is not in the file"),
        ("<c><f>A1</f><v/></c>", "a formula whose result is not in the file"),
        ("<c><v>NaN</v></c>", "expected a number, found 'NaN'"),
        ("<c><v>1e999</v></c>", "expected a number, found '1e999'"),
        ("<c><v>1_0</v></c>", "expected a number"),
        ('<c t="s"><v>99</v></c>', "its text is not in the file"),
        ('<c t="s"><v>-1</v></c>', "its text is not in the file"),
        ('<c s="1"><v>1e12</v></c>', "is shown as a date"),
        ('<c s="1"><v>-1</v></c>', "is shown as a date"),
        ("<c><v>410181199001011234</v></c>", "a number of 18 digits, of which Excel keeps 15"),
        (f'<c t="inlineStr"><is><t>{"字" * 40_000}</t></is></c>', "more than 32767 characters"),
    ],
)
def test_cells_that_say_nothing_are_faults_of_their_row(tmp_path: Path, cell: str, fault: str) -> None:
    sheet = inline(["甲", "乙"]).replace("</sheetData>", f"<row><c><v>7</v></c>{cell}</row></sheetData>")
    (row,) = rows_of(put(tmp_path, "a.xlsx", xlsx(sheet, shared=SHARED, styles=STYLES)))
    assert row.fault
    assert "column B" in row.fault
    assert fault in row.fault
    assert row.fault.zh.startswith("B列")
    assert row.values[0] == 7


def test_days_of_1904(tmp_path: Path) -> None:
    sheet = inline(["甲", "日"]).replace(
        "</sheetData>", '<row><c><v>1</v></c><c s="1"><v>42657</v></c></row></sheetData>'
    )
    path = put(tmp_path, "a.xlsx", xlsx(sheet, styles=STYLES, properties='<workbookPr date1904="1"/>'))
    assert [row.values for row in rows_of(path)] == [(1, "2020-10-15")]


def test_groups_of_columns_need_no_merge_downwards(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["填报单位：甲局", None, None, "2020年10月", None])
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("D1:E1")
    book.active.append(["村", "2019年", None, "2020年", None])
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("B2:C2")
    book.active.merge_cells("D2:E2")
    book.active.append([None, "户数", "用煤量", "户数", "用煤量"])
    book.active.append(["东门村", 1, 2, 3, 4])
    path = saved(book, tmp_path)
    assert header_of(path) == ("村", "2019年 户数", "2019年 用煤量", "2020年 户数", "2020年 用煤量")
    assert [(row.number, row.values) for row in rows_of(path)] == [(4, ("东门村", 1, 2, 3, 4))]


def test_a_workbook_without_titles_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([1, 2, 3])
    with pytest.raises(ReadingError, match="no sheet with a row of column titles"):
        open_incoming(saved(book, tmp_path))


def test_wide_sheets_are_refused_and_wide_rows_told(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([f"列{n}" for n in range(600)])
    with pytest.raises(ReadingError, match="the table has at least 600 columns"):
        open_incoming(saved(book, tmp_path))
    cells = inline(["甲", "乙"], *[["1", "2"]] * 60).replace(
        "</sheetData>", '<row r="99"><c r="A99"><v>1</v></c><c r="XFD99"><v>2</v></c></row></sheetData>'
    )
    assert (
        rows_of(put(tmp_path, "b.xlsx", xlsx(cells)))[-1].fault == "column XFD has a value, the header ends at column B"
    )


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    content = xlsx(inline(["甲", "乙"]), more={"xl/sharedStrings.xml": f"{bomb}<sst><si><t>&b;</t></si></sst>"})
    with pytest.raises(ReadingError, match="entities"):
        open_incoming(put(tmp_path, "a.xlsx", content))


def test_a_bomb_is_stopped_by_what_it_unpacks_to(tmp_path: Path) -> None:
    # a hundred kilobytes that would be a hundred megabytes
    bomb = b"<worksheet><sheetData>" + b" " * 100_000_000
    path = put(tmp_path, "a.xlsx", xlsx("", more={"xl/worksheets/sheet1.xml": bomb}))
    assert path.stat().st_size < 200_000
    with pytest.raises(ReadingError, match="200 times its size"):
        open_incoming(path)
    with pytest.raises(ReadingError, match="more than 1000000 bytes"):
        open_incoming(path, limits=ReadingLimits(bytes_unpacked=1_000_000))


def test_a_full_disk_is_not_the_file_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shared_strings.tempfile,
        "TemporaryFile",
        lambda **_: Path("/dev/full").open("r+b", buffering=0),  # noqa: SIM115
    )
    sheet = '<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row></sheetData>'
    path = put(tmp_path, "a.xlsx", xlsx(sheet, shared="<si><t>名称</t></si>"))
    with pytest.raises(ReadingError, match="make room there; nothing is wrong with the file"):
        open_incoming(path)


def test_a_cut_or_broken_workbook_says_so(tmp_path: Path, ledger: Path) -> None:
    content = ledger.read_bytes()
    for length in (100, len(content) // 2, len(content) - 10):
        with pytest.raises(ReadingError, match="damaged or cut off"):
            open_incoming(put(tmp_path, "cut.xlsx", content[:length]))
    with pytest.raises(ReadingError, match="no whole XML"):
        open_incoming(put(tmp_path, "b.xlsx", xlsx("<sheetData><row><c>")))


def test_no_flipped_byte_is_more_than_an_error(tmp_path: Path, ledger: Path) -> None:
    content = ledger.read_bytes()
    for place in range(0, len(content), 97):
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        with suppress(ReadingError):
            opened = open_incoming(put(tmp_path, "c.xlsx", bytes(flipped)))
            for sheet in opened.sheets:
                list(opened.rows(sheet))


def test_sheets_of_another_kind_are_refused_kindly(tmp_path: Path) -> None:
    content = xlsx(
        "",
        more={
            "_rels/.rels": '<Relationships><Relationship Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>'
        },
    )
    with pytest.raises(ReadingError, match=r"save it as \.xlsx"):
        open_incoming(put(tmp_path, "a.xlsb", content))


def test_a_part_outside_of_the_workbook_is_not_looked_for(tmp_path: Path) -> None:
    rels = (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/>'
        '<Relationship Id="rId2" Type="x/worksheet" Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
    )
    with pytest.raises(ReadingError, match="no sheet"):
        open_incoming(put(tmp_path, "a.xlsx", xlsx(inline(["甲", "乙"]), more={"xl/_rels/workbook.xml.rels": rels})))


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(st.floats().map(repr), st.integers().map(str), st.text(max_size=8)),
    kind=st.sampled_from(["n", "s", "b", "e", "d", "str", "inlineStr", "?"]),
    style=st.integers(0, 3),
    is_1904=st.booleans(),
)
def test_no_cell_is_too_strange(text: str, kind: str, style: int, is_1904: bool) -> None:
    converter = Converter(["甲"].__getitem__, [Style(), Style("date"), Style("duration"), Style(zeros=6)], is_1904, 100)
    value, fault = converter.value(RawCell(0, kind, style, text))
    assert value is None or isinstance(value, str | int | float | bool)
    assert fault is None or fault.zh.startswith("A列")
