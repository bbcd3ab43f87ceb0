"""The file of a site: all that is known of it on a day, as page, API and command show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.db.session import Connection, today
from gridmap.domain.repeat import NEVER, Repeat
from gridmap.domain.site_field import OF_SITE, Field, fields
from gridmap.errors import UserError
from gridmap.store.conditions import Conditions, conditions_on
from gridmap.store.findings import FindingFilter, FindingRow, list_findings, number_of_findings
from gridmap.store.law_at import LawAt, law_at
from gridmap.store.repeats import repeats_of
from gridmap.store.sites import (
    MOST_LISTED,
    Edge,
    Past,
    Site,
    Version,
    get_past,
    get_site,
    list_edges,
    list_posts,
    list_versions,
)
from gridmap.store.units import name_units

REACH_M = 5000.0
"""How far boundaries are looked for: farther away they change nothing at the site."""

WORST_ERROR_M = 20_000.0
"""A worse position puts every zone of the city in doubt: more is not asked."""

PARTS = ("stack",)
"""Typed tables of parts that a site of any kind may have, several of each."""


@dataclass(frozen=True)
class Datum:
    """A field with its value. since: first day of that value without a break, None where nobody noted one.

    recorded_on: day on which the value was written down.
    """

    field: Field
    value: Any
    since: dt.date | None
    recorded_on: dt.date | None

    @property
    def is_known(self) -> bool:
        """Return whether there is a datum."""
        return self.value is not None


@dataclass(frozen=True)
class Record:
    """A typed record on a day. group: its table. data: () when no version holds. versions: how many had begun."""

    group: str
    data: tuple[Datum, ...]
    begins_on: dt.date | None
    recorded_on: dt.date | None
    versions: int


@dataclass(frozen=True)
class SiteFile:
    """All that is known of a site on a day.

    names: of regions, by code. law: None where its position lies outside the city's data. edges: zones whose boundary
    runs within REACH_M, nearest first. posts: who answers for its cell. records: of its kind, then of its parts.
    findings: open ones, worst first, at most MOST_LISTED of number_open.
    """

    site: Site
    identity: tuple[Datum, ...]
    names: dict[str, str]
    law: LawAt | None
    edges: tuple[Edge, ...]
    conditions: Conditions
    posts: tuple[Any, ...]
    records: tuple[Record, ...]
    repeat: Repeat
    findings: tuple[FindingRow, ...]
    number_open: int
    past: Past


def site_file(conn: Connection, site_id: str, *, as_of: dt.date | None = None) -> SiteFile:
    """Return the file of a site on a day; NotFoundError for one that the reader may not see.

    For a day that is not today call gridmap.rules.engine.ensure_report() before: its findings are that report's.
    """
    as_of = None if as_of == today(conn) else as_of
    site = get_site(conn, site_id, as_of=as_of)
    wanted = FindingFilter(statuses=("open",), feature=f"site:{site_id}")
    codes = [code for code in (site.county_code, site.region_code, site.reported_region_code) if code]
    law = _law(conn, site, as_of)
    return SiteFile(
        site,
        tuple(Datum(each, getattr(site, each.name), None, site.recorded_on) for each in fields()[OF_SITE]),
        name_units(conn, codes, on=as_of or site.as_of),
        law,
        tuple(list_edges(conn, site.lon, site.lat, REACH_M, as_of=as_of)) if law else (),
        conditions_on(conn, as_of=as_of),
        tuple(list_posts(conn, site.cell_code, as_of=as_of)) if site.cell_code else (),
        tuple(_records(conn, site, as_of)),
        repeats_of(conn, [site_id], as_of=as_of).get(("site", site_id), NEVER),
        tuple(list_findings(conn, wanted, as_of=as_of, limit=MOST_LISTED)),
        number_of_findings(conn, wanted, as_of=as_of),
        get_past(conn, site_id, as_of=as_of),
    )


def _law(conn: Connection, site: Site, as_of: dt.date | None) -> LawAt | None:
    try:
        return law_at(conn, site.lon, site.lat, error_m=min(site.position_error_m, WORST_ERROR_M), as_of=as_of)
    except UserError:
        return None


def _records(conn: Connection, site: Site, as_of: dt.date | None) -> list[Record]:
    known = fields()
    found = []
    if site.kind in known:
        found.append(read_record(site.kind, _versions(conn, site.kind, site, as_of)))
    for group in PARTS:
        by_part: dict[Any, list[Version]] = {}
        for version in _versions(conn, group, site, as_of):
            by_part.setdefault(version.values[known[group][0].name], []).append(version)
        found += [read_record(group, versions) for versions in by_part.values() if versions[-1].holds]
    return found


def _versions(conn: Connection, group: str, site: Site, as_of: dt.date | None) -> list[Version]:
    return list_versions(conn, group, site.site_id, [each.name for each in fields()[group]], as_of=as_of)


def read_record(group: str, versions: Sequence[Version]) -> Record:
    """Return the record that holds, each datum with the day since which it is what it is. versions: oldest first."""
    if not versions or not versions[-1].holds:
        return Record(group, (), None, None, len(versions))
    last = versions[-1]
    data = []
    for each in fields()[group]:
        value = last.values[each.name]
        first = last
        for older in reversed(versions[:-1]):
            if older.values[each.name] != value or older.ends_on != first.begins_on:
                break
            first = older
        data.append(Datum(each, value, first.begins_on, first.recorded_on))
    return Record(group, tuple(data), last.begins_on, last.recorded_on, len(versions))
