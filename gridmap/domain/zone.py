"""Zones as decrees write them, and the verdict on a village by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gridmap.errors import UserError

Side = Literal["in", "out"]


@dataclass(frozen=True)
class ZoneDraft:
    """A version of a zone before it is law.

    boundary_wkb: WKB of a MultiPolygon in EPSG:4490, or None when the decree only lists units.
    units_in, units_out: codes of counties (6), townships (9) or villages (12 digits).
    is_repeal: it ends the zone without a successor and draws nothing.
    in force on [begins_on, ends_on); ends_on None means until a successor. position_error_m: metres.
    """

    lineage: str
    kind: str
    name: str
    county_code: str
    issuer: str
    document: str
    begins_on: dt.date
    ends_on: dt.date | None = None
    document_number: str | None = None
    signed_on: dt.date | None = None
    class_: str | None = None
    boundary_wkb: bytes | None = None
    units_in: tuple[str, ...] = ()
    units_out: tuple[str, ...] = ()
    unit_notes: Mapping[str, str] = field(default_factory=dict)
    boundary_wording: str | None = None
    road_included: bool | None = None
    exemptions: str | None = None
    deadline_on: dt.date | None = None
    reason: str | None = None
    phase: str | None = None
    is_sketch: bool = False
    position_error_m: float = 0.0
    source: str = ""
    note: str | None = None
    is_repeal: bool = False

    def __post_init__(self) -> None:
        """Refuse what no decree can say."""
        if self.ends_on is not None and self.ends_on <= self.begins_on:
            raise UserError(
                f"zone {self.lineage}: it ends on {self.ends_on}, not after it begins on {self.begins_on}",
                zh=f"失效日期 {self.ends_on} 应晚于生效日期 {self.begins_on}。",
            )
        both = sorted(set(self.units_in) & set(self.units_out))
        if both:
            listed = ", ".join(both)
            raise UserError(
                f"zone {self.lineage}: {listed} stands on the list of units in and of units out",
                zh=f"{listed} 既列入又列出，只能选一样。",
            )
        for code in (*self.units_in, *self.units_out):
            if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
                raise UserError(
                    f"zone {self.lineage}: unit {code!r} is no code of 6, 9 or 12 digits",
                    zh=f"“{code[:20]}”不是 6、9 或 12 位的区划代码。",
                )
        if self.is_repeal:
            if self.boundary_wkb is not None or self.units_in or self.units_out:
                raise UserError(f"zone {self.lineage}: a repeal draws nothing")
        elif self.boundary_wkb is None and not self.units_in:
            raise UserError(
                f"zone {self.lineage}: it has neither a boundary nor a unit inside",
                zh="既没有边界，也没有列入的单位：至少要有一样。",
            )


def chain(village_id: str) -> tuple[str, str, str]:
    """Return the units that a village belongs to by its 12-digit code, most specific first."""
    return village_id, village_id[:9], village_id[:6]


def named_side(village_id: str, units: Mapping[str, Side]) -> Side | None:
    """Return what a zone's lists say of a village: the most specific listed unit on its chain decides.

    None means that no list names it: a boundary may then judge, a zone of units alone says out.
    """
    for code in chain(village_id):
        if code in units:
            return units[code]
    return None
