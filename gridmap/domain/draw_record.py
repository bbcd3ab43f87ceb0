"""The record of a random draw: texts of tab-separated lines, so that any tool can tell whether they were changed.

The list is what was fixed before the seed; its SHA-256 is the commitment. What changed until the draw is a text of the
same kind, and so is the result. The SHA-256 of commitment, seed, changes and result with line ends between them
(record_sha256) stands on the certificate. Whoever has the record needs nothing else to draw again: verify() does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.domain.random_draw import (
    Amount,
    Conflict,
    Drawn,
    Excluded,
    Fixed,
    Inspector,
    Late,
    Result,
    Site,
    Stratum,
    draw,
    sha256,
)

FORMAT = "gridmap random draw 1"
"""First line of a list: the way it is written and drawn. Another way gets another number."""

SeedKind = Literal["public", "machine"]
CONFLICT_KINDS = ("declared", "last_check", "last_draw")


@dataclass(frozen=True)
class FixedList:
    """What was fixed, as the list tells it. seed_source: of a public seed, which number it will be, in words.

    asked: the filter of the population, in words of the machine.
    """

    day: dt.date
    seed_kind: SeedKind
    seed_source: str
    asked: str
    fixed: Fixed


def plain(text: str) -> str:
    """Return a text that fits between two tabs: what is no printable character becomes a blank."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def write_list(given: FixedList) -> str:
    """Return the list as a text. Things are sorted by id: the same things give the same text."""
    fixed = given.fixed
    return _text(
        [
            (FORMAT,),
            ("day", given.day.isoformat()),
            ("seed", given.seed_kind, given.seed_source),
            ("team", str(fixed.team)),
            ("off_hours", f"{fixed.off_hours_pct}%"),
            ("asked", given.asked),
            *sorted(("stratum", one.id, one.amount.text, str(one.size), str(one.number)) for one in fixed.strata),
            *sorted(("inspector", one.id, one.post, ",".join(sorted(one.counties))) for one in fixed.inspectors),
            *sorted(("site", one.id, one.stratum, one.county, one.kind, one.name) for one in fixed.sites),
            *_conflicts(fixed.conflicts),
        ]
    )


def read_list(text: str) -> FixedList:
    """Return what a list says. ValueError names the line that is not as it should be, or what does not agree."""
    lines = list(_lines(text))
    if not lines or lines[0] != (FORMAT,):
        raise ValueError(f"the list does not begin with {FORMAT!r}")
    head: dict[str, tuple[str, ...]] = {}
    strata: list[Stratum] = []
    inspectors: list[Inspector] = []
    sites: list[Site] = []
    conflicts: list[Conflict] = []
    for number, (word, *rest) in enumerate(lines[1:], 2):
        try:
            match word, rest:
                case "stratum", [id_, amount, size, drawn]:
                    strata.append(Stratum(id_, Amount(amount), int(size)))
                    if strata[-1].number != int(drawn):
                        raise ValueError(f"{amount} of {size} is {strata[-1].number}, not {drawn}")
                case "inspector", [id_, post, counties]:
                    inspectors.append(Inspector(id_, post, tuple(counties.split(","))))
                case "site", [id_, stratum, county, kind, name]:
                    sites.append(Site(id_, stratum, county, kind, name))
                case "conflict", [site, inspector, kind, reason]:
                    conflicts.append(Conflict(site, inspector, kind, reason))
                case (("day" | "team" | "off_hours" | "asked"), [_one]):
                    head[word] = tuple(rest)
                case "seed", ["public" | "machine", _source]:
                    head[word] = tuple(rest)
                case _:
                    raise ValueError(f"a line {word!r} of {len(rest)} fields is unknown")
        except ValueError as error:
            raise ValueError(f"line {number} of the list: {error}") from error
    for needed in ("day", "seed", "team", "off_hours", "asked"):
        if needed not in head:
            raise ValueError(f"the list has no line {needed!r}")
    found = FixedList(
        dt.date.fromisoformat(head["day"][0]),
        "public" if head["seed"][0] == "public" else "machine",
        head["seed"][1],
        head["asked"][0],
        Fixed(
            tuple(strata),
            tuple(sites),
            tuple(inspectors),
            tuple(conflicts),
            int(head["team"][0]),
            head["off_hours"][0].removesuffix("%"),
        ),
    )
    _check_sizes(found.fixed)
    return found


def write_late(late: Late) -> str:
    """Return what changed between fixing and drawing as a text; empty when nothing did."""
    return _text(
        [
            *sorted(("closed", site, day) for site, day in late.closed.items()),
            *sorted(("left", inspector, county) for inspector, county in late.left),
            *_conflicts(late.conflicts),
        ]
    )


def read_late(text: str) -> Late:
    """Return what such a text says; ValueError for a line that is not as it should be."""
    closed: dict[str, str] = {}
    left: set[tuple[str, str]] = set()
    conflicts: list[Conflict] = []
    for word, *rest in _lines(text):
        match word, rest:
            case "closed", [site, day]:
                closed[site] = day
            case "left", [inspector, county]:
                left.add((inspector, county))
            case "conflict", [site, inspector, kind, reason]:
                conflicts.append(Conflict(site, inspector, kind, reason))
            case _:
                raise ValueError(f"a line {word!r} of {len(rest)} fields is unknown among the changes")
    return Late(closed, frozenset(left), tuple(conflicts))


def write_result(result: Result) -> str:
    """Return a result as a text, in the order of its numbers; then what was left out."""
    drawn = [
        ("drawn", str(one.number), one.site, one.stratum, _hours(one), ",".join(one.inspectors)) for one in result.drawn
    ]
    return _text([*drawn, *(("excluded", one.site, one.reason) for one in result.excluded)])


def read_result(text: str) -> Result:
    """Return what such a text says; ValueError for a line that is not as it should be."""
    drawn: list[Drawn] = []
    excluded: list[Excluded] = []
    for word, *rest in _lines(text):
        match word, rest:
            case "drawn", [number, site, stratum, "off_hours" | "regular" as hours, inspectors]:
                given = tuple(inspectors.split(","))
                drawn.append(Drawn(int(number), site, stratum, hours == "off_hours", given))
            case "excluded", [site, reason]:
                excluded.append(Excluded(site, reason))
            case _:
                raise ValueError(f"a line {word!r} of {len(rest)} fields is unknown in a result")
    return Result(tuple(drawn), tuple(excluded))


def record_sha256(list_sha256: str, seed: str, late: str, result: str) -> str:
    """Return the sum that stands on the certificate: of the commitment, the seed, the changes and the result."""
    return sha256("\n".join((list_sha256, seed, late, result)))


def verify(record: Mapping[str, Any], commitment: str | None = None) -> tuple[FixedList, Result]:
    """Draw again from a record, and return what was fixed and what was drawn.

    commitment: the sum of the list as it was published before the draw. ValueError says what does not agree: the list
    with its sum, the record with its own, or what the record says was drawn with what the seed draws.
    """
    try:
        list_text, seed, late, result = (str(record[name]) for name in ("list", "seed", "late", "result"))
        list_sum, record_sum = str(record["list_sha256"]), str(record["record_sha256"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no record of a draw: {error} is missing") from error
    if sha256(list_text) != list_sum:
        raise ValueError(f"the list was changed: its SHA-256 is {sha256(list_text)}, the record says {list_sum}")
    if commitment is not None and commitment.strip().lower() != list_sum:
        raise ValueError(f"this is another list than the published one: {list_sum}, not {commitment.strip().lower()}")
    given = read_list(list_text)
    again = draw(given.fixed, seed, read_late(late))
    if write_result(again) != result:
        raise ValueError(f"the seed draws something else: {_difference(again, read_result(result))}")
    if record_sha256(list_sum, seed, late, result) != record_sum:
        raise ValueError("the record's own SHA-256 does not fit what it holds")
    return given, again


def _difference(again: Result, told: Result) -> str:
    for mine, theirs in zip(again.drawn, told.drawn, strict=False):
        if mine != theirs:
            return f"number {mine.number} is {_words(mine)}, the record says {_words(theirs)}"
    return f"{len(again.drawn)} sites with {len(again.excluded)} left out; the record has {len(told.drawn)}"


def _words(one: Drawn) -> str:
    return f"{one.site} for {', '.join(one.inspectors)}, {_hours(one)}"


def _hours(one: Drawn) -> str:
    return "off_hours" if one.is_off_hours else "regular"


def _check_sizes(fixed: Fixed) -> None:
    sizes = {stratum.id: 0 for stratum in fixed.strata}
    for site in fixed.sites:
        if site.stratum not in sizes:
            raise ValueError(f"site {site.id} is of a stratum {site.stratum!r} that the list does not have")
        sizes[site.stratum] += 1
    for stratum in fixed.strata:
        if sizes[stratum.id] != stratum.size:
            raise ValueError(f"stratum {stratum.id} has {sizes[stratum.id]} sites, the list says {stratum.size}")
    if len({site.id for site in fixed.sites}) != len(fixed.sites):
        raise ValueError("a site stands twice in the list")


def _conflicts(given: Iterable[Conflict]) -> list[tuple[str, ...]]:
    return sorted(("conflict", one.site, one.inspector, one.kind, one.reason) for one in given)


def _text(lines: Iterable[tuple[str, ...]]) -> str:
    return "".join("\t".join(line) + "\n" for line in lines)


def _lines(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.split("\n"):
        if line:
            yield tuple(line.split("\t"))
