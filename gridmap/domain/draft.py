"""The life of a draft: who may take which step, from where to where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["drafting", "submitted", "returned", "approved", "published", "withdrawn"]
Step = Literal["save", "submit", "comment", "return", "approve", "publish", "withdraw", "rebase"]


@dataclass(frozen=True)
class Rule:
    """A step of a draft. target None: the state stays. permission: of domain/roles.py.

    other_post: only a post other than the one that made or submitted the draft may take it.
    """

    sources: tuple[State, ...]
    target: State | None
    permission: str
    other_post: bool = False


STEPS: Mapping[Step, Rule] = {
    "save": Rule(("drafting", "returned"), None, "draft:change"),
    "rebase": Rule(("drafting", "returned"), None, "draft:change"),
    "submit": Rule(("drafting", "returned"), "submitted", "draft:change"),
    "comment": Rule(("drafting", "submitted", "returned", "approved"), None, "draft:read"),
    "return": Rule(("submitted", "approved"), "returned", "draft:review", other_post=True),
    "approve": Rule(("submitted",), "approved", "draft:review", other_post=True),
    "publish": Rule(("approved",), "published", "draft:publish", other_post=True),
    "withdraw": Rule(("drafting", "submitted", "returned", "approved"), "withdrawn", "draft:change"),
}
"""The one table of steps: a step that is not here cannot be taken."""

EVENT_OF_STEP: Mapping[Step, str] = {
    "rebase": "rebased", "submit": "submitted", "comment": "commented", "return": "returned",
    "approve": "approved", "publish": "published", "withdraw": "withdrawn",
}  # fmt: skip
"""What is noted of a step; saves are not, they have revisions."""


@dataclass(frozen=True)
class Content:
    """What a draft draws. boundary_wkb: MultiPolygon in EPSG:4490 or None; units: codes of 6, 9 or 12 digits."""

    boundary_wkb: bytes | None = None
    units_in: tuple[str, ...] = ()
    units_out: tuple[str, ...] = ()
    unit_notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Publication:
    """What makes a draft law: the document with its number, the day it was signed, the day it begins."""

    document: str
    document_number: str
    signed_on: dt.date
    begins_on: dt.date


Refusal = Literal["state", "same_post"]


def refusal(step: Step, state: State, actor: str, author: str, submitted_by: str | None) -> Refusal | None:
    """Return why a post may not take a step now, None when it may; rights are asked elsewhere."""
    rule = STEPS[step]
    if state not in rule.sources:
        return "state"
    if rule.other_post and actor in (author, submitted_by):
        return "same_post"
    return None
