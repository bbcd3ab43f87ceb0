"""Rows of the table case_file: the items of the two rectification plans, with their days."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.ingest import files

COLUMNS = (
    "case_id", "county_code", "site_id", "source", "title", "document", "item", "filed_on", "due_on", "closed_on",
    "is_demo", "is_tracked",
)  # fmt: skip
_FIELDS = ("case_id", "document", "item", "title", "county_code", "filed_on", "due_on", "closed_on")


def rows() -> Iterator[tuple[object, ...]]:
    """Yield one row per item, day and county that answers for it (the city's code where no county is named)."""
    for record in files.read_table("case_file", "rectification_items.csv", _FIELDS):
        yield (
            record.text("case_id"), record.code("county_code", 6), None, "rectification", record.text("title"),
            record.text("document"), record.text("item"), record.day("filed_on"),
            record.day("due_on") if record.optional("due_on") else None,
            record.day("closed_on") if record.optional("closed_on") else None, False, False,
        )  # fmt: skip
