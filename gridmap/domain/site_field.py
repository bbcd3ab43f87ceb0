"""What the record of a site says, field by field: words, unit, codes, and what no datum means (site_fields.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gridmap import glossary
from gridmap.domain.definition import Table, Text

OF_SITE = "site"
"""What all kinds have; the other groups are named like the typed tables."""


@dataclass(frozen=True)
class Field:
    """A field. none: what it means when there is no datum, None for a field that is never empty."""

    name: str
    title: Text
    unit: str | None
    codes: Mapping[str, Text] = field(default_factory=dict)
    none: Text | None = None

    def in_words(self, value: Any, lang: str) -> str:
        """Return a value as a reader would write it, or what it means that there is none; never a bare dash."""
        if value is None:
            return self.none.get(lang) if self.none else ""
        if isinstance(value, bool):
            return ("yes" if value else "no") if lang == "en" else ("是" if value else "否")
        if str(value) in self.codes:
            return self.codes[str(value)].get(lang)
        text = f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
        return f"{text} {self.unit}" if self.unit else text


@cache
def fields() -> dict[str, tuple[Field, ...]]:
    """Return the fields by group, in the order in which a page shows them; DefinitionError names a mistake."""
    table = Table.of_file(Path(__file__).parent / "site_fields.toml")
    meanings = {name: Text(**words) for name, words in table.value("none").items()}
    codes = {
        name: {code: Text(**words) for code, words in entries.items()} for name, entries in table.value("codes").items()
    }
    return {
        group: tuple(_field(table, group, name, entry, meanings, codes) for name, entry in entries.items())
        for group, entries in table.value("fields").items()
    }


def _field(
    table: Table,
    group: str,
    name: str,
    entry: dict[str, Any],
    meanings: Mapping[str, Text],
    codes: Mapping[str, Mapping[str, Text]],
) -> Field:
    row = Table(table.file, f"{group}.{name}", entry)
    own = row.text("none_zh", optional=True)
    none = Text(own, row.text("none_en")) if own else None
    if "none" in entry:
        none = meanings[row.choice("none", tuple(meanings))]
    known: Mapping[str, Text] = {}
    if "codes" in entry:
        listed = row.choice("codes", (*codes, *glossary.terms()))
        known = codes.get(listed) or {code: Text(**words) for code, words in glossary.terms()[listed].items()}
    return Field(name, Text(row.text("zh"), row.text("en")), row.text("unit", optional=True), known, none)
