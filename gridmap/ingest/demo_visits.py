"""Demo visits of kitchens: what inspectors found there item by item, so that a list of visits has something to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gridmap.domain import checklist
from gridmap.domain.checklist import Answer

COLUMNS = ("inspection_id", "site_id", "inspected_on", "kind", "post", "checklist", "outcome", "is_demo")
ITEM_COLUMNS = (
    "inspection_id", "item", "site_id", "number", "wording", "wording_en", "source", "rule_id", "part", "answer",
)  # fmt: skip

_DAY = dt.date(2020, 10, 12)
_SAID = {
    "demo-rest-0001": {"purifier_running": "failed", "no_open_barbecue": "ok", "no_coal_stove": "ok"},
    "demo-rest-0002": {"purifier_running": "ok", "no_open_barbecue": "ok", "no_coal_stove": "ok"},
    "demo-rest-0003": {"purifier_running": "ok", "no_coal_stove": "failed"},
    "demo-rest-0004": {},
}
"""What was said at each kitchen; at the last the door was shut."""


def visits() -> Iterator[tuple[object, ...]]:
    """Yield the visits."""
    for site_id, answers in _told():
        outcome = checklist.outcome(answers)
        yield f"demo-visit-{site_id}", site_id, _DAY, "regular", "演示检查岗", "restaurant", outcome, True


def items() -> Iterator[tuple[object, ...]]:
    """Yield what was said of each item there."""
    for site_id, answers in _told():
        for number, answer in enumerate(answers, 1):
            item = answer.item
            yield (
                f"demo-visit-{site_id}", item.id, site_id, number, item.text.zh, item.text.en, item.source, item.rule,
                item.part, answer.verdict,
            )  # fmt: skip


def _told() -> Iterator[tuple[str, list[Answer]]]:
    asked = checklist.for_kind("restaurant")
    for site_id, said in _SAID.items():
        yield site_id, checklist.read_answers(asked, [{"item": i, "answer": a} for i, a in said.items()])
