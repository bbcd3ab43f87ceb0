"""The dry run: stage a file's rows, judge them, and say what they would change. Nothing of the base is touched."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from psycopg2.extensions import cursor as Cursor

from gridmap.coordinates import System, get_system
from gridmap.coordinates.ground import Hypothesis
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
from gridmap.ingest.importing.shifted import find_shift
from gridmap.ingest.importing.subjects import Subjects
from gridmap.store import import_batches, import_check, import_diff, import_regions, import_staging, import_tables
from gridmap.store.import_batches import Importer
from gridmap.store.import_tables import Target

FIRST = 200
"""So many rows are looked at before the others, where one row tells what the others mean."""

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
        raise UserError(f"{layer_id} cannot be replaced by a file: what a file no longer names did not cease to be")
    sheet = choose_sheet(incoming, form, wanted)
    day = wanted.on or today(conn)
    with transaction(conn) as cursor:
        known = import_batches.remembered(cursor, layer_id, wanted.kind, header_key(sheet.header), importer)
        titles = recognise(
            sheet.header, form, wanted.mapping, remembered=known[0] if known else None, never=forms.never_read()
        )
        report = ImportReport(layer_id, wanted.kind, file_name, sha256, sheet.name, None, day)
        report.notes += [Text(told.zh, told.en) for told in incoming.told]
        system = _system(report, sheet, wanted, known[1] if known else None, form)
        _tell_titles(report, titles, form, sheet)
        targets = import_tables.targets_of(cursor, form)
        regions = import_regions.list_regions(cursor, day)
        judge: RowJudge | MeasuredJudge
        if form.measures:
            judge = MeasuredJudge(
                form, sheet, titles, _book(regions, day), Subjects(cursor, importer.counties), today(conn),
                list(islice(incoming.rows(sheet), FIRST)),
            )  # fmt: skip
        else:
            judge = RowJudge(
                form, sheet, titles, _book(regions, day), Places(regions), system, import_regions.city_code(cursor),
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
            _tell_places(report, judge, wanted, known[1] if known else None)
            for column, digits in judge.known_regions.items():
                import_staging.keep_finer(cursor, form, targets[0], column, digits, day)
        tell("comparing", 0, judge.read)
        _compare(cursor, report, form, targets, names, importer, wanted)
        tell("comparing", judge.read, judge.read)
        if isinstance(judge, RowJudge):
            _tell_shift(report, import_diff.number_of_unmoved(cursor), judge, wanted)
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
        raise UserError(
            f"the file has no sheet {options.sheet}; it has {', '.join(sheet.name for sheet in incoming.sheets)}"
        )
    shown = [sheet for sheet in incoming.sheets if not sheet.hidden]
    if not shown:
        raise UserError("the file has no sheet with rows, or only hidden ones: name one with --sheet")
    fits = [(len(recognise(sheet.header, form).matches), sheet) for sheet in shown]
    best = max(number for number, _ in fits)
    likeliest = [sheet for number, sheet in fits if number == best]
    if len(likeliest) > 1:
        raise UserError(f"several sheets could be meant: name one with --sheet: {', '.join(s.name for s in likeliest)}")
    return likeliest[0]


def _nobody(_step: str, _done: int, _total: int | None) -> None:
    """Tell nobody how far it is."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _book(regions: list[import_regions.RegionRow], day: dt.date) -> RegionBook:
    names = {row.code: row.name for row in regions if row.level != "village"}
    villages = [Unit(row.code, row.name, (*row.other_names, row.name)[0]) for row in regions if row.level == "village"]
    return RegionBook(names, villages, day)


def _system(
    report: ImportReport, sheet: IncomingSheet, options: ImportOptions, remembered: str | None, form: Form
) -> System:
    """Return the coordinate system of a file: as said, else as it declares, else as last time, else the house's."""
    name = options.crs or sheet.crs or remembered
    system = get_system(name or "cgcs2000")
    if form.geometry != "none":
        report.crs = system.key
        if options.crs and sheet.crs and get_system(sheet.crs).key != system.key:
            report.notes.append(
                Text(
                    f"文件声明的坐标系是 {sheet.crs}，按指定的 {system.zh} 读取",
                    f"the file declares {sheet.crs}; read as {system.en}, as was said",
                )
            )
        elif not options.crs and not sheet.crs and remembered:
            report.notes.append(Text(f"坐标系沿用上次的 {system.zh}", f"coordinate system as last time: {system.en}"))
    return system


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


def _tell_places(report: ImportReport, judge: RowJudge, options: ImportOptions, remembered: str | None) -> None:
    """Say which system the positions look like; where that is another than the one read in, nothing is imported."""
    if judge.dropped_heights:
        number = judge.dropped_heights
        report.notes.append(Text(f"{number} 行的高程未读取", f"the heights of {number} rows were left out"))
    if judge.repaired:
        report.notes.append(
            Text(
                f"{judge.repaired} 行的几何已修复，见有提醒的行",
                f"the geometry of {judge.repaired} rows was repaired: see the rows with warnings",
            )
        )
    ground = judge.places.ground
    if not judge.reported or ground is None:
        return
    from gridmap.coordinates.guess import guess, read_reported

    x, y, counties = zip(*judge.reported, strict=True)
    found = guess(read_reported(x, y, counties), ground)
    report.notes.append(Text(found.zh, found.en))
    if found.swapped:  # sure even where the system is not
        report.blocking.append(_other_order(found.ranking[0].hypothesis, found.best is not None, judge))
        return
    if found.best is None:
        return
    looks_like = found.best.system.key
    agrees = looks_like == judge.system.key or {looks_like, judge.system.key} <= {"wgs84", "cgcs2000"}
    if not agrees and options.crs is None:
        report.looks_like = looks_like
        report.blocking.append(
            Text(
                f"坐标更像 {found.best.zh}，而按 {judge.system.zh} 读取：请用 --crs 指定坐标系（--crs {looks_like}）",
                f"the positions look like {found.best.en}, and were read as {judge.system.en}: say --crs "
                f"(--crs {looks_like})",
            )
        )


def _other_order(found: Hypothesis, is_sure: bool, judge: RowJudge) -> Text:
    """Say that longitude and latitude are the other way round, and what to do about it. is_sure: of the system too."""
    zh, en = "请在文件里对调经度和纬度", "have the file written with the longitude first"
    x, y = judge.title_of_role("lon"), judge.title_of_role("lat")
    if x is not None and y is not None:
        crs = f"--crs {found.system.key} " if is_sure and found.system.key not in ("wgs84", judge.system.key) else ""
        words = f"{crs}--map {x}=lat --map {y}=lon"
        zh, en = f"请用 --map 对调（{words}）", f"exchange them with --map ({words})"
    what = (found.zh, found.en) if is_sure else ("经度和纬度写反了", "longitude and latitude swapped")
    return Text(f"坐标更像{what[0]}：{zh}", f"the positions look like {what[1]}: {en}")


def _tell_shift(report: ImportReport, unmoved: int, judge: RowJudge, options: ImportOptions) -> None:
    """Say so when what moves would stay in another system; unless the system was said, nothing is imported then.

    unmoved: number of objects that stand where the file says.
    """
    if report.looks_like is not None or judge.title_of_role("crs") is not None:
        return
    found = find_shift(report.changes, unmoved, judge.system)
    if found is None:
        return
    evidence = found.told(judge.system)
    if options.crs is not None:
        report.notes.append(evidence)
        return
    key = found.system.key
    zh, en = f"请用 --crs 指定坐标系（--crs {key}）", f"say --crs (--crs {key})"
    if found.is_mixed:
        own = judge.system.key
        zh = f"请加一列“坐标系”逐行写明，或者确认无误：请用 --crs 指定坐标系（--crs {own}）"
        en = f"add a column 坐标系 that says so row by row or, if all is well, say --crs (--crs {own})"
    else:
        report.looks_like = key
    report.blocking.append(Text(f"{evidence.zh}：{zh}", f"{evidence.en}: {en}"))


def _compare(
    cursor: Cursor,
    report: ImportReport,
    form: Form,
    targets: tuple[Target, ...],
    names: tuple[str, ...],
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
    lacking = import_check.judge_needed(cursor, form, targets, names)
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
    report.counts["refused"], report.counts["faults"], report.counts["warnings"] = import_staging.number_of_faults(
        cursor
    )
    report.faults = import_staging.list_faults(cursor, MOST_FAULTS)
    report.changes = import_diff.list_changes(cursor, form, targets, names, MOST_CHANGES)
