"""Findings as files: CSV, Excel, GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap import glossary
from gridmap.exports.tables import to_csv, to_xlsx

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# name -> title in Chinese, title in English, width in characters
COLUMNS: dict[str, tuple[str, str, float]] = {
    "rule_id": ("规则", "rule", 10),
    "title": ("问题", "finding", 26),
    "message": ("说明", "message", 60),
    "county_code": ("县（市、区）代码", "county code", 14),
    "county_name": ("县（市、区）", "county", 12),
    "cell_code": ("所在网格代码", "cell", 18),
    "square_code": ("所在公里方格", "1 km square", 14),
    "feature_kind": ("对象类别", "kind", 12),
    "feature_id": ("对象编号", "identifier", 18),
    "part": ("部分", "part", 12),
    "name": ("名称", "name", 22),
    "certainty": ("确定性", "certainty", 14),
    "severity": ("严重程度", "severity", 10),
    "status": ("状态", "status", 10),
    "opened_on": ("首次发现", "first found on", 12),
    "repeat": ("反复和死灰复燃", "repeated", 24),
    "handed_over": ("半年内交办次数", "handed over in half a year", 12),
    "resurged": ("死灰复燃次数", "times resurged", 12),
    "failed_inspections": ("半年内不合格检查", "failed inspections in half a year", 14),
    "lon": ("经度", "longitude", 12),
    "lat": ("纬度", "latitude", 12),
    "legal": ("依据", "legal source", 50),
    "key": ("问题标识", "key", 36),
}

# coded columns -> group of the glossary that has their words
_VOCABULARY = {
    "feature_kind": "feature_kind",
    "certainty": "certainty",
    "severity": "severity",
    "status": "finding_status",
}


def csv_file(rows: Sequence[Mapping[str, Any]], lang: str = "zh") -> bytes:
    """Return findings as CSV, UTF-8 with BOM."""
    return to_csv(_header(lang), (_row(row, lang) for row in rows))


def xlsx_file(rows: Sequence[Mapping[str, Any]], lang: str = "zh") -> bytes:
    """Return findings as an Excel workbook."""
    widths = [width for _, _, width in COLUMNS.values()]
    return to_xlsx("findings" if lang == "en" else "问题", _header(lang), widths, (_row(row, lang) for row in rows))


def geojson(rows: Sequence[Mapping[str, Any]], geometries: Sequence[str | None]) -> dict[str, Any]:
    """Return findings as a GeoJSON FeatureCollection (RFC 7946); geometries: GeoJSON texts in the rows' order."""
    features = [
        {
            "type": "Feature",
            "id": row["key"],
            "geometry": json.loads(geometry) if geometry else None,
            "properties": {name: value for name, value in row.items() if name not in ("key", "lon", "lat")},
        }
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _header(lang: str) -> list[str]:
    return [english if lang == "en" else chinese for chinese, english, _ in COLUMNS.values()]


def _row(row: Mapping[str, Any], lang: str) -> list[Any]:
    return [
        glossary.word(_VOCABULARY[name], str(row[name]), lang) if name in _VOCABULARY else row.get(name)
        for name in COLUMNS
    ]
