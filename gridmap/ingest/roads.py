"""Rows of the table road: sketches of our own, the lines that zones are polygonized from."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry.base import BaseGeometry

from gridmap.ingest import files, shapes

COLUMNS = (
    "road_id", "name", "name_en", "class", "geom", "county_code", "is_sketch", "position_error_m", "source", "note",
    "grade",
)  # fmt: skip
_FIELDS = ("road_id", "name", "name_en", "class", "county_code", "position_error_m", "note")
_CLASSES = ("ring", "expressway", "main", "county_road", "street")
_GRADES = {"expressway": "expressway", "county_road": "county"}
_SOURCE = "本平台示意，依据文件措辞和乡镇驻地位置绘制"


def read() -> list[files.Record]:
    """Read the road sketches."""
    return files.read_features("road", "roads.geojson", _FIELDS)


def rows(records: list[files.Record]) -> Iterator[tuple[object, ...]]:
    """Yield one row per road."""
    for record in records:
        yield (
            record.text("road_id"), record.text("name"), record.text("name_en"), record.one_of("class", _CLASSES),
            shapes.ewkb(shapes.multi(record.shape("LineString"))), record.code("county_code", 6), True,
            record.number("position_error_m"), _SOURCE, record.text("note"), _GRADES.get(record.text("class")),
        )  # fmt: skip


def lines(records: list[files.Record]) -> dict[str, tuple[BaseGeometry, float]]:
    """Return each road's line (EPSG:4490) and error in metres, by id."""
    return {
        record.text("road_id"): (record.shape("LineString"), record.number("position_error_m")) for record in records
    }
