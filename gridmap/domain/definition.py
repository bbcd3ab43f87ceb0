"""Read tables of a definition file key by key, with a sentence for every mistake."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, overload

from gridmap import glossary
from gridmap.errors import DefinitionError

_MISSING = object()


@dataclass(frozen=True)
class Text:
    """A wording in Chinese and in English."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        """Return the wording in a language, Chinese unless it is en."""
        return self.en if lang == "en" else self.zh


@dataclass
class Table:
    """A table of a definition file.

    file: how messages name the file. place: where in it (column 'name'). seen: keys asked for so far.
    """

    file: str
    place: str
    values: dict[str, Any]
    seen: set[str] = field(default_factory=set)

    @classmethod
    def of_file(cls, path: Path) -> Table:
        """Read a TOML file."""
        shown = "/".join(path.parts[-3:])
        try:
            return cls(shown, "", tomllib.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            raise DefinitionError(f"{shown}: the file is missing") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DefinitionError(f"{shown}: not TOML: {error}") from None

    def wrong(self, key: str, expected: str) -> DefinitionError:
        """Return the error for a key: what it holds, or that it is missing, and what was expected."""
        where = f"{self.file}: {self.place}: " if self.place else f"{self.file}: "
        given = self.values.get(key, _MISSING)
        said = f"`{key}` is missing" if given is _MISSING else f"`{key}` is {_brief(given)}"
        return DefinitionError(f"{where}{said}; expected {expected}")

    def value(self, key: str, default: Any = _MISSING) -> Any:
        """Return a key's value; without a default it must be there."""
        self.seen.add(key)
        if key not in self.values and default is _MISSING:
            raise self.wrong(key, "a value")
        return self.values.get(key, default)

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, optional: Literal[True]) -> str | None: ...
    def text(self, key: str, optional: bool = False) -> str | None:
        """Return a text that is not empty, or None when it is optional and not given."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if optional and (value is _MISSING or value is None):
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Return a text out of a list."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if value not in allowed:
            raise self.wrong(key, f"one of {', '.join(allowed)}")
        return str(value)

    def integer(self, key: str, default: int | None = None, *, low: int, high: int) -> int:
        """Return a whole number within limits."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if value is _MISSING and default is not None:
            return default
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        """Return a number within limits."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if value is _MISSING and default is not None:
            return default
        if type(value) not in (int, float) or not low <= value <= high:
            raise self.wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        self.seen.add(key)
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts without repetition, at least one."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        fine = isinstance(value, list) and value and all(isinstance(item, str) and item for item in value)
        if not fine or len(set(value)) != len(value):
            raise self.wrong(key, "a list of names, each once")
        return tuple(value)

    def bilingual(self, key: str) -> Text:
        """Return a wording in both languages: { zh = "…", en = "…" }."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if not isinstance(value, dict):
            raise self.wrong(key, 'a text in both languages, { zh = "…", en = "…" }')
        part = Table(self.file, f"{self.place}{', ' if self.place else ''}{key}", value)
        wording = Text(part.text("zh"), part.text("en"))
        part.refuse_unknown()
        return wording

    def labels(self, key: str) -> dict[str, Text]:
        """Return code -> wording, empty when the key is not there."""
        part = self.table(key, optional=True)
        return {code: part.bilingual(code) for code in part.values}

    def vocabulary(self, key: str) -> dict[str, Text]:
        """Return code -> wording: a group of the glossary by its name, or a table of the definition's own words."""
        group = self.values.get(key)
        if not isinstance(group, str):
            return self.labels(key)
        self.seen.add(key)
        if group not in glossary.terms():
            raise self.wrong(key, f"a table of words or a group of the glossary: {', '.join(glossary.terms())}")
        return {code: Text(word["zh"], word["en"]) for code, word in glossary.terms()[group].items()}

    def table(self, key: str, optional: bool = False) -> Table:
        """Return a table inside this one; an optional one may be empty."""
        self.seen.add(key)
        value = self.values.get(key, {} if optional else _MISSING)
        if not isinstance(value, dict):
            raise self.wrong(key, "a table")
        return Table(self.file, f"{self.place}{', ' if self.place else ''}{key}", value)

    def tables(self, key: str, label: str) -> list[Table]:
        """Return a list of tables, at least one, each known in messages by its `label` key."""
        self.seen.add(key)
        value = self.values.get(key, _MISSING)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "at least one table")
        return [Table(self.file, f"{key} {item.get(label, number)!r}", item) for number, item in enumerate(value, 1)]

    def refuse_unknown(self) -> None:
        """Raise for a key that nobody asked for: most likely a slip of the pen."""
        for key in self.values:
            if key not in self.seen:
                raise self.wrong(key, f"no such key; known are {', '.join(sorted(self.seen))}")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
