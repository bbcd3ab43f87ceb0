"""Judge the rows of a file of measured values: one value a row, or one column for each thing that is measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gridmap.domain import import_values as values
from gridmap.domain import measured
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form, Measure
from gridmap.domain.import_regions import RegionBook, Wrong
from gridmap.domain.import_report import ImportFault
from gridmap.domain.import_titles import TitleMap, hours_in, normal, period_in, whole
from gridmap.domain.import_values import Unreadable
from gridmap.domain.incoming import IncomingRow, IncomingSheet, Value
from gridmap.ingest.importing.rows import CHUNK, REGION_ROLES
from gridmap.ingest.importing.subjects import Said, Subjects, Unknown
from gridmap.store.import_subjects import Subject

LONGEST_POINT = 60
"""A measuring point's name is no longer, characters: it is part of what a value is known by."""

NAMES = (
    "subject_kind", "subject_id", "parameter", "observed_on", "period", "hour", "measuring_point", "value", "unit",
    "is_below_limit",
)  # fmt: skip
"""Columns that every row is staged with, in this order; the source follows where the file has it."""

_TEXTS = (
    "subject_id", "subject_name", "subject_kind", "period", "measuring_point", "source", "is_below_limit",
)  # fmt: skip

Cell = tuple[Measure, Value, str, str | None, str | None, int | None]
"""A value of a row: what was measured, the cell, its title, the unit and period that the file says, and the hour of a
column that is one of a day's hours."""


@dataclass
class _Waiting:
    """A row whose subject is still to be asked for."""

    row: IncomingRow
    said: Said
    moment: measured.Moment | None
    period: str | None
    point: str | None
    source: str | None
    is_below: bool
    cells: list[Cell]


@dataclass
class MeasuredJudge:
    """Judges the rows of one sheet, as RowJudge does for objects with a place.

    day: the last on which something can have been measured. first: the first rows of the sheet, by which it is known
    whether times of the day are told.
    """

    form: Form
    sheet: IncomingSheet
    titles: TitleMap
    book: RegionBook
    subjects: Subjects
    day: dt.date
    first: Sequence[IncomingRow] = ()
    read: int = 0
    empty: int = 0
    midnights: int = 0
    only_new: tuple[str, ...] = ()
    assumed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        at = {title: place for place, title in enumerate(self.sheet.header)}
        matches = self.titles.matches
        hours = hours_in(self.sheet.header)
        self._hours = [(hours[title], at[title], title) for title, match in matches.items() if match.how == "hour"]
        self._at = {match.column.name: (at[title], title) for title, match in matches.items() if match.how != "hour"}
        self._wide = [
            (measure, *self._at[measure.name], *_of_title(self._at[measure.name][1]))
            for measure in self.form.measures
            if measure.name in self._at
        ]
        self.names = (*NAMES, "source") if "source" in self._at else NAMES
        self._value_unit = measured.unit_in(self._at["value"][1]) if "value" in self._at else None
        self._words = _words(self.form)
        self._readers: dict[tuple[str, str, str | None], Callable[[Value], measured.Reading | None]] = {}
        self._texts = {name: values.reader(self.form.column(name)) for name in _TEXTS}
        self._faults: list[ImportFault] = []
        self._refused: list[tuple[int, str]] = []
        self._hourly = bool(self._hours) or "hour" in self._at or any(self._has_time(row) for row in self.first)

    def chunks(self, rows: Iterator[IncomingRow]) -> Iterator[tuple[list[tuple[object, ...]], list[ImportFault]]]:
        """Yield rows to be staged and faults, chunk by chunk: memory does not grow with the file."""
        waiting: list[_Waiting] = []
        for row in rows:
            self.read += 1
            if row.fault is not None:
                self._fault(row.number, "", None, Text(getattr(row.fault, "zh", row.fault), str(row.fault)))
            else:
                waiting.append(self._take(row))
            if self.read % CHUNK == 0:
                yield self._finish(waiting), self._take_faults()
                waiting = []
        yield self._finish(waiting), self._take_faults()

    def take_refused(self) -> list[tuple[int, str]]:
        """Return number and key of the rows refused since this was asked last."""
        taken, self._refused = self._refused, []
        return taken

    def notes(self) -> list[Text]:
        """Return what was assumed on reading."""
        found = []
        if self._hours:
            number, first, last = len(self._hours), self._hours[0][2], self._hours[-1][2]
            found.append(
                Text(
                    f"“{first}”至“{last}” {number} 列读作每小时一个值",
                    f"{number} columns from {first} to {last} are read as one value an hour",
                )
            )
        found += [
            Text(f"“{title}”没有写单位，按 {unit} 读取", f"{title} says no unit: read as {unit}")
            for title, unit in sorted(self.assumed.items())
        ]
        if self.empty:
            found.append(
                Text(f"{self.empty} 个空值、缺测值不导入", f"{self.empty} empty or missing values are not imported")
            )
        if self.midnights:
            found.append(
                Text(
                    f"{self.midnights} 行的 0 时读作前一日 24 时（小时值记在该小时结束时）",
                    f"0:00 of {self.midnights} rows is read as 24:00 of the day before (an hour is told by its end)",
                )
            )
        return found

    def _take_faults(self) -> list[ImportFault]:
        taken, self._faults = self._faults, []
        return taken

    def _fault(self, row: int, title: str, found: Value, expected: Text, suggestion: str | None = None) -> None:
        self._faults.append(ImportFault(row, title, values.shown(found), expected, suggestion))

    def _cell(self, row: IncomingRow, name: str) -> tuple[Value, str]:
        if name not in self._at:
            return None, ""
        place, title = self._at[name]
        return (row.values[place] if place < len(row.values) else None), title

    def _text(self, row: IncomingRow, name: str) -> str | None:
        value, title = self._cell(row, name)
        try:
            found = self._texts[name](value).value
        except Unreadable as wrong:
            self._fault(row.number, title, value, wrong.expected, wrong.suggestion)
            return None
        return found if isinstance(found, str) else "true" if found is True else None

    def _has_time(self, row: IncomingRow) -> bool:
        try:
            moment = measured.read_moment(self._cell(row, "observed_on")[0])
        except Unreadable:
            return False
        # 0:00 alone is how a spreadsheet writes a day
        return moment is not None and moment.grain == "hour" and moment.day == moment.written

    def _take(self, row: IncomingRow) -> _Waiting:
        text = self._text
        point = text(row, "measuring_point")
        if point is not None and len(point) > LONGEST_POINT:
            expected = Text(f"不超过{LONGEST_POINT}字的测点名称", f"a name of at most {LONGEST_POINT} characters")
            self._fault(row.number, self._cell(row, "measuring_point")[1], point, expected)
        said = Said(text(row, "subject_id"), text(row, "subject_name"), text(row, "subject_kind"), self._region(row))
        return _Waiting(
            row, said, self._moment(row), text(row, "period"), point, text(row, "source"),
            text(row, "is_below_limit") == "true", self._cells(row),
        )  # fmt: skip

    def _region(self, row: IncomingRow) -> str | None:
        said: dict[str, Value] = {}
        for role in REGION_ROLES:
            value = self._cell(row, role)[0]
            text = value if isinstance(value, (int, float)) else values.clean(value)
            if text not in ("", None):
                said[role] = text
        found = self.book.resolve(said) if said else None
        if isinstance(found, Wrong):
            self._fault(row.number, self._at[found.role][1], said[found.role], found.expected, found.suggestion)
            return None
        return found[:6] if found else None

    def _moment(self, row: IncomingRow) -> measured.Moment | None:
        value, title = self._cell(row, "observed_on")
        hour, hour_title = self._cell(row, "hour")
        try:
            found = measured.read_moment(value)
        except Unreadable as wrong:
            self._fault(row.number, title, value, wrong.expected, wrong.suggestion)
            return None
        if found is None:
            self._fault(row.number, title, None, Text("监测日期（必填）", "a day: it is needed"))
            return None
        if found.written > self.day:
            self._fault(
                row.number, title, value, Text(f"不晚于 {self.day} 的日期", f"a day not after {self.day}"),
            )  # fmt: skip
        try:
            said = measured.read_hour(hour)
        except Unreadable as wrong:
            self._fault(row.number, hour_title, hour, wrong.expected, wrong.suggestion)
            return None
        return found if said is None else measured.at_hour(found.written, said)

    def _cells(self, row: IncomingRow) -> list[Cell]:
        """Return the values of a row that are not empty: its columns of parameters, else the one that it names."""
        cells: list[Cell] = [
            (measure, row.values[place] if place < len(row.values) else None, title, unit, period, None)
            for measure, place, title, unit, period in self._wide
        ]
        value, title = self._cell(row, "value")
        if "parameter" not in self._at or (self._wide and value is None and not self._hours):
            return cells
        name, name_title = self._cell(row, "parameter")
        text = values.clean(name)
        measure = self._words.get(whole(text)) or self._words.get(normal(text))
        if measure is None:
            titles = [one.column.title for one in self.form.measures]
            zh, en = "、".join(one.zh for one in titles), ", ".join(one.en for one in titles)
            self._fault(row.number, name_title, name, Text(f"监测指标之一：{zh}", f"one of {en}"))
            return cells
        unit, _ = self._cell(row, "unit")
        said = values.clean(unit) or measured.unit_in(text) or self._value_unit
        if not self._hours:
            return [*cells, (measure, value, title, said, None, None)]
        return cells + [
            (measure, row.values[place] if place < len(row.values) else None, title, said, None, hour)
            for hour, place, title in self._hours
        ]

    def _finish(self, waiting: Sequence[_Waiting]) -> list[tuple[object, ...]]:
        self.subjects.learn(one.said for one in waiting)
        staged = [(one.row.number, row) for one in waiting for row in self._values_of(one)]
        refused = {fault.row for fault in self._faults}
        self._refused += [(number, str(row[1])) for number, row in staged if number in refused]
        return [row for number, row in staged if number not in refused]

    def _values_of(self, one: _Waiting) -> Iterator[tuple[object, ...]]:
        """Yield the values of a row as they are staged."""
        subject = self.subjects.find(one.said)
        if isinstance(subject, Unknown):
            role = "subject_id" if subject.of == "id" and "subject_id" in self._at else "subject_name"
            value, title = self._cell(one.row, role)
            self._fault(one.row.number, title, value, subject.expected, subject.suggestion)
            return
        for measure, value, title, unit, period, hour in one.cells:
            try:
                read = self._reader(measure, subject.kind, unit, title)
            except Unreadable as wrong:
                self._fault(one.row.number, title, unit, wrong.expected)
                continue
            try:
                reading = read(value)
            except Unreadable as wrong:
                self._fault(one.row.number, title, value, wrong.expected, wrong.suggestion)
                continue
            if reading is None:
                self.empty += 1
            elif one.moment is not None:
                moment = one.moment if hour is None else measured.at_hour(one.moment.written, hour)
                row = self._as_row(one, subject, measure, reading, moment, one.period or period)
                if row is not None:
                    yield row

    def _reader(
        self, measure: Measure, kind: str, unit: str | None, title: str
    ) -> Callable[[Value], measured.Reading | None]:
        key = (measure.name, kind, unit)
        if key not in self._readers:
            kept = measure.unit_for(kind)
            self._readers[key] = measured.ValueReader(measure, kept, unit or kept)
        if unit is None and measure.unit != "1":
            what = title if any(measure is wide for wide, *_ in self._wide) else measure.column.title.zh
            self.assumed.setdefault(what, measured.pretty(measure.unit_for(kind)))
        return self._readers[key]

    def _as_row(
        self,
        one: _Waiting,
        subject: Subject,
        measure: Measure,
        reading: measured.Reading,
        moment: measured.Moment,
        said: str | None,
    ) -> tuple[object, ...] | None:
        title = self._at["observed_on"][1]
        period = said or self._period(moment, measure)
        if period == "hour" and moment.grain == "day" and self._hourly:
            moment = measured.at_hour(moment.written, 0)  # midnight, which a spreadsheet shows as a day alone
        try:
            when = measured.settle(moment, period)
        except Unreadable as wrong:
            self._fault(one.row.number, title, self._cell(one.row, "observed_on")[0], wrong.expected, wrong.suggestion)
            return None
        self.midnights += when.grain == "hour" and when.day != when.written
        hour, point = when.hour, one.point or ""
        parts = [subject.kind, subject.id, measure.name, when.day.isoformat(), period]
        parts += [f"hour={hour}"] if hour else []
        parts += [f"measuring_point={point}"] if point else []
        return (
            one.row.number, "/".join(parts), None, "t", None, None, None, None, subject.county_code, None,
            f"{subject.name} {measure.column.title.zh}", subject.kind, subject.id, measure.name, when.day, period, hour,
            point, reading.number, measure.unit_for(subject.kind), reading.is_below or one.is_below,
            *([one.source] if "source" in self._at else []),
        )  # fmt: skip

    def _period(self, moment: measured.Moment, measure: Measure) -> str:
        """Return what a value is of that does not say so: as its time is told, else as such values usually are."""
        if moment.grain in ("month", "year"):
            return moment.grain
        if measure.period in ("month", "instant"):
            return measure.period
        return "hour" if self._hourly else measure.period


def _of_title(title: str) -> tuple[str | None, str | None]:
    """Return the unit and the period that a column's title says."""
    return measured.unit_in(title), period_in(title)


def _words(form: Form) -> dict[str, Measure]:
    """Return measures by what they are called, as titles are compared: with what stands in brackets, else without."""
    words = [
        (word, measure)
        for measure in form.measures
        for word in (measure.name, measure.column.title.zh, measure.column.title.en, *measure.column.synonyms)
    ]
    return {normal(word): measure for word, measure in reversed(words)} | {
        whole(word): measure for word, measure in words
    }
