"""Rosters as files: encodings, workbooks, bombs."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from gridmap.errors import UserError
from gridmap.ingest import roster

HEAD = "网格代码,角色,岗位,起,止"
LINE = "410181113,网格长,网格长-410181113-02,2020-10-15,"


def write(tmp_path, content, name="r.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def book(rows, more=()):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    for title in more:
        workbook.create_sheet(title)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_in_every_encoding_that_spreadsheets_write(tmp_path, encoding, separator, end):
    text = end.join([HEAD, LINE, "", ",,,,"]).replace(",", separator) + end
    found = roster.read(write(tmp_path, text.encode(encoding)))
    assert found.faults == [] and [row.cell_code for row in found.rows] == ["410181113"]
    assert found.columns == {"cell_code", "role", "post", "begins_on", "ends_on"}


def test_a_workbook_with_days_and_numbers(tmp_path):
    rows = [HEAD.split(","), [410181113, "网格长", "甲岗", dt.date(2020, 10, 15), dt.datetime(2020, 12, 31)]]
    found = roster.read(write(tmp_path, book(rows, ["第二"]), "r.xlsx"))
    assert found.faults == []
    assert [(row.row, row.cell_code, row.ends_on) for row in found.rows] == [(2, "410181113", dt.date(2021, 1, 1))]


def test_formulas_are_told_and_never_evaluated(tmp_path):
    rows = [
        HEAD.split(","),
        ["=410181113", "网格长", "甲岗", "2020-10-15", ""],
        ["4.10181E+11", "网格长", "乙岗", "2020-10-15", ""],
    ]
    found = roster.read(write(tmp_path, book(rows), "r.xlsx"))
    assert [(fault.row, fault.field, fault.found) for fault in found.faults] == [
        (2, "cell_code", "=410181113"),
        (3, "cell_code", "4.10181E+11"),
    ]
    found = roster.read(write(tmp_path, f"{HEAD}\n=1+1,网格长,甲岗,2020-10-15,\n".encode()))
    assert found.faults[0].found == "=1+1"


def bomb():
    """Return a small workbook whose sheet unpacks to 80 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<a>" + b" " * 80_000_000)
    return content.getvalue()


def entities():
    content = io.BytesIO(book([HEAD.split(",")]))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/more.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return content.getvalue()


def far_away():
    workbook = Workbook()
    workbook.active.append(HEAD.split(","))
    workbook.active.cell(1_048_576, 1, "x")
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


BAD = {
    "empty": (b"", "r.csv", "empty"),
    "only headings": (HEAD.encode(), "r.csv", "no row below"),
    "no headings": (LINE.encode(), "r.csv", "no column"),
    "binary": (bytes(range(256)) * 4, "r.csv", "neither UTF-8 nor"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "r.csv", "neither UTF-8 nor"),
    "a workbook that is none": (b"PK\x03\x04 no", "r.xlsx", "not readable as an Excel workbook"),
    "an unclosed quote": (f'{HEAD}\n"4101'.encode(), "r.csv", "not readable as CSV"),
    "too many columns": ((HEAD + "," * 60).encode(), "r.csv", "more than 50 columns"),
    "too many rows": ((HEAD + "\n" + "\n".join([LINE] * 20_001)).encode(), "r.csv", "more than 20000 rows"),
    "too large": (b"x" * 10_000_001, "r.csv", "larger than 10 MB"),
    "a bomb": (bomb(), "r.xlsx", "unpacks to more than 60 MB"),
    "entities": (entities(), "r.xlsx", "declares entities"),
    "a row far away": (far_away(), "r.xlsx", "more than 20000 rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_roster_gets_a_sentence(tmp_path, case):
    content, name, reason = BAD[case]
    with pytest.raises(UserError, match=reason):
        roster.read(write(tmp_path, content, name))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        roster.read(tmp_path / "none.xlsx")
