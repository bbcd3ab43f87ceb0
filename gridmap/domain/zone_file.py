"""What a file of zones would become: a draft for each row, judged before any is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from gridmap.domain.definition import Text
from gridmap.domain.import_report import ImportFault

MOST_ROWS = 200
"""A file with more zones than that is a list of something else: an institute brings one to thirty."""

MOST_FAULTS = 500
"""So many faults are told; a zone with more wrong units than that is one fault too many anyway."""

Origin = Literal["file", "kept", "none"]
"""Where a draft's boundary is from: the file, the version that it follows, nowhere (units alone)."""

Unit = tuple[str, str]
"""Code and name of a county, township or village."""


@dataclass(frozen=True)
class FiledFault:
    """A fault of a boundary, with its place in words. area_m2, width_m: square metres, metres; lon, lat: degrees."""

    title: Text
    detail: str
    place: Text
    area_m2: float
    width_m: float
    lon: float
    lat: float


@dataclass(frozen=True)
class FiledZone:
    """A row that can become a draft.

    base: zone_id of the version that it would follow, None for a new zone. Areas in square metres, of the effective
    geometry, against the base. added, removed, kept: the same land as GeoJSON (EPSG:4490), simplified for drawing.
    draft: zone_id once it is made.
    """

    row: int
    name: str
    kind: str
    class_: str | None
    county_code: str
    base: int | None
    base_version: int | None
    outline: Origin
    area_m2: float
    added_m2: float
    removed_m2: float
    units_in: tuple[Unit, ...]
    units_out: tuple[Unit, ...]
    faults: tuple[FiledFault, ...] = ()
    added: dict[str, Any] | None = None
    removed: dict[str, Any] | None = None
    kept: dict[str, Any] | None = None
    draft: int | None = None

    @property
    def places(self) -> list[tuple[float, float]]:
        """Return every vertex that is drawn of it: longitude, latitude."""
        found: list[tuple[float, float]] = []
        for outline in (self.added, self.removed, self.kept):
            for part in (outline or {}).get("coordinates", ()):
                rings = part if outline and outline["type"] == "MultiPolygon" else [part]
                found += [(lon, lat) for ring in rings for lon, lat in ring]
        return found


@dataclass
class ZoneFileReport:
    """What a file of zones would become, or became.

    read: rows. faults: what is wrong with rows (a fault keeps the whole file out, a warning is told). blocking: why no
    draft can be made, beside the faults. mapping: title -> column, None for what is not read. looks_like: key of the
    system that the positions look to be in, where nobody said one and it is another. sheets: all of the file.
    """

    file: str
    sha256: str
    sheet: str
    crs: str | None = None
    read: int = 0
    faults: list[ImportFault] = field(default_factory=list)
    blocking: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    mapping: dict[str, str | None] = field(default_factory=dict)
    unread: dict[str, Text] = field(default_factory=dict)
    zones: list[FiledZone] = field(default_factory=list)
    looks_like: str | None = None
    sheets: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        """Return the number of rows with a fault."""
        return len({fault.row for fault in self.faults if fault.severity == "fault"})

    @property
    def is_clean(self) -> bool:
        """Return whether drafts can be made: of every row, or of none."""
        return not self.blocking and not self.refused and bool(self.zones)

    @property
    def fingerprint(self) -> str:
        """Return a text that is equal as long as the same drafts would be made on the same law."""
        plain = [asdict(replace(zone, draft=None)) for zone in self.zones]
        told = [self.sha256, self.crs, plain, [asdict(fault) for fault in self.faults], len(self.blocking)]
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**asdict(self), "refused": self.refused, "is_clean": self.is_clean, "fingerprint": self.fingerprint}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> ZoneFileReport:
        """Return the report that as_dict() was made of, also after it was JSON."""
        own = {name: value for name, value in kept.items() if name not in ("refused", "is_clean", "fingerprint")}
        own["faults"] = [ImportFault(**{**one, "expected": Text(**one["expected"])}) for one in own["faults"]]
        for name in ("blocking", "notes"):
            own[name] = [Text(**one) for one in own[name]]
        own["unread"] = {title: Text(**one) for title, one in own["unread"].items()}
        own["zones"] = [_zone(one) for one in own["zones"]]
        own["sheets"] = tuple(own["sheets"])
        return cls(**own)


def _zone(kept: Mapping[str, Any]) -> FiledZone:
    faults = tuple(
        FiledFault(**{**one, "title": Text(**one["title"]), "place": Text(**one["place"])}) for one in kept["faults"]
    )
    units = {name: tuple((code, title) for code, title in kept[name]) for name in ("units_in", "units_out")}
    return FiledZone(**{**kept, **units, "faults": faults})
