"""Two versions of a zone, or the law of two days, side by side as a file: Excel, GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gridmap import glossary
from gridmap.exports.findings import MEDIA_TYPES as _TABLES
from gridmap.exports.tables import Sheet, to_workbook
from gridmap.store.zone_diff import CHANGES, Change, Crossing, DaysDiff, Diff, ZoneChange
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


_ZONES = (
    ("区域", "zone", 32), ("沿革", "lineage", 24), ("原版本编号", "version id before", 12),
    ("现版本编号", "version id after", 12),
    ("原文号", "document number before", 24), ("现文号", "document number after", 24), ("划入 m²", "added m²", 16),
    ("划出 m²", "removed m²", 16), ("保留 m²", "kept m²", 16),
)  # fmt: skip


def xlsx(found: Diff | DaysDiff, counties: Mapping[str, str], lang: str = "zh") -> bytes:
    """Return a workbook: summary, villages, sites, and of two days the zones that changed. counties: names by code."""
    en = lang == "en"
    widths = [float(width) for *_, width in _COLUMNS]
    header = [_in(lang, chinese, english) for chinese, english, _ in _COLUMNS]
    # a site has no households
    no_households = [place for place, (_, english, _) in enumerate(_COLUMNS) if english != "households"]
    sheets = [
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
    ]  # fmt: skip
    if isinstance(found, DaysDiff):
        titles = [_in(lang, chinese, english) for chinese, english, _ in _ZONES]
        sheets.append(
            Sheet(
                "zones" if en else "区域",
                titles,
                [float(width) for *_, width in _ZONES],
                (_zone_row(one) for one in found.zones),
            )
        )
    return to_workbook(sheets, lang)


def geojson(found: Diff | DaysDiff) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection (RFC 7946): the land by change, then villages and sites that change side."""
    if isinstance(found, Diff):
        a, b = found.a, found.b
        of = {"kind": b.kind, "lineage": b.lineage, "from_zone_id": a.zone_id, "to_zone_id": b.zone_id}
    else:
        of = {"kind": found.kind, "from_day": found.day_a.isoformat(), "to_day": found.day_b.isoformat()}
    features = [
        _feature(
            outline, feature_kind="land", change=change, area_m2=_round(one.land.area_m2(change)), **{**of, **_ids(one)}
        )
        for one in found.changes
        for change in CHANGES
        if (outline := one.land.outline(change)) is not None
    ]
    features += [_thing("village", village, households=village.households, **of) for village in found.villages]
    features += [_thing("site", site, **of) for site in found.sites]
    return {"type": "FeatureCollection", "features": features}


def _ids(one: ZoneChange) -> dict[str, Any]:
    before, after = (version.zone_id if version else None for version in (one.before, one.after))
    return {"lineage": one.zone.lineage, "name": one.zone.name, "from_zone_id": before, "to_zone_id": after}


def _thing(feature_kind: str, one: Crossing, **more: Any) -> dict[str, Any]:
    return _feature(
        {"type": "Point", "coordinates": [one.lon, one.lat]},
        feature_kind=feature_kind,
        change=one.change,
        **{f"{feature_kind}_id": one.id},
        name=one.name,
        county_code=one.county_code,
        before_pct=_round(one.before_pct),
        after_pct=_round(one.after_pct),
        by_name=one.by_name,
        near_boundary=one.near_boundary,
        **more,
    )


def encode(found: Diff | DaysDiff, form: str, counties: Mapping[str, str], lang: str = "zh") -> bytes:
    """Return a file. form: one of MEDIA_TYPES."""
    if form == "xlsx":
        return xlsx(found, counties, lang)
    return (json.dumps(geojson(found), ensure_ascii=False) + "\n").encode()


def file_name(found: Diff | DaysDiff, form: str) -> str:
    """Return what the file is called."""
    if isinstance(found, Diff):
        return f"zones-{found.a.zone_id}-{found.b.zone_id}.{form}"
    return f"zones-{found.kind}-{found.county or 'city'}-{found.day_a}-{found.day_b}.{form}"


def change_word(change: Change, lang: str) -> str:
    """Return what becomes of land, a village or a site, in a word."""
    return _in(lang, *_WORDS[change])


def _summary(found: Diff | DaysDiff, counties: Mapping[str, str], lang: str) -> Iterator[list[Any]]:
    yield from _versions(found, counties, lang) if isinstance(found, Diff) else _days(found, counties, lang)
    for change in CHANGES:
        yield [f"{change_word(change, lang)} m²", _round(found.area_m2(change))]
    for change in ("added", "removed"):
        word = change_word(change, lang)
        yield [f"{word}{_in(lang, '村庄数', ' villages')}", len(found.villages_that(change))]
        yield [f"{word}{_in(lang, '户数（已知）', ' households (known)')}", found.households(change)]
        yield [f"{word}{_in(lang, '户数不明的村庄数', ' villages of unknown households')}", found.uncounted(change)]
        yield [
            f"{word}{_in(lang, '监管对象数（本人可见范围）', ' sites (in your own area)')}",
            len(found.sites_that(change)),
        ]


def _versions(found: Diff, counties: Mapping[str, str], lang: str) -> Iterator[list[Any]]:
    zone = found.b
    yield [_in(lang, "区域", "zone"), zone.name]
    yield [_in(lang, "类别", "kind"), zone.kind_en if lang == "en" else zone.kind_zh]
    yield [_in(lang, "县（市、区）代码", "county code"), zone.county_code]
    yield [_in(lang, "县（市、区）", "county"), counties.get(zone.county_code, "")]
    for title, version in ((_in(lang, "原版本", "before"), found.a), (_in(lang, "现版本", "after"), found.b)):
        yield from _version(title, version, lang)
    yield [_in(lang, "村庄、对象和其他区域所取日期", "day of villages, sites and other zones"), found.on]


def _days(found: DaysDiff, counties: Mapping[str, str], lang: str) -> Iterator[list[Any]]:
    yield [_in(lang, "类别", "kind"), glossary.word("zone_kind", found.kind, lang)]
    county = counties.get(found.county, found.county) if found.county else _in(lang, "全市", "whole city")
    yield [_in(lang, "县（市、区）", "county"), county]
    yield [_in(lang, "前一天", "first day"), found.day_a]
    yield [_in(lang, "后一天", "second day"), found.day_b]
    yield [_in(lang, "变了的区域数", "zones that changed"), len(found.zones)]
    yield [_in(lang, "没有变的区域数", "zones that did not"), found.unchanged]


def _zone_row(one: ZoneChange) -> list[Any]:
    before, after = one.before, one.after
    return [
        one.zone.name, one.zone.lineage, before and before.zone_id, after and after.zone_id,
        before and before.document_number, after and after.document_number,
        *(_round(one.land.area_m2(change)) for change in CHANGES),
    ]  # fmt: skip


def _version(title: str, version: ZoneRow, lang: str) -> Iterator[list[Any]]:
    state = _in(lang, "草案", "draft") if version.status == "draft" else ""
    yield [title, f"{_in(lang, '第', 'version ')}{version.version}{_in(lang, '版', '')} {state}".rstrip()]
    yield [f"{title} · {_in(lang, '文件', 'document')}", version.document]
    yield [f"{title} · {_in(lang, '文号', 'document number')}", version.document_number]
    yield [f"{title} · {_in(lang, '生效日期', 'in force from')}", version.begins_on]
    yield [f"{title} · {_in(lang, '失效日期（当日不含）', 'until (not including)')}", version.ends_on]


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
