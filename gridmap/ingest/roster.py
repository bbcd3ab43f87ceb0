"""Read a roster of duties, CSV or XLSX: every value as it stands, nothing evaluated, no more than was counted."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from gridmap.domain import duty
from gridmap.domain.duty import Fault, Formula, RosterRow
from gridmap.errors import UserError

MOST_BYTES = 10_000_000
MOST_UNPACKED = 60_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 50


@dataclass
class Roster:
    """What a file holds. rows: duties that can be read. faults: what is wrong with the others. notes: on columns."""

    rows: list[RosterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: frozenset[str] = frozenset()


def read(path: Path) -> Roster:
    """Read a roster. UserError for a file that is none: unreadable, too large, without the headings it must have."""
    lines = _workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _text_lines(path)
    try:
        first = next(lines)
    except StopIteration:
        raise UserError(f"{path.name}: the file is empty") from None
    try:
        places, notes = duty.recognise(["" if value is None else duty.found(value) for value in first])
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from error
    roster = Roster(notes=notes, columns=frozenset(places))
    for number, values in enumerate(lines, 2):
        if all(value is None or value == "" for value in values):
            continue
        by_field = {name: values[place] if place < len(values) else None for name, place in places.items()}
        row, faults = duty.read_row(number, by_field)
        roster.faults += faults
        if row is not None:
            roster.rows.append(row)
    if not roster.rows and not roster.faults:
        raise UserError(f"{path.name}: there is no row below the headings")
    return roster


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: the file cannot be read ({error.strerror})") from error
    if len(content) > MOST_BYTES:
        raise UserError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB")
    return content


def _decoded(path: Path, content: bytes) -> str:
    """Return text in UTF-8, with or without a mark, in UTF-16 with one, or in GB 18030, which is what Excel writes."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UserError(f"{path.name}: neither UTF-8 nor GB 18030 text, nor a workbook named .xlsx")


def _text_lines(path: Path) -> Iterator[list[Any]]:
    text = _decoded(path, _content(path))
    heading = text.partition("\n")[0]
    separator = max(",;\t，", key=heading.count)
    try:
        for number, line in enumerate(csv.reader(io.StringIO(text), delimiter=separator, strict=True), 1):
            _check_size(path, number, len(line))
            yield [Formula(value) if value.startswith("=") else value for value in line]
    except csv.Error as error:
        raise UserError(f"{path.name}: not readable as CSV ({error})") from error


def _workbook(path: Path) -> Iterator[list[Any]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    content = _content(path)
    _check_unpacked(path, content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        # a sheet may claim a million rows and hold three: what is read is counted, not what is claimed
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            _check_size(path, number, len(cells))
            yield [Formula(str(cell.value)) if cell.data_type == "f" else cell.value for cell in cells]
    except (
        InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError,
        AttributeError,
    ) as error:  # fmt: skip
        raise UserError(f"{path.name}: not readable as an Excel workbook ({type(error).__name__})") from error


def _check_size(path: Path, rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise UserError(f"{path.name}: more than {MOST_ROWS} rows; delete empty ones or send it in parts")
    if columns > MOST_COLUMNS:
        raise UserError(f"{path.name}, row {rows}: more than {MOST_COLUMNS} columns")


def _check_unpacked(path: Path, content: bytes) -> None:
    """Refuse a workbook that unpacks to more than a roster can be; what comes out is counted, not what is claimed."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    while chunk := file.read(1_000_000):
                        total += len(chunk)
                        if total > MOST_UNPACKED:
                            raise UserError(f"{path.name}: unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
                        if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
                            raise UserError(f"{path.name}: {member.filename} declares entities, which no workbook does")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UserError(f"{path.name}: not readable as an Excel workbook ({type(error).__name__})") from error
