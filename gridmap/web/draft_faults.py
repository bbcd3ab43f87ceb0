"""What is wrong with the boundary of a draft, for whoever decides on it: the drawing page tells its author."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.db.session import Connection
from gridmap.planning import draft_check
from gridmap.store.drafts import DraftRow
from gridmap.web import language

SHOWN = 12
"""So many faults are told one by one; a sketched zone may have a hundred slivers along its neighbours."""


@dataclass(frozen=True)
class FaultLine:
    """A fault in the reader's language. lon, lat: a place in it, degrees; area_m2, width_m: 0 when it has none.

    doubt_m: position error of what it was measured against, metres; in_doubt: the fault is no larger than that.
    """

    title: str
    detail: str
    place: str
    lon: float
    lat: float
    area_m2: float
    width_m: float
    doubt_m: float
    in_doubt: bool


@dataclass(frozen=True)
class Faults:
    """The faults of a draft: how many, and the first of them, those beyond doubt and the widest land first."""

    count: int
    lines: tuple[FaultLine, ...]


def list_faults(conn: Connection, own: DraftRow) -> Faults:
    """Return the faults of a draft as it was saved. conn: a reader's who may see it."""
    told = draft_check.check(conn, own.zone_id)
    told.sort(key=lambda one: (one.fault.kind != "invalid", one.fault.in_doubt, -one.fault.area_m2))
    return Faults(len(told), tuple(_line(one) for one in told[:SHOWN]))


def _line(told: draft_check.Told) -> FaultLine:
    own, is_english = told.fault, language.current() != "zh"
    return FaultLine(
        title=draft_check.TITLES[own.kind][is_english],
        detail="" if own.kind == "invalid" else own.detail,
        place=told.place_en if is_english else told.place,
        lon=own.lon,
        lat=own.lat,
        area_m2=own.area_m2,
        width_m=own.width_m,
        doubt_m=own.doubt_m,
        in_doubt=own.in_doubt,
    )
