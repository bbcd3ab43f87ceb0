"""The table of rules in the documentation, written from the headers so that it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gridmap.domain.rule import Legal, Rule
from gridmap.errors import DefinitionError
from gridmap.rules.catalogue import FOLDER, Catalogue

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
DOCUMENT = FOLDER / "README.md"


def as_markdown(catalogue: Catalogue) -> str:
    """Return the rules in force as a Markdown table: id, what, since, where, source."""
    lines = ["| 编号 id | 查什么 what | 起算 since | 范围 where | 依据 source |", "|---|---|---|---|---|"]
    lines += [_line(rule) for rule in catalogue.rules]
    return "\n".join(lines) + "\n"


def with_table(text: str, table: str) -> str:
    """Return a document with the table between its two marks; DefinitionError when a mark is missing."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise DefinitionError(f"{DOCUMENT.name}: expected the marks {BEGIN} and {END} once, in this order")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n{END}{rest.split(END)[1]}"


def sources(legal: Sequence[Legal]) -> str:
    """Return where a duty stands in one line: each document by its number, else its name, and its items."""
    items: dict[str, list[str]] = {}
    for part in legal:
        items.setdefault(part.number or part.document, []).append(part.item)
    return "；".join(f"{document} {'、'.join(numbers)}" for document, numbers in items.items())


def _line(rule: Rule) -> str:
    where = "、".join(rule.where) or "全市 whole city"
    cells = [f"[{rule.id}]({Path(rule.path).as_posix()})", f"{rule.title}<br>{rule.title_en}"]
    cells += [rule.since.isoformat(), where, sources(rule.legal)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
