"""GeoJSON: collections, single features and bare geometries, with the crs member that older programs write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Sentence, Told, Value
from gridmap.ingest.reading import encodings, wkb
from gridmap.ingest.reading.faults import joined, refusal, shown, text_value
from gridmap.ingest.reading.json_stream import Stream
from gridmap.ingest.reading.opened import Opened, check_columns, unique_titles
from gridmap.ingest.reading.types_seen import TypesSeen

WGS84 = "EPSG:4326"
"""What a GeoJSON is in when it says nothing (RFC 7946)."""

ID = "id"
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", re.I)
_GEOMETRIES = {
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
}  # fmt: skip


class GeoJson(Opened):
    """An opened GeoJSON. Its header is all names of properties, in the order of their first appearance.

    The whole file is read once on opening: only then is every property known, and that nothing is broken.
    """

    format = "geojson"

    def __init__(self, path: Path, name: str, limits: ReadingLimits, encoding: str | None = None) -> None:
        super().__init__(limits)
        self._path = path
        self._encoding = encodings.of_file(path, encoding)
        names: dict[str, None] = {}
        stream = Stream(path, self._encoding)
        has_id = False
        types = TypesSeen()
        for feature in self._features(stream):
            has_id = has_id or (isinstance(feature, dict) and feature.get("id") is not None)
            properties = _member(feature, "properties")
            if properties.keys() - names.keys():
                names.update(dict.fromkeys(properties))
                check_columns(len(names), limits)
            types.add(str(_member(feature, "geometry").get("type")) if _member(feature, "geometry") else None)
        self._names = tuple(names)
        self._takes_id = has_id and not any(title.strip().lower() == ID for title in names)
        header = ((ID,) if self._takes_id else ()) + tuple(self._names)
        crs, notes = _crs(stream.members.get("crs"))
        self.sheets = (IncomingSheet(Path(name).stem, _titles(header), 0, crs, has_geometry=True),)
        self.told = (*_encoding_told(self._encoding), *notes, *types.told())

    def _features(self, stream: Stream) -> Iterator[Any]:
        """Yield the features of the document, whatever its own type."""
        yield from stream.features()
        members = stream.members
        kind = members.get("type")
        if stream.has_features:
            if kind != "FeatureCollection":
                raise refusal(
                    "这个 JSON 不是 GeoJSON：type 应为 FeatureCollection（Esri JSON 请先转换）",
                    "this JSON is no GeoJSON: its type is not FeatureCollection (convert Esri JSON first)",
                )
        elif kind == "Feature":
            yield members
        elif isinstance(kind, str) and kind in _GEOMETRIES:
            yield {"type": "Feature", "properties": {}, "geometry": members}
        else:
            raise refusal(
                "这个 JSON 不是 GeoJSON：应为 FeatureCollection、Feature 或几何",
                "this JSON is no GeoJSON: expected a FeatureCollection, a Feature or a geometry",
            )

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        stream = Stream(self._path, self._encoding)
        for number, feature in enumerate(self._features(stream), 1):
            yield self._row(number, feature, stream.bad if stream.has_features else [])

    def _row(self, number: int, feature: Any, bad: list[Sentence]) -> IncomingRow:
        faults = list(bad)
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            faults.append(Sentence("这一项不是 Feature", "this is no Feature"))
        properties = _member(feature, "properties")
        values: list[Value] = []
        if self._takes_id:
            values.append(self._value(ID, _member({"f": feature}, "f").get("id"), faults))
        values.extend(self._value(name, properties.get(name), faults) for name in self._names)
        geometry = None
        given = feature.get("geometry") if isinstance(feature, dict) else None
        if given is not None:
            try:
                geometry, _ = wkb.from_geojson(given, self._limits.vertices_per_geometry)
            except wkb.GeometryFault as fault:
                if not bad:  # it was told already that a number is none, and where
                    faults.append(fault.sentence)
        return IncomingRow(number, tuple(values), geometry, joined(faults))

    def _value(self, name: str, value: Any, faults: list[Sentence]) -> Value:
        if isinstance(value, float) and math.isnan(value):
            return None
        if isinstance(value, dict | list):
            value = json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            return text_value(name, value, self._limits.characters_per_cell, faults)
        if isinstance(value, int | float) or value is None:
            return value
        return str(value)


def _member(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _titles(names: tuple[str, ...]) -> tuple[str, ...]:
    return unique_titles(" ".join(name.split()) or "?" for name in names)


def _crs(member: Any) -> tuple[str | None, list[Told]]:
    """Return what the crs member of old GeoJSON declares; without one it is WGS 84."""
    if member is None:
        return WGS84, []
    name = _member(member, "properties").get("name")
    if isinstance(name, str):
        if name.upper().rstrip("/").endswith(("CRS84", "CRS84H")):
            return WGS84, []
        found = _EPSG.fullmatch(name.strip())
        if found:
            return f"EPSG:{int(found[1])}", [
                Told(f"文件声明坐标系为 EPSG:{found[1]}", f"The file declares its coordinates as EPSG:{found[1]}")
            ]
    said = shown(name if isinstance(name, str) else json.dumps(member, ensure_ascii=False))
    return None, [
        Told(
            f"文件声明的坐标系“{said}”无法识别，请另行指定",
            f"The declared coordinates {said!r} are unknown: say which they are",
        )
    ]


def _encoding_told(encoding: str) -> list[Told]:
    if encoding.startswith("utf-8"):
        return []
    label = encodings.NAMES[encoding]
    return [Told(f"编码为 {label}（GeoJSON 应为 UTF-8）", f"The encoding is {label}; a GeoJSON should be UTF-8")]
