"""Workbooks to fill in: one per layer, with drop-downs, formats that keep codes whole, and notes on every column."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from gridmap.domain.definition import Text
from gridmap.exports import sheet_page
from gridmap.exports.options import with_unit

LAST_ROW = 1_048_576
"""Drop-downs and formats reach to the last row that a sheet has."""

TYPES = {
    "text": Text("文字", "text"),
    "integer": Text("整数", "whole number"),
    "number": Text("数字", "number"),
    "boolean": Text("是或否", "yes or no"),
    "date": Text("日期，如 2020-10-15", "date, such as 2020-10-15"),
}
YES, NO = Text("是", "yes"), Text("否", "no")

_NOTES, _CHOICES = Text("填写说明", "Notes"), Text("可选值", "Choices")
_NOTE_HEADER = (
    Text("列", "Column"), Text("英文列名", "Chinese title"), Text("名称", "Identifier"), Text("必填", "Required"),
    Text("类型", "Type"), Text("单位", "Unit"), Text("可选值", "Choices"), Text("示例", "Example"),
    Text("说明", "Note"),
)  # fmt: skip
_NOTE_WIDTHS = (20, 24, 22, 8, 24, 12, 40, 22, 60)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NEEDED = PatternFill("solid", start_color="F6D9A8")
_PROMPT = 255
_LISTED = 20


@dataclass(frozen=True)
class TemplateColumn:
    """A column to fill in.

    name: identifier in the layer. type: one of TYPES. codes: what each value means; chosen by its meaning, or by the
    code itself where two mean the same. unit: as readers know it. example: as it would be typed.
    """

    name: str
    title: Text
    type: str = "text"
    unit: str | None = None
    codes: Mapping[str, Text] = field(default_factory=dict)
    required: bool = False
    example: str = ""
    note: Text | None = None

    def head(self, lang: str) -> str:
        """Return what stands above the column: its title with the unit, which an import reads from there."""
        return with_unit(self.title, self.unit, lang)

    def choices(self, lang: str) -> list[str]:
        """Return what the drop-down offers, in the order of the codes; [] for a column without one."""
        if self.type == "boolean" and not self.codes:
            return [YES.get(lang), NO.get(lang)]
        labels = [text.get(lang) for text in self.codes.values()]
        return [label if labels.count(label) == 1 else code for code, label in zip(self.codes, labels, strict=True)]


def to_template(title: str, columns: Sequence[TemplateColumn], lang: str = "zh") -> bytes:
    """Return an XLSX with three sheets: the table to fill in, notes on its columns, and what may be chosen.

    title: of the first sheet. Titles stand alone in row 1, so that the filled file is recognised; units, meanings and
    examples stand in the notes and beside the cell that is being filled in. Texts are set to text, so that a code of
    twelve digits stays one.
    """
    book = Workbook()
    table = book.active
    table.title = sheet_name(title)
    notes = book.create_sheet(_NOTES.get(lang))
    choices = book.create_sheet(_CHOICES.get(lang))
    table.freeze_panes = "A2"
    table.row_dimensions[1].height = 30
    for number, column in enumerate(columns, 1):
        _head(table, number, column, lang)
        table.add_data_validation(_validation(choices, number, column, lang))
    sheet_page.set_page(
        table, [table.column_dimensions[get_column_letter(n + 1)].width for n in range(len(columns))], lang
    )
    _write_notes(notes, columns, lang)
    _finish_choices(choices)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_name(title: str) -> str:
    """Return a title as a workbook accepts it for a sheet: 31 characters, none of []:*?/\\ in it."""
    return _FORBIDDEN.sub(" ", title).strip(" '")[:31] or "Sheet1"


def _head(table: Any, number: int, column: TemplateColumn, lang: str) -> None:
    cell = table.cell(1, number)
    _set_text(cell, column.head(lang))
    sheet_page.head(cell)
    if column.required:
        cell.fill = _NEEDED
    below = table.column_dimensions[get_column_letter(number)]
    below.width = min(max(12, sheet_page.width_of(column.head(lang)) + 2.0, 1.2 * len(column.example)), 40)
    below.number_format = _format(column)


def _format(column: TemplateColumn) -> str:
    if column.type == "date":
        return "yyyy-mm-dd"
    if column.codes or column.type in ("text", "boolean"):
        return "@"
    return "0" if column.type == "integer" else "General"


def _validation(choices: Any, number: int, column: TemplateColumn, lang: str) -> DataValidation:
    letter = get_column_letter(number)
    offered = column.choices(lang)
    rule: dict[str, Any] = {"type": None}
    if offered:
        rule = {"type": "list", "formula1": _offer(choices, column, offered, lang)}
    elif column.type == "date":
        # as serial numbers, which every language of a spreadsheet reads alike: 1900-01-01 to 2199-12-31
        rule = {"type": "date", "operator": "between", "formula1": "1", "formula2": "109574"}
    elif column.type in ("integer", "number"):
        kind = "whole" if column.type == "integer" else "decimal"
        rule = {"type": kind, "operator": "between", "formula1": "-1E+15", "formula2": "1E+15"}
    validation = DataValidation(allow_blank=True, showErrorMessage=bool(rule["type"]), showInputMessage=True, **rule)
    validation.promptTitle = column.title.get(lang)[:32]
    validation.prompt = _prompt(column, lang)[:_PROMPT]
    validation.errorTitle = column.title.get(lang)[:32]
    validation.error = Text("应为", "Expected: ").get(lang) + _expected(column, offered, lang)[:200]
    validation.add(f"{letter}2:{letter}{LAST_ROW}")
    return validation


def _offer(choices: Any, column: TemplateColumn, offered: Sequence[str], lang: str) -> str:
    """Write what may be chosen below the column's title on the sheet of choices, and return where it stands."""
    number = 1 if choices.cell(1, 1).value is None else choices.max_column + 1
    _set_text(choices.cell(1, number), column.title.get(lang))
    for row, label in enumerate(offered, 2):
        _set_text(choices.cell(row, number), label)
    letter = get_column_letter(number)
    return f"{quote_sheetname(choices.title)}!${letter}$2:${letter}${len(offered) + 1}"


def _finish_choices(choices: Any) -> None:
    choices.freeze_panes = "A2"
    for cell in choices[1]:
        cell.font = Font(bold=True)
        choices.column_dimensions[cell.column_letter].width = 20


def _expected(column: TemplateColumn, offered: Sequence[str], lang: str) -> str:
    if offered:
        joint = Text("、", ", ").get(lang)
        more = Text("等", " …").get(lang) if len(offered) > _LISTED else ""
        return joint.join(offered[:_LISTED]) + more
    return TYPES[column.type].get(lang)


def _prompt(column: TemplateColumn, lang: str) -> str:
    lines = [Text("必填。", "Required. ").get(lang) if column.required else ""]
    lines.append(_expected(column, column.choices(lang), lang))
    if column.unit:
        lines.append(Text(f"，单位：{column.unit}", f", in {column.unit}").get(lang))
    if column.example:
        lines.append(Text(f"。例：{column.example}", f". Example: {column.example}").get(lang))
    if column.note:
        lines.append(Text("。", ". ").get(lang) + column.note.get(lang))
    return "".join(lines)


def _write_notes(notes: Any, columns: Sequence[TemplateColumn], lang: str) -> None:
    other = "zh" if lang == "en" else "en"
    rows = [[text.get(lang) for text in _NOTE_HEADER]]
    for column in columns:
        rows.append(
            [
                column.title.get(lang),
                column.title.get(other),
                column.name,
                (YES if column.required else NO).get(lang),
                TYPES[column.type].get(lang),
                column.unit or "",
                Text("；", "; ").get(lang).join(_meanings(column, lang)),
                column.example,
                column.note.get(lang) if column.note else "",
            ]
        )
    for number, values in enumerate(rows, 1):
        sheet_page.set_height(notes, number, sheet_page.lines_of(values, _NOTE_WIDTHS))
        for place, value in enumerate(values, 1):
            cell = notes.cell(number, place)
            _set_text(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                sheet_page.head(cell)
    sheet_page.set_widths(notes, _NOTE_WIDTHS)
    sheet_page.set_page(notes, _NOTE_WIDTHS, lang)
    notes.freeze_panes = "B2"


def _meanings(column: TemplateColumn, lang: str) -> list[str]:
    offered = column.choices(lang)
    codes = list(column.codes) or offered
    return [
        choice if choice == code else f"{choice}（{code}）" if lang != "en" else f"{choice} ({code})"
        for choice, code in zip(offered, codes, strict=True)
    ]


def _set_text(cell: Any, text: str) -> None:
    cell.value = text
    cell.data_type = "s"  # whatever it begins with, it is no formula
    cell.number_format = "@"
