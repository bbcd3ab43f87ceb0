"""Spreadsheets: codes stay text, nothing becomes a formula."""

import csv
import io

import openpyxl
import pytest

from gridmap.exports.tables import harmless, to_csv, to_xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=cmd|'/c calc'!A1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_becomes_a_formula(text):
    assert harmless(text) == "'" + text
    rows = list(csv.reader(io.StringIO(to_csv(["a"], [[text]]).decode("utf-8-sig"), newline="")))
    assert rows[1][0].startswith("'")
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx("t", ["a"], [10], [[text]]))).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.startswith("'")


def test_values_keep_their_kind():
    rows = [["410181113201", 34.75, -3, None, True, "巩义，“回郭镇”"]]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx("表", list("abcdef"), [10] * 6, rows)))
    sheet = book.active
    assert [cell.value for cell in sheet[2]] == rows[0]
    assert sheet["A2"].number_format == "@"
    assert sheet.freeze_panes == "B2"
    text = to_csv(list("abcdef"), rows).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1] == ["410181113201", "34.75", "-3", "", "True", "巩义，“回郭镇”"]


def test_control_characters_do_not_break_a_workbook():
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx("t", ["a"], [10], [["a\x00b\x0bc"]]))).active
    assert sheet["A2"].value == "abc"
