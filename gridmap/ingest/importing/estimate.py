"""How many rows a file has, roughly and quickly: for telling how far a reader is, for nothing that is decided."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from gridmap.domain.incoming import IncomingFile, IncomingSheet

_PIECE = 1 << 20
_MOST_BYTES = 1_000_000_000
"""What is counted of a workbook's unpacked sheets, whatever it says of itself."""

_MARKS = {"csv": b"\n", "geojson": b'"geometry"', "kml": b"<Placemark", "xlsx": b"<row "}
"""What stands once in each row of a format."""


def estimate_rows(path: Path, incoming: IncomingFile, sheet: IncomingSheet) -> int:
    """Return about how many rows a sheet has; formats without a mark in each row are read once for it."""
    mark = _MARKS.get(incoming.format)
    try:
        if incoming.format == "xlsx":
            return _count(_largest_sheet(path), b"<row ")
        if mark is not None and not zipfile.is_zipfile(path):
            return _count(_pieces(path), mark)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        pass  # the reader says what is wrong with it
    return sum(1 for _ in incoming.rows(sheet))


def is_small(path: Path, incoming: IncomingFile, sheet: IncomingSheet, rows: int, most_bytes: int) -> bool:
    """Return whether a file has at most so many bytes, and a sheet at most so many rows: counted, not estimated."""
    if path.stat().st_size > most_bytes:
        return False
    return all(count <= rows for count, _ in enumerate(incoming.rows(sheet), 1))


def _count(pieces: Iterator[bytes], mark: bytes) -> int:
    number, rest = 0, b""
    for piece in pieces:
        text = rest + piece
        number += text.count(mark)
        rest = text[-len(mark) + 1 :] if len(mark) > 1 else b""
    return max(number, 1)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _largest_sheet(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        sheets = [each for each in archive.infolist() if each.filename.startswith("xl/worksheets/")]
        largest = max(sheets, key=lambda each: each.file_size, default=None)
        if largest is None:
            return
        read = 0
        with archive.open(largest) as file:
            while (piece := file.read(_PIECE)) and read < _MOST_BYTES:
                read += len(piece)
                yield piece
