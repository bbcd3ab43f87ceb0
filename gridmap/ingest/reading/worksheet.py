"""The rows of one sheet of a workbook, read from its XML as it is unpacked."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from gridmap.domain.incoming import ReadingLimits, Sentence, Value
from gridmap.ingest.reading.archive import CHUNK
from gridmap.ingest.reading.cells import Converter, RawCell
from gridmap.ingest.reading.faults import refusal
from gridmap.ingest.reading.header import Merge, letters
from gridmap.ingest.reading.xml import Parser

MOST_MERGES = 200_000
"""Merged cells that are kept; a sheet with more has its values where they stand."""

LOWEST_HEADER = 100
MOST_IN_HEADER = 5_000
WIDEST = 16_384
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MERGE = re.compile(
    rb"<(?:\w{1,20}:)?mergeCell\b[^>]{0,80}?\bref\s*=\s*[\"']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})[\"']"
)
_HIDDEN_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b[^>]{0,400}?\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w{1,20}:)?col\b[^>]{0,300}?\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_OVERLAP = 600


@dataclass
class Survey:
    """What a sheet says of itself outside its rows, most of it behind them."""

    hidden_rows: int = 0
    hidden_columns: int = 0
    merges: array[int] = field(default_factory=lambda: array("I"))
    has_more_merges: bool = False

    def listed(self) -> list[Merge]:
        """Return the merges in the rows where a header may stand."""
        quads = (self.merges[i : i + 4] for i in range(0, len(self.merges), 4))
        return [Merge(*quad) for quad in quads if quad[0] <= LOWEST_HEADER][:MOST_IN_HEADER]

    def downward(self, below: int, width: int) -> list[tuple[int, int, int]]:
        """Return the merges over several rows below a row: top, bottom, column < width, in the order of their rows."""
        result = [
            (self.merges[i], self.merges[i + 2], self.merges[i + 1])
            for i in range(0, len(self.merges), 4)
            if self.merges[i + 2] > self.merges[i] > below and self.merges[i + 1] < width
        ]
        result.sort()
        return result


def survey(source: BinaryIO) -> Survey:
    """Look through the bytes of a sheet for merged cells and hidden rows and columns."""
    found = Survey()
    kept = b""
    while True:
        piece = source.read(CHUNK)
        text = kept + piece
        end = len(text) if not piece else max(len(text) - _OVERLAP, 0)
        # a match counts in the piece in which it begins
        found.hidden_rows += sum(m.start() < end for m in _HIDDEN_ROW.finditer(text))
        found.hidden_columns += sum(m.start() < end for m in _HIDDEN_COLUMN.finditer(text))
        if b"mergeCell" in text:
            _add_merges(found, text, end)
        kept = text[end:]
        if not piece:
            return found


def _add_merges(found: Survey, text: bytes, end: int) -> None:
    for match in _MERGE.finditer(text):
        if match.start() >= end:
            break
        if len(found.merges) >= 4 * MOST_MERGES:
            found.has_more_merges = True
            break
        top, left = place(match[1].decode())
        bottom, right = place(match[2].decode())
        if top <= bottom and left <= right:
            found.merges.extend((top, left, bottom, right))


def place(reference: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a reference such as B7; (0, -1) for none."""
    letters_, digits = reference.rstrip(_DIGITS), reference.lstrip(_LETTERS)
    is_one = letters_ + digits == reference and digits.isdecimal()
    return (int(digits), _column_of(letters_)) if is_one else (0, -1)


@lru_cache(maxsize=WIDEST)
def _column_of(name: str) -> int:
    """Return the number of a column of so many letters, from 0; -1 for what is none."""
    if not 1 <= len(name) <= 3 or name.strip(_LETTERS):
        return -1
    column = 0
    for letter in name:
        column = column * 26 + ord(letter) - 64
    return column - 1


@dataclass(slots=True)
class SheetRow:
    """A row with the values of its first columns. beyond: the last column with a value behind those."""

    number: int
    values: dict[int, Value]
    faults: list[Sentence]
    beyond: int = -1


class SheetReader:
    """Read rows, as many and as wide as the limits allow."""

    def __init__(self, converter: Converter, limits: ReadingLimits) -> None:
        self._converter = converter
        self._most = limits.columns
        self._longest = limits.characters_per_cell
        self._rows_left = self._most_rows = limits.rows + LOWEST_HEADER
        self._row: SheetRow | None = None
        self._cell: RawCell | None = None
        self._number = 0
        self._column = -1
        self._parts: list[str] = []
        self._length = 0
        self._takes = False
        self._phonetic = 0
        self._done: list[SheetRow] = []

    def rows(self, source: BinaryIO, name: str) -> Iterator[SheetRow]:
        """Yield the rows that have a value or a fault."""
        for _ in Parser(self._start, self._end, self._text).pieces(source, name):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._take()
        elif name == "row":
            given = attributes.get("r", "")
            self._number = int(given) if given.isdecimal() and len(given) < 9 else self._number + 1
            self._column = -1
            self._row = SheetRow(self._number, {}, [])
            self._rows_left -= 1  # empty ones take time too
            if self._rows_left < 0:
                most = self._most_rows
                raise refusal(f"表格超过{most}行，请分成几个文件", f"the sheet has more than {most} rows; split it")
        elif name == "t":
            if self._cell is not None and self._cell.kind == "inlineStr" and not self._phonetic:
                self._take()
        elif name == "f":
            if self._cell is not None:
                self._cell.has_formula = True
        elif name == "rPh":
            self._phonetic += 1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        column = _column_of(reference.rstrip(_DIGITS)) if reference else -1
        self._column = column if column >= 0 else self._column + 1
        style = attributes.get("s", "0")
        self._cell = RawCell(self._column, attributes.get("t", "n"), int(style) if style.isdecimal() else 0)
        self._parts.clear()
        self._length = 0

    def _take(self) -> None:
        self._takes = self._cell is not None
        if self._cell is not None and self._cell.text is None:
            self._cell.text = ""

    def _text(self, piece: str) -> None:
        if self._takes:
            if self._length <= self._longest:
                self._parts.append(piece)
            self._length += len(piece)

    def _end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name in ("v", "t"):
            self._takes = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "row":
            row = self._row
            if row is not None and (row.values or row.faults or row.beyond >= 0):
                self._done.append(row)
            self._row = None

    def _end_cell(self) -> None:
        cell, row = self._cell, self._row
        self._cell = None
        if cell is None or row is None:
            return
        if cell.text is not None and self._parts:
            cell.text = self._parts[0] if len(self._parts) == 1 else "".join(self._parts)
            if self._length > self._longest:
                cell.text, cell.was_cut = cell.text[: self._longest + 1], True
        if cell.text is None and not cell.has_formula:
            return
        value, fault = self._converter.value(cell)
        if value is None and fault is None:
            return
        if cell.column >= self._most:
            row.beyond = max(row.beyond, min(cell.column, WIDEST))
            return
        if fault is not None:
            row.faults.append(fault)
        if value is not None:
            row.values[cell.column] = value


class Filler:
    """Give the value of cells merged downwards to each of their rows, as their reader sees it.

    merges: top, bottom and column, in the order of their rows; of those that overlap in a column the later one counts.
    """

    def __init__(self, merges: list[tuple[int, int, int]]) -> None:
        self._merges = merges
        self._next = 0
        self._open: dict[int, tuple[int, Value]] = {}

    def fill(self, row: SheetRow) -> None:
        """Complete a row; rows come in their order."""
        for column, (bottom, value) in list(self._open.items()):
            if bottom < row.number:
                del self._open[column]
            elif value is not None and column not in row.values:
                row.values[column] = value
        while self._next < len(self._merges) and self._merges[self._next][0] <= row.number:
            top, bottom, column = self._merges[self._next]
            self._next += 1
            if top == row.number:
                self._open[column] = bottom, row.values.get(column)


def outside(column: int, width: int) -> Sentence:
    """Tell of a value beside the table."""
    letter, last = letters(column), letters(width - 1)
    return Sentence(
        f"{letter}列有内容，表头只到{last}列", f"column {letter} has a value, the header ends at column {last}"
    )
