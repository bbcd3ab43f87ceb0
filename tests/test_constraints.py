"""The pins agree: what pyproject.toml asks for is what constraints.txt gives, and nothing comes unpinned."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lines):
    pairs = (line.strip().split("==") for line in lines if line.strip() and line[0] != "#")
    return {plain(name): version for name, version in pairs}


CONSTRAINTS = pinned((ROOT / "constraints.txt").read_text().splitlines())


def test_direct_requirements_are_pinned_alike():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = pinned([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    assert asked.items() <= CONSTRAINTS.items()


def test_everything_that_comes_along_is_pinned():
    reached, waiting = set(), ["gridmap"]
    while waiting:
        name = waiting.pop()
        for wanted in importlib.metadata.requires(name) or ():
            requirement, _, marker = wanted.partition(";")
            found = plain(re.match(r"[A-Za-z0-9._-]+", requirement).group())
            if "extra" in marker or found in reached:
                continue
            try:
                importlib.metadata.version(found)
            except importlib.metadata.PackageNotFoundError:
                continue  # for another platform or Python
            reached.add(found)
            waiting.append(found)
    assert reached <= set(CONSTRAINTS)
