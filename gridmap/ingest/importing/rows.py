"""Judge the rows of a file one by one: values, region, place. What it cannot know without the base comes later."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely

from gridmap.coordinates import System, get_system
from gridmap.domain import import_values as values
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form, FormColumn
from gridmap.domain.import_regions import RegionBook, Wrong
from gridmap.domain.import_report import ImportFault
from gridmap.domain.import_titles import TitleMap, normal
from gridmap.domain.incoming import IncomingRow, IncomingSheet, Value
from gridmap.domain.names import match_name, village_name
from gridmap.errors import UserError
from gridmap.geo import SRID_STORAGE
from gridmap.ingest.importing import shapes_in
from gridmap.ingest.importing.places import Places
from gridmap.ingest.importing.placing import Placer, Staged

CHUNK = 5000
_POINT_HEAD = struct.pack("<BII", 1, 0x20000001, SRID_STORAGE).hex()
REGION_ROLES = ("region_code", "county_name", "township_name", "village_name")

_NO_FOOTER = Text(
    "台账中的一个对象；这一行像是合计或注释，请从文件里删去",
    "an object of the ledger; this row looks like a total or a note: delete it from the file",
)


@dataclass
class RowJudge:
    """Judges the rows of one sheet. read, faults and reported grow as it goes.

    on: first day of what the file says. repair: mend geometries that can be mended.
    names: columns that rows are staged with; only_new: those after them
    that count for new objects alone. reported: x, y and county of positions, for guessing the system.
    """

    form: Form
    sheet: IncomingSheet
    titles: TitleMap
    book: RegionBook
    places: Places
    system: System
    city_code: str
    on: dt.date
    repair: bool = False
    read: int = 0
    dropped_heights: int = 0
    repaired: int = 0
    names: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        at = {title: place for place, title in enumerate(self.sheet.header)}
        self._readers = [
            (match.column, at[title], values.reader(match.column, match.factor), title)
            for title, match in self.titles.matches.items()
            if match.column.table is not None
        ]
        self._roles = {
            match.column.name: (at[title], title)
            for title, match in self.titles.matches.items()
            if match.column.table is None
        }
        self._required = [(column, title) for column, _, _, title in self._readers if column.required]
        self.names = self._names()
        self.only_new = tuple(name for name in self._assumed() if name not in self.names)
        self._placer = Placer(self.system, self._roles, self.book, self.places, self.city_code, self._fault)
        code = self.titles.matches.get(self.title_of_role("region_code") or "")
        self._code_is_reported = code is not None and normal(code.title) in (
            normal(code.column.title.zh), normal(code.column.title.en), normal(code.column.known_as or ""),
        )  # fmt: skip
        self._faults: list[ImportFault] = []
        self._refused: list[tuple[int, str]] = []
        self._systems: dict[str, System] = {}

    @property
    def reported(self) -> list[tuple[float, float, str]]:
        """Return x, y and reported county of positions, for guessing the file's system."""
        return self._placer.reported

    @property
    def known_regions(self) -> dict[str, int]:
        """Return columns whose known region stays where the file could say no more, and how many digits it can say.

        Of names a county's has 6 and a township's 9; a column of codes can say all, but of townships nothing by name.
        """
        roles = self._roles.keys() & set(REGION_ROLES)
        found = {}
        if roles and not roles & {"region_code", "village_name"} and self.form.reported_column in self.names:
            found[self.form.reported_column] = 9 if "township_name" in roles else 6
        if not roles & {"township_name", "village_name"} and self.form.township_column in self.names:
            found[self.form.township_column] = 6
        return {name: digits for name, digits in found.items() if name is not None}

    def title_of_role(self, role: str) -> str | None:
        """Return the title of the column that tells where something lies; None when the file has none."""
        found = self._roles.get(role)
        return found[1] if found else None

    def _names(self) -> tuple[str, ...]:
        """Return the columns of the tables that rows are staged with: the file's, and those that follow from it."""
        names = [column.name for column, *_ in self._readers if column.name != self.form.key]
        if self.form.derive and "name" in names:
            names.append("match_name")
            # what the short name alone tells of these is good enough for a new village only
            names += ["is_community"] if "official_name" in names else []
        if any(role in self._roles for role in REGION_ROLES):
            for name in (self.form.reported_column, self.form.township_column):
                names += [name] if name else []
            if self.form.township_name_column and "township_name" in self._roles:
                names.append(self.form.township_name_column)
        if self.form.county == "region":
            names.append("county_code")
        return tuple(names)

    def _assumed(self) -> tuple[str, ...]:
        """Return columns that a new object has though the file may lack them."""
        if self.form.derive == "village" and "name" in self.names:
            return ("official_name", "is_community")
        return ("source", "filed_on") if self.form.derive == "case" else ()

    def chunks(self, rows: Iterator[IncomingRow]) -> Iterator[tuple[list[tuple[object, ...]], list[ImportFault]]]:
        """Yield rows to be staged and faults, chunk by chunk: memory does not grow with the file."""
        waiting: list[Staged] = []
        for row in rows:
            self.read += 1
            staged = self._judge(row)
            if staged is not None:
                waiting.append(staged)
            if self.read % CHUNK == 0:
                yield self._finish(waiting), self._take_faults()
                waiting = []
        yield self._finish(waiting), self._take_faults()

    def take_refused(self) -> list[tuple[int, str]]:
        """Return number and key of the rows refused since this was asked last."""
        taken, self._refused = self._refused, []
        return taken

    def _take_faults(self) -> list[ImportFault]:
        taken, self._faults = self._faults, []
        return taken

    def _fault(
        self, row: int, title: str, found: Value, expected: Text, suggestion: str | None = None, *, warn: bool = False
    ) -> None:
        self._faults.append(
            ImportFault(row, title, values.shown(found), expected, suggestion, "warning" if warn else "fault")
        )

    def _judge(self, row: IncomingRow) -> Staged | None:
        if row.fault is not None:
            self._fault(row.number, "", None, Text(getattr(row.fault, "zh", row.fault), str(row.fault)))
            return None
        stored: dict[str, object] = {}
        key: str | None = None
        before = len(self._faults)
        for column, place, read, title in self._readers:
            value = row.values[place] if place < len(row.values) else None
            found = self._read(row.number, column, read, title, value)
            if column.name == self.form.key:
                key = str(found) if found is not None else None
            else:
                stored[column.name] = found
        self._need(row.number, key, stored, {fault.title for fault in self._faults[before:]})
        said = self._said(row)
        reported = self._resolve(row.number, said)
        if key is not None and self.form.county == "key" and self.book.name_of(key[:9]) is None:
            self._unknown_parent(row.number, key)
        if len(self._faults) > before and self._is_footer(row, before):
            return None
        self._derive(stored)
        staged = Staged(
            row, key or "", stored, reported, str(said["township_name"]) if "township_name" in said else None
        )
        if self.form.geometry != "none":
            self._take_place(staged)
        return staged

    def _is_footer(self, row: IncomingRow, before: int) -> bool:
        """Tell of a row that cannot be read and looks like a total or a note once, instead of cell by cell.

        It is refused like others: what it is nobody but its owner knows. before: number of faults before this row's.
        """
        text = values.footer_of(row.values)
        if text is None:
            return False
        del self._faults[before:]
        self._fault(row.number, "", text, _NO_FOOTER)
        return True

    def _read(self, number: int, column: FormColumn, read: Any, title: str, value: Value) -> object:
        try:
            found: values.Read = read(value)
        except values.Unreadable as wrong:
            self._fault(number, title, value, wrong.expected, wrong.suggestion)
            return None
        if found.note is not None:
            self._fault(number, title, value, found.note, warn=True)
        return found.value

    def _need(self, number: int, key: str | None, stored: dict[str, object], unread: set[str]) -> None:
        """Tell of empty cells that must have a value; details that may be left out may be empty all together."""
        empty = [
            (column, title)
            for column, title in self._required
            if (key if column.name == self.form.key else stored[column.name]) is None and title not in unread
        ]
        for column, title in empty:
            details = (stored.get(other.name) for other in self.form.columns if other.table == self.form.details)
            if column.table == self.form.table or self.form.needs_details or any(v is not None for v in details):
                expected = Text(f"{column.title.zh}（必填）", f"a value of {column.name}: it is needed")
                self._fault(number, title, None, expected)

    def _said(self, row: IncomingRow) -> dict[str, Value]:
        """Return what a row says of its region, by role."""
        said: dict[str, Value] = {}
        for role in REGION_ROLES:
            if role in self._roles:
                value = row.values[self._roles[role][0]] if self._roles[role][0] < len(row.values) else None
                text = value if isinstance(value, (int, float)) else values.clean(value)
                if text not in ("", None):
                    said[role] = text
        return said

    def _resolve(self, number: int, said: dict[str, Value]) -> str | None:
        found = self.book.resolve(said) if said else None
        if isinstance(found, Wrong) and found.disagrees and self._code_is_reported:
            # the layer's exports name the county in which an object lies beside the region that was reported of it
            self._fault(
                number, self._roles[found.role][1], said[found.role], found.expected, found.suggestion, warn=True
            )
            found = self.book.resolve({"region_code": said["region_code"]})
        if isinstance(found, Wrong):
            self._fault(number, self._roles[found.role][1], said[found.role], found.expected, found.suggestion)
            return None
        return found

    def _unknown_parent(self, number: int, key: str) -> None:
        county = self.book.name_of(key[:6])
        expected = Text("前九位是名录中乡镇的代码", "a code whose first nine digits are a township of the list")
        if county:
            expected = Text(
                f"{county}（{key[:6]}）的乡镇代码", f"a township of {county} ({key[:6]}) in its first nine digits"
            )
        self._fault(number, self.titles.title_of(self.form.key) or "", key, expected)

    def _derive(self, stored: dict[str, object]) -> None:
        if self.form.derive == "case":
            stored.setdefault("source", "rectification")
            closed = stored.get("closed_on")  # filed by then, whenever the list came
            stored.setdefault("filed_on", min(closed, self.on) if isinstance(closed, dt.date) else self.on)
        name = stored.get("name")
        if not isinstance(name, str):
            return
        if self.form.derive == "village":
            official = str(stored.get("official_name") or name)
            forms = village_name(official)
            stored["official_name"] = official
            stored["match_name"], stored["is_community"] = match_name(name), forms.is_community
        elif self.form.derive == "mention":
            stored["match_name"] = match_name(name)

    def _take_place(self, staged: Staged) -> None:
        """Read the position as the file has it: from columns, else from the feature's geometry."""
        row = staged.row
        try:
            staged.system = self._system_of(row)
            pair = shapes_in.position_of(row, self._roles, staged.system)
        except shapes_in.NoPosition as wrong:
            self._fault(row.number, wrong.title, wrong.found, wrong.expected, wrong.suggestion)
            return
        if pair is not None:
            staged.x, staged.y = pair
        elif row.geometry is not None:
            self._take_shape(staged, row.geometry)

    def _take_shape(self, staged: Staged, wkb: bytes) -> None:
        try:
            found = shapes_in.read_shape(wkb, self.form.geometry, repair=self.repair)
        except shapes_in.NoPosition as wrong:
            self._fault(staged.row.number, "", wrong.found, wrong.expected, wrong.suggestion)
            return
        self.dropped_heights += found.dropped_height
        self.repaired += found.was_repaired
        if found.was:
            self._fault(staged.row.number, "", found.was, _repaired(found.shape, found.was_repaired), warn=True)
        if self.form.geometry == "Point":
            staged.x, staged.y = found.shape.x, found.shape.y
        else:
            staged.shape = found.shape

    def _system_of(self, row: IncomingRow) -> System:
        if "crs" not in self._roles:
            return self.system
        place, title = self._roles["crs"]
        text = values.clean(row.values[place] if place < len(row.values) else None)
        if not text:
            return self.system
        if text not in self._systems:
            try:
                self._systems[text] = get_system(text)
            except UserError as error:
                expected = Text(
                    "wgs84、cgcs2000、gcj02、bd09 或 EPSG:n", str(error).rpartition("expected ")[2] or str(error)
                )
                raise shapes_in.NoPosition(expected, text, title) from error
        return self._systems[text]

    def _finish(self, waiting: list[Staged]) -> list[tuple[object, ...]]:
        """Place the rows of a chunk and return those without a fault as they are staged."""
        if self.form.geometry == "Point":
            self._placer.place_points(waiting)
        elif self.form.geometry != "none":
            self._placer.place_lines(waiting)
        refused = {fault.row for fault in self._faults if fault.severity == "fault"}
        self._refused += [
            (staged.row.number, staged.key) for staged in waiting if staged.row.number in refused and staged.key
        ]
        return [self._as_row(staged) for staged in waiting if staged.row.number not in refused]

    def _as_row(self, staged: Staged) -> tuple[object, ...]:
        """Return a row of import_row; what has no position of its own is placed in its region."""
        form, stored = self.form, staged.stored
        geom, error_m, how = None, form.error_m, form.placed_by
        # what has no place at all waits for none
        is_placed = staged.lon is not None or staged.shape is not None or form.geometry == "none"
        if staged.lon is not None:
            geom = _point(staged.lon, staged.lat)
        elif staged.shape is not None:
            geom = shapely.to_wkb(shapely.set_srid(staged.shape, 4490), hex=True, include_srid=True)
        elif form.geometry == "Point":
            geom, error_m, how = self._stand(staged)
        if form.reported_column:
            stored[form.reported_column] = staged.reported
        if form.township_column:
            stored[form.township_column] = (
                staged.reported[:9] if staged.reported and len(staged.reported) >= 9 else None
            )
        if form.township_name_column:
            stored[form.township_name_column] = staged.township_said
        if form.county == "region":
            stored["county_code"] = staged.reported[:6] if staged.reported else staged.county
        return (
            staged.row.number, staged.key, geom, "t" if is_placed else "f", error_m, how, staged.county,
            staged.region, staged.reported, staged.township_said, None,
            *(stored.get(name) for name in (*self.names, *self.only_new)),
        )  # fmt: skip

    def _stand(self, staged: Staged) -> tuple[str | None, float, str]:
        region = staged.key[:9] if self.form.county == "key" else staged.reported
        stand = self.places.stand_of(region) if region else None
        if stand is None:
            return None, self.form.error_m, self.form.placed_by
        staged.county = (region or "")[:6]
        staged.region = (region or "")[:9] if stand.placed_by == "township" else staged.county
        return _point(stand.lon, stand.lat), stand.error_m, stand.placed_by


def _repaired(shape: Any, was_other: bool) -> Text:
    """Return what a repaired geometry became, for its sender to see before it is kept."""
    if not was_other:
        return Text("已去掉高程，位置不变", "its height is left out, its place stays")
    if shape.geom_type != "Point":
        return Text("已只取其中的线", "only its lines are taken")
    return Text(
        f"已换成其中的一点（{shape.x:.6f}, {shape.y:.6f}）", f"a point of it is taken ({shape.x:.6f}, {shape.y:.6f})"
    )


def _point(lon: float, lat: float | None) -> str:
    """Return a point as hexadecimal EWKB: by hand, since shapely takes a fifth of all the time for it."""
    return _POINT_HEAD + struct.pack("<dd", lon, lat).hex()
