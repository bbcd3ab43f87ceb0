"""What a rule's header may hold beyond the tables of other definition files: patterns, days, lists of texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from gridmap.domain.definition import Table

NAME = r"[a-z][a-z0-9_]*"


class Header(Table):
    """The header of a rule, or a table inside it."""

    def matching(self, key: str, pattern: str, like: str) -> str:
        """Return a text of a pattern."""
        value = self.text(key)
        if not re.fullmatch(pattern, value):
            raise self.wrong(key, f"a text like {like}")
        return value

    def wording(self, key: str) -> str:
        """Return a text without the line ends around it."""
        return self.text(key).strip()

    def maybe_empty(self, key: str, default: str | None = None) -> str:
        """Return a text that may be empty; without a default the key must be there."""
        self.seen.add(key)
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text, empty when there is none")
        return value.strip()

    def texts(self, key: str, pattern: str = NAME, like: str = "zone", *, at_least: int = 0) -> tuple[str, ...]:
        """Return a list of texts of a pattern, none twice."""
        self.seen.add(key)
        value = self.values.get(key)
        fine = isinstance(value, list) and all(isinstance(item, str) and re.fullmatch(pattern, item) for item in value)
        if not fine or not isinstance(value, list) or len(set(value)) != len(value) or len(value) < at_least:
            raise self.wrong(key, f"a list of {'at least one text' if at_least else 'texts'} like {like}, none twice")
        return tuple(value)

    def day(self, key: str) -> dt.date:
        """Return a date."""
        self.seen.add(key)
        value = self.values.get(key)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise self.wrong(key, "a date like 2019-11-15, without quotes")
        if not 1990 <= value.year <= 2100:  # what the pages' calendars offer
            raise self.wrong(key, "a date from 1990 to 2100")
        return value

    def measure(self, key: str) -> float:
        """Return a number from 0 on."""
        return self.number(key, low=0, high=1e12)

    def share(self, key: str) -> float:
        """Return a number of per cent."""
        return self.number(key, low=0, high=100)

    def count(self, key: str) -> int:
        """Return a whole number from 0 on."""
        return self.integer(key, low=0, high=10**12)

    def entries(self, key: str) -> Iterator[Header]:
        """Yield the tables of an array that must hold at least one."""
        for entry in self.tables(key, "item"):
            yield Header(entry.file, entry.place, entry.values)

    def named_entries(self, key: str) -> Iterator[tuple[str, Header]]:
        """Yield name and table of each entry of a table that may be missing."""
        table = self.table(key, optional=True)
        for name in table.values:
            if not re.fullmatch(NAME, name):
                raise table.wrong(name, "a name in small letters")
            entry = table.table(name)
            yield name, Header(entry.file, entry.place, entry.values)
