"""Write a rule's SELECT with literal values in the place of its parameters: for people to run, for engines to parse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from gridmap.domain.rule import PARAMETER, Rule, Value


def literal(value: Value) -> str:
    """Return a value as an SQL literal that PostgreSQL and SedonaDB read alike."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"({', '.join(literal(item) for item in value)})"
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def with_literals(sql: str, values: Mapping[str, Value]) -> str:
    """Return a SELECT with %(name)s replaced by literals and %% by %."""
    return PARAMETER.sub(lambda match: literal(values[match.group(1)]), sql).replace("%%", "%")


def script(rule: Rule, as_of: dt.date) -> str:
    """Return what psql runs as it is to see what a rule finds on a day; it changes nothing.

    `where` and `since` are applied as the engine applies them.
    """
    where = f"\n    AND judged.county_code IN {literal(rule.where)}" if rule.where else ""
    body = with_literals(rule.sql, {**rule.parameters(as_of), "as_of": as_of})
    return (
        f"-- {rule.id} {rule.title}\n"
        "BEGIN READ ONLY;\n"
        "SET LOCAL search_path = snapshot, public;\n"
        f"SET LOCAL gridmap.as_of = '{as_of.isoformat()}';\n"
        "SET LOCAL gridmap.draft = '';\n"
        "SET LOCAL gridmap.counties = '';\n"
        "SET LOCAL jit = off;\n"
        f"SELECT * FROM (\n{body}\n) AS judged\n"
        f"WHERE {literal(as_of)} >= {literal(rule.since)}{where}\n"
        "ORDER BY judged.county_code, judged.feature_id;\n"
        "ROLLBACK;\n"
    )
