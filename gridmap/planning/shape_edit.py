"""Editing parts of a boundary: cut or reshape along a line, join, take land in or leave it out. Stored vertices stay.

All in degrees (EPSG:4490), since what is drawn is straight in degrees. Where two outlines run within centimetres of
each other, they are given each other's vertices first: both then share them to the last digit, and no thread is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import polygonize, split

from gridmap.errors import UserError
from gridmap.planning.faces import SAME_DEG, on_vertices

THREAD_DEG = 1e-6
"""A piece or a hole that is nowhere wider, degrees (about 10 cm), comes of two drawings of one line."""


def cut(whole: MultiPolygon, line: Sequence[tuple[float, float]]) -> MultiPolygon:
    """Cut every part that a line crosses from side to side; the line's ends may lie on an edge or outside.

    UserError when it cuts none.
    """
    blade = _plain(line)
    pieces: list[Polygon] = []
    cuts = 0
    for part in whole.geoms:
        # an end that lies on an edge to the eye lies beside it by its last digit
        noded = _with_vertices(part, [blade.coords[0], blade.coords[-1]])
        drawn = LineString([_nearest_vertex(noded, end) or end for end in blade.coords])
        found = [piece for piece in split(noded, drawn).geoms if not is_thread(piece)] if drawn.is_simple else []
        if len(found) > 1:
            cuts += 1
            pieces += found
        else:
            pieces.append(part)
    if not cuts:
        raise UserError(
            "line: it cuts no part; expected a line that does not cross itself, from edge to edge of a part",
            zh="这条线没有切开任何一块：要从一块的一边画到另一边，线本身不能相交。",
        )
    return MultiPolygon(pieces)


def reshape(whole: MultiPolygon, line: Sequence[tuple[float, float]]) -> MultiPolygon:
    """Let the outline of each part that a line leaves and meets again follow the line between.

    Where the line runs outside, the land up to it comes in, but none of another part; where it cuts through, the
    largest piece stays. UserError when it changes no part.
    """
    blade = _plain(line)
    parts = list(whole.geoms)
    changed = False
    for place, part in enumerate(parts):
        noded = _with_vertices(part, [blade.coords[0], blade.coords[-1]])
        drawn = LineString([_nearest_vertex(noded, end) or end for end in blade.coords])
        if not drawn.is_simple or not drawn.intersects(noded):
            continue
        kept = max(split(noded, drawn).geoms, key=lambda piece: piece.area)
        outline = Polygon(noded.exterior)
        faces = polygonize(shapely.union_all([noded.exterior, drawn]))
        outer = [face for face in faces if not outline.contains(face.representative_point())]
        others = shapely.union_all([other for at, other in enumerate(parts) if at != place])
        added = [
            piece for face in outer for piece in polygons(shapely.difference(face, others)) if not is_thread(piece)
        ]
        if added or not _same_land(kept, part):
            parts[place] = max(union([kept, *added]), key=lambda piece: piece.area)
            changed = True
    if not changed:
        raise UserError(
            "line: it changes no part; expected one that does not cross itself and meets the outline of a part twice",
            zh="这条线没有改动任何一块：要在一块的边界上起、止（或两次穿过边界），线本身不能相交。",
        )
    return MultiPolygon(parts)


def join(whole: MultiPolygon, chosen: Sequence[int]) -> MultiPolygon:
    """Make one part of parts (by position) that lie edge to edge. UserError when they do not."""
    if len(set(chosen)) < 2 or not all(0 <= place < len(whole.geoms) for place in chosen):
        raise UserError(
            f"parts: expected the numbers of two parts or more, from 0 to {len(whole.geoms) - 1}",
            zh="请选择要合并的两块或更多块。",
        )
    together = union([whole.geoms[place] for place in sorted(set(chosen))])
    if len(together) > 1:
        raise UserError(
            "parts: they do not lie edge to edge; parts that touch in a point or not at all stay apart",
            zh="所选的块没有相接的边：只碰到一点或不相接的块不能合并。",
        )
    first = min(chosen)
    rest = [part for place, part in enumerate(whole.geoms) if place not in chosen]
    return MultiPolygon([*rest[:first], *together, *rest[first:]])


def take_in(whole: MultiPolygon | None, lands: Sequence[Polygon]) -> MultiPolygon:
    """Return a boundary with land added; parts that the land neither overlaps nor borders stay as they are."""
    own = [] if whole is None else list(whole.geoms)
    near = [part for part in own if any(part.dwithin(land, SAME_DEG) for land in lands)]
    return MultiPolygon([*[part for part in own if part not in near], *union([*near, *lands])])


def leave_out(whole: MultiPolygon, lands: Sequence[Polygon]) -> MultiPolygon | None:
    """Return a boundary without land, None when nothing is left; parts that it does not meet stay as they are."""
    away = shapely.union_all(_noded(list(lands)))
    pieces: list[Polygon] = []
    for part in whole.geoms:
        if not part.intersects(away):
            pieces.append(part)
            continue
        own, *others = _noded([part, *polygons(away)])
        left = polygons(shapely.difference(own, shapely.union_all(others)))
        found = [_without_threads(piece) for piece in left if not is_thread(piece)]
        pieces += [part] if len(found) == 1 and found[0].equals(part) else found
    return MultiPolygon(pieces) if pieces else None


def read_line(found: object) -> list[tuple[float, float]]:
    """Return the positions of a line as a client sends them: a list of longitude and latitude, at least two."""
    if not isinstance(found, list) or not 2 <= len(found) <= 10_000:
        raise UserError("line: expected a list of 2 to 10000 positions, each longitude and latitude in degrees")
    for position in found:
        numbers = isinstance(position, list) and len(position) == 2
        if not numbers or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in position):
            raise UserError("line: expected positions of longitude and latitude in degrees, such as [113.02, 34.75]")
    if not np.isfinite(np.array(found, dtype=float)).all():
        raise UserError("line: a position is not finite; expected degrees")
    return [(float(lon), float(lat)) for lon, lat in found]


def _plain(line: Sequence[tuple[float, float]]) -> LineString:
    positions = [place for at, place in enumerate(line) if at == 0 or place != line[at - 1]]
    if len(positions) < 2:
        raise UserError(
            "line: its positions are all the same; expected a line across a part",
            zh="线上的点都在同一处，请画一条横穿的线。",
        )
    return LineString(positions)


def union(parts: Sequence[Polygon]) -> list[Polygon]:
    """Return the land of parts; outlines that run within centimetres of each other become one, without threads."""
    return [_without_threads(piece) for piece in polygons(shapely.union_all(_noded(list(parts))))]


def polygons(geometry: Any) -> list[Polygon]:
    """Return what has an area of a geometry."""
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty]


def _noded(parts: list[Polygon]) -> list[Polygon]:
    """Return parts that share their vertices where they run along each other: those of the earlier one stand."""
    if len(parts) < 2:
        return parts
    near: list[list[int]] = [[] for _ in parts]
    for one, other in shapely.STRtree(parts).query(parts, "dwithin", SAME_DEG).T.tolist():
        if one != other:
            near[one].append(other)
    done: list[Polygon] = []
    for place, part in enumerate(parts):
        before = _vertices_about(part, [done[other] for other in near[place] if other < place])
        done.append(_with_vertices(_snapped(part, before), before))
    # vertices that a later one brought are given to those before it
    for place, part in enumerate(done):
        done[place] = _with_vertices(
            part, _vertices_about(part, [done[other] for other in near[place] if other > place])
        )
    return done


def _vertices_about(part: Polygon, others: list[Polygon]) -> Any:
    """Return the vertices of others that may lie on a part: those in its box."""
    found = shapely.get_coordinates(others)
    west, south, east, north = part.bounds
    low, high = (west - SAME_DEG, south - SAME_DEG), (east + SAME_DEG, north + SAME_DEG)
    return found[((found >= low) & (found <= high)).all(axis=1)]


def _snapped(part: Polygon, stored: Any) -> Polygon:
    """Return a part whose vertices beside a stored one are that one."""
    found: Polygon = on_vertices(part, shapely.STRtree(shapely.points(stored)), stored)
    return found


def _with_vertices(part: Polygon, positions: Any) -> Polygon:
    """Return a part with a vertex wherever a position lies on one of its edges, beside none of its vertices."""
    near = np.asarray(positions, dtype=float).reshape(-1, 2)
    near = near[shapely.dwithin(shapely.points(near), shapely.boundary(part), SAME_DEG)]
    if not len(near):
        return part
    rings = [_ring_with(np.array(ring.coords), near) for ring in (part.exterior, *part.interiors)]
    changed = Polygon(rings[0], rings[1:])
    return changed if changed.is_valid else part


def _ring_with(ring: Any, near: Any) -> Any:
    edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    points = shapely.points(near)
    taken = shapely.STRtree(shapely.points(ring)).query(points, "dwithin", SAME_DEG)[0]
    free = np.setdiff1d(np.arange(len(near)), taken)
    if not len(free):
        return ring
    which, edge = shapely.STRtree(edges).query_nearest(points[free], max_distance=SAME_DEG, all_matches=False)
    if not len(which):
        return ring
    along = shapely.line_locate_point(edges[edge], points[free][which])
    order = np.lexsort((along, edge))
    _unique, first = np.unique(near[free][which][order], axis=0, return_index=True)
    order = order[np.sort(first)]
    return np.insert(ring, edge[order] + 1, near[free][which][order], axis=0)


def _nearest_vertex(part: Polygon, position: tuple[float, float]) -> tuple[float, float] | None:
    """Return the vertex of a part that a position was meant to be, or None."""
    found = shapely.get_coordinates(part)
    far = np.hypot(*(found - np.array(position)).T)
    at = int(far.argmin())
    return (float(found[at][0]), float(found[at][1])) if far[at] <= SAME_DEG else None


def is_thread(piece: Polygon) -> bool:
    """Return whether a piece is nowhere wider than THREAD_DEG."""
    return bool(shapely.is_empty(shapely.buffer(piece, -THREAD_DEG / 2)))


def _same_land(one: Polygon, other: Polygon) -> bool:
    """Return whether two outlines of a part differ by no more than threads."""
    return all(is_thread(piece) for piece in polygons(shapely.symmetric_difference(one, other)))


def _without_threads(piece: Polygon) -> Polygon:
    """Return a piece without the holes that are threads between two drawings of one line."""
    holes = [ring for ring in piece.interiors if not is_thread(Polygon(ring))]
    return piece if len(holes) == len(piece.interiors) else Polygon(piece.exterior, holes)
