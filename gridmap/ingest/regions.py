"""Rows of the table region: the city, its counties, its townships."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import Point

from gridmap.ingest import shapes
from gridmap.ingest.outlines import COUNTY_ERROR_M, TOWNSHIP_ERROR_M, Outlines, Township

COLUMNS = (
    "code", "level", "name", "name_en", "parent_code", "geom", "seat", "position_error_m", "source", "note",
)  # fmt: skip

CITY_CODE = "410100"

_ENGLISH = {
    "410102": "Zhongyuan District", "410103": "Erqi District", "410104": "Guancheng Hui District",
    "410105": "Jinshui District", "410106": "Shangjie District", "410108": "Huiji District",
    "410122": "Zhongmu County", "410171": "Zhengzhou Economic and Technological Development Zone",
    "410172": "Zhengzhou High-tech Zone", "410173": "Zhengzhou Airport Economy Zone", "410181": "Gongyi City",
    "410182": "Xingyang City", "410183": "Xinmi City", "410184": "Xinzheng City", "410185": "Dengfeng City",
}  # fmt: skip

_VONNG = "Vonng/adcode（高德2018年，CC BY 4.0）"
_LIST = "china-division 2.7.0（统计用区划代码2023年，MIT）"
_OLD = "；轮廓：2000年乡镇（geotrellis 示例数据，Apache-2.0）"

_HOW = {
    "name": "2000年同名乡镇",
    "stem": "2000年同一主干名的乡镇",
    "renamed": "2000年的同一乡镇，后改名",
    "moved": "2000年的同一乡镇，后改属本区",
}


def rows(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield one row per region: 1 city, 15 counties, 208 townships."""
    city = shapes.ewkb(shapes.multi(outlines.city))
    note = "由各县（市、区）轮廓合并而成。"
    yield CITY_CODE, "city", "郑州市", "Zhengzhou", None, city, None, COUNTY_ERROR_M, _VONNG, note
    for code, name in sorted(outlines.county_names.items()):
        yield _county(outlines, code, name)
    for township in outlines.townships.values():
        yield _township(outlines, township)


def _county(outlines: Outlines, code: str, name: str) -> tuple[object, ...]:
    geom = outlines.counties.get(code)
    if geom is None:
        note = "有代码、有村（居），但没有可用的公开轮廓，不虚构边界；其范围在图上仍显示在原属区县内。"
        return code, "county", name, _ENGLISH.get(code), CITY_CODE, None, None, None, _LIST, note
    line = shapes.ewkb(shapes.multi(geom))
    return code, "county", name, _ENGLISH.get(code), CITY_CODE, line, None, COUNTY_ERROR_M, _VONNG, None


def _township(outlines: Outlines, township: Township) -> tuple[object, ...]:
    geom = outlines.outline(township.code)
    seat = shapes.ewkb(Point(township.seat)) if township.seat else None
    if geom is None:
        note = "没有可用的公开轮廓，不虚构边界。" + (f"{township.note}。" if township.note else "")
        error, source = None, _LIST
    else:
        why = _HOW[township.how] + (f"：{township.note}" if township.note else "")
        note = f"轮廓取自{why}，约1千米台阶状，今日边界可能已调整，误差按{TOWNSHIP_ERROR_M:.0f}米计。"
        error, source = TOWNSHIP_ERROR_M, _LIST + _OLD
    line = shapes.ewkb(shapes.multi(geom)) if geom is not None else None
    return (
        township.code, "township", township.name, None, township.county_code, line, seat, error, source, note,
    )  # fmt: skip
