"""CSV and TXT: any encoding and separator that offices use, read line by line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Sentence, Told, Value
from gridmap.ingest.reading import encodings, header
from gridmap.ingest.reading.faults import joined, refusal
from gridmap.ingest.reading.opened import Opened, check_columns

SEPARATORS = {
    ",": ("逗号", "comma"),
    "\t": ("制表符", "tab"),
    ";": ("分号", "semicolon"),
    "；": ("全角分号", "full-width semicolon"),
    "|": ("竖线", "vertical bar"),
    "，": ("全角逗号", "full-width comma"),
}
"""What may part the fields, the likelier first."""

LONGEST_LINE = 4_000_000
"""Characters of a line that are looked at; the rest is passed over and told."""

LONGEST_FIELD = 131_072
"""Characters at which the csv module gives a field up: a quote that nobody closed. It is the module's own default."""

_SAMPLE_CHARACTERS = 256 * 1024
_AS_TEXT = re.compile(r'="([^"]*)"')
_SEP_LINE = re.compile(r"sep=(.)", re.I)


@dataclass(slots=True)
class _Record:
    """A row as a spreadsheet counts them, with what was wrong with its text."""

    number: int
    fields: list[str]
    fault: Sentence | None = None


class Delimited(Opened):
    """An opened CSV or TXT; it has one sheet."""

    format = "csv"

    def __init__(self, path: Path, name: str, limits: ReadingLimits, encoding: str | None = None) -> None:
        super().__init__(limits)
        self._path = path
        self._encoding = encodings.of_file(path, encoding)
        self._separator = self._find_separator()
        sample = []
        for record in self._records():
            check_columns(_width(record.fields), limits)
            sample.append((record.number, tuple(_value(field) for field in record.fields)))
            if len(sample) == header.SAMPLE:
                break
        found = header.find(sample)
        if found is None:
            raise refusal("文件中没有列标题", "the file has no row of column titles")
        check_columns(len(found.titles), limits)
        self.sheets = (IncomingSheet(Path(name).stem, found.titles, found.last),)
        zh, en = SEPARATORS.get(self._separator, (f"“{self._separator}”", repr(self._separator)))
        label = encodings.NAMES[self._encoding]
        self.told = (
            Told(f"编码为 {label}，分隔符为{zh}", f"The encoding is {label}, the separator a {en}"),
            *found.told(""),
        )

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        width = len(sheet.header)
        for record in self._records():
            if record.number <= sheet.header_row:
                continue
            if record.number > self._limits.rows + sheet.header_row:  # empty lines take time too
                most = self._limits.rows
                raise refusal(f"文件超过{most}行，请分成几个文件", f"the file has more than {most} rows; split it")
            if record.fault is None and not any(field.strip() for field in record.fields):
                continue
            yield self._row(record, width)

    def _row(self, record: _Record, width: int) -> IncomingRow:
        fields = record.fields
        longest = self._limits.characters_per_cell
        if record.fault is None and len(fields) == width:
            text = "".join(fields)
            # most rows: nothing to look at cell by cell
            if len(text) <= longest and "\0" not in text and '="' not in text:
                return IncomingRow(record.number, tuple([field or None for field in fields]))
        faults = [record.fault] if record.fault else []
        if not faults and len(fields) != width and (len(fields) < width or _width(fields) > width):
            faults.append(
                Sentence(f"有{len(fields)}格，表头有{width}列", f"{len(fields)} fields, the header has {width}")
            )
        values: list[Value] = []
        for column, field in enumerate(fields[:width]):
            if len(field) > longest:
                faults.append(_too_long(column, len(field), longest))
                field = field[:longest]
            if "\0" in field:
                faults.append(_has_nul(column))
                field = field.replace("\0", "")
            values.append(_value(field))
        values.extend([None] * (width - len(values)))
        return IncomingRow(record.number, tuple(values), None, joined(faults))

    def _records(self) -> Iterator[_Record]:
        lines = _Lines(self._path, self._encoding)
        try:
            yield from _parsed(lines, self._separator)
        finally:
            lines.close()

    def _find_separator(self) -> str:
        with self._path.open("r", encoding=self._encoding, newline="") as file:
            text = file.read(_SAMPLE_CHARACTERS)
        first = _SEP_LINE.fullmatch(text.partition("\n")[0].strip("\r"))
        if first:
            return first[1]
        # the last line of a sample may be half a line
        whole = text if len(text) < _SAMPLE_CHARACTERS else text[: text.rfind("\n") + 1] or text
        return max(SEPARATORS, key=lambda separator: _evenness(whole, separator))


class _Lines:
    """The lines of a text, none longer than LONGEST_LINE.

    cut: whether the last one was. ended: whether somebody asked for a line after the last.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("r", encoding=encoding, newline="")
        self.cut = self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            self.cut = True
            while True:
                rest = self._file.readline(LONGEST_LINE)
                if not rest or rest.endswith(("\n", "\r")):
                    break
        return line

    def close(self) -> None:
        self._file.close()


def _parsed(lines: _Lines, separator: str) -> Iterator[_Record]:
    """Yield the records; what the csv module gives up is one with a fault, and reading goes on with the next line."""
    reader = csv.reader(lines, delimiter=separator)
    number = 0
    while True:
        before = reader.line_num
        number += 1
        lines.cut = False
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            taken = reader.line_num - before
            yield _Record(number, [], _unclosed(taken))
            number += max(taken - 1, 0)
            continue
        if number == 1 and len(fields) <= 2 and _SEP_LINE.fullmatch(separator.join(fields)):
            continue
        fault = _cut_line() if lines.cut else None
        if lines.ended:  # the reader looked for the end of a quote and met the end of the file
            fault = Sentence(
                "引号没有配对，这一行之后的文字都被算在一格里",
                "a quote is never closed; all text after it is in one field",
            )
        yield _Record(number, fields, fault)


def _evenness(text: str, separator: str) -> tuple[float, int]:
    """Return how alike the rows are when parted so: the share of the commonest width, and that width."""
    widths = []
    try:
        for fields in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if fields:
                widths.append(len(fields))
            if len(widths) == 500:
                break
    except csv.Error:
        pass  # what was read until then must do
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0, 0
    width, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    return times / len(widths), width


def _value(field: str) -> Value:
    if not field:
        return None
    if field.startswith('="'):
        kept = _AS_TEXT.fullmatch(field)
        if kept:
            return kept[1] or None
    return field


def _width(fields: Sequence[str]) -> int:
    return next((i for i in range(len(fields), 0, -1) if fields[i - 1].strip()), 0)


def _unclosed(lines: int) -> Sentence:
    zh = f"从这一行起的{lines}行文字无法分列：一格超过{LONGEST_FIELD}字，可能有引号没有配对"
    en = f"{lines} lines from here cannot be parted: a field passes {LONGEST_FIELD} characters; is a quote not closed?"
    return Sentence(zh, en)


def _cut_line() -> Sentence:
    return Sentence(
        f"这一行超过{LONGEST_LINE}字，没有读完", f"the line has more than {LONGEST_LINE} characters and was cut"
    )


def _too_long(column: int, length: int, longest: int) -> Sentence:
    letter = header.letters(column)
    return Sentence(
        f"{letter}列有{length}字，最多{longest}字，已截断", f"column {letter} has {length} characters; cut at {longest}"
    )


def _has_nul(column: int) -> Sentence:
    letter = header.letters(column)
    return Sentence(
        f"{letter}列含有空字符（NUL），已去掉", f"column {letter} holds a NUL character, which was left out"
    )
