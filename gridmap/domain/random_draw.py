"""The random draw of sites and inspectors (双随机), so simple that anybody can do it again from the record.

What may be drawn is fixed first, as a text (domain/draw_record.py) whose SHA-256 is shown before there is a seed; then
the seed alone decides. Every choice is made by sorting: what is chosen from is put in order of the SHA-256 of a text in
hexadecimal, and the first so many are taken. No generator of random numbers has a part in it.

1. A site that closed since, or for which too few inspectors are free of conflicts, is left out, with the reason.
2. Of each stratum, sorted by "seed:site:SITE", the first so many are drawn. All that are drawn, of all strata, get
   their numbers by the same sort.
3. Number by number each site gets its inspectors: among those of its county without a conflict the ones who have the
   fewest sites so far; of equals those who come first by "seed:inspector:SITE:INSPECTOR".
4. Where conflicts have left somebody with at least two sites more than another, sites are handed on until nobody could
   be relieved any more (_even_out); without conflicts there is nothing to do.
5. Of those drawn, sorted by "seed:off_hours:SITE", the first so many are checked off-hours.

Standard library only, and nothing else of the house: this file can be read, copied and run by whoever doubts a draw.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?%?")


@dataclass(frozen=True)
class Amount:
    """How much of a stratum is drawn: a share in per cent, or a number of sites. text: as it was given."""

    text: str

    @property
    def is_share(self) -> bool:
        """Return whether it is a share."""
        return self.text.endswith("%")

    def of(self, size: int) -> int:
        """Return how many of so many are drawn: a share is rounded up, so that it is reached; never more than all.

        A stratum that is not empty gives at least one. ValueError when the text is no amount.
        """
        value = Fraction(self.text.removesuffix("%")) if _AMOUNT.fullmatch(self.text) else Fraction(0)
        if value <= 0 or (value > 100 if self.is_share else value.denominator != 1):
            raise ValueError(f"{self.text!r} is no amount: expected a share above 0% and up to 100%, or a whole number")
        wanted = -(-size * value // 100) if self.is_share else value
        return min(size, int(wanted))


@dataclass(frozen=True)
class Stratum:
    """A part of the population of which its own number is drawn. size: its sites when the list was fixed."""

    id: str
    amount: Amount
    size: int

    @property
    def number(self) -> int:
        """Return how many of it are drawn."""
        return self.amount.of(self.size)


@dataclass(frozen=True)
class Site:
    """A site that may be drawn."""

    id: str
    stratum: str
    county: str
    kind: str
    name: str


@dataclass(frozen=True)
class Inspector:
    """An account that may be drawn, with its post and the counties in which it inspects."""

    id: str
    post: str
    counties: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """An inspector who must not get a site. kind: declared, last_check, last_draw; reason: in words, or day or draw."""

    site: str
    inspector: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Fixed:
    """What was fixed before the seed. team: inspectors to a site. off_hours_pct: share of the checks, "0" for none."""

    strata: tuple[Stratum, ...]
    sites: tuple[Site, ...]
    inspectors: tuple[Inspector, ...]
    conflicts: tuple[Conflict, ...] = ()
    team: int = 2
    off_hours_pct: str = "0"


@dataclass(frozen=True)
class Late:
    """What changed between fixing and drawing, and keeps sites and inspectors out.

    closed: days by site. left: (inspector, county) pairs of which the inspector is none any more.
    """

    closed: Mapping[str, str]
    left: frozenset[tuple[str, str]] = frozenset()
    conflicts: tuple[Conflict, ...] = ()


NOTHING_LATE = Late({})


@dataclass(frozen=True)
class Drawn:
    """A site that was drawn, and for whom. number: from 1. inspectors: ids, sorted."""

    number: int
    site: str
    stratum: str
    is_off_hours: bool
    inspectors: tuple[str, ...]


@dataclass(frozen=True)
class Excluded:
    """A site of the list that could not be drawn. reason: closed, or no_team: too few inspectors without a conflict."""

    site: str
    reason: str


@dataclass(frozen=True)
class Result:
    """What came of a draw."""

    drawn: tuple[Drawn, ...]
    excluded: tuple[Excluded, ...]


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def rank(seed: str, word: str, *ids: str) -> str:
    """Return by what something is sorted: the SHA-256 of seed, word and ids with colons between them."""
    return sha256(":".join((seed, word, *ids)))


def check_seed(seed: str) -> str:
    """Return a seed without blanks around it; ValueError when nothing is left, or what cannot be typed again."""
    text = seed.strip()
    if not text:
        raise ValueError("the seed is empty")
    if len(text) > 200 or not text.isprintable():
        raise ValueError("a seed is one line of at most 200 printable characters")
    return text


def teams(fixed: Fixed, late: Late = NOTHING_LATE) -> dict[str, tuple[str, ...]]:
    """Return the inspectors who may be drawn for each site: of its county, still there, without a conflict. Sorted."""
    barred = {(each.site, each.inspector) for each in (*fixed.conflicts, *late.conflicts)}
    of_county: dict[str, list[str]] = {}
    for inspector in sorted(fixed.inspectors, key=lambda each: each.id):
        for county in inspector.counties:
            if (inspector.id, county) not in late.left:
                of_county.setdefault(county, []).append(inspector.id)
    return {
        site.id: tuple(each for each in of_county.get(site.county, ()) if (site.id, each) not in barred)
        for site in fixed.sites
    }


def draw(fixed: Fixed, seed: str, late: Late = NOTHING_LATE) -> Result:
    """Draw sites and their inspectors. The order in which anything is given makes no difference.

    ValueError for a seed that is none (check_seed).
    """
    seed = check_seed(seed)
    allowed = teams(fixed, late)
    excluded = {site.id: "closed" for site in fixed.sites if site.id in late.closed}
    excluded |= {
        site.id: "no_team" for site in fixed.sites if site.id not in excluded and len(allowed[site.id]) < fixed.team
    }
    numbers = {stratum.id: stratum.number for stratum in fixed.strata}
    chosen: list[Site] = []
    for site in sorted(fixed.sites, key=lambda each: rank(seed, "site", each.id)):
        if site.id not in excluded and numbers[site.stratum] > 0:
            numbers[site.stratum] -= 1
            chosen.append(site)
    given = _assign(chosen, allowed, fixed.team, seed)
    off_hours = _off_hours(chosen, Fraction(fixed.off_hours_pct), seed)
    return Result(
        tuple(
            Drawn(number, site.id, site.stratum, site.id in off_hours, tuple(sorted(given[site.id])))
            for number, site in enumerate(chosen, 1)
        ),
        tuple(Excluded(site, reason) for site, reason in sorted(excluded.items())),
    )


def _off_hours(chosen: Sequence[Site], share_pct: Fraction, seed: str) -> set[str]:
    number = int(-(-len(chosen) * share_pct // 100))
    return set(sorted((site.id for site in chosen), key=lambda site: rank(seed, "off_hours", site))[:number])


def _assign(
    chosen: Sequence[Site], allowed: Mapping[str, tuple[str, ...]], team: int, seed: str
) -> dict[str, set[str]]:
    """Return the inspectors of each site that was drawn, as even as conflicts allow."""
    load = dict.fromkeys((each for site in chosen for each in allowed[site.id]), 0)
    given: dict[str, set[str]] = {}
    for site in chosen:
        order = sorted(allowed[site.id], key=lambda each: (load[each], rank(seed, "inspector", site.id, each)))
        given[site.id] = set(order[:team])
        for each in given[site.id]:
            load[each] += 1
    _even_out(given, allowed, load)
    return given


def _even_out(given: dict[str, set[str]], allowed: Mapping[str, tuple[str, ...]], load: dict[str, int]) -> None:
    """Hand sites on, in place, until nobody could be relieved in favour of one who has at least two fewer.

    Whoever has most begins (of equals the first by id). He may hand on a site of his to anybody whom it allows and who
    is not on its team yet, that one a site of his to another, and so on; the shortest such chain to one with at least
    two fewer is carried out, people tried by id, sites by number. Then all begins anew; when no chain is left, the
    loads are as even as they can be.
    """
    while (chain := _find_chain(given, allowed, load)) is not None:
        for giver, site, taker in chain:
            given[site].remove(giver)
            given[site].add(taker)
        load[chain[0][0]] -= 1
        load[chain[-1][2]] += 1


Chain = list[tuple[str, str, str]]
"""Sites handed on: giver, site, taker; each taker is the next giver."""


def _find_chain(
    given: Mapping[str, set[str]], allowed: Mapping[str, tuple[str, ...]], load: Mapping[str, int]
) -> Chain | None:
    if not load:
        return None
    least = min(load.values())
    for start in sorted(load, key=lambda each: (-load[each], each)):
        if load[start] < least + 2:
            return None
        reached: dict[str, tuple[str, str] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            giver = waiting.popleft()
            if load[giver] <= load[start] - 2:
                return _chain_to(giver, reached)
            takers: dict[str, str] = {}
            for site, team in given.items():
                if giver in team:
                    for taker in allowed[site]:
                        if taker not in team and taker not in reached:
                            takers.setdefault(taker, site)
            for taker in sorted(takers):
                reached[taker] = (giver, takers[taker])
                waiting.append(taker)
    return None


def _chain_to(last: str, reached: Mapping[str, tuple[str, str] | None]) -> Chain:
    chain: Chain = []
    step = reached[last]
    while step is not None:
        giver, site = step
        chain.insert(0, (giver, site, last))
        last, step = giver, reached[giver]
    return chain
