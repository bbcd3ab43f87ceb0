"""CSV and TXT: every encoding and separator of an office, title rows, and texts that would eat the memory."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.incoming import ReadingLimits
from gridmap.ingest.reading import ReadingError, open_incoming
from tests.ingest.reading.made import header_of, put, rows_of, said

TABLE = "名称,编码,经度\n甲,410181113201,112.98\n"


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 (BOM)"), ("utf-16", "UTF-16"), ("gb18030", "GB18030"),
        ("gbk", "GB18030"), ("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", "\t", ";", "；", "|", "，"])
def test_encodings_and_separators_are_found_and_told(tmp_path: Path, encoding: str, label: str, separator: str) -> None:
    path = put(tmp_path, "a.txt", TABLE.replace(",", separator), encoding)
    opened = open_incoming(path)
    assert opened.sheets[0].header == ("名称", "编码", "经度")
    assert [row.values for row in opened.rows(opened.sheets[0])] == [("甲", "410181113201", "112.98")]
    assert f"编码为 {label}，" in said(opened.told)


def test_the_encoding_is_decided_by_the_whole_file(tmp_path: Path) -> None:
    # a megabyte of ASCII, then one name in GB18030: a guess on the beginning would be wrong
    body = "name,code\n" + f"{'a' * 60},1\n" * 20_000 + "东门村,2\n"
    opened = open_incoming(put(tmp_path, "a.csv", body, "gb18030"))
    assert "GB18030" in said(opened.told)
    *_, last = opened.rows(opened.sheets[0])
    assert (last.number, last.values) == (20_002, ("东门村", "2"))


def test_what_is_asked_overrules_the_guess(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "名稱,數量\n東門村,2\n", "big5")
    assert header_of(path, encoding="big5") == ("名稱", "數量")
    with pytest.raises(ReadingError, match="whole UTF-8 text: byte 1 \\(line 1\\)"):
        open_incoming(path, encoding="utf-8")
    with pytest.raises(ReadingError, match="expected one of utf-8"):
        open_incoming(path, encoding="rot13")


def test_neither_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="from line 3 on") as caught:
        open_incoming(put(tmp_path, "a.csv", b"a,b\n1,2\n\xff\xff,3\n"))
    assert "第3行" in caught.value.zh


def test_a_file_cut_in_a_character_says_so(tmp_path: Path) -> None:
    for text in ("名称,数量\n东门村,2\n西门村", "名称,数量\n东门村,2\n西门村南", "名称,数量\n1,2\n甲"):
        for missing in (1, 2):
            with pytest.raises(ReadingError, match="last character"):
                open_incoming(put(tmp_path, "a.csv", text.encode()[:-missing]))


def test_titles_and_units_above_the_header_are_told(tmp_path: Path) -> None:
    text = "××县散煤销售点台账,,,\n填报单位：甲局,,,2020年10月\n\n序号,名称,数量,日期\n1,甲,3,0000-00-00\n\n2,乙,４,2月30日\n"
    opened = open_incoming(put(tmp_path, "台账.csv", text))
    (sheet,) = opened.sheets
    assert (sheet.name, sheet.header, sheet.header_row) == ("台账", ("序号", "名称", "数量", "日期"), 4)
    assert "2行标题或说明（“××县散煤销售点台账”）" in said(opened.told)
    rows = list(opened.rows(sheet))
    # days that do not exist and full-width digits stay as they are, for whoever checks them
    assert [(row.number, row.values) for row in rows] == [
        (5, ("1", "甲", "3", "0000-00-00")),
        (7, ("2", "乙", "４", "2月30日")),
    ]


def test_a_header_of_two_rows_is_made_one(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "序号,名称,坐标,,备注\n,,经度,纬度,\n1,甲,112.9,34.7,\n")
    assert header_of(path) == ("序号", "名称", "坐标 经度", "坐标 纬度", "备注")
    assert [row.number for row in rows_of(path)] == [3]


def test_titles_are_unique_trimmed_and_never_empty(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", " 名称 ,名称,,数\n量\n甲,乙,丙,1\n丁,戊,己,2\n".replace("数\n量", '"数\n量"'))
    assert header_of(path) == ("名称", "名称 (2)", "C列", "数 量")


def test_rows_of_another_length_are_told_one_by_one(tmp_path: Path) -> None:
    rows = rows_of(put(tmp_path, "a.csv", "甲,乙,丙\n1,2\n1,2,3,,\n1,2,3,4\n"))
    assert [row.fault and row.fault.zh for row in rows] == ["有2格，表头有3列", None, "有4格，表头有3列"]
    assert rows[0].values == ("1", "2", None)
    assert rows[2].fault == "4 fields, the header has 3"


def test_line_breaks_in_quotes_are_one_row(tmp_path: Path) -> None:
    rows = rows_of(put(tmp_path, "a.csv", '甲,乙\r\n"一\r\n二",2\r\n三,4\r\n'))
    assert [(row.number, row.values) for row in rows] == [(2, ("一\r\n二", "2")), (3, ("三", "4"))]


def test_what_excel_writes_around_codes_and_separators(tmp_path: Path) -> None:
    rows = rows_of(put(tmp_path, "a.csv", 'sep=;\n名称;编码\n甲;="0410"\n'))
    assert [(row.number, row.values) for row in rows] == [(3, ("甲", "0410"))]


def test_a_quote_that_nobody_closes_is_told(tmp_path: Path) -> None:
    (row,) = rows_of(put(tmp_path, "a.csv", '甲,乙\n1,"二\n3,4\n'))
    assert row.fault and "引号没有配对" in row.fault.zh
    # in a large file the rest is read on after what the csv module gives up
    text = '甲,乙\n1,"二\n' + "3,4\n" * 60_000
    rows = rows_of(put(tmp_path, "b.csv", text))
    assert rows[0].fault and "无法分列" in rows[0].fault.zh
    assert rows[-1].values == ("3", "4")
    assert rows[-1].number == 60_002


def test_nul_bytes_are_told(tmp_path: Path) -> None:
    (row,) = rows_of(put(tmp_path, "a.csv", b"name,code\na\0b,1\n"))
    assert row.values == ("ab", "1")
    assert row.fault == "column A holds a NUL character, which was left out"


def test_a_cell_of_50_mb_costs_neither_memory_nor_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"name,code\na,1\n")
        for _ in range(50):
            file.write(b"x" * 1_000_000)
        file.write(b",2\nb,3\n")
    tracemalloc.start()
    rows = list((opened := open_incoming(path)).rows(opened.sheets[0]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.number for row in rows] == [2, 3, 4]
    assert rows[1].fault
    assert rows[2].values == ("b", "3")
    assert peak < 25_000_000


def test_a_cell_longer_than_a_spreadsheet_keeps_is_cut(tmp_path: Path) -> None:
    (row,) = rows_of(put(tmp_path, "a.csv", f"甲,乙\n{'字' * 40_000},1\n"))
    assert row.values == ("字" * 32_767, "1")
    assert row.fault == "column A has 40000 characters; cut at 32767"


def test_a_million_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="at most 500 are read"):
        open_incoming(put(tmp_path, "a.csv", ",".join(f"c{i}" for i in range(1_000_000))))
    (row,) = rows_of(put(tmp_path, "b.csv", "a,b\n" + "\n" * 60 + "1," * 1_000_000))
    assert row.fault == "the line has more than 1000000 characters and was cut"


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    opened = open_incoming(put(tmp_path, "a.csv", "a,b\n1,2\n3,4\n"), limits=ReadingLimits(rows=1))
    with pytest.raises(ReadingError, match="more than 1 rows"):
        list(opened.rows(opened.sheets[0]))


@pytest.mark.parametrize("content", [b"1,2\n3,4\n", b"\n\n,,\n"])
def test_a_table_without_titles_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ReadingError, match="no row of column titles"):
        open_incoming(put(tmp_path, "a.csv", content))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(texts, min_size=n, max_size=n), max_size=6)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    separator=st.sampled_from([",", "\t", ";", "；", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_is_read_back_as_it_was(rows: list[list[str]], encoding: str, separator: str, quoting: int) -> None:
    width = len(rows[0]) if rows else 2
    header = [f"列{'甲乙丙丁戊'[i]}" for i in range(width)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=quoting).writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), "a.csv", text.getvalue().encode(encoding))
        opened = open_incoming(path, encoding=encoding)
        (sheet,) = opened.sheets
        assert sheet.header == tuple(header)
        found = [row.values for row in opened.rows(sheet)]
    expected = [tuple(cell or None for cell in row) for row in rows if any(cell.strip() for cell in row)]
    assert found == [tuple(_unwrapped(cell) for cell in row) for row in expected]


def _unwrapped(cell: str | None) -> str | None:
    if cell and len(cell) > 2 and cell.startswith('="') and cell.endswith('"') and cell.count('"') == 2:
        return cell[2:-1] or None
    return None if cell == '=""' else cell
