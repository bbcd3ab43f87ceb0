"""Drafts that end a zone without a successor (废止): a version that draws nothing, reviewed and published like any."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.zone import ZoneDraft
from gridmap.errors import ConflictError, UserError
from gridmap.store import drafts, zones
from gridmap.store.drafts import DraftRow


@dataclass(frozen=True)
class Repeal:
    """What a planner proposes: the document that ends the zone, the first day without it, and why.

    number, reason: None when there is none (yet). The publication names document, number and day again.
    """

    document: str
    number: str | None
    begins_on: dt.date
    reason: str | None = None


def create(
    cursor: Cursor, base_zone_id: int, repeal: Repeal, *, title: str, purpose: str = "", author: str
) -> DraftRow:
    """Make a draft that ends the zone of a published version.

    UserError for a draft, a repeal, a day not after the version's first, or an empty document; ConflictError when
    another version follows it already, or it has ended by that day. NotFoundError when there is no such version.
    """
    base = zones.get_zone(cursor.connection, base_zone_id)
    _refuse(cursor, base, repeal)
    drawn = ZoneDraft(
        lineage=base.lineage, kind=base.kind, name=base.name, county_code=base.county_code, issuer=base.issuer,
        document=repeal.document.strip(), document_number=repeal.number, begins_on=repeal.begins_on,
        class_=base.class_, boundary_wording=base.boundary_wording, road_included=base.road_included,
        exemptions=base.exemptions, phase=base.phase, reason=repeal.reason, is_sketch=base.is_sketch,
        position_error_m=base.position_error_m, source=base.source, is_repeal=True,
    )  # fmt: skip
    return drafts.create_new(cursor, drawn, title=title, purpose=purpose, author=author, base_zone_id=base_zone_id)


def _refuse(cursor: Cursor, base: zones.ZoneRow, repeal: Repeal) -> None:
    if base.status != "published" or base.is_repeal:
        what = "a draft" if base.status != "published" else "a repeal itself"
        raise UserError(f"zone {base.zone_id} is {what}; only a published version that draws something is repealed")
    if not repeal.document.strip():
        raise UserError("a repeal needs the document that ends the zone", zh="请填写废止它的文件。")
    if repeal.begins_on <= base.begins_on:
        raise UserError(
            f"the zone would end on {repeal.begins_on}; expected a day after {base.begins_on}, when it begins",
            zh=f"应晚于这一版的生效日期 {base.begins_on}。",
        )
    later = [one for one in zones.list_versions(cursor.connection, base.lineage) if one.status == "published"]
    if later[-1].zone_id != base.zone_id:
        raise ConflictError(f"version {later[-1].version} follows version {base.version}; repeal that one")
    if base.ends_on is not None and base.ends_on <= repeal.begins_on:
        raise ConflictError(f"version {base.version} has ended by {repeal.begins_on} (on {base.ends_on}) already")
