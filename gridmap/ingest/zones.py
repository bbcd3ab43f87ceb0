"""Drafts of the demo city's zones, read from layers/zone/data/zones.toml.

Boundaries are not typed in: each part is a face that road lines (and outlines, where the file says so) enclose, or a
disc about a seat. A face is named by a position inside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gridmap.domain.zone import ZoneDraft
from gridmap.errors import UserError
from gridmap.ingest import files, shapes
from gridmap.ingest.outlines import Outlines

Lines = Mapping[str, tuple[BaseGeometry, float]]

_REQUIRED = ("lineage", "kind", "name", "county_code", "issuer", "document", "begins_on", "position_error_m", "note")
_PLAIN = (
    "lineage", "kind", "name", "county_code", "issuer", "document", "begins_on", "document_number", "signed_on",
    "boundary_wording", "exemptions", "deadline_on", "reason", "phase", "note",
)  # fmt: skip
_KNOWN = {
    *_PLAIN, "position_error_m", "is_sketch", "units_in", "units_out", "unit_notes", "road_included", "faces",
    "discs", "clip",
}  # fmt: skip
_SOURCE = "本平台按文件措辞重建"


def drafts(outlines: Outlines, roads: Lines, villages: set[str]) -> Iterator[ZoneDraft]:
    """Yield the drafts in the order of the file; villages: all known village codes."""
    label, content = files.read_toml("zone", "zones.toml")
    for number, entry in enumerate(content.get("zone", []), 1):
        where = f"{label}, zone {number} ({entry.get('lineage', 'no lineage')})"
        yield _draft(where, entry, outlines, roads, villages)


def _draft(where: str, entry: dict[str, Any], outlines: Outlines, roads: Lines, villages: set[str]) -> ZoneDraft:
    missing = [key for key in _REQUIRED if key not in entry]
    unknown = sorted(set(entry) - _KNOWN)
    if missing or unknown:
        raise UserError(f"{where}: missing {missing or 'nothing'}, not understood {unknown or 'nothing'}")
    if not isinstance(entry["begins_on"], dt.date):
        raise UserError(f"{where}, field begins_on: expected a date, found {entry['begins_on']!r}")
    for unit in (*entry.get("units_in", ()), *entry.get("units_out", ()), *entry.get("unit_notes", {})):
        if unit not in outlines.county_names and unit not in outlines.townships and unit not in villages:
            raise UserError(f"{where}: the unit {unit!r} is no county, township or village of the lists")
    boundary, error = _boundary(where, entry, outlines, roads)
    return ZoneDraft(
        **{key: entry[key] for key in _PLAIN if key in entry},
        units_in=tuple(entry.get("units_in", ())),
        units_out=tuple(entry.get("units_out", ())),
        unit_notes=entry.get("unit_notes", {}),
        road_included=entry.get("road_included"),
        boundary_wkb=shapely.to_wkb(shapes.multi(boundary)) if boundary is not None else None,
        is_sketch=entry.get("is_sketch", True),
        position_error_m=max(float(entry["position_error_m"]), error),
        source=_SOURCE,
    )


def _boundary(where: str, entry: dict[str, Any], outlines: Outlines, roads: Lines) -> tuple[BaseGeometry | None, float]:
    """Return the boundary (EPSG:4490), or None for a zone of units, and the largest error of its lines, metres."""
    parts, error = [], 0.0
    for face in entry.get("faces", ()):
        part, own = _face(where, face, outlines, roads)
        parts.append(part)
        error = max(error, own)
    for lon, lat, radius_m in entry.get("discs", ()):
        parts.append(shapes.to_degrees(shapely.buffer(shapes.to_metres(Point(lon, lat)), radius_m)))
    if not parts:
        return None, 0.0
    boundary = shapely.union_all(parts)
    if "clip" in entry:
        clip = outlines.outline(entry["clip"])
        if clip is None:
            raise UserError(f"{where}, field clip: {entry['clip']!r} has no outline")
        boundary = shapely.intersection(boundary, clip)
    if boundary.is_empty or not boundary.is_valid or "Polygon" not in boundary.geom_type:
        raise UserError(f"{where}: its boundary is no valid area")
    return boundary, error


def _face(where: str, face: Mapping[str, Any], outlines: Outlines, roads: Lines) -> tuple[BaseGeometry, float]:
    """Polygonize lines and return the one face that holds a position."""
    pieces, error = [], 0.0
    for road in face["roads"]:
        if road not in roads:
            raise UserError(f"{where}: there is no road {road!r} in roads.geojson")
        line, own = roads[road]
        pieces.append(line)
        error = max(error, own)
    for code in face.get("outlines", ()):
        outline = outlines.outline(code)
        if outline is None:
            raise UserError(f"{where}: {code!r} has no outline")
        pieces.append(shapely.boundary(outline))
    noded = shapely.union_all(pieces)
    inside = Point(face["inside"])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    holding = [polygon for polygon in faces if polygon.contains(inside)]
    if len(holding) != 1:
        raise UserError(f"{where}: the lines {', '.join(face['roads'])} enclose no face around {face['inside']}")
    return holding[0], error
