"""The catalogue: every rule file read, held against the others, and its findings put in words."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from gridmap import config
from gridmap.domain.rule import OPTIONAL, PLACEHOLDER, THEME_OF_PREFIX, Fact, Rule, parse
from gridmap.errors import DefinitionError, NotFoundError

FOLDER = Path(__file__).resolve().parent
RETIRED = "retired"
_CODE = re.compile("[a-z_]{2,}")


@dataclass(frozen=True)
class Catalogue:
    """rules: those in force, by id. retired: those that are not judged any more. digest: sha256 of all texts."""

    rules: tuple[Rule, ...]
    retired: tuple[Rule, ...]
    digest: str

    def get(self, rule_id: str) -> Rule:
        """Return a rule, in force or retired; NotFoundError lists what there is."""
        for rule in (*self.rules, *self.retired):
            if rule.id == rule_id:
                return rule
        known = ", ".join(rule.id for rule in self.rules)
        raise NotFoundError(f"there is no rule {rule_id}; expected one of {known}")


def load(folder: Path | None = None) -> Catalogue:
    """Read all rule files of a folder (by default the package's own), ordered by id.

    They are read anew when one of them has changed: parsing 64 headers takes longer than most pages may.
    Raises DefinitionError on the first file that is wrong, on an id that is there twice, retired ones counted.
    """
    root = folder or FOLDER
    return _read(root, config.state_of_files(root, "*/*.sql"))


@lru_cache(maxsize=4)
def _read(root: Path, _state: tuple[tuple[str, int, int], ...]) -> Catalogue:
    rules: dict[str, Rule] = {}
    for path in sorted(root.glob("*/*.sql")):
        place = path.relative_to(root).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DefinitionError(f"{place}: expected UTF-8 text") from error
        rule = parse(text, place)
        _check_place(rule, path)
        if rule.id in rules:
            raise DefinitionError(f"{place}: id {rule.id} is taken by {rules[rule.id].path}; ids are never reused")
        rules[rule.id] = rule
    ordered = [rules[rule_id] for rule_id in sorted(rules)]
    digest = hashlib.sha256("\n".join(f"{rule.id} {rule.digest}" for rule in ordered).encode()).hexdigest()
    return Catalogue(
        rules=tuple(rule for rule in ordered if rule.status == "in_force"),
        retired=tuple(rule for rule in ordered if rule.status == "retired"),
        digest=digest,
    )


def _check_place(rule: Rule, path: Path) -> None:
    """A rule lies in the folder of its theme, or in retired/, under a name that begins with its id."""
    themes = sorted(set(THEME_OF_PREFIX.values()))
    if path.parent.name not in (*themes, RETIRED):
        raise DefinitionError(f"{rule.path}: unknown theme {path.parent.name}; expected one of {', '.join(themes)}")
    expected = RETIRED if rule.status == "retired" else rule.theme
    if path.parent.name != expected:
        raise DefinitionError(f"{rule.path}: expected {rule.id} ({rule.status}) in the folder {expected}/")
    start = rule.id.lower().replace("-", "_") + "_"
    if not path.name.startswith(start) or path.name == f"{start}.sql":
        raise DefinitionError(f"{rule.path}: expected a file name like {start}what_it_finds.sql")


def render(rule: Rule, facts: Mapping[str, Any], lang: str = "zh") -> tuple[str, str]:
    """Return title and message of a finding in zh or en.

    facts: the finding's facts with its name (and part, if any); one that is missing or None reads as unknown, and
    a stretch of the message in [ ] is left out when it names such a one.
    """
    title, message = (rule.title_en, rule.message_en) if lang == "en" else (rule.title, rule.message)
    described = {fact.name: fact for fact in (*rule.facts, *((rule.part,) if rule.part else ()))}

    def keep(match: Any) -> str:
        stretch: str = match.group(1)
        return stretch if all(facts.get(name) is not None for name in PLACEHOLDER.findall(stretch)) else ""

    def fill(match: Any) -> str:
        name = match.group(1)
        return in_words(facts.get(name), described.get(name), lang)

    return title, PLACEHOLDER.sub(fill, OPTIONAL.sub(keep, message))


def describe_facts(rule: Rule, facts: Mapping[str, Any], lang: str = "zh") -> list[tuple[str, str]]:
    """Return (label, value with unit) of each fact that the rule describes and the finding carries, in their order."""
    rows = []
    for fact in rule.facts:
        if facts.get(fact.name) in (None, ""):
            continue
        value = in_words(facts[fact.name], fact, lang)
        gap = "" if fact.unit in ("%", "") else " "
        rows.append((fact.label.get(lang), f"{value}{gap}{fact.unit}"))
    return rows


def describe_part(rule: Rule, part: str, facts: Mapping[str, Any], lang: str = "zh") -> tuple[str, str] | None:
    """Return (label, words) of what a finding is about within its feature; None when a fact says the same."""
    if not part or rule.part is None:
        return None
    told = (rule.part.label.get(lang), in_words(part, rule.part, lang))
    return None if told in describe_facts(rule, facts, lang) else told


def in_words(value: Any, fact: Fact | None = None, lang: str = "zh") -> str:
    """Return a fact's value as a reader would write it: never `None`, `True` or fourteen decimals."""
    chinese = lang != "en"
    if value is None:
        return "未知" if chinese else "unknown"
    if fact is not None and str(value) in fact.words:
        return fact.words[str(value)].get(lang)
    if value == "" or value == []:
        return "无" if chinese else "none"
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, int | float | Decimal):
        return _number(float(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ("、" if chinese else ", ").join(in_words(item, fact, lang) for item in value)
    if fact is not None and fact.words:  # codes in a longer text: 金水区 boiler 3；金水区 market 1
        return _CODE.sub(lambda code: fact.words[code[0]].get(lang) if code[0] in fact.words else code[0], str(value))
    return str(value)


def _number(value: float) -> str:
    """Three figures are enough for a reader: whole numbers from 100 on, one decimal below."""
    if value != value or value in (float("inf"), float("-inf")):
        return "—"
    rounded = round(value) if abs(value) >= 100 else round(value, 1)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.1f}"
