"""Read the positions of a CSV with what its rows say of them, so that their coordinate system can be guessed."""

from __future__ import annotations

from pathlib import Path

from gridmap.coordinates.ground import Reported
from gridmap.coordinates.guess import read_reported
from gridmap.domain.name_match import NameIndex
from gridmap.domain.region_codes import read_code
from gridmap.domain.typed_coordinates import read_degrees, read_metres
from gridmap.errors import UserError
from gridmap.ingest import village_file


def read(
    path: Path, names: NameIndex, x_title: str, y_title: str, county_title: str | None, village_title: str | None
) -> tuple[Reported, list[int]]:
    """Return the rows of a file, and the numbers of those without a position that can be read.

    A village counts only where its name, in the county that the row says, means one alone.
    Errors: UserError for a title that the file has not.
    """
    found: list[tuple[float | None, float | None, str | None, str | None]] = []
    unread = []
    for number, row in village_file.rows(path):
        for title in (x_title, y_title, county_title, village_title):
            if title is not None and title not in row:
                raise UserError(f"{path.name}, row {number}: there is no column {title!r}; it has {', '.join(row)}")
        x, y = _number(row[x_title]), _number(row[y_title])
        if x is None or y is None:
            unread.append(number)
        county = _county(row[county_title]) if county_title else None
        found.append((x, y, county, _village(row[village_title], county, names) if village_title else None))
    x_all, y_all, counties, places = zip(*found, strict=True) if found else ((), (), (), ())
    return read_reported(x_all, y_all, counties, places), unread


def _number(value: object) -> float | None:
    """Return degrees however they are typed, or metres."""
    try:
        return read_degrees(value).degrees
    except UserError:
        try:
            return read_metres(value)
        except UserError:
            return None


def _county(value: object) -> str | None:
    try:
        return read_code(value).county_code
    except UserError:
        return None


def _village(value: object, county: str | None, names: NameIndex) -> str | None:
    try:
        unit = names.match(value, county_code=county).unit
    except UserError:
        return None
    return unit.code if unit is not None else None
