"""Which coordinate system the outlines of a file are in: as said, as declared, and whether that can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from gridmap.coordinates import System, get_declared_system, get_system
from gridmap.coordinates.ground import Ground
from gridmap.coordinates.guess import guess, read_reported
from gridmap.domain.definition import Text
from gridmap.domain.zone_file import ZoneFileReport
from gridmap.errors import UserError
from gridmap.planning.geometry_input import looks_shifted
from gridmap.planning.zone_file.rows import Entry

MOST_VERTICES = 200
"""So many vertices of an outline are held against its county: more would tell no more."""

_PLAIN = {"wgs84", "cgcs2000"}


def choose(report: ZoneFileReport, declared: str | None, said: str | None) -> System:
    """Return the system that outlines are read in, and note in the report how it is known."""
    system = get_system(said or "cgcs2000") if said or not declared else get_declared_system(declared)
    report.crs = system.key
    if said and declared and _key(declared) != system.key:
        report.notes.append(
            Text(
                f"文件声明的坐标系是 {declared[:40]}，按指定的 {system.zh} 读取",
                f"the file declares {declared[:40]}; read as {system.en}, as was said",
            )
        )
    elif said or declared:
        how = ("按指定的", "as was said") if said else ("按文件声明的", "as the file declares")
        report.notes.append(Text(f"坐标系：{how[0]} {system.zh}", f"coordinate system: {system.en}, {how[1]}"))
    else:
        report.notes.append(
            Text(f"文件没有声明坐标系，按 {system.zh} 读取", f"the file declares no system; read as {system.en}")
        )
    return system


def doubt(
    report: ZoneFileReport, entries: Sequence[Entry], counties: Sequence[str | None], ground: Ground | None,
    system: System, *, said: bool,
) -> None:  # fmt: skip
    """Say which system the outlines look to be in by the counties that draw them; block where it is another one.

    counties: of each entry, as far as known. Outlines of zones often follow those of counties, which tells much.
    """
    xs: list[float] = []
    ys: list[float] = []
    codes: list[str | None] = []
    for entry, county in zip(entries, counties, strict=True):
        if entry.polygons is None:
            continue
        found = shapely.get_coordinates(entry.polygons)
        some = found[np.unique(np.linspace(0, len(found) - 1, MOST_VERTICES).astype(int))]
        xs += some[:, 0].tolist()
        ys += some[:, 1].tolist()
        codes += [county] * len(some)
    if not xs or ground is None:
        return
    found_best = guess(read_reported(xs, ys, codes), ground)
    report.notes.append(Text(found_best.zh, found_best.en))
    best = found_best.best
    if best is None or found_best.verdict == "cannot_tell":
        return
    key = best.system.key
    agrees = key == system.key or {key, system.key} <= _PLAIN
    if agrees and not best.swapped:
        return
    told = Text(
        f"坐标更像 {best.zh}，而按 {system.zh} 读取", f"the outlines look like {best.en}, and were read as {system.en}"
    )
    _block(report, told, None if best.swapped else key, said)


def shifted(report: ZoneFileReport, pairs: Sequence[tuple[bytes, bytes]], system: System, *, said: bool) -> None:
    """Block where most outlines lie where GCJ-02 would put the versions that they follow. pairs: base, new (WKB)."""
    if report.looks_like is not None or system.key == "gcj02":
        return
    moved = sum(looks_shifted(base, new) for base, new in pairs if base != new)
    if not moved or 2 * moved < len(pairs):
        return
    told = Text(
        f"{len(pairs)} 个与现有版本对应的边界中，{moved} 个正好在 GCJ-02 会把它放到的位置（约偏 600 m），"
        "可能是在高德、腾讯等地图上画的",
        f"{moved} of {len(pairs)} outlines lie where GCJ-02 would put the version they follow (about 600 m off): "
        "they may have been drawn on a Chinese web map",
    )
    _block(report, told, "gcj02", said)


def _block(report: ZoneFileReport, told: Text, key: str | None, said: bool) -> None:
    if said:
        report.notes.append(told)
        return
    report.looks_like = key
    how = f"--crs {key}" if key else "--crs …"
    zh, en = f"{told.zh}：请用 --crs 指定坐标系（{how}）", f"{told.en}: say --crs ({how})"
    report.blocking.append(Text(zh, en))


def _key(name: str) -> str:
    try:
        return get_system(name).key
    except UserError:
        return name
