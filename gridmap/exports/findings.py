"""Findings as files: CSV, Excel, GeoJSON, a ledger by theme; and as what any other format is written from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gridmap import glossary, layers
from gridmap.domain.definition import Text
from gridmap.exports.tables import Sheet, sheet_title, to_csv, to_workbook, to_xlsx
from gridmap.geo import SRID_WGS84
from gridmap.layers import Column
from gridmap.store.findings import FindingFilter
from gridmap.store.outgoing import Outgoing, Row

Asked = Sequence[tuple[Text, Text]]
"""What a file was narrowed to: title and value."""

Placed = tuple[dict[str, Any], str | None]
"""A finding as it is presented, with its place as GeoJSON."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX, "ledger": _XLSX}

# name -> title in Chinese, title in English, width in characters; the first say on every printed page which one it is
COLUMNS: dict[str, tuple[str, str, float]] = {
    "rule_id": ("规则", "rule", 10),
    "title": ("问题", "finding", 26),
    "name": ("名称", "name", 22),
    "message": ("说明", "message", 60),
    "county_code": ("县（市、区）代码", "county code", 14),
    "county_name": ("县（市、区）", "county", 12),
    "cell_code": ("所在网格代码", "cell", 18),
    "square_code": ("所在公里方格", "1 km square", 14),
    "feature_kind": ("对象类别", "kind", 12),
    "feature_id": ("对象编号", "identifier", 18),
    "part": ("部分", "part", 12),
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
    "legal": ("依据", "legal source", 64),
    "key": ("问题标识", "key", 36),
}

# coded columns -> group of the glossary that has their words
_VOCABULARY = {
    "feature_kind": "feature_kind",
    "certainty": "certainty",
    "severity": "severity",
    "status": "finding_status",
}

_FIXED = 3


def csv_file(rows: Sequence[Mapping[str, Any]], lang: str = "zh") -> bytes:
    """Return findings as CSV, UTF-8 with BOM."""
    return to_csv(_header(lang), (_row(row, lang) for row in rows))


def xlsx_file(rows: Sequence[Mapping[str, Any]], lang: str = "zh") -> bytes:
    """Return findings as an Excel workbook."""
    widths = [width for _, _, width in COLUMNS.values()]
    title, lines = "findings" if lang == "en" else "问题", (_row(row, lang) for row in rows)
    return to_xlsx(title, _header(lang), widths, lines, lang, fixed=_FIXED)


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


def ledger(
    rows: Sequence[Mapping[str, Any]], themes: Mapping[str, str], on: dt.date, asked: Asked, lang: str = "zh"
) -> bytes:
    """Return findings as a workbook: what it holds and how many, then a sheet for each theme. themes: by rule."""
    en = lang == "en"
    by_theme: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_theme.setdefault(themes[row["rule_id"]], []).append(row)
    words = {theme: glossary.word("theme", theme, lang) for theme in glossary.terms()["theme"] if theme in by_theme}
    widths = [width for _, _, width in COLUMNS.values()]
    first = Sheet(
        "summary" if en else "概要",
        ["item" if en else "项目", "value" if en else "内容", *(_certainty(each, lang) for each in _CERTAINTIES)],
        [30.0, 40.0, 12.0, 12.0, 12.0],
        _summary(rows, by_theme, words, on, asked, lang),
    )
    sheets = [
        Sheet(sheet_title(word), _header(lang), widths, [_row(row, lang) for row in by_theme[theme]], _FIXED)
        for theme, word in words.items()
    ]
    return to_workbook([first, *sheets], lang)


def _summary(
    rows: Sequence[Mapping[str, Any]],
    by_theme: Mapping[str, Sequence[Mapping[str, Any]]],
    words: Mapping[str, str],
    on: dt.date,
    asked: Asked,
    lang: str,
) -> Iterator[list[Any]]:
    yield ["day" if lang == "en" else "日期", on]
    for title, value in asked:
        yield [title.get(lang), value.get(lang)]
    yield ["all" if lang == "en" else "合计", len(rows), *_counted(rows)]
    for theme, word in words.items():
        yield [word, len(by_theme[theme]), *_counted(by_theme[theme])]
    counties = sorted({(row["county_code"], row["county_name"] or row["county_code"]) for row in rows})
    for code, name in counties:
        own = [row for row in rows if row["county_code"] == code]
        yield [name, len(own), *_counted(own)]


_CERTAINTIES = ("breach", "near_boundary", "report")


def _certainty(name: str, lang: str) -> str:
    return glossary.word("certainty", name, lang)


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [sum(row["certainty"] == each for row in rows) for each in _CERTAINTIES]


def outgoing(batches: Iterable[list[Placed]], on: dt.date, asked: Asked) -> Outgoing:
    """Return findings as what any format is written from: their place with the words of the rule.

    batches: rows as they are presented, each with its place as GeoJSON.
    """
    layer = layers.load().get("finding")
    columns = tuple(_column(name) for name in COLUMNS if name not in _NOT_COLUMNS)
    return Outgoing(
        layer.id, layer.title, layer.description, layer.credit, layer.feature_id, layer.geometry, columns, layer.style,
        on, tuple(asked), SRID_WGS84, _outgoing(batches),
    )  # fmt: skip


# the place is the geometry, the key the identifier
_NOT_COLUMNS = ("lon", "lat", "key")

# feature_id is the finding itself there, as in the layer
_RENAMED = {"feature_id": "judged_id"}

_TYPES = {"opened_on": "date", "handed_over": "integer", "resurged": "integer", "failed_inspections": "integer"}


def _column(name: str) -> Column:
    chinese, english, _ = COLUMNS[name]
    terms = glossary.terms().get(_VOCABULARY.get(name, ""), {})
    codes = {code: Text(word["zh"], word["en"]) for code, word in terms.items()}
    return Column(
        _RENAMED.get(name, name),
        Text(chinese, english),
        _TYPES.get(name, "text"),
        None,
        True,
        None,
        codes,
    )


def _outgoing(batches: Iterable[list[Placed]]) -> Iterator[list[Row]]:
    import shapely

    for batch in batches:
        places = shapely.to_wkb(shapely.from_geojson([place for _row, place in batch]))
        yield [
            (row["key"], place, *(_value(row[name], name) for name in COLUMNS if name not in _NOT_COLUMNS))
            for (row, _place), place in zip(batch, places.tolist(), strict=True)
        ]


def _value(value: Any, name: str) -> Any:
    return dt.date.fromisoformat(value) if name == "opened_on" and value else value


def asked_for(wanted: FindingFilter, counties: Mapping[str, str], lang: str) -> Asked:
    """Return a filter in words. counties: names by code."""
    values = (
        (Text("县（市、区）", "county"), [f"{counties.get(code, '')} {code}".strip() for code in wanted.counties]),
        (Text("规则", "rule"), wanted.rules),
        (Text("严重程度", "severity"), [glossary.word("severity", each, lang) for each in wanted.severities]),
        (Text("确定性", "certainty"), [_certainty(each, lang) for each in wanted.certainties]),
        (Text("状态", "status"), [glossary.word("finding_status", each, lang) for each in wanted.statuses]),
        (Text("对象", "feature"), [wanted.feature] if wanted.feature else []),
        (Text("名称或代码", "name or code"), [wanted.q] if wanted.q else []),
        (Text("范围", "only"), ["what is repeated" if lang == "en" else "反复出现的"] if wanted.repeats else []),
    )
    return tuple((title, Text("、".join(found), ", ".join(found))) for title, found in values if found)


def _header(lang: str) -> list[str]:
    return [english if lang == "en" else chinese for chinese, english, _ in COLUMNS.values()]


def _row(row: Mapping[str, Any], lang: str) -> list[Any]:
    return [
        glossary.word(_VOCABULARY[name], str(row[name]), lang) if name in _VOCABULARY else _value(row.get(name), name)
        for name in COLUMNS
    ]
