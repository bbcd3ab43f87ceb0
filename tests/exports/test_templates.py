"""Templates: a filled one is recognised, codes stay codes, and what may be chosen can be chosen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gridmap.domain.definition import Text
from gridmap.exports.templates import TemplateColumn, sheet_name, to_template
from gridmap.ingest.reading import open_incoming

FUELS = {"raw_coal": Text("原煤", "raw coal"), "gas": Text("天然气", "gas"), "lng": Text("天然气", "gas")}
COLUMNS = (
    TemplateColumn("site_id", Text("编号", "Identifier"), required=True, example="410181-001"),
    TemplateColumn(
        "region_code", Text("行政区划代码", "Region code"), example="410181113201", note=Text("12位", "12 digits")
    ),
    TemplateColumn("fuel", Text("燃料", "Fuel"), codes=FUELS),
    TemplateColumn("area_m2", Text("面积", "Area"), "number", unit="m²"),
    TemplateColumn("households", Text("户数", "Households"), "integer"),
    TemplateColumn("is_open", Text("在用", "In use"), "boolean"),
    TemplateColumn("opened_on", Text("开业日期", "Opened on"), "date"),
    TemplateColumn("formula", Text("=1+1", "=1+1"), note=Text("=cmd", "=cmd")),
)

HEADER = [f"{column.title.zh}（{column.unit}）" if column.unit else column.title.zh for column in COLUMNS]


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(to_template("散煤销售点", COLUMNS)))


def test_the_first_sheet_is_the_table(book: Any) -> None:
    table = book.worksheets[0]
    assert (table.title, table.freeze_panes, table.max_row) == ("散煤销售点", "A2", 1)
    assert [cell.value for cell in table[1]] == HEADER
    assert {cell.data_type for cell in table[1]} == {"s"}
    formats = [table.column_dimensions[letter].number_format for letter in "ABCDEFG"]
    assert formats == ["@", "@", "@", "General", "0", "@", "yyyy-mm-dd"]
    assert table["A1"].fill.start_color.rgb != table["B1"].fill.start_color.rgb


def test_what_may_be_chosen_is_offered_and_the_rest_checked(book: Any) -> None:
    rules = {str(rule.sqref): rule for rule in book.worksheets[0].data_validations.dataValidation}
    fuel, days = rules["C2:C1048576"], rules["G2:G1048576"]
    assert (fuel.type, fuel.formula1, fuel.showErrorMessage) == ("list", "'可选值'!$A$2:$A$4", True)
    # two fuels of the same name are chosen by their codes
    assert [book["可选值"][f"A{row}"].value for row in range(1, 5)] == ["燃料", "原煤", "gas", "lng"]
    assert (days.type, days.formula1, days.formula2) == ("date", "1", "109574")
    assert rules["E2:E1048576"].type == "whole"
    assert rules["A2:A1048576"].type is None
    assert rules["A2:A1048576"].prompt == "必填。文字。例：410181-001"
    assert "单位：m²" in rules["D2:D1048576"].prompt
    assert all(len(rule.prompt) <= 255 and len(rule.error) <= 255 for rule in rules.values())


def test_notes_say_what_each_column_means(book: Any) -> None:
    rows = [[cell.value for cell in row] for row in book["填写说明"].rows]
    assert rows[1] == ["编号", "Identifier", "site_id", "是", "文字", None, None, "410181-001", None]
    assert rows[3][6] == "原煤（raw_coal）；gas；lng"
    assert rows[4][5] == "m²"
    assert book["填写说明"]["I9"].data_type == "s"


def test_a_filled_template_is_read_with_its_codes_whole(book: Any, tmp_path: Path) -> None:
    book.worksheets[0].append(["410181-001", "041018111320", "原煤", 12.5, 3, "是", "2020-10-15", None])
    book.save(tmp_path / "a.xlsx")
    opened = open_incoming(tmp_path / "a.xlsx")
    first = opened.sheets[0]
    assert list(first.header) == HEADER
    assert [row.values for row in opened.rows(first)] == [
        ("410181-001", "041018111320", "原煤", 12.5, 3, "是", "2020-10-15", None)
    ]


def test_templates_in_english() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_template("Coal outlets", COLUMNS, "en")))
    assert book.sheetnames == ["Coal outlets", "Notes", "Choices"]
    assert book["Notes"]["G7"].value == "yes; no"
    assert book["Notes"]["B1"].value == "Chinese title"


@pytest.mark.parametrize(
    ("title", "name"), [("a/b:c", "a b c"), ("字" * 40, "字" * 31), ("'x'", "x"), ("", "Sheet1"), ("[]", "Sheet1")]
)
def test_names_of_sheets(title: str, name: str) -> None:
    assert sheet_name(title) == name
