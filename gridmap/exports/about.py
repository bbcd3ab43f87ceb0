"""What a file says about itself: what it holds, of which day, narrowed to what, whose data, what its columns mean."""

from __future__ import annotations

from typing import Any

from gridmap.domain.definition import Text
from gridmap.exports.options import Options, Told
from gridmap.layers import Column
from gridmap.store.outgoing import Outgoing

_TYPES = {
    "text": Text("文字", "text"),
    "integer": Text("整数", "whole number"),
    "number": Text("数", "number"),
    "boolean": Text("是否", "yes or no"),
    "date": Text("日期", "day"),
}


def facts(out: Outgoing, options: Options, told: Told) -> list[tuple[str, str]]:
    """Return what is to be known of a file: title and value."""
    lang = options.lang

    def said(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    found = [
        (said("内容", "contents"), out.title.get(lang)),
        (said("说明", "description"), out.description.get(lang)),
        (said("日期", "day"), out.on.isoformat()),
        *((title.get(lang), value.get(lang)) for title, value in out.asked),
        (said("条数", "rows"), str(told.rows)),
    ]
    if out.has_geometry:
        found.append((said("坐标", "coordinates"), options.system()))
    if out.credit is not None:
        found.append((said("数据来源", "data"), out.credit.get(lang)))
    found += [(said("注意", "mind"), sentence) for sentence in told.sentences(lang)]
    return found


def about(out: Outgoing, options: Options, told: Told) -> list[list[Any]]:
    """Return the second sheet of a workbook: the facts, then a line per column."""
    lang, rows = options.lang, told.rows
    lines: list[list[Any]] = [[title, value] for title, value in facts(out, options, told)]
    lines += [[], [*heads(lang)]]
    lines += [[out.feature_id.get(lang), "feature_id", _TYPES["text"].get(lang)]]
    lines += [described(column, lang) for column in out.columns]
    apostrophe = (
        "A text that a spreadsheet could take for a formula stands behind an apostrophe (')."
        if lang == "en"
        else "可能被当作公式的文字，前面加了一个英文撇号（'）。"
    )
    return [*lines, [], ["note" if lang == "en" else "备注", apostrophe]] if rows else lines


def heads(lang: str) -> tuple[str, ...]:
    """Return the titles of what described() returns."""
    if lang == "en":
        return "column", "name", "type", "unit", "codes"
    return "列", "标识", "类型", "单位", "代码"


def described(column: Column, lang: str) -> list[Any]:
    """Return a column's title, name, type, unit and codes."""
    codes = "  ".join(f"{code}={text.get(lang)}" for code, text in column.codes.items())
    return [column.title.get(lang), column.name, _TYPES[column.type].get(lang), column.unit, codes or None]
