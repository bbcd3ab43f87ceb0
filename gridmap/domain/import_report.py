"""What an import would do: judged row by row before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gridmap.domain.definition import Text

Severity = Literal["fault", "warning"]
MOST_FAULTS = 1000
MOST_CHANGES = 500
"""So many rows a report names; the counts are of all."""


@dataclass(frozen=True)
class ImportFault:
    """What is wrong with one row. title: the file's own, empty when it is about the whole row.

    severity: a fault keeps the file out, a warning is told. suggestion: what may be meant, None when nobody can say.
    """

    row: int
    title: str
    found: str
    expected: Text
    suggestion: str | None = None
    severity: Severity = "fault"


@dataclass(frozen=True)
class FieldChange:
    """A field of an object before and after."""

    column: str
    title: Text
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ImportChange:
    """An object that would be new, changed, moved or gone.

    moved_m: how far, metres. before, after: (lon, lat) where it stood and would stand, degrees; None without a place.
    is_placed: False when only its region is known: it is to be placed by hand.
    """

    status: str
    row: int | None
    key: str
    name: str | None
    county_code: str | None
    moved_m: float | None = None
    before: tuple[float, float] | None = None
    after: tuple[float, float] | None = None
    is_placed: bool = True
    fields: tuple[FieldChange, ...] = ()


@dataclass
class ImportReport:
    """What a file would change.

    counts: rows read, refused (with a fault), and objects new, moved (perhaps changed too), changed, same, gone,
    unplaced (new, with no position of their own), warnings. faults, changes: the first ones, at most MOST_FAULTS and
    MOST_CHANGES. blocking: sentences for which nothing can be imported, beside the faults. notes: what else is worth
    knowing.
    mapping: title -> column, None for titles that are not read. looks_like: key of the system that the positions look
    to be in, where it is another than they were read in and nobody said so. fingerprint: equal for equal changes.
    """

    layer_id: str
    kind: str | None
    file: str
    sha256: str
    sheet: str
    crs: str | None
    on: dt.date
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[ImportFault] = field(default_factory=list)
    changes: list[ImportChange] = field(default_factory=list)
    blocking: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    mapping: dict[str, str | None] = field(default_factory=dict)
    unread: dict[str, Text] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    looks_like: str | None = None
    fingerprint: str = ""

    @property
    def is_clean(self) -> bool:
        """Return whether it can be applied: no fault, nothing that blocks."""
        return not self.blocking and not self.counts.get("refused")

    @property
    def has_changes(self) -> bool:
        """Return whether applying it would change anything."""
        return any(self.counts.get(name) for name in ("new", "moved", "changed", "gone"))

    @property
    def loses_most(self) -> bool:
        """Return whether more objects would be gone than the file has: it may be a part of what it replaces."""
        had = sum(self.counts.get(name, 0) for name in ("new", "moved", "changed", "same"))
        return self.counts.get("gone", 0) > had

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        from dataclasses import asdict

        return {**asdict(self), "is_clean": self.is_clean, "has_changes": self.has_changes}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> ImportReport:
        """Return the report that as_dict() was made of, also after it was JSON."""
        own = {name: value for name, value in kept.items() if name not in ("is_clean", "has_changes")}
        own["on"] = dt.date.fromisoformat(str(own["on"]))
        own["faults"] = [ImportFault(**{**one, "expected": Text(**one["expected"])}) for one in own["faults"]]
        own["changes"] = [change_from(one) for one in own["changes"]]
        for name in ("blocking", "notes"):
            own[name] = [Text(**one) for one in own[name]]
        own["unread"] = {title: Text(**one) for title, one in own["unread"].items()}
        return cls(**own)


def change_from(kept: Mapping[str, Any]) -> ImportChange:
    """Return the change that asdict() was made of, also after it was JSON."""
    fields = tuple(FieldChange(**{**one, "title": Text(**one["title"])}) for one in kept["fields"])
    places = {name: tuple(kept[name]) if kept[name] else None for name in ("before", "after")}
    return ImportChange(**{**kept, **places, "fields": fields})
