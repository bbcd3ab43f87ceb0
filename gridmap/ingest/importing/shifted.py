"""Whether objects that a file moves would stand where they are, were the file in another coordinate system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.coordinates import System, convert, get_system
from gridmap.domain.definition import Text
from gridmap.domain.import_report import ImportChange
from gridmap.errors import UserError

Array = npt.NDArray[np.float64]

LEAST = 3
"""Fewer objects than this may have moved alike by chance."""

SHARE = 0.6
"""So much of what moves must stay in the other system."""

NEAR_M = 50.0
"""What stands nearer than this to where it stood is taken to stay: the error of a position that says no more."""

_CANDIDATES = ("cgcs2000", "gcj02", "bd09")


@dataclass(frozen=True)
class Shifted:
    """What was found. objects: so many of those moved would stay. moved_m: median of how far they moved.

    unmoved: objects that stand where they were. Where there are such, the file is in two systems.
    """

    system: System
    objects: int
    moved: int
    moved_m: float
    unmoved: int = 0

    @property
    def is_mixed(self) -> bool:
        """Return whether no one system fits the whole file."""
        return self.unmoved >= LEAST

    def told(self, read_as: System) -> Text:
        """Return the evidence as a sentence."""
        zh = (
            f"已有的 {self.moved} 个对象会移动，中位数 {self.moved_m:.0f} m；若按 {self.system.zh} 而不是 "
            f"{read_as.zh} 读取，其中 {self.objects} 个仍在原处（{NEAR_M:.0f} m 内）"
        )
        en = (
            f"{self.moved} known objects would move, by {self.moved_m:.0f} m at the median; read as {self.system.en} "
            f"instead of {read_as.en}, {self.objects} of them stay where they are (within {NEAR_M:.0f} m)"
        )
        if self.is_mixed:
            zh += f"；另有 {self.unmoved} 个本来就没有移动，文件里像是混有两种坐标系"
            en += f"; {self.unmoved} others do not move: the file seems to mix two systems"
        return Text(zh, en)


def find_shift(changes: Sequence[ImportChange], unmoved: int, read_as: System) -> Shifted | None:
    """Return the system in which most of what moves would stay; None when there is none, or too little evidence.

    changes: with places in degrees, CGCS2000, as they were read in read_as. unmoved: number of objects with a position
    in the file that stay where they are.
    """
    moved = [change for change in changes if change.status == "moved" and change.before and change.after]
    if len(moved) < LEAST:
        return None
    stored = get_system("cgcs2000")
    before = np.array([change.before for change in moved], dtype=float)
    after = np.array([change.after for change in moved], dtype=float)
    best: tuple[int, System] | None = None
    for system in map(get_system, _CANDIDATES):
        if system.key == read_as.key or {system.key, read_as.key} == {"wgs84", "cgcs2000"}:
            continue
        try:
            there = np.column_stack(convert(system, stored, *convert(stored, read_as, after[:, 0], after[:, 1])))
        except UserError:
            continue
        stay = int((_metres(there, before) < NEAR_M).sum())
        if best is None or stay > best[0]:
            best = (stay, system)
    if best is None or best[0] < max(LEAST, SHARE * len(moved)):
        return None
    return Shifted(best[1], best[0], len(moved), float(np.median([change.moved_m or 0.0 for change in moved])), unmoved)


def _metres(one: Array, other: Array) -> Array:
    """Return distances of places a few kilometres apart, metres: on the tangent plane is near enough."""
    degree = 111_195.0
    east = (one[:, 0] - other[:, 0]) * degree * np.cos(np.radians(other[:, 1]))
    apart: Array = np.hypot(east, (one[:, 1] - other[:, 1]) * degree)
    return apart
