"""The audit: one transaction per rule, judged read-only on one snapshot, then what changed is written."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from gridmap import __version__, config
from gridmap.db import session
from gridmap.db.session import Connection
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.engines import postgis
from gridmap.errors import DefinitionError, GridmapError, UserError
from gridmap.rules import catalogue as catalogues
from gridmap.rules import relations
from gridmap.rules.catalogue import Catalogue
from gridmap.store import cell_statistics, changes, finding_life, grid, regions, runs, zone_edits
from gridmap.store.runs import RuleCounts

ENGINE = "postgis"

MOST_SITES = 2000
"""More sites than this are judged no faster one by one than the whole city."""


@dataclass(frozen=True)
class RunSummary:
    """What an audit found. kind: living or report; status: complete, or incomplete when a rule failed."""

    run_id: int
    kind: str
    as_of: dt.date
    status: str
    seconds: float
    rules: list[RuleCounts]


@dataclass
class _Verdict:
    """A rule's answer before it is written."""

    rule: Rule
    status: str
    duration_ms: float = 0.0
    error: str | None = None
    rows: list[Row] = field(default_factory=list)

    def number(self, certainty: str) -> int:
        """Return how many rows have a certainty."""
        return sum(row.certainty == certainty for row in self.rows)


def audit(
    conn: Connection,
    *,
    as_of: dt.date | None = None,
    rule_ids: Sequence[str] | None = None,
    counties: Sequence[str] | None = None,
    catalogue: Catalogue | None = None,
) -> RunSummary:
    """Judge the city and write findings.

    as_of: None or today moves the living findings; any other day makes a report that moves none.
    rule_ids, counties: narrow what is judged; findings outside are left as they are.
    A rule that fails leaves its last complete result and is reported; the others go on.
    Errors: NotFoundError for an unknown rule, UserError for an unknown county, ConflictError while another
    audit runs.
    """
    started = time.perf_counter()
    rules = catalogue or own_rules()
    chosen = [rules.get(rule_id) for rule_id in rule_ids] if rule_ids else list(rules.rules)
    scope = sorted(set(counties)) if counties else None
    with runs.one_audit_at_a_time(conn):
        check_counties(conn, scope)
        today = session.today(conn)
        day = as_of or today
        run = begin(conn, "living" if day == today else "report", day, scope, rule_ids, rules)
        for rule in chosen:
            if rule.status == "in_force":
                judge(conn, run, rule)
        return finish(conn, run, rules, started, retire=run.kind == "living" and not rule_ids)


def own_rules() -> Catalogue:
    """Return the shipped rules, each held to its header before anything is judged."""
    from gridmap.rules import portable  # its parser takes longer to import than a page may wait

    rules = catalogues.load()
    portable.check_all(rules)
    return rules


def software(rules: Catalogue) -> str:
    """Return what judged: the version of gridmap and the digest of the rule texts."""
    return f"gridmap {__version__} rules {rules.digest[:12]}"


def is_current(conn: Connection, as_of: dt.date | None = None, catalogue: Catalogue | None = None) -> bool:
    """Return whether the last whole run for a day judged these very data with these very rules."""
    today = session.today(conn)
    day = as_of or today
    last = runs.latest(conn, "living" if day == today else "report", day)
    return (
        last is not None
        and last.software == software(catalogue or catalogues.load())
        and last.data_version == session.data_version(conn)
        and (day != today or last.today == today)
    )


def ensure_report(conn: Connection, as_of: dt.date | None, catalogue: Catalogue | None = None) -> None:
    """Make sure that snapshot.finding answers for a day: judge it unless a current report stands already.

    Today needs nothing: the living findings answer for it.
    """
    if as_of is None or as_of == session.today(conn) or is_current(conn, as_of, catalogue):
        return
    with runs.one_audit_at_a_time(conn):
        # several workers may be asked for the same new day at once: the first one judges it
        if not is_current(conn, as_of, catalogue):
            audit(conn, as_of=as_of, catalogue=catalogue)


@dataclass(frozen=True)
class Run:
    """An audit under way: what its rules have in common, and what they found so far.

    draft: zone_id of a draft that is judged as if it were law.
    """

    run_id: int
    kind: str
    day: dt.date
    counties: Sequence[str] | None
    whole: bool
    counts: list[RuleCounts] = field(default_factory=list)
    draft: int | None = None


@dataclass(frozen=True)
class Area:
    """Where something is judged again: sites and villages in some squares, or everything in some counties.

    judged: keys of squares; seen: those whose features must be seen for it. counties: codes, None when squares tell.
    tables: in the squares only sites of which one of these tables tells; none for all sites and villages.
    """

    judged: frozenset[int] = frozenset()
    seen: frozenset[int] = frozenset()
    counties: frozenset[str] | None = None
    tables: frozenset[str] = frozenset()


def begin(
    conn: Connection,
    kind: str,
    day: dt.date,
    counties: Sequence[str] | None,
    rule_ids: Sequence[str] | None,
    rules: Catalogue,
) -> Run:
    """Record that an audit begins; the caller holds the audit lock."""
    if kind == "living":
        with session.transaction(conn) as cursor:
            grid.place_due(cursor)  # before judging: findings take the cell of their site
    with session.transaction(conn) as cursor:
        runs.end_interrupted(cursor)
        run_id = runs.begin(
            cursor,
            kind=kind,
            as_of=day,
            draft=None,
            counties=counties,
            rules=rule_ids,
            engine=ENGINE,
            software=software(rules),
            data_version=session.data_version(conn),
        )
    return Run(run_id, kind, day, counties, counties is None and rule_ids is None)


def finish(
    conn: Connection, run: Run, rules: Catalogue, started: float, *, retire: bool, count_cells: bool = True
) -> RunSummary:
    """Record that an audit ended and return what it found.

    retire: end the findings of rules that are no more. count_cells: write the numbers of the cells now; else whoever
    asks for them first has them written.
    """
    with session.transaction(conn) as cursor:
        if retire:
            finding_life.retire(cursor, run.run_id, [rule.id for rule in rules.rules], run.day)
        status = runs.finish(cursor, run.run_id)
        if run.kind == "living" and count_cells:
            cell_statistics.write(cursor, run.day, _themes(rules))
        if run.kind == "report":
            runs.forget_old_reports(cursor)
        elif run.whole and status == "complete":
            changes.forget(cursor, run.run_id)
    return RunSummary(run.run_id, run.kind, run.day, status, time.perf_counter() - started, run.counts)


def ensure_statistics(conn: Connection, catalogue: Catalogue | None = None) -> None:
    """Make sure that the numbers of the cells are those of the newest run; conn: the owner's."""
    with session.transaction(conn) as cursor:
        cell_statistics.ensure(cursor, session.today(conn), _themes(catalogue or catalogues.load()))


def _themes(rules: Catalogue) -> dict[str, str]:
    return {rule.id: rule.theme for rule in rules.rules}


def judge(conn: Connection, run: Run, rule: Rule, area: Area | None = None) -> None:
    """Judge by one rule and write its answer, in one transaction on one unmoving snapshot.

    area: judge the sites and villages of these squares only, findings about anything else whole; or these counties.
    A finding that somebody changed meanwhile (accepted it, say) makes the rule judge once more.
    """
    for last_try in (False, True):
        try:
            with session.transaction(conn) as cursor:
                if conn.info.transaction_status == TRANSACTION_STATUS_IDLE:  # not inside a caller's transaction
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                counts = _keep(conn, run, _evaluate(conn, rule, run, area), area)
                runs.record(cursor, run.run_id, counts)
            run.counts.append(counts)
            return
        except psycopg2.errors.SerializationFailure:
            if last_try:
                raise


def rows_of(
    conn: Connection, rule: Rule, day: dt.date, area: Area | None = None, *, draft: int | None = None
) -> list[Row]:
    """Return what a rule finds on a day, were a draft (zone_id) law, and write nothing.

    area: as judge(). DefinitionError with the reason when the rule fails.
    """
    verdict = _evaluate(conn, rule, Run(0, "draft", day, None, False, draft=draft), area)
    if verdict.error is not None:
        raise DefinitionError(f"rule {rule.id}: {verdict.error}")
    return verdict.rows


def _evaluate(conn: Connection, rule: Rule, run: Run, area: Area | None) -> _Verdict:
    if run.day < rule.since:
        return _Verdict(rule, "not_yet")
    started = time.perf_counter()
    # what a draft concerns is little and asked again with each of its edits
    planned = run.kind == "draft" and area is not None
    try:
        timeout_s = config.load().statement_timeout_s
        counties, cells = _scope(run, area)
        seen = area.seen if area and cells is not None else None
        few, span = None, None
        if area is not None and area.tables:
            with session.transaction(conn) as cursor:
                sites = changes.sites_with(cursor, area.tables, area.seen)
            if not sites:
                return _Verdict(rule, "complete", _ms(started))
            # sites named one by one: their squares need not be asked as well; many are judged sooner with all others
            few = postgis.Few(sites, relations.holding_sites(rule)) if len(sites) <= MOST_SITES else None
            span, seen = (min(area.seen), max(area.seen)), None
        small = planned or few is not None
        with session.snapshot(
            conn, run.day, draft=run.draft, counties=counties, cells=seen, span=span, small=small, timeout_s=timeout_s
        ) as cursor:
            rows = postgis.evaluate(cursor, rule, as_of=run.day, few=few, planned=planned)
            if cells is not None and few is None and cells != seen:
                rows = _inside(cursor, rows, cells)
    except (psycopg2.Error, GridmapError) as error:
        if conn.closed:
            raise
        return _Verdict(rule, "failed", _ms(started), _sentence(error))
    return _Verdict(rule, "complete", _ms(started), rows=rows)


def _scope(run: Run, area: Area | None) -> tuple[Sequence[str] | None, frozenset[int] | None]:
    """Return the counties and the squares to which a judgement is narrowed, None where it is not."""
    if area is None:
        return run.counties, None
    return (run.counties, area.judged) if area.counties is None else (sorted(area.counties), None)


def _inside(cursor: psycopg2.extensions.cursor, rows: Sequence[Row], judged: frozenset[int]) -> list[Row]:
    """Leave out the sites and villages that were only seen."""
    keys = {
        kind: changes.cells_of_features(cursor, kind, [row.feature_id for row in rows if row.feature_kind == kind])
        for kind in finding_life.PLACED_KINDS
    }
    return [row for row in rows if row.feature_kind not in keys or keys[row.feature_kind][row.feature_id] in judged]


def _sentence(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _keep(conn: Connection, run: Run, verdict: _Verdict, area: Area | None) -> RuleCounts:
    """Write one rule's answer and return its counts; an answer that cannot be kept leaves nothing of itself."""
    rule, digest = verdict.rule, rule_digest(verdict.rule)
    counties, cells = _scope(run, area)
    moved = finding_life.Changes()
    zones = zone_edits.digest(conn, relations.zone_kinds(rule), run.day) if relations.reads_zones(rule) else None
    if verdict.status != "failed":
        try:
            with session.transaction(conn) as cursor:
                if run.kind == "living":
                    moved = finding_life.apply(
                        cursor,
                        run.run_id,
                        rule,
                        verdict.rows,
                        day=run.day,
                        counties=counties,
                        cells=cells,
                        cause=_cause(cursor, rule, digest, zones),
                    )
                else:
                    finding_life.keep_report(cursor, run.run_id, rule, verdict.rows)
        except (psycopg2.IntegrityError, psycopg2.DataError) as error:
            verdict = _Verdict(rule, "failed", verdict.duration_ms, _sentence(error))
    totals = {name: verdict.number(name) for name in ("breach", "near_boundary", "report")}
    if area is not None:
        with session.transaction(conn) as cursor:
            totals = finding_life.totals(cursor, rule.id)
    return RuleCounts(
        rule.id,
        verdict.status,
        digest,
        verdict.duration_ms,
        zones,
        verdict.error,
        **totals,
        **moved.__dict__,
    )


def rule_digest(rule: Rule) -> str:
    """Return a digest of what decides a rule's verdicts: its SELECT, dates, places and parameters."""
    params = sorted((param.name, param.default, param.changes) for param in rule.params)
    text = repr((rule.sql, rule.since, rule.where, params))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cause(cursor: psycopg2.extensions.cursor, rule: Rule, digest: str, zones: str | None) -> str:
    """Say why findings of this rule would be gone although their features are there."""
    before = runs.last_complete(cursor, rule.id)
    if before is not None and before.rule_digest != digest:
        return "rule_changed"
    if before is not None and before.zones_digest is not None and before.zones_digest != zones:
        return "zone_changed"
    return "cured"


def check_counties(conn: Connection, counties: Sequence[str] | None) -> None:
    """Raise UserError when a code is no county's; the sentence lists those that are."""
    if not counties:
        return
    known = {county.code for county in regions.list_counties(conn)}
    unknown = sorted(set(counties) - known)
    if unknown:
        raise UserError(f"there is no county {', '.join(unknown)}; known are {', '.join(sorted(known)) or 'none yet'}")
