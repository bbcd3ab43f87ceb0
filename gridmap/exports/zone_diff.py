"""Two versions of a zone side by side as a file: Excel, GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gridmap.exports.findings import MEDIA_TYPES as _TABLES
from gridmap.exports.tables import Sheet, to_workbook
from gridmap.store.zone_diff import CHANGES, Change, Crossing, Diff
from gridmap.store.zones import ZoneRow

MEDIA_TYPES = {"xlsx": _TABLES["xlsx"], "geojson": "application/geo+json"}

_COLUMNS = (
    ("变化", "change", 10), ("代码", "code", 18), ("名称", "name", 24), ("县（市、区）代码", "county code", 14),
    ("县（市、区）", "county", 14), ("户数", "households", 10), ("原在界内%", "inside before, %", 12),
    ("现在界内%", "inside after, %", 12), ("按名单", "by name", 10), ("近边界", "near boundary", 10),
    ("经度", "longitude", 12), ("纬度", "latitude", 12),
)  # fmt: skip
_WORDS: Mapping[Change, tuple[str, str]] = {
    "added": ("划入", "added"), "removed": ("划出", "removed"), "kept": ("保留", "kept"),
}  # fmt: skip


def xlsx(found: Diff, counties: Mapping[str, str], lang: str = "zh") -> bytes:
    """Return a workbook of three sheets: summary, villages, sites. counties: names by code."""
    en = lang == "en"
    widths = [float(width) for *_, width in _COLUMNS]
    header = [_in(lang, chinese, english) for chinese, english, _ in _COLUMNS]
    # a site has no households
    no_households = [place for place, (_, english, _) in enumerate(_COLUMNS) if english != "households"]
    return to_workbook(
        [
            Sheet(
                "summary" if en else "概要", [_in(lang, "项目", "item"), _in(lang, "内容", "value")], [30.0, 60.0],
                _summary(found, counties, lang),
            ),
            Sheet("villages" if en else "村庄", header, widths, _rows(found.villages, counties, lang)),
            Sheet(
                "sites" if en else "监管对象", [header[place] for place in no_households],
                [widths[place] for place in no_households],
                ([row[place] for place in no_households] for row in _rows(found.sites, counties, lang)),
            ),
        ]
    )  # fmt: skip


def geojson(found: Diff) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection (RFC 7946): the land by change, then the villages that change side."""
    a, b, land = found.a, found.b, found.land
    of = {"kind": b.kind, "lineage": b.lineage, "from_zone_id": a.zone_id, "to_zone_id": b.zone_id}
    features = [
        _feature(outline, feature_kind="land", change=change, area_m2=_round(land.area_m2(change)), **of)
        for change in CHANGES
        if (outline := land.outline(change)) is not None
    ]  # fmt: skip
    features += [
        _feature(
            {"type": "Point", "coordinates": [village.lon, village.lat]},
            feature_kind="village",
            change=village.change,
            village_id=village.id,
            name=village.name,
            county_code=village.county_code,
            households=village.households,
            before_pct=_round(village.before_pct),
            after_pct=_round(village.after_pct),
            by_name=village.by_name,
            near_boundary=village.near_boundary,
            **of,
        )
        for village in found.villages
    ]
    return {"type": "FeatureCollection", "features": features}


def encode(found: Diff, form: str, counties: Mapping[str, str], lang: str = "zh") -> bytes:
    """Return a file. form: one of MEDIA_TYPES."""
    if form == "xlsx":
        return xlsx(found, counties, lang)
    return (json.dumps(geojson(found), ensure_ascii=False) + "\n").encode()


def change_word(change: Change, lang: str) -> str:
    """Return what becomes of land, a village or a site, in a word."""
    return _in(lang, *_WORDS[change])


def _summary(found: Diff, counties: Mapping[str, str], lang: str) -> Iterator[list[Any]]:
    zone = found.b
    yield [_in(lang, "区域", "zone"), zone.name]
    yield [_in(lang, "类别", "kind"), zone.kind_en if lang == "en" else zone.kind_zh]
    yield [_in(lang, "县（市、区）代码", "county code"), zone.county_code]
    yield [_in(lang, "县（市、区）", "county"), counties.get(zone.county_code, "")]
    for title, version in ((_in(lang, "原版本", "before"), found.a), (_in(lang, "现版本", "after"), found.b)):
        yield from _version(title, version, lang)
    yield [_in(lang, "村庄、对象和其他区域所取日期", "day of villages, sites and other zones"), found.on.isoformat()]
    for change in CHANGES:
        yield [f"{change_word(change, lang)} m²", _round(found.land.area_m2(change))]
    for change in ("added", "removed"):
        word = change_word(change, lang)
        yield [f"{word}{_in(lang, '村庄数', ' villages')}", len(found.villages_that(change))]
        yield [f"{word}{_in(lang, '户数（已知）', ' households (known)')}", found.households(change)]
        yield [f"{word}{_in(lang, '户数不明的村庄数', ' villages of unknown households')}", found.uncounted(change)]
        yield [
            f"{word}{_in(lang, '监管对象数（本人可见范围）', ' sites (in your own area)')}",
            len(found.sites_that(change)),
        ]


def _version(title: str, version: ZoneRow, lang: str) -> Iterator[list[Any]]:
    state = _in(lang, "草案", "draft") if version.status == "draft" else ""
    yield [title, f"{_in(lang, '第', 'version ')}{version.version}{_in(lang, '版', '')} {state}".rstrip()]
    yield [f"{title} · {_in(lang, '文件', 'document')}", version.document]
    yield [f"{title} · {_in(lang, '文号', 'document number')}", version.document_number]
    yield [f"{title} · {_in(lang, '生效日期', 'in force from')}", version.begins_on.isoformat()]
    ends = version.ends_on.isoformat() if version.ends_on else None
    yield [f"{title} · {_in(lang, '失效日期（当日不含）', 'until (not including)')}", ends]


def _rows(crossings: Iterable[Crossing], counties: Mapping[str, str], lang: str) -> Iterator[list[Any]]:
    yes = _in(lang, "是", "yes")
    for one in crossings:
        yield [
            change_word(one.change, lang), one.id, one.name, one.county_code, counties.get(one.county_code, ""),
            one.households, _round(one.before_pct), _round(one.after_pct), yes if one.by_name else "",
            yes if one.near_boundary else "", round(one.lon, 6), round(one.lat, 6),
        ]  # fmt: skip


def _feature(geometry: Mapping[str, Any] | None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _round(value: float) -> float:
    return round(value, 1)


def _in(lang: str, chinese: str, english: str) -> str:
    return english if lang == "en" else chinese
