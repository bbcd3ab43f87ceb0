"""A finding for its readers: row and rule put together, the same for API, pages, commands and files."""

from __future__ import annotations

from typing import Any

from gridmap.domain.rule import Rule
from gridmap.rules.catalogue import in_words, render
from gridmap.store.findings import FindingRow


def facts_of(row: FindingRow) -> dict[str, Any]:
    """Return a finding's facts with its name and part, as messages name them."""
    return {**row.facts, "name": row.name, "part": row.part}


def legal_of(rule: Rule) -> list[dict[str, str]]:
    """Return where the duty stands: document, number, item."""
    return [{"document": part.document, "number": part.number, "item": part.item} for part in rule.legal]


def legal_in_words(rule: Rule) -> str:
    """Return where the duty stands as one line."""
    return "；".join(f"{part.document}{' ' + part.number if part.number else ''} {part.item}" for part in rule.legal)


def present(row: FindingRow, rule: Rule, lang: str = "zh") -> dict[str, Any]:
    """Return a finding as JSON shows it; lon and lat in degrees, six decimals (0.1 m)."""
    title, message = render(rule, facts_of(row), lang)
    return {
        "key": row.key,
        "rule_id": row.rule_id,
        "title": title,
        "message": message,
        "county_code": row.county_code,
        "county_name": row.county_name,
        "feature_kind": row.feature_kind,
        "feature_id": row.feature_id,
        "part": row.part,
        "name": row.name,
        "certainty": row.certainty,
        "severity": row.severity,
        "status": row.status,
        "facts": row.facts,
        "cell_code": row.cell_code,
        "square_code": row.square_code,
        "lon": None if row.lon is None else round(row.lon, 6),
        "lat": None if row.lat is None else round(row.lat, 6),
        "opened_on": row.opened_on.isoformat() if row.opened_on else None,
        "legal": legal_of(rule),
    }


def present_flat(row: FindingRow, rule: Rule, lang: str = "zh") -> dict[str, Any]:
    """Return a finding as one row of a table: the legal source and the part in words."""
    part = in_words(row.part, rule.part, lang) if row.part else ""
    return {**present(row, rule, lang), "part": part, "legal": legal_in_words(rule)}
