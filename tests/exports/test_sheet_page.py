"""Sheets on paper: titles on every page, no more pages across than can be read, no wrapped text cut off."""

import io

import openpyxl
import pytest

from gridmap.exports import sheet_page
from gridmap.exports.formats import FORMATS, write
from gridmap.exports.options import Options
from gridmap.exports.tables import Sheet, to_workbook
from tests.exports.selections import selection


def page(widths, **more):
    sheet = openpyxl.Workbook().active
    sheet_page.set_page(sheet, widths, "zh", **more)
    return sheet


@pytest.mark.parametrize(
    ("widths", "across", "orientation"),
    [([30.0, 60.0], 1, "portrait"), ([30.0] * 8, 1, "landscape"), ([40.0] * 10, 2, "landscape")],
)
def test_a_page_is_as_wide_as_can_be_read(widths, across, orientation):
    sheet = page(widths)
    setup = sheet.page_setup
    assert (setup.fitToWidth, setup.fitToHeight, setup.orientation, setup.paperSize) == (across, 0, orientation, 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_title_cols == ("$A:$A" if across > 1 else None)
    assert sheet.oddFooter.right.text == "第 &P 页，共 &N 页"


def test_a_row_is_as_high_as_its_longest_text():
    message = "演示" * 40
    content = to_workbook([Sheet("表", ["编号", "说明"], [10.0, 41.0], [["1", message], ["2", "短"]])])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet.row_dimensions[2].height, sheet.row_dimensions[3].height) == (4 * 15, None)
    assert sheet["B2"].alignment.wrap_text and sheet.auto_filter.ref == "A1:B3"


def test_an_outline_is_neither_printed_nor_wrapped(tmp_path):
    places = [("410181", None, "说明" * 50, "coal", 3, 1.5, True, None)]
    path = tmp_path / "out.xlsx"
    write(selection(places, "MultiPolygon"), FORMATS["xlsx"], path, Options())
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]][4:] == ["覆盖比例（%）", "是否演示", "清点日期", "WKT"]
    assert sheet.print_area == f"'{sheet.title}'!$A$1:$G$2"
    assert sheet.auto_filter.ref == "A1:H2"
    # 200 digits wide in a column of 60
    assert sheet.row_dimensions[2].height == 4 * 15 and sheet["B2"].alignment.wrap_text
    assert sheet_page.column_width("编号", ["说明" * 50]) == 60
    assert book.defined_names == {}
