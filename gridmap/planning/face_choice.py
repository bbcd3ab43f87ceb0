"""Which faces of a network a boundary takes in: those that hold what is wanted, and short bridges between them."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import shapely

from gridmap.ingest import shapes
from gridmap.planning.faces import Face, Network

SEAM_M = 0.1
"""Faces are drawn over the present boundary by so much, metres, so that no thread is left between them."""


def holding(faces: Sequence[Face], points: Mapping[str, Any]) -> dict[int, set[str]]:
    """Return by position of a face the ids of the points (metres) inside it; a face that holds none is left out."""
    found: dict[int, set[str]] = {}
    if not faces or not points:
        return found
    ids = list(points)
    for point, face in shapely.STRtree([face.area for face in faces]).query(list(points.values()), "within").T.tolist():
        found.setdefault(face, set()).add(ids[point])
    return found


def bridges(network: Network, chosen: Collection[int], home: Collection[int], free: Collection[int]) -> set[int]:
    """Return faces that join chosen ones to the present zone (home), edge to edge, at the smallest added area.

    free: faces that may be added. A bridge is taken only where it adds less land than what it joins, else the zone
    stays in several parts. Without a home all is joined to the largest part.
    """
    parts = _parts(network, chosen)
    together = set(home)
    if not together and parts:
        together = set(max(parts, key=lambda part: _area(network, part)))
    added: set[int] = set()
    for part in sorted(parts, key=lambda part: -_area(network, part)):
        path = _way(network, part, together, set(free) - set(chosen))
        if path is None:
            continue
        if _area(network, path) <= _area(network, part):
            added |= path
            together |= part | path
    return added


def boundary(present_wkb: bytes | None, chosen: Iterable[Face], county: Any) -> bytes | None:
    """Return the present boundary with faces added to it, as WKB of a MultiPolygon in EPSG:4490.

    county: its outline in metres, which faces do not leave.
    """
    areas = [face.area for face in chosen]
    if not areas:
        return present_wkb
    land = shapely.intersection(shapely.buffer(shapely.union_all(areas), SEAM_M, join_style="mitre"), county)
    if present_wkb is not None:
        land = shapely.union(land, shapes.to_metres(shapely.from_wkb(present_wkb)))
    flat = shapely.make_valid(shapes.to_degrees(land))
    parts = [part for part in shapely.get_parts(flat) if part.geom_type == "Polygon"]
    parts += [
        piece
        for part in shapely.get_parts(flat)
        if part.geom_type == "MultiPolygon"
        for piece in shapely.get_parts(part)
    ]
    return bytes(shapely.to_wkb(shapely.MultiPolygon(parts)))


def _parts(network: Network, chosen: Collection[int]) -> list[set[int]]:
    """Return the chosen faces by what lies edge to edge."""
    left, parts = set(chosen), []
    while left:
        part, reached = set(), [min(left)]
        while reached:
            face = reached.pop()
            if face in left:
                left.remove(face)
                part.add(face)
                reached += network.beside[face]
        parts.append(part)
    return parts


def _way(network: Network, start: set[int], goal: set[int], free: set[int]) -> set[int] | None:
    """Return the faces between two sets of faces at the smallest area, empty where they meet, None for no way."""
    if start & goal:
        return set()
    queue: list[tuple[float, int, tuple[int, ...]]] = [(0.0, face, ()) for face in sorted(start)]
    done: set[int] = set()
    while queue:
        cost, face, path = heapq.heappop(queue)
        if face in goal:
            return set(path)
        if face in done:
            continue
        done.add(face)
        for other in network.beside[face]:
            if other in goal:
                heapq.heappush(queue, (cost, other, path))
            elif other in free and other not in done:
                heapq.heappush(queue, (cost + network.faces[other].area.area, other, (*path, other)))
    return None


def _area(network: Network, faces: Iterable[int]) -> float:
    return sum(network.faces[face].area.area for face in faces)
