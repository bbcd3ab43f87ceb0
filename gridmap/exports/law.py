"""The law of a day as an Excel workbook: kinds, versions in force, the units that they list, exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gridmap.exports.findings import MEDIA_TYPES as _TABLES
from gridmap.exports.tables import Sheet, to_workbook
from gridmap.store.law_report import LawOfDay, Listed

MEDIA_TYPES = {"xlsx": _TABLES["xlsx"]}

_ZONES = (
    ("编号", "no.", 6), ("类别", "kind", 20), ("名称", "name", 32), ("类", "class", 6),
    ("县（市、区）代码", "county code", 14), ("文件", "document", 40), ("文号", "document number", 20),
    ("发布机关", "issuer", 20), ("签发日期", "signed on", 12), ("生效日期", "in force from", 12),
    ("有效至（含当日）", "last day in force", 16), ("阶段", "phase", 14), ("四至表述", "boundary in words", 40),
    ("边界道路在内", "bounding roads included", 12), ("豁免", "exemptions", 40), ("完成期限", "deadline", 12),
    ("面积 km²", "area, km²", 12), ("仅误差内重叠", "overlaps within the error only", 14),
    ("列名单位数", "units listed", 12), ("示意", "sketch", 8), ("边界误差 m", "position error, m", 12),
    ("来源", "source", 24), ("说明", "note", 40), ("版本编号", "version id", 10), ("沿革", "lineage", 24),
)  # fmt: skip
_UNITS = (
    ("编号", "no.", 6), ("区域", "zone", 32), ("单位代码", "unit code", 16), ("单位", "unit", 28),
    ("列入或列出", "in or out", 12), ("仅列名，无界线", "by name only", 14),
)  # fmt: skip
_EXCEPTIONS = (
    ("规则", "rule", 10), ("对象", "subject", 28), ("县（市、区）代码", "county code", 14), ("理由", "reason", 40),
    ("文件", "document", 32), ("起", "from", 12), ("至（含当日）", "last day", 12),
)  # fmt: skip


def xlsx(law: LawOfDay, lang: str = "zh") -> bytes:
    """Return a workbook: summary by kind, zones, units, and exceptions where the reader was told of them."""
    en = lang == "en"
    sheets = [
        Sheet(
            "summary" if en else "概要",
            ["item" if en else "项目", "value" if en else "内容"],
            [34.0, 60.0],
            _summary(law, lang),
        ),
        _sheet("zones" if en else "法定区域", _ZONES, _zones(law, lang), lang, 3),
        _sheet("units" if en else "列名单位", _UNITS, _units(law, lang), lang),
    ]
    if law.exceptions is not None:
        sheets.append(_sheet("exceptions" if en else "例外", _EXCEPTIONS, _exceptions(law), lang))
    return to_workbook(sheets, lang)


def file_name(law: LawOfDay) -> str:
    """Return what the file is called."""
    return f"law-{law.county.code if law.county else 'city'}-{law.on}.xlsx"


def _sheet(
    title: str, columns: Iterable[tuple[str, str, int]], rows: Iterable[list[Any]], lang: str, fixed: int = 1
) -> Sheet:
    header = [english if lang == "en" else chinese for chinese, english, _ in columns]
    return Sheet(title, header, [float(width) for *_, width in columns], rows, fixed)


def _summary(law: LawOfDay, lang: str) -> Iterator[list[Any]]:
    en = lang == "en"
    yield ["day" if en else "日期", law.on]
    yield ["area" if en else "范围", law.county.title(lang) if law.county else "whole city" if en else "全市"]
    for kind, zones in law.kinds:
        # none is told too: the absence of a kind is part of the law of the day
        yield [kind.title(lang), len(zones)]
    if law.county:
        yield ["note" if en else "说明", "areas are those within the county" if en else "面积为本县（市、区）内的面积"]


def _zones(law: LawOfDay, lang: str) -> Iterator[list[Any]]:
    yes = "yes" if lang == "en" else "是"
    for number, one in enumerate(law.listed, 1):
        zone = one.zone
        yield [
            number, zone.kind_en if lang == "en" else zone.kind_zh, zone.name, zone.class_, zone.county_code,
            zone.document, zone.document_number, zone.issuer, zone.signed_on, zone.begins_on, zone.last_day, zone.phase,
            zone.boundary_wording, None if zone.road_included is None else yes if zone.road_included else "",
            zone.exemptions, zone.deadline_on, None if one.area_m2 is None else round(one.area_m2 / 1e6, 3),
            yes if one.is_doubtful else "", len(one.units), yes if zone.is_sketch else "", zone.position_error_m,
            zone.source, zone.note, zone.zone_id, zone.lineage,
        ]  # fmt: skip


def _units(law: LawOfDay, lang: str) -> Iterator[list[Any]]:
    words = {"in": "in" if lang == "en" else "列入", "out": "out" if lang == "en" else "列出"}
    yes = "yes" if lang == "en" else "是"
    for number, one in enumerate(law.listed, 1):
        for code, side in one.units:
            yield [number, one.zone.name, code, law.names.get(code, ""), words[side], _by_name(one, code, yes)]


def _by_name(one: Listed, code: str, yes: str) -> str:
    return yes if code in one.zone.by_name_only else ""


def _exceptions(law: LawOfDay) -> Iterator[list[Any]]:
    for row in law.exceptions or ():
        yield [
            row.rule_id, row.name, row.county_code, row.accepted_reason, row.accepted_document, row.accepted_on,
            row.accepted_until,
        ]  # fmt: skip
