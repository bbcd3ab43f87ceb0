"""Sites worth a visit near a position: the nearest ones, by distance or by urgency, with the reason of each rank."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gridmap.db.session import Connection
from gridmap.domain.urgency import Candidate, Facts, Urgency, Weights, rank_by_urgency, urgency
from gridmap.errors import UserError
from gridmap.store.nearest import MOST, WIDEST_M, NearSite, SiteFilter, bearing_deg, list_nearest
from gridmap.store.site_record import OpenFinding, SiteRecord, records_of

Rank = Literal["distance", "urgency"]
RANKS: tuple[Rank, ...] = ("distance", "urgency")

VAGUE_M = 100.0
"""From this error of the position on, a reader is warned: the order of what is nearer than that is chance."""

MOST_LISTED = 500
"""Sites that one answer lists."""


@dataclass(frozen=True)
class Asked:
    """What is asked. lon, lat: degrees; accuracy_m: how far off they may be by the phone's word, None when unknown.

    nearest: at most so many sites. radius_m: nothing farther.
    """

    lon: float
    lat: float
    accuracy_m: float | None = None
    radius_m: float = WIDEST_M
    nearest: int = 50
    rank: Rank = "distance"
    wanted: SiteFilter = field(default_factory=SiteFilter)
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True)
class Ranked:
    """One site of the answer. rank: from 1. bearing_deg: direction, clockwise from north."""

    rank: int
    site: NearSite
    record: SiteRecord
    facts: Facts
    urgency: Urgency
    bearing_deg: float


@dataclass(frozen=True)
class Near:
    """The answer. looked_at: how many sites were ranked; is_cut: whether there were more within the radius than that.

    is_vague: the position may be off by more than VAGUE_M.
    """

    asked: Asked
    sites: tuple[Ranked, ...]
    looked_at: int
    is_cut: bool

    @property
    def is_vague(self) -> bool:
        """Return whether the order of the nearest is chance, for all the position's error tells."""
        return self.asked.accuracy_m is not None and self.asked.accuracy_m > VAGUE_M


@dataclass(frozen=True)
class _Found(Candidate):
    site: NearSite
    record: SiteRecord


def near(conn: Connection, asked: Asked) -> Near:
    """Return the sites near a position that the reader may see.

    By distance: the nearest so many within the radius. By urgency: the most urgent so many of the nearest MOST within
    it. Errors: UserError for a position, radius, accuracy or number beyond what may be asked.
    """
    check(asked)
    by_urgency = asked.rank == "urgency"
    # one more than is shown tells whether there are more
    limit = MOST if by_urgency else min(asked.nearest + 1, MOST)
    sites = list_nearest(conn, (asked.lon, asked.lat), asked.wanted, radius_m=asked.radius_m, limit=limit)
    is_cut = len(sites) == MOST if by_urgency else len(sites) > asked.nearest
    if not by_urgency:
        sites = sites[: asked.nearest]
    records = records_of(conn, [site.site_id for site in sites])
    found = [
        _Found(site.site_id, site.distance_m, facts_of(records[site.site_id]), site, records[site.site_id])
        for site in sites
    ]
    ranked = (
        rank_by_urgency(found, asked.weights)[: asked.nearest]
        if by_urgency
        else [(each, urgency(each.facts, asked.weights)) for each in found]
    )
    here = (asked.lon, asked.lat)
    return Near(
        asked,
        tuple(
            Ranked(number, one.site, one.record, one.facts, score, bearing_deg(here, (one.site.lon, one.site.lat)))
            for number, (one, score) in enumerate(ranked, 1)
        ),
        len(found),
        is_cut,
    )


def check(asked: Asked) -> None:
    """Raise UserError when what is asked goes beyond the limits that the store does not know of."""
    if not 1 <= asked.nearest <= MOST_LISTED:
        raise UserError(f"{asked.nearest} sites are asked for; expected 1 to {MOST_LISTED}")
    error_m = asked.accuracy_m
    if error_m is not None and not 0 <= error_m <= WIDEST_M:
        raise UserError(
            f"the position is off by {error_m:g} m; expected 0 to {WIDEST_M:g}, or nobody knows what is near"
        )


def facts_of(record: SiteRecord) -> Facts:
    """Return what the ranking needs to know of a site."""
    sure = [finding for finding in record.findings if finding.certainty == "breach"]
    unsure = [finding for finding in record.findings if finding.certainty != "breach"]
    return Facts(
        breaches=len(sure),
        unsure=len(unsure),
        worst=_worst(sure),
        worst_unsure=_worst(unsure),
        days_left=record.days_left,
        days_since_visit=record.days_since_visit,
        reopened=sum(finding.reopened_count for finding in record.findings),
        again=record.repeat.again,
    )


def _worst(findings: list[OpenFinding]) -> str | None:
    severities = {finding.severity for finding in findings}
    return next((severity for severity in ("high", "medium", "low") if severity in severities), None)
