"""/rules: the catalogue, and a page per rule."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from gridmap.db.pool import connection
from gridmap.domain.rule import Rule
from gridmap.rules import catalogue
from gridmap.store.findings import FindingFilter, count_findings
from gridmap.web import language, view
from gridmap.web.pages.base import blueprint, page


@blueprint.get("/rules")
def list_rules() -> str:
    """List the rules with what they find on the day."""
    conn = connection()
    seen = view.judged(conn, view.read(conn))
    return page("rules.html", seen, rules=catalogue.load().rules, counts=_counts(conn, seen, ()))


@blueprint.get("/rules/<rule_id>")
def show_rule(rule_id: str) -> str:
    """Show a rule: what it asks and why, its sources and figures, what it finds, its very text."""
    conn = connection()
    rule = catalogue.load().get(rule_id)
    seen = view.judged(conn, view.read(conn))
    lang = language.current()
    by_county: dict[str, dict[str, int]] = defaultdict(dict)
    for _rule, county, certainty, _severity, number in count_findings(
        conn, FindingFilter(rules=(rule.id,)), as_of=seen.day
    ):
        by_county[county][certainty] = number
    rows = [(code, seen.county_name(code, lang), by_county[code]) for code in sorted(by_county)]
    where = [seen.county_name(code, lang) for code in rule.where]
    return page("rule.html", seen, rule=rule, rows=rows, where=where, params=_params(rule, lang))


def _counts(conn: Any, seen: view.View, rules: tuple[str, ...]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(view.CERTAINTIES, 0))
    for rule_id, _county, certainty, _severity, number in count_findings(
        conn, FindingFilter(rules=rules), as_of=seen.day
    ):
        counts[rule_id][certainty] += number
    return counts


def _params(rule: Rule, lang: str) -> list[tuple[str, str, str, bool]]:
    """Return name, default in words, note, and whether the figure is ours."""
    return [
        (param.name, catalogue.in_words(param.default, None, lang), param.note, param.ours) for param in rule.params
    ]
