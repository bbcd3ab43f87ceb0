"""The glossary: the one Chinese and the one English word for each identifier."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path


@functools.cache
def terms() -> dict[str, dict[str, dict[str, str]]]:
    """Return all terms: group → identifier → language (zh, en) → word."""
    with (Path(__file__).parent / "glossary.toml").open("rb") as file:
        return tomllib.load(file)


def word(group: str, identifier: str, lang: str = "zh") -> str:
    """Return the word for an identifier; one that the glossary does not know stands for itself."""
    return terms().get(group, {}).get(identifier, {}).get(lang, identifier)
