"""Take typed values out of a rule's header, one sentence for each thing that is not as expected."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from gridmap.errors import DefinitionError

NAME = r"[a-z][a-z0-9_]*"


class Header:
    """A TOML table that knows its file and which keys were asked for, so that a stray key is found."""

    def __init__(self, table: dict[str, Any], path: str, prefix: str = "") -> None:
        self._left = dict(table)
        self._path = path
        self._prefix = prefix

    def fail(self, key: str, expected: str) -> DefinitionError:
        """Return the error that says which key of which file is wrong."""
        return DefinitionError(f"{self._path}: {self._prefix}{key}: expected {expected}")

    def take(self, key: str, expected: str) -> Any:
        """Return a value that must be there."""
        if key not in self._left:
            raise self.fail(key, f"{expected}; it is missing")
        return self._left.pop(key)

    def text(
        self, key: str, *, pattern: str | None = None, like: str = "", empty: bool = False, default: str | None = None
    ) -> str:
        """Return a text, by default not an empty one."""
        if default is not None and key not in self._left:
            return default
        expected = f"a text like {like}" if pattern else "a text"
        value = self.take(key, expected)
        if not isinstance(value, str) or not (value.strip() or empty):
            raise self.fail(key, f"{expected}, got {value!r}")
        if pattern and not re.fullmatch(pattern, value):
            raise self.fail(key, f"{expected}, got {value!r}")
        return value.strip()

    def texts(self, key: str, *, pattern: str, like: str) -> tuple[str, ...]:
        """Return a list of texts, each of the pattern and none twice; it may be empty."""
        expected = f"a list of texts like {like}, none twice"
        value = self.take(key, expected)
        if (
            not isinstance(value, list)
            or not all(isinstance(item, str) and re.fullmatch(pattern, item) for item in value)
            or len(set(value)) != len(value)
        ):
            raise self.fail(key, f"{expected}, got {value!r}")
        return tuple(value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of identifiers."""
        return self.texts(key, pattern=NAME, like="zone")

    def filled_texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts that is not empty: SQL has no empty IN list."""
        value = self.texts(key, pattern=r".+", like="410181")
        if not value:
            raise self.fail(key, "a list of at least one text, got none")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of a few words."""
        expected = f"one of {', '.join(choices)}"
        value = self.take(key, expected)
        if value not in choices:
            raise self.fail(key, f"{expected}, got {value!r}")
        return str(value)

    def day(self, key: str) -> dt.date:
        """Return a date."""
        value = self.take(key, "a date like 2019-11-15, without quotes")
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise self.fail(key, f"a date like 2019-11-15, without quotes, got {value!r}")
        return value

    def number(self, key: str) -> float:
        """Return a finite number, not negative; whole numbers stay whole."""
        value = self.take(key, "a number")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise self.fail(key, f"a number of at least 0, got {value!r}")
        return value

    def integer(self, key: str) -> int:
        """Return a whole number, not negative."""
        value = self.number(key)
        if not isinstance(value, int):
            raise self.fail(key, f"a whole number, got {value!r}")
        return value

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        if default is not None and key not in self._left:
            return default
        value = self.take(key, "true or false")
        if not isinstance(value, bool):
            raise self.fail(key, f"true or false, got {value!r}")
        return value

    def words(self, key: str) -> dict[str, tuple[str, str]] | None:
        """Return code -> (Chinese, English) for a fact with coded values, or None when there is no such table."""
        if key not in self._left:
            return None
        value = self.take(key, "a table")
        if not isinstance(value, dict) or not all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) and word for word in pair)
            for pair in value.values()
        ):
            raise self.fail(key, 'a table like { plain = ["平原", "plain"] }')
        return {code: (pair[0], pair[1]) for code, pair in value.items()}

    def tables(self, key: str) -> Iterator[Header]:
        """Yield the tables of an array that must hold at least one."""
        value = self.take(key, f"at least one [[{key}]]")
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            raise self.fail(key, f"at least one [[{key}]]")
        for place, entry in enumerate(value, start=1):
            yield Header(entry, self._path, f"{self._prefix}{key}[{place}].")

    def named_tables(self, key: str) -> Iterator[tuple[str, Header]]:
        """Yield name and table of each entry of a table; a header without the table yields nothing."""
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, "a table")
        for name, entry in value.items():
            if not re.fullmatch(NAME, name) or not isinstance(entry, dict):
                raise self.fail(f"{key}.{name}", "a name in small letters with a table in braces")
            yield name, Header(entry, self._path, f"{self._prefix}{key}.{name}.")

    def nothing_left(self) -> None:
        """Raise when the table holds a key that nobody asked for."""
        for key in self._left:
            raise self.fail(key, "no such key here")
