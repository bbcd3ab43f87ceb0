"""Texts in spreadsheets: none may become a formula, and what was done to prevent it can be undone.

A spreadsheet calculates a text that begins with a sign; in Chinese, Japanese and Korean editions with a full-width one
too, and some drop blanks and control characters before they look. Such a text gets an apostrophe in front. One that
begins with apostrophes already gets one more, so that original() always gives back what harmless() was given.
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(
    "[\t\r\n]"  # these alone are enough for some
    "|[\\s\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\u3000\ufeff]*[=+\\-@＝＋－＠]"
)


def harmless(value: Any) -> Any:
    """Return a text that no spreadsheet takes for a formula; whatever is no text stays as it is."""
    return "'" + value if isinstance(value, str) and _could_be_formula(value) else value


def original(value: Any) -> Any:
    """Return the text that harmless() was given; an apostrophe that somebody wrote stays."""
    if isinstance(value, str) and value.startswith("'") and _could_be_formula(value):
        return value[1:]
    return value


def _could_be_formula(text: str) -> bool:
    return _FORMULA.match(text.lstrip("'")) is not None
