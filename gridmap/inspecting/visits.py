"""Visits: what an inspector told from the spot, held against the record, kept once, and judged."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg2

from gridmap.db.session import Connection
from gridmap.domain import checklist as checklists
from gridmap.domain.checklist import Answer, Checklist, Item, spelled
from gridmap.domain.stop_work import Proposal, propose
from gridmap.errors import ConflictError, GridmapError
from gridmap.geo import inside_envelope
from gridmap.inspecting import tour_changes
from gridmap.rules import catalogue as catalogues
from gridmap.rules import incremental
from gridmap.rules.catalogue import Catalogue
from gridmap.store import visit_sites, visits
from gridmap.store.reports import PhotoContent
from gridmap.store.visit_sites import VisitSite
from gridmap.store.visits import FindingPart, NewItem, NewVisit, Signature

log = logging.getLogger(__name__)

FAR_M = 200.0
"""A visit told from farther away, both errors allowed for, is marked."""

VAGUE_M = 1000.0
"""A position that may be further off does not say where the visit was."""

VISIT_RULE = "VISIT-01"
"""The rule that tells of failed items of which no other rule does."""

WAIT_S = 5.0
"""How long another audit is waited for, seconds: the phone is waiting too."""

KINDS = ("regular", "random", "off_hours", "fuel_sample", "emission_test")
"""What a visit may be for."""

Judged = Literal["judged", "due", "busy", "failed"]
"""judged: findings answer for the visit. The others: it is kept, and the next audit judges it."""

PlaceState = Literal["near", "far", "vague", "outside_city", "unknown"]


@dataclass(frozen=True)
class Told:
    """A visit as it was told. place: longitude, latitude in degrees and error in metres, None without a position.

    began_at, ended_at: by the platform's clock. signed_how: drawn or typed; signed_as: the post.
    """

    key: str
    kind: str
    answers: tuple[Answer, ...]
    place: tuple[float, float, float] | None
    began_at: dt.datetime
    ended_at: dt.datetime
    clock_skew_s: float
    post: str
    signed_how: str
    signed_as: str
    note: str | None


@dataclass(frozen=True)
class Form:
    """What the form of a site holds. record: fields of its typed record. lists: measure -> the lists that ask it.

    stops: days on which it was found without its hundred percents.
    """

    site: VisitSite
    checklist: Checklist
    record: Mapping[str, Any]
    lists: Mapping[str, str]
    items: tuple[Item, ...]
    stops: tuple[dt.date, ...]


def form_of(conn: Connection, site: VisitSite, day: dt.date) -> Form:
    """Return what is asked of a site on a day and what its record says, as the connection's reader may see it."""
    checklist = checklists.for_kind(site.kind or checklists.ANY)
    record = visit_sites.record_of(conn, site, _fields(checklist))
    lists: dict[str, str] = {}
    stops: list[dt.date] = []
    if site.kind == "construction_site" and site.state != "removed":
        lists = visit_sites.bound_measures(conn, site, record.get("works_kind"), day)
        stops = visit_sites.failed_on(conn, site.site_id)
    return Form(site, checklist, record, lists, tuple(checklist.asked(record, lists)), tuple(stops))


def place_state(site: VisitSite, place: tuple[float, float, float] | None, away_m: float | None) -> PlaceState:
    """Say how the position of a visit stands to the site. away_m: metres between them, None when either is unknown."""
    if place is None:
        return "unknown"
    if not inside_envelope(place[0], place[1]):
        return "outside_city"
    if place[2] > VAGUE_M:
        return "vague"
    if away_m is None:
        return "unknown"
    return "far" if away_m > FAR_M + place[2] + (site.position_error_m or 0.0) else "near"


def keep(
    conn: Connection, site: VisitSite, told: Told, photos: Sequence[PhotoContent], signature: Signature | None
) -> tuple[str, bool]:
    """Keep a visit and return its id, and False when it was there already. conn: the owner's, in no transaction."""
    day = visits.day_of(conn, told.ended_at)
    form = form_of(conn, site, day)
    there = None if site.state == "removed" else site.site_id
    found = visits.found_at(conn, site.site_id) if there is not None else set()
    answered = {answer.item.id: answer for answer in told.answers}
    answers = list(told.answers) + [Answer(item, "not_seen") for item in form.items if item.id not in answered]
    answers.sort(key=lambda answer: form.checklist.items.index(answer.item))
    items = [_item(answer, form, found) for answer in answers]
    away_m = None
    if told.place is not None and site.lon is not None and site.lat is not None:
        away_m = visits.distance_m(conn, told.place[:2], (site.lon, site.lat))
    state = place_state(site, told.place, away_m)
    has_place = told.place is not None and state != "outside_city"
    visit = NewVisit(
        # of two visits on one day, even in one second, the later has the greater id: rules take the last one by it
        inspection_id=f"v{told.ended_at.astimezone(dt.UTC):%Y%m%d%H%M%S%f}-{told.key}",
        entry_key=told.key,
        site_id=there,
        visited_site_id=site.site_id,
        site_name=site.name,
        county_code=site.county_code,
        post=told.post,
        kind=told.kind,
        inspected_on=day,
        checklist=form.checklist.kind,
        site_state=site.state,
        began_at=told.began_at,
        ended_at=told.ended_at,
        clock_skew_s=told.clock_skew_s,
        has_place=has_place,
        lon=told.place[0] if told.place else None,
        lat=told.place[1] if told.place else None,
        accuracy_m=told.place[2] if told.place else None,
        distance_m=away_m,
        place_state=state,
        outcome=checklists.outcome(answers),
        signed_how=told.signed_how,
        signed_as=told.signed_as,
        note=told.note,
        items=tuple(items),
        measures=_measures(answers),
        columns=_columns(answers),
        verdicts=verdicts_on(items, {item.id for item in form.checklist.items if item.is_judged}, found),
        stop=_stop(form, answers, day) if there is not None else None,
    )
    is_new = visits.keep(conn, visit, photos, signature)
    if is_new and there is not None:
        tour_changes.note_visit(conn, there, day)
    return visit.inspection_id, is_new


def verdicts_on(items: Sequence[NewItem], judged: set[str], found: set[tuple[str, str]]) -> dict[FindingPart, str]:
    """Say which findings a visit confirms or disputes: (rule, part) -> confirmed or disputed.

    A failed item confirms. An item that is kept disputes what rests on the record, where the record says otherwise or
    nothing of its own; what rests on visits is judged anew by its rule. judged: items that a rule reads itself.
    """
    said: dict[FindingPart, str] = {}
    for item in items:
        if item.rule_id is None or not _is_found(item.rule_id, item.part, found):
            continue
        key = (item.rule_id, item.part)
        if item.answer == "failed":
            said[key] = "confirmed"
        elif item.answer == "ok" and item.item not in judged and (item.field is None or item.recorded != item.seen):
            said.setdefault(key, "disputed")
    return said


def follow(conn: Connection, *, catalogue: Catalogue | None = None) -> Judged:
    """Judge what a visit changed and write it beside the findings; whatever goes wrong is told, never raised.

    conn: the owner's, in no transaction; the visit is committed.
    """
    try:
        rules = catalogue or catalogues.load()
        if not incremental.can_go_on(conn, rules):
            return "due"
        run = incremental.rejudge(conn, rules, wait_s=WAIT_S)
        if run is not None and run.status != "complete":
            return "failed"
        settle(conn, rules)
    except ConflictError:
        return "busy"
    except (GridmapError, psycopg2.Error):
        log.exception("a visit was kept; the audit after it failed")
        return "failed"
    return "judged"


def settle(conn: Connection, rules: Catalogue) -> int:
    """Write visits that an audit has judged beside the findings that they made, and return how many visits.

    A failed item of which its own rule does not tell is told by VISIT-01, for which there is one more audit of what
    changed. conn: the owner's, in no transaction. Errors: as incremental.rejudge.
    """
    if visits.find_untold(conn):
        incremental.rejudge(conn, rules, wait_s=WAIT_S)
    return visits.settle(conn, VISIT_RULE)


def _fields(checklist: Checklist) -> list[str]:
    names = {shown.field for shown in checklist.shown}
    for item in checklist.items:
        names |= {*item.when, *item.unless, *([item.field] if item.field else [])}
    return sorted(names)


def _item(answer: Answer, form: Form, found: set[tuple[str, str]]) -> NewItem:
    item = answer.item
    has_record = item.field is not None and item.field in form.record
    source = form.lists.get(item.measure or "", item.source)
    told = item.rule is not None and (item.is_judged or _is_found(item.rule, item.part, found))
    return NewItem(
        item=item.id,
        wording=item.text.zh,
        wording_en=item.text.en,
        source=source,
        rule_id=item.rule,
        part=item.part,
        answer=answer.verdict,
        value=answer.value,
        unit=item.unit or None,
        field=f"{form.site.kind}.{item.field}" if has_record else None,
        recorded=spelled(form.record[item.field]) if has_record and item.field else None,
        seen=spelled(item.seen(answer.verdict, answer.value)) if has_record else None,
        told_by_rule=told,
    )


def _is_found(rule_id: str, part: str | None, found: set[tuple[str, str]]) -> bool:
    return (rule_id, part) in found if part is not None else any(rule == rule_id for rule, _part in found)


def _measures(answers: Sequence[Answer]) -> dict[str, bool]:
    return {
        answer.item.measure: answer.verdict == "ok"
        for answer in answers
        if answer.item.measure is not None and answer.verdict in ("ok", "failed")
    }


def _columns(answers: Sequence[Answer]) -> dict[str, Any]:
    told = {}
    for answer in answers:
        seen = answer.item.seen(answer.verdict, answer.value)
        if answer.item.column is not None and seen is not None:
            told[answer.item.column] = seen
    return told


def _stop(form: Form, answers: Sequence[Answer], day: dt.date) -> Proposal | None:
    """Return the stop of work that the ladder proposes: only for measures that bind the site."""
    failed = {answer.item.measure for answer in answers if answer.verdict == "failed"} & set(form.lists)
    return propose(form.stops, day) if failed else None
