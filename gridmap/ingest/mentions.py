"""Rows of the table place_mention: villages as the documents name them."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.domain.names import match_name
from gridmap.ingest import files
from gridmap.ingest.outlines import Outlines

COLUMNS = (
    "mention_id", "document", "item", "name", "match_name", "county_code", "township_code", "township_name",
    "mentioned_on", "note",
)  # fmt: skip


def rows(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield one row per mention."""
    for record in files.read_table("place_mention", "mentions.csv", [name for name in COLUMNS if name != "match_name"]):
        township = record.code("township_code", 9) if record.optional("township_code") else None
        if township is not None and township not in outlines.townships:
            raise record.fault("township_code", "a township of streets_2023.csv")
        yield (
            record.text("mention_id"), record.text("document"), record.text("item"), record.text("name"),
            match_name(record.text("name")), record.code("county_code", 6), township,
            record.optional("township_name"), record.day("mentioned_on"), record.optional("note"),
        )  # fmt: skip
