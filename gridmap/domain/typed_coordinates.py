"""Coordinates as people type them: 113.6253, 113°37′31.2″E, 东经113度37分31.2秒, １１３．６２５３, both in one cell.

Nothing is guessed about a value that can be read in two ways: it is refused with what was expected.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from gridmap.domain.incoming import Told
from gridmap.domain.misread import Misread, joined, shown

Axis = Literal["lon", "lat"]

LONGEST = 100
"""Characters of one cell; no way of writing a position takes more."""

_EXPECTED = {
    "lon": Told("经度，例如 113.6253 或 113°37′31.2″", "a longitude in degrees, such as 113.6253 or 113°37′31.2″E"),
    "lat": Told("纬度，例如 34.7466 或 34°44′47.8″", "a latitude in degrees, such as 34.7466 or 34°44′47.8″N"),
    None: Told("度数，例如 113.6253 或 113°37′31.2″", "an angle in degrees, such as 113.6253 or 113°37′31.2″"),
}
_PAIR = Told(
    "一格里的经度和纬度，例如 113.6253,34.7466",
    "longitude and latitude in one cell, such as 113.6253,34.7466 or 34°44′47.8″N 113°37′31.2″E",
)
_METRES_EXPECTED = Told("以米计的坐标，例如 465737.25 或 38465737.25", "metres, such as 465737.25 or 38465737.25")
_MOST = {"lon": 180.0, "lat": 90.0, None: 180.0}

# signs that look like those of degrees, minutes and seconds; NFKC would turn some of them into letters
_SIGNS = str.maketrans({
    "º": "°", "˚": "°", "∘": "°", "゜": "°", "度": "°", "′": "'", "’": "'", "‘": "'", "`": "'", "´": "'", "ʹ": "'",
    "分": "'", "″": '"', "”": '"', "“": '"', "ʺ": '"', "秒": '"', "−": "-", "–": "-", "—": "-", "﹣": "-",
    "\u200b": "", "\ufeff": "", "\u200e": "", "\u200f": "", "\u2060": "",
})  # fmt: skip
_WORDS: tuple[tuple[str, Axis, int], ...] = (
    ("东经", "lon", 1), ("西经", "lon", -1), ("北纬", "lat", 1), ("南纬", "lat", -1),
    ("longitude", "lon", 0), ("latitude", "lat", 0),
    ("lon", "lon", 0), ("lng", "lon", 0), ("lat", "lat", 0),
    ("e", "lon", 1), ("w", "lon", -1), ("n", "lat", 1), ("s", "lat", -1),
)  # fmt: skip

_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_PLAIN = re.compile(rf"({_NUMBER}|[.,][0-9]+)(e[+-]?[0-9]{{1,3}})?°?")
_PARTS = (
    re.compile(rf"([0-9]+) ?° ?({_NUMBER}) ?'? ?(?:({_NUMBER}) ?(?:\"|'')? ?)?"),
    re.compile(rf"([0-9]+)[: -]([0-9]+)(?:[: -]({_NUMBER}))?"),
)
_MARK = "(?:longitude|latitude|东经|西经|北纬|南纬|lon|lng|lat|[nsew])"
_MARKED_BEFORE = re.compile(rf"({_MARK}[^a-z东西南北]+)({_MARK}[^a-z东西南北]+)")
_MARKED_BEHIND = re.compile(r"([^a-z东西南北]+[nsew])([^a-z东西南北]+[nsew])")
_METRES = re.compile(rf"([+-]?{_NUMBER})(e[+-]?[0-9]{{1,3}})?(?:m|米)?", re.ASCII)


@dataclass(frozen=True)
class Angle:
    """Degrees as they were written. axis: which of the two, where the text says so (E, 北纬)."""

    degrees: float
    axis: Axis | None = None


@dataclass(frozen=True)
class Pair:
    """Two angles of one cell, in degrees. how: marked by letters or words, told by size, or in the order given."""

    lon: float
    lat: float
    how: Literal["marked", "by size", "as given"]


def read_degrees(value: object, axis: Axis | None = None, *, field: str = "coordinate") -> Angle:
    """Return an angle that somebody typed, a text or a number. axis: which one the column is.

    Errors: Misread, which names the field, what was expected and what was found: empty, no number, NaN, infinite, too
    large, minutes or seconds of 60 and more, a text that says it is the other axis.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Angle(_in_range(_as_float(value), axis, field, value), axis)
    text = _tidy(value, _EXPECTED[axis], field)
    found = _angle(text, field, value, axis)
    if axis and found.axis and axis != found.axis:
        other = Told("是纬度", "a latitude") if found.axis == "lat" else Told("是经度", "a longitude")
        raise Misread(field, _EXPECTED[axis], joined(shown(value), other))
    return Angle(_in_range(found.degrees, axis or found.axis, field, value), found.axis or axis)


def read_pair(value: object, *, lat_first: bool = False, field: str = "position") -> Pair:
    """Return the longitude and latitude that one cell holds.

    Which is which: as letters or words say, else as only one order is possible (no latitude is above 90), else
    longitude first, or latitude where lat_first says that the column's title does.
    Errors: Misread as of read_degrees, also where there are not two.
    """
    text = _tidy(value, _PAIR, field)
    halves = _halves(text)
    if halves is None:
        raise Misread(field, _PAIR, shown(value))
    one, two = (_angle(half, field, value, None) for half in halves)
    if one.axis and one.axis == two.axis:
        raise Misread(field, _PAIR, joined(shown(value), Told("两个都是同一方向", "two of one axis")))
    how: Literal["marked", "by size", "as given"] = "as given"
    if one.axis or two.axis:
        how, lat_first = "marked", one.axis == "lat" or two.axis == "lon"
    elif abs(one.degrees) > 90 or abs(two.degrees) > 90:
        how, lat_first = "by size", abs(two.degrees) > 90
    lat, lon = (one, two) if lat_first else (two, one)
    return Pair(_in_range(lon.degrees, "lon", field, value), _in_range(lat.degrees, "lat", field, value), how)


def read_metres(value: object, *, field: str = "coordinate") -> float:
    """Return an easting or northing in metres that somebody typed; a comma is a decimal sign.

    Errors: Misread for what is no finite number below 100,000,000, also for commas between thousands.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = _as_float(value)
    else:
        match = _METRES.fullmatch(_tidy(value, _METRES_EXPECTED, field))
        if match is None:
            raise Misread(field, _METRES_EXPECTED, shown(value))
        number = float(match[1].replace(",", ".") + (match[2] or ""))
    if not abs(number) < 1e8:  # NaN too
        raise Misread(field, _METRES_EXPECTED, shown(value))
    return number


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _tidy(value: object, expected: Told, field: str) -> str:
    """Return a text with the signs of a keyboard, small letters, single spaces; Misread when there is none."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise Misread(field, expected, shown(value))
    # the 度 of 经度 is no degree
    named = value.replace("经度", "lon").replace("纬度", "lat")
    text = unicodedata.normalize("NFKC", named.translate(_SIGNS)).translate(_SIGNS)
    # a full-width letter becomes a plain one only now; what is no sign of ours stays and is refused
    return " ".join(text.lower().replace("、", ",").replace("。", ".").split())


def _angle(text: str, field: str, value: object, axis: Axis | None) -> Angle:
    bare, said, sign = _without_words(text)
    negative = bare.startswith("-")
    bare = bare.lstrip("+-").strip() if bare[:1] in "+-" and bare[1:2] not in "+-" else bare
    degrees = _plain(bare)
    if degrees is None:
        degrees = _parts(bare, field, value)
    if degrees is None or (negative and sign):
        raise Misread(field, _EXPECTED[axis or said], shown(value))
    return Angle(degrees * (-1 if negative or sign < 0 else 1), said)


def _without_words(text: str) -> tuple[str, Axis | None, int]:
    """Return a text without the word or letter at its beginning or end, the axis it says, and its sign (0: none)."""
    for word, axis, sign in _WORDS:
        if text.startswith(word):
            return text[len(word) :].strip(" :=,"), axis, sign
        if text.endswith(word):
            return text[: -len(word)].strip(), axis, sign
    return text, None, 0


def _plain(text: str) -> float | None:
    match = _PLAIN.fullmatch(text)
    return float(match[1].replace(",", ".") + (match[2] or "")) if match else None


def _parts(text: str, field: str, value: object) -> float | None:
    """Return degrees of degrees, minutes and seconds; Misread for sixty and more of a kind."""
    for pattern in _PARTS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        whole, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups())
        if match[3] is not None and not minutes.is_integer():
            return None
        if minutes >= 60 or seconds >= 60:
            raise Misread(field, Told("分和秒小于 60", "minutes and seconds below 60"), shown(value))
        return whole + minutes / 60 + seconds / 3600
    return None


def _halves(text: str) -> tuple[str, str] | None:
    """Return the two angles of a text: parted by a semicolon, comma, slash, mark of an axis, or space."""
    for mark in (";", "/", "|"):
        if text.count(mark) == 1:
            return _both(*text.split(mark))
    commas = text.count(",")
    if commas == 1:
        found = _both(*text.split(","))
        if found:
            return found
    elif commas == 3:  # decimal commas on both sides
        a, b, c, d = text.split(",")
        return _both(f"{a},{b}", f"{c},{d}")
    elif commas == 2 and text.count(", ") == 1:
        return _both(*text.split(", "))
    for pattern in (_MARKED_BEFORE, _MARKED_BEHIND):
        match = pattern.fullmatch(text)
        if match:
            return _both(match[1], match[2])
    spaces = text.split(" ")
    return _both(*spaces) if len(spaces) == 2 else None


def _both(one: str, two: str) -> tuple[str, str] | None:
    one, two = one.strip(" ,()[]"), two.strip(" ,()[]")
    return (one, two) if one and two else None


def _in_range(degrees: float, axis: Axis | None, field: str, value: object) -> float:
    if not abs(degrees) <= _MOST[axis]:  # NaN too
        raise Misread(field, _EXPECTED[axis], shown(value))
    return degrees
