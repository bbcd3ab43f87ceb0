"""What people take away from an import description and a report: a workbook to fill in, a copy with the problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form, FormColumn, Measure
from gridmap.domain.import_report import ImportFault
from gridmap.exports.annotated import Problem
from gridmap.exports.templates import TemplateColumn, to_template

_LEFT_OUT = ("lonlat", "crs")
"""Columns that a file may have and a template need not: what they tell, others tell too."""

_EXAMPLES = {
    "lon": "113.625368", "lat": "34.746599", "county_name": "巩义市", "township_name": "回郭镇",
    "village_name": "老井沟村", "region_code": "410181113",
}  # fmt: skip
_POSITION = Text(
    "CGCS2000 或 WGS 84 经纬度；其他坐标系导入时用 --crs 说明。没有坐标的填县（市、区）和乡镇，先置于其中",
    "CGCS2000 or WGS 84 degrees; say another system with --crs. Without a position, give county and township",
)
_KEY = Text("同一编号再次导入即为更新；文本格式", "brought again under the same identifier, it is an update; as text")


def template_of(form: Form, lang: str = "zh") -> bytes:
    """Return the XLSX to fill in for a form; its titles are recognised when the file comes back."""
    return to_template(form.title.get(lang), template_columns(form), lang)


def template_columns(form: Form) -> list[TemplateColumn]:
    """Return the columns of a form in the order of a ledger: the key, where it lies, what is needed, the rest."""
    wide = {measure.name for measure in form.measures}
    columns = [column for column in form.columns if column.name not in _LEFT_OUT and column.name not in wide]
    order = sorted(columns, key=lambda column: (column.name != form.key, not column.required, column.table is not None))
    return [_template_column(form, column) for column in order]


def _template_column(form: Form, column: FormColumn) -> TemplateColumn:
    note = _KEY if column.name == form.key else _POSITION if column.name in ("lon", "lat") else None
    codes = column.codes
    if column.name == "parameter" and form.measures:
        # one value a row, since a drop-down knows every parameter
        codes = {measure.name: measure.column.title for measure in form.measures}
    if column.name == "unit" and form.measures:
        units = "；".join(f"{one.column.title.zh} {_units(one)}" for one in form.measures if one.unit != "1")
        units_en = "; ".join(f"{one.column.title.en} {_units(one)}" for one in form.measures if one.unit != "1")
        note = Text(
            f"可换算的单位也可，如 mg/m3。存为：{units}", f"or what converts to it, such as mg/m3. Kept in: {units_en}"
        )
    if column.low is not None and column.high is not None and not column.codes:
        note = Text(f"{column.low:g} 至 {column.high:g}", f"{column.low:g} to {column.high:g}")
    return TemplateColumn(
        name=column.name,
        title=column.title,
        type="number" if column.name in ("lon", "lat") else column.type,
        unit=column.unit,
        codes=codes,
        required=column.required,
        example=_EXAMPLES.get(column.name, ""),
        note=note,
    )


def _units(measure: Measure) -> str:
    """Return the units in which values are kept, by kind of subject where they differ."""
    kinds = "".join(f" ({kind}: {unit})" for kind, unit in measure.units.items())
    return f"{measure.unit}{kinds}"


def problems_of(faults: Iterable[ImportFault], lang: str = "zh") -> dict[int, list[Problem]]:
    """Return what an annotated copy says of each row, by the row's number."""
    found: dict[int, list[Problem]] = {}
    for fault in faults:
        found.setdefault(fault.row, []).append(_problem(fault, lang))
    return found


class ProblemsInOrder(Mapping[int, Sequence[Problem]]):
    """What problems_of() returns, for rows that are asked for in the order of their numbers: read as it is needed.

    rows: numbers of rows with problems, ascending, each with its problems.
    """

    def __init__(self, rows: Iterator[tuple[int, list[ImportFault]]], lang: str = "zh") -> None:
        self._rows, self._lang = rows, lang
        self._next = next(rows, None)

    def __getitem__(self, number: int) -> Sequence[Problem]:
        """Return the problems of a row; KeyError for none, and for a row before one that was asked for."""
        while self._next is not None and self._next[0] < number:
            self._next = next(self._rows, None)
        if self._next is None or self._next[0] != number:
            raise KeyError(number)
        return [_problem(fault, self._lang) for fault in self._next[1]]

    def __iter__(self) -> Iterator[int]:
        """Refuse: the rows go by once."""
        raise TypeError("the problems are read once, in order")

    def __len__(self) -> int:
        """Refuse: the rows go by once."""
        raise TypeError("the problems are read once, in order")


def _problem(fault: ImportFault, lang: str) -> Problem:
    sentence = Text("应为{0}", "expected {0}").get(lang).format(fault.expected.get(lang))
    if fault.severity == "warning":
        sentence = fault.expected.get(lang)
    if fault.suggestion:
        sentence += Text("；可能是 {0}", "; perhaps {0}").get(lang).format(fault.suggestion)
    return Problem(sentence, fault.title or None, fault.severity == "fault")
