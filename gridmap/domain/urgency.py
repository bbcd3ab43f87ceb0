"""How urgent a visit to a site is: a product of five factors, each readable, each with a weight that a reader may turn.

    urgency = ∏ (1 + weight × level),  level from 0 (nothing) to 1 (as bad as it gets)

A product and not a sum, so that what comes together stands out: a grave finding whose deadline has passed at a site
that nobody has visited goes before three mild ones elsewhere. A weight of 0 leaves a factor out; twice the weight is
twice its increase. No document says how to rank visits: the weights and the points at which a level is full are ours,
and every page that ranks by them shows them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

FACTORS = ("findings", "severity", "deadline", "visit", "repeat")
"""The factors, in the order in which a reason tells them."""

HEAVIEST = 10.0
"""The highest weight that may be given: beyond it one factor alone decides."""

FULL_FINDINGS = 5.0
"""So many open findings are as bad as it gets: the sixth makes no visit more urgent. Ours; few sites have as many."""

UNSURE = 0.5
"""What a finding counts that is no breach, and its severity: a visit settles it, and it may be nothing. Ours."""

SEVERITY_LEVELS: Mapping[str, float] = {"high": 1.0, "medium": 0.5, "low": 0.25}
"""The rules' own three severities, each half of the one above. Ours."""

FULL_DEADLINE_DAYS = 30
"""A deadline so many days ahead is not felt yet; on its day and after it the level is full. Ours."""

FULL_VISIT_DAYS = 180
"""Nobody there for half a year is as bad as never: the statistics ask for a visit within 30 days. Ours."""

FULL_REPEAT = 3
"""What came back or was repeated so often is as bad as it gets (死灰复燃, 反复交办). Ours."""


@dataclass(frozen=True)
class Weights:
    """How much each factor may add: the score is multiplied by at most 1 + weight.

    findings, severity and deadline weigh 2: they are what a visit is for. visit weighs 1: it only breaks the silence
    about a site where nothing was found. repeat weighs 1: it makes what is open worse.
    """

    findings: float = 2.0
    severity: float = 2.0
    deadline: float = 2.0
    visit: float = 1.0
    repeat: float = 1.0

    def __post_init__(self) -> None:
        for name in FACTORS:
            if not 0 <= getattr(self, name) <= HEAVIEST:  # NaN compares false
                raise ValueError(f"the weight of {name} is {getattr(self, name)}; expected 0 to {HEAVIEST:g}")


@dataclass(frozen=True)
class Facts:
    """What is known of a site on a day.

    breaches: open findings that are breaches; unsure: the other open ones. worst, worst_unsure: highest severity of
    each, None without any. days_left: to the nearest deadline of an open case, negative when overdue, None without one.
    days_since_visit: None when nobody was ever there. reopened: how often its findings came back. again: hand-overs and
    failed inspections of half a year beyond the first of their kind (domain/repeat.py).
    """

    breaches: int = 0
    unsure: int = 0
    worst: str | None = None
    worst_unsure: str | None = None
    days_left: int | None = None
    days_since_visit: int | None = None
    reopened: int = 0
    again: int = 0


@dataclass(frozen=True)
class Factor:
    """One factor of a score. level: 0 to 1; times: what the score is multiplied by, 1 and more."""

    name: str
    level: float
    times: float


@dataclass(frozen=True)
class Urgency:
    """A score, 1 and more, with the factors whose product it is, in the order of FACTORS."""

    score: float
    factors: tuple[Factor, ...] = field(default=())


def levels(facts: Facts) -> dict[str, float]:
    """Return how bad each factor is, 0 to 1."""
    found = facts.breaches + UNSURE * facts.unsure
    left = facts.days_left
    since = facts.days_since_visit
    return {
        "findings": min(found / FULL_FINDINGS, 1.0),
        "severity": max(severity_level(facts.worst), UNSURE * severity_level(facts.worst_unsure)),
        "deadline": 0.0 if left is None else min(max(1 - left / FULL_DEADLINE_DAYS, 0.0), 1.0),
        "visit": 1.0 if since is None else min(max(since, 0) / FULL_VISIT_DAYS, 1.0),
        "repeat": min((facts.reopened + facts.again) / FULL_REPEAT, 1.0),
    }


def severity_level(word: str | None) -> float:
    """Return how bad a severity is, 0 for none."""
    return SEVERITY_LEVELS[word] if word else 0.0


def urgency(facts: Facts, weights: Weights) -> Urgency:
    """Return how urgent a visit is, and why."""
    found = levels(facts)
    factors = tuple(Factor(name, found[name], 1 + getattr(weights, name) * found[name]) for name in FACTORS)
    return Urgency(math.prod(factor.times for factor in factors), factors)


@dataclass(frozen=True)
class Candidate:
    """A site to be ranked. distance_m: metres from whoever asks."""

    site_id: str
    distance_m: float
    facts: Facts


C = TypeVar("C", bound=Candidate)


def rank_by_urgency(candidates: Sequence[C], weights: Weights) -> list[tuple[C, Urgency]]:
    """Return the candidates with their urgency, most urgent first; of equals the nearer, then by id."""
    scored = [(candidate, urgency(candidate.facts, weights)) for candidate in candidates]
    # a millionth of a score is rounding, not urgency: then the distance decides
    return sorted(scored, key=lambda pair: (-round(pair[1].score, 6), pair[0].distance_m, pair[0].site_id))
