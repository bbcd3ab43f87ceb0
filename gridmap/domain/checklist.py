"""What an inspector looks at on the spot: one list of items per kind of site, read from checklists/*.toml.

An item is asked because a document asks for it. Its answer may tell a measure of the hundred percents, a column of
the inspection or a field of the site's record, and names the rule whose finding a failed item makes or confirms.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from gridmap import glossary
from gridmap.domain.definition import Table, Text
from gridmap.errors import DefinitionError, UserError

FOLDER = Path(__file__).parent / "checklists"
ANY = "any"
"""The list for kinds of site that have none of their own."""

Verdict = Literal["ok", "failed", "not_applicable", "not_seen", "measured"]
VERDICTS: tuple[Verdict, ...] = ("ok", "failed", "not_applicable", "not_seen")
"""What may be said of an item; of one that asks for a number only the last two, or the number."""

Outcome = Literal["nothing_to_object", "objections", "nothing_seen"]

COLUMNS = ("is_producing", "does_earthwork", "does_demolition", "mixes_on_site", "output_share_pct")
"""Columns of an inspection that an item may tell."""

_PLAIN = (bool, int, float, str)


class AnswerError(UserError):
    """An answer that is not taken. code: which sentence of the page tells why; item: what the item is called."""

    slug = "bad-answer"

    def __init__(self, code: str, sentence: str, item: Text | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.item = item


@dataclass(frozen=True)
class Shown:
    """A field of the record that is shown beside the list. words: for its codes."""

    field: str
    label: Text
    unit: str
    words: Mapping[str, Text]

    def say(self, value: Any, lang: str) -> Text | str | None:
        """Return a value as a reader would write it; None for one that nobody recorded."""
        if value is None or isinstance(value, bool):
            return None if value is None else _YES_NO[value]
        if str(value) in self.words:
            return self.words[str(value)].get(lang)
        number = f"{value:g}" if isinstance(value, float) else str(value)
        return f"{number} {self.unit}".strip()


_YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


@dataclass(frozen=True)
class Item:
    """An item. rule: whose finding it makes or confirms, None without; part: which part of it,
    None for all. is_number: it asks for a number in unit.

    lowest, highest: what is a possible number; least: below it the item fails, None without a limit.
    measure: word of hundred_percent. column: of the inspection. field: of the kind's own table, that tells the same;
    ok_value, failed_value: what the answer means for column or field.
    when, unless: fields of the record and the values with which the item is asked, or is not.
    """

    id: str
    text: Text
    source: str
    rule: str | None
    part: str | None
    is_number: bool
    unit: str
    lowest: float
    highest: float
    least: float | None
    measure: str | None
    column: str | None
    field: str | None
    ok_value: bool | str
    failed_value: bool | str
    when: Mapping[str, tuple[Any, ...]]
    unless: Mapping[str, tuple[Any, ...]]

    @property
    def is_judged(self) -> bool:
        """Return whether a rule reads the visit itself, not the record."""
        return self.measure is not None or self.column is not None

    def applies(self, record: Mapping[str, Any]) -> bool:
        """Return whether the item is asked of a site with a record."""
        asked = all(record.get(name) in values for name, values in self.when.items())
        return asked and not any(record.get(name) in values for name, values in self.unless.items())

    def seen(self, verdict: Verdict, value: float | None) -> bool | str | float | None:
        """Return what an answer means for the item's column or field, None when it says nothing."""
        if self.is_number:
            return value
        return {"ok": self.ok_value, "failed": self.failed_value}.get(verdict)


@dataclass(frozen=True)
class Checklist:
    """The list of a kind of site. kind: ANY for the one that serves all others."""

    kind: str
    shown: tuple[Shown, ...]
    items: tuple[Item, ...]

    def asked(self, record: Mapping[str, Any], measures: Iterable[str]) -> list[Item]:
        """Return the items for a site: those that fit its record and, of the hundred percents, those that bind it."""
        bound = set(measures)
        return [item for item in self.items if item.applies(record) and (item.measure is None or item.measure in bound)]

    def get(self, item_id: str) -> Item:
        """Return an item; AnswerError for one that the list does not know."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise AnswerError("unknown_item", f"the list for {self.kind} has no item {item_id[:40]!r}")


@dataclass(frozen=True)
class Answer:
    """What was said of an item. value: the number that was measured, in the item's unit."""

    item: Item
    verdict: Verdict
    value: float | None = None


def for_kind(kind: str) -> Checklist:
    """Return the list for a kind of site."""
    lists = load()
    return lists.get(kind, lists[ANY])


def read_answers(checklist: Checklist, given: Any) -> list[Answer]:
    """Return answers from JSON: [{"item": …, "answer": …} or {"item": …, "value": number}, …], in the list's order.

    Errors: AnswerError for an item that is unknown or comes twice, an answer of the wrong type, a number that is none.
    """
    if not isinstance(given, list) or len(given) > 100:
        raise AnswerError("no_list", "expected a list of answers")
    found: dict[str, Answer] = {}
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("item"), str):
            raise AnswerError("no_list", "expected answers with the key of an item")
        item = checklist.get(one["item"])
        if item.id in found:
            raise AnswerError("twice", f"the item {item.id} comes twice", item.text)
        found[item.id] = _answer(item, one)
    return [found[item.id] for item in checklist.items if item.id in found]


def outcome(answers: Iterable[Answer]) -> Outcome:
    """Return what came of a visit."""
    said = {answer.verdict for answer in answers}
    if "failed" in said:
        return "objections"
    return "nothing_to_object" if said & {"ok", "measured"} else "nothing_seen"


def _answer(item: Item, given: dict[str, Any]) -> Answer:
    verdict, value = given.get("answer"), given.get("value")
    if value is None:
        allowed = VERDICTS[2:] if item.is_number else VERDICTS
        if verdict not in allowed:
            raise AnswerError(
                "wrong_type", f"{item.id} is {verdict!r}; expected one of {', '.join(allowed)}", item.text
            )
        return Answer(item, verdict)
    if not item.is_number:
        raise AnswerError("wrong_type", f"{item.id} takes no number", item.text)
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not item.lowest <= number <= item.highest:  # so is NaN
        limits = f"{item.lowest:g} to {item.highest:g}"
        raise AnswerError("wrong_number", f"{item.id} is {value!r}; expected a number from {limits}", item.text)
    if item.least is None:
        return Answer(item, "measured", number)
    return Answer(item, "ok" if number >= item.least else "failed", number)


@cache
def load() -> dict[str, Checklist]:
    """Return all lists by kind of site. Errors: DefinitionError that names file and key."""
    lists = {}
    for path in sorted(FOLDER.glob("*.toml")):
        table = Table.of_file(path)
        kind = table.choice("kind", [ANY, *glossary.terms()["site_kind"]])
        if kind != path.stem:
            raise DefinitionError(f"{path.name}: holds the list for {kind}")
        shown = tuple(map(_shown, table.tables("shown", "field"))) if "shown" in table.values else ()
        items = tuple(map(_item, table.tables("item", "id")))
        table.refuse_unknown()
        if len({item.id for item in items}) != len(items):
            raise DefinitionError(f"{path.name}: an item comes twice")
        lists[kind] = Checklist(kind, shown, items)
    return lists


def _shown(table: Table) -> Shown:
    words = table.vocabulary("glossary") if "glossary" in table.values else table.vocabulary("words")
    shown = Shown(table.text("field"), Text(table.text("zh"), table.text("en")), table.text("unit", True) or "", words)
    table.refuse_unknown()
    return shown


def _item(table: Table) -> Item:
    is_number = table.choice("answer", ["number"]) == "number" if "answer" in table.values else False
    ok_value = table.value("ok_value", True)
    if not isinstance(ok_value, bool) and "failed_value" not in table.values:
        raise table.wrong("failed_value", "the value of a failed item")
    item = Item(
        table.text("id"),
        Text(table.text("zh"), table.text("en")),
        table.text("source"),
        table.text("rule", True),
        table.text("part", True),
        is_number,
        table.text("unit") if is_number else "",
        table.number("lowest", low=-1e12, high=1e12) if is_number else 0,
        table.number("highest", low=-1e12, high=1e12) if is_number else 0,
        table.number("least", low=-1e12, high=1e12) if "least" in table.values else None,
        table.text("measure", True),
        table.choice("column", COLUMNS) if "column" in table.values else None,
        table.text("field", True),
        ok_value,
        table.value("failed_value", not ok_value),
        _conditions(table, "when"),
        _conditions(table, "unless"),
    )
    table.refuse_unknown()
    return item


def _conditions(table: Table, key: str) -> dict[str, tuple[Any, ...]]:
    part = table.table(key, optional=True)
    for name, values in part.values.items():
        if not isinstance(values, list) or not values or not all(isinstance(value, _PLAIN) for value in values):
            raise part.wrong(name, "a list of values")
    return {name: tuple(values) for name, values in part.values.items()}


def spelled(value: Any) -> str | None:
    """Return a value of a record as the visit keeps it; None for one that nobody recorded."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
