"""What a rule returns and what becomes of it: keys, certainty, facts fit for keeping."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.errors import UserError

Certainty = Literal["breach", "near_boundary", "report"]


@dataclass(frozen=True)
class Row:
    """One row of a rule's answer.

    facts: values fit for JSON, by name. geom_hex: hex EWKB in EPSG:4490, or None when nothing places it.
    """

    county_code: str
    feature_kind: str
    feature_id: str
    part: str
    name: str
    certainty: Certainty
    facts: Mapping[str, Any]
    geom_hex: str | None = None

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Return what findings of one rule are sorted by, so that two runs agree."""
        return self.county_code, self.feature_kind, self.feature_id, self.part


@dataclass(frozen=True)
class Acceptance:
    """Why, by which document, by which post and until when a finding is accepted as an exception."""

    reason: str
    document: str
    post: str
    until: dt.date

    def check(self, today: dt.date) -> None:
        """Raise UserError, naming the field, unless it is whole and does not end before today."""
        for field, value in (("reason", self.reason), ("document", self.document), ("post", self.post)):
            if not value.strip():
                raise UserError(f"an exception needs a {field}; it is empty")
            if len(value) > 500:
                raise UserError(f"the {field} of an exception has {len(value)} characters; expected at most 500")
        if self.until < today:
            raise UserError(f"an exception until {self.until} would end before today, {today}")


def key(rule_id: str, feature_id: str, part: str) -> str:
    """Return the stable key of a finding, 32 hex digits: the same rule, feature and part always give it."""
    text = "\x1f".join((rule_id, feature_id, part))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def fact(value: Any) -> Any:
    """Return a database value as JSON may keep it: days as ISO text, numbers finite and without float noise."""
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, decimal.Decimal):
        value = float(value)
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [fact(item) for item in value]
    return str(value)


def material(names: Iterable[str], certainty: Certainty, facts: Mapping[str, Any]) -> str:
    """Return the facts that matter as canonical text: a finding has changed when this text has."""
    chosen = {name: facts.get(name) for name in names} or dict(facts)
    return json.dumps([certainty, chosen], ensure_ascii=False, sort_keys=True)
