"""Which coordinate system a file is in, with the evidence: guessed only as far as the rows tell.

A shift of 600 m rarely leaves a county, so that most rows say nothing. What counts between two hypotheses are the rows
that speak for one against the other: inside the reported county under the one and clearly outside under the other, or
clearly nearer to the known position of the place they name. Errors of positions go both ways, so that by mere chance
each side gets half of these rows; the verdict asks how far from half they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridmap.coordinates import words
from gridmap.coordinates.ground import Fall, Ground, Hypothesis, Reported, fall, hypotheses, outside_m
from gridmap.coordinates.systems import System
from gridmap.errors import UserError

Verdict = Literal["certain", "likely", "cannot_tell"]

MOST_ROWS = 2_000
"""Rows judged, evenly from the whole file: more would tell no more."""

CERTAIN, LIKELY = 12.0, 5.0
"""Evidence asked for: votes of a to b by chance are rarer than exp(-evidence), where evidence is (a-b)²/2(a+b)."""

_NAMED_NEAR_M = 5_000.0
"""A row farther than this from the place it names under both hypotheses names another place of that name."""
_CLEARLY_M = 50.0
_FEW_KNOWN = 8
_UNBIASED_M = 150.0
"""The middle of the distances from known places may be so far from none, metres, beside what its own error allows."""


@dataclass(frozen=True)
class Score:
    """How a hypothesis fits.

    rows: judged. inside, near, outside: of the reported county; near is outside, but within the outlines' error.
    known: rows that name a place of known position, to_known_m their median distance from it, and shift_m how far all
    of them together are off in one direction: large under a wrong hypothesis even where single positions are rough.
    against: rows that speak for the best hypothesis and for this one, where the two disagree.
    """

    hypothesis: Hypothesis
    rows: int
    inside: int
    near: int
    outside: int
    known: int
    to_known_m: float | None
    shift_m: float | None
    against: tuple[int, int] | None


@dataclass(frozen=True)
class Guess:
    """A verdict with its evidence. best: None where nothing can be told. ranking: the best first. zh, en: sentences."""

    verdict: Verdict
    best: Hypothesis | None
    ranking: tuple[Score, ...]
    zh: str
    en: str

    @property
    def swapped(self) -> bool | None:
        """Return whether the columns are the other way round, which is often sure where the shift is not; or None."""
        orders = {score.hypothesis.swapped for score in self.ranking if score.outside <= 0.3 * score.rows}
        return orders.pop() if len(orders) == 1 else None


@dataclass(frozen=True)
class Doubt:
    """A row outside its reported county as declared, and what would put it inside. outside_m: infinite: no position."""

    row: int
    outside_m: float
    fits: tuple[Hypothesis, ...]


def guess(reported: Reported, ground: Ground) -> Guess:
    """Return which coordinate system rows are in, as far as they tell.

    WGS 84 and CGCS2000 are not told apart: they are within a metre. Older Chinese systems, 50 to 150 m off, and files
    converted once too often are no hypotheses: known places give them away by a shift that remains, counties do not.
    """
    rows = np.flatnonzero(np.isfinite(reported.x) & np.isfinite(reported.y))
    if not rows.size:
        return _untold((), "no_rows")
    if rows.size > MOST_ROWS:
        rows = rows[np.linspace(0, rows.size - 1, MOST_ROWS).astype(int)]
    judged = reported.of(rows)
    falls = [fall(ground, judged, one) for one in hypotheses(ground, judged)]
    if not falls:
        return _untold((), "no_system")
    # degrees are metres beside the equator too: what puts no row near the city is told of only when nothing does
    order = _ranked([one for one in falls if not one.impossible.all()] or falls)
    best = order[0]
    ranking = tuple(_score(one, best) for one in order)
    first = ranking[0]
    if first.outside > 0.3 * first.rows:
        return _untold(ranking, "no_fit")
    biased = _bias(best)
    if biased is not None and biased[0] > max(_UNBIASED_M, biased[1]):
        return _untold(ranking, "shift_remains")
    strength, rival = _weakest(best, order[1:])
    rough = biased is None or biased[1] > 2 * _UNBIASED_M
    if strength < LIKELY:
        return _untold(ranking, "too_even", rival)
    if strength < CERTAIN or first.outside > 0.1 * first.rows or (rough and rival is not None):
        return _told("likely", ranking, rival)
    return _told("certain", ranking, rival)


def doubts(reported: Reported, ground: Ground, declared: System, *, swapped: bool = False) -> list[Doubt]:
    """Return the rows that lie outside their reported county as declared, and inside under another hypothesis.

    Rows that lie outside under all are no question of the system and are not told of here.
    """
    own = fall(ground, reported, Hypothesis(declared, swapped))
    rows = np.flatnonzero(own.county < 0)
    if not rows.size:
        return []
    astray = reported.of(rows)
    others = [one for one in hypotheses(ground, astray) if one != own.hypothesis]
    inside = [fall(ground, astray, one).county > 0 for one in others]
    fits = [tuple(one for one, fit in zip(others, inside, strict=True) if fit[at]) for at in range(rows.size)]
    told = np.array([at for at in range(rows.size) if fits[at]], dtype=np.intp)
    far = outside_m(ground, reported, own, rows[told])
    return [Doubt(int(rows[at]), float(off), fits[at]) for at, off in zip(told.tolist(), far.tolist(), strict=True)]


def read_reported(
    x: Sequence[float | None],
    y: Sequence[float | None],
    counties: Sequence[str | None],
    places: Sequence[str | None] | None = None,
) -> Reported:
    """Return rows for guess() and doubts(); what is None or no number counts as no position."""

    def numbers(values: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        try:
            return np.array([np.nan if value is None else float(value) for value in values], dtype=float)
        except (OverflowError, ValueError, TypeError) as error:
            raise UserError(f"coordinates should be numbers ({error})") from error

    return Reported(numbers(x), numbers(y), counties, places if places is not None else [None] * len(counties))


def _ranked(falls: list[Fall]) -> list[Fall]:
    """Return the hypotheses, the best first: by how many others it beats, then by its fit, then the plainest."""
    beats = [sum(a > b for a, b in (_votes(one, other) for other in falls)) for one in falls]
    fits = [int((one.county >= 0).sum()) for one in falls]
    return [falls[at] for at in sorted(range(len(falls)), key=lambda at: (-beats[at], -fits[at], at))]


def _votes(one: Fall, other: Fall) -> tuple[int, int]:
    """Return how many rows speak for the one against the other, and for the other against the one."""
    near_one, near_other = np.hypot(*one.off.T), np.hypot(*other.off.T)
    # no position under one of them, but at the place it names under the other
    near_one = np.where(np.isnan(near_one), np.inf, near_one)
    near_other = np.where(np.isnan(near_other), np.inf, near_other)
    named = np.minimum(near_one, near_other) <= _NAMED_NEAR_M
    with np.errstate(invalid="ignore"):
        gain = np.where(named, near_other - near_one, 0.0)
    by_county = (one.county > 0) & (other.county < 0), (other.county > 0) & (one.county < 0)
    for_one = np.where(named, gain > _CLEARLY_M, by_county[0])
    for_other = np.where(named, gain < -_CLEARLY_M, by_county[1])
    return int(for_one.sum()), int(for_other.sum())


def _weakest(best: Fall, others: Sequence[Fall]) -> tuple[float, Hypothesis | None]:
    """Return the least evidence against any rival that is possible at all, and that rival."""
    strength, rival = float("inf"), None
    for other in others:
        if other.impossible.mean() >= 0.9 and best.impossible.mean() <= 0.1:
            continue
        a, b = _votes(best, other)
        evidence = (a - b) * abs(a - b) / (2 * (a + b)) if a + b else 0.0
        if evidence < strength:
            strength, rival = evidence, other.hypothesis
    return strength, rival


def _bias(one: Fall) -> tuple[float, float] | None:
    """Return how far rows are off their known places all together, and three times the error of that; None: too few."""
    off = one.off[np.hypot(*one.off.T) <= _NAMED_NEAR_M]
    if len(off) < _FEW_KNOWN:
        return None
    middle = np.median(off, axis=0)
    spread = 1.4826 * np.median(np.abs(off - middle), axis=0)
    return float(np.hypot(*middle)), 3 * 1.2533 * float(np.hypot(*spread)) / float(np.sqrt(len(off)))


def _score(one: Fall, best: Fall) -> Score:
    far = np.hypot(*one.off.T)
    near = one.off[far <= _NAMED_NEAR_M]
    return Score(
        one.hypothesis,
        len(one.county),
        int((one.county > 0).sum()),
        int((one.county == 0).sum()),
        int((one.county < 0).sum()),
        len(near),
        float(np.median(np.hypot(*near.T))) if len(near) else None,
        float(np.hypot(*np.median(near, axis=0))) if len(near) else None,
        None if one is best else _votes(best, one),
    )


def _told(verdict: Verdict, ranking: tuple[Score, ...], rival: Hypothesis | None) -> Guess:
    first = ranking[0]
    against = next((score for score in ranking if score.hypothesis == rival), None)
    zh, en = words.told(verdict, first, against)
    return Guess(verdict, first.hypothesis, ranking, zh, en)


def _untold(ranking: tuple[Score, ...], why: str, rival: Hypothesis | None = None) -> Guess:
    against = next((score for score in ranking if score.hypothesis == rival), None)
    zh, en = words.untold(why, ranking[0] if ranking else None, against)
    return Guess("cannot_tell", None, ranking, zh, en)
