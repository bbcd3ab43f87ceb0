"""Rows of a file of zones: values and outlines as they stand, each read by its column or told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gridmap.coordinates import System
from gridmap.domain import import_values
from gridmap.domain.definition import Text
from gridmap.domain.import_report import ImportFault
from gridmap.domain.import_titles import TitleMap
from gridmap.domain.incoming import IncomingFile, IncomingRow, IncomingSheet, Value
from gridmap.domain.zone_file import MOST_ROWS
from gridmap.errors import UserError
from gridmap.planning.zone_file import shapes
from gridmap.planning.zone_file.shapes import NoOutline, Outline

RAW = frozenset({"units_in", "units_out", "county_code", "county_name"})
"""Columns whose cells are read with the list of units at hand."""


@dataclass
class Entry:
    """A row. values: by column, what the file has no column of is missing. polygons: as the file has them."""

    row: int
    values: dict[str, Any]
    polygons: Any | None = None
    dropped_height: bool = False
    outline: Outline | None = None


@dataclass
class Telling:
    """Collects what is wrong with rows. titles: of the file's columns."""

    titles: TitleMap
    faults: list[ImportFault] = field(default_factory=list)

    def fault(
        self, row: int, column: str, found: Value, expected: Text, hint: str | None = None, *, warn: bool = False
    ) -> None:
        """Tell what is wrong with a row. column: its name, empty for the outline or the whole row."""
        title = (self.titles.title_of(column) or "") if column else ""
        shown = import_values.shown(found)
        self.faults.append(ImportFault(row, title, shown, expected, hint, "warning" if warn else "fault"))

    def has_told(self, row: int, column: str) -> bool:
        """Return whether something was told of a column of a row."""
        title = self.titles.title_of(column)
        return title is not None and any(fault.row == row and fault.title == title for fault in self.faults)

    def refused(self) -> set[int]:
        """Return the rows with a fault."""
        return {fault.row for fault in self.faults if fault.severity == "fault"}


def read(incoming: IncomingFile, sheet: IncomingSheet, titles: TitleMap, tell: Telling) -> Iterator[Entry]:
    """Yield the rows of a sheet. UserError when there are more than a file of zones has."""
    at = {title: place for place, title in enumerate(sheet.header)}
    readers = [
        (match.column.name, at[title], import_values.reader(match.column, match.factor))
        for title, match in titles.matches.items()
    ]
    for number, row in enumerate(incoming.rows(sheet), 1):
        if number > MOST_ROWS:
            raise UserError(
                f"the file has more than {MOST_ROWS} rows; expected a zone in each, and at most so many",
                zh=f"文件超过 {MOST_ROWS} 行；应每行一个区域，最多 {MOST_ROWS} 个。",
            )
        yield _entry(row, readers, tell)


def _entry(row: IncomingRow, readers: list[tuple[str, int, Any]], tell: Telling) -> Entry:
    entry = Entry(row.number, {})
    for name, place, reader in readers:
        value = row.values[place] if place < len(row.values) else None
        entry.values[name] = value if name in RAW else None
        if name in RAW:
            continue
        try:
            entry.values[name] = reader(value).value
        except import_values.Unreadable as wrong:
            tell.fault(row.number, name, value, wrong.expected, wrong.suggestion)
    if row.fault is not None:
        tell.fault(row.number, "", None, Text(row.fault.zh, row.fault.en))
    elif row.geometry is not None:
        try:
            entry.polygons, entry.dropped_height = shapes.read_polygons(row.geometry)
        except NoOutline as wrong:
            tell.fault(row.number, "", wrong.found, wrong.expected, wrong.suggestion)
    return entry


def place(entries: list[Entry], system: System, tell: Telling, *, repair: bool) -> None:
    """Bring the outlines of rows to the house's degrees; what cannot be is told."""
    for entry in entries:
        if entry.polygons is None:
            continue
        try:
            entry.outline = shapes.settle(entry.polygons, system, repair=repair, dropped_height=entry.dropped_height)
        except NoOutline as wrong:
            tell.fault(entry.row, "", wrong.found, wrong.expected, wrong.suggestion)
            continue
        moved = entry.outline.moved_m2
        if moved is not None:
            text = Text(
                f"自相交已修复，与另一种读法相差 {moved:,.0f} 平方米",
                f"crossings were mended; another reading differs by {moved:,.0f} m²",
            )
            tell.fault(entry.row, "", None, text, warn=True)
