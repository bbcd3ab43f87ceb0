"""OpenDocument spreadsheets, as LibreOffice and the offices of domestic systems write them."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from defusedxml.ElementTree import iterparse

from gridmap.ingest.oldbooks.__main__ import DONE, LOCKED, OTHER, TOO_LARGE
from gridmap.ingest.oldbooks.plain_xlsx import FIRST_CUSTOM, Book, Cell, Page

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_N = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE, _TEXT, _STYLE = (_N % each for each in ("table", "office", "text", "style"))
_MOST_ROWS, _MOST_CELLS = 1_048_576, 50_000_000
_PLAIN, _DATE, _MOMENT, _TIME, _SHARE = range(5)
_FORMATS = {
    FIRST_CUSTOM + 1: "yyyy-mm-dd", FIRST_CUSTOM + 2: "yyyy-mm-dd hh:mm:ss", FIRST_CUSTOM + 3: "[h]:mm:ss",
    FIRST_CUSTOM + 4: "0.00%",
}  # fmt: skip
_CLOCK = re.compile(r"PT(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})(?:[.,][0-9]+)?S)?")
# a code kept whole by its format, whose digits only the text has
_PADDED = re.compile(r"0[0-9]+")
_ERRORS = re.compile(r"#[A-Z/0!?]{2,12}|Err:[0-9]{3}")


def convert(source: Path, target: Path, columns: int) -> int:
    """Write the workbook as XLSX and return how it went. columns: more of them are refused."""
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.getinfo("content.xml").flag_bits & 1 or _is_locked(archive):
                return LOCKED
            # a letter has tables too
            if b"spreadsheet" not in _start(archive, "mimetype"):
                return OTHER
            book = Book(target)
            with archive.open("content.xml") as content:
                pages = _Pages(content, columns)
                for page in pages:
                    book.add(page)
    except KeyError:
        return OTHER
    except _TooManyError:
        return TOO_LARGE
    if not pages.found:
        return OTHER
    book.close(_FORMATS, [0, *_FORMATS])
    return DONE


def _is_locked(archive: zipfile.ZipFile) -> bool:
    if "META-INF/manifest.xml" not in archive.namelist():
        return False
    return b"encryption-data" in _start(archive, "META-INF/manifest.xml")


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(1_000_000)


class _TooManyError(Exception):
    pass


class _Pages:
    """The sheets of a content.xml, read once from the front; a row is forgotten when it has been given on."""

    def __init__(self, content: IO[bytes], columns: int) -> None:
        self._events = iterparse(content, events=("start", "end"))
        self._columns = columns
        self._hidden_styles: set[str] = set()
        self._cells = 0
        self.found = 0

    def __iter__(self) -> Iterator[Page]:
        style = ""
        for event, element in self._events:
            if element.tag == f"{_STYLE}style" and event == "start":
                style = element.get(f"{_STYLE}name", "")
            elif element.tag == f"{_STYLE}table-properties" and element.get(f"{_TABLE}display") == "false":
                self._hidden_styles.add(style)
            elif element.tag == f"{_TABLE}table" and event == "start":
                self.found += 1
                merged: list[tuple[int, int, int, int]] = []
                hidden = element.get(f"{_TABLE}style-name") in self._hidden_styles
                name = element.get(f"{_TABLE}name") or f"Sheet{self.found}"
                # merged cells are known once the rows have been read, which is when they are written
                yield Page(name, self._rows(element, merged), hidden, merged)

    def _rows(
        self, table: Element, merged: list[tuple[int, int, int, int]]
    ) -> Iterator[tuple[int, Mapping[int, Cell]]]:
        number = depth = 0
        for event, element in self._events:
            if element.tag == f"{_TABLE}table":
                # a table within a cell is part of that cell's text
                depth += 1 if event == "start" else -1
                if depth < 0:
                    return
            if event == "start" or element.tag != f"{_TABLE}table-row" or depth:
                continue
            times = _count(element, "number-rows-repeated")
            cells = self._row(element, number, merged)
            if cells:
                if number + times > _MOST_ROWS:
                    raise _TooManyError
                for again in range(times):
                    self._cells += len(cells)
                    if self._cells > _MOST_CELLS:
                        raise _TooManyError
                    yield number + again, cells
            number += times
            element.clear()
            for child in list(table):
                if child.tag == f"{_TABLE}table-row":
                    table.remove(child)

    def _row(self, row: Element, number: int, merged: list[tuple[int, int, int, int]]) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        column = 0
        for element in row:
            times = _count(element, "number-columns-repeated")
            if element.tag == f"{_TABLE}table-cell":
                across, down = _count(element, "number-columns-spanned"), _count(element, "number-rows-spanned")
                if (across > 1 or down > 1) and len(merged) < _MOST_ROWS:
                    merged.append((number, number + down - 1, column, column + across - 1))
                cell = _cell(element)
                if cell is not None:
                    if column + times > max(self._columns, 16_384):
                        raise _TooManyError
                    cells.update(dict.fromkeys(range(column, column + times), cell))
            column += times
        return cells


def _count(element: Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _cell(element: Element) -> Cell | None:
    kind = element.get(f"{_OFFICE}value-type")
    text = _text(element)
    if kind is None and not text:
        return None
    if _ERRORS.fullmatch(text):
        return Cell("e", text)
    if kind in ("float", "percentage", "currency"):
        value = element.get(f"{_OFFICE}value", "")
        if _PADDED.fullmatch(text):
            return Cell("str", text)
        return Cell("n", value, _SHARE if kind == "percentage" else _PLAIN)
    if kind == "boolean":
        return Cell("b", "1" if element.get(f"{_OFFICE}boolean-value") == "true" else "0")
    if kind == "date":
        return _day(element.get(f"{_OFFICE}date-value", ""))
    if kind == "time":
        found = _CLOCK.fullmatch(element.get(f"{_OFFICE}time-value", ""))
        if found is not None:
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            return Cell("n", repr((hours * 3600 + minutes * 60 + seconds) / 86_400), _TIME)
    return Cell("str", text)


def _day(said: str) -> Cell:
    """Return a day as a text: it has its own calendar, where the 1900 of a workbook has a day too many."""
    try:
        moment = dt.datetime.fromisoformat(said)
    except ValueError:
        return Cell("str", said)
    plain = moment.date().isoformat()
    return Cell("str", plain if moment.time() == dt.time() else f"{plain} {moment.time().isoformat('seconds')}")


def _text(element: Element) -> str:
    """Return the paragraphs of a cell, notes left out."""
    return "\n".join(_paragraph(part) for part in element if part.tag == f"{_TEXT}p")


def _paragraph(part: Element) -> str:
    pieces = [part.text or ""]
    for child in part:
        if child.tag == f"{_TEXT}s":
            pieces.append(" " * min(int(child.get(f"{_TEXT}c", "1")), 1000))
        elif child.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif not child.tag.startswith(_OFFICE):
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
