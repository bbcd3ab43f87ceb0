"""A cell that cannot be read as what its column is: the field, what was expected and found, in both languages."""

from __future__ import annotations

from gridmap.domain.incoming import Told
from gridmap.errors import UserError

NOTHING = Told("空", "nothing")
_LONGEST = 50


class Misread(UserError):
    """What is wrong with one cell. expected, found, hint: in both languages, for the columns of a report."""

    def __init__(self, field: str, expected: Told, found: Told, hint: Told | None = None) -> None:
        self.field = field
        self.expected = expected
        self.found = found
        self.hint = hint
        super().__init__(self.en)

    @property
    def zh(self) -> str:
        """Return the sentence in Chinese."""
        hint = f"；{self.hint.zh}" if self.hint else ""
        return f"“{self.field}”应为{self.expected.zh}，现为{self.found.zh}{hint}"

    @property
    def en(self) -> str:
        """Return the sentence in English."""
        hint = f"; {self.hint.en}" if self.hint else ""
        return f"field {self.field}: expected {self.expected.en}, found {self.found.en}{hint}"


def shown(value: object) -> Told:
    """Return a value for a sentence, cut where it is long; the digits of a huge number are not written out."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return NOTHING
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return Told("六十多位的数", "a number of more than 60 digits")
    if isinstance(value, str) and len(value) > 2 * _LONGEST:
        return Told(f"{len(value)} 个字符的文字", f"a text of {len(value)} characters")
    text = repr(value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return Told(text, text)


def joined(one: Told, other: Told) -> Told:
    """Return two findings as one."""
    return Told(f"{one.zh}，{other.zh}", f"{one.en}, {other.en}")
