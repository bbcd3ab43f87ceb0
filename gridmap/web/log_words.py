"""The log in words: what was done to what, and each field before and after, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext as _

from gridmap import glossary, layers
from gridmap.store.audit_log import LogRow
from gridmap.web import language, words

_LONGEST = 400
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00$")
"""As the database writes an instant on its session's clock, which is the city's."""


@dataclass(frozen=True)
class Change:
    """A field before and after; None where it was not."""

    title: str
    was: str | None
    is_now: str | None


def changes(row: LogRow) -> list[Change]:
    """Return the fields of an entry, those that the database keeps by name in its order."""
    before, after = row.before or {}, row.after or {}
    names = list(dict.fromkeys([*before, *after]))
    told = [
        Change(
            field_title(row.relation, name),
            _value(name, before[name]) if name in before else None,
            _value(name, after[name]) if name in after else None,
        )
        for name in names
    ]
    return [change for change in told if (change.was or change.is_now)]


def field_title(relation: str | None, name: str) -> str:
    """Return a field's name in the page's language: the glossary's, else the layers', else the column's own."""
    lang = language.current()
    known = glossary.terms()["log_field"]
    for key in (f"{relation}.{name}", name):
        if key in known:
            return known[key][lang]
    title = _layer_titles().get(name)
    return title.get(lang) if title is not None else name


def as_text(fields: Mapping[str, Any] | None, relation: str | None) -> str:
    """Return fields as one text for a spreadsheet."""
    if not fields:
        return ""
    return "; ".join(f"{field_title(relation, name)}: {_value(name, value)}" for name, value in fields.items())


@cache
def _layer_titles() -> dict[str, Any]:
    return {column.name: column.title for layer in reversed(list(layers.load())) for column in layer.columns}


def _value(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict) and "coordinates" in value:
        return _geometry(value)
    if name == "role":
        return words.role(str(value))
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _INSTANT.match(value):
        return f"{value[:10]} {value[11:19]}"
    text = {"changed": _("已更改")}.get(str(value), str(value)) if name in ("password", "second_factor") else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _geometry(value: Mapping[str, Any]) -> str:
    """Return a position as longitude and latitude, an outline by its kind and number of corners."""
    if value.get("type") == "Point":
        lon, lat = value["coordinates"][:2]
        return f"{lon:.6f}, {lat:.6f}"
    return _("%(kind)s，%(n)s 个顶点", kind=value.get("type"), n=_corners(value["coordinates"]))


def _corners(part: Any) -> int:
    if not part:
        return 0
    return 1 if isinstance(part[0], int | float) else sum(_corners(each) for each in part)
