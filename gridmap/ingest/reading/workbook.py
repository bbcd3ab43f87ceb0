"""XLSX: what its sheets are, where their headers stand, and their rows; read from the XML, whatever wrote it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Told
from gridmap.ingest.reading import header
from gridmap.ingest.reading.archive import Archive, Budget
from gridmap.ingest.reading.cells import PLAIN, Converter, Style, style_of
from gridmap.ingest.reading.faults import joined, refusal
from gridmap.ingest.reading.opened import Opened, check_columns
from gridmap.ingest.reading.shared_strings import SharedStrings
from gridmap.ingest.reading.worksheet import Filler, SheetReader, SheetRow, Survey, outside, survey
from gridmap.ingest.reading.xml import Parser

MOST_STYLES = 100_000
MOST_RELATIONS = 10_000
_ROOT = "_rels/.rels"


@dataclass(frozen=True)
class _Part:
    """A sheet of the workbook: its name, the member that holds it, whether it is hidden."""

    name: str
    member: str
    hidden: bool


class Workbook(Opened):
    """An opened XLSX. Hidden sheets are listed and marked, hidden rows and columns read like others."""

    format = "xlsx"

    def __init__(self, path: Path, limits: ReadingLimits) -> None:
        super().__init__(limits)
        self._archive = Archive(path, limits)
        self._shared: SharedStrings | None = None
        self._parts: dict[str, _Part] = {}
        self._surveys: dict[str, Survey] = {}
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file and remove what was kept aside."""
        if self._shared is not None:
            self._shared.close()
        self._archive.close()

    def _open(self) -> None:
        budget = Budget(self._limits)
        book = self._book_member(budget)
        parts, self._is_1904 = self._listed(book, budget)
        links = self._links(book, budget)
        self._styles = self._read_styles(links.get("styles"), budget)
        self._shared = self._read_shared(links.get("sharedStrings"), budget)
        sheets, told = [], []
        for part in parts:
            sheet, notes = self._look_at(part, budget)
            told.extend(notes)
            if sheet is not None:
                sheets.append(sheet)
                self._parts[sheet.name] = part
        if not sheets:
            raise refusal("工作簿里没有带列标题的表", "the workbook has no sheet with a row of column titles")
        self.sheets, self.told = tuple(sheets), tuple(told)

    def _book_member(self, budget: Budget) -> str:
        targets = self._relations(_ROOT, "", budget) if _ROOT in self._archive.names else []
        book = next((member for kind, member, _ in targets if kind == "officeDocument"), "xl/workbook.xml")
        if book.endswith(".bin"):
            raise refusal(
                "这是 .xlsb 二进制工作簿，请在 Excel 或 WPS 中另存为 .xlsx",
                "this is a binary workbook (.xlsb); save it as .xlsx in Excel or WPS",
            )
        if book not in self._archive.names:
            raise refusal("工作簿不完整：没有目录", "the workbook is not whole: it lists no sheets")
        return book

    def _relations(self, member: str, base: str, budget: Budget) -> list[tuple[str, str, str]]:
        """Return kind, target member and id of each relation."""
        result: list[tuple[str, str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and len(result) < MOST_RELATIONS and attributes.get("TargetMode") != "External":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = unquote(attributes.get("Target", ""))
                whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{base}/{target}")
                result.append((kind, whole.lstrip("/"), attributes.get("Id", "")))

        self._read(member, start, budget)
        return result

    def _links(self, book: str, budget: Budget) -> dict[str, str]:
        folder, name = posixpath.split(book)
        member = f"{folder}/_rels/{name}.rels".lstrip("/")
        if member not in self._archive.names:
            return {}
        return {kind: target for kind, target, _ in self._relations(member, folder, budget)}

    def _listed(self, book: str, budget: Budget) -> tuple[list[_Part], bool]:
        folder, name = posixpath.split(book)
        member = f"{folder}/_rels/{name}.rels".lstrip("/")
        targets = {}
        if member in self._archive.names:
            targets = {key: (kind, part) for kind, part, key in self._relations(member, folder, budget)}
        parts: list[_Part] = []
        dates = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                dates[0] = attributes.get("date1904", "0") in ("1", "true", "on")
            elif name == "sheet":
                key = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
                kind, part = targets.get(key, ("", ""))
                if kind == "worksheet" and part in self._archive.names and len(parts) <= MOST_RELATIONS:
                    hidden = attributes.get("state", "visible") != "visible"
                    parts.append(_Part(attributes.get("name", part), part, hidden))

        self._read(book, start, budget)
        if len(parts) > self._limits.sheets:
            raise refusal(
                f"工作簿有{len(parts)}个表，最多{self._limits.sheets}个",
                f"the workbook has {len(parts)} sheets; expected at most {self._limits.sheets}",
            )
        return parts, dates[0]

    def _read_styles(self, member: str | None, budget: Budget) -> list[Style]:
        custom: dict[int, str] = {}
        styles: list[Style] = []
        inside = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "numFmt":
                number = attributes.get("numFmtId", "")
                if number.isdecimal() and len(custom) < MOST_STYLES:
                    custom[int(number)] = attributes.get("formatCode", "")[:255]
            elif name == "cellXfs":
                inside[0] = True
            elif name == "cellStyles":
                inside[0] = False
            elif name == "xf" and inside[0] and len(styles) < MOST_STYLES:
                number = attributes.get("numFmtId", "0")
                styles.append(style_of(int(number), custom) if number.isdecimal() else PLAIN)

        if member in self._archive.names and member is not None:
            self._read(member, start, budget)
        return styles

    def _read_shared(self, member: str | None, budget: Budget) -> SharedStrings:
        longest = self._limits.characters_per_cell
        if member is None or member not in self._archive.names:
            return SharedStrings(None, longest)
        with self._archive.open(member, budget) as source:
            return SharedStrings(source, longest)

    def _read(self, member: str, start: object, budget: Budget) -> None:
        parser = Parser(start, lambda _name: None, lambda _text: None)  # type: ignore[arg-type]
        with self._archive.open(member, budget) as source:
            for _ in parser.pieces(source, member):
                pass

    def _look_at(self, part: _Part, budget: Budget) -> tuple[IncomingSheet | None, list[Told]]:
        with self._archive.open(part.member, budget) as source:
            found = self._surveys[part.name] = survey(source)
        sample: list[header.Row] = []
        for row in self._sheet_rows(part, Budget(self._limits)):
            if row.beyond >= 0:
                check_columns(row.beyond + 1, self._limits)
            width = max(row.values, default=-1) + 1
            sample.append((row.number, tuple(row.values.get(column) for column in range(width))))
            if len(sample) == header.SAMPLE:
                break
        top = header.find(sample, found.listed())
        if top is None:
            zh, en = f"“{part.name}”没有列标题，不读取", f"{part.name}: it has no row of column titles and is not read"
            return None, [Told(zh, en)] if sample else []
        sheet = IncomingSheet(part.name, top.titles, top.last, hidden=part.hidden)
        return sheet, [*top.told(part.name), *_notes(part, found, bool(found.downward(top.last, len(top.titles))))]

    def _sheet_rows(self, part: _Part, budget: Budget) -> Iterator[SheetRow]:
        if self._shared is None:
            return
        converter = Converter(self._shared, self._styles, self._is_1904, self._limits.characters_per_cell)
        reader = SheetReader(converter, self._limits)
        with self._archive.open(part.member, budget) as source:
            yield from reader.rows(source, f"“{part.name}”")

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        part = self._parts[sheet.name]
        width = len(sheet.header)
        filler = Filler(self._surveys[part.name].downward(sheet.header_row, width))
        for row in self._sheet_rows(part, Budget(self._limits)):
            if row.number <= sheet.header_row:
                continue
            filler.fill(row)
            beside = max((column for column in row.values if column >= width), default=row.beyond)
            if beside >= 0:
                row.faults.append(outside(beside, width))
            values = tuple([row.values.get(column) for column in range(width)])
            yield IncomingRow(row.number, values, None, joined(row.faults))


def _notes(part: _Part, found: Survey, is_filled: bool) -> list[Told]:
    name = part.name
    result = []
    if part.hidden:
        result.append(Told(f"“{name}”是隐藏的表", f"{name} is a hidden sheet"))
    if found.hidden_rows or found.hidden_columns:
        rows, columns = found.hidden_rows, found.hidden_columns
        result.append(
            Told(
                f"“{name}”有{rows}个隐藏行、{columns}处隐藏列，也一并读取",
                f"{name}: {rows} hidden rows and {columns} hidden columns are read too",
            )
        )
    if found.has_more_merges:
        result.append(Told(f"“{name}”的合并单元格太多，没有全部展开", f"{name}: not all merged cells were spread out"))
    elif is_filled:
        result.append(
            Told(
                f"“{name}”的数据中有纵向合并的单元格，每一行都按合并的值读取",
                f"{name}: cells merged downwards give their value to each of their rows",
            )
        )
    return result
