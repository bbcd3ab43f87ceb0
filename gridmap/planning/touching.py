"""Parts of a boundary that lie edge to edge: as law they are one piece of land, while drawing they stay pieces.

A part that was cut leaves pieces that share an edge, which no MultiPolygon may. What is saved and judged is their
union; whoever draws keeps them apart, to lock one, to give one up, or to make a zone of its own of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.errors import UserError
from gridmap.planning import shape_edit


class OverlapError(UserError):
    """Two parts hold the same land. first, second: their numbers, from 1; at: a place in it, degrees (EPSG:4490)."""

    def __init__(self, first: int, second: int, at: Point) -> None:
        self.first, self.second, self.at = first, second, at
        super().__init__(
            f"boundary: two parts overlap, {first} and {second}, at longitude {at.x:.6f}, latitude {at.y:.6f}; "
            "join them, or move one",
            zh=f"边界第 {first} 块与第 {second} 块重叠：在经度 {at.x:.6f}、纬度 {at.y:.6f} 处。"
            "请移开其中一块，或把两块合并。",
        )


ON_EDGE_DEG = 1e-10
"""A vertex nearer to the line between its neighbours, degrees (0.01 mm), was put there by a cut."""


def united(parts: Sequence[Polygon], stored: MultiPolygon | None = None) -> MultiPolygon:
    """Return sound parts with those that lie edge to edge as one, in the place of the first; the others as they are.

    stored: what was saved before; a vertex where a cut ended stays only if it was there, since one more on a straight
    edge moves the land by centimetres: what is straight in degrees is not in metres.
    OverlapError when two overlap by more than the threads between two drawings of one line.
    """
    return MultiPolygon([union for _pieces, union in _united(parts, stored)])


def in_pieces(whole: MultiPolygon, drawn: Sequence[Polygon], stored: MultiPolygon | None = None) -> MultiPolygon:
    """Return a boundary with the pieces that somebody drew instead of each part that is exactly their union.

    stored: as for united(), by which the boundary was made.
    """
    pieces = {_key(union): found for found, union in _united(drawn, stored) if len(found) > 1}
    return MultiPolygon([piece for part in whole.geoms for piece in pieces.get(_key(part), [part])])


def _united(parts: Sequence[Polygon], stored: MultiPolygon | None) -> list[tuple[list[Polygon], Polygon]]:
    """Return what lies edge to edge together, and its union."""
    leader = list(range(len(parts)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    tree = shapely.STRtree(parts)
    for place, part in enumerate(parts):
        # one part at a time: thousands that all overlap would be millions of pairs
        for other in sorted(int(found) for found in tree.query(part, "intersects") if found > place):
            if _share_an_edge(parts, place, other):
                a, b = lead(place), lead(other)
                leader[max(a, b)] = min(a, b)
    together: dict[int, list[Polygon]] = {}
    for place, part in enumerate(parts):
        together.setdefault(lead(place), []).append(part)
    return [
        (pieces, union)
        for pieces in together.values()
        for union in (pieces if len(pieces) == 1 else _joined(pieces, stored))
    ]


def _joined(pieces: Sequence[Polygon], stored: MultiPolygon | None) -> list[Polygon]:
    """Return the union of pieces without the vertices that cuts left on straight edges."""
    counted = Counter(vertex for piece in pieces for vertex in set(_vertices(piece)))
    known = set() if stored is None else set(_vertices(stored))
    ends = {vertex for vertex, times in counted.items() if times > 1} - known
    found = []
    for part in shape_edit.union(pieces):
        rings = [_without_ends(ring.coords, ends) for ring in (part.exterior, *part.interiors)]
        plain = Polygon(rings[0], rings[1:])
        found.append(plain if plain.is_valid else part)
    return found


def _without_ends(closed: Sequence[tuple[float, ...]], ends: Collection[tuple[float, ...]]) -> list[tuple[float, ...]]:
    ring = list(closed[:-1])
    kept = [
        vertex
        for at, vertex in enumerate(ring)
        if vertex not in ends
        or LineString([ring[at - 1], ring[(at + 1) % len(ring)]]).distance(Point(vertex)) > ON_EDGE_DEG
    ]
    return kept if len(kept) > 2 else ring


def _vertices(geometry: BaseGeometry) -> list[tuple[float, ...]]:
    return [tuple(position) for position in shapely.get_coordinates(geometry).tolist()]


def _share_an_edge(parts: Sequence[Polygon], one: int, other: int) -> bool:
    pattern = shapely.relate(parts[one], parts[other])
    if pattern[0] == "2":
        common = shape_edit.polygons(parts[one].intersection(parts[other]))
        wide = next((piece for piece in common if not shape_edit.is_thread(piece)), None)
        if wide is not None:
            raise OverlapError(one + 1, other + 1, shapely.point_on_surface(wide))
        return True
    return bool(pattern[4] == "1")


def _key(part: Polygon) -> bytes:
    return bytes(shapely.to_wkb(shapely.normalize(part)))
