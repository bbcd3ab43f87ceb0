"""What a file that somebody brings holds, whatever its format: sheets of rows, each with the number its owner sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Value = str | int | float | bool | None
"""A cell as the file had it; None when it is empty.

Texts stay texts (a code in quotes is no number); a date is text: YYYY-MM-DD, with HH:MM:SS behind it if it has a time.
"""


class Sentence(str):
    """A sentence in English, for terminals and logs, that knows its Chinese too."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, zh: str, en: str) -> Sentence:
        """Keep both; the text itself is the English one."""
        sentence = super().__new__(cls, en)
        sentence.zh = zh
        return sentence

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return self.zh, str(self)

    @property
    def en(self) -> str:
        """Return the English sentence as a plain text."""
        return str(self)


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """A row of a file.

    number: as its owner sees it, the first row being 1, or the feature's place in its file. A row of a CSV is what a
    spreadsheet shows as one: line breaks in quotes do not count, empty lines do.
    values: as many as the sheet's header. geometry: WKB in the sheet's coordinates, Z and M kept; None when there is
    none. fault: a sentence when the row could not be read (a cut record, a broken geometry); the values are what could
    be had.
    """

    number: int
    values: tuple[Value, ...]
    geometry: bytes | None = None
    fault: Sentence | None = None


@dataclass(frozen=True, slots=True)
class TitledRow:
    """A row whose values stand by the titles of their columns; the rest as of IncomingRow."""

    number: int
    values: Mapping[str, Value]
    fault: Sentence | None = None
    geometry: bytes | None = None


@dataclass(frozen=True)
class IncomingSheet:
    """A table of a file: one sheet of a workbook, one layer of a GeoPackage, or the whole of a CSV.

    header: titles as they stand, trimmed, unique, never empty. header_row: number of the last row that belongs to it, 0
    where the format has none. crs: what the file declares of its geometries ("EPSG:4326", else WKT), None when it says
    nothing. hidden: the workbook hides it.
    """

    name: str
    header: tuple[str, ...]
    header_row: int = 0
    crs: str | None = None
    hidden: bool = False
    has_geometry: bool = False


@dataclass(frozen=True)
class Told:
    """What was noticed on opening a file, in both languages: its encoding, its separator, hidden sheets, title rows."""

    zh: str
    en: str


class IncomingFile(Protocol):
    """An opened file. rows() may be called again and reads from the beginning; memory does not grow with the file."""

    format: str
    sheets: tuple[IncomingSheet, ...]
    told: tuple[Told, ...]

    def rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        """Yield the rows below the header, empty ones left out; UserError when the file itself breaks off."""
        ...

    def close(self) -> None:
        """Release files and temporary folders."""
        ...


@dataclass(frozen=True)
class ReadingLimits:
    """How much of a file is read before it is refused; counted while reading, never taken from a header."""

    bytes_on_disk: int = 200_000_000
    bytes_unpacked: int = 1_000_000_000
    members: int = 1_000
    rows: int = 2_000_000
    columns: int = 500
    characters_per_cell: int = 32_767
    vertices_per_geometry: int = 1_000_000
    sheets: int = 100
    formats: tuple[str, ...] = field(default=("csv", "xlsx", "geojson", "shapefile", "geopackage", "kml"))
