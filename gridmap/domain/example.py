"""An example of a rule as a reader sees it: a small world in kilometres, and what the rule says of it on which day.

The files are tests/rules/<theme>/<rule>.toml; the tests build the same worlds in a database and judge them.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.domain.definition import Text

ZONES_BEGIN = dt.date(2019, 11, 14)
"""The day from which a zone of an example is in force when its row says nothing."""

_IDS = ("id", "lineage", "code", "cell_code", "road_id", "mention_id", "station_code", "damage_id", "hotspot_id")
_SHAPES = ("at", "box", "line")


@dataclass(frozen=True)
class Object:
    """A row of an example's world.

    kind: table, such as village or zone. id: its own, or the kind and number of the row. box: west, south, east,
    north; at: a point; line: points; all in kilometres. begins_on, ends_on: when it is there, None for always.
    """

    kind: str
    id: str
    at: tuple[float, float] | None
    box: tuple[float, float, float, float] | None
    line: tuple[tuple[float, float], ...]
    error_km: float
    begins_on: dt.date | None
    ends_on: dt.date | None
    facts: Mapping[str, Any]

    def is_there(self, day: dt.date) -> bool:
        """Return whether the object is there on a day."""
        return (self.begins_on is None or self.begins_on <= day) and (self.ends_on is None or day < self.ends_on)

    @property
    def has_place(self) -> bool:
        """Return whether anything of it can be drawn."""
        return self.at is not None or self.box is not None or bool(self.line)


@dataclass(frozen=True)
class Expected:
    """A finding that the rule must make of an example."""

    feature_id: str
    part: str
    certainty: str


@dataclass(frozen=True)
class Example:
    """One world and what is expected of it, by day. name: what it shows, in both languages."""

    name: Text
    objects: tuple[Object, ...]
    expect: Mapping[dt.date, tuple[Expected, ...]]

    @property
    def day(self) -> dt.date:
        """Return the day worth drawing: the last of those with the most findings."""
        return max(self.expect, key=lambda day: (len(self.expect[day]), day), default=ZONES_BEGIN)


def parse(text: str) -> list[Example]:
    """Read the text of a file of examples."""
    table = tomllib.loads(text)
    world = table.get("world", {})
    return [_example(entry, world) for entry in table.get("example", [])]


def _example(entry: Mapping[str, Any], world: Mapping[str, Any]) -> Example:
    rows: dict[str, list[Any]] = {}
    for source in (world, entry):
        for kind, found in source.items():
            if isinstance(found, list) and all(isinstance(row, dict) for row in found):
                rows.setdefault(kind, []).extend(found)
    objects = tuple(_object(kind, row, number) for kind in rows for number, row in enumerate(rows[kind], start=1))
    expect = {
        dt.date.fromisoformat(str(day)): tuple(_expected(text) for text in found)
        for day, found in entry.get("expect", {}).items()
    }
    name = Text(str(entry.get("name_zh", "")), str(entry.get("name", "")))
    return Example(name, objects, dict(sorted(expect.items())))


def _object(kind: str, row: Mapping[str, Any], number: int) -> Object:
    # the first of a row's ids is its own: a case names its site, but is not one
    own = next((name for name in (f"{kind.removesuffix('_file')}_id", *_IDS) if name in row), None)
    begins, ends = _term(kind, row)
    at, box = row.get("at"), row.get("box")
    metres = row.get("error_m", row.get("position_error_m", 0))
    return Object(
        kind,
        str(row[own]) if own else f"{kind} {number}",
        (float(at[0]), float(at[1])) if at else None,
        (float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None,
        tuple((float(x), float(y)) for x, y in row.get("line", ())),
        float(metres) / 1000,
        begins,
        ends,
        dict(_flat({name: value for name, value in row.items() if name not in (own, *_SHAPES)})),
    )


def _term(kind: str, row: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    if "in_force" in row:
        spelled = row["in_force"]  # ["2017-11-15", ""] or "[2017-11-15,)"
        days = spelled.strip("[)").split(",") if isinstance(spelled, str) else spelled
        begins, ends = (dt.date.fromisoformat(day.strip()) if day.strip() else None for day in days)
        return begins, ends
    begins = row.get("begins_on", row.get("opened_on", ZONES_BEGIN if kind == "zone" else None))
    return begins, row.get("ends_on", row.get("closed_on"))


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values of a row, those of its typed table too."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _expected(text: str) -> Expected:
    spelled, _, certainty = text.partition(" ")
    feature_id, _, part = spelled.partition("#")
    return Expected(feature_id, part, certainty or "breach")
