"""The sentences of a guess, in Chinese and English: what is said, from which rows, and against which rival."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmap.coordinates.guess import Score, Verdict


def told(verdict: Verdict, first: Score, rival: Score | None) -> tuple[str, str]:
    """Return the sentences of a verdict that names a system."""
    zh = f"{'确定' if verdict == 'certain' else '很可能'}是 {first.hypothesis.zh}：{_fit_zh(first)}"
    en = f"{'certainly' if verdict == 'certain' else 'likely'} {first.hypothesis.en}: {_fit_en(first)}"
    if rival is None:
        return f"{zh}，其他坐标系都会落到市外。", f"{en}; every other system puts them outside the city"
    return f"{zh}；{_rival_zh(rival)}。", f"{en}; {_rival_en(rival)}"


def untold(why: str, first: Score | None, rival: Score | None) -> tuple[str, str]:
    """Return the sentences of a verdict that names none, and why."""
    if first is None:
        return {
            "no_rows": ("无法判断：没有一行有可用的坐标。", "cannot tell: no row has coordinates"),
            "no_system": (
                "无法判断：这些数字在任何已知坐标系里都不是位置。",
                "cannot tell: the numbers are no positions of any known system",
            ),
        }[why]
    if why == "no_fit":
        return (
            f"无法判断：没有一种坐标系说得通，最好的是 {first.hypothesis.zh}，{_fit_zh(first)}。",
            f"cannot tell: no system fits; the best is {first.hypothesis.en}, {_fit_en(first)}",
        )
    if why == "shift_remains":
        return (
            f"无法判断：即使按 {first.hypothesis.zh}，仍整体偏离已知位置约 {first.shift_m:.0f} 米"
            f"（{first.known} 处）；可能是别的坐标系，或已多转换过一次。",
            f"cannot tell: even as {first.hypothesis.en} the {first.known} known places are all off by about "
            f"{first.shift_m:.0f} m in one direction; it may be another system, or converted once too often",
        )
    zh = f"无法判断：{first.hypothesis.zh} 与 {rival.hypothesis.zh if rival else '其他'} 分不开"
    en = f"cannot tell {first.hypothesis.en} from {rival.hypothesis.en if rival else 'others'}"
    if rival is not None and rival.against is not None:
        mine, its = rival.against
        zh += f"，{first.rows} 行中能区分两者的只有 {mine + its} 行（{mine} 比 {its}）"
        en += f": of {first.rows} rows only {mine + its} tell the two apart ({mine} to {its})"
    zh, en = (
        f"{zh}；请向提供者问明，或给出已知位置的名称。",
        f"{en}; ask who made the file, or give names of known places",
    )
    return zh, en


def _fit_zh(score: Score) -> str:
    text = f"{score.rows} 行中 {score.inside} 行在所报区县内、{score.outside} 行在外"
    if score.to_known_m is not None:
        text += f"，距 {score.known} 处已知位置的中位距离 {score.to_known_m:.0f} 米"
    return text


def _fit_en(score: Score) -> str:
    text = f"of {score.rows} rows {score.inside} lie inside their reported county and {score.outside} outside"
    if score.to_known_m is not None:
        text += f", the median distance from {score.known} known places is {score.to_known_m:.0f} m"
    return text


def _rival_zh(score: Score) -> str:
    mine, its = score.against or (0, 0)
    text = f"与 {score.hypothesis.zh} 相比，{mine} 行支持前者、{its} 行支持后者"
    if score.to_known_m is not None:
        text += f"（后者的中位距离 {score.to_known_m:.0f} 米）"
    return text


def _rival_en(score: Score) -> str:
    mine, its = score.against or (0, 0)
    text = f"against {score.hypothesis.en} {mine} rows speak for it and {its} for the other"
    if score.to_known_m is not None:
        text += f" (whose median distance is {score.to_known_m:.0f} m)"
    return text
