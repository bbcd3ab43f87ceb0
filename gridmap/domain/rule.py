"""What a rule is, and how the header of its file is read: TOML in the leading comment of a SELECT."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gridmap.domain.definition import Text
from gridmap.domain.rule_header import Header
from gridmap.errors import DefinitionError

THEME_OF_PREFIX = {
    "COAL": "coal",
    "BOIL": "boiler",
    "INDU": "industry",
    "FOOD": "food",
    "VEHI": "machinery",
    "NRMM": "machinery",
    "MARK": "machinery",
    "FUEL": "fuel",
    "DUST": "dust",
    "BURN": "burning",
    "GRID": "grid",
    "QUOTA": "grid",
    "VISIT": "grid",
}
"""The letters of a rule's id decide its theme, hence the folder it lies in."""

FEATURE_KINDS = (
    "village", "site", "road", "place_mention", "gap", "county", "township", "grid_cell", "station", "zone",
    "case_file", "road_damage", "hotspot",
)  # fmt: skip
"""What a finding may be about; `gap` is land that is no feature of any layer."""

PARAMETER = re.compile(r"%\(([a-z_0-9]+)\)s")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
"""A stretch of a message that is left out when a fact in it is unknown."""

Value: TypeAlias = str | int | float | bool | dt.date | tuple[str, ...]


@dataclass(frozen=True)
class Legal:
    """Where a duty stands: document, its number (empty when it has none), and the item."""

    document: str
    number: str
    item: str


@dataclass(frozen=True)
class Param:
    """A figure of a rule that is a parameter; ours: it stands in no document.

    changes: (day, value) in order, for a figure that the documents change: each holds from its day on, default before.
    """

    name: str
    type: str
    default: Value
    note: str
    ours: bool = False
    changes: tuple[tuple[dt.date, Value], ...] = ()

    def on(self, day: dt.date | None) -> Value:
        """Return the value that holds on a day; without a day the default."""
        value = self.default
        for since, changed in self.changes:
            if day is not None and since <= day:
                value = changed
        return value


@dataclass(frozen=True)
class Fact:
    """A column that a rule returns beside the fixed ones. words: what coded values mean, by code."""

    name: str
    label: Text
    unit: str
    words: Mapping[str, Text]


@dataclass(frozen=True)
class Rule:
    """One duty: header and SELECT of one file.

    where: county codes, empty for the whole city. part: what tells several findings about one feature apart.
    """

    id: str
    theme: str
    title: str
    title_en: str
    severity: str
    message: str
    message_en: str
    judges: str
    reads: tuple[str, ...]
    status: str
    since: dt.date
    where: tuple[str, ...]
    reach_m: float
    why: str
    fix: str
    trap: str
    legal: tuple[Legal, ...]
    params: tuple[Param, ...]
    facts: tuple[Fact, ...]
    part: Fact | None
    material: tuple[str, ...]
    clock: str
    sql: str
    path: str
    digest: str
    retired_on: dt.date | None = None
    retired_reason: str | None = None
    replaced_by: str | None = None

    def parameters(self, day: dt.date | None = None) -> dict[str, Value]:
        """Return the values by name as they hold on a day, the defaults without one; `as_of` is the engine's to add.

        Dates come as dates, lists as tuples. `since` is among them for a SELECT that asks for it.
        """
        values: dict[str, Value] = {param.name: param.on(day) for param in self.params}
        return {**values, "since": self.since} if "since" in PARAMETER.findall(self.sql) else values


def parse(text: str, path: str) -> Rule:
    """Read the text of a rule file; DefinitionError names the file, the key and what was expected.

    path: for messages and for the reader, relative to the folder of the rules.
    """
    raw, sql = split(text, path)
    try:
        header = Header(path, "", tomllib.loads(raw))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{path}: the header is not TOML: {error}") from error
    rule_id = header.matching("id", r"[A-Z]{4,5}-[0-9]{2}", "COAL-01")
    status = header.choice("status", ("in_force", "retired"))
    retired = status == "retired"
    facts = tuple(_fact(name, entry) for name, entry in header.named_entries("facts"))
    rule = Rule(
        id=rule_id,
        theme=_theme(header, rule_id),
        title=header.wording("title"),
        title_en=header.wording("title_en"),
        severity=header.choice("severity", ("high", "medium", "low")),
        message=header.wording("message"),
        message_en=header.wording("message_en"),
        judges=header.choice("judges", FEATURE_KINDS),
        reads=header.texts("reads"),
        status=status,
        since=header.day("since"),
        where=header.texts("where", r"[0-9]{6}", "410181"),
        reach_m=header.measure("reach_m"),
        why=header.wording("why"),
        fix=header.wording("fix"),
        trap=header.wording("trap"),
        legal=tuple(_legal(entry) for entry in header.entries("legal")),
        params=tuple(_param(name, entry) for name, entry in header.named_entries("params")),
        facts=facts,
        part=_part(header, facts),
        material=header.texts("material"),
        clock=header.choice("clock", ("none", "day")),
        sql=sql,
        path=path,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        retired_on=header.day("retired_on") if retired else None,
        retired_reason=header.wording("retired_reason") if retired else None,
        replaced_by=header.maybe_empty("replaced_by") if retired else None,
    )
    header.refuse_unknown()
    _check_names(rule)
    return rule


def split(text: str, path: str) -> tuple[str, str]:
    """Return header and SELECT of a rule file, the comment signs taken off."""
    if not text.startswith("/*") or "*/" not in text:
        raise DefinitionError(f"{path}: expected a header in /* */ before the SELECT")
    raw, sql = text[2:].split("*/", 1)
    if not sql.strip():
        raise DefinitionError(f"{path}: expected a SELECT after the header")
    return raw, sql.strip()


def _theme(header: Header, rule_id: str) -> str:
    theme = THEME_OF_PREFIX.get(rule_id.split("-")[0])
    if theme is None:
        raise header.wrong("id", f"letters that have a theme: {', '.join(THEME_OF_PREFIX)}")
    return theme


def _legal(entry: Header) -> Legal:
    legal = Legal(entry.wording("document"), entry.maybe_empty("number"), entry.wording("item"))
    entry.refuse_unknown()
    return legal


def _param(name: str, entry: Header) -> Param:
    readers: dict[str, Callable[[Header, str], Value]] = {
        "number": lambda table, key: table.share(key) if name.endswith("_pct") else table.measure(key),
        "integer": lambda table, key: table.count(key),
        "text": lambda table, key: table.text(key),
        "texts": lambda table, key: table.texts(key, ".+", "410181", at_least=1),  # SQL has no empty IN list
        "date": lambda table, key: table.day(key),
        "boolean": lambda table, key: table.boolean(key),
    }
    kind = entry.choice("type", tuple(readers))
    read = readers[kind]
    default, note, ours = read(entry, "default"), entry.wording("note"), entry.boolean("ours", default=False)
    changes = []
    for change in entry.entries("changes") if "changes" in entry.values else ():
        changes.append((change.day("from"), read(change, "value")))
        change.refuse_unknown()
    if [day for day, _ in changes] != sorted({day for day, _ in changes}):
        raise entry.wrong("changes", "each day once, the earliest first")
    entry.refuse_unknown()
    return Param(name, kind, default, note, ours, tuple(changes))


def _fact(name: str, entry: Header) -> Fact:
    label = Text(entry.wording("zh"), entry.wording("en"))
    fact = Fact(name, label, entry.maybe_empty("unit", default=""), entry.vocabulary("words"))
    entry.refuse_unknown()
    return fact


def _part(header: Header, facts: tuple[Fact, ...]) -> Fact | None:
    """Read what a finding's part is: the name of a fact that it repeats, or a description of its own."""
    header.seen.add("part")
    given = header.values.get("part")
    if given is None:
        return None
    if isinstance(given, str):
        for fact in facts:
            if fact.name == given:
                return Fact("part", fact.label, fact.unit, fact.words)
        raise header.wrong("part", "a fact that [facts] describes, or a table like that of a fact")
    table = header.table("part")
    return _fact("part", Header(table.file, table.place, table.values))


def _check_names(rule: Rule) -> None:
    """Hold together what can be held together without reading the SELECT as SQL."""
    known = {fact.name for fact in rule.facts} | {"name", "part"}
    for key, wording in (("message", rule.message), ("message_en", rule.message_en)):
        if set("[]") & set(OPTIONAL.sub("", wording)):
            raise DefinitionError(f"{rule.path}: {key} has a bracket alone; expected [ ] around what may be left out")
        strange = sorted(set(PLACEHOLDER.findall(wording)) - known)
        if strange:
            raise DefinitionError(f"{rule.path}: {key} names {{{strange[0]}}}; expected a fact, name or part")
    for name in rule.material:
        if name not in known:
            raise DefinitionError(f"{rule.path}: material names {name}; expected a fact that [facts] describes")
    used = set(PARAMETER.findall(rule.sql))
    declared = {param.name for param in rule.params}
    given = {"as_of", "since"}
    for name in sorted(declared & given):
        raise DefinitionError(f"{rule.path}: params declares {name}; expected it not to be, the engine gives it")
    for name in sorted(used - declared - given):
        raise DefinitionError(f"{rule.path}: the SELECT uses %({name})s; expected params to declare {name}")
    for name in sorted(declared - used):
        raise DefinitionError(f"{rule.path}: params declares {name}; expected the SELECT to use %({name})s")
    if "%" in PARAMETER.sub("", rule.sql).replace("%%", ""):
        raise DefinitionError(f"{rule.path}: the SELECT holds a bare %; expected %(name)s, or %% for the sign")
    if (rule.clock == "day") != ("as_of" in used):
        raise DefinitionError(f'{rule.path}: clock is "{rule.clock}"; expected "day" exactly when %(as_of)s is used')
    if rule.retired_on is not None and rule.retired_on < rule.since:
        raise DefinitionError(f"{rule.path}: retired_on lies before since; expected a later day")
