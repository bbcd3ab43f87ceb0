"""A file of zones: judged row by row, drafted in a transaction that is kept or not, told either way."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psycopg2.errors
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, today, transaction
from gridmap.domain import import_form
from gridmap.domain.definition import Text
from gridmap.domain.import_titles import TitleMap, recognise
from gridmap.domain.incoming import IncomingFile, IncomingSheet
from gridmap.domain.zone_file import MOST_FAULTS, FiledZone, ZoneFileReport
from gridmap.errors import ConflictError, UserError
from gridmap.ingest.importing.places import Places
from gridmap.ingest.importing.plan import ImportOptions, choose_sheet
from gridmap.planning.zone_file import rows, system
from gridmap.planning.zone_file.drafted import Drafter
from gridmap.planning.zone_file.match import Matcher, Target
from gridmap.planning.zone_file.units import UnitBook
from gridmap.store import drafts, import_regions, zone_file_ground


def _everywhere(_county: str) -> bool:
    return True


def _go_on(_made: int) -> None:
    return None


@dataclass(frozen=True)
class Saying:
    """What somebody says of a file. crs: None to go by the file. mapping: title -> column, None for what is not read.

    kind: of rows that say none. sheet: its name, needed where several could be meant. repair: mend what crosses itself.
    """

    crs: str | None = None
    kind: str | None = None
    sheet: str | None = None
    repair: bool = False
    mapping: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Brought:
    """A file and who brings it. allowed: whether he may draft for a county's code, or the city's.

    look: called with the number of drafts made so far, before each; what it raises ends the work and keeps nothing.
    """

    incoming: IncomingFile
    name: str
    sha256: str
    author: str
    allowed: Callable[[str], bool] = _everywhere
    look: Callable[[int], None] = _go_on


class _NotKept(Exception):
    """The drafts were tried only."""


def check(conn: Connection, brought: Brought, saying: Saying) -> ZoneFileReport:
    """Judge a file and return what it would become; nothing is kept. conn: the owner's.

    The drafts are made and taken back: what is told of them is what the database says. Errors: UserError for a sheet,
    title, column, kind or system that is not there, a file that breaks off or has too many rows.
    """
    return _run(conn, brought, saying, keep=None)


def make(conn: Connection, brought: Brought, saying: Saying, *, shown: str | None = None) -> ZoneFileReport:
    """Make a draft of every row, or none, and return them with their ids.

    shown: fingerprint of what was shown before; ConflictError when the same file would become something else by now.
    UserError as for check(), and when the report is not clean.
    """
    return _run(conn, brought, saying, keep=shown or "")


def _run(conn: Connection, brought: Brought, saying: Saying, *, keep: str | None) -> ZoneFileReport:
    made: list[ZoneFileReport] = []
    try:
        with transaction(conn) as cursor:
            report = _Work(cursor, brought, saying).run()
            made.append(report)
            if keep is None or not report.is_clean:
                raise _NotKept
            if keep and keep != report.fingerprint:
                raise ConflictError("the file would become other drafts by now", zh="检查以后数据有变化")
    except _NotKept:
        made[0].zones = [dataclasses.replace(zone, draft=None) for zone in made[0].zones]
        if keep is not None:
            raise UserError(f"no draft was made: {_why(made[0]).en}", zh=f"没有新建草案：{_why(made[0]).zh}") from None
    return made[0]


def _why(report: ZoneFileReport) -> Text:
    if report.refused:
        return Text(f"{report.refused} 行有错误", f"{report.refused} of {report.read} rows have faults")
    if report.blocking:
        return report.blocking[0]
    return Text("没有可建草案的行", "there is no row to draft")


def _tell_heights(report: ZoneFileReport, entries: list[rows.Entry]) -> None:
    number = sum(entry.dropped_height for entry in entries)
    if number:
        report.notes.append(
            Text(f"{number} 行的高程和测量值未读取", f"heights and measures of {number} rows were left out")
        )


class _Work:
    """One file in the making, inside a transaction."""

    def __init__(self, cursor: Cursor, brought: Brought, saying: Saying) -> None:
        self.cursor, self.conn, self.brought, self.saying = cursor, cursor.connection, brought, saying
        self.day: dt.date = today(self.conn)
        self.kinds = zone_file_ground.kinds(cursor)
        if saying.kind is not None and saying.kind not in self.kinds:
            raise UserError(f"there is no kind of zone called {saying.kind!r}; known are {', '.join(self.kinds)}")

    def run(self) -> ZoneFileReport:
        form = import_form.load_drafted("zone")
        sheet = choose_sheet(self.brought.incoming, form, ImportOptions(sheet=self.saying.sheet))
        titles = recognise(sheet.header, form, self.saying.mapping, never=import_form.never_read())
        report = self._report(sheet, titles)
        if report.blocking:
            return report
        tell = rows.Telling(titles)
        entries = list(rows.read(self.brought.incoming, sheet, titles, tell))
        report.read = len(entries)
        if not entries:
            report.blocking.append(Text("标题行下没有数据", "there is no row below the titles"))
        own = system.choose(report, sheet.crs, self.saying.crs) if sheet.has_geometry else None
        regions = import_regions.list_regions(self.cursor, self.day)
        places = Places(regions)
        if own is not None:
            rows.place(entries, own, tell, repair=self.saying.repair)
            _tell_heights(report, entries)
        matcher = Matcher(
            zone_file_ground.list_published(self.cursor), self.kinds, book := UnitBook(regions, self.day),
            places.counties, import_regions.city_code(self.cursor), self.brought.allowed, tell,
        )  # fmt: skip
        targets = matcher.targets(entries, self.saying.kind)
        if own is not None:
            self._doubt(report, entries, targets, places, own)
        refused = tell.refused()
        drafter = Drafter(self.cursor, self.brought, self.day, book, tell, own)
        # a file with faults is told with what its other rows would become: one look is enough to mend it
        for target in targets:
            self.brought.look(len(report.zones))
            if target.entry.row not in refused:
                zone = self._draft(drafter, target, tell)
                report.zones += [zone] if zone is not None else []
        report.faults = sorted(tell.faults, key=lambda fault: (fault.row, fault.severity))[:MOST_FAULTS]
        return report

    def _report(self, sheet: IncomingSheet, titles: TitleMap) -> ZoneFileReport:
        brought = self.brought
        report = ZoneFileReport(brought.name, brought.sha256, sheet.name)
        report.notes += [Text(told.zh, told.en) for told in brought.incoming.told]
        report.mapping, report.unread = titles.as_dict(), dict(titles.unread)
        report.sheets = tuple(one.name for one in brought.incoming.sheets)
        if not any(titles.title_of(column) for column in ("name", "zone_id", "lineage")):
            like = titles.candidates.get("name", [])
            hint = (f"；可能是：{'、'.join(like)}", f"; it may be {', '.join(like)}") if like else ("", "")
            report.blocking.append(
                Text(
                    f"没有“名称”列，也没有“版本编号”列，认不出是哪个区域{hint[0]}（用 --map 标题=name 指定）",
                    f"no column name (名称) nor zone_id, by which zones are known{hint[1]}: say --map TITLE=name",
                )
            )
        return report

    def _doubt(
        self,
        report: ZoneFileReport,
        entries: list[rows.Entry],
        targets: list[Target],
        places: Places,
        own: system.System,
    ) -> None:
        """Hold the outlines against the counties and the law: in which system do they look to be?"""
        said = self.saying.crs is not None
        county = {target.entry.row: target.county for target in targets}
        known = [county.get(entry.row) for entry in entries]
        system.doubt(
            report,
            entries,
            [code if code in places.counties else None for code in known],
            places.ground,
            own,
            said=said,
        )
        pairs = []
        for target in targets:
            if target.base is not None and target.entry.outline is not None:
                base = drafts.get_content(self.cursor, target.base.zone_id).boundary_wkb
                pairs += [(base, target.entry.outline.wkb)] if base is not None else []
        system.shifted(report, pairs, own, said=said)

    def _draft(self, drafter: Drafter, target: Target, tell: rows.Telling) -> FiledZone | None:
        try:
            with transaction(self.conn):
                return drafter.draft(target)
        except UserError as error:
            tell.fault(target.entry.row, "", target.name, Text(error.zh or str(error), str(error)))
        except psycopg2.errors.CheckViolation as error:
            constraint = error.diag.constraint_name or "zone"
            tell.fault(
                target.entry.row, "", target.name,
                Text(f"数据库能接受的区域（{constraint}）", f"a zone that the database takes ({constraint})"),
            )  # fmt: skip
        return None
