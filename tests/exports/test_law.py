"""The law of a day as a workbook: codes as text, no formulas, kinds without zones named."""

import datetime as dt
import io

import openpyxl
import pytest

from gridmap.db.session import transaction
from gridmap.exports import law as exports
from gridmap.store.law_report import law_of_day
from tests.builders import add_village, add_zone, box
from tests.store.test_law_at import CHANGE, DAY


@pytest.fixture
def law(conn):
    with transaction(conn) as cursor:
        add_village(cursor, "410181113201", (1, 1), name="=HYPERLINK(1)")
        add_zone(cursor, boundary=box(0, 0, 4, 4), units_out=("410181113201",), document="=cmd|'/c calc'!A1")
        add_zone(cursor, boundary=box(0, 0, 4, 4), begins_on=CHANGE)
    return law_of_day(conn, as_of=CHANGE - DAY, with_exceptions=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_has_summary_zones_units_and_exceptions(law, lang):
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(law, lang)))
    names = {"zh": ["概要", "法定区域", "列名单位", "例外"], "en": ["summary", "zones", "units", "exceptions"]}
    assert book.sheetnames == names[lang]
    summary = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=2)}
    assert summary[{"zh": "禁煤区", "en": "coal-free zone"}[lang]] == 1
    assert summary[{"zh": "三环内", "en": "inside the third ring"}[lang]] == 0
    header = [cell.value for cell in book.worksheets[1][1]]
    (row,) = book.worksheets[1].iter_rows(min_row=2)
    told = dict(zip(header, (cell.value for cell in row), strict=True))
    assert told[{"zh": "有效至（含当日）", "en": "last day in force"}[lang]] == dt.datetime(2020, 9, 30)
    assert told[{"zh": "面积 km²", "en": "area, km²"}[lang]] == pytest.approx(16, abs=0.001)
    assert told[{"zh": "文件", "en": "document"}[lang]] == "'=cmd|'/c calc'!A1"
    assert [cell.value for cell in next(book.worksheets[2].iter_rows(min_row=2))][2:4] == [
        "410181113201",
        "'=HYPERLINK(1)",
    ]


def test_whoever_was_not_told_of_exceptions_has_no_sheet_of_them(conn):
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(law_of_day(conn))))
    assert book.sheetnames == ["概要", "法定区域", "列名单位"]


def test_the_name_of_the_file_says_day_and_place(law):
    assert exports.file_name(law) == "law-city-2020-09-30.xlsx"
