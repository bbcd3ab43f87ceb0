"""The dry run: stage a file's rows, judge them, and say what they would change. Nothing of the base is touched."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, today, transaction
from gridmap.domain import import_form as forms
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form
from gridmap.domain.import_progress import Progress
from gridmap.domain.import_regions import RegionBook
from gridmap.domain.import_report import MOST_CHANGES, MOST_FAULTS, ImportReport
from gridmap.domain.import_titles import TitleMap, header_key, recognise
from gridmap.domain.incoming import IncomingFile, IncomingSheet
from gridmap.domain.name_match import Unit
from gridmap.errors import UserError
from gridmap.ingest.importing.measured import MeasuredJudge
from gridmap.ingest.importing.places import Places
from gridmap.ingest.importing.rows import RowJudge
from gridmap.ingest.importing.subjects import Subjects
from gridmap.ingest.importing.systems import system_of, tell_places, tell_shift
from gridmap.store import import_batches, import_check, import_diff, import_regions, import_staging, import_tables
from gridmap.store.import_batches import Importer
from gridmap.store.import_tables import Target

FIRST = 200
"""So many rows are looked at before the others, where one row tells what the others mean."""

_ASSUMED = {
    "source": Text("整改方案", "a rectification plan"),
    "filed_on": Text("“自哪天起”的日期（已销号的不晚于销号日期）", "the day of the import, or of the close-out"),
}
"""What new cases are given that a list does not say (derive = "case")."""

COMMAND_LINE = Importer("command line")


@dataclass(frozen=True)
class ImportOptions:
    """What somebody says of a file.

    sheet: its name, needed where several could be meant. crs: of its positions, None to go by the file and guess.
    mapping: title -> column, None for what is not to be read. replace: what the file no longer has is gone. repair:
    mend geometries. on: first day of new versions, None for today.
    """

    kind: str | None = None
    sheet: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    replace: bool = False
    repair: bool = False
    on: dt.date | None = None


@dataclass(frozen=True)
class ImportPlan:
    """A report with what is needed to carry it out on the same connection, where the rows are staged."""

    report: ImportReport
    form: Form
    targets: tuple[Target, ...]
    names: tuple[str, ...]
    only_new: tuple[str, ...]
    header_key: str
    options: ImportOptions
    importer: Importer


def plan_import(
    conn: Connection,
    layer_id: str,
    incoming: IncomingFile,
    *,
    file_name: str,
    sha256: str,
    options: ImportOptions | None = None,
    importer: Importer = COMMAND_LINE,
    progress: Progress | None = None,
    count_rows: Callable[[IncomingSheet], int] | None = None,
) -> ImportPlan:
    """Judge a file for a layer and return what it would change; memory does not grow with the file.

    The rows stay staged on the connection until the next plan. count_rows: tells progress about how many there are.
    Errors: NotFoundError and UserError for a layer, kind,
    sheet, title, column or coordinate system that is not there, or a file that breaks off; faults of rows are told in
    the report.
    """
    wanted = options or ImportOptions()
    form = forms.load(layer_id, wanted.kind)
    if wanted.replace and form.gone == "refuse":
        raise UserError(
            f"{layer_id} cannot be replaced by a file: what a file no longer names did not cease to be",
            zh="这种数据不能整体替换：文件里没有的，不等于已经没有了",
        )
    sheet = choose_sheet(incoming, form, wanted)
    day = wanted.on or today(conn)
    with transaction(conn) as cursor:
        known = import_batches.remembered(cursor, layer_id, wanted.kind, header_key(sheet.header), importer)
        titles = recognise(
            sheet.header, form, wanted.mapping, remembered=known[0] if known else None, never=forms.never_read()
        )
        report = ImportReport(layer_id, wanted.kind, file_name, sha256, sheet.name, None, day)
        report.notes += [Text(told.zh, told.en) for told in incoming.told]
        system = system_of(report, sheet, wanted, known[1] if known else None, form)
        _tell_titles(report, titles, form, sheet)
        targets = import_tables.targets_of(cursor, form)
        regions = import_regions.list_regions(cursor, day)
        judge: RowJudge | MeasuredJudge
        untold = None
        if form.measures:
            judge = MeasuredJudge(
                form, sheet, titles, _book(regions, day), Subjects(cursor, importer.counties), today(conn),
                list(islice(incoming.rows(sheet), FIRST)),
            )  # fmt: skip
        else:
            city = import_regions.city(cursor)
            whole = city if form.derive == "case" else None  # some cases are the city's own
            judge = RowJudge(
                form, sheet, titles, _book(regions, day, whole), Places(regions), system, city[0], day,
                repair=wanted.repair,
            )  # fmt: skip
        names, staged = judge.names, (*judge.names, *judge.only_new)
        import_staging.create(cursor, targets, staged)
        tell = progress or _nobody
        total = count_rows(sheet) if count_rows is not None else None
        tell("reading", 0, total)
        for rows, faults in judge.chunks(incoming.rows(sheet)):
            import_staging.copy(cursor, staged, rows)
            import_staging.copy_refused(cursor, judge.take_refused())
            import_staging.copy_faults(cursor, faults)
            tell("reading", judge.read, total)
        import_staging.prepare(cursor)
        if isinstance(judge, MeasuredJudge):
            report.notes += judge.notes()
        else:
            untold = tell_places(report, judge, wanted)
            for column, digits in judge.known_regions.items():
                import_staging.keep_finer(cursor, form, targets[0], column, digits, day)
        tell("comparing", 0, judge.read)
        _compare(cursor, report, form, targets, names, judge.only_new, importer, wanted)
        tell("comparing", judge.read, judge.read)
        if isinstance(judge, RowJudge):
            tell_shift(report, import_diff.number_of_unmoved(cursor), judge, wanted, untold)
        report.counts["read"] = judge.read
        if judge.read == 0:
            report.blocking.append(Text("标题行下没有数据", "there is no row below the titles"))
        report.fingerprint = import_diff.fingerprint(cursor)
        same = import_batches.find_same(cursor, report)
        if same is not None:
            report.notes.append(
                Text(
                    f"同一文件已于 {same.imported_on} 由 {same.actor} 导入（批次 {same.batch_id}）",
                    f"the same file was imported on {same.imported_on} by {same.actor} (batch {same.batch_id})",
                )
            )
    return ImportPlan(report, form, targets, names, judge.only_new, header_key(sheet.header), wanted, importer)


def choose_sheet(incoming: IncomingFile, form: Form, options: ImportOptions) -> IncomingSheet:
    """Return the sheet that is meant: the one named, else the only one that is shown, else the one that fits best."""
    if options.sheet is not None:
        for sheet in incoming.sheets:
            if sheet.name == options.sheet:
                return sheet
        names = [sheet.name for sheet in incoming.sheets]
        raise UserError(
            f"the file has no sheet {options.sheet}; it has {', '.join(names)}",
            zh=f"文件里没有工作表“{options.sheet}”；有：{'、'.join(names)}",
        )
    shown = [sheet for sheet in incoming.sheets if not sheet.hidden]
    if not shown:
        raise UserError(
            "the file has no sheet with rows, or only hidden ones: name one with --sheet",
            zh="文件里没有带内容的工作表，或全是隐藏的：请指明要导入哪个工作表",
        )
    fits = [(len(recognise(sheet.header, form).matches), sheet) for sheet in shown]
    best = max(number for number, _ in fits)
    likeliest = [sheet for number, sheet in fits if number == best]
    if len(likeliest) > 1:
        names = [sheet.name for sheet in likeliest]
        raise UserError(
            f"several sheets could be meant: name one with --sheet: {', '.join(names)}",
            zh=f"有几个工作表都像，请指明要导入哪个：{'、'.join(names)}",
        )
    return likeliest[0]


def _nobody(_step: str, _done: int, _total: int | None) -> None:
    """Tell nobody how far it is."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _book(regions: list[import_regions.RegionRow], day: dt.date, city: tuple[str, str] | None = None) -> RegionBook:
    names = {row.code: row.name for row in regions if row.level != "village"}
    villages = [Unit(row.code, row.name, (*row.other_names, row.name)[0]) for row in regions if row.level == "village"]
    return RegionBook(names, villages, day, city)


def _tell_titles(report: ImportReport, titles: TitleMap, form: Form, sheet: IncomingSheet) -> None:
    report.mapping = titles.as_dict()
    report.unread = titles.unread
    report.candidates = titles.candidates
    for match in titles.matches.values():
        if match.factor != 1.0:
            report.notes.append(
                Text(
                    f"“{match.title}”乘以 {match.factor:g}，换算为 {match.column.unit}",
                    f"{match.title} is multiplied by {match.factor:g}, to count in {match.column.unit}",
                )
            )
    for column in form.lacking({match.column.name for match in titles.matches.values()}):
        like = titles.candidates.get(column.name, [])
        hint = (f"；可能是：{'、'.join(like)}", f"; it may be {', '.join(like)}") if like else ("", "")
        wide = column.name in ("parameter", "value") and form.measures
        or_else = ("，也没有以监测指标为标题的列", ", nor one that is titled by a parameter") if wide else ("", "")
        report.blocking.append(
            Text(
                f"没有“{column.title.zh}”列{or_else[0]}，无法识别对象{hint[0]}（用 --map 标题={column.name} 指定）",
                f"no column {column.name} ({column.title.zh}){or_else[1]}, by which objects are known{hint[1]}: "
                f"say --map TITLE={column.name}",
            )
        )
    ambiguous = {name: titled for name, titled in titles.candidates.items() if titled and name != form.key}
    for name, titled in ambiguous.items():
        if titles.title_of(name) is None and len(titled) > 1 and all(title in titles.unread for title in titled):
            report.notes.append(
                Text(
                    f"{form.column(name).title.zh}：{'、'.join(titled)} 都可能", f"{name} could be {', '.join(titled)}"
                )
            )
    _tell_half_position(report, titles)
    if form.geometry == "MultiLineString" and not sheet.has_geometry:
        report.notes.append(Text("文件没有线形，位置不变", "the file has no lines: places stay as they are"))


def _tell_half_position(report: ImportReport, titles: TitleMap) -> None:
    """Refuse a file with one column of the position and no other: its positions would be passed over."""
    for one, other, zh in (("lon", "lat", "纬度"), ("lat", "lon", "经度")):
        title = titles.title_of(one)
        if title is not None and titles.title_of(other) is None and titles.title_of("lonlat") is None:
            report.blocking.append(
                Text(
                    f"有“{title}”列，没有{zh}列（用 --map 标题={other} 指定，或指定不读取）",
                    f"there is a column {title} but none of {other}: say --map TITLE={other}, or that it is not to be "
                    "read",
                )
            )


def _compare(
    cursor: Cursor,
    report: ImportReport,
    form: Form,
    targets: tuple[Target, ...],
    names: tuple[str, ...],
    only_new: tuple[str, ...],
    importer: Importer,
    options: ImportOptions,
) -> None:
    """Compare what was staged with the base, and judge what only the base can tell."""
    import_diff.compare(cursor, form, targets, names, report.on)
    import_diff.find_gone(cursor, form, targets[0], report.on, importer.counties, options.replace)
    key_title = next((title for title, name in report.mapping.items() if name == form.key), "")
    import_check.judge_twice(cursor, form, "" if form.same else key_title)
    # first of all that ask the base: what is said of the rest may be of the importer's own counties only
    import_check.judge_area(cursor, form, importer.counties)
    import_check.judge_kind(cursor, form, targets[0], key_title)
    import_check.judge_known(cursor, form, targets[0], names, key_title, importer.counties)
    import_check.judge_later(cursor, report.on)
    import_check.judge_place(cursor, form)
    import_check.judge_by_hand(cursor, form, targets[0])
    import_check.judge_county(cursor, form)
    import_check.judge_rules(cursor, form, targets, names)
    lacking = import_check.judge_needed(cursor, form, targets, (*names, *only_new))
    for column in lacking:
        like = report.candidates.get(column.name, [])
        hint = (f"；可能是：{'、'.join(like)}", f"; it may be {', '.join(like)}") if like else ("", "")
        report.blocking.append(
            Text(
                f"文件中有新对象，但没有“{column.title.zh}”列{hint[0]}（用 --map 标题={column.name} 指定）",
                f"the file brings new objects but has no column {column.name} ({column.title.zh}){hint[1]}: "
                f"say --map TITLE={column.name}",
            )
        )
    report.counts |= import_diff.count(cursor)
    if report.counts.get("new"):
        report.notes += [
            Text(
                f"没有“{form.column(name).title.zh}”列，新对象按{_ASSUMED[name].zh}登记",
                f"there is no column {form.column(name).title.en}: new objects get {_ASSUMED[name].en}",
            )
            for name in only_new
            if name in _ASSUMED
        ]
    report.counts["refused"], report.counts["faults"], report.counts["warnings"] = import_staging.number_of_faults(
        cursor
    )
    report.faults = import_staging.list_faults(cursor, MOST_FAULTS)
    report.changes = import_diff.list_changes(cursor, form, targets, names, MOST_CHANGES)
