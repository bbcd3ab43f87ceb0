"""What a file of zones is held against: the last published version of every zone, and the kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

_LAST = """
SELECT
    z.zone_id, z.lineage, z.version, z.kind, z.name, z.county_code, z.version = max(z.version) OVER same AS is_last,
    max(z.version) OVER same AS last_version,
    (
        SELECT count(*) FROM gridmap.zone_draft AS d
        INNER JOIN gridmap.zone AS o ON o.zone_id = d.zone_id
        WHERE o.lineage = z.lineage AND d.state NOT IN ('published', 'withdrawn')
    ) AS open_drafts
FROM gridmap.zone AS z
WHERE z.status = 'published'
WINDOW same AS (PARTITION BY z.lineage)
ORDER BY z.lineage, z.version
"""


@dataclass(frozen=True)
class KnownZone:
    """A published version. is_last: no later one is published; open_drafts: of its lineage, not yet law or given up."""

    zone_id: int
    lineage: str
    version: int
    kind: str
    name: str
    county_code: str
    is_last: bool
    last_version: int
    open_drafts: int


@dataclass(frozen=True)
class KindRow:
    """A kind of zone: whose authority draws it, and whether its zones have classes."""

    drawn_by: str
    has_class: bool


def list_published(cursor: Cursor) -> list[KnownZone]:
    """List every published version, by lineage and version."""
    cursor.execute(_LAST)
    return [KnownZone(**record._asdict()) for record in cursor.fetchall()]


def kinds(cursor: Cursor) -> Mapping[str, KindRow]:
    """Return the kinds of zone by their code."""
    cursor.execute("SELECT k.kind, k.drawn_by, k.has_class FROM gridmap.zone_kind AS k")
    return {record.kind: KindRow(record.drawn_by, record.has_class) for record in cursor.fetchall()}
