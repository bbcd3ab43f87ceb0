"""Random draws of sites and inspectors: fix what may be drawn, draw once by a seed, annul; never change.

Everything here runs in the caller's transaction on the owner's connection, after the right to draw was asked.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap import __version__, glossary
from gridmap.domain import draw_record, random_draw
from gridmap.domain.draw_record import FixedList, SeedKind
from gridmap.domain.random_draw import Amount, Conflict, Fixed, Inspector, Late, Site, Stratum
from gridmap.errors import ConflictError, UserError
from gridmap.store import draw_population, random_draws, settings
from gridmap.store.draw_population import PopulationFilter, PopulationSite
from gridmap.store.random_draws import DrawRow

SOFTWARE = f"gridmap {__version__}"
MOST_SITES = 20_000
"""Sites of one list: larger populations are drawn county by county, so that a record stays a file one can read."""

MOST_TEAM = 10
MOST_DAYS = 36_500

FARTHEST_DAYS = 366
"""A draw is made for today or for a day at most so far ahead: inspectors and sites of a later day nobody knows."""


@dataclass(frozen=True)
class Plan:
    """What is asked of a draw. kinds: with an amount of its own, or None for the amount of all; no kinds are all kinds.

    by_kind, by_county: what strata are made of. bar_last: whoever checked a site last, or was drawn for it last, does
    not get it. drop_unmatched: sites that too few inspectors may check are left out with the reason, not refused.
    """

    title: str
    day: dt.date
    kinds: Mapping[str, Amount | None] = field(default_factory=dict)
    county: str | None = None
    only_open: bool = True
    unvisited_days: int | None = None
    by_kind: bool = True
    by_county: bool = True
    amount: Amount = field(default_factory=lambda: Amount("15%"))
    team: int = 2
    off_hours_pct: str = "0"
    bar_last: bool = False
    seed_kind: SeedKind = "machine"
    seed_source: str = ""
    drop_unmatched: bool = False
    replaces: int | None = None


@dataclass(frozen=True)
class Who:
    """Who does something: login name and post."""

    name: str
    post: str


class PlanRefused(UserError):
    """A draw that cannot be fixed. reason: empty, too_many, inspectors, no_team, kind_amount or replaces.

    named: what it is about: counties with too few inspectors and their number, or sites that nobody may check.
    """

    def __init__(self, reason: str, sentence: str, named: Sequence[tuple[str, str]] = ()) -> None:
        self.reason, self.named = reason, tuple(named)
        super().__init__(sentence)


class DrawnAlready(ConflictError):
    """A draw that was drawn or annulled, perhaps a moment ago by somebody else: it is not drawn again."""


def fix(cursor: Cursor, plan: Plan, who: Who, request_key: str) -> DrawRow:
    """Fix what may be drawn and keep it; its sum is the commitment. PlanRefused says why it cannot be.

    request_key: a UUID; a second request with the same key gives the draw that the first one made.
    """
    made = random_draws.find_by_request(cursor, request_key)
    if made is not None:
        return random_draws.get_draw(cursor, made)
    check(plan, settings.today(cursor))
    _check_replaced(cursor, plan.replaces)
    listed = compose(cursor, plan)
    text = draw_record.write_list(listed)
    draw_id = random_draws.insert(
        cursor,
        text,
        {
            "request_key": request_key,
            "title": plan.title,
            "on_day": plan.day,
            "county_codes": sorted({site.county for site in listed.fixed.sites}),
            "only_open": plan.only_open,
            "list_sha256": random_draw.sha256(text),
            "seed_kind": plan.seed_kind,
            "seed_source": listed.seed_source,
            "replaces": plan.replaces,
            "by": who.name,
            "post": who.post,
            "software": SOFTWARE,
        },
    )
    return random_draws.get_draw(cursor, draw_id)


def compose(cursor: Cursor, plan: Plan) -> FixedList:
    """Return what would be fixed now; PlanRefused says why nothing can be."""
    if any(plan.kinds.values()) and not plan.by_kind:
        raise PlanRefused("kind_amount", "a kind has an amount of its own only where strata are made by kind")
    wanted = PopulationFilter(plan.day, tuple(sorted(plan.kinds)), plan.county, plan.only_open, plan.unvisited_days)
    found = draw_population.list_population(cursor, wanted, limit=MOST_SITES + 1)
    if not found:
        raise PlanRefused("empty", "no site fits the filter: there is nothing to draw from")
    if len(found) > MOST_SITES:
        raise PlanRefused("too_many", f"more than {MOST_SITES} sites fit the filter; draw county by county")
    counties = sorted({site.county_code for site in found})
    inspectors = draw_population.list_inspectors(cursor, counties, plan.day)
    _check_inspectors(counties, inspectors, plan.team)
    sites = tuple(_site(plan, site) for site in found)
    conflicts = _conflicts(cursor, plan, sites, inspectors)
    fixed = Fixed(_strata(plan, sites), sites, tuple(inspectors), conflicts, plan.team, plan.off_hours_pct)
    allowed = random_draw.teams(fixed)
    unmatched = [site for site in sites if len(allowed[site.id]) < plan.team]
    if unmatched and not plan.drop_unmatched:
        names = ", ".join(f"{site.name} ({site.id})" for site in unmatched[:5])
        raise PlanRefused(
            "no_team",
            f"{len(unmatched)} sites have fewer than {plan.team} inspectors without a conflict: {names}",
            [(site.id, site.name) for site in unmatched],
        )
    source = draw_record.plain(plan.seed_source) if plan.seed_kind == "public" else ""
    return FixedList(plan.day, plan.seed_kind, source, asked(plan), fixed)


def check(plan: Plan, today: dt.date) -> None:
    """Raise UserError when a plan goes beyond its limits. today: of the platform."""
    if not plan.title.strip() or len(plan.title) > 200:
        raise UserError("a draw needs a title of at most 200 characters")
    if not 0 <= (plan.day - today).days <= FARTHEST_DAYS:
        raise UserError(f"the day is {plan.day}; expected {today} to {today + dt.timedelta(days=FARTHEST_DAYS)}")
    if unknown := set(plan.kinds) - set(glossary.terms()["site_kind"]):
        raise UserError(f"there is no kind of site {sorted(unknown)[0]!r}")
    for amount in (plan.amount, *plan.kinds.values()):
        if amount is not None:
            check_amount(amount)
    if plan.off_hours_pct != "0":
        check_amount(Amount(f"{plan.off_hours_pct}%"))
    if not 1 <= plan.team <= MOST_TEAM:
        raise UserError(f"{plan.team} inspectors to a site are asked for; expected 1 to {MOST_TEAM}")
    if plan.unvisited_days is not None and not 1 <= plan.unvisited_days <= MOST_DAYS:
        raise UserError(f"{plan.unvisited_days} days without a visit are asked for; expected 1 to {MOST_DAYS}")
    if plan.seed_kind == "public" and not 0 < len(plan.seed_source.strip()) <= 200:
        raise UserError("a public seed needs a word of which number it will be, at most 200 characters")


def check_amount(amount: Amount) -> None:
    """Raise UserError when a text is no amount of a stratum."""
    try:
        amount.of(1)
    except ValueError as error:
        raise UserError(str(error)) from error


def asked(plan: Plan) -> str:
    """Return the filter of a plan as the list keeps it, to be read by people and programs."""
    kinds = ",".join(kind + (f":{own.text}" if own else "") for kind, own in sorted(plan.kinds.items()))
    strata = ",".join(name for name, is_so in (("kind", plan.by_kind), ("county", plan.by_county)) if is_so)
    parts = {
        "kinds": kinds or "all",
        "county": plan.county or "all",
        "only_open": "yes" if plan.only_open else "no",
        "unvisited_days": str(plan.unvisited_days or "any"),
        "strata": strata or "none",
        "amount": plan.amount.text,
        "bar_last": "yes" if plan.bar_last else "no",
    }
    return "; ".join(f"{name}={value}" for name, value in parts.items())


def read_asked(text: str) -> dict[str, str]:
    """Return the parts of what asked() wrote, by name."""
    return dict(part.split("=", 1) for part in text.split("; ") if "=" in part)


def draw(cursor: Cursor, draw_id: int, seed: str | None, who: Who) -> DrawRow:
    """Draw by a seed, once, and keep the result. seed: of a public one what was typed; None has the machine make one.

    Errors: DrawnAlready when somebody was first; UserError for a seed that is none, or of the wrong kind.
    """
    row = random_draws.get_draw(cursor, draw_id, lock=True)
    if row.state != "fixed":
        raise DrawnAlready(f"draw {draw_id} is {row.state} already; nothing was drawn again")
    if (seed is None) != (row.seed_kind == "machine"):
        kind = "is made by the machine" if row.seed_kind == "machine" else f"is {row.seed_source}: type it"
        raise UserError(f"the seed of draw {draw_id} {kind}")
    try:
        text = random_draw.check_seed(secrets.token_hex(32) if seed is None else seed)
    except ValueError as error:
        raise UserError(str(error)) from error
    given = random_draws.get_texts(cursor, draw_id)["list"]
    fixed = draw_record.read_list(given).fixed
    late = _late(cursor, row, fixed)
    result = random_draw.draw(fixed, text, late)
    late_text, result_text = draw_record.write_late(late), draw_record.write_result(result)
    random_draws.complete(
        cursor,
        draw_id,
        {"late": late_text, "result": result_text},
        result.drawn,
        {site.id: site for site in fixed.sites},
        {one.id: one for one in fixed.inspectors},
        {
            "seed": text,
            "record_sha256": draw_record.record_sha256(row.list_sha256, text, late_text, result_text),
            "by": who.name,
            "post": who.post,
            "software": SOFTWARE,
        },
    )
    return random_draws.get_draw(cursor, draw_id)


def annul(cursor: Cursor, draw_id: int, reason: str, who: Who) -> DrawRow:
    """Annul a draw with a reason; it stays. DrawnAlready when it is annulled already."""
    row = random_draws.get_draw(cursor, draw_id, lock=True)
    if row.state == "annulled":
        raise DrawnAlready(f"draw {draw_id} is annulled already")
    if not reason.strip():
        raise UserError("a draw is annulled with a reason; none was given")
    random_draws.annul(cursor, draw_id, {"by": who.name, "post": who.post, "reason": reason.strip()})
    return random_draws.get_draw(cursor, draw_id)


def record(row: DrawRow, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of a draw, which verify() takes; texts: those of its parts. Before it is drawn seed is None."""
    return {
        "format": draw_record.FORMAT,
        **random_draws.as_values(row),
        "list": texts["list"],
        "late": texts.get("late", ""),
        "result": texts.get("result", ""),
    }


def _check_replaced(cursor: Cursor, replaces: int | None) -> None:
    if replaces is None:
        return
    before = random_draws.find_draw(cursor, replaces)
    if before is None or before.state != "annulled":
        raise PlanRefused("replaces", f"draw {replaces} is not annulled: only an annulled draw is replaced")


def _check_inspectors(counties: Sequence[str], inspectors: Sequence[Inspector], team: int) -> None:
    there = Counter(county for one in inspectors for county in one.counties)
    short = [(county, str(there[county])) for county in counties if there[county] < team]
    if short:
        told = ", ".join(f"{county} has {number}" for county, number in short)
        raise PlanRefused("inspectors", f"each site needs {team} inspectors of its county: {told}", short)


def _site(plan: Plan, site: PopulationSite) -> Site:
    parts = [site.kind] if plan.by_kind else []
    parts += [site.county_code] if plan.by_county else []
    return Site(
        site.site_id,
        "/".join(parts) or "all",
        site.county_code,
        site.kind,
        draw_record.plain(site.name) or site.site_id,
    )


def _strata(plan: Plan, sites: Sequence[Site]) -> tuple[Stratum, ...]:
    sizes = Counter(site.stratum for site in sites)
    amounts = {site.stratum: (plan.kinds.get(site.kind) if plan.by_kind else None) or plan.amount for site in sites}
    return tuple(Stratum(name, amounts[name], size) for name, size in sorted(sizes.items()))


def _conflicts(
    cursor: Cursor, plan: Plan, sites: Sequence[Site], inspectors: Sequence[Inspector]
) -> tuple[Conflict, ...]:
    """Return the conflicts of a plan that matter: with inspectors of the site's county, one for each pair."""
    ids = [site.id for site in sites]
    found = draw_population.list_declared(cursor, ids, inspectors, plan.day)
    if plan.bar_last:
        found += draw_population.list_last(cursor, ids, inspectors, plan.day)
    return _relevant(found, sites, inspectors)


def _relevant(
    found: Sequence[Conflict], sites: Sequence[Site], inspectors: Sequence[Inspector]
) -> tuple[Conflict, ...]:
    county = {site.id: site.county for site in sites}
    reach = {one.id: one.counties for one in inspectors}
    pairs: dict[tuple[str, str], Conflict] = {}
    for one in found:
        if county[one.site] in reach[one.inspector]:
            reason = draw_record.plain(one.reason)
            pairs.setdefault((one.site, one.inspector), Conflict(one.site, one.inspector, one.kind, reason))
    return tuple(pairs.values())


def _late(cursor: Cursor, row: DrawRow, fixed: Fixed) -> Late:
    """Return what has changed since the list was fixed: sites closed, inspectors gone, conflicts declared."""
    ids = [site.id for site in fixed.sites]
    closed = random_draws.list_closed(cursor, ids, row.on_day, only_open=row.only_open)
    there = draw_population.list_inspectors(cursor, row.county_codes, row.on_day)
    still = {(one.id, county) for one in there for county in one.counties}
    left = {(one.id, county) for one in fixed.inspectors for county in one.counties} - still
    known = {(one.site, one.inspector) for one in fixed.conflicts}
    declared = draw_population.list_declared(cursor, ids, fixed.inspectors, row.on_day)
    new = [one for one in _relevant(declared, fixed.sites, fixed.inspectors) if (one.site, one.inspector) not in known]
    return Late(closed, frozenset(left), tuple(new))
