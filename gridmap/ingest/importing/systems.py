"""In which coordinate system a file's positions are: as said, as declared, or as they look; and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.coordinates import System, get_declared_system, get_system
from gridmap.coordinates.ground import Hypothesis
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form
from gridmap.domain.import_report import ImportReport
from gridmap.domain.incoming import IncomingSheet
from gridmap.errors import UserError
from gridmap.ingest.importing.rows import RowJudge
from gridmap.ingest.importing.shifted import find_shift

if TYPE_CHECKING:
    from gridmap.ingest.importing.plan import ImportOptions


def system_of(
    report: ImportReport, sheet: IncomingSheet, options: ImportOptions, remembered: str | None, form: Form
) -> System:
    """Return the coordinate system of a file: as said, else as it declares, else as last time, else the house's."""
    if options.crs or not sheet.crs:
        system = get_system(options.crs or remembered or "cgcs2000")
    else:
        system = get_declared_system(sheet.crs)
    if form.geometry != "none":
        report.crs = system.key
        if options.crs and sheet.crs and (declared := _key_of(sheet.crs)) != system.key:
            report.notes.append(
                Text(
                    f"文件声明的坐标系是 {declared}，按指定的 {system.zh} 读取",
                    f"the file declares {declared}; read as {system.en}, as was said",
                )
            )
        elif not options.crs and not sheet.crs and remembered:
            report.notes.append(Text(f"坐标系沿用上次的 {system.zh}", f"coordinate system as last time: {system.en}"))
    return system


def _key_of(declared: str) -> str:
    """Return the key of the system that a file declares, or what it declares where that is none that is read."""
    try:
        return get_system(declared).key
    except UserError:
        return declared[:60]


def tell_places(report: ImportReport, judge: RowJudge, options: ImportOptions) -> Text | None:
    """Say which system the positions look like; where that is another than the one read in, nothing is imported.

    Returns the sentence that says that nobody can tell, for tell_shift, None where somebody can.
    """
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
        return None
    from gridmap.coordinates.guess import guess, read_reported

    x, y, counties = zip(*judge.reported, strict=True)
    found = guess(read_reported(x, y, counties), ground)
    report.notes.append(Text(found.zh, found.en))
    if found.swapped:  # sure even where the system is not
        report.blocking.append(_other_order(found.ranking[0].hypothesis, found.best is not None, judge))
        return None
    if found.best is None:
        return report.notes[-1]
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
    return None


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


def tell_shift(
    report: ImportReport, unmoved: int, judge: RowJudge, options: ImportOptions, untold: Text | None
) -> None:
    """Say so when what moves would stay in another system; unless the system was said, nothing is imported then.

    unmoved: number of objects that stand where the file says. untold: what tell_places returned, which is then wrong.
    """
    if report.looks_like is not None or judge.title_of_role("crs") is not None:
        return
    found = find_shift(report.changes, unmoved, judge.system)
    if found is None:
        return
    evidence = found.told(judge.system)
    if untold is not None:
        report.notes.remove(untold)
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
