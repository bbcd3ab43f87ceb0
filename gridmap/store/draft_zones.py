"""A part of a draft made a draft of a zone of its own, so that a zone that was cut can become two."""

from __future__ import annotations

import dataclasses

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.draft import Content
from gridmap.domain.zone import ZoneDraft
from gridmap.errors import UserError
from gridmap.store import drafts, zones
from gridmap.store.drafts import DraftRow
from gridmap.store.proposal_ground import free_lineage

MOST_NAME = 200
"""Characters of a zone's name."""

NO_DOCUMENT = "（拟稿，尚无文件）"
"""The document of a zone that no decree names yet; publishing asks for the real one."""

_SAME = (
    "kind", "county_code", "issuer", "class_", "road_included", "exemptions", "phase", "is_sketch",
    "position_error_m", "source",
)  # fmt: skip
"""What the new zone has of the one it was cut from; wording and document said where that one lay."""


def found_zone(cursor: Cursor, zone_id: int, content: Content, *, title: str, zone_name: str, author: str) -> DraftRow:
    """Make a draft of a zone that was not there before, of the kind and county of a draft, drawing this content.

    It has a lineage of its own and no base: publishing it ends no version of the zone it was cut from. UserError when
    the name is empty or too long, or the content draws nothing.
    """
    if not zone_name.strip() or len(zone_name) > MOST_NAME or "\x00" in zone_name:
        raise UserError(f"zone_name: expected a text of at most {MOST_NAME} characters")
    own = drafts.get_draft(cursor, zone_id)
    zone = zones.get_zone(cursor.connection, zone_id)
    drawn = ZoneDraft(
        **{name: getattr(zone, name) for name in _SAME},
        lineage=free_lineage(cursor, own.lineage),
        name=zone_name.strip(),
        document=NO_DOCUMENT,
        begins_on=own.begins_on,
        **dataclasses.asdict(content),
    )
    made = drafts.create_new(cursor, drawn, title=title, purpose=own.purpose, author=author, event="copied")
    drafts.write_content(cursor, made.zone_id, content)
    return drafts.get_draft(cursor, made.zone_id)
