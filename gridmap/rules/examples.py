"""The examples of a rule, for its page. They lie beside the tests, so that only a checkout has them."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path

from gridmap import config
from gridmap.domain.example import Example, parse
from gridmap.domain.rule import Rule

log = logging.getLogger(__name__)


def find_file(rule: Rule, folder: Path | None = None) -> Path | None:
    """Return the file with a rule's examples, or None where there is none, as in an installed package."""
    path = (folder or config.ROOT / "tests" / "rules") / Path(rule.path).with_suffix(".toml")
    return path if path.is_file() else None


def load(rule: Rule, folder: Path | None = None) -> list[Example]:
    """Return the examples of a rule, none where the files are not there; a file that cannot be read is logged."""
    path = find_file(rule, folder)
    if path is None:
        return []
    try:
        return parse(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, TypeError, IndexError) as error:
        # the tests hold these files to their grammar; a page goes without them
        log.warning("the examples in %s cannot be drawn: %s", path.name, error)
        return []
