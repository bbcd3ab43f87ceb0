"""Read a request's parameters: each mistake is one sentence that says what was given and what was expected."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from gridmap.domain import days
from gridmap.errors import UserError
from gridmap.layers import Column, Layer
from gridmap.store.layers import Between, FeatureFilter, Wanted

MAX_LIMIT = 1000
_COUNTY = re.compile(r"^\d{6}$")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")


class Query:
    """The parameters of one request; finish() refuses those that nobody asked for."""

    def __init__(self, args: MultiDict[str, str] | None = None) -> None:
        self._args = request.args if args is None else args
        self._known: set[str] = {"lang"}
        self.lang = self.choice("lang", ("zh", "en"), "zh")

    def text(self, name: str) -> str | None:
        """Return a parameter, or None when it is not given or empty; given twice is a mistake."""
        self._known.add(name)
        values = [value for value in self._args.getlist(name) if value != ""]
        if len(values) > 1:
            raise UserError(f"{name} is given {len(values)} times; expected once")
        if values and "\x00" in values[0]:
            raise UserError(f"{name} holds a NUL character")
        return values[0] if values else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter, given repeatedly or with commas between."""
        self._known.add(name)
        values = [part for value in self._args.getlist(name) for part in value.split(",") if part != ""]
        if any("\x00" in value for value in values):
            raise UserError(f"{name} holds a NUL character")
        return tuple(dict.fromkeys(values))

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of the allowed values."""
        value = self.text(name) or default
        if value not in allowed:
            raise UserError(f"{name} is {value!r}; expected {' or '.join(allowed)}")
        return value

    def choices(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Return some of the allowed values, () when nothing is asked."""
        values = self.texts(name)
        for value in values:
            if value not in allowed:
                raise UserError(f"{name} is {value!r}; expected one of {', '.join(allowed)}")
        return values

    def day(self, name: str = "as_of") -> dt.date | None:
        """Return a day, or None when none is given."""
        value = self.text(name)
        return None if value is None else parse_day(name, value)

    def counties(self) -> tuple[str, ...]:
        """Return the six-digit codes of `county`."""
        codes = self.texts("county")
        for code in codes:
            if not _COUNTY.match(code):
                raise UserError(f"county is {code!r}; expected a six-digit code such as 410181, or several with commas")
        return codes

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number within limits."""
        value = self.text(name)
        if value is None:
            return default
        if not re.match(r"^[+-]?\d{1,12}$", value, re.ASCII) or not low <= int(value) <= high:
            raise UserError(f"{name} is {value!r}; expected a whole number from {low} to {high}")
        return int(value)

    def page(self, default: int = 100) -> tuple[int, int]:
        """Return limit and offset."""
        return self.whole("limit", default, 1, MAX_LIMIT), self.whole("offset", 0, 0, 10_000_000)

    def degrees(self, name: str) -> float:
        """Return a longitude or latitude that must be given."""
        value = self.text(name)
        if value is None:
            raise UserError(f"{name} is missing; expected degrees such as {'113.02' if name == 'lon' else '34.75'}")
        return parse_number(name, value)

    def bbox(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north in degrees, or None."""
        value = self.text("bbox")
        return None if value is None else parse_bbox(value)

    def finish(self, *also: str) -> None:
        """Refuse parameters that nobody asked for: most likely a slip of the pen."""
        self._known.update(also)
        unknown = sorted(set(self._args) - self._known)
        if unknown:
            raise UserError(f"there is no parameter {unknown[0]} here; known are {', '.join(sorted(self._known))}")

    def features(self, layer: Layer) -> FeatureFilter:
        """Return the filter of a layer's items: bbox, county and every filterable column."""
        columns: dict[str, Wanted] = {}
        for column in layer.filters:
            if column.name == "county_code":
                continue
            value = parse_column(column, self.texts(column.name))
            if value is not None:
                columns[column.name] = value
        codes = tuple(dict.fromkeys((*self.counties(), *self.texts("county_code"))))
        return FeatureFilter(self.bbox(), codes, columns)


def parse_day(name: str, value: str) -> dt.date:
    """Return a day from YYYY-MM-DD."""
    try:
        return days.parse_day(value)
    except UserError as error:
        raise UserError(f"{name}: {error}") from None


def parse_number(name: str, value: str) -> float:
    """Return a finite number."""
    number = float(value) if _NUMBER.match(value.strip()) else math.nan
    if not math.isfinite(number):
        raise UserError(f"{name} is {value!r}; expected a number")
    return number


def parse_bbox(value: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north from four numbers with commas; says so when the axes look swapped."""
    parts = value.split(",")
    hint = "expected west,south,east,north in degrees, such as 112.7,34.2,114.3,35.0"
    if len(parts) != 4 or not all(_NUMBER.match(part.strip()) for part in parts):
        raise UserError(f"bbox is {value!r}; {hint}")
    west, south, east, north = (float(part) for part in parts)
    if not all(math.isfinite(side) for side in (west, south, east, north)):
        raise UserError(f"bbox is {value!r}; {hint}")
    if max(abs(south), abs(north)) > 90 >= max(abs(west), abs(east)):
        raise UserError(f"bbox is {value!r}, which looks like latitude before longitude; {hint}")
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise UserError(f"bbox is {value!r}, which reaches beyond the globe; {hint}")
    if west > east or south > north:
        raise UserError(f"bbox is {value!r}, whose west lies east of its east or south north of its north; {hint}")
    # Web Mercator ends there
    return west, max(south, -85.0), east, min(north, 85.0)


def parse_column(column: Column, values: tuple[str, ...]) -> Wanted | None:
    """Return what a column may be: one of the values, or for numbers and days also low..high with an end left out."""
    if not values:
        return None
    if column.codes:
        for value in values:
            if value not in column.codes:
                raise UserError(f"{column.name} is {value!r}; expected one of {', '.join(column.codes)}")
    if column.type in ("integer", "number", "date") and ".." in values[0]:
        low, _, high = values[0].partition("..")
        if len(values) > 1 or not (low or high):
            raise UserError(
                f"{column.name} is {','.join(values)!r}; expected one range such as {_EXAMPLES[column.type]}"
            )
        return Between(_parse_value(column, low) if low else None, _parse_value(column, high) if high else None)
    return [_parse_value(column, value) for value in values]


_EXAMPLES = {"integer": "1..5", "number": "0.5..10", "date": "2019-01-01..2020-10-15"}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def _parse_value(column: Column, value: str) -> Any:
    if column.type == "date":
        return parse_day(column.name, value)
    if column.type == "number":
        return parse_number(column.name, value)
    if column.type == "integer":
        if not re.match(r"^[+-]?\d{1,18}$", value, re.ASCII):
            raise UserError(f"{column.name} is {value!r}; expected a whole number")
        return int(value)
    if column.type == "boolean":
        if value not in _BOOLEANS:
            raise UserError(f"{column.name} is {value!r}; expected true or false")
        return _BOOLEANS[value]
    return value
