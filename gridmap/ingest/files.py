"""Read the data files that ship in layers/<id>/data: CSV and GeoJSON, each fault named by file, row and field."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmap import config, geo
from gridmap.errors import UserError


@dataclass(frozen=True)
class Record:
    """One row of a table or feature of a collection, with the words to complain about it."""

    file: str
    row: int
    values: Mapping[str, Any]
    geom: BaseGeometry | None = None

    def fault(self, field: str, expected: str) -> UserError:
        """Return the error that names file, row and field."""
        return UserError(
            f"{self.file}, row {self.row}, field {field}: expected {expected}, found {self.values.get(field)!r}"
        )

    def text(self, field: str) -> str:
        """Return a text that is there."""
        value = self.optional(field)
        if value is None:
            raise self.fault(field, "a text")
        return value

    def optional(self, field: str) -> str | None:
        """Return a text, or None where the field is empty."""
        value = self.values.get(field)
        return None if value is None or str(value).strip() == "" else str(value).strip()

    def code(self, field: str, digits: int) -> str:
        """Return a division code of so many digits."""
        value = self.text(field)
        if not (len(value) == digits and value.isascii() and value.isdigit()):
            raise self.fault(field, f"a code of {digits} digits")
        return value

    def number(self, field: str) -> float:
        """Return a finite number."""
        try:
            value = float(self.text(field))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.fault(field, "a number")
        return value

    def position(self, lon: str = "lon", lat: str = "lat") -> tuple[float, float]:
        """Return longitude and latitude, degrees, inside the city's envelope."""
        x, y = self.number(lon), self.number(lat)
        if not geo.inside_envelope(x, y):
            raise self.fault(lon, f"a position in the city's envelope ({lat} is {y})")
        return x, y

    def flag(self, field: str) -> bool:
        """Return true or false."""
        value = self.text(field).lower()
        if value not in ("true", "false"):
            raise self.fault(field, "true or false")
        return value == "true"

    def day(self, field: str) -> dt.date:
        """Return a date."""
        try:
            return dt.date.fromisoformat(self.text(field))
        except ValueError as error:
            raise self.fault(field, "a date (YYYY-MM-DD)") from error

    def one_of(self, field: str, words: Sequence[str]) -> str:
        """Return one of the words."""
        value = self.text(field)
        if value not in words:
            raise self.fault(field, " or ".join(words))
        return value

    def shape(self, kind: str) -> BaseGeometry:
        """Return the geometry: of a Polygon, LineString or Point kind, valid and inside the envelope."""
        geom = self.geom
        if geom is None or geom.is_empty or kind not in geom.geom_type or not geom.is_valid:
            raise self.fault("geometry", f"a valid {kind}")
        west, south, east, north = geom.bounds
        if not (geo.inside_envelope(west, south) and geo.inside_envelope(east, north)):
            raise self.fault("geometry", f"a {kind} inside the city's envelope")
        return geom


def path_of(layer: str, name: str) -> Path:
    """Return where a layer's data file lies."""
    return config.resource("layers") / layer / "data" / name


def read_table(layer: str, name: str, fields: Sequence[str]) -> list[Record]:
    """Read a CSV file with at least these columns; row 1 is the first below the header."""
    label, text = _read(layer, name)
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise UserError(f"{label}, row {reader.line_num}: not readable as CSV ({error})") from error
    missing = [field for field in fields if field not in (reader.fieldnames or [])]
    if missing:
        raise UserError(f"{label}: the column {', '.join(missing)} is missing")
    for number, row in enumerate(rows, 1):
        if None in row or None in row.values():
            raise UserError(
                f"{label}, row {number}: expected {len(reader.fieldnames or [])} fields, found another number"
            )
    return [Record(label, number, row) for number, row in enumerate(rows, 1)]


def read_features(layer: str, name: str, fields: Sequence[str]) -> list[Record]:
    """Read a GeoJSON collection whose features have at least these properties; row 1 is the first feature."""
    label, text = _read(layer, name)
    try:
        features = json.loads(text)["features"]
        records = [
            Record(label, number, feature["properties"], shape(feature["geometry"]))
            for number, feature in enumerate(features, 1)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise UserError(f"{label}: not a GeoJSON feature collection ({error})") from error
    for record in records:
        for field in fields:
            if field not in record.values:
                raise record.fault(field, "a property of that name")
    return records


def read_toml(layer: str, name: str) -> tuple[str, dict[str, Any]]:
    """Read a TOML file and return its label for messages and its content."""
    label, text = _read(layer, name)
    try:
        return label, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{label}: not readable as TOML ({error})") from error


def _read(layer: str, name: str) -> tuple[str, str]:
    label = f"layers/{layer}/data/{name}"
    try:
        return label, path_of(layer, name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{label}: the file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{label}: the file is not UTF-8 text (byte {error.start})") from error
