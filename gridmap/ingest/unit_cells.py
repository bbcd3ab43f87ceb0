"""Outlines of unit cells: a cell's land cut by the 1 km squares, or drawn in a GeoJSON file and held against it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmap import geo
from gridmap.domain import grid
from gridmap.domain.grid_change import NewCell
from gridmap.errors import UserError
from gridmap.ingest import shapes

MOST_BYTES = 20_000_000
MOST_VERTICES = 200_000
"""Most that a file of outlines may hold: a city's villages drawn to the metre have less."""

MOST_SQUARES = 20_000
LEAST_SHARE = 0.25
"""What is smaller than this share of a whole piece is joined to a neighbour (ours)."""

SEAM_M = 1.0
"""What is narrower than twice this is a seam of two lines drawn apart, as in GRID-02."""

SNAP_M = 0.001
"""Lines are cut to the millimetre: an outline that runs along a line of the squares must leave no slivers beside it."""

_CRS = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


@dataclass(frozen=True)
class _Drawn:
    """An outline of a file: its place in the file, the name it gives itself, metres of EPSG:4547."""

    number: int
    name: str | None
    geom_m: BaseGeometry


def by_squares(land_m: BaseGeometry, size_km: int) -> list[NewCell]:
    """Cut land (EPSG:4547) by the 1 km squares, size_km by size_km at a time, in the order of their numbers.

    A piece smaller than a quarter of a whole one is joined to the neighbour with which it shares the longest edge, one
    that has no neighbour to the nearest. All pieces meet in the same points: nothing lies between them.
    UserError when the squares are too small for the land.
    """
    if size_km < 1:
        raise UserError(f"a cell of {size_km} km cannot be; expected whole kilometres from 1")
    size_m = size_km * grid.CELL_M
    west, south, east, north = land_m.bounds
    if ((east - west) / size_m + 2) * ((north - south) / size_m + 2) > MOST_SQUARES:
        raise UserError(f"the land is too large for cells of {size_km} km: more than {MOST_SQUARES} squares touch it")
    pieces = _joined(_faces(land_m, size_m), LEAST_SHARE * size_m**2)
    source = f"按EPSG:4547公里格网每{size_km}×{size_km}公里划分，外缘随上级网格"
    return _numbered([_new(None, piece, 0.0, source) for piece in pieces], size_m)


def from_file(path: Path, land_m: BaseGeometry, error_m: float) -> list[NewCell]:
    """Read outlines of unit cells inside some land (EPSG:4547) from a GeoJSON file, in the order of their numbers.

    A feature's property `name` is the cell's name. UserError names the feature and what is wrong with it: unreadable,
    too large, other coordinates than degrees longitude first, self-crossing, outside the land, on another cell.
    Gaps between the outlines are no fault: GRID-02 finds them.
    """
    drawn = _read(path)
    _check_inside(path.name, drawn, land_m)
    _check_apart(path.name, drawn)
    source = f"自文件{path.name}导入"
    return _numbered([_new(each.name, each.geom_m, error_m, source) for each in drawn], grid.CELL_M)


def _faces(land_m: BaseGeometry, size_m: float) -> list[BaseGeometry]:
    """Return the land's pieces between the lines of the squares; their common points are the very same numbers."""
    west, south, east, north = land_m.bounds
    lines: list[BaseGeometry] = [land_m.boundary]
    for x in np.arange(math.ceil(west / size_m), math.floor(east / size_m) + 1) * size_m:
        lines.append(shapely.LineString([(x, south - size_m), (x, north + size_m)]))
    for y in np.arange(math.ceil(south / size_m), math.floor(north / size_m) + 1) * size_m:
        lines.append(shapely.LineString([(west - size_m, y), (east + size_m, y)]))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines, grid_size=SNAP_M)]))
    shapely.prepare(land_m)
    inside = shapely.contains(land_m, shapely.point_on_surface(faces))
    return [face for face, own in zip(faces, inside, strict=True) if own]


def _joined(faces: list[BaseGeometry], least_m2: float) -> list[BaseGeometry]:
    """Join faces below an area to a neighbour, the smallest first."""
    groups = {number: [face] for number, face in enumerate(faces)}
    areas = {number: face.area for number, face in enumerate(faces)}
    shared = _shared_edges(faces)
    while True:
        small = [number for number in groups if areas[number] < least_m2 and len(groups) > 1]
        if not small:
            return [shapely.union_all(members) for members in groups.values()]
        number = min(small, key=lambda each: (areas[each], each))
        if shared[number]:
            goal = max(shared[number], key=lambda each: (shared[number][each], areas[each], -each))
        else:
            own = shapely.union_all(groups[number])
            others = [each for each in groups if each != number]
            goal = min(others, key=lambda each: (own.distance(shapely.union_all(groups[each])), each))
        groups[goal] += groups.pop(number)
        areas[goal] += areas.pop(number)
        for other, length in shared.pop(number).items():
            shared[other].pop(number)
            if other != goal:
                shared[other][goal] = shared[other].get(goal, 0.0) + length
                shared[goal][other] = shared[goal].get(other, 0.0) + length


def _shared_edges(faces: list[BaseGeometry]) -> dict[int, dict[int, float]]:
    """Return for each face the length of the edge that it shares with each neighbour, metres."""
    shared: dict[int, dict[int, float]] = {number: {} for number in range(len(faces))}
    for one, other in shapely.STRtree(faces).query(faces, predicate="intersects").T.tolist():
        if one < other:
            length = shapely.intersection(faces[one], faces[other]).length
            if length > 0:
                shared[one][other] = shared[other][one] = length
    return shared


def _new(name: str | None, geom_m: BaseGeometry, error_m: float, source: str) -> NewCell:
    outline = shapely.to_wkb(shapes.multi(shapes.to_degrees(geom_m)))
    centre = geom_m.centroid
    return NewCell(name, outline, geom_m.area, (centre.x, centre.y), error_m, source)


def _numbered(cells: Sequence[NewCell], band_m: float) -> list[NewCell]:
    return [cells[place] for place in grid.reading_order([cell.centroid_m for cell in cells], band_m)]


def _read(path: Path) -> list[_Drawn]:
    features = _features(path)
    drawn, vertices = [], 0
    for number, feature in enumerate(features, 1):
        geom = _geometry(path.name, number, feature)
        vertices += shapely.get_num_coordinates(geom)
        if vertices > MOST_VERTICES:
            raise UserError(
                f"{path.name}: more than {MOST_VERTICES} vertices up to feature {number}; simplify the outlines"
            )
        _check_place(path.name, number, geom)
        if not geom.is_valid:
            raise UserError(f"{path.name}, feature {number}: the outline is wrong: {shapely.is_valid_reason(geom)}")
        properties = feature.get("properties")
        name = properties.get("name") if isinstance(properties, dict) else None
        if name is not None and not (isinstance(name, str) and 0 < len(name.strip()) <= 100):
            raise UserError(f"{path.name}, feature {number}: its name should be a text of at most 100 characters")
        drawn.append(_Drawn(number, name.strip() if name else None, shapes.to_metres(geom)))
    return drawn


def _features(path: Path) -> list[Any]:
    def refuse(word: str) -> float:
        raise ValueError(f"{word} is no number of JSON")

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: the file cannot be read ({error.strerror})") from error
    if len(content) > MOST_BYTES:
        raise UserError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; simplify the outlines")
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name}: not readable as GeoJSON ({type(error).__name__}: {str(error)[:100]})") from error
    features = found.get("features") if isinstance(found, dict) and found.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features or not all(isinstance(each, dict) for each in features):
        raise UserError(f"{path.name}: expected a GeoJSON FeatureCollection with at least one feature")
    if len(features) > grid.MOST_UNITS:
        raise UserError(f"{path.name}: {len(features)} features; codes count to {grid.MOST_UNITS}")
    crs = found.get("crs")
    named = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
    if crs is not None and not named.endswith(_CRS):
        raise UserError(
            f"{path.name}: its coordinates are {named or 'of no named system'}; expected degrees, CGCS2000 or WGS 84"
        )
    return features


def _geometry(label: str, number: int, feature: dict[str, Any]) -> BaseGeometry:
    try:
        geom = shapely.force_2d(shape(feature["geometry"]))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, shapely.errors.ShapelyError) as error:
        raise UserError(f"{label}, feature {number}: its geometry cannot be read ({str(error)[:100]})") from error
    if geom.geom_type not in ("Polygon", "MultiPolygon") or geom.is_empty:
        raise UserError(f"{label}, feature {number}: expected a Polygon or MultiPolygon, found {geom.geom_type}")
    return geom


def _check_place(label: str, number: int, geom: BaseGeometry) -> None:
    """Refuse what does not lie in the city's envelope, and say why it may not."""
    west, south, east, north = geom.bounds
    if geo.inside_envelope(west, south) and geo.inside_envelope(east, north):
        return
    where = f"{label}, feature {number}: it begins at {west:.6g}, {south:.6g}"
    if geo.inside_envelope(south, west) and geo.inside_envelope(north, east):
        raise UserError(f"{where}: latitude and longitude are swapped; expected longitude first")
    if max(abs(west), abs(south), abs(east), abs(north)) > 360:
        raise UserError(f"{where}: these are metres; expected degrees, CGCS2000 or WGS 84")
    raise UserError(f"{where}, outside the city; expected degrees, longitude first")


def _wide(geom: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a geometry that are wider than a seam, largest first."""
    opened = geom.buffer(-SEAM_M, join_style="mitre").buffer(SEAM_M, join_style="mitre")
    parts = [part for part in shapely.get_parts(opened) if part.geom_type == "Polygon" and part.area >= 1]
    return sorted(parts, key=lambda part: -part.area)


def _place(geom_m: BaseGeometry) -> str:
    point = shapes.to_degrees(geom_m.representative_point())
    return f"{point.x:.5f}, {point.y:.5f}"


def _check_inside(label: str, drawn: Sequence[_Drawn], land_m: BaseGeometry) -> None:
    shapely.prepare(land_m)
    for each in drawn:
        if shapely.covers(land_m, each.geom_m):
            continue
        outside = _wide(shapely.difference(each.geom_m, land_m))
        if outside:
            raise UserError(
                f"{label}, feature {each.number}: {sum(part.area for part in outside):.0f} m² of it lie outside the "
                f"cell above, the largest piece at {_place(outside[0])}" + _shifted(drawn, land_m)
            )


def _shifted(drawn: Sequence[_Drawn], land_m: BaseGeometry) -> str:
    """Return a hint when the outlines would fit were they moved by some hundred metres: another datum."""
    whole = shapely.union_all([each.geom_m for each in drawn])
    centres = [((g.bounds[0] + g.bounds[2]) / 2, (g.bounds[1] + g.bounds[3]) / 2) for g in (land_m, whole)]
    east, north = centres[0][0] - centres[1][0], centres[0][1] - centres[1][1]
    away = math.hypot(east, north)
    if not 200 <= away <= 1000:
        return ""
    moved = shapely.transform(whole, lambda xy: xy + np.array([east, north]))
    if shapely.difference(moved, land_m).area > 0.02 * whole.area:
        return ""
    return f"; moved by {away:.0f} m they would fit: the file looks like GCJ-02 or BD-09, convert it to CGCS2000"


def _check_apart(label: str, drawn: Sequence[_Drawn]) -> None:
    outlines = [each.geom_m for each in drawn]
    for one, other in sorted(shapely.STRtree(outlines).query(outlines, predicate="intersects").T.tolist()):
        if one < other:
            common = _wide(shapely.intersection(outlines[one], outlines[other]))
            if common:
                raise UserError(
                    f"{label}, features {drawn[one].number} and {drawn[other].number}: they overlap in "
                    f"{sum(part.area for part in common):.0f} m², the largest piece at {_place(common[0])}"
                )
