"""The audit: judge every rule on one snapshot, then write what changed in one transaction."""

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
from gridmap.errors import GridmapError, UserError
from gridmap.rules import catalogue as catalogues
from gridmap.rules.catalogue import Catalogue
from gridmap.store import finding_life, regions, runs
from gridmap.store.runs import RuleCounts

ENGINE = "postgis"


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
    rules = catalogue or _own_rules()
    chosen = [rules.get(rule_id) for rule_id in rule_ids] if rule_ids else list(rules.rules)
    judged = [rule for rule in chosen if rule.status == "in_force"]
    scope = sorted(set(counties)) if counties else None
    with runs.one_audit_at_a_time(conn):
        check_counties(conn, scope)
        today = session.today(conn)
        day = as_of or today
        kind = "living" if day == today else "report"
        verdicts, versions = _judge(conn, judged, day, scope)
        with session.transaction(conn) as cursor:
            run_id = runs.begin(
                cursor,
                kind=kind,
                as_of=day,
                draft=None,
                counties=scope,
                rules=rule_ids,
                engine=ENGINE,
                software=software(rules),
                data_version=versions.everything,
            )
            counts = [_keep(conn, run_id, kind, verdict, day, scope, versions.zones) for verdict in verdicts]
            if kind == "living" and not rule_ids:
                finding_life.retire(cursor, run_id, [rule.id for rule in judged], day)
            status = runs.finish(cursor, run_id, counts)
            if kind == "report":
                runs.forget_old_reports(cursor)
    return RunSummary(run_id, kind, day, status, time.perf_counter() - started, counts)


def _own_rules() -> Catalogue:
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
class _Versions:
    everything: int
    zones: int


def _judge(
    conn: Connection, rules: Sequence[Rule], day: dt.date, counties: Sequence[str] | None
) -> tuple[list[_Verdict], _Versions]:
    """Evaluate all rules on one unmoving snapshot that nothing can write to."""
    with session.transaction(conn) as cursor:
        if conn.info.transaction_status == TRANSACTION_STATUS_IDLE:  # not inside a caller's transaction
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        versions = _Versions(session.data_version(conn), session.data_version(conn, ["zone", "zone_unit", "zone_edge"]))
        return [_evaluate(conn, rule, day, counties) for rule in rules], versions


def _evaluate(conn: Connection, rule: Rule, day: dt.date, counties: Sequence[str] | None) -> _Verdict:
    if day < rule.since:
        return _Verdict(rule, "not_yet")
    started = time.perf_counter()
    try:
        timeout_s = config.load().statement_timeout_s
        with session.snapshot(conn, day, counties=counties, timeout_s=timeout_s) as cursor:
            rows = postgis.evaluate(cursor, rule, as_of=day)
    except (psycopg2.Error, GridmapError) as error:
        if conn.closed:
            raise
        return _Verdict(rule, "failed", _ms(started), _sentence(error))
    return _Verdict(rule, "complete", _ms(started), rows=rows)


def _sentence(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _keep(
    conn: Connection,
    run_id: int,
    kind: str,
    verdict: _Verdict,
    day: dt.date,
    counties: Sequence[str] | None,
    zone_version: int,
) -> RuleCounts:
    """Write one rule's answer and return its counts; an answer that cannot be kept leaves nothing of itself."""
    rule, digest = verdict.rule, rule_digest(verdict.rule)
    changes = finding_life.Changes()
    if verdict.status != "failed":
        try:
            with session.transaction(conn) as cursor:
                if kind == "living":
                    cause = _cause(cursor, rule, digest, zone_version)
                    changes = finding_life.apply(
                        cursor, run_id, rule, verdict.rows, day=day, counties=counties, cause=cause
                    )
                else:
                    finding_life.keep_report(cursor, run_id, rule, verdict.rows)
        except (psycopg2.IntegrityError, psycopg2.DataError) as error:
            verdict = _Verdict(rule, "failed", verdict.duration_ms, _sentence(error))
    return RuleCounts(
        rule.id,
        verdict.status,
        digest,
        zone_version,
        verdict.duration_ms,
        verdict.error,
        breach=verdict.number("breach"),
        near_boundary=verdict.number("near_boundary"),
        report=verdict.number("report"),
        **changes.__dict__,
    )


def rule_digest(rule: Rule) -> str:
    """Return a digest of what decides a rule's verdicts: its SELECT, dates, places and parameters."""
    text = repr((rule.sql, rule.since, rule.where, sorted(rule.parameters().items(), key=lambda item: item[0])))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cause(cursor: psycopg2.extensions.cursor, rule: Rule, digest: str, zone_version: int) -> str:
    """Say why findings of this rule would be gone although their features are there."""
    before = runs.last_complete(cursor, rule.id)
    if before is not None and before.rule_digest != digest:
        return "rule_changed"
    if before is not None and before.zone_data_version != zone_version and "zone" in rule.reads:
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
