"""Make the workbooks of this folder with LibreOffice, as a county's office would have typed and saved them.

Needs LibreOffice 7.4 or later and python3-uno, which no test does:

    soffice --headless --accept="socket,host=localhost,port=2002;urp;" &
    /usr/bin/python3 tests/ingest/reading/office/make.py

What each cell holds is told by EXPECTED in test_office.py.
"""

import datetime as dt
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import CellRangeAddress
from com.sun.star.util import Date

HERE = Path(__file__).resolve().parent
FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML", "xls": "MS Excel 97", "ods": "calc8", "dif": "DIF",
    "gbk.csv": "Text - txt - csv (StarCalc)",
}  # fmt: skip
HEADER = [
    "对象编号",
    "名称",
    "行政区划代码",
    "燃料",
    "回收效率",
    "年用量（吨）",
    "建成日期",
    "关停",
    "备注",
    "合计",
    "错误",
]


def value(name, given):
    item = PropertyValue()
    item.Name, item.Value = name, given
    return item


def desktop():
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    there = resolver.resolve("uno:socket,host=localhost,port=2002;urp;StarOffice.ComponentContext")
    return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)


def formatted(document, cells, code):
    numbers, locale = document.NumberFormats, uno.createUnoStruct("com.sun.star.lang.Locale")
    found = numbers.queryKey(code, locale, False)
    cells.NumberFormat = found if found >= 0 else numbers.addNew(code, locale)


def ledger(document):
    """Fill in: two title rows merged across, a header, three rows, a note; a hidden sheet, a filter, a comment."""
    sheet = document.Sheets[0]
    sheet.Name = "加油站台账"
    for row, text in ((0, "巩义市加油站台账"), (1, "填报单位：巩义市　2020年10月")):
        sheet.getCellByPosition(0, row).String = text
        sheet.getCellRangeByPosition(0, row, len(HEADER) - 1, row).merge(True)
    formatted(document, sheet.Columns[0], "@")
    formatted(document, sheet.Columns[2], "000000000000")
    formatted(document, sheet.Columns[4], "0.0%")
    formatted(document, sheet.Columns[6], 'YYYY"年"M"月"D"日"')
    for column, title in enumerate(HEADER):
        sheet.getCellByPosition(column, 2).String = title
    days = (dt.date(2016, 2, 29), dt.date(1999, 12, 31), dt.date(2020, 10, 15))
    for number, day in enumerate(days):
        row = 3 + number
        sheet.getCellByPosition(0, row).String = f"00{number + 1}"
        sheet.getCellByPosition(1, row).String = f"第{number + 1}加油站"
        sheet.getCellByPosition(2, row).Value = (410181113201.0, 410181113202.0, 10181113203.0)[number]
        sheet.getCellByPosition(4, row).Value = (0.956, 1.0, 0.07)[number]
        sheet.getCellByPosition(5, row).Value = (1200.5, 30.0, 0.0)[number]
        sheet.getCellByPosition(6, row).Value = float((day - document_epoch(document)).days)
        formatted(document, sheet.getCellByPosition(7, row), "BOOLEAN")
        sheet.getCellByPosition(7, row).Formula = ("=TRUE()", "=FALSE()", "=TRUE()")[number]
        sheet.getCellByPosition(9, row).Formula = f"=F{row + 1}*2"
    sheet.getCellByPosition(3, 3).String = "汽油"
    sheet.getCellRangeByPosition(3, 3, 3, 4).merge(True)
    sheet.getCellByPosition(3, 5).String = "柴油"
    sheet.getCellByPosition(8, 3).String = "第一行\n第二行"
    sheet.getCellByPosition(8, 4).String = "=1+1"
    sheet.getCellByPosition(10, 3).Formula = "=1/0"
    sheet.Annotations.insertNew(sheet.getCellByPosition(1, 3).CellAddress, "批注：已核实")
    sheet.Rows[4].IsVisible = False
    document.Sheets.insertNewByName("旧表", 1)
    old = document.Sheets[1]
    for column, text in enumerate(("编号", "名称")):
        old.getCellByPosition(column, 0).String = text
        old.getCellByPosition(column, 1).String = ("9", "旧站")[column]
    old.IsVisible = False
    ranges = document.DatabaseRanges
    ranges.addNewByName("filter", CellRangeAddress(0, 0, 2, len(HEADER) - 1, 5))
    ranges.getByName("filter").AutoFilter = True
    document.CurrentController.freezeAtPosition(1, 3)


def document_epoch(document):
    zero = document.NullDate
    return dt.date(zero.Year, zero.Month, zero.Day)


def save(document, name, kind, *more):
    options = [value("FilterName", FILTERS[kind]), *more]
    if kind == "gbk.csv":
        # comma, quotes, GB18030 (85), from the first line, texts in quotes
        options.append(value("FilterOptions", "44,34,85,1,,0,false,true,false"))
    document.storeToURL((HERE / f"{name}.{kind}").as_uri(), tuple(options))


def main():
    office = desktop()
    for name, zero, kinds in (
        ("ledger", Date(30, 12, 1899), FILTERS), ("ledger_1904", Date(1, 1, 1904), ("xlsx", "xls", "ods"))
    ):  # fmt: skip
        document = office.loadComponentFromURL("private:factory/scalc", "_blank", 0, (value("Hidden", True),))
        document.NullDate = zero
        ledger(document)
        for kind in kinds:
            save(document, name, kind)
        if zero.Year == 1899:
            for kind in ("xls", "ods"):
                save(document, "locked", kind, value("Password", "123456"))
        document.close(True)


if __name__ == "__main__":
    main()
