"""Read the positions of a file with what its rows say of them, so that their coordinate system can be guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from gridmap.coordinates.ground import Reported
from gridmap.coordinates.guess import read_reported
from gridmap.domain.incoming import ReadingLimits, TitledRow, Value
from gridmap.domain.name_match import NameIndex
from gridmap.domain.region_codes import read_code
from gridmap.domain.typed_coordinates import read_degrees, read_metres
from gridmap.errors import UserError
from gridmap.ingest import titled_rows

LIMITS = ReadingLimits(rows=500_000)
"""More positions tell no more of their system."""


@dataclass(frozen=True)
class Columns:
    """Titles of the columns that are read. x, y: None where the positions are the points of a map's features."""

    x: str | None = None
    y: str | None = None
    county: str | None = None
    village: str | None = None

    @property
    def named(self) -> list[str]:
        """Return the titles that were named."""
        return [title for title in (self.x, self.y, self.county, self.village) if title is not None]


def read(path: Path, names: NameIndex, columns: Columns, sheet: str | None = None) -> tuple[Reported, list[int]]:
    """Return the rows of a file, and the numbers of those without a position that can be read.

    A village counts only where its name, in the county that the row says, means one alone. sheet: the one that is
    meant, where titles leave it open.
    Errors: ReadingError for a file that cannot be read, UserError for a title or a sheet that it has not.
    """
    if (columns.x is None) != (columns.y is None):
        raise UserError("name both columns of the position, --x and --y, or none for the points of a map's features")
    found: list[tuple[float | None, float | None, str | None, str | None]] = []
    unread = []
    with titled_rows.opened(path, lambda header: _has(header, columns), sheet=sheet, limits=LIMITS) as table:
        for title in columns.named:
            if title not in table.sheet.header:
                raise UserError(f"{path.name}: there is no column {title!r}; it has {', '.join(table.sheet.header)}")
        if columns.x is None and not table.sheet.has_geometry:
            raise UserError(f"{path.name} is no map: name the columns of the position with --x and --y")
        for row in table.rows():
            x, y = _position(row, columns)
            if x is None or y is None:
                unread.append(row.number)
            found.append((x, y, *_place(row.values, columns, names)))
    x_all, y_all, counties, places = zip(*found, strict=True) if found else ((), (), (), ())
    return read_reported(x_all, y_all, counties, places), unread


def _has(header: Sequence[str], columns: Columns) -> bool:
    return all(title in header for title in columns.named)


def _position(row: TitledRow, columns: Columns) -> tuple[float | None, float | None]:
    """Return longitude and latitude, or metres, as they stand; None for what cannot be read."""
    if row.fault is not None:
        return None, None
    if columns.x is not None and columns.y is not None:
        return _number(row.values[columns.x]), _number(row.values[columns.y])
    shape = shapely.from_wkb(row.geometry, on_invalid="ignore") if row.geometry else None
    return (shape.x, shape.y) if isinstance(shape, shapely.Point) and not shape.is_empty else (None, None)


def _place(values: Mapping[str, Value], columns: Columns, names: NameIndex) -> tuple[str | None, str | None]:
    """Return the county and the village that a row names."""
    county = _county(values[columns.county]) if columns.county else None
    return county, _village(values[columns.village], county, names) if columns.village else None


def _number(value: Value) -> float | None:
    """Return degrees however they are typed, or metres."""
    try:
        return read_degrees(value).degrees
    except UserError:
        try:
            return read_metres(value)
        except UserError:
            return None


def _county(value: Value) -> str | None:
    try:
        return read_code(value).county_code
    except UserError:
        return None


def _village(value: Value, county: str | None, names: NameIndex) -> str | None:
    try:
        unit = names.match(value, county_code=county).unit
    except UserError:
        return None
    return unit.code if unit is not None else None
