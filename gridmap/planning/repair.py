"""Mending faults of a boundary, one by one or all of a kind: what changes is told, and nothing else moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.errors import UserError
from gridmap.planning import topology
from gridmap.planning import topology_plane as planes
from gridmap.planning.topology import Fault, Kind, Surroundings
from gridmap.planning.topology_plane import Plane, area_m2, polygons

ALL: tuple[Kind, ...] = ("unclosed", "invalid", "spike", "sliver", "notch", "tiny_part", "tiny_hole", "gap", "overlap")
"""What `all` mends. Land outside the county, land given up and overlaps too wide for a slip of the hand (GAP_M) are
decisions: they are mended one by one, or all of their kind."""

MOST_ROUNDS = 6
"""Cutting one fault may leave another beside it (a sliver's end); rounds are bounded."""

NOTHING_LEFT = "nothing of the boundary would be left"
LOCKED = "locked land would change its side; unlock it first"
_REFUSALS_ZH = {NOTHING_LEFT: "修复后边界什么也不剩。", LOCKED: "会改动已锁定的土地，请先解锁。"}


@dataclass(frozen=True)
class Repaired:
    """A mended boundary and what changed: land added and removed (degrees and m²), vertices new and gone.

    skipped: ids of faults that were left since locked land would change, or nothing would be left.
    """

    boundary: MultiPolygon
    added: BaseGeometry
    removed: BaseGeometry
    added_m2: float
    removed_m2: float
    vertices_added: int
    vertices_removed: int
    mended: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def repair_one(boundary: MultiPolygon, around: Surroundings, fault_id: str, unclosed: Sequence[Point] = ()) -> Repaired:
    """Mend one fault by its id. UserError when it is not there (any more), nothing mends it, or land is locked."""
    found = {fault.id: fault for fault in topology.find_faults(boundary, around, unclosed)}
    if fault_id not in found:
        raise UserError(
            f"fault {fault_id[:40]}: there is none; the boundary has changed since it was checked",
            zh="这处问题已经不在：检查以后边界改过，请重新检查。",
        )
    fault = found[fault_id]
    if fault.repair is None:
        raise UserError(f"fault {fault_id}: only its author can mend it", zh="这处问题只能由绘制人自己修改。")
    mended = _mended(topology.valid(boundary), fault, around)
    refusal = _refusal(boundary, mended, around)
    if refusal:
        raise UserError(f"fault {fault_id}: {refusal}", zh=_REFUSALS_ZH[refusal])
    return _told(boundary, mended, (fault.id,), ())


def repair_all(
    boundary: MultiPolygon, around: Surroundings, kinds: Collection[Kind] = ALL, unclosed: Sequence[Point] = ()
) -> Repaired:
    """Mend all faults of some kinds that can be, round by round until none is left."""
    now, done, skipped = boundary, list[str](), set[str]()
    only_slips = tuple(kinds) == ALL
    for _round in range(MOST_ROUNDS):
        faults = [
            fault
            for fault in topology.find_faults(now, around, unclosed if now is boundary else ())
            if fault.kind in kinds
            and fault.repair
            and fault.id not in skipped
            and not (only_slips and _is_decision(fault))
        ]
        if not faults:
            break
        for fault in faults:
            mended = _mended(topology.valid(now), fault, around)
            if _refusal(now, mended, around):
                skipped.add(fault.id)
            else:
                now = mended
                done.append(fault.id)
    return _told(boundary, now, tuple(done), tuple(sorted(skipped)))


def _is_decision(fault: Fault) -> bool:
    return fault.kind == "overlap" and fault.width_m > topology.GAP_M


def _refusal(before: BaseGeometry, after: MultiPolygon, around: Surroundings) -> str:
    if after.is_empty:
        return NOTHING_LEFT
    if around.locked is not None:
        moved = shapely.symmetric_difference(topology.valid(before), after)
        plane = planes.plane_of(after)
        strip = plane.to_plane(shapely.intersection(moved, around.locked))
        if not shapely.buffer(strip, -topology.ROUNDING_M).is_empty:
            return LOCKED
    return ""


def _mended(area: MultiPolygon, fault: Fault, around: Surroundings) -> MultiPolygon:
    """Return a valid area without one fault."""
    if fault.repair == "make_valid":
        return area
    if fault.kind == "tiny_part":
        return planes.multi(part for part in polygons(area) if not part.equals(fault.region))
    if fault.kind == "tiny_hole":
        return _without_hole(area, fault.region)
    plane = planes.plane_of(area)
    if fault.kind == "spike":
        simple = _without_tip(area, fault)
        if simple is not None:
            return simple
    return planes.without_noise(plane, _overlaid(area, fault, around, plane), area)


def _overlaid(area: MultiPolygon, fault: Fault, around: Surroundings, plane: Plane) -> BaseGeometry:
    """Return an area with a fault's region added or removed, along the stored vertices of what it meets."""
    if fault.kind in ("overlap", "outside"):
        # along the other's own vertices: the region has them already
        return shapely.difference(area, fault.region)
    region = plane.grow(fault.region)
    if fault.repair == "remove":
        return shapely.difference(area, region)
    if fault.kind == "gap":
        region = shapely.difference(region, planes.union([other.area for other in around.neighbours]))
        if around.county is not None:
            region = shapely.intersection(region, around.county)
    if fault.kind == "lost" and around.law is not None:
        region = shapely.intersection(region, around.law)
    return shapely.union(area, region)


def _without_hole(area: MultiPolygon, hole: BaseGeometry) -> MultiPolygon:
    return planes.multi(
        Polygon(part.exterior, [ring for ring in part.interiors if not Polygon(ring).equals(hole)])
        for part in polygons(area)
    )


def _without_tip(area: MultiPolygon, fault: Fault) -> MultiPolygon | None:
    """Return an area with a spike's vertex replaced by the feet of its triangle; None when that is not valid."""
    tip, first, second = shapely.get_coordinates(fault.region)[:3]
    parts = []
    for part in polygons(area):
        rings = [
            _ring_without(np.asarray(r.coords)[:-1, :2], tip, first, second) for r in (part.exterior, *part.interiors)
        ]
        if any(len(ring) < 3 for ring in rings):
            return None
        parts.append(Polygon(rings[0], rings[1:]))
    found = planes.multi(parts)
    return found if found.is_valid else None


def _ring_without(ring: np.ndarray, tip: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    at = np.flatnonzero((ring == tip).all(axis=1))
    if len(at) != 1:
        return ring
    index = int(at[0])
    before, after = ring[index - 1], ring[(index + 1) % len(ring)]
    feet = [foot for foot, end in ((first, before), (second, after)) if not (foot == end).all()]
    return np.concatenate([ring[:index], np.array(feet).reshape(-1, 2), ring[index + 1 :]])


def _told(before: BaseGeometry, after: MultiPolygon, mended: tuple[str, ...], skipped: tuple[str, ...]) -> Repaired:
    shown = planes.even_odd(before)  # what a map fills of it
    added = planes.multi(polygons(shapely.difference(after, shown)))
    removed = planes.multi(polygons(shapely.difference(shown, after)))
    old = {tuple(at) for at in shapely.get_coordinates(before).tolist()}
    new = {tuple(at) for at in shapely.get_coordinates(after).tolist()}
    return Repaired(
        after, added, removed, round(area_m2(added), 1), round(area_m2(removed), 1), len(new - old), len(old - new),
        mended, skipped,
    )  # fmt: skip
