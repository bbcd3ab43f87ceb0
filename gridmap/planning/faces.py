"""Faces of the network of roads, counties and zones: land that a boundary along them can take in or leave out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from gridmap.db.session import Connection, snapshot
from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.store import network
from gridmap.store.network import Line

GRID_M = 0.01
"""Lines meet on a grid this fine, metres: outlines that were drawn from one another then share their edges."""

LEAST_WIDTH_M = 20.0
"""What is nowhere wider lies between two drawings of one line and is no land of its own."""

MOST_KM2 = 4000.0
"""The widest box that is asked at once: the largest county and its surroundings."""

MOST_FACES = 300
"""Faces of one answer, the nearest to the middle of the box first."""

MOST_VERTICES = 400_000
"""Vertices of the lines of one answer."""

SAME_DEG = 5e-7
"""Vertices and edges nearer than this, degrees (about 5 cm), were meant to be the same."""

_REACH_M = 5000.0
_NEAR_M = 0.5


@dataclass(frozen=True, eq=False)
class Face:
    """Land that no line crosses. area: Polygon in metres, EPSG:4547; bounds: the lines along its edge."""

    area: Polygon
    bounds: tuple[Line, ...]

    @property
    def roads(self) -> tuple[Line, ...]:
        """Return the roads among its bounds."""
        return tuple(line for line in self.bounds if line.kind == "road")

    @property
    def error_m(self) -> float:
        """Return how far its edge may be off: as much as the roughest of its lines."""
        return max((line.error_m for line in self.bounds), default=0.0)

    @cached_property
    def inner(self) -> Any:
        """Return a point inside."""
        return shapely.point_on_surface(self.area)


@dataclass(frozen=True)
class Network:
    """Faces, and which of them (by position) lie edge to edge."""

    faces: tuple[Face, ...]
    beside: tuple[frozenset[int], ...]


@dataclass(frozen=True)
class FacesInBox:
    """matched: how many faces meet the box; faces: those told of."""

    faces: tuple[Face, ...]
    matched: int
    stored: Any = None
    """Vertices of the lines about the box as they are stored, degrees: an array of n × 2."""


def build(lines: Sequence[Line]) -> Network:
    """Build the faces that lines enclose, from the south-west on; loose ends enclose nothing."""
    if not lines:
        return Network((), ())
    net = shapely.get_parts(shapely.union_all([line.geom for line in lines], grid_size=GRID_M))
    areas = shapely.get_parts(shapely.polygonize(net))
    areas = areas[~shapely.is_empty(shapely.buffer(areas, -LEAST_WIDTH_M / 2))]
    areas = areas[np.lexsort((shapely.bounds(areas)[:, 0], shapely.bounds(areas)[:, 1]))]
    middles = shapely.line_interpolate_point(net, 0.5, normalized=True)
    sources = _pairs(shapely.STRtree([line.geom for line in lines]), middles, _NEAR_M, len(middles))
    edges = _pairs(shapely.STRtree(middles), shapely.boundary(areas), GRID_M * 2, len(areas))
    faces = tuple(
        Face(area, tuple(lines[which] for which in sorted({source for edge in own for source in sources[edge]})))
        for area, own in zip(areas, edges, strict=True)
    )
    holders: dict[int, list[int]] = {}
    for face, own in enumerate(edges):
        for edge in own:
            holders.setdefault(edge, []).append(face)
    beside: list[set[int]] = [set() for _ in faces]
    for pair in holders.values():
        for face in pair:
            beside[face].update(other for other in pair if other != face)
    return Network(faces, tuple(frozenset(others) for others in beside))


def _pairs(tree: shapely.STRtree, geoms: Any, distance: float, count: int) -> list[list[int]]:
    """Return for each geometry the positions in a tree that lie no farther off."""
    found: list[list[int]] = [[] for _ in range(count)]
    for geom, item in tree.query(geoms, predicate="dwithin", distance=distance).T.tolist():
        found[geom].append(item)
    return found


def in_box(conn: Connection, bbox: tuple[float, float, float, float], *, as_of: dt.date | None = None) -> FacesInBox:
    """Return the faces that meet a box (west, south, east, north in degrees, EPSG:4490), whole.

    A face that reaches farther out of the box than half the box, and than 5 km, is not told of. UserError when the box
    or the network in it is too large for one answer.
    """
    box = shapes.to_metres(shapely.box(*bbox))
    west, south, east, north = box.bounds
    if box.area > MOST_KM2 * 1e6:
        raise UserError(
            f"bbox covers {box.area / 1e6:.0f} km2; expected at most {MOST_KM2:.0f}",
            zh=f"视野有 {box.area / 1e6:.0f} 平方公里，最多 {MOST_KM2:.0f}：请先放大地图。",
        )
    reach_x, reach_y = max((east - west) / 2, _REACH_M), max((north - south) / 2, _REACH_M)
    with snapshot(conn, as_of) as cursor:
        window = (west - reach_x, south - reach_y, east + reach_x, north + reach_y)
        lines = network.lines(cursor, window)
        stored = network.vertices(cursor, window)
    vertices = sum(shapely.get_num_coordinates(line.geom) for line in lines)
    if vertices > MOST_VERTICES:
        raise UserError(
            f"the lines about this bbox have {vertices} vertices; expected at most {MOST_VERTICES}",
            zh="视野内的道路和边界太密：请先放大地图。",
        )
    met = [face for face in build(lines).faces if face.area.intersects(box)]
    met.sort(key=lambda face: face.area.distance(box.centroid))
    return FacesInBox(tuple(met[:MOST_FACES]), len(met), stored)


def as_geojson(found: FacesInBox) -> dict[str, Any]:
    """Return faces as a GeoJSON FeatureCollection: each with its area, error, and the lines that bound it."""
    stored = found.stored if found.stored is not None else np.empty((0, 2))
    tree = shapely.STRtree(shapely.points(stored))
    return {
        "type": "FeatureCollection",
        "features": [_feature(face, _on_stored(face, tree, stored)) for face in found.faces],
        "numberMatched": found.matched,
        "numberReturned": len(found.faces),
    }


def _on_stored(face: Face, tree: shapely.STRtree, stored: Any) -> Any:
    """Return a face in degrees; where it was drawn along a stored vertex, it has that vertex to the last digit."""
    # a grid of 1e-7 degrees (a centimetre) keeps neighbours together and the outline valid
    outline = shapely.set_precision(shapes.to_degrees(face.area), 1e-7)
    return on_vertices(outline, tree, stored)


def on_vertices(outline: Any, tree: shapely.STRtree, stored: Any) -> Any:
    """Return an outline (degrees) whose vertices beside a stored one are that one, or as it was if that spoils it.

    tree: of the stored vertices (n × 2), in their order.
    """
    own = shapely.get_coordinates(outline)
    mine, theirs = tree.query_nearest(shapely.points(own), max_distance=SAME_DEG, all_matches=False)
    if not len(mine):
        return outline
    moved = own.copy()
    moved[mine] = stored[theirs]
    changed = shapely.transform(outline, lambda _found: moved)
    return changed if changed.is_valid else outline


def _feature(face: Face, outline: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"{face.inner.x:.0f}-{face.inner.y:.0f}",
        "geometry": json.loads(shapely.to_geojson(outline)),
        "properties": {
            "area_km2": round(face.area.area / 1e6, 3),
            "position_error_m": face.error_m,
            "roads": [{"id": line.id, "name": line.name} for line in face.roads],
            "boundaries": [
                {"kind": line.kind, "id": line.id, "name": line.name} for line in face.bounds if line.kind != "road"
            ],
        },
    }
