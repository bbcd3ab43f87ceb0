"""A finding for its readers: row and rule put together, the same for API, pages, commands and files."""

from __future__ import annotations

from typing import Any

from gridmap import glossary
from gridmap.domain.repeat import NEVER, Repeat
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
    """Return where the duty stands as one line; a document of which several items count is named once."""
    items: dict[str, list[str]] = {}
    for part in rule.legal:
        items.setdefault(f"{part.document}{' ' + part.number if part.number else ''}", []).append(part.item)
    return "；".join(f"{document} {'、'.join(found)}" for document, found in items.items())


def repeat_in_words(repeat: Repeat, lang: str = "zh") -> list[str]:
    """Return why something stands out as a repeat and how often, one text for each reason; [] when it does not."""
    found = []
    for reason in repeat.reasons:
        times, word = repeat.times(reason), glossary.word("repeat", reason, lang)
        found.append(f"{word}, {'once' if times == 1 else f'{times} times'}" if lang == "en" else f"{word} {times} 次")
    return found


def repeat_of(repeat: Repeat, lang: str = "zh") -> dict[str, Any]:
    """Return what is repeated as JSON shows it."""
    return {
        "stands_out": repeat.stands_out,
        "reasons": list(repeat.reasons),
        "words": repeat_in_words(repeat, lang),
        "handed_over": repeat.handed,
        "handed_over_ever": repeat.handed_ever,
        "resurged": repeat.resurged + repeat.returned,
        "failed_inspections": repeat.failed,
    }


def present(row: FindingRow, rule: Rule, lang: str = "zh", repeat: Repeat = NEVER) -> dict[str, Any]:
    """Return a finding as JSON shows it; lon and lat in degrees, six decimals (0.1 m). repeat: of its feature."""
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
        "repeat": repeat_of(repeat, lang),
        "legal": legal_of(rule),
    }


def present_flat(row: FindingRow, rule: Rule, lang: str = "zh", repeat: Repeat = NEVER) -> dict[str, Any]:
    """Return a finding as one row of a table: the legal source, the part and what is repeated in words."""
    part = in_words(row.part, rule.part, lang) if row.part else ""
    found = {**present(row, rule, lang, repeat), "part": part, "legal": legal_in_words(rule)}
    told = found["repeat"]
    numbers = {name: told[name] for name in ("handed_over", "resurged", "failed_inspections")}
    return {**found, **numbers, "repeat": ("; " if lang == "en" else "、").join(told["words"])}
