"""Two planners on one draft: what both drew from the same base, put together where their parts do not touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry import MultiPolygon, Polygon

from gridmap.domain.draft import Content

Side = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Conflict:
    """What both sides changed, each otherwise. conflict_id: the same for the same three contents.

    what: "part", with a place in it (lon, lat, degrees), or "unit", with the codes on one chain.
    """

    conflict_id: str
    what: Literal["part", "unit"]
    lon: float | None = None
    lat: float | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """content: both together, conflicts that nobody has chosen about as in the base. conflicts: those left, in order.

    settled: those that a choice was made about. from_mine, from_theirs: places and lists taken over from one alone.
    """

    content: Content
    conflicts: tuple[Conflict, ...]
    settled: tuple[Conflict, ...]
    from_mine: int
    from_theirs: int


_Change = tuple[bool, str]
"""Whether something is there now, and what: a part as WKB in hex, or a unit with its side as code:side."""


@dataclass(frozen=True)
class _Group:
    """Changes that belong together: what each side took away from the base and put there."""

    mine: frozenset[_Change]
    theirs: frozenset[_Change]

    @property
    def agreed(self) -> bool:
        return not self.mine or not self.theirs or self.mine == self.theirs


def merge(base: Content, mine: Content, theirs: Content, choices: Mapping[str, Side] | None = None) -> Merged:
    """Return both sides' work together: parts of the boundary and units that one side changed come from that side.

    Parts are compared vertex by vertex; changes of both sides that touch or overlap are a conflict, units on one chain
    (village, township, county) likewise. choices: by conflict_id the side that goes on. No coordinate is computed.
    """
    chosen = choices or {}
    parts, part_groups = _merge_parts(base, mine, theirs)
    sides, unit_groups = _merge_units(base, mine, theirs)
    open_, settled = [], []
    for found, target, group in [(_place(g), parts, g) for g in part_groups] + [
        (_codes(g), sides, g) for g in unit_groups
    ]:
        if group.agreed:
            _apply(target, group.mine or group.theirs)
        elif found.conflict_id in chosen:
            _apply(target, group.mine if chosen[found.conflict_id] == "mine" else group.theirs)
            settled.append(found)
        else:
            open_.append(found)
    groups = [*part_groups, *unit_groups]
    return Merged(
        _content(parts, sides, {**base.unit_notes, **mine.unit_notes, **theirs.unit_notes}),
        tuple(open_),
        tuple(settled),
        sum(1 for group in groups if group.mine and not group.theirs),
        sum(1 for group in groups if group.theirs and not group.mine),
    )


def _merge_parts(base: Content, mine: Content, theirs: Content) -> tuple[set[str], list[_Group]]:
    old, new, other = (_parts(each.boundary_wkb) for each in (base, mine, theirs))

    def beside(changes: Sequence[_Change]) -> list[tuple[int, int]]:
        areas = [shapely.from_wkb(key) for _there, key in changes]
        found: list[list[int]] = shapely.STRtree(areas).query(areas, "intersects").T.tolist()
        return [(a, b) for a, b in found]

    return old, _groups(old, new, other, beside)


def _merge_units(base: Content, mine: Content, theirs: Content) -> tuple[set[str], list[_Group]]:
    old, new, other = (_sides(each) for each in (base, mine, theirs))

    def beside(changes: Sequence[_Change]) -> list[tuple[int, int]]:
        codes = [key.partition(":")[0] for _there, key in changes]
        places: dict[str, list[int]] = {}
        for place, code in enumerate(codes):
            places.setdefault(code, []).append(place)
        above = ((place, code[:length]) for place, code in enumerate(codes) for length in (6, 9, 12))
        return [(place, other) for place, code in above for other in places.get(code, ())]

    return old, _groups(old, new, other, beside)


def _groups(
    old: set[str], new: set[str], other: set[str], beside: Callable[[Sequence[_Change]], list[tuple[int, int]]]
) -> list[_Group]:
    """Return what both sides changed, changes that lie beside each other together, in an order of their own."""
    by_me, by_them = _changes(old, new), _changes(old, other)
    changes = sorted(by_me | by_them, key=lambda change: (change[1], change[0]))
    if not changes:
        return []
    leader = list(range(len(changes)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for a, b in beside(changes):
        leader[max(lead(a), lead(b))] = min(lead(a), lead(b))
    together: dict[int, set[_Change]] = {}
    for place, change in enumerate(changes):
        together.setdefault(lead(place), set()).add(change)
    return [_Group(frozenset(group & by_me), frozenset(group & by_them)) for _first, group in sorted(together.items())]


def _changes(old: set[str], new: set[str]) -> set[_Change]:
    return {(False, key) for key in old - new} | {(True, key) for key in new - old}


def _apply(target: set[str], changes: frozenset[_Change]) -> None:
    for there, key in changes:
        (target.add if there else target.discard)(key)


def _parts(wkb: bytes | None) -> set[str]:
    """Return the parts of a boundary; rings that begin at another vertex or run the other way are the same."""
    if wkb is None:
        return set()
    return {str(shapely.to_wkb(shapely.normalize(part), hex=True)) for part in shapely.from_wkb(wkb).geoms}


def _sides(content: Content) -> set[str]:
    return {f"{code}:in" for code in content.units_in} | {f"{code}:out" for code in content.units_out}


def _content(parts: set[str], sides: set[str], notes: Mapping[str, str]) -> Content:
    areas: list[Polygon] = [shapely.from_wkb(key) for key in sorted(parts)]
    found = sorted(key.split(":") for key in sides)
    listed = {code for code, _side in found}
    return Content(
        shapely.to_wkb(MultiPolygon(areas)) if areas else None,
        tuple(code for code, side in found if side == "in"),
        tuple(code for code, side in found if side == "out"),
        {code: note for code, note in notes.items() if code in listed},
    )


def _place(group: _Group) -> Conflict:
    """Name a group of parts by a place in its first: the same whoever asks."""
    first = min(key for _there, key in group.mine | group.theirs)
    inner = shapely.point_on_surface(shapely.from_wkb(first))
    return Conflict(f"part:{inner.x!r},{inner.y!r}", "part", inner.x, inner.y)


def _codes(group: _Group) -> Conflict:
    codes = sorted({key.partition(":")[0] for _there, key in group.mine | group.theirs})
    return Conflict(f"unit:{codes[0]}", "unit", codes=tuple(codes))
