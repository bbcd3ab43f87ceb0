"""The plainest XLSX that a reader of XLSX understands: values, number formats, merged cells, what is hidden."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

FIRST_CUSTOM = 164
"""Number formats below are the program's own."""

_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Cell:
    """A cell. kind: n number, str text, b true or false, e error. style: number of a format given to Book."""

    kind: str
    value: str
    style: int = 0


@dataclass
class Page:
    """A sheet. rows: row and column counted from 0. merged: (first row, last row, first column, last column)."""

    name: str
    rows: Iterable[tuple[int, Mapping[int, Cell]]]
    hidden: bool = False
    merged: Iterable[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)
    hidden_columns: frozenset[int] = field(default_factory=frozenset)


class Book:
    """A workbook being written, page by page, so that only one need be in memory."""

    def __init__(self, path: Path, *, is_1904: bool = False) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._is_1904 = is_1904
        self._pages: list[tuple[str, bool]] = []

    def add(self, page: Page) -> None:
        """Write a page."""
        self._pages.append((page.name, page.hidden))
        with self._zip.open(f"xl/worksheets/sheet{len(self._pages)}.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">'.encode())
            if page.hidden_columns:
                columns = "".join(f'<col min="{n + 1}" max="{n + 1}" hidden="1"/>' for n in sorted(page.hidden_columns))
                sheet.write(f"<cols>{columns}</cols>".encode())
            sheet.write(b"<sheetData>")
            for number, cells in page.rows:
                hidden = ' hidden="1"' if number in page.hidden_rows else ""
                inside = "".join(_cell(number, column, cell) for column, cell in cells.items())
                sheet.write(f'<row r="{number + 1}"{hidden}>{inside}</row>'.encode())
            sheet.write(b"</sheetData>")
            spans = "".join(
                f'<mergeCell ref="{_letters(left + 1)}{top + 1}:{_letters(right + 1)}{bottom + 1}"/>'
                for top, bottom, left, right in page.merged
            )
            sheet.write(f"{f'<mergeCells>{spans}</mergeCells>' if spans else ''}</worksheet>".encode())

    def close(self, formats: Mapping[int, str], styles: Iterable[int]) -> None:
        """Finish it. formats: codes of the custom number formats; styles: the format of each style, by its number."""
        numbers = "".join(f'<numFmt numFmtId="{n}" formatCode={quoteattr(_clean(c))}/>' for n, c in formats.items())
        xfs = "".join(f'<xf numFmtId="{number}"/>' for number in styles)
        self._part(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_MAIN}"><numFmts>{numbers}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>',
        )
        sheets = "".join(
            f'<sheet name={quoteattr(_clean(name))} sheetId="{n}" state="{"hidden" if hidden else "visible"}" '
            f'r:id="rId{n}"/>'
            for n, (name, hidden) in enumerate(self._pages, 1)
        )
        dates = '<workbookPr date1904="1"/>' if self._is_1904 else ""
        self._part(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">{dates}<sheets>{sheets}</sheets></workbook>',
        )
        targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(self._pages) + 1)]
        self._part("xl/_rels/workbook.xml.rels", _links([*targets, ("styles", "styles.xml")]))
        self._part("_rels/.rels", _links([("officeDocument", "xl/workbook.xml")]))
        self._part("[Content_Types].xml", "<Types/>")
        self._zip.close()

    def _part(self, name: str, text: str) -> None:
        self._zip.writestr(name, _HEAD + text)


@cache
def _letters(number: int) -> str:
    """Return a column's letters; openpyxl, which has them too, brings more along than the process may take."""
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _cell(row: int, column: int, cell: Cell) -> str:
    address = f"{_letters(column + 1)}{row + 1}"
    if cell.kind == "str":
        text = escape(_LOOKS_ESCAPED.sub("_x005F_x", _clean(cell.value))).replace("\r", "&#13;")
        return f'<c r="{address}" s="{cell.style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{address}" s="{cell.style}" t="{cell.kind}"><v>{escape(_clean(cell.value))}</v></c>'


def _clean(text: str) -> str:
    return _BAD.sub("", text)


def _links(targets: list[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>'
