"""What a proposal is, and how it is told: the findings it cures, the villages it takes in, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

RULES = ("COAL-01", "COAL-02", "COAL-03")

Why = Literal["no_burn", "land", "other"]

WHY: Mapping[str, str] = {
    "no_burn": "asks for a no-burn zone; a coal-free zone does not do",
    "land": "land outside every village's territory and every face taken in: a list of villages adds no land",
    "other": "still found with the village listed",
}
_WHY_ZH: Mapping[str, str] = {
    "no_burn": "应划入高污染燃料禁燃区，禁煤区不能代替",
    "land": "地块不在所列村的界线内，按村名列入不增加面积，须另划边界",
    "other": "列入后仍然成立，须人工核对",
}
CERTAINTY_ZH = {"breach": "", "near_boundary": "（临近边界）", "report": "（仅提示）"}
_MOST_NAMES = 20
"""Names told in the purpose of a draft; all stand on its list."""


@dataclass(frozen=True)
class Found:
    """A finding of one of the three rules. why: why the proposal does not cure it, empty when it does."""

    rule_id: str
    feature_kind: str
    feature_id: str
    part: str
    name: str
    certainty: str
    why: str = ""


@dataclass(frozen=True)
class Taken:
    """A village that the proposal takes in. reason: which findings that cures, in Chinese.

    how: list, named on the list of units in; unlist, taken off the list of units out; boundary, inside the new line.
    """

    village_id: str
    name: str
    how: Literal["list", "unlist", "boundary"]
    reason: str


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a county, and what the rules say of it. area_added_m2: land that the zone would gain.

    draft: zone_id of the draft made, None when nothing can be cured or nothing was to be kept. roads: names of those
    that the new boundary follows; faces: how many faces it takes in. remaining: findings that it leaves.
    """

    county: str
    county_name: str
    day: dt.date
    smooth: bool
    draft: int | None
    base: int | None
    before: tuple[Found, ...]
    taken: tuple[Taken, ...]
    remaining: tuple[Found, ...]
    area_added_m2: float
    faces: int
    roads: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings of each rule there were before."""
        return {rule_id: sum(found.rule_id == rule_id for found in self.before) for rule_id in RULES}

    def of(self, how: str) -> tuple[Taken, ...]:
        """Return the villages taken in one way."""
        return tuple(village for village in self.taken if village.how == how)


def purpose(found: Proposal) -> str:
    """Tell a proposal's numbers in Chinese, as the purpose of its draft."""
    kinds = Counter(one.certainty for one in found.before)
    rules = "、".join(f"{rule_id} {number} 条" for rule_id, number in found.counts.items() if number)
    told = [
        f"按 {found.day} 的规则检查，{found.county_name}有 {rules}（违规 {kinds['breach']}、临近边界 "
        f"{kinds['near_boundary']}、仅提示 {kinds['report']}）。"
    ]
    if found.of("list"):
        told.append(f"按名称列入 {len(found.of('list'))} 个村。")
    if found.of("unlist"):
        names = _names([village.name for village in found.of("unlist")])
        told.append(f"从“列出”名单中删去 {len(found.of('unlist'))} 个村：{names}。")
    if found.faces:
        along = f"{_names(list(found.roads))}和现有界线" if found.roads else "现有界线"
        told.append(f"新边界沿{along}划入 {found.faces} 个地块，其中 {len(found.of('boundary'))} 个村由边界划入。")
    elif found.smooth:
        told.append("没有哪个由道路和界线围成的地块能使任何村脱离问题，全部按名称列入。")
    told.append(f"新增面积 {found.area_added_m2 / 1e6:.2f} 平方公里。")
    if not found.remaining:
        told.append("按同样规则复核，余 0 条。")
    for why, number in Counter(one.why for one in found.remaining).items():
        told.append(f"复核后仍余 {number} 条：{_WHY_ZH[why]}。")
    return "".join(told)


def _names(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > _MOST_NAMES else ""
    return "、".join(names[:_MOST_NAMES]) + more
